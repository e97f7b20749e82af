//! Commands on text: check, fmt, targets, and wrong arguments.

mod support;
use support::{Folder, PAIR};

#[test]
fn check_says_what_a_circuit_is() {
    let folder = Folder::new("check");
    let done = folder.write("pair.circuit", PAIR).bouton(&["check", "pair.circuit"]).expect(0);
    assert_eq!(done.out, "pair.circuit: circuit pair, 2 neurons and 2 inputs in 2 populations, 1 projection, tick 1 ms\n");
    assert_eq!(done.err, "");
}

#[test]
fn check_reports_errors_without_colour() {
    let folder = Folder::new("errors");
    folder.write("bad.circuit", &PAIR.replace("lif_exp", "lif_epx"));
    let done = folder.bouton(&["check", "bad.circuit"]).expect(1);
    assert_eq!(done.out, "");
    assert!(done.err.contains("bad.circuit:6") && done.err.contains("lif_exp") && !done.err.contains('\u{1b}'), "{}", done.err);
}

#[test]
fn settings_reach_the_circuit() {
    let folder = Folder::new("set");
    folder.write("pair.circuit", PAIR);
    folder.bouton(&["check", "pair.circuit", "--set", "w = 1 mV"]).expect(0);
    folder.bouton(&["check", "pair.circuit", "--set", "w=1 nA"]).expect(1);
    folder.bouton(&["check", "pair.circuit", "--set", "v=1 mV"]).expect(1);
}

#[test]
fn a_denied_warning_is_an_error() {
    let folder = Folder::new("deny");
    folder.write("quiet.circuit", &PAIR.replace("  record clock.spike, cell.spike, cell.v every 1 ms\n", ""));
    let done = folder.bouton(&["check", "quiet.circuit"]).expect(0);
    assert!(done.err.contains("W0402"), "{}", done.err);
    for deny in ["warnings", "W0402"] {
        folder.bouton(&["check", "quiet.circuit", "--deny", deny]).expect(1);
    }
    folder.bouton(&["check", "quiet.circuit", "--deny", "W0401"]).expect(0);
}

#[test]
fn a_missing_file_is_an_error() {
    let folder = Folder::new("missing");
    let done = folder.bouton(&["run", "no.circuit"]).expect(4);
    assert!(done.err.contains("no.circuit"), "{}", done.err);
    folder.bouton(&["inspect", "no.img"]).expect(4);
}

#[test]
fn fmt_rewrites_only_what_is_sound() {
    let folder = Folder::new("fmt");
    folder.write("a.circuit", "circuit a {\ntick   1 ms // fast\n}\n").write("bad.circuit", "circuit {\n");
    folder.bouton(&["fmt", "--check", "a.circuit"]).expect(1);
    assert_eq!(folder.read("a.circuit"), "circuit a {\ntick   1 ms // fast\n}\n");
    folder.bouton(&["fmt", "bad.circuit", "a.circuit"]).expect(1);
    assert_eq!(folder.read("bad.circuit"), "circuit {\n");
    assert_eq!(folder.read("a.circuit"), "circuit a {\n  tick 1 ms // fast\n}\n");
    folder.bouton(&["fmt", "--check", "a.circuit"]).expect(0);
    assert_eq!(folder.names(), ["a.circuit", "bad.circuit"]);
}

#[test]
fn fmt_is_a_filter() {
    let folder = Folder::new("filter");
    let done = folder.bouton_reading("circuit a { tick 1 ms }", &["fmt", "-"]).expect(0);
    assert!(done.out.starts_with("circuit a {") && done.out.ends_with("}\n"), "{}", done.out);
}

#[test]
fn targets_are_listed_and_shown() {
    let folder = Folder::new("targets");
    let list = folder.bouton(&["targets"]).expect(0).out;
    for name in ["host", "mps2-an386", "spinn3", "spinn5", "spinnaker2"] {
        assert!(list.contains(name), "{list}");
        assert!(folder.bouton(&["targets", name]).expect(0).out.starts_with(name));
    }
    assert!(list.contains("spinn5xN") && list.contains("spinnaker2xN"), "{list}");
    assert!(folder.bouton(&["targets", "spinn5x24"]).expect(0).out.contains("48 x 24"));
    for (typed, told) in [
        ("spin5", "did you mean `spinn5`?"),
        ("spin5x24", "did you mean `spinn5x24`?"),
        ("spinn5x0", "did you mean `spinn5x1`?"),
        ("spinn5x1201", "largest machine is `spinn5x1200`"),
        ("toaster", "spinn5xN with N from 1 to 1200"),
    ] {
        let done = folder.bouton(&["targets", typed]).expect(2);
        assert!(done.err.contains(told), "{}", done.err);
    }
}

#[test]
fn faults_are_taken_from_options_and_files() {
    let folder = Folder::new("faults");
    folder.write("good.txt", "# since the move\nchip:3,4\n\ncores:2 # for tests\n");
    folder.write("typo.txt", "chip:3,4\nchop:1,1\n").write("absent.txt", "\ncore:2,2,99\n");
    let show = |faults: &[&str]| folder.bouton(&[&["targets", "spinn5"], faults].concat());
    let out = show(&["--fault", "chip:0,1", "--fault", "link:2,2,N", "--faults", "good.txt"]).expect(0).out;
    let row = |what: &str| out.lines().find(|l| l.contains(what)).and_then(|l| l.split_whitespace().last().map(String::from));
    // Chip 0,1 has 4 links and chip 3,4 has 6.
    assert_eq!(
        (row("links between chips"), row("cores for circuits")),
        (Some("109".into()), Some((760 - 2 * 16 - 46 * 2).to_string()))
    );
    assert!(show(&["--faults", "typo.txt"]).expect(1).err.contains("typo.txt:2: `chop:1,1`"));
    assert!(show(&["--faults", "absent.txt"]).expect(1).err.contains("absent.txt:2: core:2,2,99: this chip has no such core"));
    assert!(show(&["--fault", "core:2,2,99"]).expect(2).err.contains("it has 0-17"));
    assert!(show(&["--fault", "chip:2"]).expect(2).err.contains("such as chip:3,4"));
    show(&["--faults", "none.txt"]).expect(4);
    folder.bouton(&["targets", "--fault", "chip:0,0"]).expect(2);
}

#[test]
fn wrong_arguments_are_usage() {
    let folder = Folder::new("usage");
    folder.write("pair.circuit", PAIR);
    let wrong: [&[&str]; 8] = [
        &[],
        &["fly"],
        &["run", "pair.circuit", "--time", "5"],
        &["run", "pair.circuit", "--time", "1s", "--ticks", "3"],
        &["run", "pair.circuit", "--ticks", "0"],
        &["run", "pair.circuit", "--raster", "a.gif"],
        &["run", "pair.circuit", "--trace", "cell.v"],
        &["run", "pair.circuit", "--trace", "cell.u=u.csv", "--ticks", "1"],
    ];
    for arguments in wrong {
        folder.bouton(arguments).expect(2);
    }
    assert!(folder.bouton(&["run", "--help"]).expect(0).out.contains("--trace"));
    assert_eq!(folder.bouton(&["--version"]).expect(0).out, format!("bouton {}\n", env!("CARGO_PKG_VERSION")));
}
