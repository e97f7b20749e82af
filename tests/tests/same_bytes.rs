//! The same circuit gives the same bytes: twice on this computer, and on every other.
//!
//! `files/images.txt` holds the SHA-256 of each image as its header has it. It changes with whatever changes an image:
//! `BOUTON_BLESS=1 cargo test -p bouton-tests --test same_bytes` writes it anew, and the change is reviewed as any other.

use bouton_targets::image::{AlignedBytes, ImageBuilder, ImageView};
use bouton_tests::golden::differs;
use bouton_tests::run::{circuit_of_file, image};
use std::fmt::Write;
use std::path::Path;

const CIRCUITS: &[&str] = &[
    "circuits/celegans/celegans.circuit",
    "circuits/half_centre/half_centre.circuit",
    "circuits/vogels_abbott/vogels_abbott.circuit",
];

fn made(path: &str, target: &str) -> AlignedBytes {
    let circuit = circuit_of_file(path, &[]).unwrap_or_else(|e| panic!("{e}"));
    image(&circuit, target, None, 0).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn hash(bytes: &AlignedBytes) -> String {
    let view = ImageView::new_checked(bytes.as_slice()).expect("an image that was just made");
    view.header().hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn published_circuits_have_the_bytes_that_are_written_down() {
    let mut table = String::new();
    for path in CIRCUITS {
        for target in ["host", "spinn5"] {
            let _ = writeln!(table, "{path} {target} {}", hash(&made(path, target)));
        }
    }
    let wrong = differs(Path::new("files/images.txt"), &table).expect("a file that can be written");
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

#[test]
fn made_twice_is_made_the_same() {
    for path in CIRCUITS {
        assert!(made(path, "spinn5") == made(path, "spinn5"), "{path}");
    }
}

#[test]
fn read_and_written_again_is_the_same() {
    for path in CIRCUITS {
        let bytes = made(path, "host");
        let view = ImageView::new_checked(bytes.as_slice()).expect("an image that was just made");
        assert!(ImageBuilder::of(&view).and_then(ImageBuilder::finish) == Some(bytes), "{path}");
    }
}
