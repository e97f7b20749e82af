//! What must hold for the words of a core section, so that nothing that reads them later can fail.
//!
//! The time is linear in the section and its blocks' programs, whatever the words are: arrays, modulators and broadcasts belong
//! to blocks one after the other, and the words of data that records name are counted before they are looked at.

use super::core_view::{CoreError, CoreView};
use super::records::{
    ArrayRecord, BlockKind, BlockRecord, EventKind, GroupKind, GroupRecord, MAX_SUMS, NONE, RecordKind, RecordRecord,
    SourceRecord, unpack_synapse,
};
use super::{MemoryLayout, SectionKind};
use crate::generate::Recipe;
use crate::in_order;
use crate::program::{ProgramError, ProgramView, Slots};

/// Ticks that a block may run behind: a run of n ticks takes n + latency.
const MAX_LATENCY: u32 = 1 << 16;

/// How many arrays, modulators and broadcasts the blocks so far have.
#[derive(Clone, Copy, Default)]
struct Claimed {
    arrays: u32,
    modulators: u32,
    broadcasts: u32,
}

/// The end of `count` records from `first`, which must be where those of the block before end.
fn claim(first: u32, count: u32, so_far: u32) -> Option<u32> {
    if count == 0 {
        return Some(so_far);
    }
    if first == so_far { first.checked_add(count) } else { None }
}

impl CoreView<'_> {
    pub(super) fn check(&self) -> Result<(), CoreError> {
        self.check_blocks()?;
        let data = self.data_named().ok_or(CoreError::Data)?;
        if data > u64::from(self.head.data) {
            return Err(CoreError::Data);
        }
        for at in 0..self.head.blocks {
            self.block_data_is_sound(at).ok_or(CoreError::Block { at })?;
            self.check_program(at)?;
        }
        let mut groups = 0;
        for at in 0..self.head.sources {
            groups = self.source_is_sound(at, groups).ok_or(CoreError::Source { at })?;
        }
        if groups != self.head.groups {
            return Err(CoreError::Length);
        }
        for at in 0..self.head.modulators {
            self.modulator_is_sound(at).ok_or(CoreError::Modulator { at })?;
        }
        let mut synaptic = 0;
        for at in 0..self.head.groups {
            synaptic = self.group_is_sound(at, synaptic).ok_or(CoreError::Group { at })?;
        }
        if synaptic != self.head.synaptic {
            return Err(CoreError::Length);
        }
        for at in 0..self.head.records {
            self.record_is_sound(at).ok_or(CoreError::Record { at })?;
        }
        let bytes = MemoryLayout::of(self).and_then(|layout| layout.bytes()).ok_or(CoreError::TooLarge)?;
        u32::try_from(bytes).map(|_| ()).map_err(|_| CoreError::TooLarge)
    }

    fn check_blocks(&self) -> Result<(), CoreError> {
        let mut claimed = Claimed::default();
        for at in 0..self.head.blocks {
            claimed = self.block_is_sound(at, claimed).ok_or(CoreError::Block { at })?;
        }
        let Claimed { arrays, modulators, broadcasts } = claimed;
        let all = [arrays, modulators, broadcasts] == [self.head.arrays, self.head.modulators, self.head.broadcasts];
        if all { Ok(()) } else { Err(CoreError::Length) }
    }

    /// What is claimed after block `at`, if it is sound without its data.
    fn block_is_sound(&self, at: u32, claimed: Claimed) -> Option<Claimed> {
        let b = self.block(at)?;
        let kind = BlockKind::from_code(b.kind)?;
        let output = EventKind::from_code(b.output)?;
        let neurons = kind == BlockKind::Neurons;
        let emits_its_kind = match kind {
            BlockKind::Neurons => true,
            BlockKind::SpikeList | BlockKind::LiveSpikes => output == EventKind::Spike,
            BlockKind::Signal | BlockKind::LiveGraded => output == EventKind::Graded,
        };
        let places = b.narrow.max(b.wide).checked_mul(b.count)?.checked_mul(b.ring)?;
        b.first.checked_add(b.count)?;
        b.key.checked_add(b.count)?;
        let sound = b.count > 0
            && emits_its_kind
            && (b.program == NONE) != neurons
            && (neurons || b.states | b.params | b.narrow | b.wide | b.modulators | b.broadcasts == 0)
            && (1..=MAX_SUMS).contains(&b.ring)
            && places <= MAX_SUMS
            && b.latency <= MAX_LATENCY;
        let claimed = Claimed {
            arrays: claim(b.first_array, b.states.checked_add(b.params)?, claimed.arrays)?,
            modulators: claim(b.first_modulator, b.modulators, claimed.modulators)?,
            broadcasts: claim(b.first_broadcast, b.broadcasts, claimed.broadcasts)?,
        };
        let exist = claimed.arrays <= self.head.arrays
            && claimed.modulators <= self.head.modulators
            && claimed.broadcasts <= self.head.broadcasts;
        (sound && exist).then_some(claimed)
    }

    /// How many words of data the records name, once the blocks are sound.
    fn data_named(&self) -> Option<u64> {
        let mut words = 0u64;
        let mut name = |count: u32| {
            words = words.checked_add(u64::from(count))?;
            Some(())
        };
        for b in self.blocks() {
            name(b.input_words)?;
            for at in b.first_array..b.first_array.checked_add(b.states)?.checked_add(b.params)? {
                name(if self.array_record(at)?.each == 0 { 0 } else { b.count })?;
            }
        }
        for g in (0..self.head.groups).filter_map(|at| self.group(at)) {
            name(g.lags)?;
            name(g.recipe)?;
            if g.kind == GroupKind::Written as u32 {
                name(g.synapses)?;
                // A group without its source is found later, by its own check.
                name(self.rows_of(&g).unwrap_or(0))?;
            }
        }
        for r in (0..self.head.records).filter_map(|at| self.record(at)).filter(|r| r.lanes_at != NONE) {
            name(r.lanes)?;
        }
        Some(words)
    }

    /// Number of row starts of a group.
    fn rows_of(&self, group: &GroupRecord) -> Option<u32> {
        group.lags.checked_mul(self.source(group.source)?.count)?.checked_add(1)
    }

    fn block_data_is_sound(&self, at: u32) -> Option<()> {
        let b = self.block(at)?;
        for i in 0..b.states.checked_add(b.params)? {
            match self.array_record(b.first_array.checked_add(i)?)? {
                ArrayRecord { each: 0, .. } => {}
                ArrayRecord { each: 1, value } => self.data_at(value, b.count).map(|_| ())?,
                _ => return None,
            }
        }
        for i in 0..b.broadcasts {
            self.broadcast(&b, i).filter(|record| record.state < b.states && record.lane < b.count)?;
        }
        let input = self.data_at(b.input_at, b.input_words)?;
        self.input_is_sound(&b, input).then_some(())
    }

    fn input_is_sound(&self, block: &BlockRecord, words: &[u32]) -> bool {
        match BlockKind::from_code(block.kind) {
            Some(BlockKind::SpikeList) => {
                let (pairs, rest) = words.as_chunks::<2>();
                rest.is_empty() && in_order(pairs, |a, b| a < b) && pairs.iter().all(|p| p[1] < block.count)
            }
            Some(BlockKind::Signal) => words.len().is_multiple_of(block.count as usize),
            _ => words.is_empty(),
        }
    }

    fn check_program(&self, at: u32) -> Result<(), CoreError> {
        let Some(b) = self.block(at).filter(|b| b.program != NONE) else { return Ok(()) };
        let error = |error: Option<ProgramError>| CoreError::Program { block: at, error };
        let words = self.image.section(SectionKind::Program, b.program).ok_or(error(None))?;
        let slots = Slots { states: b.states, params: b.params, narrow: b.narrow, wide: b.wide, modulators: b.modulators };
        ProgramView::new_checked(words).and_then(|p| p.check_slots(slots)).map_err(|e| error(Some(e)))
    }

    /// How many groups the sources so far have, if source `at` is sound.
    fn source_is_sound(&self, at: u32, groups: u32) -> Option<u32> {
        let source = self.source(at)?;
        let free = match at.checked_sub(1) {
            Some(before) => self.source(before)?.end()?,
            None => 0,
        };
        let event = source.kind == EventKind::Spike as u32 || source.kind == EventKind::Graded as u32;
        let slices = source.slice_bits < 32 && source.per_slice > 0 && source.per_slice <= 1 << source.slice_bits;
        source.end()?;
        let first = source.first_group == groups;
        let groups = groups.checked_add(source.groups)?;
        (first && event && slices && free <= source.key && groups <= self.head.groups).then_some(groups)
    }

    fn modulator_is_sound(&self, at: u32) -> Option<()> {
        let m = self.modulator_record(at)?;
        let s = self.source(m.source)?;
        (s.kind == EventKind::Graded as u32 && s.count == 1 && (1..=s.depth).contains(&m.delay)).then_some(())
    }

    /// How many words of synaptic memory the groups so far have, if group `at` is sound.
    fn group_is_sound(&self, at: u32, synaptic: u32) -> Option<u32> {
        let g = self.group(at)?;
        let (source, block) = (self.source(g.source)?, self.block(g.block)?);
        let lags = self.data_at(g.lags_at, g.lags)?;
        let sound = at.checked_sub(source.first_group)? < source.groups
            && in_order(lags, |a, b| a < b)
            && lags.last().is_none_or(|lag| *lag <= source.depth);
        let receptors = if source.kind == EventKind::Spike as u32 { block.narrow } else { block.wide };
        let synaptic = match GroupKind::from_code(g.kind)? {
            GroupKind::Written => {
                let places = receptors.checked_mul(block.count)?.checked_mul(block.ring)?;
                self.rows_are_sound(&g, places)?;
                synaptic
            }
            GroupKind::Generated => {
                (g.receptor < receptors).then_some(())?;
                self.recipe_is_sound(&g, &source)?;
                let synapses_at = synaptic.checked_add(self.rows_of(&g)?)?;
                (g.rows_at == synaptic && g.synapses_at == synapses_at).then_some(())?;
                synapses_at.checked_add(g.synapses)?
            }
        };
        sound.then_some(synaptic)
    }

    fn rows_are_sound(&self, g: &GroupRecord, places: u32) -> Option<()> {
        let rows = self.data_at(g.rows_at, self.rows_of(g)?)?;
        let synapses = self.data_at(g.synapses_at, g.synapses)?;
        let sound = g.recipe == 0
            && g.receptor == 0
            && in_order(rows, |a, b| a <= b)
            && rows.last().is_some_and(|end| *end <= g.synapses)
            && synapses.iter().all(|word| unpack_synapse(*word).0 < places as usize);
        sound.then_some(())
    }

    fn recipe_is_sound(&self, g: &GroupRecord, source: &SourceRecord) -> Option<()> {
        let (recipe, length) = Recipe::from_words(self.data_at(g.recipe_at, g.recipe)?)?;
        let named = recipe.sources.first.checked_add(recipe.sources.count)?;
        (named <= source.count && length == g.recipe as usize).then_some(())
    }

    fn record_is_sound(&self, at: u32) -> Option<()> {
        let r: RecordRecord = self.record(at)?;
        let block = self.block(r.block)?;
        let lanes_sound = match r.lanes_at {
            NONE => r.lanes == block.count,
            lanes_at => {
                let lanes = self.data_at(lanes_at, r.lanes)?;
                in_order(lanes, |a, b| a < b) && lanes.iter().all(|lane| *lane < block.count)
            }
        };
        let kind_sound = match RecordKind::from_code(r.kind)? {
            RecordKind::Spikes => block.output == EventKind::Spike as u32,
            RecordKind::State => r.state < block.states,
        };
        (lanes_sound && kind_sound && r.every > 0).then_some(())
    }
}
