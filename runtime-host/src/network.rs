//! What an image holds, gathered over its cores: populations whole again, keys, records.
//!
//! Both engines are driven from here, so that they agree about what there is to run and to record.

use crate::EngineError;
use bouton_targets::image::{
    BlockKind, BlockRecord, CoreView, Description, EventKind, ImageView, NONE, RecordKind, RecordRecord, SectionKind,
};
use std::collections::BTreeMap;

/// A population, with the blocks that hold its members.
#[derive(Clone, Debug)]
pub struct Population {
    /// What its blocks have in common; counts and positions are those of the first.
    pub block: BlockRecord,
    /// Number of members.
    pub size: u32,
    /// (Position of the core, position of the block on it, block), by first member.
    pub slices: Vec<(usize, u32, BlockRecord)>,
}

impl Population {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> BlockKind {
        // Blocks were checked with their cores.
        BlockKind::from_code(self.block.kind).unwrap_or(BlockKind::Neurons)
    }

    /// Whether it emits events of this kind.
    #[must_use]
    pub fn emits(&self, kind: EventKind) -> bool {
        self.block.output == kind as u32
    }

    /// The slice that holds `member`.
    #[must_use]
    pub fn slice_of(&self, member: u32) -> Option<&(usize, u32, BlockRecord)> {
        let after = self.slices.partition_point(|(_, _, b)| b.first <= member);
        self.slices.get(after.checked_sub(1)?).filter(|(_, _, b)| member - b.first < b.count)
    }
}

/// Keys of some members of a population.
#[derive(Clone, Copy, Debug)]
pub struct KeyRange {
    /// First key.
    pub key: u32,
    /// Number of keys.
    pub count: u32,
    /// Position of the population.
    pub population: usize,
    /// Member of the first key.
    pub first: u32,
}

/// A record, gathered over cores.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Position of the population.
    pub population: usize,
    /// State slot; `None` for spikes.
    pub state: Option<u32>,
    /// Period in ticks.
    pub every: u32,
    /// Members, ascending.
    pub members: Vec<u32>,
}

/// An image, gathered.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    /// The image.
    pub image: ImageView<'a>,
    /// Its cores.
    pub cores: Vec<CoreView<'a>>,
    /// Its populations; their numbers are positions.
    pub populations: Vec<Population>,
    /// Keys of all members, ascending.
    pub keys: Vec<KeyRange>,
    /// Records; their numbers are positions.
    pub records: Vec<Record>,
    /// Names and units, if the image has them.
    pub description: Option<Description>,
}

impl<'a> Network<'a> {
    /// Gathers a checked image.
    ///
    /// # Errors
    /// When a core is not sound, or slices of a population do not fit together.
    pub fn new(image: &ImageView<'a>) -> Result<Self, EngineError> {
        let description = image.section(SectionKind::Description, 0).and_then(|words| Description::from_words(words).ok());
        let numbers: Vec<u32> = image.entries().filter(|e| e.kind == SectionKind::Core as u32).map(|e| e.id).collect();
        let open = |core: u32| CoreView::new_checked(*image, core).map_err(|error| EngineError::Core { core, error });
        let cores = numbers.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let populations = populations(&cores)?;
        let mut network =
            Network { image: *image, keys: keys(&populations), cores, populations, records: Vec::new(), description };
        network.records = network.gather_records()?;
        Ok(network)
    }

    /// Population and member of a key.
    #[must_use]
    pub fn member_of_key(&self, key: u32) -> Option<(usize, u32)> {
        let after = self.keys.partition_point(|range| range.key <= key);
        let range = self.keys.get(after.checked_sub(1)?).filter(|range| key - range.key < range.count)?;
        Some((range.population, range.first + (key - range.key)))
    }

    /// Ticks that `ticks` logical ticks take.
    #[must_use]
    pub fn hardware_ticks(&self, ticks: u64) -> u64 {
        let latency = self.populations.iter().map(|p| p.block.latency).max().unwrap_or(0);
        if ticks == 0 { 0 } else { ticks + u64::from(latency) }
    }

    /// Neurons and synapses.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        let neurons = self.populations.iter().filter(|p| p.kind() == BlockKind::Neurons).map(|p| u64::from(p.size)).sum();
        let groups = self.cores.iter().flat_map(|core| (0..core.head().groups).filter_map(|at| core.group(at)));
        (neurons, groups.map(|g| u64::from(g.synapses)).sum())
    }

    fn gather_records(&self) -> Result<Vec<Record>, EngineError> {
        let mut records: BTreeMap<u32, Record> = BTreeMap::new();
        for core in &self.cores {
            for r in (0..core.head().records).filter_map(|at| core.record(at)) {
                let Some(block) = core.block(r.block) else { continue };
                let merged = records.entry(r.record).or_insert_with(|| Record {
                    population: block.population as usize,
                    state: (r.kind == RecordKind::State as u32).then_some(r.state),
                    every: r.every,
                    members: Vec::new(),
                });
                if merged.population != block.population as usize || merged.every != r.every {
                    return Err(EngineError::Inconsistent { population: block.population });
                }
                merged.members.extend(members(core, &r, &block));
            }
        }
        let named = self.description.as_ref().map_or(0, |d| d.records.len());
        let length = records.last_key_value().map_or(0, |(number, _)| *number as usize + 1).max(named);
        if length > self.populations.len().saturating_mul(1 << 16) {
            return Err(EngineError::TooLarge);
        }
        let mut all = vec![Record::default(); length];
        for (number, mut record) in records {
            record.members.sort_unstable();
            record.members.dedup();
            all[number as usize] = record;
        }
        Ok(all)
    }
}

/// Members, by index in the population, that a core records.
fn members(core: &CoreView<'_>, record: &RecordRecord, block: &BlockRecord) -> Vec<u32> {
    let lanes: Vec<u32> = match record.lanes_at {
        NONE => (0..block.count).collect(),
        at => core.data_at(at, record.lanes).unwrap_or(&[]).to_vec(),
    };
    lanes.into_iter().map(|lane| block.first + lane).collect()
}

fn populations(cores: &[CoreView<'_>]) -> Result<Vec<Population>, EngineError> {
    let mut by_number: BTreeMap<u32, Vec<(usize, u32, BlockRecord)>> = BTreeMap::new();
    for (at, core) in cores.iter().enumerate() {
        for (position, block) in (0..).zip(core.blocks()) {
            by_number.entry(block.population).or_default().push((at, position, block));
        }
    }
    let mut populations = Vec::new();
    for (expected, (number, mut slices)) in (0..).zip(by_number) {
        slices.sort_by_key(|(_, _, block)| block.first);
        let inconsistent = EngineError::Inconsistent { population: number };
        let size = slices.iter().try_fold(0, |end, (_, _, b)| (b.first == end).then_some(end + b.count));
        let (Some((_, _, first)), Some(size)) = (slices.first().copied(), size) else { return Err(inconsistent) };
        if number != expected || slices.iter().any(|(_, _, b)| common(b) != common(&first)) {
            return Err(inconsistent);
        }
        populations.push(Population { block: first, size, slices });
    }
    Ok(populations)
}

/// What slices of a population must agree in.
fn common(b: &BlockRecord) -> [u32; 11] {
    [b.population, b.kind, b.latency, b.program, b.stream, b.output, b.states, b.params, b.narrow, b.wide, b.modulators]
}

fn keys(populations: &[Population]) -> Vec<KeyRange> {
    let mut keys: Vec<KeyRange> = Vec::new();
    for (population, p) in populations.iter().enumerate() {
        let emitting = p.slices.iter().filter(|(_, _, b)| b.output != EventKind::None as u32);
        keys.extend(emitting.map(|(_, _, b)| KeyRange { key: b.key, count: b.count, population, first: b.first }));
    }
    keys.sort_by_key(|range| range.key);
    keys
}
