//! Golden files: what is expected stands beside the input, and `BOUTON_BLESS=1` writes it anew.

use std::path::Path;

/// Whether golden files are to be written instead of compared.
#[must_use]
pub fn blessing() -> bool {
    std::env::var_os("BOUTON_BLESS").is_some_and(|value| value == "1")
}

/// What differs between `actual` and the file, as a text for a person; `None` when nothing does, or when it was written.
///
/// # Errors
/// When the file cannot be written.
pub fn differs(path: &Path, actual: &str) -> std::io::Result<Option<String>> {
    let expected = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if expected == actual {
        return Ok(None);
    }
    if blessing() {
        return std::fs::write(path, actual).map(|()| None);
    }
    let line = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    Ok(Some(format!("{} differs from line {} on; it should be:\n{actual}", path.display(), line + 1)))
}
