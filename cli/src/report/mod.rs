//! What an image is, for people and programs: `compile --report`, `inspect`.

mod board;
mod machine;

use crate::failure::Failure;
use crate::wording::{aligned, count, seconds};
use bouton_compiler::pipeline::Compiled;
use bouton_targets::image::{BlockKind, Description, ImageError, ImageView, SectionKind};
use bouton_targets::machine::Machine;
use machine::{MachineReport, PopulationReport};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Version of the JSON; it changes when a key changes its meaning or goes away.
const VERSION: u32 = 1;

/// Formats of reports, by the end of the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For programs.
    Json,
    /// For people.
    Html,
}

impl Format {
    /// The format of a file.
    ///
    /// # Errors
    /// When its name says neither.
    pub fn of(path: &Path) -> Result<Format, Failure> {
        let end = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        match end.as_str() {
            "json" => Ok(Format::Json),
            "html" | "htm" => Ok(Format::Html),
            _ => Err(Failure::Usage(format!("--report {}: the name must end in .json or .html", path.display()))),
        }
    }
}

/// What is told of an image.
#[derive(Clone, Debug)]
pub struct Report {
    description: Description,
    bytes: usize,
    hash: String,
    sections: Vec<(&'static str, u32, u32)>,
    timings: Vec<(&'static str, f64)>,
    machine: Option<MachineReport>,
}

/// The description of an image.
///
/// # Errors
/// When there is none that can be read.
pub fn description(image: &ImageView<'_>) -> Result<Description, Failure> {
    let words = image
        .section(SectionKind::Description, 0)
        .ok_or_else(|| Failure::Input("error: the image has no description section".to_string()))?;
    Description::from_words(words).map_err(|e| Failure::Input(format!("error: the image's description does not decode: {}", e.0)))
}

/// Says that a file is not a sound image, and why.
pub fn unsound(path: &Path, error: ImageError) -> Failure {
    Failure::Input(format!("error: {} is not a sound board image: {error}", path.display()))
}

impl Report {
    /// The report of an image's bytes, and of how long its passes took (none for an image that was read).
    ///
    /// # Errors
    /// When the bytes are not a sound image.
    pub fn of(path: &Path, bytes: &[u8], timings: &[(&'static str, f64)]) -> Result<Report, Failure> {
        let image = ImageView::new_checked(bytes).map_err(|e| unsound(path, e))?;
        let hash = image.header().hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let kind = |kind: u32| match kind {
            k if k == SectionKind::Description as u32 => "description",
            k if k == SectionKind::Program as u32 => "program",
            k if k == SectionKind::Core as u32 => "core",
            k if k == SectionKind::Fabric as u32 => "fabric",
            k if k == SectionKind::Router as u32 => "router",
            _ => "unknown",
        };
        let sections = image.entries().map(|e| (kind(e.kind), e.id, e.length)).collect();
        Ok(Report {
            description: description(&image)?,
            bytes: bytes.len(),
            hash,
            sections,
            timings: timings.to_vec(),
            machine: None,
        })
    }

    /// The same with what it takes of the machine that it was compiled for, if that has routers.
    #[must_use]
    pub fn with_machine(mut self, compiled: &Compiled, machine: &Machine) -> Report {
        let memory: Vec<u32> = self.description.cores.iter().map(|c| c.memory_bytes).collect();
        self.machine = compiled.mapped.as_ref().map(|mapped| MachineReport::of(compiled, mapped, machine, &memory));
        self
    }

    fn members(&self) -> u64 {
        self.description.populations.iter().map(|p| u64::from(p.size())).sum()
    }

    /// One line.
    #[must_use]
    pub fn summary(&self) -> String {
        let d = &self.description;
        let slower = if d.time_scale == 1.0 { String::new() } else { format!(", {} times slower than real time", d.time_scale) };
        format!(
            "{} for {}, {}, {}, {}, {}{slower}",
            d.circuit,
            d.target,
            count(self.members(), "neuron"),
            count(d.synapses, "synapse"),
            count(d.cores.len() as u64, "core"),
            bytes(self.bytes as u64)
        )
    }

    /// The report as a file.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => self.to_json(),
            Format::Html => self.to_html(),
        }
    }

    /// The stable form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let d = &self.description;
        let populations: Vec<Value> = d
            .populations
            .iter()
            .map(|p| {
                let states: Vec<Value> =
                    p.states.iter().map(|s| json!({"name": s.name, "unit": s.unit, "fraction_bits": s.frac})).collect();
                json!({"name": p.name, "model": p.model, "shape": p.shape, "kind": kind_name(p.kind), "key": p.key,
                       "latency": p.latency, "states": states})
            })
            .collect();
        let cores: Vec<Value> = d
            .cores
            .iter()
            .map(|c| json!({"x": c.x, "y": c.y, "processor": c.processor, "memory_bytes": c.memory_bytes}))
            .collect();
        let sections: Vec<Value> =
            self.sections.iter().map(|(kind, id, bytes)| json!({"kind": kind, "id": id, "bytes": bytes})).collect();
        let timings: serde_json::Map<String, Value> =
            self.timings.iter().map(|(pass, s)| ((*pass).to_string(), json!(s))).collect();
        let value = json!({
            "version": VERSION, "circuit": d.circuit, "target": d.target, "tick_s": d.tick_s, "time_scale": d.time_scale, "seed": d.seed,
            "synapses": d.synapses, "image_bytes": self.bytes, "sha256": self.hash, "populations": populations,
            "cores": cores, "sections": sections, "wall_s": timings, "machine": self.machine.as_ref().map(MachineReport::to_json),
        });
        format!("{value:#}\n")
    }

    /// Tables for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let d = &self.description;
        let mut out = format!("{}\ntick {}, seed {}, sha256 {}\n", self.summary(), seconds(d.tick_s), d.seed, self.hash);
        for (title, rows) in self.tables() {
            let _ = write!(out, "\n{title}\n{}", aligned(&rows));
        }
        out
    }

    /// A page.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut body = format!(
            "<h1>{}</h1>\n<p>{}<br>tick {}, seed {}<br><code>sha256 {}</code></p>\n",
            escape(&self.description.circuit),
            escape(&self.summary()),
            seconds(self.description.tick_s),
            self.description.seed,
            self.hash
        );
        if let Some(machine) = &self.machine {
            body.push_str(&machine_html(machine));
        }
        self.tables().iter().for_each(|(title, rows)| body.push_str(&table_html(title, rows)));
        let title = escape(&self.description.circuit);
        format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\n{STYLE}\n<body>\n{body}</body></html>\n"
        )
    }

    /// Titles with rows, the first of which is the head.
    fn tables(&self) -> Vec<(&'static str, Vec<Vec<String>>)> {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let d = &self.description;
        let mut populations = vec![row(&["name", "kind", "model", "neurons", "states (fraction bits)"])];
        populations.extend(d.populations.iter().map(|p| {
            let states: Vec<String> = p.states.iter().map(|s| format!("{} ({})", s.name, s.frac)).collect();
            row(&[&p.name, kind_name(p.kind), &p.model, &p.size().to_string(), &states.join(", ")])
        }));
        let mut cores = vec![row(&["core", "chip", "processor", "memory", "image"])];
        let sections: BTreeMap<u32, u32> =
            self.sections.iter().filter(|(kind, ..)| *kind == "core").map(|(_, id, bytes)| (*id, *bytes)).collect();
        cores.extend(d.cores.iter().enumerate().map(|(at, c)| {
            let section = sections.get(&(at as u32)).copied().unwrap_or(0);
            let chip = format!("{},{}", c.x, c.y);
            row(&[&at.to_string(), &chip, &c.processor.to_string(), &bytes(c.memory_bytes.into()), &bytes(section.into())])
        }));
        let mut tables = vec![("populations", populations), ("cores", cores)];
        if !self.timings.is_empty() {
            let mut passes = vec![row(&["pass", "time"])];
            passes.extend(self.timings.iter().map(|(pass, s)| row(&[pass, &format!("{:.3} ms", s * 1e3)])));
            tables.push(("passes", passes));
        }
        tables
    }
}

/// The part of the page about the machine: what is fullest, the board, what limits each population.
fn machine_html(machine: &MachineReport) -> String {
    let mut out = String::from("<h2>what is fullest</h2>\n<div class=\"gauges\">\n");
    for (what, share) in machine.fullest() {
        let Some(share) = share else { continue };
        let _ = writeln!(
            out,
            "<div><b>{:.1} %</b><span>{what}</span><i style=\"width:{:.1}%\"></i></div>",
            100.0 * share,
            100.0 * share.min(1.0)
        );
    }
    if let Some([idle, cores, packets]) = machine.power_w {
        let all = idle + cores + packets;
        let _ = writeln!(out, "<div><b>{all:.1} W</b><span>{idle:.1} idle, {cores:.1} cores, {packets:.3} packets</span></div>");
    }
    out.push_str("</div>\n<h2>board</h2>\n<p class=\"modes\" role=\"group\" aria-label=\"what the colour shows\">");
    for (mode, label) in MODES {
        let _ = write!(out, "<button data-mode=\"{mode}\">{label}</button>");
    }
    out.push_str("</p>\n<div class=\"board\">");
    out.push_str(&board::svg(machine));
    out.push_str("</div>\n");
    let head = ["population", "slices", "neurons in each", "limited by", "chips"].map(String::from);
    let row = |p: &PopulationReport| {
        [p.name.clone(), p.slices.to_string(), p.per_slice.to_string(), p.bound_by.clone(), p.chips.len().to_string()]
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(machine.populations.iter().map(row)).map(Vec::from).collect();
    out.push_str(&table_html("what limits the slices of a population", &rows));
    out.push_str(SCRIPT);
    out
}

/// A table with its title; the first row is the head.
fn table_html(title: &str, rows: &[Vec<String>]) -> String {
    let mut out = format!("<h2>{title}</h2>\n<div class=\"scroll\"><table>\n");
    for (at, row) in rows.iter().enumerate() {
        let tag = if at == 0 { "th" } else { "td" };
        let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out.push_str("</table></div>\n");
    out
}

/// What the colour of a chip may show: attribute and label.
const MODES: [(&str, &str); 4] =
    [("load", "busiest core"), ("memory", "core memory"), ("shared", "shared memory"), ("table", "routing table")];

const SCRIPT: &str = "<script>{const buttons=document.querySelectorAll('[data-mode]');const show=mode=>{document.querySelectorAll('.chip').\
forEach(chip=>chip.querySelector('.fill').setAttribute('fill-opacity',chip.dataset[mode]));buttons.forEach(b=>b.setAttribute('aria-pressed',\
b.dataset.mode===mode))};buttons.forEach(b=>b.onclick=()=>show(b.dataset.mode));show('load')}</script>\n";

const STYLE: &str = "<style>:root{color-scheme:light dark;--ink:light-dark(#1f242b,#e4e7eb);--dim:light-dark(#5c646e,#9aa3ad);\
--line:light-dark(#dbdee2,#3a4048);--paper:light-dark(#ffffff,#16191d);--accent:light-dark(#0b63c4,#6cb2ff);--warm:light-dark(#b4540a,#ffab66)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}\
h1{font-size:1.5rem}h2{margin-top:2rem;font-size:1.1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;\
padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}th{color:var(--dim);font-weight:500}\
code{color:var(--dim);overflow-wrap:anywhere}.scroll{overflow-x:auto}.gauges{display:grid;grid-template-columns:repeat(auto-fit,\
minmax(9rem,1fr));gap:.8rem}.gauges div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;position:relative;\
overflow:hidden}.gauges b{display:block;font-size:1.3rem}.gauges span{color:var(--dim);font-size:.85rem}.gauges i{position:absolute;\
left:0;bottom:0;height:4px;background:var(--accent)}.board{overflow:auto;border:1px solid var(--line);border-radius:.5rem}.board svg\
{display:block;width:100%;min-width:20rem;height:auto}.frame{fill:var(--paper);stroke:var(--line)}.frame.first{stroke:var(--ink)}\
.fill{fill:var(--accent)}.chip circle{fill:var(--ink)}.chip text{font:600 9px system-ui;text-anchor:middle;fill:var(--ink)}.link\
{stroke:var(--warm)}.modes{display:flex;flex-wrap:wrap;gap:.4rem}button{font:inherit;min-height:2.6rem;padding:.3rem .9rem;\
border:1px solid var(--line);border-radius:2rem;background:none;color:var(--ink)}button[aria-pressed=true]{background:var(--accent);\
color:var(--paper);border-color:var(--accent)}</style>";

fn kind_name(kind: u32) -> &'static str {
    match kind {
        k if k == BlockKind::Neurons as u32 => "neurons",
        k if k == BlockKind::SpikeList as u32 => "spikes",
        k if k == BlockKind::Signal as u32 => "signal",
        k if k == BlockKind::LiveSpikes as u32 => "live spikes",
        k if k == BlockKind::LiveGraded as u32 => "live graded",
        _ => "unknown",
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..=9_999 => format!("{count} B"),
        10_000..=9_999_999 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
