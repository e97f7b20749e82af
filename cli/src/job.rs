//! The image that is run, and where it came from.

use crate::engine::Origin;
use crate::failure::Failure;
use crate::front::Loaded;
use crate::report;
use crate::values::TraceRequest;
use bouton_compiler::circuit::{Circuit, IndexSet, Record, RecordedVariable};
use bouton_compiler::diagnostic::did_you_mean;
use bouton_targets::image::{AlignedBytes, Description, ImageView, MAGIC};
use std::path::Path;

/// An image with what is known of it.
#[derive(Debug)]
pub struct Job {
    /// The image, checked.
    pub image: AlignedBytes,
    /// Its names and units.
    pub description: Description,
    /// The circuit it was made of, unless it was read from a file.
    pub loaded: Option<Loaded>,
}

/// Whether a file is an image, or was meant as one.
#[must_use]
pub fn is_image(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC[..6])
}

impl Job {
    /// An image that was just made.
    ///
    /// # Errors
    /// When it is not sound: a bug of ours.
    pub fn compiled(loaded: Loaded, image: AlignedBytes) -> Result<Job, Failure> {
        let description =
            describe(Path::new("the image just made"), &image).map_err(|failure| Failure::Bug(failure.to_string()))?;
        Ok(Job { image, description, loaded: Some(loaded) })
    }

    /// Where the image comes from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        if self.loaded.is_some() { Origin::Compiled } else { Origin::File }
    }

    /// An image from a file.
    ///
    /// # Errors
    /// When it is not sound.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Job, Failure> {
        let image = AlignedBytes::new(bytes);
        let description = describe(path, &image)?;
        Ok(Job { image, description, loaded: None })
    }
}

fn describe(path: &Path, image: &AlignedBytes) -> Result<Description, Failure> {
    let view = ImageView::new_checked(image.as_slice()).map_err(|e| report::unsound(path, e))?;
    report::description(&view)
}

/// Records what traces ask for and the circuit does not: all members, in every tick.
///
/// # Errors
/// When there is no such population or variable.
pub fn record(circuit: &mut Circuit, traces: &[TraceRequest]) -> Result<(), Failure> {
    for trace in traces {
        let wrong = |what: &str, name: &str, names: &[&str]| {
            let near = did_you_mean(name, names.iter().copied()).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
            Failure::Usage(format!("--trace {}.{}: there is no {what} `{name}`{near}", trace.population, trace.variable))
        };
        let names: Vec<&str> = circuit.populations.iter().map(|(_, p)| p.name.as_str()).collect();
        let found = circuit.populations.iter().find(|(_, p)| p.name == trace.population);
        let (id, population) = found.ok_or_else(|| wrong("population", &trace.population, &names))?;
        let model = circuit.model_of(id).ok_or_else(|| wrong("variable", &trace.variable, &[]))?;
        let states: Vec<&str> = model.states.iter().map(|(_, s)| s.name.as_str()).collect();
        let state = model.states.iter().find(|(_, s)| s.name == trace.variable);
        let variable = RecordedVariable::State(state.ok_or_else(|| wrong("variable", &trace.variable, &states))?.0);
        if !circuit.records.iter().any(|r| r.population == id && r.variable == variable) {
            let indices = IndexSet::all(population.size());
            let span = population.span;
            circuit.records.push(Record { population: id, indices, variable, every: 1, span });
        }
    }
    Ok(())
}
