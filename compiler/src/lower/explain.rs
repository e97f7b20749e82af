//! placeholder
/// x
pub struct Explanation;
/// x
pub fn explain() {}
