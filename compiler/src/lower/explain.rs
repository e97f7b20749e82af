//! What lowering made of a model: its discrete update, formats, ranges, errors, tables and program.
//!
//! Takes: a circuit and one of its populations.  Gives: an [`Explanation`], which prints as `bouton explain` shows it.
//! Errors: `per tick` is what one tick's rounding adds at most; `in the long run` what all of it adds up to where the update
//!   contracts. Both hold as long as no comparison turns out differently, and leave out what rounding the weights costs.

mod text;

use super::error_bound::{NoBound, accumulated};
use super::graph::Op;
use super::{Cell, LowerOptions, Lowered, connections, registers, table};
use crate::circuit::model::Model;
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
    /// Why a state has no such bound.
    pub no_bound: Option<String>,
    /// Its `///` text.
    pub doc: String,
}

/// A parameter of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct ExplainedParam {
    /// Its name.
    pub name: String,
    /// Its least and largest value in the population.
    pub range: (f64, f64),
    /// Unit of both; empty for numbers.
    pub unit: String,
    /// Its `///` text.
    pub doc: String,
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
    /// The model's `///` text.
    pub doc: String,
    /// Number of neurons.
    pub size: u32,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// The parameters.
    pub parameters: Vec<ExplainedParam>,
    /// The discrete update of every differential equation, substep by substep.
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
    let Some(connections) = connections(circuit, seed, &mut diagnostics) else { return Err(diagnostics) };
    let Some(lowered) = Lowered::new(circuit, options, &connections, &mut diagnostics) else { return Err(diagnostics) };
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
        doc: cell.model.doc.clone(),
        size: subject.size(),
        tick_s: lowered.circuit.tick,
        parameters: parameters(cell),
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

fn parameters(cell: &Cell<'_>) -> Vec<ExplainedParam> {
    let one = |(id, param): (crate::circuit::model::ParamId, &crate::circuit::model::Param)| {
        let (unit, si) = param.dimension.display_unit();
        let (low, high) = cell.neurons.params[id].bounds();
        ExplainedParam { name: param.name.clone(), range: (low / si, high / si), unit, doc: param.doc.clone() }
    };
    cell.model.params.iter().map(one).collect()
}

fn updates(cell: &Cell<'_>) -> Vec<String> {
    let state = |update: &super::build::Update| &cell.model.states[update.state];
    let after = |update: &super::build::Update| match update.half {
        true => format!("{}[{}.5]", state(update).name, update.step.0 - 1),
        false => format!("{}[{}]", state(update).name, update.step.0),
    };
    let between = cell.built.tick.updates.iter().filter_map(|u| Some((u.becomes?, (after(u), u.state)))).collect();
    let names = Names { model: cell.model, graph: &cell.built.tick.graph, between };
    let one = |update: &super::build::Update| {
        let (step, steps) = update.step;
        let (unit, _) = state(update).dimension.display_unit();
        let unit = if unit.is_empty() { unit } else { format!("  [{unit}]") };
        let name = if step == steps && !update.half { format!("{}'", state(update).name) } else { after(update) };
        let which = match steps {
            _ if update.half => format!(", middle of step {step} of {steps}"),
            1 => String::new(),
            _ if step == 1 && !cell.built.tick.updates.iter().any(|u| u.state == update.state && u.step.0 > 1) => {
                format!(", substep 1 of {steps}; the others do the same with what the one before gives")
            }
            _ => format!(", substep {step} of {steps}"),
        };
        format!("{name} = {}{unit}  ({}{which})", names.update(&update.value, state(update).dimension), update.method)
    };
    cell.built.tick.updates.iter().map(one).collect()
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
        no_bound: None,
        doc: String::new(),
    }
}

/// In one clause.
fn reason(model: &Model, why: NoBound) -> String {
    let name = |at: usize| model.states.values().get(at).map_or("?", |s| s.name.as_str());
    match why {
        NoBound::OneTick => {
            "one tick can already change it without a bound, as a choice that turns out differently does".to_string()
        }
        NoBound::Kept(k) if k <= 1.0 + 1e-12 => "a tick can keep an error whole, as a hold does, so errors add up".to_string(),
        NoBound::Kept(k) => format!("one tick can make an error {} times as large", short(k)),
        NoBound::Together => "it and the states it reads can make each other's errors larger".to_string(),
        NoBound::Reads(other) => format!("it reads `{}`, which has none", name(other)),
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
        match long_run.get(i) {
            Some(Ok(bound)) => v.error_in_the_long_run = Some(bound / si),
            Some(Err(why)) => v.no_bound = Some(reason(cell.model, *why)),
            None => {}
        }
        v.doc.clone_from(&state.doc);
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
        self.doc.lines().try_for_each(|line| writeln!(f, "  {line}"))?;
        if !self.parameters.is_empty() {
            writeln!(f, "\nparameters")?;
            let rows = self.parameters.iter().map(|p| [p.name.clone(), given(p), p.doc.replace('\n', " ")]);
            write_rows(f, rows.collect())?;
        }
        if !self.updates.is_empty() {
            writeln!(
                f,
                "\nupdate (x is what the equations begin with, x' what they end with; terms that are not states or inputs are in SI units)"
            )?;
            self.updates.iter().try_for_each(|u| writeln!(f, "  {u}"))?;
        }
        writeln!(f, "\nvalues")?;
        let header = ["name", "kind", "format", "range", "unit", "resolution", "error per tick", "in the long run"];
        write_rows(f, std::iter::once(header.map(String::from)).chain(self.values.iter().map(row)).collect())?;
        for v in &self.values {
            let why = v.no_bound.iter().map(|why| format!("no bound in the long run: {why}"));
            let notes: Vec<String> = Some(v.doc.replace('\n', " ")).into_iter().filter(|d| !d.is_empty()).chain(why).collect();
            notes.iter().try_for_each(|note| writeln!(f, "  {}: {note}", v.name))?;
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

/// Columns of equal width.
fn write_rows<const N: usize>(f: &mut fmt::Formatter<'_>, rows: Vec<[String; N]>) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in &rows {
        let line: String = row.iter().zip(widths).map(|(cell, w)| format!("  {cell:<w$}")).collect();
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The value of a parameter, or the least and the largest.
fn given(p: &ExplainedParam) -> String {
    let (low, high) = (short(p.range.0), short(p.range.1));
    let value = if p.range.0 == p.range.1 { low } else { format!("{low} .. {high}") };
    format!("{value} {}", p.unit).trim_end().to_string()
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
        bound(v.error_in_the_long_run, if is_state { "no bound" } else { "" }),
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
