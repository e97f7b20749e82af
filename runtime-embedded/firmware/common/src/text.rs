//! Lines of words and decimal numbers, without the formatting machinery of the core library: that would link panics.

use crate::Port;

const CAPACITY: usize = 1024;
/// Digits of the longest number, and its sign.
const LONGEST: usize = 20;

/// Collects lines and writes them when there are enough.
pub struct Lines<'a, P> {
    port: &'a mut P,
    buffer: [u8; CAPACITY],
    length: usize,
}

impl<'a, P: Port> Lines<'a, P> {
    /// Nothing collected yet.
    pub fn new(port: &'a mut P) -> Self {
        Lines { port, buffer: [0; CAPACITY], length: 0 }
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

    /// Writes what was collected.
    pub fn flush(&mut self) {
        self.port.write(self.buffer.get(..self.length).unwrap_or(&[]));
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
