//! Circuit text: any text gives a tree and diagnostics, what is printed is read back as the same tree, and what has no errors
//! becomes a circuit and an image, or is refused with a reason that is the user's.
#![no_main]

use bouton_compiler::circuit::Circuit;
use bouton_compiler::elaborate::{MemoryLoader, Options, elaborate};
use bouton_compiler::language::{parse, print};
use bouton_compiler::pipeline::{CompileFailure, CompileOptions, compile};
use bouton_compiler::source::SourceMap;
use bouton_targets::machine::Machine;
use libfuzzer_sys::fuzz_target;

/// Longer texts find nothing that these do not, and are slow.
const LONGEST: usize = 8192;
/// Digits of a number in a text that is elaborated: large circuits are slow and no better.
const DIGITS: usize = 3;
/// Neurons, and pairs of neurons that may be connected, of a circuit that is compiled.
const NEURONS: u64 = 5_000;
const PAIRS: u64 = 500_000;

fuzz_target!(|text: &str| {
    if text.len() > LONGEST {
        return;
    }
    if read(text) && small(text) {
        make(text);
    }
});

/// Parses and prints; says whether the text has no errors.
fn read(text: &str) -> bool {
    let mut sources = SourceMap::default();
    let id = sources.add("input.circuit", text);
    let (tree, diagnostics) = parse(id, text);
    let rendered = diagnostics.render(&sources, false);
    assert_eq!(rendered.is_empty(), diagnostics.as_slice().is_empty(), "every diagnostic has a text");
    let sound = !diagnostics.has_errors();

    let printed = print(&tree);
    let mut sources = SourceMap::default();
    let id = sources.add("printed.circuit", printed.as_str());
    let (again, diagnostics) = parse(id, &printed);
    assert!(!diagnostics.has_errors(), "what is printed can be read:\n{printed}\n{}", diagnostics.render(&sources, false));
    assert_eq!(tree, again, "printing keeps the tree:\n{printed}");
    assert_eq!(print(&again), printed, "printing is stable");
    sound
}

/// Whether no number in the text is large.
fn small(text: &str) -> bool {
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    longest.is_none_or(|digits| digits <= DIGITS)
}

/// Elaborates and compiles for `host`.
fn make(text: &str) {
    let loader = MemoryLoader::default().with("input.circuit", text);
    let mut sources = SourceMap::default();
    let (circuit, diagnostics) = elaborate(&loader, "input.circuit", &Options::default(), &mut sources);
    let _ = diagnostics.render(&sources, false);
    assert_eq!(circuit.is_none(), diagnostics.has_errors(), "no circuit without a reason");
    let Some(circuit) = circuit.filter(compiles_quickly) else { return };
    let Some(Ok(machine)) = Machine::named("host") else { return };
    match compile(&circuit, &machine, &CompileOptions::default()) {
        Ok(_) | Err(CompileFailure::DoesNotFit(_)) => {}
        Err(CompileFailure::Input(diagnostics)) => {
            assert!(diagnostics.has_errors(), "no image without a reason");
            let _ = diagnostics.render(&sources, false);
        }
        Err(CompileFailure::Bug(what)) => panic!("{what}"),
    }
}

fn compiles_quickly(circuit: &Circuit) -> bool {
    let neurons: u64 = circuit.populations.values().iter().map(|p| u64::from(p.size())).sum();
    let size = |id| u64::from(circuit.populations[id].size());
    let pairs: u64 = circuit.projections.values().iter().map(|p| size(p.source) * size(p.target)).sum();
    neurons <= NEURONS && pairs <= PAIRS
}
