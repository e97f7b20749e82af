//! Lines of a file that may be gzipped, one at a time, so that no file makes us hold more than its longest line.

use super::FileError;
use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// Longest line that is read, bytes: a net with 4 million ranges. A line that never ends is no line.
const LONGEST: u64 = 64 << 20;

/// Lines with their numbers.
pub(super) struct Lines<'b> {
    file: String,
    text: Box<dyn BufRead + 'b>,
    line: u64,
    buffer: Vec<u8>,
}

/// The text of bytes that may be gzipped.
pub(super) fn text(bytes: &[u8]) -> Box<dyn BufRead + '_> {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(bytes)))
    } else {
        Box::new(bytes)
    }
}

/// What is wrong when the text cannot be read on.
pub(super) fn broken(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "the gzipped data are cut off after this; copy the file again".to_string(),
        _ => format!("the gzipped data are damaged ({error}); copy the file again"),
    }
}

impl<'b> Lines<'b> {
    /// The lines of `bytes`, of a file called `file`.
    pub(super) fn new(file: &str, bytes: &'b [u8]) -> Self {
        Lines { file: file.to_string(), text: text(bytes), line: 0, buffer: Vec::new() }
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, FileError> {
        self.buffer.clear();
        let read = self.text.by_ref().take(LONGEST).read_until(b'\n', &mut self.buffer);
        let length = read.map_err(|e| self.wrong(broken(&e)))?;
        if length == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if length as u64 == LONGEST {
            return Err(self.wrong(format!("this line is longer than {LONGEST} bytes; expected one JSON object on each line")));
        }
        Ok(Some(&self.buffer))
    }

    /// Something is wrong in the line that was read last.
    pub(super) fn wrong(&self, message: impl Into<String>) -> FileError {
        FileError { file: self.file.clone(), line: Some(self.line.max(1)), message: message.into() }
    }
}
