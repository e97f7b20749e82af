//! Machine descriptions: what a board has, as data.
//!
//! A machine is chips of processors. Algorithms ask a [`Machine`]; nothing outside this module reads a board's file.

mod file;

pub use file::MachineError;

/// Families of machines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The computer itself.
    Host,
    /// Chips of many small cores that send each other packets.
    ManyCore,
    /// One or two cores with flash and RAM.
    Microcontroller,
}

/// A board.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// Its name: `spinn5`.
    pub name: String,
    /// What it is, in a line.
    pub title: String,
    /// Its family.
    pub family: Family,
    /// Columns of the grid that its chips lie in.
    pub width: u16,
    /// Rows of that grid.
    pub height: u16,
    /// Its chips, in the order in which they are filled.
    pub chips: Vec<Chip>,
    /// What each chip's router has; `None` where there are no routers.
    pub router: Option<Router>,
    /// What each processor has.
    pub processor: Processor,
    /// Bytes on each chip for the sections of its cores; `None` without limit.
    pub shared_bytes: Option<u64>,
    /// Bytes for the whole image; `None` without limit.
    pub image_bytes: Option<u64>,
}

/// A chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chip {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// Number of its first processor for applications.
    pub first_processor: u16,
    /// Number of processors for applications.
    pub processors: u16,
    /// Working links, bit d for link d: E, NE, N, W, SW, S. Link d of (x, y) leads to (x, y) plus its step, modulo the grid.
    pub links: u8,
    /// Column and row of the first chip of its board.
    pub board: (u16, u16),
}

/// What the router of a chip has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Router {
    /// Entries of the multicast table that circuits may use.
    pub entries: u32,
}

/// (dx, dy) of each link.
pub const STEPS: [(i32, i32); 6] = [(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)];

/// What a processor has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Processor {
    /// Clock, Hz; `None` when it does not matter.
    pub clock_hz: Option<u64>,
    /// Bytes for what changes in a circuit (data memory less what is reserved); `None` without limit.
    pub circuit_bytes: Option<u64>,
    /// Most neurons; `None` without limit.
    pub max_neurons: Option<u32>,
}

const BUILT_IN: &[(&str, &str)] = &[
    ("host", include_str!("../../machines/host.toml")),
    ("mps2-an386", include_str!("../../machines/mps2-an386.toml")),
    ("spinn3", include_str!("../../machines/spinn3.toml")),
    ("spinn5", include_str!("../../machines/spinn5.toml")),
];

impl Machine {
    /// Names of the machines that come with Bouton, sorted.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The machine called `name`; `None` when there is none.
    ///
    /// # Errors
    /// When its file is wrong: a bug of ours.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Machine, MachineError>> {
        BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| Machine::from_toml(text))
    }

    /// Places of its processors, in the order in which they are filled. A machine without limits has as many as are asked for.
    pub fn processors(&self) -> impl Iterator<Item = (Chip, u16)> + '_ {
        let endless = self.family == Family::Host;
        let finite = self.chips.iter().flat_map(|c| (0..c.processors).map(|p| (*c, c.first_processor + p)));
        let chip = self.chips.first().copied().unwrap_or(Chip {
            x: 0,
            y: 0,
            first_processor: 0,
            processors: 0,
            links: 0,
            board: (0, 0),
        });
        finite.chain((1..u16::MAX).map(move |p| (chip, p)).filter(move |_| endless))
    }

    /// Number of processors; `None` without limit.
    #[must_use]
    pub fn processor_count(&self) -> Option<usize> {
        (self.family != Family::Host).then(|| self.chips.iter().map(|c| usize::from(c.processors)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_that_comes_with_bouton_is_sound() {
        for name in Machine::names() {
            let machine = Machine::named(name).expect("it is listed").unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(machine.name, name);
            assert!(machine.processors().next().is_some());
        }
        assert!(Machine::names().is_sorted());
    }

    #[test]
    fn spinn5_has_the_published_numbers_of_chips_and_cores() {
        let machine = Machine::named("spinn5").expect("it is listed").expect("it is sound");
        assert_eq!((machine.chips.len(), machine.processor_count()), (48, Some(808)));
    }
}
