//! What a circuit takes of a many-core machine: cores, links, tables, memory, and what limits the tick.

use bouton_compiler::many_core::Mapped;
use bouton_compiler::mapping::board::NO_CHIP;
use bouton_compiler::pipeline::Compiled;
use bouton_compiler::table::Id;
use bouton_targets::machine::{LINK_NAMES, Machine};
use serde_json::{Value, json};

/// A machine with a circuit on it.
#[derive(Clone, Debug)]
pub struct MachineReport {
    /// Its chips, by number.
    pub chips: Vec<ChipReport>,
    /// Its populations, in the circuit's order.
    pub populations: Vec<PopulationReport>,
    /// Entries that a table may have.
    pub most_entries: u64,
    /// Cycles that a core has for a tick; `None` without limit.
    pub tick_cycles: Option<f64>,
    /// Bytes of a core's own memory.
    pub core_bytes: Option<u64>,
    /// Bytes of a chip's shared memory.
    pub shared_bytes: Option<u64>,
    /// Packets that a link carries in a tick: on a board, between boards.
    pub link_packets: Option<(f64, f64)>,
    /// Estimate of the power of the boards, W: idle, cores, packets.
    pub power_w: Option<[f64; 3]>,
}

/// A chip.
#[derive(Clone, Debug)]
pub struct ChipReport {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// First chip of its board.
    pub board: (u16, u16),
    /// Cores that circuits may have.
    pub free_cores: u16,
    /// Cores in use.
    pub cores: Vec<CoreReport>,
    /// Entries of its table.
    pub entries: u64,
    /// Bytes of shared memory in use.
    pub shared_bytes: u64,
    /// By link: expected packets in a tick, where the link works.
    pub links: [Option<f64>; 6],
}

/// A core.
#[derive(Clone, Debug)]
pub struct CoreReport {
    /// Its number in the image.
    pub core: usize,
    /// Its number on the chip.
    pub processor: u16,
    /// Population, first member, number of members, of each slice.
    pub slices: Vec<(usize, u32, u32)>,
    /// Expected cycles of a tick.
    pub cycles: f64,
    /// Bytes of its own memory.
    pub memory_bytes: u64,
}

/// A population.
#[derive(Clone, Debug)]
pub struct PopulationReport {
    /// Its name.
    pub name: String,
    /// Number of its slices.
    pub slices: usize,
    /// Members of each but the last.
    pub per_slice: u32,
    /// What keeps slices from being larger.
    pub bound_by: String,
    /// Chips that it is on, ascending.
    pub chips: Vec<usize>,
}

impl MachineReport {
    /// Gathers it; `memory_bytes` is that of each core, by number.
    #[must_use]
    pub fn of(compiled: &Compiled, mapped: &Mapped, machine: &Machine, memory_bytes: &[u32]) -> MachineReport {
        let tick_s = compiled.graph.tick_s;
        let mut chips = chips(mapped);
        add_cores(&mut chips, compiled, mapped, memory_bytes);
        add_packets(&mut chips, mapped);
        let limits = compiled.partition.limits;
        let link_packets = machine.links.map(|links| {
            let between = links.board_packets_per_s.unwrap_or(links.packets_per_s);
            (links.packets_per_s as f64 * tick_s, between as f64 * tick_s)
        });
        let populations = populations(compiled, &chips);
        MachineReport {
            power_w: power(machine, &chips, &limits, tick_s),
            chips,
            populations,
            most_entries: mapped.board.router_entries.into(),
            tick_cycles: limits.cycles.is_finite().then_some(limits.cycles),
            core_bytes: machine.processor.circuit_bytes,
            shared_bytes: machine.shared_bytes,
            link_packets,
        }
    }

    /// Load of the busiest core, table, shared memory and link, as shares of what there is.
    #[must_use]
    pub fn fullest(&self) -> [(&'static str, Option<f64>); 5] {
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        let cores = || self.chips.iter().flat_map(|c| &c.cores);
        let cycles = self.tick_cycles.map(|all| most(&mut cores().map(|c| c.cycles / all)));
        let memory = self.core_bytes.map(|all| most(&mut cores().map(|c| c.memory_bytes as f64 / all as f64)));
        let shared = self.shared_bytes.map(|all| most(&mut self.chips.iter().map(|c| c.shared_bytes as f64 / all as f64)));
        let links = self
            .link_packets
            .map(|(on_board, _)| most(&mut self.chips.iter().flat_map(|c| c.links).flatten().map(|packets| packets / on_board)));
        let tables = most(&mut self.chips.iter().map(|c| c.entries as f64 / self.most_entries as f64));
        [
            ("time of a tick", cycles),
            ("memory of a core", memory),
            ("shared memory of a chip", shared),
            ("routing table", Some(tables)),
            ("link on a board", links),
        ]
    }

    /// The stable form.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let core = |c: &CoreReport| {
            let slices: Vec<Value> = c
                .slices
                .iter()
                .map(|(population, first, count)| json!({"population": population, "first": first, "count": count}))
                .collect();
            json!({"core": c.core, "processor": c.processor, "slices": slices, "cycles": c.cycles, "memory_bytes": c.memory_bytes})
        };
        let chip = |c: &ChipReport| {
            let links: serde_json::Map<String, Value> = LINK_NAMES
                .iter()
                .zip(c.links)
                .filter_map(|(name, packets)| packets.map(|p| ((*name).to_string(), json!(p))))
                .collect();
            json!({"x": c.x, "y": c.y, "board": [c.board.0, c.board.1], "free_cores": c.free_cores,
                   "cores": c.cores.iter().map(core).collect::<Vec<_>>(), "table_entries": c.entries,
                   "shared_bytes": c.shared_bytes, "packets_per_tick": links})
        };
        let population = |p: &PopulationReport| {
            json!({"name": p.name, "slices": p.slices, "members_per_slice": p.per_slice, "bound_by": p.bound_by,
                   "chips": p.chips})
        };
        let fullest: serde_json::Map<String, Value> =
            self.fullest().into_iter().map(|(what, share)| (what.replace(' ', "_"), json!(share))).collect();
        json!({
            "tick_cycles": self.tick_cycles, "core_bytes": self.core_bytes, "shared_bytes": self.shared_bytes,
            "table_entries": self.most_entries, "link_packets_per_tick": self.link_packets.map(|(on, between)| [on, between]),
            "power_w": self.power_w.map(|[idle, cores, packets]| json!({"idle": idle, "cores": cores, "packets": packets})),
            "fullest": fullest, "populations": self.populations.iter().map(population).collect::<Vec<_>>(),
            "chips": self.chips.iter().map(chip).collect::<Vec<_>>(),
        })
    }
}

fn chips(mapped: &Mapped) -> Vec<ChipReport> {
    let chip = |(at, chip): (usize, &bouton_compiler::mapping::BoardChip)| ChipReport {
        x: chip.x,
        y: chip.y,
        board: chip.board,
        free_cores: chip.cores,
        cores: Vec::new(),
        entries: mapped.mapping.tables.get(at).map_or(0, |table| table.len() as u64),
        shared_bytes: 0,
        links: mapped.board.neighbours[at].map(|to| (to != NO_CHIP).then_some(0.0)),
    };
    mapped.board.chips.iter().enumerate().map(chip).collect()
}

fn add_cores(chips: &mut [ChipReport], compiled: &Compiled, mapped: &Mapped, memory_bytes: &[u32]) {
    let partition = &compiled.partition;
    for ((core, slices), (vertex, site)) in partition.cores.iter().zip(mapped.mapping.placement.iter()) {
        let Some(chip) = chips.get_mut(site.chip as usize) else { continue };
        let slice = |id: &bouton_compiler::partition::SliceId| {
            let slice = partition.slices[*id];
            (slice.population.index(), slice.first, slice.count)
        };
        chip.cores.push(CoreReport {
            core: core.index(),
            processor: mapped.placement[core].processor,
            slices: slices.iter().map(slice).collect(),
            cycles: partition.cycles[core],
            memory_bytes: memory_bytes.get(core.index()).copied().unwrap_or(0).into(),
        });
        chip.shared_bytes += mapped.graph.graph.vertices[vertex].shared_bytes;
    }
    chips.iter_mut().for_each(|chip| chip.cores.sort_by_key(|core| core.processor));
}

/// Expected packets over every link.
fn add_packets(chips: &mut [ChipReport], mapped: &Mapped) {
    for (id, net) in mapped.graph.graph.nets.iter() {
        for node in mapped.mapping.routes.of(id) {
            let Some(chip) = chips.get_mut(node.chip as usize) else { continue };
            for (_, packets) in chip.links.iter_mut().enumerate().filter(|(d, _)| node.links >> d & 1 == 1) {
                *packets = Some(packets.unwrap_or(0.0) + net.rate);
            }
        }
    }
}

fn populations(compiled: &Compiled, chips: &[ChipReport]) -> Vec<PopulationReport> {
    let mut on: Vec<Vec<usize>> = vec![Vec::new(); compiled.graph.populations.len()];
    for (at, chip) in chips.iter().enumerate() {
        for (population, ..) in chip.cores.iter().flat_map(|core| &core.slices) {
            if on[*population].last() != Some(&at) {
                on[*population].push(at);
            }
        }
    }
    let one =
        |((id, population), chips): ((bouton_compiler::circuit::PopId, &bouton_compiler::spike_graph::SpikePopulation), _)| {
            PopulationReport {
                name: population.name.clone(),
                slices: compiled.partition.slices_of(id).count(),
                per_slice: compiled.partition.per_slice(id),
                bound_by: compiled.partition.bindings[id].to_string(),
                chips,
            }
        };
    compiled.graph.populations.iter().zip(on).map(one).collect()
}

/// Idle boards with a circuit on them, what busy cores add, and what packets add, W.
fn power(machine: &Machine, chips: &[ChipReport], limits: &bouton_compiler::partition::Limits, tick_s: f64) -> Option<[f64; 3]> {
    let energy = machine.energy?;
    let mut boards: Vec<_> = chips.iter().filter(|c| !c.cores.is_empty()).map(|c| c.board).collect();
    boards.sort_unstable();
    boards.dedup();
    let busy: f64 = chips.iter().flat_map(|c| &c.cores).map(|c| (c.cycles / limits.cycles).min(1.0)).sum();
    let packets: f64 = chips.iter().flat_map(|c| c.links).flatten().sum();
    let ticks_per_s = 1.0 / tick_s;
    Some([
        boards.len() as f64 * energy.idle_board_w,
        busy * energy.active_core_w,
        packets * ticks_per_s * energy.packet_hop_nj * 1e-9,
    ])
}
