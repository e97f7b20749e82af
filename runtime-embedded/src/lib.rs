//! The kernel: one core of an image, one tick at a time, in bounded time and memory.
//!
//! - [`interpret`]: programs over lanes, shared with the engines of hosts.
//! - [`kernel`]: the tick, on an image that stays where it is (flash) and memory that the caller hands over.
//!
//! `no_std`, no allocator, no recursion, no `unsafe`, and no path that panics: reads are checked once, when the image is opened,
//! and total afterwards.
#![no_std]
#![forbid(unsafe_code)]

pub mod interpret;
pub mod kernel;

#[cfg(test)]
extern crate std;
