//! What rounding adds up to over time.

/// Why the error of a state has no bound in the long run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum NoBound {
    /// One tick can already add any error, or change it by any factor.
    OneTick,
    /// A tick multiplies the state's error by up to this, which is not below one.
    Kept(f64),
    /// It and the states that it reads can feed each other's errors.
    Together,
    /// It reads this state, which has none.
    Reads(usize),
}

/// Bound on the error of each state in the long run, where the update contracts.
///
/// With `slopes[i][j]` at least |∂x'_i/∂x_j| everywhere and `each[i]` the error that one tick adds, errors obey
/// e' ≤ slopes·e + each; where the spectral radius of `slopes` is below one they stay below (I - slopes)⁻¹·each. The radius of
/// a non-negative matrix is below one exactly when that inverse exists and has no negative entry, which elimination without
/// exchanges shows by its pivots (an M-matrix has positive ones only). States that do not contract, or read one that does
/// not, have none.
pub(crate) fn accumulated(slopes: &[Vec<f64>], each: &[f64]) -> Vec<Result<f64, NoBound>> {
    let n = each.len();
    let is_finite = |i: usize| each[i].is_finite() && slopes[i].iter().all(|s| s.is_finite());
    let mut open: Vec<Option<NoBound>> = (0..n).map(|i| (!is_finite(i)).then_some(NoBound::OneTick)).collect();
    loop {
        let reads = |i: usize| (0..n).find(|j| slopes[i][*j] != 0.0 && open[*j].is_some()).map(NoBound::Reads);
        let read: Vec<Option<NoBound>> = (0..n).map(|i| open[i].or_else(|| reads(i))).collect();
        if read != open {
            open = read;
            continue;
        }
        let closed: Vec<usize> = (0..n).filter(|i| open[*i].is_none()).collect();
        match solve(slopes, each, &closed) {
            Ok(bounds) => {
                let mut bounds = bounds.into_iter();
                let one = |why: &Option<NoBound>| why.map_or_else(|| bounds.next().ok_or(NoBound::OneTick), Err);
                return open.iter().map(one).collect();
            }
            Err(culprit) => {
                let kept = slopes[culprit][culprit];
                open[culprit] = Some(if kept >= 1.0 { NoBound::Kept(kept) } else { NoBound::Together });
            }
        }
    }
}

/// Solves (I - slopes)·e = each over the states in `of`; the state at which a pivot is not positive otherwise.
fn solve(slopes: &[Vec<f64>], each: &[f64], of: &[usize]) -> Result<Vec<f64>, usize> {
    let n = of.len();
    let entry = |i: usize, j: usize| f64::from(u8::from(i == j)) - slopes[of[i]][of[j]];
    let mut a: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| entry(i, j)).chain([each[of[i]]]).collect()).collect();
    for k in 0..n {
        // A pivot this small is a bound of no use, and may be rounding.
        if a[k][k].is_nan() || a[k][k] <= 1e-12 {
            return Err(of[k]);
        }
        let head = a[k].clone();
        for row in a.iter_mut().skip(k + 1) {
            let factor = row[k] / head[k];
            row.iter_mut().zip(&head).for_each(|(x, h)| *x -= factor * h);
        }
    }
    let mut e = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| a[i][j] * e[j]).sum();
        e[i] = (a[i][n] - known) / a[i][i];
    }
    Ok(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_forgets_and_an_integrator_does_not() {
        let bounds = accumulated(&[vec![0.9, 0.0], vec![0.0, 1.0]], &[1.0, 1.0]);
        assert!((bounds[0].unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(bounds[1], Err(NoBound::Kept(1.0)));
        let coupled = accumulated(&[vec![0.5, 0.2], vec![0.1, 0.5]], &[1.0, 0.0]);
        assert!((coupled[0].unwrap() - 0.5 / 0.23).abs() < 1e-9);
        let reads = accumulated(&[vec![0.9, 0.1], vec![0.0, 1.0]], &[1.0, 1.0]);
        assert_eq!(reads, [Err(NoBound::Reads(1)), Err(NoBound::Kept(1.0))]);
        let together = accumulated(&[vec![0.9, 0.5], vec![0.5, 0.9]], &[1.0, 1.0]);
        assert_eq!(together, [Err(NoBound::Reads(1)), Err(NoBound::Together)]);
        assert_eq!(accumulated(&[vec![0.5]], &[f64::INFINITY]), [Err(NoBound::OneTick)]);
    }
}
