//! Gathers slices on cores: those that talk to each other first, no core fuller than needed.

use super::cut::Limits;
use super::{CoreCost, CoreId, Slice, SliceId, Sources};
use crate::circuit::PopId;
use crate::spike_graph::SpikeGraph;
use crate::table::{Id, Table};
use std::collections::BTreeMap;

/// Part of a core beyond which a slice does not look for company: it is taken in only when it is next in the circuit.
const SMALL: f64 = 0.5;

/// How often the load of the fullest core is halved in search of the least that needs no more cores.
const BALANCE_STEPS: u32 = 8;

/// What gathering reads.
#[derive(Clone, Copy)]
pub(super) struct Packer<'a> {
    pub graph: &'a SpikeGraph,
    pub sources: &'a Sources,
    pub slices: &'a Table<SliceId, Slice>,
    /// Cycles of a tick that each slice costs.
    pub cycles: &'a Table<SliceId, f64>,
    /// Cycles of a tick that a core costs whatever is on it.
    pub core_cycles: f64,
    pub limits: &'a Limits,
}

/// Who may join whom, the same for every filling.
struct Company {
    /// By population those that it talks to, with the numbers of synapses.
    neighbours: Table<PopId, BTreeMap<PopId, u64>>,
    /// By population its small slices.
    small: Table<PopId, Vec<SliceId>>,
}

/// A core that is being filled.
#[derive(Clone, Default)]
struct Bin {
    slices: Vec<SliceId>,
    cost: CoreCost,
    neurons: u64,
    cycles: f64,
}

impl Packer<'_> {
    /// As few cores as a greedy filling finds, then the least load of the fullest core that needs no more of them.
    pub fn run(&self) -> Table<CoreId, Vec<SliceId>> {
        if self.limits.neurons == u64::MAX && self.limits.bytes == u64::MAX && self.limits.cycles.is_infinite() {
            return std::iter::once(self.slices.ids().collect()).filter(|all: &Vec<_>| !all.is_empty()).collect();
        }
        let company = self.company();
        let mut best = self.fill(self.limits.cycles, &company);
        if self.limits.cycles.is_finite() {
            let heaviest = self.cycles.values().iter().copied().fold(0.0, f64::max);
            let (mut low, mut high) = (heaviest + self.core_cycles, self.limits.cycles);
            for _ in 0..BALANCE_STEPS {
                let middle = low + (high - low) / 2.0;
                let cores = self.fill(middle, &company);
                if cores.len() <= best.len() {
                    (best, high) = (cores, middle);
                } else {
                    low = middle;
                }
            }
        }
        best.into_iter().collect()
    }

    /// By population the populations that it sends to or hears, with the numbers of synapses.
    fn neighbours(&self) -> Table<PopId, BTreeMap<PopId, u64>> {
        let mut all: Table<PopId, BTreeMap<PopId, u64>> = self.graph.populations.ids().map(|_| BTreeMap::new()).collect();
        for p in self.graph.projections.iter().filter(|p| p.source != p.target) {
            *all[p.source].entry(p.target).or_default() += p.synapses.total();
            *all[p.target].entry(p.source).or_default() += p.synapses.total();
        }
        all
    }

    /// What slices look for company among.
    fn company(&self) -> Company {
        let mut small: Table<PopId, Vec<SliceId>> = self.graph.populations.ids().map(|_| Vec::new()).collect();
        self.slices.iter().filter(|(id, _)| self.is_small(*id)).for_each(|(id, slice)| small[slice.population].push(id));
        Company { neighbours: self.neighbours(), small }
    }

    fn fill(&self, cycles: f64, company: &Company) -> Vec<Vec<SliceId>> {
        let mut waiting: Vec<bool> = vec![true; self.slices.len()];
        let mut cores = Vec::new();
        for first in self.slices.ids() {
            if !waiting[first.index()] {
                continue;
            }
            let mut bin = Bin { cycles: self.core_cycles, ..Bin::default() };
            let mut wanted: BTreeMap<SliceId, u64> = BTreeMap::new();
            let mut next = Some(first);
            while let Some(slice) = next {
                waiting[slice.index()] = false;
                wanted.remove(&slice);
                self.add(&mut bin, slice);
                for (population, synapses) in &company.neighbours[self.slices[slice].population] {
                    for other in company.small[*population].iter().filter(|s| waiting[s.index()]) {
                        *wanted.entry(*other).or_default() += synapses;
                    }
                }
                next = self.next(&bin, cycles, &mut wanted, &waiting);
            }
            bin.slices.sort_unstable();
            cores.push(bin.slices);
        }
        cores
    }

    /// The slice that the bin shares most synapses with and that fits, or else the next of the circuit if it fits.
    fn next(&self, bin: &Bin, cycles: f64, wanted: &mut BTreeMap<SliceId, u64>, waiting: &[bool]) -> Option<SliceId> {
        while let Some((slice, _)) = wanted.iter().max_by_key(|(slice, synapses)| (**synapses, std::cmp::Reverse(**slice))) {
            let slice = *slice;
            if self.fits(bin, cycles, slice) {
                return Some(slice);
            }
            wanted.remove(&slice);
        }
        let last = bin.slices.last()?.index();
        let following = (last + 1..waiting.len()).find(|at| waiting[*at]).map(SliceId::from_index)?;
        self.fits(bin, cycles, following).then_some(following)
    }

    fn is_small(&self, id: SliceId) -> bool {
        let slice = &self.slices[id];
        f64::from(slice.count) <= SMALL * self.limits.neurons as f64 && self.cycles[id] <= SMALL * self.limits.cycles && {
            let mut cost = CoreCost::default();
            cost.add(self.graph, self.sources, slice);
            cost.bytes() as f64 <= SMALL * self.limits.bytes as f64
        }
    }

    fn fits(&self, bin: &Bin, cycles: f64, id: SliceId) -> bool {
        let slice = &self.slices[id];
        if bin.neurons + u64::from(slice.count) > self.limits.neurons || bin.cycles + self.cycles[id] > cycles {
            return false;
        }
        if self.limits.bytes == u64::MAX {
            return true;
        }
        let mut together = bin.cost.clone();
        together.add(self.graph, self.sources, slice);
        together.bytes() <= self.limits.bytes
    }

    fn add(&self, bin: &mut Bin, id: SliceId) {
        let slice = &self.slices[id];
        bin.cost.add(self.graph, self.sources, slice);
        bin.neurons += u64::from(slice.count);
        bin.cycles += self.cycles[id];
        bin.slices.push(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::partition::Options;
    use crate::partition::testing::run_alone;
    use crate::spike_graph::{Raw, SpikeGraph, testing};
    use crate::table::Id;
    use bouton_targets::machine::Machine;

    fn cores(graph: &SpikeGraph, neurons_per_core: u32) -> Vec<Vec<usize>> {
        let machine = Machine::named("spinn5").expect("it is listed").expect("it is sound");
        let options = Options { neurons_per_core: Some(neurons_per_core), ..Options::default() };
        let partition = run_alone(graph, &machine, &options).expect("it fits");
        let population = |slice: &crate::partition::SliceId| partition.slices[*slice].population.index();
        partition.cores.values().iter().map(|slices| slices.iter().map(population).collect()).collect()
    }

    #[test]
    fn populations_that_talk_to_each_other_share_a_core() {
        let mut graph = testing::empty();
        let all: Vec<_> = (0..4).map(|_| testing::counters(&mut graph, 10, Raw::Uniform(0))).collect();
        testing::project(&mut graph, all[0], all[3], &[(0, 0, 1, 1), (1, 1, 1, 1)]);
        testing::project(&mut graph, all[1], all[2], &[(0, 0, 1, 1)]);
        assert_eq!(cores(&graph, 20), [[0, 3], [1, 2]]);
    }

    #[test]
    fn cores_are_no_fuller_than_needed() {
        let mut graph = testing::empty();
        (0..6).for_each(|_| _ = testing::counters(&mut graph, 16, Raw::Uniform(0)));
        // Five fit a core, so there are two of them: three and three, not five and one.
        assert_eq!(cores(&graph, 80), [[0, 1, 2], [3, 4, 5]]);
    }
}
