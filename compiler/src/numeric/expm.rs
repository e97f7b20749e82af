//! Small dense matrices and their exponential.
//!
//! Source: Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26
//! (2005): the diagonal Padé approximant of degree 13 after scaling to a norm of at most 5.37. Basic operations only, without
//! fused ones, so the result has the same bits on every host. Rows and columns are balanced by powers of two first (Ward 1977):
//! volts, amperes and seconds differ by twelve orders of magnitude, and scaling by the worst would lose the small ones.

/// A square matrix, row-major.
#[derive(Clone, PartialEq, Debug)]
pub struct Matrix {
    n: usize,
    values: Vec<f64>,
}

/// Largest norm for which the approximant of degree 13 is accurate to the last place (Higham 2005, table 2.3).
const THETA_13: f64 = 5.371_920_351_148_152;

/// Coefficients of the approximant of degree 13 (Higham 2005, eq. 2.3).
const PADE_13: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];

impl Matrix {
    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(n: usize) -> Self {
        Matrix { n, values: vec![0.0; n * n] }
    }

    /// The identity.
    #[must_use]
    pub fn identity(n: usize) -> Self {
        let mut m = Self::zeros(n);
        for i in 0..n {
            m.set(i, i, 1.0);
        }
        m
    }

    /// Number of rows.
    #[must_use]
    pub fn size(&self) -> usize {
        self.n
    }

    /// The entry in row `i`, column `j`, both below [`Matrix::size`].
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.n + j]
    }

    /// Sets the entry in row `i`, column `j`, both below [`Matrix::size`].
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i * self.n + j] = value;
    }

    /// `self · other`.
    #[must_use]
    pub fn times(&self, other: &Matrix) -> Matrix {
        let n = self.n;
        let mut out = Matrix::zeros(n);
        for i in 0..n {
            for k in 0..n {
                let a = self.values[i * n + k];
                if a != 0.0 {
                    for j in 0..n {
                        out.values[i * n + j] += a * other.values[k * n + j];
                    }
                }
            }
        }
        out
    }

    /// `self + factor · other`.
    #[must_use]
    fn plus(mut self, factor: f64, other: &Matrix) -> Matrix {
        for (a, b) in self.values.iter_mut().zip(&other.values) {
            *a += factor * b;
        }
        self
    }

    /// `factor · self`.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Matrix {
        for a in &mut self.values {
            *a *= factor;
        }
        self
    }

    /// Largest sum of magnitudes of a column.
    fn norm(&self) -> f64 {
        let column = |j: usize| (0..self.n).map(|i| self.get(i, j).abs()).sum::<f64>();
        (0..self.n).map(column).fold(0.0, f64::max)
    }

    /// X with `self · X = right`, by elimination with partial pivoting; `None` when the matrix is singular or not finite.
    fn solve(mut self, mut right: Matrix) -> Option<Matrix> {
        let n = self.n;
        for k in 0..n {
            let pivot = (k..n).max_by(|a, b| self.get(*a, k).abs().total_cmp(&self.get(*b, k).abs()))?;
            self.swap_rows(k, pivot);
            right.swap_rows(k, pivot);
            let head = self.get(k, k);
            if head == 0.0 || !head.is_finite() {
                return None;
            }
            for i in k + 1..n {
                let factor = self.get(i, k) / head;
                self.subtract_row(i, factor, k);
                right.subtract_row(i, factor, k);
            }
        }
        for k in (0..n).rev() {
            let head = self.get(k, k);
            (0..n).for_each(|j| right.values[k * n + j] /= head);
            for i in 0..k {
                let factor = self.get(i, k);
                right.subtract_row(i, factor, k);
            }
        }
        Some(right)
    }

    fn swap_rows(&mut self, a: usize, b: usize) {
        for j in 0..self.n {
            self.values.swap(a * self.n + j, b * self.n + j);
        }
    }

    fn subtract_row(&mut self, row: usize, factor: f64, from: usize) {
        if factor != 0.0 {
            for j in 0..self.n {
                self.values[row * self.n + j] -= factor * self.values[from * self.n + j];
            }
        }
    }

    /// Powers of two D for which D⁻¹·self·D has rows and columns of like norms (Parlett and Reinsch 1969); applied to self.
    fn balance(&mut self) -> Vec<f64> {
        let n = self.n;
        let mut d = vec![1.0; n];
        for _ in 0..64 {
            let mut done = true;
            for (i, scale) in d.iter_mut().enumerate() {
                let off = |f: &dyn Fn(usize) -> f64| (0..n).filter(|j| *j != i).map(|j| f(j).abs()).sum::<f64>();
                let factor = balance_factor(off(&|j| self.get(j, i)), off(&|j| self.get(i, j)));
                if factor != 1.0 {
                    done = false;
                    *scale *= factor;
                    for j in 0..n {
                        self.values[j * n + i] *= factor;
                        self.values[i * n + j] /= factor;
                    }
                }
            }
            if done {
                break;
            }
        }
        d
    }
}

/// The power of two by which a column of norm `column` is scaled, and its row of norm `row` divided.
fn balance_factor(column: f64, row: f64) -> f64 {
    if !(column > 0.0 && row > 0.0 && column.is_finite() && row.is_finite()) {
        return 1.0;
    }
    let (mut factor, mut c) = (1.0, column);
    while c < row / 2.0 {
        (c, factor) = (c * 4.0, factor * 2.0);
    }
    while c >= row * 2.0 {
        (c, factor) = (c / 4.0, factor / 2.0);
    }
    if factor * column + row / factor < 0.95 * (column + row) { factor } else { 1.0 }
}

/// e^a; `None` when an entry of `a` is not finite or the result overflows.
///
/// ```
/// use bouton_compiler::numeric::expm::{Matrix, expm};
/// let mut a = Matrix::zeros(1);
/// a.set(0, 0, -0.5);
/// assert!((expm(&a).unwrap().get(0, 0) - (-0.5f64).exp()).abs() < 1e-15);
/// ```
#[must_use]
pub fn expm(a: &Matrix) -> Option<Matrix> {
    let n = a.n;
    let mut a = a.clone();
    let d = a.balance();
    let norm = a.norm();
    if !norm.is_finite() {
        return None;
    }
    let (mut squarings, mut scale) = (0, 1.0);
    while norm * scale > THETA_13 {
        (squarings, scale) = (squarings + 1, scale * 0.5);
    }
    let mut e = pade_13(&a.scaled(scale))?;
    for _ in 0..squarings {
        e = e.times(&e);
    }
    for i in 0..n {
        for j in 0..n {
            e.values[i * n + j] *= d[i] / d[j];
        }
    }
    e.values.iter().all(|x| x.is_finite()).then_some(e)
}

/// The approximant (V - U)⁻¹·(V + U), U odd and V even in `a`.
fn pade_13(a: &Matrix) -> Option<Matrix> {
    let b = &PADE_13;
    let one = Matrix::identity(a.n);
    let a2 = a.times(a);
    let a4 = a2.times(&a2);
    let a6 = a4.times(&a2);
    let high = |from: usize| a6.clone().scaled(b[from + 6]).plus(b[from + 4], &a4).plus(b[from + 2], &a2);
    let low = |from: usize| one.clone().scaled(b[from]).plus(b[from + 2], &a2).plus(b[from + 4], &a4).plus(b[from + 6], &a6);
    let u = a.times(&a6.times(&high(7)).plus(1.0, &low(1)));
    let v = a6.times(&high(6)).plus(1.0, &low(0));
    v.clone().plus(-1.0, &u).solve(v.plus(1.0, &u))
}

/// e^(a·h) and ∫₀ʰ e^(a·s) ds: the solution of x' = a·x + b with constant b is the first times x plus the second times b.
///
/// Both are blocks of one exponential (Van Loan, "Computing integrals involving the matrix exponential", 1978).
#[must_use]
pub fn propagator(a: &Matrix, h: f64) -> Option<(Matrix, Matrix)> {
    let n = a.n;
    let mut augmented = Matrix::zeros(2 * n);
    for i in 0..n {
        for j in 0..n {
            augmented.set(i, j, a.get(i, j) * h);
        }
        // The integral is scaled by 1/h, else balancing would have to make up for it.
        augmented.set(i, n + i, 1.0);
    }
    let e = expm(&augmented)?;
    let (mut p, mut q) = (Matrix::zeros(n), Matrix::zeros(n));
    for i in 0..n {
        for j in 0..n {
            p.set(i, j, e.get(i, j));
            q.set(i, j, e.get(i, n + j) * h);
        }
    }
    Some((p, q))
}

/// φ(z) = (e^z - 1)/z, and 1 at 0.
#[must_use]
pub fn phi(z: f64) -> f64 {
    // expm1 is exact to the last place near zero, but 0/0 is not; below 1e-5 the series is exact to 1e-17.
    if z.abs() < 1e-5 { 1.0 + z * (0.5 + z / 6.0) } else { libm::expm1(z) / z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(n: usize, values: &[f64]) -> Matrix {
        Matrix { n, values: values.to_vec() }
    }

    fn close(a: &Matrix, b: &[f64], tolerance: f64) {
        for (x, y) in a.values.iter().zip(b) {
            assert!((x - y).abs() <= tolerance * y.abs().max(1e-300), "{x} is not {y}");
        }
    }

    #[test]
    fn diagonal_nilpotent_and_rotation() {
        close(&expm(&matrix(2, &[-3.0, 0.0, 0.0, 2.0])).unwrap(), &[libm::exp(-3.0), 0.0, 0.0, libm::exp(2.0)], 4e-15);
        close(&expm(&matrix(2, &[0.0, 7.0, 0.0, 0.0])).unwrap(), &[1.0, 7.0, 0.0, 1.0], 1e-15);
        let t = 20.0;
        let (s, c) = (libm::sin(t), libm::cos(t));
        close(&expm(&matrix(2, &[0.0, t, -t, 0.0])).unwrap(), &[c, s, -s, c], 1e-13);
        assert!(expm(&matrix(1, &[f64::NAN])).is_none());
        assert!(expm(&matrix(1, &[1e6])).is_none());
    }

    #[test]
    fn two_decays_in_series() {
        // v' = -v/tm + g/tm, g' = -g/ts over h has a closed form, here in SI units of very different size.
        let (tm, ts, c, h) = (20e-3, 5e-3, 250e-12, 1e-4);
        let (p, q) = propagator(&matrix(2, &[-1.0 / tm, 1.0 / c, 0.0, -1.0 / ts]), h).unwrap();
        let (em, es) = (libm::exp(-h / tm), libm::exp(-h / ts));
        let cross = (es - em) / (1.0 / tm - 1.0 / ts) / c;
        close(&p, &[em, cross, 0.0, es], 5e-14);
        assert!((q.get(0, 0) / (-tm * libm::expm1(-h / tm)) - 1.0).abs() < 1e-14);
        assert!((q.get(1, 1) / (-ts * libm::expm1(-h / ts)) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn phi_is_smooth_at_zero() {
        assert_eq!(phi(0.0), 1.0);
        for z in [1e-5, -1e-5, 0.999e-5] {
            assert!((phi(z) - (1.0 + z / 2.0 + z * z / 6.0)).abs() < 1e-15);
        }
        assert!((phi(1.0) - (libm::exp(1.0) - 1.0)).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn inverse_is_the_exponential_of_the_negative(values in prop::collection::vec(-3.0f64..3.0, 9)) {
            let a = matrix(3, &values);
            let product = expm(&a).unwrap().times(&expm(&a.clone().scaled(-1.0)).unwrap());
            for i in 0..3 {
                for j in 0..3 {
                    let one = f64::from(u8::from(i == j));
                    prop_assert!((product.get(i, j) - one).abs() < 1e-8, "{product:?}");
                }
            }
        }
    }
}
