//! Inputs that are known beforehand: spikes from a file, spikes written out.

use super::context::Elaborator;
use super::csv_table::{self, CsvError, Row};
use super::data::DataFile;
use super::scope::Scope;
use super::value::{Eval, Value};
use super::values::Members;
use crate::circuit::PopulationKind;
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Expr, Text};
use crate::source::Span;
use crate::units::Dimension;

impl<'a> Elaborator<'a> {
    /// `spikes from "touch.csv"`: columns tick,index or time_ms,index. Times are rounded to the nearest tick.
    pub(super) fn spikes_from(&mut self, scope: &Scope<'a>, file: &Text, members: &Members) -> Eval<PopulationKind> {
        let data = self.read(scope, &file.value, file.span)?;
        let table = self.columns(&data, &["tick", "time_ms", "index"])?;
        let header = |message: &str| CsvError { line: table.header_line, message: message.to_string() };
        let Some(index) = table.column("index") else {
            return Err(
                self.csv_error(&data, &header("the column `index` is missing: the header is tick,index or time_ms,index"))
            );
        };
        let (time, in_ticks) = match (table.column("tick"), table.column("time_ms")) {
            (Some(tick), None) => (tick, true),
            (None, Some(time)) => (time, false),
            _ => return Err(self.csv_error(&data, &header("one of the columns `tick` and `time_ms` is required"))),
        };
        let mut spikes = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let tick = if in_ticks {
                csv_table::whole(row, csv_table::field(row, time)).map_err(|e| self.csv_error(&data, &e))?
            } else {
                self.rounded_tick(&data, row, time)?
            };
            let member = csv_table::whole(row, csv_table::field(row, index)).map_err(|e| self.csv_error(&data, &e))?;
            if member >= members.size() {
                let message = format!("index {member} is outside 0 .. {}", members.size());
                return Err(self.csv_error(&data, &CsvError { line: row.line, message }));
            }
            spikes.push((tick, member));
        }
        Ok(PopulationKind::SpikeList(self.sorted(spikes, file.span)))
    }

    fn rounded_tick(&mut self, data: &DataFile, row: &Row, column: usize) -> Eval<u32> {
        let time = csv_table::number(row, csv_table::field(row, column)).map_err(|e| self.csv_error(data, &e))?;
        let tick = self.tick()?;
        let nearest = libm::round(time / 1e3 / tick);
        if !(0.0..=f64::from(u32::MAX)).contains(&nearest) {
            let message = format!("the time {time} ms is negative or beyond 2^32 ticks");
            return Err(self.csv_error(data, &CsvError { line: row.line, message }));
        }
        Ok(nearest as u32)
    }

    /// `spikes at [[1 ms, 5 ms], [2 ms], []]`: times for each member.
    pub(super) fn spikes_at(&mut self, scope: &Scope<'a>, times: &'a Expr, members: &Members) -> Eval<PopulationKind> {
        let value = self.eval(scope, times)?;
        let each = self.each_member(&value, members, times.span)?;
        let mut spikes = Vec::new();
        for (index, times_of) in (0_u32..).zip(each) {
            let numbers = match &times_of {
                Value::List(items) if items.is_empty() => continue,
                other => self.numbers(other, times.span)?,
            };
            self.same_dimension(Dimension::TIME, numbers.dimension.unwrap_or(Dimension::TIME), times.span)?;
            for time in numbers.values {
                spikes.push((self.whole_ticks(time, times.span, 0)?, index));
            }
        }
        Ok(PopulationKind::SpikeList(self.sorted(spikes, times.span)))
    }

    fn each_member(&mut self, value: &Value<'a>, members: &Members, span: Span) -> Eval<Vec<Value<'a>>> {
        let Value::List(items) = value else { return Err(self.expected("an array of times for each neuron", value, span)) };
        let nested = items.iter().all(|item| matches!(item, Value::List(_)));
        if members.size() == 1 && !nested {
            return Ok(vec![value.clone()]);
        }
        if items.len() != members.size() as usize || !nested {
            let message = format!("expected an array of times for each of {} neurons, found {}", members.size(), items.len());
            return Err(self.fail(Diagnostic::error("E0510", message, span).help("write `[]` for a neuron that is silent")));
        }
        Ok(items.to_vec())
    }

    /// In order, each spike once; a warning when two of one neuron fell into one tick.
    fn sorted(&mut self, mut spikes: Vec<(u32, u32)>, span: Span) -> Vec<(u32, u32)> {
        spikes.sort_unstable();
        let before = spikes.len();
        spikes.dedup();
        let lost = before - spikes.len();
        if lost > 0 {
            let what = if lost == 1 { "spike falls" } else { "spikes fall" };
            let message = format!("{lost} {what} into the tick of another spike of the same neuron");
            let warning = Diagnostic::warning("W0501", message, span);
            self.diagnostics.push(warning.help("a neuron spikes once in a tick at most; a shorter tick tells them apart"));
        }
        spikes
    }
}
