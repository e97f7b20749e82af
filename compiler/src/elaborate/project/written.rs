//! Connections that are written out: lists, matrices, low-rank matrices.

use super::super::context::Elaborator;
use super::super::csv_table::{self, CsvError, Row};
use super::super::data::DataFile;
use super::super::scope::Scope;
use super::super::value::{Eval, Numbers, Value};
use super::Ends;
use super::pattern::{Connected, Given};
use crate::circuit::{Edges, LowRank, Pattern};
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Call, Expr};
use crate::source::Span;

/// Where the columns of a list stand.
struct Columns {
    pre: usize,
    post: usize,
    weight: Option<usize>,
    /// In ticks.
    delay: Option<usize>,
    delay_ms: Option<usize>,
}

impl<'a> Elaborator<'a> {
    /// `list("edges.csv")`: columns pre, post, and perhaps weight (a factor without unit), delay (ticks) or delay_ms.
    pub(super) fn list_pattern(
        &mut self,
        scope: &Scope<'a>,
        rule: &'a Call,
        ends: &Ends,
        connected: &mut Connected,
    ) -> Eval<Pattern> {
        let [file] = self.exactly::<1>(rule, ["file"])?;
        let span = file.value.span;
        let path = match self.eval(scope, &file.value)? {
            Value::Text(path) => path,
            other => return Err(self.expected("the name of a CSV file", &other, span)),
        };
        let data = self.read(scope, &path, span)?;
        let table = self.columns(&data, &["pre", "post", "weight", "delay", "delay_ms"])?;
        let (Some(pre), Some(post)) = (table.column("pre"), table.column("post")) else {
            let message = "the columns pre and post are required: the header is pre,post[,weight][,delay]".to_string();
            return Err(self.csv_error(&data, &CsvError { line: table.header_line, message }));
        };
        let columns = Columns {
            pre,
            post,
            weight: table.column("weight"),
            delay: table.column("delay"),
            delay_ms: table.column("delay_ms"),
        };
        if columns.weight.is_some() {
            connected.given = Given::Column;
        }
        connected.has_delays = columns.delay.is_some() || columns.delay_ms.is_some();
        let mut edges = Edges::default();
        let mut seen: Vec<(u32, u32, u64)> = Vec::new();
        for row in &table.rows {
            let (pre, post) = self.edge(&data, row, &columns, ends, &mut edges)?;
            if !connected.allow_self && ends.same_neuron(pre, post) {
                let message = format!("this connects neuron {pre} to itself");
                return Err(self.not_allowed(&data, row.line, message, "self"));
            }
            seen.push((pre, post, row.line));
        }
        if !connected.allow_multiple {
            seen.sort_unstable();
            let twice = seen.windows(2).find(|pair| matches!(pair, [a, b] if (a.0, a.1) == (b.0, b.1)));
            if let Some([first, second]) = twice {
                let message = format!("neurons {} and {} are connected in line {} already", second.0, second.1, first.2);
                return Err(self.not_allowed(&data, second.2, message, "multiple"));
            }
        }
        Ok(Pattern::Edges(edges))
    }

    fn edge(&mut self, data: &DataFile, row: &Row, columns: &Columns, ends: &Ends, edges: &mut Edges) -> Eval<(u32, u32)> {
        let pre = self.index(data, row, columns.pre, ends.sources().len(), "source")?;
        let post = self.index(data, row, columns.post, ends.targets().len(), "target")?;
        edges.pre.push(pre);
        edges.post.push(post);
        if let Some(column) = columns.weight {
            let weight = csv_table::number(row, csv_table::field(row, column)).map_err(|e| self.csv_error(data, &e))?;
            edges.weight.get_or_insert_default().push(weight);
        }
        if let Some(column) = columns.delay {
            let ticks = csv_table::whole(row, csv_table::field(row, column)).map_err(|e| {
                let message = format!("{}; `delay` counts ticks, a column of milliseconds is called `delay_ms`", e.message);
                self.csv_error(data, &CsvError { message, ..e })
            })?;
            edges.delay.get_or_insert_default().push(ticks);
        } else if let Some(column) = columns.delay_ms {
            let ticks = self.delay_ms(data, row, column)?;
            edges.delay.get_or_insert_default().push(ticks);
        }
        Ok((pre, post))
    }

    fn delay_ms(&mut self, data: &DataFile, row: &Row, column: usize) -> Eval<u32> {
        let time = csv_table::number(row, csv_table::field(row, column)).map_err(|e| self.csv_error(data, &e))?;
        let tick = self.tick()?;
        let ticks = time / 1e3 / tick;
        let nearest = libm::round(ticks);
        if (ticks - nearest).abs() > 1e-6 * nearest.abs().max(1.0) || !(0.0..=f64::from(u32::MAX)).contains(&nearest) {
            let tick = super::super::values::milliseconds(tick);
            let message = format!("the delay {time} ms is not a whole number of ticks of {tick}");
            return Err(self.csv_error(data, &CsvError { line: row.line, message }));
        }
        Ok(nearest as u32)
    }

    fn index(&mut self, data: &DataFile, row: &Row, column: usize, extent: u32, what: &str) -> Eval<u32> {
        let index = csv_table::whole(row, csv_table::field(row, column)).map_err(|e| self.csv_error(data, &e))?;
        if index < extent {
            return Ok(index);
        }
        let message = format!("{what} {index} is outside 0 .. {extent}");
        Err(self.csv_error(data, &CsvError { line: row.line, message }))
    }

    fn not_allowed(&mut self, data: &DataFile, line: u64, message: String, word: &str) -> super::Poisoned {
        let error = self.at_line("E0612", data, &CsvError { line, message });
        self.fail(error.help(format!("write `list(…), {word}` if that is meant")))
    }

    /// The numbers of an argument: an array, or a file by name.
    fn numbers_or_file(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<Numbers> {
        let numbers = match self.eval(scope, expr)? {
            Value::Text(path) => self.numbers_of_file(scope, &path, expr.span)?,
            value => self.numbers(&value, expr.span)?,
        };
        if numbers.values.iter().any(|x| !x.is_finite()) {
            return Err(self.fail(Diagnostic::error("E0512", "these numbers are not all finite", expr.span)));
        }
        Ok(numbers)
    }

    /// `matrix("w.npy")`: `[sources, targets]`; zeros are no connections.
    pub(super) fn matrix(&mut self, scope: &Scope<'a>, rule: &'a Call, ends: &Ends, connected: &mut Connected) -> Eval<Pattern> {
        let [arg] = self.exactly::<1>(rule, ["weights"])?;
        let span = arg.value.span;
        let numbers = self.numbers_or_file(scope, &arg.value)?;
        let (rows, columns) = (ends.sources().len() as usize, ends.targets().len() as usize);
        self.shaped(&numbers, rows, columns, span)?;
        if !connected.allow_self
            && let Some(at) = (0..rows * columns).find(|at| {
                numbers.values.get(*at).is_some_and(|w| *w != 0.0)
                    && ends.same_neuron((at / columns) as u32, (at % columns) as u32)
            })
        {
            let message = format!("the entry [{}, {}] connects a neuron to itself", at / columns, at % columns);
            let error = Diagnostic::error("E0612", message, span);
            return Err(self.fail(error.help("write `matrix(…), self` if that is meant, or zeros on the diagonal")));
        }
        connected.given = Given::Matrix(numbers.dimension);
        Ok(Pattern::Matrix { weights: numbers.values })
    }

    fn shaped(&mut self, numbers: &Numbers, rows: usize, columns: usize, span: Span) -> Eval<()> {
        let flat = columns == 1 && numbers.shape == [rows];
        if numbers.shape == [rows, columns] || flat {
            return Ok(());
        }
        let message = format!("expected the shape [{rows}, {columns}], found {:?}", numbers.shape);
        let error = Diagnostic::error("E0510", message, span).note("a row for each source, a column for each target");
        let transposed = numbers.shape == [columns, rows];
        Err(self.fail(if transposed { error.help("it is the transpose: save `w.T`") } else { error }))
    }

    /// `low_rank("m.npy", "n.npy")`: `[sources, rank]` and `[targets, rank]`.
    pub(super) fn low_rank(
        &mut self,
        scope: &Scope<'a>,
        rule: &'a Call,
        ends: &Ends,
        connected: &mut Connected,
    ) -> Eval<Pattern> {
        let [m, n] = self.exactly::<2>(rule, ["m", "n"])?;
        let (first, second) = (self.numbers_or_file(scope, &m.value), self.numbers_or_file(scope, &n.value));
        let (first, second) = (first?, second?);
        let rank = match first.shape.as_slice() {
            [_] => 1,
            [_, rank] if *rank > 0 => *rank,
            _ => {
                let message = format!("expected the shape [{}, rank], found {:?}", ends.sources().len(), first.shape);
                return Err(self.fail(Diagnostic::error("E0510", message, m.value.span)));
            }
        };
        self.shaped(&first, ends.sources().len() as usize, rank, m.value.span)?;
        self.shaped(&second, ends.targets().len() as usize, rank, n.value.span)?;
        let dimension = match (first.dimension, second.dimension) {
            (None, None) => None,
            (a, b) => a.unwrap_or_default().times(b.unwrap_or_default()),
        };
        connected.given = Given::Matrix(dimension);
        Ok(Pattern::LowRank(LowRank { rank: rank as u32, m: first.values, n: second.values }))
    }
}
