//! Writes a mapping for other tools: placement, keys and tables as one JSON object.

use crate::mapping::{Board, MachineGraph, Mapping};
use crate::table::Id;
use std::fmt::Write;

/// The JSON text of a mapping of the graph called `name`, as docs/src/mapping.md describes it.
#[must_use]
pub fn write_mapping(name: &str, graph: &MachineGraph, board: &Board, mapping: &Mapping) -> String {
    let mut text = format!(
        "{{\"format\":\"bouton-mapping\",\"version\":1,\"graph\":{},\"machine\":{},\n\"placement\":[",
        serde_json::Value::from(name),
        serde_json::Value::from(board.name.as_str())
    );
    list(&mut text, mapping.placement.values(), |site| {
        let chip = &board.chips[site.chip as usize];
        format!("[{},{},{}]", chip.x, chip.y, site.core)
    });
    text += "],\n\"keys\":[";
    list(&mut text, graph.nets.iter(), |(id, net)| format!("[{},{},{}]", net.source.index(), mapping.keys[id], net.key_bits));
    text += "],\n\"tables\":[";
    let filled = mapping.tables.iter().zip(&board.chips).filter(|(table, _)| !table.is_empty());
    list(&mut text, filled, |(table, chip)| {
        let mut one = format!("\n[{},{},[", chip.x, chip.y);
        list(&mut one, table, |entry| {
            let cores: Vec<u16> = entry.cores.iter().collect();
            format!("[{},{},{},{cores:?}]", entry.key, entry.mask, entry.links).replace(", ", ",")
        });
        one + "]]"
    });
    text += "]}\n";
    text
}

/// Items with commas between.
fn list<T>(text: &mut String, items: impl IntoIterator<Item = T>, show: impl Fn(T) -> String) {
    for (at, item) in items.into_iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{}", if at == 0 { "" } else { "," }, show(item));
    }
}
