//! Tables of numbers: any bytes as an NPY or CSV file, wherever a circuit names one, give a circuit or an error with its place.
//!
//! The first byte says whether the rest is an NPY or a CSV file, and how the circuit uses it.
#![no_main]

use bouton_compiler::elaborate::{MemoryLoader, Options, elaborate};
use bouton_compiler::source::SourceMap;
use libfuzzer_sys::fuzz_target;

/// What a circuit does with the file `FILE`.
const USES: [&str; 6] = [
    "population a[4]: spikes from \"FILE\"; record a.spike",
    "population a[4]: signal from \"FILE\"; record a.spike",
    "population a[4]: lif_exp(v = from \"FILE\" * 1 mV); record a.spike",
    "population a[4]: lif_exp; project a -> a.exc by list(\"FILE\"), self, multiple { weight 1 mV }; record a.spike",
    "population a[4]: lif_exp; project a -> a.exc by matrix(\"FILE\"), self { weight 1 mV }; record a.spike",
    "population a[4]: lif_exp; project a -> a.exc by low_rank(\"FILE\", \"FILE\"), self { weight 1 mV }; record a.spike",
];

fuzz_target!(|input: &[u8]| {
    let Some((what, bytes)) = input.split_first() else { return };
    let file = if what & 0x80 == 0 { "x.csv" } else { "x.npy" };
    let Some(uses) = USES.get(usize::from(what & 0x7F) % USES.len()) else { return };
    let text = format!("import std.neurons\ncircuit c {{ tick 1 ms; {} }}\n", uses.replace("FILE", file));
    let loader = MemoryLoader::default().with("input.circuit", text).with(file, bytes);
    let mut sources = SourceMap::default();
    let (circuit, diagnostics) = elaborate(&loader, "input.circuit", &Options::default(), &mut sources);
    let _ = diagnostics.render(&sources, false);
    assert_eq!(circuit.is_none(), diagnostics.has_errors(), "no circuit without a reason");
});
