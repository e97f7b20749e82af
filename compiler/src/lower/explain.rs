//! What lowering made of a model: its discrete update, formats, ranges, errors, tables and program.
//!
//! Takes: a circuit and one of its populations.  Gives: an [`Explanation`], which prints as `bouton explain` shows it.
//! Errors: `per tick` is what one tick's rounding adds at most; `in the long run` what all of it adds up to where the update
//!   contracts. Both hold as long as no comparison turns out differently, and leave out what rounding the weights costs.

mod text;

use super::error_bound::accumulated;
use super::graph::Op;
use super::{Cell, LowerOptions, Lowered, registers, synapses, table};
use crate::circuit::{Circuit, PopId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::table::Id;
use crate::units::Dimension;
use std::fmt;
use text::Names;

/// What is known of one value of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct ExplainedValue {
    /// Its name.
    pub name: String,
    /// What it is: `state`, `receptor`, `modulator`, `hold`, `output`.
    pub kind: &'static str,
    /// Fraction bits of its 32-bit integer, in SI units.
    pub frac: i8,
    /// Unit that the following are in; empty for numbers.
    pub unit: String,
    /// Low and high end.
    pub range: (f64, f64),
    /// Whether it saturates there; otherwise it is proven to stay within.
    pub saturates: bool,
    /// One unit in the last place.
    pub resolution: f64,
    /// Bound on what rounding adds in one tick.
    pub error_per_tick: Option<f64>,
    /// Bound on what rounding adds up to.
    pub error_in_the_long_run: Option<f64>,
}

/// A table that stands for a function.
#[derive(Clone, PartialEq, Debug)]
pub struct ExplainedTable {
    /// The function.
    pub function: String,
    /// Least and largest argument.
    pub argument: (f64, f64),
    /// Number of linear pieces.
    pub segments: usize,
    /// Largest distance from the function.
    pub error: f64,
}

/// What lowering made of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct Explanation {
    /// The population.
    pub population: String,
    /// Its model.
    pub model: String,
    /// Number of neurons.
    pub size: u32,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// The discrete update of every differential equation.
    pub updates: Vec<String>,
    /// Every state, receptor, modulator and output.
    pub values: Vec<ExplainedValue>,
    /// Every table.
    pub tables: Vec<ExplainedTable>,
    /// Parameter arrays: constants that differ between neurons.
    pub params: usize,
    /// The program, an instruction each.
    pub program: Vec<String>,
}

/// Explains one population of a circuit.
///
/// # Errors
/// Whatever stands in the way of lowering the circuit, or that the population is an input.
pub fn explain(circuit: &Circuit, seed: u64, options: &LowerOptions, population: PopId) -> Result<Explanation, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let synapses = synapses(circuit, seed, &mut diagnostics);
    let lowered = if diagnostics.has_errors() { None } else { Lowered::new(circuit, options, &synapses, &mut diagnostics) };
    let Some(lowered) = lowered else { return Err(diagnostics) };
    match &lowered.cells[population] {
        Some(cell) => explain_cell(&lowered, population, cell),
        None => {
            let subject = &circuit.populations[population];
            let text = format!("`{}` is an input and has no model", subject.name);
            diagnostics.push(Diagnostic::error("E0810", text, subject.span).help("name a population of neurons, or a model"));
            Err(diagnostics)
        }
    }
}

/// The first population called `name`, or whose model is.
#[must_use]
pub fn find(circuit: &Circuit, name: &str) -> Option<PopId> {
    let by_name = circuit.populations.iter().find(|(_, p)| p.name == name).map(|(id, _)| id);
    by_name.or_else(|| circuit.populations.ids().find(|p| circuit.model_of(*p).is_some_and(|m| m.name == name)))
}

fn explain_cell(lowered: &Lowered<'_>, population: PopId, cell: &Cell<'_>) -> Result<Explanation, Diagnostics> {
    let subject = &lowered.circuit.populations[population];
    let mut explanation = Explanation {
        population: subject.name.clone(),
        model: cell.model.name.clone(),
        size: subject.size(),
        tick_s: lowered.circuit.tick,
        updates: updates(cell),
        values: Vec::new(),
        tables: Vec::new(),
        params: 0,
        program: Vec::new(),
    };
    let Some(plan) = &cell.plan else { return Ok(explanation) };
    explanation.values = values(lowered, population, cell, plan);
    explanation.params = plan.emitted.code.params.len();
    for report in &plan.emitted.tables {
        let argument = (report.argument.low, report.argument.high);
        let (function, segments, error) = (table::name(report.function), report.segments, report.error);
        let table = ExplainedTable { function, argument, segments, error };
        if !explanation.tables.contains(&table) {
            explanation.tables.push(table);
        }
    }
    match registers::program(&plan.emitted.code) {
        Ok(program) => explanation.program = program.instructions.iter().map(ToString::to_string).collect(),
        Err(too_many) => explanation.program.push(format!("needs {} registers, there are 32", too_many.needed)),
    }
    Ok(explanation)
}

fn updates(cell: &Cell<'_>) -> Vec<String> {
    let names = Names { model: cell.model, graph: &cell.tick.graph };
    let one = |update: &super::build::Update| {
        let state = &cell.model.states[update.state];
        let (unit, _) = state.dimension.display_unit();
        let unit = if unit.is_empty() { unit } else { format!("  [{unit}]") };
        format!("{}' = {}{unit}  ({})", state.name, names.update(&update.value, state.dimension), update.method)
    };
    cell.tick.updates.iter().map(one).collect()
}

/// A value of `dimension` without error bounds, its range in SI.
fn value(name: &str, kind: &'static str, dimension: Dimension, frac: i8, range: super::interval::Interval) -> ExplainedValue {
    let (unit, si) = dimension.display_unit();
    ExplainedValue {
        name: name.to_string(),
        kind,
        frac,
        unit,
        range: (range.low / si, range.high / si),
        saturates: false,
        resolution: super::format::ulp(frac) / si,
        error_per_tick: None,
        error_in_the_long_run: None,
    }
}

fn values(lowered: &Lowered<'_>, population: PopId, cell: &Cell<'_>, plan: &super::Plan) -> Vec<ExplainedValue> {
    let n = cell.model.states.len();
    let next: Vec<_> = plan.emitted.next.iter().take(n).flatten().collect();
    let errors: Vec<f64> = next.iter().map(|v| v.error).collect();
    let (moved, slopes): (Vec<f64>, Vec<Vec<f64>>) = next.iter().enumerate().map(|(i, v)| v.moved(i)).unzip();
    let long_run = accumulated(&slopes, &moved);
    let mut all = Vec::new();
    for (i, (id, state)) in cell.model.states.iter().enumerate() {
        let layout = plan.layout.states[id];
        let (_, si) = state.dimension.display_unit();
        let mut v = value(&state.name, "state", state.dimension, layout.frac, layout.range());
        v.saturates = layout.declared;
        v.error_per_tick = errors.get(i).filter(|e| e.is_finite()).map(|e| e / si);
        v.error_in_the_long_run = long_run.get(i).copied().flatten().map(|e| e / si);
        all.push(v);
    }
    for receptor in &cell.receptors {
        let info = &cell.model.receptors[receptor.id];
        let (frac, range) = match plan.layout.receptors[receptor.id] {
            super::format::ReceptorLayout::Narrow { frac, range, .. }
            | super::format::ReceptorLayout::Wide { frac, range, .. } => (frac, range),
        };
        all.push(value(&info.name, "receptor", info.dimension, frac, range));
    }
    for (id, modulator) in cell.model.modulators.iter() {
        let (frac, range) = plan.layout.modulators[id];
        all.push(value(&modulator.name, "modulator", modulator.dimension, frac, range));
    }
    for (id, hold) in cell.model.holds.iter() {
        let kind = if hold.suppresses_spikes { "refractory" } else { "hold" };
        let range = super::interval::Interval::new(0.0, f64::from(plan.layout.holds[id]));
        all.push(value(&format!("{kind}{} (ticks)", id.index()), "hold", Dimension::NUMBER, 0, range));
    }
    if let (crate::circuit::model::OutputType::Graded(d), Some(payload)) = (cell.model.output, &plan.emitted.payload) {
        let (frac, range) = lowered.payloads[population].unwrap_or((payload.frac, payload.range));
        let mut v = value("emitted", "output", d, frac, range);
        v.error_per_tick = Some(payload.error / d.display_unit().1).filter(|e| e.is_finite());
        all.push(v);
    }
    all
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} × {}, a tick is {} ms", self.population, self.size, self.model, short(self.tick_s * 1e3))?;
        if !self.updates.is_empty() {
            writeln!(f, "\nupdate (x' is x after the tick; terms that are not states or inputs are in SI units)")?;
            self.updates.iter().try_for_each(|u| writeln!(f, "  {u}"))?;
        }
        writeln!(f, "\nvalues")?;
        let header = ["name", "kind", "format", "range", "unit", "resolution", "error per tick", "in the long run"];
        let rows: Vec<[String; 8]> = self.values.iter().map(row).collect();
        let mut widths = header.map(str::len);
        for row in &rows {
            widths.iter_mut().zip(row).for_each(|(w, cell)| *w = (*w).max(cell.chars().count()));
        }
        for row in std::iter::once(header.map(String::from)).chain(rows) {
            let line: String = row.iter().zip(widths).map(|(cell, w)| format!("  {cell:<w$}")).collect();
            writeln!(f, "{}", line.trim_end())?;
        }
        if !self.tables.is_empty() {
            writeln!(f, "\ntables")?;
        }
        for t in &self.tables {
            let (low, high) = (short(t.argument.0), short(t.argument.1));
            writeln!(f, "  {} on {low} .. {high}: {} segments, error at most {}", t.function, t.segments, short(t.error))?;
        }
        writeln!(f, "\nprogram: {} instructions, {} parameter arrays", self.program.len(), self.params)?;
        self.program.iter().try_for_each(|i| writeln!(f, "  {i}"))
    }
}

fn row(v: &ExplainedValue) -> [String; 8] {
    let bound = |e: Option<f64>, none: &str| e.map_or(none.to_string(), short);
    let how = if v.saturates { " (saturates)" } else { "" };
    let is_state = v.kind == "state";
    [
        v.name.clone(),
        v.kind.to_string(),
        format!("32.{}", v.frac),
        format!("{} .. {}{how}", short(v.range.0), short(v.range.1)),
        v.unit.clone(),
        short(v.resolution),
        bound(v.error_per_tick, if is_state { "unbounded" } else { "" }),
        bound(v.error_in_the_long_run, if is_state { "no accumulated bound" } else { "" }),
    ]
}

/// Six significant digits, without an exponent where that reads better.
pub(crate) fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".to_string();
    }
    let size = x.abs();
    if !(1e-4..1e7).contains(&size) {
        return format!("{}", Exponent(x));
    }
    let digits = (6 - 1 - libm::floor(libm::log10(size)) as i32).clamp(0, 12) as usize;
    let text = format!("{x:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// Three significant digits with an exponent.
struct Exponent(f64);

impl fmt::Display for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2e}", self.0)
    }
}

/// Whether a node stands for something that has a name.
pub(crate) fn is_named(op: &Op) -> bool {
    matches!(op, Op::State(_) | Op::Write(..) | Op::Input(_) | Op::Modulator(_))
}
