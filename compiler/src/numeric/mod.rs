//! Numerical methods that several passes share, in basic operations and `libm` only: the same bits on every host.

pub mod expm;
pub mod poisson;
