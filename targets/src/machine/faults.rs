//! What of a machine is broken or set aside, and how that is written.

use super::LINK_NAMES;
use std::fmt;
use std::str::FromStr;

/// Something that a machine lacks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// All chips of the board whose first chip is (x, y): `board:4,8`.
    Board {
        /// Column of the board's first chip.
        x: u16,
        /// Its row.
        y: u16,
    },
    /// A chip, and with it the links that lead to it: `chip:3,4`.
    Chip {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// A processor of a chip: `core:3,4,5`.
    Core {
        /// Column of its chip.
        x: u16,
        /// Row of its chip.
        y: u16,
        /// Its number on the chip.
        core: u16,
    },
    /// A link, in both directions: `link:3,4,NE` or `link:3,4,1`.
    Link {
        /// Column of the chip at one end.
        x: u16,
        /// Its row.
        y: u16,
        /// The link as that chip sees it, 0 to 5.
        link: u8,
    },
    /// So many processors of each chip are set aside: `cores:2`.
    Cores(u16),
    /// So many bytes of each chip's shared memory are set aside: `sdram:1048576`.
    Sdram(u64),
}

/// Why a text is not a fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultTextError {
    /// The text.
    pub text: String,
    /// What it could have been.
    pub expected: &'static str,
}

impl fmt::Display for FaultTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a fault: expected {}", self.text, self.expected)
    }
}

impl std::error::Error for FaultTextError {}

const CHIP: &str = "chip:X,Y, such as chip:3,4";
const BOARD: &str = "board:X,Y with the coordinates of its first chip, such as board:4,8";
const CORE: &str = "core:X,Y,NUMBER, such as core:3,4,5";
const LINK: &str = "link:X,Y,LINK with a link of E, NE, N, W, SW, S or 0 to 5, such as link:3,4,NE";
const CORES: &str = "cores:COUNT with a count of 1 to 65535, such as cores:2";
const SDRAM: &str = "sdram:BYTES with a whole number from 1, such as sdram:1048576";
const ANY: &str = "chip:X,Y, core:X,Y,NUMBER, link:X,Y,LINK, board:X,Y, cores:COUNT or sdram:BYTES";

impl Fault {
    /// Reads a list with a fault on each line; `#` starts a comment. Gives each fault with its line, counted from 1.
    ///
    /// # Errors
    /// The first line that is not a fault, with its number.
    pub fn read_lines(text: &str) -> Result<Vec<(usize, Fault)>, (usize, FaultTextError)> {
        let lines = (1..).zip(text.lines()).map(|(number, line)| (number, line.split('#').next().unwrap_or_default().trim()));
        let faults = lines.filter(|(_, line)| !line.is_empty());
        faults.map(|(number, line)| line.parse().map(|fault| (number, fault)).map_err(|e| (number, e))).collect()
    }
}

impl FromStr for Fault {
    type Err = FaultTextError;

    fn from_str(text: &str) -> Result<Self, FaultTextError> {
        let error = |expected| FaultTextError { text: text.to_string(), expected };
        let (kind, rest) = text.trim().split_once(':').ok_or_else(|| error(ANY))?;
        let parts: Vec<&str> = rest.split(',').map(str::trim).collect();
        let (expected, fault) = match kind.trim() {
            "board" => (BOARD, place(&parts, 2).map(|(x, y)| Fault::Board { x, y })),
            "chip" => (CHIP, place(&parts, 2).map(|(x, y)| Fault::Chip { x, y })),
            "core" => (CORE, place(&parts, 3).and_then(|(x, y)| Some(Fault::Core { x, y, core: number(parts[2])? }))),
            "link" => (LINK, place(&parts, 3).and_then(|(x, y)| Some(Fault::Link { x, y, link: link(parts[2])? }))),
            "cores" => (CORES, number(rest.trim()).filter(|n| *n > 0).map(Fault::Cores)),
            "sdram" => (SDRAM, number(rest.trim()).filter(|n| *n > 0).map(Fault::Sdram)),
            _ => (ANY, None),
        };
        fault.ok_or_else(|| error(expected))
    }
}

/// A number of digits alone: a sign is a mistake.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn place(parts: &[&str], count: usize) -> Option<(u16, u16)> {
    (parts.len() == count).then_some(())?;
    Some((number(parts[0])?, number(parts[1])?))
}

fn link(text: &str) -> Option<u8> {
    let named = LINK_NAMES.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|d| d as u8);
    named.or_else(|| number(text).filter(|d| *d < 6))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Board { x, y } => write!(f, "board:{x},{y}"),
            Fault::Chip { x, y } => write!(f, "chip:{x},{y}"),
            Fault::Core { x, y, core } => write!(f, "core:{x},{y},{core}"),
            Fault::Link { x, y, link } => {
                write!(f, "link:{x},{y},{}", LINK_NAMES.get(usize::from(*link)).copied().unwrap_or("none"))
            }
            Fault::Cores(count) => write!(f, "cores:{count}"),
            Fault::Sdram(bytes) => write!(f, "sdram:{bytes}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault() -> impl Strategy<Value = Fault> {
        let (x, y) = (any::<u16>(), any::<u16>());
        prop_oneof![
            (x, y).prop_map(|(x, y)| Fault::Board { x, y }),
            (x, y).prop_map(|(x, y)| Fault::Chip { x, y }),
            (x, y, any::<u16>()).prop_map(|(x, y, core)| Fault::Core { x, y, core }),
            (x, y, 0u8..6).prop_map(|(x, y, link)| Fault::Link { x, y, link }),
            (1..=u16::MAX).prop_map(Fault::Cores),
            (1..=u64::MAX).prop_map(Fault::Sdram),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(fault in fault()) {
            prop_assert_eq!(fault.to_string().parse(), Ok(fault));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = text.parse::<Fault>();
        }
    }

    #[test]
    fn people_may_write_it_in_more_ways() {
        assert_eq!(" link: 3, 4 , ne ".parse(), Ok(Fault::Link { x: 3, y: 4, link: 1 }));
        assert_eq!("link:3,4,5".parse(), Ok(Fault::Link { x: 3, y: 4, link: 5 }));
    }

    #[test]
    fn lists_have_a_fault_on_each_line() {
        let list = Fault::read_lines("# broken since May\n\nchip:3,4 # burnt\n  cores:1\n");
        assert_eq!(list, Ok(vec![(3, Fault::Chip { x: 3, y: 4 }), (4, Fault::Cores(1))]));
        assert_eq!(Fault::read_lines("cores:1\nchip:3\n").map_err(|(line, _)| line), Err(2));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_kind() {
        let wrong = |text: &str| text.parse::<Fault>().expect_err(text).to_string();
        assert_eq!(wrong("chip:3"), "`chip:3` is not a fault: expected chip:X,Y, such as chip:3,4");
        for text in ["link:3,4,6", "link:3,4,X", "link:3,4"] {
            assert!(wrong(text).contains("E, NE, N, W, SW, S or 0 to 5"), "{text}");
        }
        for text in ["core:1,2,+3", "core:1,2,", "cores:0", "cores:65536", "sdram:-1", "chip:70000,1", "board:0"] {
            assert!(wrong(text).contains(text), "{text}");
        }
        for text in ["", "3,4", "fan:1"] {
            assert!(wrong(text).contains("cores:COUNT or sdram:BYTES"), "{text}");
        }
    }
}
