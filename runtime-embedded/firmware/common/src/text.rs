//! Lines of words and decimal numbers, without the formatting machinery of the core library: that would link panics.

use embedded_io::Write;

const CAPACITY: usize = 1024;
/// Digits of the longest number, and its sign.
const LONGEST: usize = 20;

/// Collects lines and writes them when there are enough.
pub struct Lines<'a, P> {
    port: &'a mut P,
    buffer: [u8; CAPACITY],
    length: usize,
    failed: bool,
}

impl<'a, P: Write> Lines<'a, P> {
    /// Nothing collected yet.
    pub fn new(port: &'a mut P) -> Self {
        Lines { port, buffer: [0; CAPACITY], length: 0, failed: false }
    }

    /// Adds the line `word numbers…`.
    pub fn line(&mut self, word: &str, numbers: &[i64]) {
        for byte in word.bytes() {
            self.push(byte);
        }
        for number in numbers {
            self.push(b' ');
            self.number(*number);
        }
        self.push(b'\n');
    }

    /// Writes what is left. Says whether everything was written.
    pub fn finish(mut self) -> bool {
        self.flush();
        !self.failed
    }

    /// `write_all` of the trait panics when nothing is taken, so this loop stands here.
    fn flush(&mut self) {
        let mut rest = self.buffer.get(..self.length).unwrap_or(&[]);
        while !rest.is_empty() {
            let taken = self.port.write(rest).unwrap_or(0);
            let Some(left) = rest.get(taken..).filter(|_| taken > 0) else {
                self.failed = true;
                break;
            };
            rest = left;
        }
        self.length = 0;
    }

    fn push(&mut self, byte: u8) {
        if self.length == CAPACITY {
            self.flush();
        }
        if let Some(place) = self.buffer.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn number(&mut self, number: i64) {
        if number < 0 {
            self.push(b'-');
        }
        let mut digits = [0u8; LONGEST];
        let mut rest = number.unsigned_abs();
        let mut used = 0;
        for place in &mut digits {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        for digit in digits.iter().take(used).rev() {
            self.push(*digit);
        }
    }
}
