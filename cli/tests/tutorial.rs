//! Replays the tutorial of the book: every file that it shows is written, every command runs, every output must be what is shown.
//!
//! A line `<!-- file: NAME -->` names the block below it as a file. In blocks marked `console`, lines that begin with `$ ` are
//! commands for a shell, and the lines below are what they print. `BOUTON_BLESS=1` writes the outputs into the page.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder that goes away.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind is the system's to clean.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new() -> Folder {
        let path = std::env::temp_dir().join(format!("bouton-tutorial-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// What a shell prints for a command, errors first as they come.
    fn run(&self, command: &str) -> String {
        let bouton = Path::new(env!("CARGO_BIN_EXE_bouton")).parent().expect("it lies in a folder");
        let path = format!("{}:{}", bouton.display(), std::env::var("PATH").unwrap_or_default());
        let done = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(&self.0)
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .output()
            .expect("there is a shell");
        String::from_utf8_lossy(&done.stdout).lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// A text without what differs from run to run: times, and hashes of images.
fn lasting(text: &str) -> String {
    let line = |line: &str| match line.split_once(" synaptic events in ") {
        Some((count, _)) => format!("{count} synaptic events"),
        None => line.split(' ').map(|w| if w.len() == 64 { "HASH" } else { w }).collect::<Vec<_>>().join(" "),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The commands of a console block with what they print.
fn replay(folder: &Folder, block: &str) -> String {
    let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
    let each: Vec<String> = commands.map(|command| format!("$ {command}\n{}", folder.run(command))).collect();
    each.join("\n")
}

#[test]
fn the_tutorial_tells_what_happens() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/tutorial.md");
    let text = fs::read_to_string(&page).expect("the tutorial is there");
    let folder = Folder::new();
    let (mut out, mut wrong, mut commands) = (String::new(), Vec::new(), 0);
    let mut file: Option<String> = None;
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\n```") {
        let (kind, after) = after.split_once('\n').expect("a fence ends");
        let (block, after) = after.split_once("```").expect("a block ends");
        if let Some(name) = before.lines().last().and_then(|l| l.strip_prefix("<!-- file: ")?.strip_suffix(" -->")) {
            file = Some(name.to_string());
        }
        let mut shown = block.to_string();
        if let Some(name) = file.take() {
            fs::write(folder.0.join(name), block).expect("it can be written");
        } else if kind == "console" {
            commands += 1;
            let happens = replay(&folder, block);
            if lasting(&happens) != lasting(block) {
                wrong.push(format!("shown:\n{block}\nhappens:\n{happens}"));
                shown = happens;
            }
        }
        out.push_str(&format!("{before}\n```{kind}\n{shown}```"));
        rest = after;
    }
    out.push_str(rest);
    assert!(commands > 5, "only {commands} commands were found");
    if std::env::var_os("BOUTON_BLESS").is_some() {
        fs::write(&page, out).expect("it can be written");
        return;
    }
    assert!(wrong.is_empty(), "the tutorial shows something else; BOUTON_BLESS=1 writes what happens\n\n{}", wrong.join("\n"));
}
