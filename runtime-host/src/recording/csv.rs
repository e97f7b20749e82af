//! CSV files of spikes, traces and inputs.
//!
//! Files are written beside their place and moved there when they are whole: a run that is cut off leaves no half file.

use super::{Sample, Spike};
use bouton_targets::image::ValueDescription;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What went wrong with a file.
#[derive(Debug)]
pub enum CsvError {
    /// It could not be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line is not what it should be.
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CsvError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            CsvError::Line { path, line, problem } => write!(f, "{}:{line}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for CsvError {}

/// A row of an input file; the population is named, or numbered.
#[derive(Clone, PartialEq, Debug)]
pub struct InputRow {
    /// Tick.
    pub tick: u32,
    /// Name or number of the population.
    pub population: String,
    /// Index in it.
    pub index: u32,
    /// Value, for populations that take values, in their unit.
    pub value: Option<f64>,
    /// Line in the file, for what is found wrong later.
    pub line: u64,
}

/// Writes spikes as `tick,population,index`; `name` gives the name of a population.
///
/// # Errors
/// When the file cannot be written.
pub fn write_spikes(path: &Path, spikes: &[Spike], name: impl Fn(u32) -> String) -> Result<(), CsvError> {
    replace(path, |out| {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["tick", "population", "index"])?;
        for s in spikes {
            out.write_record([s.tick.to_string(), name(s.population), s.index.to_string()])?;
        }
        out.flush()
    })
}

/// Writes samples as `tick,index,raw,value`, under a comment with the name and unit of the value.
///
/// # Errors
/// When the file cannot be written.
pub fn write_trace(path: &Path, samples: &[Sample], value: &ValueDescription) -> Result<(), CsvError> {
    replace(path, |out| {
        let unit = if value.unit.is_empty() { "1" } else { &value.unit };
        writeln!(out, "# unit {unit}")?;
        writeln!(out, "tick,index,raw,value")?;
        for s in samples {
            writeln!(out, "{},{},{},{}", s.tick, s.index, s.raw, value.value(s.raw))?;
        }
        Ok(())
    })
}

/// Reads `tick,population,index[,value]`, in any order, with or without spaces; lines that begin with `#` are passed over.
///
/// # Errors
/// When the file cannot be read, or a line is not such a row: with the file and the line.
pub fn read_input(path: &Path) -> Result<Vec<InputRow>, CsvError> {
    let io_error = |error| CsvError::Io { path: path.to_owned(), error };
    let file = std::fs::File::open(path).map_err(io_error)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).comment(Some(b'#')).from_reader(file);
    let at_line = |line: u64, problem: String| CsvError::Line { path: path.to_owned(), line, problem };
    let headers = reader.headers().map_err(|e| at_line(1, e.to_string()))?;
    let header: Vec<&str> = headers.iter().collect();
    if !matches!(header.as_slice(), ["tick", "population", "index"] | ["tick", "population", "index", "value"]) {
        let line = headers.position().map_or(1, csv::Position::line);
        return Err(at_line(line, "the header must be `tick,population,index` or `tick,population,index,value`".to_owned()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| at_line(e.position().map_or(0, csv::Position::line), e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(row(&record, line).map_err(|problem| at_line(line, problem))?);
    }
    Ok(rows)
}

fn row(record: &csv::StringRecord, line: u64) -> Result<InputRow, String> {
    let whole = |at: usize, what: &str| {
        let text = record.get(at).unwrap_or("");
        text.parse::<u32>().map_err(|_| format!("`{text}` is no {what}: expected a whole number"))
    };
    if !(3..=4).contains(&record.len()) {
        return Err(format!("{} fields: expected `tick,population,index` and perhaps a value", record.len()));
    }
    let value = match record.get(3).unwrap_or("") {
        "" => None,
        text => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => return Err(format!("`{text}` is no value: expected a number")),
        },
    };
    let population = record.get(1).unwrap_or("").to_owned();
    Ok(InputRow { tick: whole(0, "tick")?, population, index: whole(2, "index")?, value, line })
}

/// Writes a file beside `path` and moves it there.
fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<std::fs::File>) -> io::Result<()>) -> Result<(), CsvError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let attempt = || -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&beside)?);
        write(&mut out)?;
        out.flush()?;
        std::fs::rename(&beside, path)
    };
    attempt().map_err(|error| {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&beside);
        CsvError::Io { path: path.to_owned(), error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("bouton-csv-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a temporary file");
        path
    }

    fn problem(name: &str, text: &str) -> String {
        let path = file(name, text);
        let error = read_input(&path).expect_err("not sound").to_string();
        std::fs::remove_file(&path).expect("removed");
        error.replace(&path.display().to_string(), "in.csv")
    }

    #[test]
    fn spikes_come_back() {
        let path = file("spikes", "");
        let spikes = [Spike { tick: 1, population: 0, index: 2 }, Spike { tick: 3, population: 1, index: 0 }];
        write_spikes(&path, &spikes, |p| format!("pop, {p}")).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "tick,population,index\n1,\"pop, 0\",2\n3,\"pop, 1\",0\n");
        let rows = read_input(&path).expect("read");
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(rows[1], InputRow { tick: 3, population: "pop, 1".into(), index: 0, value: None, line: 3 });
    }

    #[test]
    fn traces_have_their_unit() {
        let path = file("trace", "");
        let value = ValueDescription { name: "v".into(), unit: "mV".into(), unit_si: 1e-3, frac: 10 };
        write_trace(&path, &[Sample { tick: 5, index: 1, raw: -64 }], &value).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "# unit mV\ntick,index,raw,value\n5,1,-64,-62.5\n");
        std::fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn bad_lines_are_named() {
        let header = "the header must be `tick,population,index` or `tick,population,index,value`";
        assert_eq!(problem("header", "tick,index\n"), format!("in.csv:1: {header}"));
        let head = "tick,population,index,value\n";
        assert_eq!(problem("tick", &format!("{head}0,e,1\n-1,e,2\n")), "in.csv:3: `-1` is no tick: expected a whole number");
        assert_eq!(problem("value", &format!("{head}0,e,1,inf\n")), "in.csv:2: `inf` is no value: expected a number");
        assert!(problem("fields", &format!("{head}0,e\n")).starts_with("in.csv:2: 2 fields"));
    }
}
