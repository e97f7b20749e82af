//! How far another recording of a circuit is from the reference's.

use super::{Recording, Sample, Trace};
use crate::circuit::{Circuit, PopId, RecordedVariable};
use std::cmp::Ordering;

/// One recorded variable, compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// `e.spike`, `e.v`.
    pub name: String,
    /// How far apart.
    pub difference: Difference,
}

/// How far apart two recordings of a variable are.
#[derive(Clone, PartialEq, Debug)]
pub enum Difference {
    /// Of events.
    Spikes {
        /// Spikes of the reference.
        reference: u64,
        /// Spikes of the other.
        measured: u64,
        /// Spikes of the same neuron in the same tick.
        matched: u64,
    },
    /// Of values.
    Values {
        /// Place of the record in [`Circuit::records`].
        record: usize,
        /// Values that were compared.
        samples: u64,
        /// Largest error (SI).
        max: f64,
        /// Root of the mean of squared errors (SI).
        rms: f64,
    },
}

impl Difference {
    /// Matched spikes over all spikes of either, 1 when there are none; `None` for values.
    #[must_use]
    pub fn agreement(&self) -> Option<f64> {
        match self {
            Difference::Spikes { reference, measured, matched } => match reference + measured - matched {
                0 => Some(1.0),
                union => Some(*matched as f64 / union as f64),
            },
            Difference::Values { .. } => None,
        }
    }
}

/// Compares a recording with the reference's, in the order of the circuit's records; the spikes of a population once.
#[must_use]
pub fn compare(circuit: &Circuit, reference: &Recording, measured: &Recording) -> Vec<Comparison> {
    let mut seen: Vec<PopId> = Vec::new();
    let mut comparisons = Vec::new();
    for (at, record) in circuit.records.iter().enumerate() {
        let population = &circuit.populations[record.population];
        match record.variable {
            RecordedVariable::Spikes if seen.contains(&record.population) => {}
            RecordedVariable::Spikes => {
                seen.push(record.population);
                let difference = spikes(record.population, reference, measured);
                comparisons.push(Comparison { name: format!("{}.spike", population.name), difference });
            }
            RecordedVariable::State(state) => {
                let name = circuit.model_of(record.population).map_or("?", |model| model.states[state].name.as_str());
                let of = |recording: &Recording| recording.traces.iter().position(|t| t.record == at);
                if let (Some(r), Some(m)) = (of(reference), of(measured)) {
                    let difference = values(at, &reference.traces[r], &measured.traces[m]);
                    comparisons.push(Comparison { name: format!("{}.{name}", population.name), difference });
                }
            }
        }
    }
    comparisons
}

fn spikes(population: PopId, reference: &Recording, measured: &Recording) -> Difference {
    let of = |recording: &Recording| -> Vec<(u32, u32)> {
        recording.spikes.iter().filter(|s| s.population == population).map(|s| (s.tick, s.index)).collect()
    };
    let (reference, measured) = (of(reference), of(measured));
    let matched = matches(&reference, &measured, |a, b| a.cmp(b)).count() as u64;
    Difference::Spikes { reference: reference.len() as u64, measured: measured.len() as u64, matched }
}

fn values(record: usize, reference: &Trace, measured: &Trace) -> Difference {
    let place = |s: &Sample| (s.tick, s.index);
    let (mut samples, mut max, mut squares) = (0_u64, 0.0_f64, 0.0_f64);
    for (r, m) in matches(&reference.samples, &measured.samples, |a, b| place(a).cmp(&place(b))) {
        let error = (m.value - r.value).abs();
        samples += 1;
        max = if error.is_nan() { error } else { max.max(error) };
        squares += error * error;
    }
    Difference::Values { record, samples, max, rms: (squares / samples.max(1) as f64).sqrt() }
}

/// Pairs of equal place of two sorted lists.
fn matches<'a, T>(a: &'a [T], b: &'a [T], order: impl Fn(&T, &T) -> Ordering + 'a) -> impl Iterator<Item = (&'a T, &'a T)> {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
            match order(x, y) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    (i, j) = (i + 1, j + 1);
                    return Some((x, y));
                }
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Id;

    #[test]
    fn agreement_is_matched_over_union() {
        let pop = PopId::from_index(0);
        let recording = |spikes: &[(u32, u32)]| Recording {
            spikes: spikes
                .iter()
                .map(|(tick, index)| super::super::Spike { tick: *tick, population: pop, index: *index })
                .collect(),
            traces: Vec::new(),
        };
        let difference = spikes(pop, &recording(&[(1, 0), (2, 0), (3, 1)]), &recording(&[(1, 0), (2, 1), (3, 1), (4, 0)]));
        assert_eq!(difference, Difference::Spikes { reference: 3, measured: 4, matched: 2 });
        assert_eq!(difference.agreement(), Some(0.4));
        assert_eq!(spikes(pop, &recording(&[]), &recording(&[])).agreement(), Some(1.0));
    }

    #[test]
    fn errors_are_of_samples_at_the_same_place() {
        let trace = |values: &[(u32, f64)]| Trace {
            record: 0,
            population: PopId::from_index(0),
            state: crate::circuit::model::StateId::from_index(0),
            samples: values.iter().map(|(tick, value)| Sample { tick: *tick, index: 0, value: *value }).collect(),
        };
        let difference = values(0, &trace(&[(0, 1.0), (1, 2.0), (2, 9.0)]), &trace(&[(0, 4.0), (1, 6.0)]));
        assert_eq!(difference, Difference::Values { record: 0, samples: 2, max: 4.0, rms: 12.5_f64.sqrt() });
    }
}
