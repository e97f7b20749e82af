//! Runs the command in a folder of its own.
#![allow(dead_code, clippy::expect_used)]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A circuit of two populations.
pub const PAIR: &str = "import std.neurons

circuit pair(w: voltage = 20 mV) {
  tick 1 ms
  population clock[2]: spikes at [[1 ms, 5 ms], [10 ms]]
  population cell[2]: lif_exp(v_th = -60 mV, e_l = -65 mV, v_reset = -65 mV)
  project clock -> cell.exc by one_to_one { weight w; delay 1 ms }
  record clock.spike, cell.spike, cell.v every 1 ms
}
";

/// A folder that goes away with its owner.
pub struct Folder(
    /// Where it is.
    pub PathBuf,
);

/// What a command did.
#[derive(Debug)]
pub struct Done {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Folder {
    /// An empty folder.
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("bouton-command-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) -> &Folder {
        fs::write(self.0.join(name), text).expect("it can be written");
        self
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("it is there")
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).expect("it is there")
    }

    /// The names of its files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("it is there");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs the command.
    pub fn bouton(&self, arguments: &[&str]) -> Done {
        self.bouton_reading("", arguments)
    }

    /// Runs the command with a standard input.
    pub fn bouton_reading(&self, input: &str, arguments: &[&str]) -> Done {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bouton"))
            .args(arguments)
            .current_dir(&self.0)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // A command that does not read may be gone by now.
        let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is UTF-8");
        Done { code: output.status.code().expect("it was not killed"), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Done {
    /// Asserts the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Done {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }
}
