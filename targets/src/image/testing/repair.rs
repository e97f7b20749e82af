//! Makes the sums of damaged bytes right, so that the checks behind them are reached.

use crate::image::header::{CRC, HASH_AT, HEADER_BYTES, MAGIC, SECTION_ENTRY_BYTES, VERSION, header_crc, image_hash};

/// The bytes with magic, version, length, CRCs and hash as they should be; what else is wrong stays so.
#[must_use]
pub fn repair(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().max(HEADER_BYTES + 4).next_multiple_of(4), 0);
    let length = bytes.len() as u32;
    bytes[..8].copy_from_slice(&MAGIC);
    set(&mut bytes, 8, VERSION);
    set(&mut bytes, 12, length);
    let most = (bytes.len() - HEADER_BYTES - 4) / SECTION_ENTRY_BYTES;
    let sections = (word(&bytes, 16).unwrap_or(0) as usize).min(most);
    set(&mut bytes, 16, sections as u32);
    for at in 0..sections {
        let entry = HEADER_BYTES + at * SECTION_ENTRY_BYTES;
        let crc = section(&bytes, entry).map(|s| CRC.checksum(s));
        set(&mut bytes, entry + 16, crc.unwrap_or(0));
    }
    let end = HEADER_BYTES + sections * SECTION_ENTRY_BYTES;
    let crc = header_crc(&bytes[..end]);
    set(&mut bytes, end, crc);
    let hash = image_hash(&bytes);
    bytes[HASH_AT..HASH_AT + hash.len()].copy_from_slice(&hash);
    bytes
}

/// The bytes of the section of the entry at `at`, if they are there.
fn section(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let (offset, length) = (word(bytes, at + 8)? as usize, word(bytes, at + 12)? as usize);
    bytes.get(offset..)?.get(..length)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

fn set(bytes: &mut [u8], at: usize, word: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&word.to_le_bytes());
    }
}
