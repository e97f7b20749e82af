//! `bouton map` as its users meet it: files in, figures and a mapping out, and errors that say what to do.

mod support;

use serde_json::Value;
use support::Folder;

const GRAPH: &str = r#"{"format":"bouton-mapping-graph","version":1,"name":"two","machine":"pair","populations":1,"vertices":3,"nets":2,"edges":4}
{"population":0,"name":"e","neurons":300,"first_vertex":0,"vertices":3}
{"vertex":0,"population":0,"first":0,"last":99,"key_bits":7,"sdram":1000,"load":0.5}
{"vertex":1,"population":0,"first":100,"last":199,"key_bits":7,"sdram":2000,"load":0.25}
{"vertex":2,"population":0,"first":200,"last":299,"key_bits":7,"sdram":2000,"load":0.25}
{"net":0,"source":0,"rate":2.5,"targets":[0,2]}
{"net":1,"source":2,"rate":0.5,"targets":[1,1]}
"#;

const MACHINE: &str = r#"{"format":"bouton-mapping-machine","version":1,"name":"pair","width":2,"height":1,"wrap":false,"router_entries":1023,
"boards":[[0,0]],"cores":4,"chips":[[0,0,2,9000,0,0,1],[1,0,2,9000,0,0,8]]}"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("two.graph.jsonl", GRAPH).write("pair.machine.json", MACHINE);
    folder
}

#[test]
fn figures_and_the_mapping_are_written() {
    let folder = folder("map-json");
    let done = folder.bouton(&["map", "two.graph.jsonl", "--json", "--check", "--effort", "fast", "-o", "m.json"]).expect(0);
    let told: Value = serde_json::from_str(done.out.lines().last().expect("there is output")).expect("it is JSON");
    assert_eq!(
        (told["graph"].as_str(), told["machine"].as_str(), told["valid"].as_bool()),
        (Some("two"), Some("pair"), Some(true))
    );
    assert_eq!((told["checked_keys"].as_u64(), told["checked_deliveries"].as_u64()), (Some(256), Some(128 * 4)));
    let parts = ["place_s", "route_s", "keys_s", "tables_s", "compress_s"];
    let sum: f64 = parts.iter().map(|part| told[part].as_f64().expect("each stage is timed")).sum();
    assert!((told["wall_s"].as_f64().expect("it is timed") - sum).abs() < 1e-9);
    assert!(told["hops"].as_u64() >= Some(1) && told["verify_s"].is_f64() && told["read_s"].is_f64());
    let mapping: Value = serde_json::from_str(&folder.read("m.json")).expect("it is JSON");
    assert_eq!(mapping["format"], "bouton-mapping");
    assert_eq!(["placement", "keys", "tables"].map(|key| mapping[key].as_array().map(Vec::len)), [Some(3), Some(2), Some(2)]);
}

#[test]
fn a_table_is_shown_without_json() {
    let folder = folder("map-text");
    let done = folder.bouton(&["map", "two.graph.jsonl", "--target", "pair.machine.json"]).expect(0);
    assert!(done.out.starts_with("two on pair: 3 slices and 2 nets on 4 cores of 2 chips\n"), "{}", done.out);
    assert!(done.out.contains("every key reaches exactly its targets"), "{}", done.out);
    folder.bouton(&["map", "two.graph.jsonl", "--target", "spinn3", "--fault", "chip:1,1"]).expect(0);
}

#[test]
fn what_is_wrong_is_said() {
    let folder = folder("map-errors");
    folder.write("cut.graph.jsonl", &GRAPH[..GRAPH.len() - 48]).write("lost.graph.jsonl", &GRAPH.replace("pair", "none"));
    let said = |arguments: &[&str], code| folder.bouton(&[&["map"], arguments].concat()).expect(code).err;
    let cut = said(&["cut.graph.jsonl"], 1);
    assert!(cut.contains("cut.graph.jsonl:6: the file ends here; expected net 1 of the 2"), "{cut}");
    let lost = said(&["lost.graph.jsonl"], 2);
    assert!(lost.contains("there is no none.machine.json; name a machine by --target"), "{lost}");
    assert!(said(&["none.jsonl"], 4).contains("cannot read none.jsonl"));
    assert!(said(&["two.graph.jsonl", "--target", "host"], 2).contains("has no routers"));
    assert!(said(&["two.graph.jsonl", "--fault", "chip:7,7"], 2).contains("pair has no such chip"));
    let small = said(&["two.graph.jsonl", "--fault", "chip:1,0"], 3);
    assert!(small.contains("does not fit pair") && small.contains("cores"), "{small}");
    let parted = said(&["two.graph.jsonl", "--fault", "link:0,0,E"], 3);
    assert!(parted.contains("cores that working links join"), "{parted}");
}
