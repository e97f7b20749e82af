//! Machines by name, by boards, with faults.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn named(name: &str) -> Machine {
    Machine::named(name).unwrap_or_else(|| panic!("no {name}")).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn faulty(name: &str, faults: &[&str]) -> Result<Machine, FaultError> {
    let faults: Vec<Fault> = faults.iter().map(|text| text.parse().expect(text)).collect();
    named(name).with_faults(&faults)
}

/// FNV-1a over `x y board_x board_y links` of every chip, ascending by x, then y.
fn checksum(machine: &Machine) -> u64 {
    let chips: BTreeMap<(u16, u16), &Chip> = machine.chips.iter().map(|c| ((c.x, c.y), c)).collect();
    let lines = chips.values().map(|c| format!("{} {} {} {} {}\n", c.x, c.y, c.board.0, c.board.1, c.links));
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    lines.flat_map(String::into_bytes).fold(0xcbf2_9ce4_8422_2325, step)
}

/// Chips are there once, inside the grid; links lead to chips and back.
fn check(machine: &Machine) -> Result<(), TestCaseError> {
    let chips: BTreeMap<(u16, u16), &Chip> = machine.chips.iter().map(|c| ((c.x, c.y), c)).collect();
    prop_assert_eq!(chips.len(), machine.chips.len());
    for (place, chip) in &chips {
        prop_assert!(place.0 < machine.width && place.1 < machine.height);
        prop_assert!(chip.system.without(&chip.processors) == chip.system);
        for d in (0..6).filter(|d| chip.links >> d & 1 == 1) {
            let other = chips.get(&beyond(*place, d, (machine.width, machine.height)));
            prop_assert!(other.is_some_and(|c| c.links >> ((d + 3) % 6) & 1 == 1), "{place:?} link {d}");
        }
    }
    Ok(())
}

#[test]
fn every_machine_that_comes_with_bouton_is_sound() {
    let patterns = Machine::patterns().expect("they are sound");
    let joined = patterns.iter().flat_map(|p| [1, 2, 3, 5, 24].map(|n| p.name(n)));
    for name in Machine::names().map(String::from).chain(joined) {
        let machine = named(&name);
        assert_eq!(machine.name, name);
        assert!(machine.processors().next().is_some());
        check(&machine).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    assert!(Machine::names().is_sorted());
}

/// Counts and checksums come from machine descriptions that were compared with those of the boards' own tools, version 7.4.1.
#[test]
fn chips_links_and_boards_are_those_of_the_boards_own_tools() {
    let absent = ["board:16,20", "board:44,4", "board:20,4", "board:32,16"];
    let damaged = ["0,1", "0,3", "5,1", "5,5", "6,5"].map(|at| format!("chip:{at}"));
    let links = ["1,1,1", "1,2,1", "1,3,0", "2,2,2", "3,0,2", "3,3,1", "3,4,5", "4,6,4", "4,1,1", "4,2,1", "4,3,0", "5,6,0"];
    let damaged: Vec<String> = damaged.into_iter().chain(links.map(|at| format!("link:{at}"))).collect();
    let damaged: Vec<&str> = damaged.iter().map(String::as_str).collect();
    for (name, faults, size, counts, sum) in [
        ("spinn3", [].as_slice(), (2, 2), (4, 1, 8, 64), 0x116b_0555_41f7_7aaf),
        ("spinn5", &[], (8, 8), (48, 1, 120, 760), 0xd650_a8c9_20eb_9810),
        ("spinn5x1", &[], (8, 8), (48, 1, 120, 760), 0xd650_a8c9_20eb_9810),
        ("spinn5x3", &[], (12, 12), (144, 3, 432, 2280), 0x0252_eac0_0a30_fb21),
        ("spinn5x24", &absent, (48, 24), (960, 20, 2792, 15_200), 0x9a76_f3d6_3e5b_1c3d),
        ("spinn5", &damaged, (8, 8), (43, 1, 86, 680), 0xed6f_cd36_3b19_6a73),
    ] {
        let m = faulty(name, faults).expect("the faults are of parts that it has");
        let cores = m.processor_count().expect("it has a limit");
        assert_eq!(((m.width, m.height), (m.chips.len(), m.boards().len(), m.link_count(), cores)), (size, counts), "{name}");
        assert_eq!(checksum(&m), sum, "{name}");
    }
}

#[test]
fn large_machines_close_and_keep_their_boards() {
    let machine = named("spinn5x1200");
    assert_eq!((machine.width, machine.height, machine.chips.len(), machine.boards().len()), (240, 240, 57_600, 1_200));
    assert!(machine.chips.iter().all(|c| c.links == 0b11_1111));
    assert_eq!(machine.processor_count(), Some(1_200 * 760));
    assert!(machine.boards().iter().all(|(x, y)| x % 4 == 0 && (x + y) % 12 == 0));
    // Seven triads have no near-square torus: eight, with three boards absent.
    let machine = named("spinn5x21");
    assert_eq!((machine.width, machine.height, machine.boards().len()), (48, 24, 21));
}

#[test]
fn names_with_a_number_are_checked() {
    for name in ["spinn5x0", "spinn5x03", "spinn5x", "spinn5x-1", "spinn3x4", "hostx2", "x4", "spinn6x4", "spinn5x+3"] {
        assert!(Machine::named(name).is_none(), "{name}");
    }
    for name in ["spinn5x1201", "spinn5x99999999999999999999"] {
        let error = Machine::named(name).expect("it is of the pattern").expect_err("it is too large").to_string();
        assert!(error.contains("`spinn5x1200`"), "{error}");
    }
}

#[test]
fn spinnaker2_is_one_chip_or_boards_of_48() {
    let counts = |name| (named(name).chips.len(), named(name).processor_count());
    assert_eq!((counts("spinnaker2"), counts("spinnaker2x2")), ((1, Some(152)), (96, Some(96 * 152))));
    assert_eq!(counts("spinnaker2x1"), (48, Some(48 * 152)));
    assert_eq!(named("spinnaker2").processors().last().map(|(_, p)| p), Some(152));
}

#[test]
fn dead_processors_leave_holes_and_monitors_move() {
    let machine = faulty("spinn3", &["core:0,0,4", "core:1,0,1", "core:1,0,1", "cores:1", "sdram:1000"]).expect("it has those");
    let at = |x, y| machine.chips.iter().find(|c| (c.x, c.y) == (x, y)).expect("it has that chip");
    assert_eq!((at(0, 0).system.to_string(), at(0, 0).processors.to_string()), ("0-2".into(), "3, 5-17".into()));
    assert_eq!((at(1, 0).system.to_string(), at(1, 0).processors.to_string()), ("0, 2-3".into(), "4-17".into()));
    assert_eq!(machine.processors().take(3).map(|(_, p)| p).collect::<Vec<_>>(), [3, 5, 6]);
    assert_eq!(machine.shared_bytes, Some(123_468_792));
    let chip = faulty("spinn5", &["cores:15"]).expect("most chips keep one");
    assert_eq!((chip.chips.len(), chip.processor_count()), (48, Some(40)));
}

#[test]
fn what_a_machine_lacks_cannot_be_faulty() {
    for (name, fault, told) in [
        ("spinn5", "chip:7,1", "48 chips lie in columns 0 to 7 and rows 0 to 7, in this row between columns 0 and 5"),
        ("spinn5", "chip:1,900", "columns 0 to 7 and rows 0 to 7"),
        ("spinn5", "core:1,1,17", "it has 0-16"),
        ("spinn5", "core:1,1,0", "core 0 is the monitor"),
        ("spinn5", "core:0,0,999", "it has 0-17"),
        ("spinn5", "link:0,0,W", "it has E, NE, N"),
        ("spinn5x3", "board:3,4", "0,0 4,8 8,4; this chip lies on board:0,0"),
        ("spinn5x1200", "board:1,1", ", …"),
        ("spinn5", "sdram:123469792", "123469792 bytes"),
        ("spinn5", "board:0,0", "no core left"),
        ("spinn5", "cores:16", "no core left"),
        ("spinnaker2", "link:0,0,N", "it has none"),
        ("host", "sdram:1", "no limit"),
        ("host", "core:0,0,0", "no core left"),
    ] {
        let error = faulty(name, &[fault]).expect_err(fault);
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.fault().is_none_or(|f| f == fault.parse().expect("it was read before")));
    }
}

/// A machine and faults of parts that it has.
fn damaged() -> impl Strategy<Value = (Machine, Vec<Fault>)> {
    let names = prop::sample::select(vec!["spinn3", "spinn5", "spinn5x2", "spinn5x3", "spinn5x6", "spinnaker2x1"]);
    let picks = prop::collection::vec((any::<prop::sample::Index>(), 0u8..10, any::<prop::sample::Index>()), 0..40);
    (names, picks).prop_map(|(name, picks)| {
        let machine = named(name);
        let pick = |(chip, kind, part): (prop::sample::Index, u8, prop::sample::Index)| {
            let c = machine.chips[chip.index(machine.chips.len())];
            let links: Vec<u8> = (0..6).filter(|d| c.links >> d & 1 == 1).collect();
            let (x, y) = (c.x, c.y);
            match kind {
                0 if machine.boards().len() > 1 => Fault::Board { x: c.board.0, y: c.board.1 },
                0..4 => Fault::Chip { x, y },
                4..6 => Fault::Core { x, y, core: 1 + part.index(16) as u16 },
                6..9 => Fault::Link { x, y, link: links[part.index(links.len())] },
                _ => Fault::Cores(part.index(3) as u16),
            }
        };
        let faults = picks.into_iter().map(pick).collect();
        (machine, faults)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn faults_take_what_they_name_and_keep_links_mutual((machine, faults) in damaged()) {
        let Ok(left) = machine.clone().with_faults(&faults) else {
            return Ok(());
        };
        check(&left)?;
        let chips: BTreeMap<(u16, u16), &Chip> = left.chips.iter().map(|c| ((c.x, c.y), c)).collect();
        let reserved: u16 = faults.iter().map(|f| if let Fault::Cores(n) = f { *n } else { 0 }).sum();
        let mut dead = BTreeSet::new();
        let mut cores: BTreeMap<(u16, u16), BTreeSet<u16>> = BTreeMap::new();
        for fault in &faults {
            match *fault {
                Fault::Board { x, y } => dead.extend(machine.chips.iter().filter(|c| c.board == (x, y)).map(|c| (c.x, c.y))),
                Fault::Chip { x, y } => { dead.insert((x, y)); }
                Fault::Core { x, y, core } => { cores.entry((x, y)).or_default().insert(core); }
                Fault::Link { x, y, link } => prop_assert!(chips.get(&(x, y)).is_none_or(|c| c.links >> link & 1 == 0)),
                Fault::Cores(_) | Fault::Sdram(_) => {}
            }
        }
        for old in &machine.chips {
            let place = (old.x, old.y);
            prop_assert_eq!(chips.contains_key(&place), !dead.contains(&place));
            let Some(new) = chips.get(&place) else { continue };
            let lost = cores.get(&place).map_or(0, BTreeSet::len) as u16;
            prop_assert_eq!(new.processors.len(), (old.processors.len()).saturating_sub(lost + reserved));
            prop_assert!(cores.get(&place).is_none_or(|lost| lost.iter().all(|p| !new.processors.contains(*p))));
        }
        // Nothing dies that was not named.
        let named = |place: (u16, u16), d: usize| {
            faults.contains(&Fault::Link { x: place.0, y: place.1, link: d as u8 }) || dead.contains(&place)
        };
        for old in &machine.chips {
            for d in (0..6).filter(|d| old.links >> d & 1 == 1) {
                let other = beyond((old.x, old.y), d, (machine.width, machine.height));
                let dies = named((old.x, old.y), d) || named(other, (d + 3) % 6);
                let works = chips.get(&(old.x, old.y)).is_some_and(|c| c.links >> d & 1 == 1);
                prop_assert_eq!(works, !dies);
            }
        }
    }
}
