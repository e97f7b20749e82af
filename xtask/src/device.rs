//! Emulated boards: building their firmware and running it in QEMU.

use crate::Failure;
use crate::toolchain::{self, Missing};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A board that QEMU emulates.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// QEMU's name of it, and the name of its machine description.
    pub name: &'static str,
    package: &'static str,
    target: &'static str,
    /// Where QEMU's loader puts the image.
    image_address: &'static str,
}

const BOARDS: &[Board] = &[Board {
    name: "mps2-an386",
    package: "bouton-firmware-mps2-an386",
    target: "thumbv7em-none-eabihf",
    image_address: "0x21000000",
}];

/// A device that hangs is stopped: a run takes seconds.
const PATIENCE: Duration = Duration::from_secs(300);

impl Board {
    /// The board called `name`.
    pub fn named(name: &str) -> Result<Board, Failure> {
        let known = || BOARDS.iter().map(|b| b.name).collect::<Vec<_>>().join(", ");
        BOARDS
            .iter()
            .find(|b| b.name == name)
            .copied()
            .ok_or_else(|| format!("there is no board `{name}`; there is {}", known()).into())
    }

    /// All boards.
    pub fn all() -> &'static [Board] {
        BOARDS
    }
}

/// A board's program, built.
#[derive(Debug)]
pub struct Firmware {
    board: Board,
    elf: PathBuf,
}

/// The root of the project.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

impl Firmware {
    /// Sets up the tools and builds the firmware of `board`. It links only if nothing in it can panic.
    pub fn build(board: Board) -> Result<Firmware, Failure> {
        let rust = toolchain::set_up(board.target)
            .map_err(|Missing(tools)| format!("these are missing and cannot be installed here:\n  {}", tools.join("\n  ")))?;
        let target_dir = root().join("target/device");
        let mut cargo = toolchain::device_cargo(&rust, board.target);
        cargo.args(["build", "--release", "--locked", "--target", board.target, "--package", board.package]);
        cargo.args(toolchain::core_arguments(&rust));
        cargo.current_dir(root().join("runtime-embedded/firmware")).env("CARGO_TARGET_DIR", &target_dir);
        if !cargo.status()?.success() {
            return Err(format!("the firmware of {} did not build", board.name).into());
        }
        let elf = target_dir.join(board.target).join("release").join(board.package);
        check_no_panic(&elf)?;
        Ok(Firmware { board, elf })
    }

    /// Runs an image for a number of ticks and gives the lines that it wrote.
    pub fn run(&self, image: &Path, ticks: u32) -> Result<String, Failure> {
        // QEMU splits its options at commas.
        if image.to_string_lossy().contains(',') {
            return Err("QEMU cannot load a file with a comma in its path".into());
        }
        let loader = format!("loader,file={},addr={},force-raw=on", image.display(), self.board.image_address);
        let semihosting = format!("enable=on,target=native,arg=bouton,arg={ticks}");
        let mut child = Command::new("qemu-system-arm")
            .args(["-M", self.board.name, "-nographic", "-semihosting-config", &semihosting, "-device", &loader, "-kernel"])
            .arg(&self.elf)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = child.stdout.take().ok_or("QEMU has no standard output")?;
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        });
        let start = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break status,
                None if start.elapsed() > PATIENCE => {
                    child.kill()?;
                    return Err(format!("{} did not finish within {} s", self.board.name, PATIENCE.as_secs()).into());
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let text = reader.join().map_err(|_| "the reader of QEMU's output failed")??;
        match status.code() {
            Some(0) => Ok(text),
            code => {
                Err(format!("{} ended with status {code:?}; what a status means: runtime-embedded/firmware", self.board.name)
                    .into())
            }
        }
    }
}

/// Refuses a program that has a symbol of the panic machinery.
fn check_no_panic(elf: &Path) -> Result<(), Failure> {
    use object::{Object, ObjectSymbol};
    let bytes = std::fs::read(elf)?;
    let file = object::File::parse(&*bytes)?;
    let guilty: Vec<&str> = file
        .symbols()
        .filter_map(|s| s.name().ok())
        .filter(|name| name.contains("panicking") || name.contains("core3fmt"))
        .collect();
    if file.symbols().next().is_none() {
        return Err("the firmware has no symbols to check".into());
    }
    if guilty.is_empty() { Ok(()) } else { Err(format!("the firmware links panic machinery: {}", guilty.join(", ")).into()) }
}
