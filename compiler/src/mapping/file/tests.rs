//! Reading damaged files.
