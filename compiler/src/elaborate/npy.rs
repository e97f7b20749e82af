//! Reads NPY files (versions 1 to 3) of numbers.
//!
//! Source: numpy/lib/format.py, the format's own description. Every length is checked before it is used.

use std::fmt;

/// Numbers with a shape, row-major.
#[derive(Clone, PartialEq, Debug)]
pub struct NpyArray {
    /// Extents, slowest first; empty for a single number.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f64>,
}

/// Why bytes are no NPY file of numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NpyError {
    /// It does not begin as an NPY file does.
    NoMagic,
    /// A version other than 1, 2 and 3.
    Version(u8),
    /// It ends within its header.
    HeaderTooShort,
    /// A part of the header is missing or malformed.
    Header(&'static str),
    /// Something other than little-endian numbers.
    Type(String),
    /// The data is not as long as the shape says.
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// Bytes that it needs; `None` when that is more than a machine can address.
        needs: Option<usize>,
        /// Bytes that are there.
        has: usize,
    },
}

impl fmt::Display for NpyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NpyError::NoMagic => f.write_str("this is no NPY file: it does not begin with `\\x93NUMPY`"),
            NpyError::Version(v) => write!(f, "NPY version {v} is not known (1, 2 and 3 are)"),
            NpyError::HeaderTooShort => f.write_str("the file ends within its header"),
            NpyError::Header(what) => write!(f, "the header's `{what}` is missing or malformed"),
            NpyError::Type(t) => {
                write!(f, "its numbers have the type `{t}`; expected little-endian f4, f8, i1 to i8, u1 to u8 or b1")
            }
            NpyError::Length { shape, needs: Some(needs), has } => {
                write!(f, "shape {shape:?} needs {needs} bytes of data, the file has {has}")
            }
            NpyError::Length { shape, needs: None, has } => {
                write!(f, "shape {shape:?} is absurdly large; the file has {has} bytes of data")
            }
        }
    }
}

impl std::error::Error for NpyError {}

/// Reads the bytes of an NPY file.
///
/// # Errors
/// When they are none, or hold anything but real numbers.
pub fn read(bytes: &[u8]) -> Result<NpyArray, NpyError> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or(NpyError::NoMagic)?;
    let (header, data) = split_header(rest)?;
    let header = String::from_utf8_lossy(header);
    let kind = quoted(&header, "descr").ok_or(NpyError::Header("descr"))?;
    let (size, decode) = decoder(&kind).ok_or(NpyError::Type(kind))?;
    let column_major = match after(&header, "fortran_order") {
        Some(text) if text.starts_with("True") => true,
        Some(text) if text.starts_with("False") => false,
        _ => return Err(NpyError::Header("fortran_order")),
    };
    let shape = shape(&header).ok_or(NpyError::Header("shape"))?;
    let needs = shape.iter().try_fold(size, |all, extent| all.checked_mul(*extent));
    if needs != Some(data.len()) {
        return Err(NpyError::Length { shape, needs, has: data.len() });
    }
    let values: Vec<f64> = data.chunks_exact(size).map(decode).collect();
    let values = if column_major { row_major(&shape, &values) } else { values };
    Ok(NpyArray { shape, values })
}

/// Version, length of the header, header; then the data.
fn split_header(rest: &[u8]) -> Result<(&[u8], &[u8]), NpyError> {
    let (version, rest) = rest.split_at_checked(2).ok_or(NpyError::HeaderTooShort)?;
    let width = match version.first() {
        Some(1) => 2,
        Some(2 | 3) => 4,
        other => return Err(NpyError::Version(other.copied().unwrap_or(0))),
    };
    let (length, rest) = rest.split_at_checked(width).ok_or(NpyError::HeaderTooShort)?;
    let length = length.iter().rev().fold(0_usize, |n, byte| n << 8 | usize::from(*byte));
    rest.split_at_checked(length).ok_or(NpyError::HeaderTooShort)
}

/// What follows `'key':`.
fn after<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    let quoted = [format!("'{key}'"), format!("\"{key}\"")];
    let at = quoted.iter().find_map(|q| header.find(q.as_str()).map(|at| at + q.len()))?;
    header.get(at..)?.trim_start().strip_prefix(':').map(str::trim_start)
}

fn quoted(header: &str, key: &str) -> Option<String> {
    let text = after(header, key)?;
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
    // A list here describes records with named fields: shown as it stands, refused as a type.
    let Some(quote) = quote else { return Some(text.chars().take_while(|c| *c != ']').take(60).collect()) };
    text.get(1..)?.split_once(quote).map(|(kind, _)| kind.to_string())
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let (inside, _) = after(header, "shape")?.strip_prefix('(')?.split_once(')')?;
    inside.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.trim_end_matches('L').parse().ok()).collect()
}

/// Reads one number.
type Decode = fn(&[u8]) -> f64;

/// Bytes of one number and how it is read.
fn decoder(kind: &str) -> Option<(usize, Decode)> {
    /// `chunks_exact` gives as many bytes as the type has; a shorter slice reads as zero bytes.
    fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        out
    }
    Some(match kind {
        "<f4" => (4, |b| f64::from(f32::from_le_bytes(array(b)))),
        "<f8" => (8, |b| f64::from_le_bytes(array(b))),
        "|i1" | "<i1" => (1, |b| f64::from(i8::from_le_bytes(array(b)))),
        "<i2" => (2, |b| f64::from(i16::from_le_bytes(array(b)))),
        "<i4" => (4, |b| f64::from(i32::from_le_bytes(array(b)))),
        "<i8" => (8, |b| i64::from_le_bytes(array(b)) as f64),
        "|u1" | "<u1" | "|b1" => (1, |b| f64::from(u8::from_le_bytes(array(b)))),
        "<u2" => (2, |b| f64::from(u16::from_le_bytes(array(b)))),
        "<u4" => (4, |b| f64::from(u32::from_le_bytes(array(b)))),
        "<u8" => (8, |b| u64::from_le_bytes(array(b)) as f64),
        _ => return None,
    })
}

/// Puts numbers that were stored with the first index fastest in the order with the last index fastest.
fn row_major(shape: &[usize], values: &[f64]) -> Vec<f64> {
    let mut at = vec![0; shape.len()];
    let mut out = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        let place = at.iter().zip(shape).rev().fold(0, |place, (i, extent)| place * extent + i);
        out.extend(values.get(place));
        for (i, extent) in at.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < *extent {
                break;
            }
            *i = 0;
        }
    }
    out
}

/// The bytes of a version 1 file of f8, as numpy writes it; for tests.
#[cfg(test)]
pub(crate) fn write(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let shape: String = shape.iter().map(|n| format!("{n},")).collect();
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}\n");
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn reads_what_numpy_writes() {
        let bytes = write(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(read(&bytes), Ok(NpyArray { shape: vec![2, 3], values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] }));
        let scalar = file("{'descr': '<i2', 'fortran_order': False, 'shape': (), }", &[0xFE, 0xFF]);
        assert_eq!(read(&scalar), Ok(NpyArray { shape: vec![], values: vec![-2.0] }));
    }

    #[test]
    fn column_major_data_is_turned() {
        let bytes = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", &[1, 4, 2, 5, 3, 6]);
        assert_eq!(read(&bytes).map(|a| a.values), Ok(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    }

    #[test]
    fn bad_files_say_what_is_wrong() {
        let text = |bytes: &[u8]| read(bytes).expect_err("it is malformed").to_string();
        assert!(text(b"PK\x03\x04").contains("no NPY file"));
        assert!(text(b"\x93NUMPY\x09\x00").contains("version 9"));
        assert!(text(&file("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", &[])).contains("<c16"));
        assert!(text(&file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", &[])).contains("[('a', '<f4')"));
        assert!(text(&file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", &[0; 7])).contains("needs 8 bytes"));
        let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)}";
        assert!(text(&file(huge, &[])).contains("absurdly"));
    }

    #[test]
    fn every_prefix_gives_an_error() {
        let bytes = write(&[2], &[1.0, 2.0]);
        assert!((0..bytes.len()).all(|n| read(&bytes[..n]).is_err()));
    }
}
