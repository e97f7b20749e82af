//! What has to be routed: nets from one chip to the same chips are one job.
//!
//! Takes: graph, placement.  Gives: [`Jobs`].
//! Invariants: targets of a job are distinct and ascending, its source's chip is not among them.
//! Cost: O(runs of consecutive targets on one chip); a population of 15 slices on a chip is looked at once.
//! Source: own.

use super::links::Links;
use crate::mapping::board::NO_CHIP;
use crate::mapping::{Board, MachineGraph, Placement};
use crate::table::Id;

/// Jobs, in order of their first net.
pub(super) struct Jobs {
    /// Jobs.
    pub(super) all: Vec<Job>,
    /// Target chips of all jobs.
    targets: Vec<u32>,
    /// By net the number of its job.
    pub(super) of_net: Vec<u32>,
}

/// A tree to be found.
pub(super) struct Job {
    /// Chip of the sources.
    pub(super) source: u32,
    /// Where its target chips are in [`Jobs::targets`].
    range: (u32, u32),
    /// Packets in a tick, of all its nets.
    pub(super) rate: f64,
    /// Number of its nets.
    pub(super) nets: u32,
}

impl Jobs {
    /// Gathers the jobs of a graph.
    pub(super) fn gather(graph: &MachineGraph, board: &Board, placement: &Placement) -> Jobs {
        let chip_of: Vec<u32> = placement.values().iter().map(|site| site.chip).collect();
        let mut run_end = vec![0u32; chip_of.len()];
        for v in (0..chip_of.len()).rev() {
            let goes_on = v + 1 < chip_of.len() && chip_of[v + 1] == chip_of[v];
            run_end[v] = if goes_on { run_end[v + 1] } else { v as u32 };
        }
        let mut jobs = Jobs { all: Vec::new(), targets: Vec::new(), of_net: Vec::with_capacity(graph.nets.len()) };
        let mut of_source: Vec<Vec<(u64, u32)>> = vec![Vec::new(); board.chips.len()];
        let (mut last_net, mut chips) = (vec![0u32; board.chips.len()], Vec::new());
        for (number, net) in (1..).zip(graph.nets.values()) {
            let source = chip_of[net.source.index()];
            chips.clear();
            last_net[source as usize] = number;
            for (first, last) in graph.ranges_of(net) {
                let mut v = *first;
                while v <= *last {
                    let chip = chip_of[v as usize];
                    if last_net[chip as usize] != number {
                        last_net[chip as usize] = number;
                        chips.push(chip);
                    }
                    v = run_end[v as usize] + 1;
                }
            }
            chips.sort_unstable();
            let job = jobs.job(&mut of_source[source as usize], source, &chips);
            jobs.all[job as usize].rate += net.rate;
            jobs.all[job as usize].nets += 1;
            jobs.of_net.push(job);
        }
        jobs
    }

    /// The job from a source to these chips, made if there is none.
    fn job(&mut self, known: &mut Vec<(u64, u32)>, source: u32, chips: &[u32]) -> u32 {
        let hash = chips.iter().fold(0u64, |h, c| (h ^ u64::from(*c)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
        let same = known.iter().find(|(h, job)| *h == hash && self.targets(*job as usize) == chips);
        if let Some((_, job)) = same {
            return *job;
        }
        let first = self.targets.len() as u32;
        self.targets.extend_from_slice(chips);
        let job = self.all.len() as u32;
        self.all.push(Job { source, range: (first, self.targets.len() as u32), rate: 0.0, nets: 0 });
        known.push((hash, job));
        job
    }

    /// No trees can keep the highest load below this: of all chips the most packets in a tick that have to come in by one of its
    /// links.
    pub(super) fn least_load(&self, links: &Links) -> f64 {
        let mut comes_in = vec![0.0; links.into.len()];
        for (at, job) in self.all.iter().enumerate() {
            self.targets(at).iter().for_each(|chip| comes_in[*chip as usize] += job.rate);
        }
        let sides = |row: &[u32; 6]| row.iter().filter(|chip| **chip != NO_CHIP).count().max(1) as f64;
        comes_in.iter().zip(&links.into).map(|(rate, row)| rate / sides(row)).fold(0.0, f64::max)
    }

    /// Target chips of a job.
    pub(super) fn targets(&self, job: usize) -> &[u32] {
        let (first, end) = self.all[job].range;
        &self.targets[first as usize..end as usize]
    }
}
