//! Linear systems over one tick: matrix exponentials, one for each distinct set of coefficients.

use crate::lower::known::Known;
use crate::numeric::expm::{Matrix, propagator};
use std::collections::BTreeMap;

/// A square matrix of constants, by row.
pub(super) type Coefficients = Vec<Vec<Known>>;

/// e^(a·h) and the integral of e^(a·s) over one step, by row; `None` when they overflow.
pub(super) fn propagators(a: &Coefficients, h: f64) -> Option<(Coefficients, Coefficients)> {
    let n = a.len();
    let neurons = a.iter().flatten().map(Known::len).max().unwrap_or(1);
    let mut cache: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut distinct = Vec::new();
    let mut of_neuron = Vec::with_capacity(neurons);
    for neuron in 0..neurons {
        let entries: Vec<f64> = a.iter().flatten().map(|k| k.at(neuron)).collect();
        let key: Vec<u64> = entries.iter().map(|x| x.to_bits()).collect();
        let at = match cache.get(&key) {
            Some(at) => *at,
            None => {
                distinct.push(one(&entries, n, h)?);
                cache.insert(key, distinct.len() - 1);
                distinct.len() - 1
            }
        };
        of_neuron.push(at);
    }
    let reach = reachable(a);
    let gather = |pick: fn(&(Matrix, Matrix)) -> &Matrix| -> Coefficients {
        let entry = |i: usize, j: usize| {
            if !reach[i][j] {
                return Known::ZERO;
            }
            Known::each(of_neuron.iter().map(|at| pick(&distinct[*at]).get(i, j)).collect())
        };
        (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
    };
    Some((gather(|(p, _)| p), gather(|(_, q)| q)))
}

fn one(entries: &[f64], n: usize, h: f64) -> Option<(Matrix, Matrix)> {
    let mut a = Matrix::zeros(n);
    for (at, x) in entries.iter().enumerate() {
        a.set(at / n, at % n, *x);
    }
    propagator(&a, h)
}

/// Which entries of the exponential can differ from zero: those whose column's state acts on the row's, directly or not.
///
/// What cannot must be zero exactly, else rounding would cost an instruction.
fn reachable(a: &Coefficients) -> Vec<Vec<bool>> {
    let n = a.len();
    let mut reach: Vec<Vec<bool>> = (0..n).map(|i| (0..n).map(|j| i == j || !a[i][j].is(0.0)).collect()).collect();
    for k in 0..n {
        let through = reach[k].clone();
        for row in reach.iter_mut().filter(|row| row[k]) {
            row.iter_mut().zip(&through).for_each(|(r, t)| *r |= t);
        }
    }
    reach
}
