//! Poisson drives: a number of events per neuron and tick.

use super::compile::Subject;
use super::error::ReferenceError;
use crate::circuit::{Drive, Values};
use crate::numeric::poisson;
use crate::table::Id;
use bouton_targets::random::{Purpose, Seed, word};
use std::collections::BTreeMap;

/// A drive of one population.
pub(crate) struct DriveAtWork {
    receptor: usize,
    weight: Values,
    /// Distributions of the counts, one for each distinct rate.
    tables: Vec<Vec<f64>>,
    /// Table of each neuron.
    table: Vec<u32>,
    /// Draw number.
    number: u32,
}

pub(crate) fn prepare(subject: &Subject, drive: &Drive, number: u32) -> Result<DriveAtWork, ReferenceError> {
    let population = subject.population;
    let (mut tables, mut known, mut table) = (Vec::new(), BTreeMap::new(), Vec::new());
    for index in 0..population.size() {
        let mean = drive.rate.at(index) * subject.tick;
        if !(0.0..=poisson::MAX_MEAN).contains(&mean) {
            return Err(ReferenceError::BadRate { population: population.name.clone(), span: population.span, mean });
        }
        table.push(*known.entry(mean.to_bits()).or_insert_with(|| {
            tables.push(poisson::cumulative(mean));
            tables.len() as u32 - 1
        }));
    }
    Ok(DriveAtWork { receptor: drive.receptor.index(), weight: drive.weight.clone(), tables, table, number })
}

impl DriveAtWork {
    /// Adds this tick's events to the receptor's sums.
    pub(crate) fn add(&self, stream: u32, tick: u32, seed: Seed, input: &mut [f64]) {
        let size = self.table.len();
        let sums = &mut input[self.receptor * size..][..size];
        for (index, (sum, table)) in sums.iter_mut().zip(&self.table).enumerate() {
            let drawn = word(seed, Purpose::Program, stream, index as u32, tick, self.number);
            let unit = f64::from(drawn >> 1) / 2_147_483_648.0;
            let count = self.tables[*table as usize].partition_point(|f| *f <= unit);
            *sum += count as f64 * self.weight.at(index as u32);
        }
    }
}
