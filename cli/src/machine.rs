//! `--engine machine`: its options, and what it says of a machine's chips, cores and packets.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::wording::{count, seconds};
use bouton_runtime_host::machine::{Hardware, MachineOptions, MachineStats};
use bouton_targets::image::Description;
use bouton_targets::machine::Machine;
use clap::Args;
use serde_json::{Map, Value, json};
use std::str::FromStr;

/// Both wait registers of a router.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RouterWait {
    wait1: u8,
    wait2: u8,
}

impl FromStr for RouterWait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let byte = |text: &str| {
            let number = match text.trim().strip_prefix("0x") {
                Some(digits) => u8::from_str_radix(digits, 16),
                None => text.trim().parse(),
            };
            number.map_err(|_| format!("`{text}` is not a byte, as in 0x4f or 79"))
        };
        let (wait1, wait2) = text.split_once(':').unwrap_or((text, "0"));
        Ok(RouterWait { wait1: byte(wait1)?, wait2: byte(wait2)? })
    }
}

/// Options of the machine engine. They count for images of machines with routers.
#[derive(Args, Debug)]
pub struct MachineArguments {
    /// Packets take no time: nothing is dropped or late, nothing is estimated
    ///
    /// For `--engine machine`. Faster; packets go by the same tables.
    #[arg(long)]
    no_timing: bool,

    /// How long a router lets a blocked packet wait before it drops it, as the byte of its register
    ///
    /// For `--engine machine`. In the routers' encoding: 0x40 is 240 clocks of the router, 0x4f 480. A second byte after a colon
    /// is the time of emergency routing, which has to mean 0 clocks: it is not modelled, and boards run without it. Default: 0x4f, what
    /// the monitors that send again set; without them what the machine boots with.
    #[arg(long, value_name = "BYTE[:BYTE]")]
    router_wait: Option<RouterWait>,

    /// Dropped packets are lost, as on a machine without monitors that send them again
    ///
    /// For `--engine machine`.
    #[arg(long)]
    no_reinjection: bool,

    /// Ticks last as long as they may, by clocks that wait for nobody
    ///
    /// For `--engine machine`: a tick lasts `--time-scale` times its length in the circuit
    /// (default: what the image was compiled for). What comes after the next tick has
    /// begun is late, as on a board, and can change results: it is counted. Default: every tick lasts until all is done, and the
    /// summary says how much longer than real time that was.
    #[arg(long)]
    keep_time: bool,

    /// Packets a second over every link, in place of the machine's
    ///
    /// For `--engine machine`. Few of them provoke congestion.
    #[arg(long, value_name = "PACKETS_PER_S")]
    link_rate: Option<f64>,
}

impl MachineArguments {
    /// What they ask for.
    ///
    /// # Errors
    /// When one is given that the engine does not have.
    pub fn options(&self, engine: Engine, description: &Description, time_scale: Option<f64>) -> Result<MachineOptions, Failure> {
        let given = [
            ("--no-timing", self.no_timing),
            ("--router-wait", self.router_wait.is_some()),
            ("--no-reinjection", self.no_reinjection),
            ("--keep-time", self.keep_time),
            ("--link-rate", self.link_rate.is_some()),
        ];
        if let Some((option, _)) = given.iter().find(|(_, given)| *given && engine == Engine::Flat) {
            return Err(Failure::Usage(format!("{option} needs --engine machine: the flat engine has no routers and no clocks")));
        }
        let default = MachineOptions::default();
        if engine == Engine::Flat {
            return Ok(default);
        }
        let machine = Machine::named(&description.target).and_then(Result::ok);
        let booted = machine.as_ref().and_then(|m| m.router?.wait1).filter(|_| self.no_reinjection);
        Ok(MachineOptions {
            timed: !self.no_timing,
            wait1: self.router_wait.map(|wait| wait.wait1).or(booted).unwrap_or(default.wait1),
            wait2: self.router_wait.map_or(default.wait2, |wait| wait.wait2),
            reinjection: !self.no_reinjection,
            time_scale: self.keep_time.then_some(time_scale.unwrap_or(description.time_scale)),
            link_rate: self.link_rate,
            hardware: machine.map_or(default.hardware, |machine| Hardware::of(&machine)),
        })
    }
}

/// The `machine` object of `--stats`.
#[must_use]
pub fn json(stats: &MachineStats, ticks: u64, description: &Description) -> Value {
    let chips = stats.chips.iter().map(|c| {
        json!({
            "x": c.x, "y": c.y, "packets": c.routed, "default_routed": c.default_routed, "dropped": c.dropped,
            "reinjected": c.reinjected, "lost": c.lost, "links": c.links, "busiest_link": c.busiest_link,
        })
    });
    let cores = stats.cores.iter().map(|c| {
        let chip = stats.chips.get(c.chip as usize).copied().unwrap_or_default();
        let mean = c.cycles as f64 / ticks.max(1) as f64;
        json!({
            "x": chip.x, "y": chip.y, "position": c.position, "busiest_cycles": c.busiest, "mean_cycles": mean, "overruns": c.overruns,
        })
    });
    let traffic = |p: &bouton_runtime_host::machine::TrafficStats| json!({"dropped": p.dropped, "lost": p.lost, "late": p.late});
    let names = description.populations.iter().map(|p| p.name.clone());
    let populations: Map<String, Value> = names.zip(stats.populations.iter().map(traffic)).collect();
    let energy = &stats.energy;
    json!({
        "timed": stats.timed,
        "chips": chips.collect::<Vec<_>>(),
        "cores": cores.collect::<Vec<_>>(),
        "populations": populations,
        "unheard": stats.unheard,
        "astray": stats.astray,
        "tick_s": stats.tick_s,
        "seconds": stats.seconds,
        "slowest_tick_s": stats.slowest_tick_s,
        "energy_j": {
            "chips": energy.chips_j, "cores": energy.cores_j, "packets": energy.packets_j, "boards": energy.boards_j,
            "total": energy.total_j(),
        },
    })
}

/// What a person has to know: what was lost, late, dropped, or took too long. Nothing otherwise.
#[must_use]
pub fn summary(stats: &MachineStats, description: &Description) -> String {
    let mut out = String::new();
    let mut say = |line: String| out += &(line + "\n");
    if stats.dropped() > 0 {
        let again = format!("{} dropped by routers, {} sent again", count(stats.dropped(), "packet"), stats.reinjected());
        say(again);
    }
    if stats.lost() > 0 {
        say(format!("{} never came: results can differ from those without congestion", count(stats.lost(), "event")));
    }
    if stats.late() > 0 {
        say(format!(
            "{} came after its tick: results can differ; a larger --time-scale gives more time",
            count(stats.late(), "event")
        ));
    }
    if stats.astray > 0 {
        say(format!("{} left the tables' ways: over a link that does not work, or in a circle", count(stats.astray, "packet")));
    }
    if stats.overruns() > 0 {
        let slowest = stats.slowest_tick_s / stats.tick_s;
        let cores = stats.cores.iter().filter(|c| c.overruns > 0).count() as u64;
        say(format!(
            "{} did not finish every tick in {}; the slowest tick took {slowest:.1} times that (estimated)",
            count(cores, "core"),
            seconds(stats.tick_s)
        ));
    }
    let worst = stats.populations.iter().zip(&description.populations).filter(|(t, _)| t.lost + t.late > 0);
    for (traffic, population) in worst {
        say(format!("  {}: {} lost, {} late", population.name, traffic.lost, traffic.late));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_bytes() {
        let wait = |text: &str| text.parse::<RouterWait>().ok().map(|w| (w.wait1, w.wait2));
        assert_eq!(["0x4f", "79", "0x40:0x10"].map(wait), [Some((0x4F, 0)), Some((79, 0)), Some((0x40, 0x10))]);
        assert_eq!(["256", "0x", "0x4f:", ""].map(wait), [None; 4]);
    }

    #[test]
    fn a_calm_machine_needs_no_words() {
        let mut stats =
            MachineStats { populations: vec![Default::default()], chips: vec![Default::default()], ..Default::default() };
        let description = Description {
            populations: vec![bouton_targets::image::PopulationDescription { name: "e".into(), ..Default::default() }],
            ..Description::default()
        };
        assert_eq!(summary(&stats, &description), "");
        stats.populations[0].lost = 3;
        stats.chips[0].dropped = 1;
        let text = summary(&stats, &description);
        assert!(text.contains("1 packet dropped by routers") && text.contains("3 events never came"), "{text}");
        assert!(text.contains("  e: 3 lost, 0 late"), "{text}");
    }
}
