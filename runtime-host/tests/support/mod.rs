//! Random circuits, and images of them under random partitions.

use bouton_targets::generate::{Delay, Law, Members, Pattern, Recipe, Weight, WeightFormat};
use bouton_targets::image::{
    AlignedBytes, BlockKind, BlockRecord, BroadcastRecord, CoreBuilder, EventKind, FabricBuilder, GroupKind, GroupRecord,
    ImageBuilder, ModulatorRecord, NONE, RecordKind, RecordRecord, SectionKind, SourceRecord, lag_and_residual, pack_synapse,
    slice_bits,
};
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::{OwnedLookup, Program};
use bouton_targets::random::{Purpose, Seed, word};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers for tests.
pub struct Dice(u64, u32);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed, 0)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u32) -> u32 {
        self.1 += 1;
        word(Seed(self.0), Purpose::Connect, 0, 0, self.1, 0) % n
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

pub struct Pop {
    pub kind: BlockKind,
    pub size: u32,
    pub latency: u32,
    pub output: EventKind,
    pub program: Program,
    pub states: Vec<Vec<i32>>,
    pub params: Vec<Vec<i32>>,
    pub narrow: u32,
    pub wide: u32,
    /// (Population, member, state, delay, initial).
    pub modulators: Vec<(usize, u32, u32, u32, i32)>,
    pub spikes: Vec<(u32, u32)>,
    pub signal: Vec<i32>,
}

/// (Source member, target member, receptor, delay, weight).
pub type Synapse = (u32, u32, u32, u32, i16);

/// Population, state (none for spikes), period, members (none for all).
pub type Recorded = (usize, Option<u32>, u32, Option<Vec<u32>>);

pub struct Projection {
    pub source: usize,
    pub target: usize,
    pub synapses: Vec<Synapse>,
    /// What they were made of, and their receptor.
    pub recipe: Option<(Recipe<'static>, u32)>,
}

pub struct Circuit {
    pub seed: u64,
    pub pops: Vec<Pop>,
    pub projections: Vec<Projection>,
    pub records: Vec<Recorded>,
}

pub fn i(op: Op, dst: u8, a: u8, b: u8, imm: i32) -> Instruction {
    Instruction { op, dst, a, b, imm }
}

fn random_program(dice: &mut Dice, pop: &Pop) -> Program {
    let mut code = vec![i(Op::LoadState, 0, 0, 0, 0), i(Op::LoadState, 1, 0, 0, 1), i(Op::Random, 2, 0, 0, dice.below(6) as i32)];
    code.push(i(Op::Normal, 3, 0, 0, 7));
    code.push(i(Op::LoadParam, 4, 0, 0, 0));
    code.push(if pop.narrow > 0 { i(Op::LoadNarrow, 5, 0, 0, 0) } else { i(Op::Constant, 5, 0, 0, 3) });
    code.push(if pop.narrow > 1 { i(Op::LoadNarrow, 6, 0, 0, 1) } else { i(Op::Constant, 6, 0, 0, -9) });
    code.push(if pop.wide > 0 { i(Op::LoadWide, 7, 0, 0, 5 << 8) } else { i(Op::Constant, 7, 0, 0, 77) });
    code.push(if pop.modulators.is_empty() { i(Op::Constant, 8, 0, 0, 5) } else { i(Op::LoadModulator, 8, 0, 0, 0) });
    let free: Vec<Op> = Op::ALL.iter().copied().filter(|op| *op as u8 >= 0x10 && (*op as u8) < 0x50).collect();
    for step in 0..14 {
        let op = free[dice.below(free.len() as u32) as usize];
        let (a, b) = (dice.below(9 + step) as u8, dice.below(9 + step) as u8);
        let (mut dst, mut b, mut imm) = ((9 + step) as u8, b, dice.below(1 << 20) as i32 - (1 << 19));
        match op {
            Op::Multiply | Op::ShiftRight | Op::ShiftLeft | Op::ShiftLeftSaturating => imm = dice.below(20) as i32,
            Op::Divide => imm = dice.below(16) as i32,
            Op::MultiplyConstant => b = 10 + dice.below(10) as u8,
            Op::MultiplyAdd => {
                b = 10 + dice.below(10) as u8;
                code.push(i(Op::Move, dst, dice.below(9) as u8, 0, 0));
            }
            Op::Saturate | Op::Clip | Op::Lookup | Op::Steps => imm = 0,
            Op::Select => {
                code.push(i(Op::GreaterEqual, dst, a, b, 0));
                code.push(i(op, dst, dst, a, i32::from(b)));
                continue;
            }
            _ => {}
        }
        code.push(i(op, dst, a, b, imm));
        dst += 1;
        let _ = dst;
    }
    let (x, y) = (9 + dice.below(14) as u8, 9 + dice.below(14) as u8);
    code.extend([
        i(Op::Add, 23, x, 5, 0),
        i(Op::Add, 23, 23, 7, 0),
        i(Op::Saturate, 23, 23, 0, 0),
        i(Op::Add, 24, y, 6, 0),
        i(Op::StoreState, 0, 23, 0, 0),
        i(Op::StoreState, 0, 24, 0, 1),
        i(Op::GreaterEqualConstant, 25, 2, 0, i32::MAX / 100 * 93),
    ]);
    match pop.output {
        EventKind::Spike => code.push(i(Op::EmitSpike, 0, 25, 0, 0)),
        EventKind::Graded => code.push(i(Op::EmitValue, 0, 23, 25, 0)),
        EventKind::None => {}
    }
    let table = OwnedLookup { low: -4096, high: 4095, shift: 12, slope_shift: 9, entries: vec![[-7, 300], [5000, -200]] };
    Program { instructions: code, ranges: vec![[-60_000, 50_000]], tables: vec![table], steps: vec![vec![-500, 0, 9, 4000]] }
}

fn values(dice: &mut Dice, size: u32) -> Vec<i32> {
    let uniform = dice.chance(30).then(|| dice.below(2000) as i32 - 1000);
    (0..size).map(|_| uniform.unwrap_or_else(|| dice.below(2000) as i32 - 1000)).collect()
}

fn random_pop(dice: &mut Dice, before: &[Pop]) -> Pop {
    let kind = match dice.below(9) {
        0 => BlockKind::SpikeList,
        1 => BlockKind::Signal,
        2 => BlockKind::LiveSpikes,
        3 => BlockKind::LiveGraded,
        _ => BlockKind::Neurons,
    };
    let size = [1, 1 + dice.below(20), 1 + dice.below(300)][dice.below(3) as usize];
    let output = match kind {
        BlockKind::SpikeList | BlockKind::LiveSpikes => EventKind::Spike,
        BlockKind::Signal | BlockKind::LiveGraded => EventKind::Graded,
        BlockKind::Neurons => [EventKind::Spike, EventKind::Spike, EventKind::Graded, EventKind::None][dice.below(4) as usize],
    };
    let mut pop = Pop {
        kind,
        size,
        latency: if dice.chance(30) { dice.below(4) } else { 0 },
        output,
        program: Program::default(),
        states: Vec::new(),
        params: Vec::new(),
        narrow: 0,
        wide: 0,
        modulators: Vec::new(),
        spikes: Vec::new(),
        signal: Vec::new(),
    };
    match kind {
        BlockKind::Neurons => {
            pop.states = vec![values(dice, size), values(dice, size)];
            pop.params = vec![values(dice, size)];
            pop.narrow = dice.below(3);
            pop.wide = dice.below(2);
            let senders: Vec<usize> = (0..before.len()).filter(|p| before[*p].kind == BlockKind::Neurons).collect();
            if !senders.is_empty() && dice.chance(50) {
                let from = senders[dice.below(senders.len() as u32) as usize];
                pop.modulators.push((from, dice.below(before[from].size), dice.below(2), 1 + dice.below(5), 4321));
            }
            pop.program = random_program(dice, &pop);
        }
        BlockKind::SpikeList => {
            let all: BTreeSet<(u32, u32)> = (0..40).map(|_| (dice.below(60), dice.below(size))).collect();
            pop.spikes = all.into_iter().collect();
        }
        BlockKind::Signal => pop.signal = values(dice, size * 20),
        _ => {}
    }
    pop
}

fn listed(dice: &mut Dice, (sources, targets): (u32, u32), receptors: u32) -> Vec<Synapse> {
    let longest = 1 + dice.below(7);
    let random = |_| {
        let weight = dice.below(2000) as i16 - 1000;
        (dice.below(sources), dice.below(targets), dice.below(receptors), 1 + dice.below(longest), weight)
    };
    (0..(sources * 5).min(1500)).map(random).collect()
}

fn random_recipe(dice: &mut Dice, (sources, targets): (u32, u32)) -> Recipe<'static> {
    let pattern = match dice.below(5) {
        0 => Pattern::OneToOne,
        1 => Pattern::FixedIn { k: dice.below(10) },
        2 => Pattern::FixedInMultiple { k: dice.below(10) },
        3 => Pattern::FixedTotal { first: dice.below(3), counts: &[3, 0, 7, 1, 12, 5, 2, 9] },
        _ => Pattern::random(0.1),
    };
    let (from, to) = (dice.below(sources), dice.below(targets));
    let delay = match dice.below(2) {
        0 => Delay::Ticks(1 + dice.below(7)),
        _ => Delay::Drawn(Law::Uniform { low: 1.0, high: 7.0 }, None),
    };
    Recipe {
        seed: Seed(7),
        stream: dice.below(9),
        sources: Members { first: from, count: 1 + dice.below(sources - from) },
        targets: Members { first: to, count: 1 + dice.below(targets - to) },
        pattern,
        no_self: dice.chance(50),
        weight: Weight::Drawn(Law::Normal { mean: 100.0, std: 500.0 }, None),
        format: WeightFormat { frac: 0, bits: 16 },
        delay,
        ticks_per_second: 1.0,
        extra: 0,
    }
}

/// The synapses of a recipe.
fn made(recipe: &Recipe<'_>, receptor: u32, targets: u32) -> Vec<Synapse> {
    let mut scratch = vec![0; recipe.scratch_words()];
    let mut synapses = Vec::new();
    for target in 0..targets {
        let visit = |source, weight, delay| synapses.push((source, target, receptor, delay, weight));
        recipe.column(target, &mut scratch, visit).expect("it is sound");
    }
    synapses
}

pub fn random_circuit(seed: u64) -> Circuit {
    let mut dice = Dice::new(seed);
    let mut pops = Vec::new();
    for _ in 0..2 + dice.below(6) {
        pops.push(random_pop(&mut dice, &pops));
    }
    let mut projections = Vec::new();
    for source in 0..pops.len() {
        for target in 0..pops.len() {
            let receptors = match pops[source].output {
                EventKind::Spike => pops[target].narrow,
                EventKind::Graded => pops[target].wide,
                EventKind::None => 0,
            };
            if receptors == 0 || dice.chance(20) {
                continue;
            }
            let sizes = (pops[source].size, pops[target].size);
            let recipe = dice.chance(50).then(|| (random_recipe(&mut dice, sizes), dice.below(receptors)));
            let synapses = match &recipe {
                Some((recipe, receptor)) => made(recipe, *receptor, sizes.1),
                None => listed(&mut dice, sizes, receptors),
            };
            projections.push(Projection { source, target, synapses, recipe });
        }
    }
    let mut records = Vec::new();
    for (at, pop) in pops.iter().enumerate() {
        let some = |dice: &mut Dice| {
            let all: BTreeSet<u32> = (0..3).map(|_| dice.below(pop.size)).collect();
            all.into_iter().collect()
        };
        if pop.output == EventKind::Spike {
            let members = dice.chance(30).then(|| some(&mut dice));
            records.push((at, None, 1, members));
        }
        if pop.kind == BlockKind::Neurons {
            let members = dice.chance(60).then(|| some(&mut dice));
            records.push((at, Some(dice.below(2)), 1 + dice.below(4), members));
        }
    }
    Circuit { seed: seed ^ 0xB001, pops, projections, records }
}

/// A slice: population, first member, count, core.
type Cut = (usize, u32, u32, usize);

/// The keys of a population whose slices have `per_slice` members each.
fn source_of(circuit: &Circuit, population: usize, per_slice: u32) -> SourceRecord {
    let pop = &circuit.pops[population];
    let key = (population as u32) << 12;
    let slice_bits = slice_bits(per_slice);
    SourceRecord { key, count: pop.size, per_slice, slice_bits, kind: pop.output as u32, ..SourceRecord::default() }
}

fn broadcast_key(of: &(usize, u32, u32, u32, i32)) -> u32 {
    0x8000_0000 | (of.0 as u32) << 14 | of.1 << 2 | of.2
}

/// Cuts populations and deals the parts to `cores` cores: at random places, or into equal slices whose keys have gaps. Gives the
/// parts, and the keys of each population.
fn random_cuts(circuit: &Circuit, cores: usize, dice: &mut Dice) -> (Vec<Cut>, Vec<SourceRecord>) {
    let (mut cuts, mut keys) = (Vec::new(), Vec::new());
    for (at, pop) in circuit.pops.iter().enumerate() {
        let equal = (cores > 1 && dice.chance(50)).then(|| 1 + dice.below(pop.size));
        keys.push(source_of(circuit, at, equal.unwrap_or(pop.size)));
        let mut first = 0;
        while first < pop.size {
            let rest = pop.size - first;
            let count = match equal {
                Some(per_slice) => per_slice.min(rest),
                None if cores == 1 || dice.chance(40) => rest,
                None => 1 + dice.below(rest),
            };
            cuts.push((at, first, count, dice.below(cores as u32) as usize));
            first += count;
        }
    }
    (cuts, keys)
}

pub fn image(circuit: &Circuit, cores: usize, partition: u64) -> AlignedBytes {
    let mut dice = Dice::new(partition);
    let (cuts, keys) = random_cuts(circuit, cores, &mut dice);
    let mut image = ImageBuilder::default();
    for (at, pop) in circuit.pops.iter().enumerate() {
        if pop.kind == BlockKind::Neurons {
            image.section(SectionKind::Program, at as u32, pop.program.to_words());
        }
    }
    let mut heard: BTreeMap<u32, (u32, Vec<u32>)> = BTreeMap::new();
    for core in 0..cores {
        let blocks: Vec<Cut> = cuts.iter().copied().filter(|cut| cut.3 == core).collect();
        let builder = core_of(circuit, core, (&blocks, &keys), &mut dice);
        for (source, member) in builder.sources.iter().flat_map(|s| (0..s.count).map(move |member| (s, member))) {
            let key = source.key_of(member).expect("small");
            heard.entry(key).or_insert((1, Vec::new())).1.push(core as u32);
        }
        image.section(SectionKind::Core, core as u32, builder.finish());
    }
    let mut fabric = FabricBuilder::default();
    for (key, (count, cores)) in heard {
        fabric.route(key, count, &cores);
    }
    image.section(SectionKind::Fabric, 0, fabric.finish());
    image.finish().expect("small")
}

fn core_of(circuit: &Circuit, core: usize, (blocks, keys): (&[Cut], &[SourceRecord]), dice: &mut Dice) -> CoreBuilder {
    let mut b = CoreBuilder::default();
    (b.core, b.seed) = (core as u32, Seed(circuit.seed));
    let rings: Vec<u32> = blocks.iter().map(|_| 1 + dice.below(9)).collect();
    let mut sources: BTreeMap<u32, SourceRecord> = BTreeMap::new();
    let mut wanted: Vec<(&Projection, usize, Vec<Synapse>)> = Vec::new();
    for projection in &circuit.projections {
        let Projection { source, target, synapses, .. } = projection;
        for (at, (_, first, count, _)) in blocks.iter().enumerate().filter(|(_, cut)| cut.0 == *target) {
            let here = synapses.iter().filter(|s| (*first..first + count).contains(&s.1));
            let here: Vec<Synapse> = here.map(|s| (s.0, s.1 - first, s.2, s.3, s.4)).collect();
            if here.is_empty() {
                continue;
            }
            let longest = here.iter().map(|s| lag_and_residual(s.3, rings[at]).0).max().unwrap_or(0);
            let entry = sources.entry(keys[*source].key).or_insert(keys[*source]);
            entry.depth = entry.depth.max(longest + dice.below(2));
            wanted.push((projection, at, here));
        }
    }
    for m in blocks.iter().flat_map(|cut| &circuit.pops[cut.0].modulators) {
        let key = broadcast_key(m);
        let entry = sources.entry(key).or_insert(SourceRecord::contiguous(key, 1, EventKind::Graded as u32, 0));
        entry.depth = entry.depth.max(m.3);
    }
    b.sources.extend(sources.into_values());
    for (cut, ring) in blocks.iter().zip(&rings) {
        add_block(circuit, &mut b, cut, (*ring, &keys[cut.0]));
    }
    for (projection, at, synapses) in wanted {
        let written = add_group(circuit, &mut b, (projection.source, keys[projection.source].key), at as u32, &synapses);
        // Written out, or as the recipe that they were made of.
        let group = match &projection.recipe {
            Some((recipe, receptor)) if dice.chance(60) => {
                let words = recipe.part(blocks[at].1, blocks[at].2).to_words();
                let (length, recipe_at) = (words.len() as u32, b.data(words));
                GroupRecord { kind: GroupKind::Generated as u32, recipe_at, recipe: length, receptor: *receptor, ..written }
            }
            _ => written,
        };
        b.groups.push(group);
    }
    add_records(circuit, &mut b, blocks);
    b
}

fn add_block(circuit: &Circuit, b: &mut CoreBuilder, &(at, first, count, _): &Cut, (ring, keys): (u32, &SourceRecord)) {
    let pop = &circuit.pops[at];
    let (from, to) = (first as usize, (first + count) as usize);
    let first_array = b.arrays.len() as u32;
    for values in pop.states.iter().chain(&pop.params) {
        b.array(&values[from..to]);
    }
    let first_modulator = b.modulators.len() as u32;
    for m in &pop.modulators {
        let source = b.sources.iter().position(|s| s.key == broadcast_key(m)).expect("there") as u32;
        b.modulators.push(ModulatorRecord { source, delay: m.3, initial: m.4 as u32 });
    }
    let first_broadcast = b.broadcasts.len() as u32;
    let mut sent = BTreeSet::new();
    for m in circuit.pops.iter().flat_map(|p| &p.modulators).filter(|m| m.0 == at && (first..first + count).contains(&m.1)) {
        if sent.insert(broadcast_key(m)) {
            b.broadcasts.push(BroadcastRecord { state: m.2, lane: m.1 - first, key: broadcast_key(m) });
        }
    }
    let input: Vec<u32> = match pop.kind {
        BlockKind::SpikeList => {
            let here = pop.spikes.iter().filter(|(_, m)| (first..first + count).contains(m));
            here.flat_map(|(t, m)| [*t, m - first]).collect()
        }
        BlockKind::Signal => pop.signal.chunks(pop.size as usize).flat_map(|row| &row[from..to]).map(|v| *v as u32).collect(),
        _ => Vec::new(),
    };
    let input_words = input.len() as u32;
    let input_at = b.data(input);
    b.blocks.push(BlockRecord {
        population: at as u32,
        first,
        count,
        kind: pop.kind as u32,
        latency: pop.latency,
        program: if pop.kind == BlockKind::Neurons { at as u32 } else { NONE },
        stream: at as u32 + 100,
        key: keys.key_of(first).expect("small"),
        output: pop.output as u32,
        first_array,
        states: pop.states.len() as u32,
        params: pop.params.len() as u32,
        narrow: pop.narrow,
        wide: pop.wide,
        ring,
        first_modulator,
        modulators: pop.modulators.len() as u32,
        first_broadcast,
        broadcasts: sent.len() as u32,
        input_at,
        input_words,
    });
}

fn add_group(
    circuit: &Circuit,
    b: &mut CoreBuilder,
    (source, key): (usize, u32),
    block: u32,
    synapses: &[Synapse],
) -> GroupRecord {
    let at = b.sources.iter().position(|s| s.key == key).expect("there") as u32;
    let BlockRecord { count, narrow, wide, ring, .. } = b.blocks[block as usize];
    let sums = count * if circuit.pops[source].output == EventKind::Spike { narrow } else { wide };
    let lags: BTreeSet<u32> = synapses.iter().map(|s| lag_and_residual(s.3, ring).0).collect();
    let (mut rows, mut words) = (vec![0], Vec::new());
    for lag in &lags {
        for member in 0..circuit.pops[source].size {
            let row = synapses.iter().map(|s| (s, lag_and_residual(s.3, ring))).filter(|(s, of)| s.0 == member && of.0 == *lag);
            words.extend(row.map(|(s, of)| pack_synapse((of.1 * sums + s.2 * count + s.1) as u16, s.4)));
            rows.push(words.len() as u32);
        }
    }
    GroupRecord {
        source: at,
        block,
        lags: lags.len() as u32,
        synapses: words.len() as u32,
        lags_at: b.data(lags),
        rows_at: b.data(rows),
        synapses_at: b.data(words),
        ..GroupRecord::default()
    }
}

fn add_records(circuit: &Circuit, b: &mut CoreBuilder, blocks: &[Cut]) {
    for (record, (population, state, every, members)) in (0..).zip(&circuit.records) {
        for (block, (_, first, count, _)) in (0..).zip(blocks).filter(|(_, cut)| cut.0 == *population) {
            let (mut lanes_at, mut lanes) = (NONE, *count);
            if let Some(members) = members {
                let here: Vec<u32> = members.iter().filter(|m| (*first..first + count).contains(m)).map(|m| m - first).collect();
                lanes = here.len() as u32;
                lanes_at = b.data(here);
            }
            let kind = if state.is_some() { RecordKind::State } else { RecordKind::Spikes } as u32;
            b.records.push(RecordRecord { record, block, kind, state: state.unwrap_or(0), every: *every, lanes_at, lanes });
        }
    }
}
