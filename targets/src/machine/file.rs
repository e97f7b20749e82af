//! The TOML form of a machine.

use super::grid::Grid;
use super::{Chip, Energy, Family, LinkRates, Machine, Processor, ProcessorSet, Router};
use serde::Deserialize;
use std::fmt;

/// A torus may be at most this many times wider than high: `spalloc`, which hands out boards of real machines, asks for as much
/// (its `min_ratio` is 0.333).
const WIDEST: u32 = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    family: Family,
    chips: Chips,
    boards: Option<Boards>,
    chip: ChipFile,
    processor: ProcessorFile,
    router: Option<Router>,
    links: Option<LinkRates>,
    energy: Option<Energy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chips {
    rows: Vec<Row>,
    #[serde(default)]
    wrap: bool,
}

/// How boards are joined: a torus of units, each of which has a board at every root.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Boards {
    title: String,
    most: u32,
    unit_width: u16,
    unit_height: u16,
    roots: Vec<(u16, u16)>,
    /// Chips of a board, where they are others than those of the machine without a number.
    rows: Option<Vec<Row>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Row {
    y: u16,
    first: u16,
    last: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChipFile {
    processors: u16,
    #[serde(default)]
    reserved_processors: u16,
    shared_bytes: Option<u64>,
    shared_bytes_per_s: Option<u64>,
    image_bytes: Option<u64>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    x: u16,
    y: u16,
    processors: Option<u16>,
    #[serde(default)]
    without_links: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessorFile {
    clock_hz: Option<u64>,
    data_bytes: Option<u64>,
    #[serde(default)]
    reserved_bytes: u64,
    max_neurons: Option<u32>,
    #[serde(default)]
    generates: bool,
}

/// Why there is no such machine.
#[derive(Clone, PartialEq, Debug)]
pub enum MachineError {
    /// Its file is not TOML of the right form; the text names the line.
    Form(String),
    /// It has no chip, or a chip without processors for circuits.
    Empty,
    /// A chip has more processors than can be told apart.
    TooManyProcessors,
    /// An exception names a chip that the rows do not have.
    NoSuchChip {
        /// Its column.
        x: u16,
        /// Its row.
        y: u16,
    },
    /// An exception or a root of a board lies outside of what it is part of.
    Outside,
    /// More is reserved than there is.
    NothingLeft,
    /// Its boards cannot be joined.
    NotJoined,
    /// More boards than can be joined.
    TooManyBoards {
        /// What is joined.
        title: String,
        /// Name of the largest machine.
        largest: String,
        /// Its boards.
        most: u32,
    },
}

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineError::Form(text) => f.write_str(text),
            MachineError::Empty => f.write_str("the machine has no processor"),
            MachineError::TooManyProcessors => write!(f, "a chip has more than {} processors", ProcessorSet::LIMIT),
            MachineError::NoSuchChip { x, y } => write!(f, "an exception names chip {x},{y}, which no row holds"),
            MachineError::Outside => f.write_str("a link is not in 0..5, or a root lies outside of its unit"),
            MachineError::NothingLeft => f.write_str("what is reserved is not below what there is"),
            MachineError::NotJoined => f.write_str("boards of this machine are not joined"),
            MachineError::TooManyBoards { title, largest, most } => {
                write!(f, "at most {most} {title} can be joined: the largest machine is `{largest}`")
            }
        }
    }
}

impl std::error::Error for MachineError {}

impl Machine {
    /// Reads a description.
    ///
    /// # Errors
    /// When it is not of the right form or describes no machine.
    pub fn from_toml(text: &str) -> Result<Machine, MachineError> {
        let file = read(text)?;
        let chips = file.board(&file.chips.rows, &file.chip.exceptions)?;
        let (size, wrap) = (extent(&chips), file.chips.wrap);
        file.machine(chips, size, wrap)
    }

    /// Reads a description of a board and joins so many of it. One board stays alone; more are a torus, the smallest that holds
    /// them and is not too narrow. Boards that the torus holds beyond those asked for are absent.
    ///
    /// # Errors
    /// When the description is wrong, says nothing of joined boards, or allows fewer.
    pub fn of_boards(text: &str, boards: u32) -> Result<Machine, MachineError> {
        let mut file = read(text)?;
        let joined = file.boards.take().ok_or(MachineError::NotJoined)?;
        if boards > joined.most {
            let largest = format!("{}x{}", file.name, joined.most);
            return Err(MachineError::TooManyBoards { title: joined.title, largest, most: joined.most });
        }
        let template = match &joined.rows {
            Some(rows) => file.board(rows, &[])?,
            None => file.board(&file.chips.rows, &file.chip.exceptions)?,
        };
        file.name = format!("{}x{boards}", file.name);
        if boards <= 1 {
            file.title = format!("1 of {}, alone: {} chips", joined.title, template.len());
            let size = extent(&template);
            return file.machine(template, size, false);
        }
        let (columns, rows) = units(boards.div_ceil(joined.roots.len() as u32));
        let size = (columns * joined.unit_width, rows * joined.unit_height);
        let chips = joined.chips(&template, boards, columns, size);
        file.title = format!("{boards} {}: {} chips in a torus of {} x {}", joined.title, chips.len(), size.0, size.1);
        file.machine(chips, size, true)
    }

    /// What boards of a description may be joined, and how many of them; `None` when they may not.
    ///
    /// # Errors
    /// When the description is wrong.
    pub(super) fn boards_of_toml(text: &str) -> Result<Option<(String, u32)>, MachineError> {
        Ok(read(text)?.boards.map(|boards| (boards.title, boards.most)))
    }
}

fn read(text: &str) -> Result<File, MachineError> {
    let file: File = toml::from_str(text).map_err(|e| MachineError::Form(e.to_string()))?;
    if let Some(b) = &file.boards {
        let inside = |(x, y): &(u16, u16)| *x < b.unit_width && *y < b.unit_height;
        if b.roots.is_empty() || !b.roots.iter().all(inside) {
            return Err(MachineError::Outside);
        }
    }
    Ok(file)
}

/// Columns and rows of the smallest torus of at least so many units that is at most [`WIDEST`] times wider than high; of those
/// of equal size the one nearest to a square.
fn units(count: u32) -> (u16, u16) {
    let shape = |area: u32| {
        let rows = (1..=area.isqrt()).rev().find(|rows| area % rows == 0)?;
        (area / rows <= WIDEST * rows).then_some(((area / rows) as u16, rows as u16))
    };
    (count.max(1)..).find_map(shape).unwrap_or((1, 1))
}

/// Columns and rows of the smallest grid that holds the chips.
fn extent(chips: &[Chip]) -> (u16, u16) {
    (chips.iter().map(|c| c.x + 1).max().unwrap_or(1), chips.iter().map(|c| c.y + 1).max().unwrap_or(1))
}

impl Boards {
    /// The chips of the first `boards` roots, unit by unit, of a torus with so many columns of units.
    fn chips(&self, template: &[Chip], boards: u32, columns: u16, size: (u16, u16)) -> Vec<Chip> {
        let roots = (0u32..).flat_map(|unit| {
            let (column, row) = (unit % u32::from(columns), unit / u32::from(columns));
            let corner = (column as u16 * self.unit_width, row as u16 * self.unit_height);
            self.roots.iter().map(move |(x, y)| (corner.0 + x, corner.1 + y))
        });
        let mut chips = Vec::with_capacity(template.len() * boards as usize);
        for board in roots.take(boards as usize) {
            let place = |c: &Chip| ((board.0 + c.x) % size.0, (board.1 + c.y) % size.1);
            chips.extend(template.iter().map(|c| Chip { x: place(c).0, y: place(c).1, board, ..*c }));
        }
        chips
    }
}

impl File {
    /// The chips of one board, not joined yet.
    fn board(&self, rows: &[Row], exceptions: &[Exception]) -> Result<Vec<Chip>, MachineError> {
        let all = rows.iter().flat_map(|r| (r.first..=r.last).map(move |x| (x, r.y)));
        let mut chips = all.map(|(x, y)| self.chip_at(x, y, self.chip.processors)).collect::<Result<Vec<Chip>, _>>()?;
        for e in exceptions {
            let chip = chips.iter_mut().find(|c| (c.x, c.y) == (e.x, e.y)).ok_or(MachineError::NoSuchChip { x: e.x, y: e.y })?;
            *chip = self.chip_at(e.x, e.y, e.processors.unwrap_or(self.chip.processors))?;
        }
        if chips.is_empty() || chips.iter().any(|c| c.processors.is_empty()) {
            return Err(MachineError::Empty);
        }
        Ok(chips)
    }

    fn chip_at(&self, x: u16, y: u16, processors: u16) -> Result<Chip, MachineError> {
        if processors > ProcessorSet::LIMIT {
            return Err(MachineError::TooManyProcessors);
        }
        let all = ProcessorSet::first(processors);
        let system = all.lowest(self.chip.reserved_processors);
        Ok(Chip { x, y, processors: all.without(&system), system, links: 0, board: (0, 0) })
    }

    /// The machine of these chips, which it joins.
    fn machine(self, mut chips: Vec<Chip>, size: (u16, u16), wrap: bool) -> Result<Machine, MachineError> {
        if self.router.is_some() {
            let grid = Grid::of(&chips, size);
            grid.join(&mut chips, wrap);
            for e in &self.chip.exceptions {
                for d in &e.without_links {
                    let chip = grid.chip((e.x, e.y)).ok_or(MachineError::NoSuchChip { x: e.x, y: e.y })?;
                    grid.cut(&mut chips, chip, Some(usize::from(*d)).filter(|d| *d < 6).ok_or(MachineError::Outside)?);
                }
            }
        }
        let less = |all: u64| all.checked_sub(self.processor.reserved_bytes).filter(|n| *n > 0).ok_or(MachineError::NothingLeft);
        let processor = Processor {
            clock_hz: self.processor.clock_hz,
            circuit_bytes: self.processor.data_bytes.map(less).transpose()?,
            max_neurons: self.processor.max_neurons,
            generates: self.processor.generates,
        };
        Ok(Machine {
            width: size.0,
            height: size.1,
            router: self.router,
            links: self.links,
            energy: self.energy,
            name: self.name,
            title: self.title,
            family: self.family,
            chips,
            processor,
            shared_bytes: self.chip.shared_bytes,
            shared_bytes_per_s: self.chip.shared_bytes_per_s,
            image_bytes: self.chip.image_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_machine() {
        let text = |chips: &str, rest: &str| {
            format!("name = \"m\"\ntitle = \"\"\nfamily = \"host\"\n[chips]\nrows = {chips}\n[chip]\nprocessors = 1\n{rest}")
        };
        let one = "[{ y = 0, first = 0, last = 0 }]";
        assert_eq!(Machine::from_toml(&text("[]", "[processor]")), Err(MachineError::Empty));
        assert_eq!(Machine::from_toml(&text(one, "reserved_processors = 1\n[processor]")), Err(MachineError::Empty));
        let reserved = text(one, "[processor]\ndata_bytes = 4\nreserved_bytes = 4");
        assert_eq!(Machine::from_toml(&reserved), Err(MachineError::NothingLeft));
        let exception = text(one, "exceptions = [{ x = 1, y = 0, processors = 2 }]\n[processor]");
        assert_eq!(Machine::from_toml(&exception), Err(MachineError::NoSuchChip { x: 1, y: 0 }));
        let many = text(one, "exceptions = [{ x = 0, y = 0, processors = 193 }]\n[processor]");
        assert_eq!(Machine::from_toml(&many), Err(MachineError::TooManyProcessors));
        assert!(matches!(Machine::from_toml("name = 3"), Err(MachineError::Form(_))));
        assert_eq!(Machine::of_boards(&text(one, "[processor]"), 2), Err(MachineError::NotJoined));
    }

    #[test]
    fn tori_are_the_smallest_that_are_not_too_narrow() {
        let shapes = [1, 2, 3, 4, 5, 7, 8, 10, 13, 400].map(units);
        assert_eq!(shapes, [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (4, 2), (5, 2), (5, 3), (20, 20)]);
    }
}
