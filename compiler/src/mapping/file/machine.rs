//! Reads machines as other tools describe them: one JSON object with chips, their cores, memory and working links.
//!
//! Takes: bytes, gzipped or plain.  Gives: [`Board`].
//! Invariants: chips ascend by x, then y, within the grid; every working link leads to a chip whose opposite link works too.
//! Source: docs/src/mapping.md.

use super::lines::{broken, text};
use super::{FileError, complaint};
use crate::mapping::board::NO_CHIP;
use crate::mapping::{Board, BoardChip, CoreSet};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;

/// What `format` says.
const FORMAT: &str = "bouton-mapping-machine";

/// Largest description that is read, bytes unpacked: ten million chips.
const LARGEST: u64 = 512 << 20;

#[derive(Deserialize)]
struct Format {
    format: String,
    version: u64,
}

#[derive(Deserialize)]
struct MachineObject {
    name: String,
    width: u16,
    height: u16,
    wrap: bool,
    router_entries: u32,
    boards: Vec<(u16, u16)>,
    cores: u64,
    chips: Vec<(u16, u16, u16, u64, u16, u16, u8)>,
}

/// Reads a machine. `file` is what errors call it.
///
/// # Errors
/// When the bytes are not a machine as docs/src/mapping.md describes it: what is wrong and what was expected.
pub fn read_machine(file: &str, bytes: &[u8]) -> Result<Board, FileError> {
    let wrong = |message: String| FileError { file: file.to_string(), line: None, message };
    let mut unpacked = Vec::new();
    text(bytes).take(LARGEST).read_to_end(&mut unpacked).map_err(|e| wrong(broken(&e)))?;
    let at = |e: &serde_json::Error, what: &str| FileError {
        file: file.to_string(),
        line: Some(e.line() as u64).filter(|line| *line > 0),
        message: format!("{what}: {}", complaint(e)),
    };
    let expected = format!("expected a JSON object with \"format\":\"{FORMAT}\"");
    let format: Format = serde_json::from_slice(&unpacked).map_err(|e| at(&e, &format!("this is no machine ({expected})")))?;
    if format.format != FORMAT {
        return Err(wrong(format!("this is no machine but a `{}`; {expected}", format.format)));
    }
    if format.version != 1 {
        return Err(wrong(format!("version {} of the format is not known; expected version 1", format.version)));
    }
    let machine: MachineObject = serde_json::from_slice(&unpacked).map_err(|e| at(&e, "the machine does not read"))?;
    check_chips(&machine).map_err(wrong)?;
    let chips: Vec<BoardChip> = machine
        .chips
        .iter()
        .map(|(x, y, cores, sdram, bx, by, _)| BoardChip { x: *x, y: *y, cores: *cores, shared_bytes: *sdram, board: (*bx, *by) })
        .collect();
    let masks: Vec<u8> = machine.chips.iter().map(|chip| chip.6).collect();
    let board = Board::new(machine.name, machine.width, machine.height, chips, &masks, machine.router_entries);
    check_links(&board, &masks, machine.wrap).map_err(wrong)?;
    Ok(board)
}

fn check_chips(machine: &MachineObject) -> Result<(), String> {
    let (width, height) = (machine.width, machine.height);
    let boards: BTreeSet<(u16, u16)> = machine.boards.iter().copied().collect();
    if machine.chips.is_empty() {
        return Err("there are no chips; expected at least one".to_string());
    }
    let mut before = None;
    for (x, y, cores, _, board_x, board_y, links) in &machine.chips {
        let chip = format!("chip ({x}, {y})");
        if *x >= width || *y >= height {
            return Err(format!("{chip} lies outside of the {width} × {height} grid"));
        }
        if before >= Some((*x, *y)) {
            return Err(format!("{chip} is out of order or listed twice; expected chips ascending by x, then y"));
        }
        before = Some((*x, *y));
        if *cores > CoreSet::LIMIT {
            return Err(format!("{chip} has {cores} cores; expected at most {}", CoreSet::LIMIT));
        }
        if !boards.contains(&(*board_x, *board_y)) {
            return Err(format!("{chip} is of board ({board_x}, {board_y}), which `boards` does not list"));
        }
        if *links > 0b11_1111 {
            return Err(format!("{chip} has the links {links}; expected a mask of 6 bits, at most 63"));
        }
    }
    let cores: u64 = machine.chips.iter().map(|chip| u64::from(chip.2)).sum();
    if cores != machine.cores {
        return Err(format!("`cores` is {}, the chips have {cores}; the list of chips may be cut", machine.cores));
    }
    Ok(())
}

fn check_links(board: &Board, masks: &[u8], wrap: bool) -> Result<(), String> {
    for (at, ((chip, mask), neighbours)) in board.chips.iter().zip(masks).zip(&board.neighbours).enumerate() {
        for (d, neighbour) in neighbours.iter().enumerate().filter(|(d, _)| mask >> d & 1 == 1) {
            let link = format!("link {d} of chip ({}, {})", chip.x, chip.y);
            let Some(there) = board.chips.get(*neighbour as usize) else {
                return Err(format!("{link} works but leads to no chip; clear bit {d} of its mask"));
            };
            let back = board.neighbours[*neighbour as usize][(d + 3) % 6];
            if back == NO_CHIP || back as usize != at {
                let back = (d + 3) % 6;
                return Err(format!(
                    "{link} works but link {back} of chip ({}, {}), its other direction, does not",
                    there.x, there.y
                ));
            }
            if !wrap && (chip.x.abs_diff(there.x) > 1 || chip.y.abs_diff(there.y) > 1) {
                return Err(format!("{link} leads around the edge to chip ({}, {}), but `wrap` is false", there.x, there.y));
            }
        }
    }
    Ok(())
}
