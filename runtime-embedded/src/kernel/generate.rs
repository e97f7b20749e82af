//! Generate: the rows of groups that come as recipes, made once when the core is loaded.
//!
//! Two passes over the columns of a block's members: how long each row is, then the synapses. Every core makes its own columns and
//! nothing else, so a board makes all its synapses at once, and an image holds none of them.

use super::KernelError;
use bouton_targets::generate::Recipe;
use bouton_targets::image::{BlockRecord, CoreView, EventKind, GroupKind, GroupRecord, SourceRecord, pack_synapse};

/// Makes the rows of all generated groups in `synaptic`. `scratch` has as many words as the core's layout says.
pub(super) fn make_rows(core: &CoreView<'_>, synaptic: &mut [u32], scratch: &mut [u32]) -> Result<(), KernelError> {
    for at in 0..core.head().groups {
        let Some(group) = core.group(at).filter(|group| group.kind == GroupKind::Generated as u32) else { continue };
        make_group(core, &group, synaptic, scratch).ok_or(KernelError::Recipe { group: at })?;
    }
    Ok(())
}

/// `None` when what the recipe gives is not what the group's record says.
fn make_group(core: &CoreView<'_>, group: &GroupRecord, synaptic: &mut [u32], scratch: &mut [u32]) -> Option<()> {
    let maker = Maker::open(core, group)?;
    let length = maker.lags.len().checked_mul(maker.count)?.checked_add(1)?;
    let rest = synaptic.get_mut(group.rows_at as usize..)?;
    let (rows, rest) = rest.split_at_mut_checked(length)?;
    let synapses = rest.get_mut(..group.synapses as usize)?;
    rows.fill(0);
    maker.for_each(scratch, |row, _| {
        let length = rows.get_mut(row)?;
        *length = length.checked_add(1)?;
        Some(())
    })?;
    let mut end = 0u32;
    for start in rows.iter_mut() {
        let length = *start;
        *start = end;
        end = end.checked_add(length)?;
    }
    (end == group.synapses).then_some(())?;
    // Each start walks to the end of its row, which is the start of the next.
    maker.for_each(scratch, |row, word| {
        let cursor = rows.get_mut(row)?;
        *synapses.get_mut(*cursor as usize)? = word;
        *cursor = cursor.wrapping_add(1);
        Some(())
    })?;
    let mut start = 0;
    for row in rows.iter_mut() {
        core::mem::swap(row, &mut start);
    }
    Some(())
}

/// What makes the synapses of a group.
struct Maker<'a> {
    recipe: Recipe<'a>,
    block: BlockRecord,
    /// Members of the source.
    count: usize,
    lags: &'a [u32],
    /// Sums of a slot of the block's ring.
    sums: u32,
    /// Sum of the block's first member.
    first_sum: u32,
}

impl<'a> Maker<'a> {
    fn open(core: &CoreView<'a>, group: &GroupRecord) -> Option<Self> {
        let SourceRecord { count, kind, .. } = core.source(group.source)?;
        let block = core.block(group.block)?;
        let receptors = if kind == EventKind::Spike as u32 { block.narrow } else { block.wide };
        Some(Maker {
            recipe: core.recipe(group)?,
            count: count as usize,
            lags: core.data_at(group.lags_at, group.lags)?,
            sums: receptors.wrapping_mul(block.count),
            first_sum: group.receptor.wrapping_mul(block.count),
            block,
        })
    }

    /// Calls `f` for every synapse with its row and its word, as long as it gives something.
    fn for_each(&self, scratch: &mut [u32], mut f: impl FnMut(usize, u32) -> Option<()>) -> Option<()> {
        for lane in 0..self.block.count {
            let mut sound = true;
            let target = self.block.first.wrapping_add(lane);
            let made = self.recipe.column(target, scratch, |source, weight, delay| {
                let place = self.row_and_residual(source, delay).and_then(|(row, residual)| {
                    let sum = residual.wrapping_mul(self.sums).wrapping_add(self.first_sum).wrapping_add(lane);
                    f(row, pack_synapse(sum as u16, weight))
                });
                sound &= place.is_some();
            });
            (sound && made.is_ok()).then_some(())?;
        }
        Some(())
    }

    /// The row of a source with the longest lag that a delay has, and what remains of the delay.
    #[inline]
    fn row_and_residual(&self, source: u32, delay: u32) -> Option<(usize, u32)> {
        let beyond = delay.checked_sub(1)?;
        let at = self.lags.iter().rposition(|lag| *lag <= beyond)?;
        let residual = beyond.wrapping_sub(*self.lags.get(at)?);
        let row = at.wrapping_mul(self.count).wrapping_add(source as usize);
        (residual < self.block.ring).then_some((row, residual))
    }
}
