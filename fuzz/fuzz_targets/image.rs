//! Board images: any bytes give an error or a view that nothing can fail to read.
//!
//! The first byte says what the rest is: bytes as they are, bytes whose sums are made right, or a seed of a valid image and
//! changes of its words, after which the sums are made right. So the checks behind the sums are reached.
#![no_main]

use bouton_targets::image::testing::{repair, sample_image, walk};
use bouton_targets::image::{AlignedBytes, ImageBuilder, ImageView};
use libfuzzer_sys::fuzz_target;

/// Bytes of a change: what, where (2), with which value (4).
const CHANGE: usize = 7;

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let bytes = match mode % 4 {
        0 => rest.to_vec(),
        1 => repair(rest),
        _ => {
            let Some((seed, changes)) = rest.split_first_chunk::<2>() else { return };
            changed(u16::from_le_bytes(*seed), changes)
        }
    };
    let bytes = AlignedBytes::new(&bytes);
    let sound = walk(bytes.as_slice());
    if let Ok(image) = ImageView::new_checked(bytes.as_slice()) {
        let again = ImageBuilder::of(&image).and_then(ImageBuilder::finish);
        assert!(again.is_none_or(|again| again == bytes), "an image has one form");
    } else {
        assert!(!sound);
    }
});

fn changed(seed: u16, changes: &[u8]) -> Vec<u8> {
    let image = sample_image(seed.into());
    let mut words: Vec<u32> = image.as_slice().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    for [what, low, high, value @ ..] in changes.as_chunks::<CHANGE>().0 {
        let value = u32::from_le_bytes(*value);
        let at = usize::from(u16::from_le_bytes([*low, *high])) % words.len();
        match what % 4 {
            0 => words[at] = value,
            1 => words[at] = words[at].wrapping_add(value),
            2 => words[at] ^= value,
            _ => words[at] = words[value as usize % words.len()],
        }
    }
    repair(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>())
}
