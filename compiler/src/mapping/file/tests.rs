//! Sound files are read; every kind of damage is named with its line, and never a panic.

use super::*;
use crate::mapping::{Board, NetId, VertexId};
use crate::table::Id;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

const GRAPH: &str = r#"{"format":"bouton-mapping-graph","version":1,"name":"two","machine":"pair","seed":1,"tick_us":1000,"time_scale":1,"params":{},"populations":2,"vertices":3,"nets":2,"edges":4}
{"population":0,"name":"e","neurons":300,"first_vertex":0,"vertices":2}
{"population":1,"name":"i","neurons":40,"first_vertex":2,"vertices":1}
{"vertex":0,"population":0,"first":0,"last":255,"key_bits":8,"dtcm":1,"sdram":1000,"load":0.5}
{"vertex":1,"population":0,"first":256,"last":299,"key_bits":6,"dtcm":1,"sdram":2000,"load":0.25}
{"vertex":2,"population":1,"first":0,"last":39,"key_bits":6,"dtcm":1,"sdram":3000,"load":0.125}
{"net":0,"source":0,"rate":2.56,"targets":[0,0,2,2]}
{"net":1,"source":2,"rate":0.4,"targets":[0,1]}
"#;

const MACHINE: &str = r#"{"format":"bouton-mapping-machine","version":1,"name":"pair","width":2,"height":1,"wrap":false,"router_entries":1023,
"boards":[[0,0]],"dead_chips":[],"dead_links":[],"cores":31,
"chips":[[0,0,15,1000,0,0,1],
[1,0,16,2000,0,0,8]]}"#;

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

#[track_caller]
fn graph_error(from: &str, to: &str) -> String {
    assert!(GRAPH.contains(from), "{from}");
    read_graph("g", GRAPH.replacen(from, to, 1).as_bytes()).expect_err("it is damaged").to_string()
}

#[track_caller]
fn machine_error(from: &str, to: &str) -> String {
    assert!(MACHINE.contains(from), "{from}");
    read_machine("m", MACHINE.replacen(from, to, 1).as_bytes()).expect_err("it is damaged").to_string()
}

#[test]
fn a_graph_is_read_plain_and_gzipped() {
    let file = read_graph("g", GRAPH.as_bytes()).expect("it is sound");
    assert_eq!(read_graph("g", &gzipped(GRAPH)), Ok(file.clone()));
    assert_eq!((file.name.as_str(), file.machine.as_str()), ("two", "pair"));
    assert_eq!((file.graph.groups.len(), file.graph.vertices.len(), file.graph.nets.len()), (2, 3, 2));
    assert_eq!(file.graph.vertices[VertexId::from_index(1)].shared_bytes, 2000);
    let net = file.graph.nets[NetId::from_index(0)];
    assert_eq!((net.source.index(), net.keys_with, net.rate, net.key_bits), (0, 0, 2.56, 8));
    assert_eq!(file.graph.ranges_of(&net), [(0, 0), (2, 2)]);
    assert_eq!(file.graph.nets[NetId::from_index(1)].keys_with, 1);
}

#[test]
fn a_machine_is_read_plain_and_gzipped() {
    let board: Board = read_machine("m", MACHINE.as_bytes()).expect("it is sound");
    assert_eq!(read_machine("m", &gzipped(MACHINE)), Ok(board.clone()));
    assert_eq!((board.chips.len(), board.cores(), board.router_entries), (2, 31, 1023));
    assert_eq!((board.neighbours[0][0], board.neighbours[1][3]), (1, 0));
}

#[test]
fn headers_of_something_else_are_refused() {
    assert!(read_graph("g", b"").expect_err("it is empty").to_string().starts_with("g:1: the file is empty; expected a header"));
    assert!(read_graph("g", MACHINE.as_bytes()).is_err());
    assert!(graph_error("bouton-mapping-graph", "hat").contains("no machine graph but a `hat`; expected a header"));
    assert!(graph_error("\"version\":1", "\"version\":2").contains("version 2 of the format is not known; expected version 1"));
    assert!(graph_error("\"nets\":2,", "").starts_with("g:1: the header is not complete: missing field `nets`"));
    assert!(graph_error("\"nets\":2,", "\"nets\":5000000000,").contains("5000000000 is out of range"));
    assert!(graph_error("\"nets\":2,", "\"nets\":1e999,").starts_with("g:1:"));
    assert!(graph_error("\"nets\":2,", "\"nets\":2,\"nets\":2,").contains("duplicate field `nets`"));
    assert!(machine_error("bouton-mapping-machine", "hat").contains("no machine but a `hat`"));
    assert!(machine_error("\"version\":1", "\"version\":7").contains("version 7"));
}

#[test]
fn wrong_lines_of_graphs_are_named() {
    let cases = [
        ("\"population\":1,\"name\"", "\"population\":2,\"name\"", "g:3: the id of the population is 2; expected 1"),
        (
            "\"first_vertex\":2",
            "\"first_vertex\":1",
            "g:3: `first_vertex`, where the population before it ended, is 1; expected 2",
        ),
        ("\"vertices\":1}", "\"vertices\":18446744073709551615}", "g:3: vertices 2 to"),
        (
            "\"first_vertex\":2,\"vertices\":1",
            "\"first_vertex\":2,\"vertices\":0",
            "g:3: the sum of the populations' vertices is 2",
        ),
        ("\"neurons\":40", "\"neurons\":0", "g:3: 1 vertices for 0 neurons"),
        ("\"vertex\":1,", "\"vertex\":0,", "g:5: the id of the vertex is 0; expected 1"),
        ("\"vertex\":2,\"population\":1", "\"vertex\":2,\"population\":0", "g:6: the vertex's population"),
        ("\"first\":256", "\"first\":255", "g:5: `first`, after the slice before it, is 255; expected 256"),
        ("\"last\":299", "\"last\":3", "g:5: `last` is 3; expected at least"),
        ("\"last\":299", "\"last\":18446744073709551615", "g:5: `last` is 18446744073709551615"),
        ("\"key_bits\":8", "\"key_bits\":33", "g:4: `key_bits` is 33; expected at most 32"),
        ("\"load\":0.5", "\"load\":-1", "g:4: `load` is -1; expected at least 0"),
        ("\"sdram\":1000,", "", "g:4: vertex 0 does not read: missing field `sdram`"),
        ("\"sdram\":1000", "\"sdram\":-1000", "g:4: vertex 0 does not read: invalid value"),
        ("{\"net\":0", "{\"net\":5", "g:7: the id of the net is 5; expected 0"),
        ("\"source\":2", "\"source\":0", "g:8: `source` is 0 after 0; expected ascending sources"),
        ("\"source\":2", "\"source\":3", "g:8: `source` is 3; expected a vertex below 3"),
        ("\"rate\":0.4", "\"rate\":-0.4", "g:8: `rate` is -0.4"),
        ("[0,0,2,2]", "[0,0,2]", "g:7: `targets` has 3 numbers; expected pairs"),
        ("[0,0,2,2]", "[]", "g:7: `targets` has 0 numbers"),
        ("[0,0,2,2]", "[0,0,2,3]", "g:7: the targets 2 to 3 are no range of vertices; expected first ≤ last < 3"),
        ("[0,0,2,2]", "[1,0,2,2]", "g:7: the targets 1 to 0 are no range"),
        ("[0,0,2,2]", "[0,0,1,2]", "g:7: the targets 1 to 2 are not beyond those before"),
        ("[0,0,2,2]", "[0,1,0,1]", "g:7: the targets 0 to 1 are not beyond"),
        ("[0,0,2,2]", "[0,18446744073709551615]", "g:7: the targets 0 to 18446744073709551615 are no range"),
        ("\"edges\":4", "\"edges\":5", "g:8: the sum of the nets' targets, `edges` in the header, is 4; expected 5"),
        ("\"nets\":2", "\"nets\":3", "g:8: the file ends here; expected net 2 of the 3"),
        ("\"nets\":2,\"edges\":4", "\"nets\":1,\"edges\":2", "g:8: the file goes on after its 1 nets"),
        ("\n{\"vertex\":1", "\n\n{\"vertex\":1", "g:5: vertex 1 does not read: EOF"),
    ];
    for (from, to, expected) in cases {
        let found = graph_error(from, to);
        assert!(found.starts_with(expected), "{found}\nexpected {expected}");
    }
}

#[test]
fn wrong_machines_are_named() {
    let cases = [
        ("[[0,0,15", "[[2,0,15", "chip (2, 0) lies outside of the 2 × 1 grid"),
        ("[1,0,16", "[0,0,16", "chip (0, 0) is out of order or listed twice"),
        ("[1,0,16", "[1,0,193", "chip (1, 0) has 193 cores; expected at most 192"),
        ("[1,0,16", "[1,0,70000", "m:4: the machine does not read: invalid value"),
        ("\"cores\":31", "\"cores\":32", "`cores` is 32, the chips have 31"),
        ("2000,0,0,8", "2000,4,8,8", "chip (1, 0) is of board (4, 8), which `boards` does not list"),
        ("2000,0,0,8", "2000,0,0,64", "chip (1, 0) has the links 64"),
        ("2000,0,0,8", "2000,0,0,0", "link 0 of chip (0, 0) works but link 3 of chip (1, 0), its other direction, does not"),
        ("1000,0,0,1]", "1000,0,0,9]", "link 3 of chip (0, 0) works but link 0 of chip (1, 0)"),
        ("\"width\":2", "\"width\":70000", "m:1: the machine does not read"),
        ("[1,0,16,2000,0,0,8]", "[1,0,16,2000,0,0]", "m:4: the machine does not read: invalid length"),
    ];
    for (from, to, expected) in cases {
        let found = machine_error(from, to);
        assert!(found.contains(expected), "{found}\nexpected {expected}");
    }
}

#[test]
fn links_lead_to_chips_and_around_the_edge_only_where_the_machine_wraps() {
    let nowhere = MACHINE.replace("\"height\":1", "\"height\":2").replace("2000,0,0,8", "2000,0,0,12");
    let found = read_machine("m", nowhere.as_bytes()).expect_err("there is no chip (1, 1)").to_string();
    assert_eq!(found, "m: link 2 of chip (1, 0) works but leads to no chip; clear bit 2 of its mask");
    let around =
        MACHINE.replace("1000,0,0,1]", "1000,0,0,9]").replace("2000,0,0,8]", "2000,0,0,9]").replace("\"width\":2", "\"width\":3");
    let around = around.replace("\n[1,0,16", "\n[1,0,1,1,0,0,9],\n[2,0,15");
    let found = read_machine("m", around.as_bytes()).expect_err("it wraps").to_string();
    assert!(found.contains("leads around the edge") && found.contains("`wrap` is false"), "{found}");
    assert!(read_machine("m", around.replace("\"wrap\":false", "\"wrap\":true").as_bytes()).is_ok());
}

#[test]
fn every_cut_and_every_damaged_byte_of_a_gzipped_graph_is_found() {
    let bytes = gzipped(GRAPH);
    for length in 0..bytes.len() {
        assert!(read_graph("g", &bytes[..length]).is_err(), "cut at {length}");
    }
    let found = read_graph("g", &bytes[..bytes.len() / 2]).expect_err("it is cut").to_string();
    assert!(found.contains("cut off") && found.contains("copy the file again"), "{found}");
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 0x55;
    assert!(read_graph("g", &damaged).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(at in 0..GRAPH.len(), cut in 0..40_usize, put in "[-0-9a-z{}\\[\\],:\" ]{0,6}") {
        for text in [GRAPH, MACHINE] {
            let at = at % text.len();
            let damaged = format!("{}{put}{}", &text[..at], &text[(at + cut).min(text.len())..]);
            let _ = (read_graph("g", damaged.as_bytes()), read_machine("m", damaged.as_bytes()));
        }
    }
}
