//! flat
pub mod vector;
pub fn run(
    _: &crate::network::Network<'_>,
    _: crate::RunOptions<'_>,
    _: std::time::Instant,
) -> Result<crate::recording::Recording, crate::EngineError> {
    Err(crate::EngineError::TooLarge)
}
