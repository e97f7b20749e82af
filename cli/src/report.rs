//! What an image is, for people and programs: `compile --report`, `inspect`.

use crate::failure::Failure;
use crate::wording::{aligned, count, seconds};
use bouton_targets::image::{BlockKind, Description, ImageError, ImageView, SectionKind};
use serde_json::{Value, json};
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
        Ok(Report { description: description(&image)?, bytes: bytes.len(), hash, sections, timings: timings.to_vec() })
    }

    fn members(&self) -> u64 {
        self.description.populations.iter().map(|p| u64::from(p.size())).sum()
    }

    /// One line.
    #[must_use]
    pub fn summary(&self) -> String {
        let d = &self.description;
        format!(
            "{} for {}, {}, {}, {}, {}",
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
            "version": VERSION, "circuit": d.circuit, "target": d.target, "tick_s": d.tick_s, "seed": d.seed,
            "synapses": d.synapses, "image_bytes": self.bytes, "sha256": self.hash, "populations": populations,
            "cores": cores, "sections": sections, "wall_s": timings,
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
        for (title, rows) in self.tables() {
            let _ = writeln!(body, "<h2>{title}</h2>\n<table>");
            for (at, row) in rows.iter().enumerate() {
                let tag = if at == 0 { "th" } else { "td" };
                let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
                let _ = writeln!(body, "<tr>{cells}</tr>");
            }
            body.push_str("</table>\n");
        }
        let title = escape(&self.description.circuit);
        format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n{STYLE}\n<body>\n{body}</body></html>\n"
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
        cores.extend(d.cores.iter().enumerate().map(|(at, c)| {
            let section = self.sections.iter().find(|(kind, id, _)| *kind == "core" && *id as usize == at);
            let section = section.map_or(0, |(_, _, bytes)| *bytes);
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

const STYLE: &str = "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem;color:#1f242b}\
h2{margin-top:2rem;font-size:1.1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .8rem .25rem 0;\
border-bottom:1px solid #dbdee2;font-variant-numeric:tabular-nums}th{color:#68707a;font-weight:500}code{color:#68707a}</style>";

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
