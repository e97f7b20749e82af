//! Runs a Bouton image on an Arm MPS2+ AN386 (Cortex-M4), as QEMU emulates it.
//!
//! The image lies in the PSRAM, where QEMU's loader puts it. The number of ticks is the first argument of the semihosting command
//! line. Lines go to semihosting's standard output; the exit status is 0, or the code of the failure.
#![no_std]
#![no_main]

use bouton_firmware::Event;
use core::panic::PanicInfo;
use cortex_m_rt::entry;
use cortex_m_semihosting::{hio, syscall, syscall1};

/// Start and size of the PSRAM (Arm application note AN386).
const IMAGE_START: usize = 0x2100_0000;
const IMAGE_CAPACITY: usize = 16 << 20;
/// Where an image says how long it is.
const LENGTH_OFFSET: usize = 12;

/// Semihosting operations (Arm, "Semihosting for AArch32 and AArch64").
const SYS_GET_CMDLINE: usize = 0x15;
const SYS_EXIT_EXTENDED: usize = 0x20;
const APPLICATION_EXIT: usize = 0x20026;

const USAGE: u32 = 64;
const NO_OUTPUT: u32 = 65;

struct StandardOutput(hio::HostStream);

impl embedded_io::ErrorType for StandardOutput {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write_all(bytes).map(|()| bytes.len()).map_err(|()| embedded_io::ErrorKind::Other)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[entry]
fn main() -> ! {
    let memory = cortex_m::singleton!(MEMORY: [u64; 393_216] = [0; 393_216]);
    let queue = cortex_m::singleton!(QUEUE: heapless::Vec<Event, 32_768> = heapless::Vec::new());
    let (Some(memory), Some(queue), Some(ticks)) = (memory, queue, ticks()) else { exit(USAGE) };
    let Ok(output) = hio::hstdout() else { exit(NO_OUTPUT) };
    match bouton_firmware::run(image(), memory, queue, ticks, &mut StandardOutput(output)) {
        Ok(()) => exit(0),
        Err(failure) => exit(failure.code()),
    }
}

/// The bytes of the image. An absurd length gives the whole PSRAM, which the reader then refuses.
fn image() -> &'static [u8] {
    // SAFETY: the PSRAM is mapped, readable, aligned and never written by this program; length is read within it, and the slice
    // stays within it.
    unsafe {
        let length = core::ptr::read_volatile((IMAGE_START + LENGTH_OFFSET) as *const u32) as usize;
        core::slice::from_raw_parts(IMAGE_START as *const u8, length.min(IMAGE_CAPACITY))
    }
}

/// The number after the program's name on the command line.
fn ticks() -> Option<u32> {
    let mut buffer = [0u8; 64];
    let mut block = [buffer.as_mut_ptr() as usize, buffer.len()];
    // SAFETY: the host writes at most the given number of bytes to the buffer and their count into the block; both outlive the call.
    let failed = unsafe { syscall1(SYS_GET_CMDLINE, &raw mut block as usize) };
    if failed != 0 {
        return None;
    }
    let line = buffer.get(..block[1].min(buffer.len()))?;
    let word = line.split(|b| *b == b' ' || *b == 0).nth(1)?;
    word.iter().try_fold(0u32, |n, digit| n.checked_mul(10)?.checked_add(char::from(*digit).to_digit(10)?))
}

fn exit(code: u32) -> ! {
    let block = [APPLICATION_EXIT, code as usize];
    loop {
        // SAFETY: the host reads the two words and ends the program.
        unsafe { syscall(SYS_EXIT_EXTENDED, &block) };
    }
}

unsafe extern "C" {
    /// Defined nowhere: the program links only if the compiler has proven that nothing in it can panic.
    fn a_panic_is_linked() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    // SAFETY: never called; see above.
    unsafe { a_panic_is_linked() }
}
