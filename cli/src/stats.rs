//! `--stats`: what a run did and cost, as stable JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// What is written. The keys are public and stay.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Ticks that were run.
    pub ticks: u32,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// Number of neurons and inputs.
    pub neurons: u64,
    /// Number of synapses.
    pub synapses: u64,
    /// Spikes of each population, recorded or not.
    pub spikes: Vec<(String, u64)>,
    /// Events that arrived at a synapse's target.
    pub synaptic_events: u64,
    /// Values that were cut to the range of their state.
    pub saturations: u64,
    /// Seconds of each pass, in order, `run` among them.
    pub wall_s: Vec<(&'static str, f64)>,
    /// Threads of the engine.
    pub threads: usize,
    /// Its name.
    pub engine: &'static str,
    /// What a machine with routers did.
    pub machine: Option<Value>,
}

impl Stats {
    /// The text of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut value = json!({
            "ticks": self.ticks,
            "tick_s": self.tick_s,
            "neurons": self.neurons,
            "synapses": self.synapses,
            "spikes": object(&self.spikes),
            "synaptic_events": self.synaptic_events,
            "saturations": self.saturations,
            "wall_s": object(&self.wall_s),
            "peak_rss_bytes": peak_rss_bytes(),
            "threads": self.threads,
            "engine": self.engine,
        });
        if let (Some(machine), Some(keys)) = (&self.machine, value.as_object_mut()) {
            keys.insert("machine".into(), machine.clone());
        }
        format!("{value:#}\n")
    }
}

fn object<K: ToString, V: Serialize>(entries: &[(K, V)]) -> Value {
    let entry = |(key, value): &(K, V)| (key.to_string(), json!(value));
    Value::Object(entries.iter().map(entry).collect::<Map<String, Value>>())
}

/// The most memory that this process held; `None` where the system does not say.
#[must_use]
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_that_were_promised() {
        let stats = Stats {
            ticks: 10,
            tick_s: 1e-4,
            neurons: 3,
            synapses: 2,
            spikes: vec![("e".into(), 7), ("i".into(), 0)],
            synaptic_events: 5,
            saturations: 0,
            wall_s: vec![("lower", 0.25), ("run", 0.5)],
            threads: 2,
            engine: "flat",
            machine: None,
        };
        let value: Value = serde_json::from_str(&stats.to_json()).expect("it is JSON");
        let mut keys: Vec<&str> = value.as_object().expect("it is an object").keys().map(String::as_str).collect();
        keys.sort_unstable();
        let promised = "engine neurons peak_rss_bytes saturations spikes synapses synaptic_events threads tick_s ticks wall_s";
        assert_eq!(keys.join(" "), promised);
        assert_eq!((&value["spikes"]["e"], &value["wall_s"]["run"]), (&json!(7), &json!(0.5)));
        assert!(!cfg!(target_os = "linux") || value["peak_rss_bytes"].as_u64().is_some_and(|bytes| bytes > 100_000));
    }
}
