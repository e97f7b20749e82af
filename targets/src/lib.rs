//! What a target computes and what it is loaded with: the one place both ends agree on.
//!
//! - [`arith`]: the integer operations; nothing else may define arithmetic.
//! - [`instruction`], [`program`]: straight-line programs over lanes of `i32`.
//! - [`random`]: counter-based random words and what is drawn from them.
//! - [`cost`]: cycles that a core needs for a tick.
//! - [`generate`]: synapses from a description, drawn where they are needed.
//! - [`image`]: the board image, read in place.
//! - `machine` (feature `std`): machine descriptions.
//!
//! Without the feature `std` the crate allocates nothing. It depends on no other crate of Bouton.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

pub mod arith;
pub mod cost;
pub mod generate;
pub mod image;
pub mod instruction;
pub mod lookup;
#[cfg(feature = "std")]
pub mod machine;
pub mod program;
pub mod random;

#[cfg(target_endian = "big")]
compile_error!("images are little-endian words read in place: a big-endian target cannot run them");

/// Whether `right` holds for each item and the next. (The core library's own test of order links a panic.)
pub(crate) fn in_order<T>(items: &[T], right: impl Fn(&T, &T) -> bool) -> bool {
    items.iter().zip(items.iter().skip(1)).all(|(a, b)| right(a, b))
}
