//! Finds what device builds and emulated devices need, installs it where it may, and says what is missing.

use std::path::Path;
use std::process::{Command, Stdio};

/// How to build for a device target.
#[derive(Clone, Debug)]
pub enum DeviceRust {
    /// The compiler of the project has the target's core library.
    Installed,
    /// Debian's compiler builds the core library from its source package.
    Debian,
}

/// A tool that is missing, and how to get it.
#[derive(Debug)]
pub struct Missing(pub Vec<String>);

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUST_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// Finds or installs what builds and runs `target` on an emulated Arm board.
///
/// # Errors
/// What is missing and cannot be installed here.
pub fn set_up(target: &str) -> Result<DeviceRust, Missing> {
    let mut missing = Vec::new();
    if !runs("qemu-system-arm", &["--version"]) && !apt_install(&["qemu-system-arm"]) {
        missing.push("qemu-system-arm: apt-get install --no-install-recommends qemu-system-arm".to_string());
    }
    let rust = device_rust(target).or_else(|| {
        // A user with rustup and a network; then a Debian with its packages.
        let added = runs("rustup", &["target", "add", target]) || apt_install(DEBIAN_RUST_PACKAGES);
        added.then(|| device_rust(target)).flatten()
    });
    match rust {
        Some(rust) if missing.is_empty() => Ok(rust),
        Some(_) => Err(Missing(missing)),
        None => {
            missing.push(format!(
                "a Rust compiler for {target}: rustup target add {target}, or on Debian apt-get install {}",
                DEBIAN_RUST_PACKAGES.join(" ")
            ));
            Err(Missing(missing))
        }
    }
}

fn device_rust(target: &str) -> Option<DeviceRust> {
    if has_core(target) {
        return Some(DeviceRust::Installed);
    }
    let debian = Path::new(DEBIAN_CARGO).exists() && debian_has_core_source() && runs("ld.lld", &["--version"]);
    debian.then_some(DeviceRust::Debian)
}

/// Whether the default compiler has a core library for `target`.
fn has_core(target: &str) -> bool {
    let sysroot = output("rustc", &["--print", "sysroot"]);
    sysroot.is_some_and(|root| Path::new(root.trim()).join("lib/rustlib").join(target).join("lib").is_dir())
}

fn debian_has_core_source() -> bool {
    let sysroot = output(DEBIAN_RUSTC, &["--print", "sysroot"]);
    sysroot.is_some_and(|root| Path::new(root.trim()).join("lib/rustlib/src/rust/library/core/src/lib.rs").exists())
}

/// A cargo command that builds for `target` in a target folder of its own.
pub fn device_cargo(rust: &DeviceRust, target: &str) -> Command {
    match rust {
        DeviceRust::Installed => Command::new("cargo"),
        DeviceRust::Debian => {
            let mut cargo = Command::new(DEBIAN_CARGO);
            cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            // Debian's default linker for bare metal is a link to a package that need not be there.
            cargo.env(format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_")), "ld.lld");
            // The variables of the outer cargo name its own compiler.
            cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTDOC");
            cargo
        }
    }
}

/// The extra arguments with which the core library is built, when it is.
pub fn core_arguments(rust: &DeviceRust) -> &'static [&'static str] {
    match rust {
        DeviceRust::Installed => &[],
        DeviceRust::Debian => &["-Zbuild-std=core"],
    }
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Installs Debian packages when this process may: it is root and apt is there.
fn apt_install(packages: &[&str]) -> bool {
    let root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !root || !runs("apt-get", &["--version"]) {
        return false;
    }
    eprintln!("installing {}", packages.join(" "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|s| s.success())
    };
    // Recommended packages of QEMU conflict with its tools on some releases; they are not needed.
    apt(&["update"]) && apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}
