//! Commands on images: compile, inspect, run.

mod support;
use bouton_targets::image::AlignedBytes;
use bouton_targets::image::testing::{Torus, routed};
use support::{Folder, PAIR};

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("pair.circuit", PAIR);
    folder
}

#[test]
fn compile_gives_the_same_bytes_twice() {
    let folder = folder("compile");
    for image in ["a.img", "b.img"] {
        folder.bouton(&["compile", "pair.circuit", "--target", "spinn5", "-o", image]).expect(0);
    }
    assert_eq!(folder.bytes("a.img"), folder.bytes("b.img"));
    assert_eq!(folder.names(), ["a.img", "b.img", "pair.circuit"]);
    assert!(folder.bouton(&["inspect", "a.img"]).expect(0).out.contains("pair for spinn5, 4 neurons, 2 synapses"));
}

#[test]
fn reports_and_inspection_are_readable() {
    let folder = folder("report");
    for report in ["r.json", "r.html"] {
        folder.bouton(&["compile", "pair.circuit", "--target", "host", "-o", "a.img", "--report", report]).expect(0);
    }
    let inspected = folder.bouton(&["inspect", "a.img", "--json"]).expect(0).out;
    for text in [folder.read("r.json"), inspected] {
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!((&value["version"], &value["circuit"], &value["synapses"]), (&1.into(), &"pair".into(), &2.into()));
        assert_eq!(value["populations"][1]["states"][0]["name"], "v");
    }
    assert!(folder.read("r.html").contains("<h1>pair</h1>"));
}

#[test]
fn a_run_writes_what_was_asked_for() {
    let folder = folder("run");
    let files = ["--spikes", "s.csv", "--trace", "cell.v=v.csv", "--raster", "r.svg", "--stats", "stats.json"];
    let done = folder.bouton(&[&["run", "pair.circuit", "--time", "20ms", "--threads", "1"][..], &files].concat()).expect(0);
    assert!(done.out.contains("pair on host") && done.out.contains("cell"), "{}", done.out);
    let spikes = folder.read("s.csv");
    assert!(spikes.starts_with("tick,population,index\n1,clock,0\n") && spikes.contains(",cell,"), "{spikes}");
    let trace = folder.read("v.csv");
    assert_eq!(trace.lines().nth(1), Some("tick,index,raw,value"));
    assert_eq!(trace.lines().count(), 2 + 20 * 2);
    assert!(folder.read("r.svg").contains(">pair</text>"));
    let stats: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).expect("it is JSON");
    assert_eq!((&stats["ticks"], &stats["spikes"]["clock"], &stats["engine"]), (&20.into(), &3.into(), &"flat".into()));
    assert!(stats["wall_s"]["run"].is_f64() && stats["wall_s"]["lower"].is_f64());
}

#[test]
fn engines_partitions_and_images_agree() {
    let folder = folder("agree");
    folder.bouton(&["compile", "pair.circuit", "--target", "host", "-o", "a.img"]).expect(0);
    let runs: [&[&str]; 5] = [
        &["pair.circuit"],
        &["pair.circuit", "--engine", "machine", "--neurons-per-core", "1"],
        &["pair.circuit", "--target", "spinn5", "--threads", "2"],
        &["pair.circuit", "--target", "spinn5x3", "--fault", "chip:0,0", "--fault", "core:1,0,2", "--neurons-per-core", "1"],
        &["a.img", "--engine", "machine"],
    ];
    let mut results = Vec::new();
    for run in runs {
        let files = ["--ticks", "30", "--spikes", "s.csv", "--trace", "cell.v=v.csv"];
        folder.bouton(&[&["run"], run, &files].concat()).expect(0);
        results.push((folder.read("s.csv"), folder.read("v.csv")));
    }
    assert!(results.iter().all(|r| *r == results[0]));
}

#[test]
fn a_machine_with_routers_says_what_it_did() {
    let folder = folder("routers");
    folder.bouton(&["compile", "pair.circuit", "--target", "host", "--neurons-per-core", "1", "-o", "a.img"]).expect(0);
    let image = routed(&AlignedBytes::new(&folder.bytes("a.img")), Torus { width: 2, height: 2, positions: 2, seed: 1 });
    std::fs::write(folder.0.join("b.img"), image.as_slice()).expect("it can be written");
    assert!(folder.bouton(&["inspect", "b.img", "--json"]).expect(0).out.contains("\"router\""));
    let run = |options: &[&str]| {
        let files = ["--ticks", "30", "--spikes", "s.csv", "--stats", "stats.json"];
        let done = folder.bouton(&[&["run"], options, &files].concat()).expect(0);
        let stats: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).expect("it is JSON");
        (folder.read("s.csv"), stats["machine"].clone(), done.out)
    };
    let (expected, machine, _) = run(&["a.img"]);
    assert!(machine.is_null(), "only machines with routers have something to say");
    for options in
        [&["--no-timing"][..], &["--router-wait", "0x40:0"], &["--no-reinjection", "--link-rate", "1e5"], &["--threads", "2"]]
    {
        let (spikes, machine, out) = run(&[&["b.img", "--engine", "machine"], options].concat());
        assert_eq!(spikes, expected);
        assert_eq!(machine["chips"].as_array().map(Vec::len), Some(4));
        assert_eq!(machine["populations"]["cell"], serde_json::json!({"dropped": 0, "lost": 0, "late": 0}));
        assert!(!out.contains("dropped") && !out.contains("late"), "{out}");
        assert_eq!(machine["timed"].as_bool(), Some(options[0] != "--no-timing"));
        assert!(machine["timed"] == false || machine["energy_j"]["total"].as_f64().is_some_and(|j| j > 0.0));
    }
    // Ticks of 10 us: cores are not done, and the clock waits for nobody.
    let (_, machine, out) = run(&["b.img", "--engine", "machine", "--keep-time", "--time-scale", "0.01", "--link-rate", "1e4"]);
    assert!(machine["populations"]["clock"]["late"].as_u64().is_some_and(|n| n > 0), "{machine}");
    assert!(out.contains("after its tick") && out.contains("clock: 0 lost"), "{out}");
    for wrong in [
        &["--no-timing"][..],
        &["--engine", "machine", "--router-wait", "0x4f:0x40"],
        &["--engine", "machine", "--time-scale", "0"],
    ] {
        folder.bouton(&[&["run", "b.img", "--ticks", "1"], wrong].concat()).expect(2);
    }
}

#[test]
fn an_image_takes_no_options_of_circuits() {
    let folder = folder("image");
    folder.bouton(&["compile", "pair.circuit", "--target", "host", "-o", "a.img"]).expect(0);
    for options in [
        &["--reference"][..],
        &["--set", "w=1 mV"],
        &["--target", "host"],
        &["--fault", "cores:1"],
        &["--trace", "cell.g_e=g.csv"],
    ] {
        folder.bouton(&[&["run", "a.img", "--ticks", "1"], options].concat()).expect(2);
    }
    let mut bytes = folder.bytes("a.img");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(folder.0.join("a.img"), bytes).expect("it can be written");
    folder.bouton(&["run", "a.img", "--ticks", "1"]).expect(1);
    folder.bouton(&["inspect", "a.img"]).expect(1);
}

#[test]
fn the_reference_is_near() {
    let folder = folder("reference");
    let done = folder.bouton(&["run", "pair.circuit", "--ticks", "50", "--reference"]).expect(0);
    assert!(done.out.contains("cell.spike") && done.out.contains("= 100.00 %") && done.out.contains("mV"), "{}", done.out);
}

#[test]
fn live_events_come_from_a_file() {
    let folder = Folder::new("live");
    folder.write("live.circuit", &PAIR.replace("spikes at [[1 ms, 5 ms], [10 ms]]", "live spikes"));
    folder.write("in.csv", "tick,population,index\n3,clock,1\n");
    folder.bouton(&["run", "live.circuit", "--ticks", "9", "--input", "in.csv", "--spikes", "s.csv"]).expect(0);
    assert!(folder.read("s.csv").contains("3,clock,1\n"));
    folder.write("in.csv", "tick,population,index\n3,clock,1\n3,clokc,1\n");
    let done = folder.bouton(&["run", "live.circuit", "--ticks", "9", "--input", "in.csv"]).expect(1);
    assert!(done.err.contains("in.csv:3") && done.err.contains("did you mean `clock`?"), "{}", done.err);
}

#[test]
fn a_circuit_that_is_too_large_does_not_fit() {
    let folder = folder("large");
    let text = folder.read("pair.circuit").replace("cell[2]", "cell[2000000]").replace("one_to_one", "all_to_all");
    folder.write("large.circuit", &text.replace(", cell.v every 1 ms", ""));
    let done = folder.bouton(&["compile", "large.circuit", "--target", "mps2-an386", "-o", "a.img"]).expect(3);
    assert!(done.err.contains("does not fit mps2-an386"), "{}", done.err);
    assert!(!folder.names().contains(&"a.img".to_string()));
}

#[test]
fn explain_shows_a_model() {
    let folder = folder("explain");
    let done = folder.bouton(&["explain", "pair.circuit", "lif_exp"]).expect(0);
    assert!(done.out.contains("lif_exp") && done.out.contains('v'), "{}", done.out);
    let done = folder.bouton(&["explain", "pair.circuit", "lif_epx"]).expect(1);
    assert!(done.err.contains("did you mean `lif_exp`?"), "{}", done.err);
}

#[test]
fn explain_shows_a_model_without_a_circuit() {
    let folder = folder("explain_alone");
    folder.write("model.circuit", "/// Forgets.\nneuron leak { state x: number = 1\n d x = -x / (20 ms) }\n");
    let done = folder.bouton(&["explain", "model.circuit", "leak"]).expect(0);
    assert!(done.out.contains("ticks of 1 ms") && done.out.contains("Forgets."), "{}", done.out);
    let done = folder.bouton(&["explain", "model.circuit", "leek"]).expect(1);
    assert!(done.err.contains("did you mean `leak`?"), "{}", done.err);
    let done = folder.bouton(&["explain", "std.neurons", "izhikevich"]).expect(0);
    assert!(done.out.contains("v[1] =") && done.out.contains("substep 1 of 2"), "{}", done.out);
    let done = folder.bouton(&["explain", "pair.circuit", "adex"]).expect(0);
    assert!(done.out.contains("no circuit uses `adex`"), "{}", done.out);
}
