//! Circuit text: any text gives a tree and diagnostics; what is printed is read back as the same tree.
#![no_main]

use bouton_compiler::language::{parse, print};
use bouton_compiler::source::SourceMap;
use libfuzzer_sys::fuzz_target;

/// Longer texts find nothing that these do not, and are slow.
const LONGEST: usize = 8192;

fuzz_target!(|text: &str| {
    if text.len() > LONGEST {
        return;
    }
    let mut sources = SourceMap::default();
    let id = sources.add("input.circuit", text);
    let (tree, diagnostics) = parse(id, text);
    let rendered = diagnostics.render(&sources, false);
    assert_eq!(rendered.is_empty(), diagnostics.as_slice().is_empty(), "every diagnostic has a text");

    let printed = print(&tree);
    let mut sources = SourceMap::default();
    let id = sources.add("printed.circuit", printed.as_str());
    let (again, diagnostics) = parse(id, &printed);
    assert!(!diagnostics.has_errors(), "what is printed can be read:\n{printed}\n{}", diagnostics.render(&sources, false));
    assert_eq!(tree, again, "printing keeps the tree:\n{printed}");
    assert_eq!(print(&again), printed, "printing is stable");
});
