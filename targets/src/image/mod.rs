//! The board image.
