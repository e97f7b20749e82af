//! Broken invariants of ours: caught in one place, told with what a report needs.

use crate::failure::Failure;
use crate::terminal;
use std::cell::RefCell;
use std::panic::{self, PanicHookInfo, UnwindSafe};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the message and place of a panic instead of printing it at once.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let text = describe(info);
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            terminal::say(&format!("{text}\n{}", std::backtrace::Backtrace::force_capture()));
        }
        LAST.with(|last| *last.borrow_mut() = Some(text));
    }));
}

fn describe(info: &PanicHookInfo) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    info.location().map_or_else(|| message.to_string(), |place| format!("{message}, at {}:{}", place.file(), place.line()))
}

/// Runs `work`; a panic in it becomes [`Failure::Bug`].
///
/// # Errors
/// Those of `work`, and its panic.
pub fn caught(work: impl FnOnce() -> Result<(), Failure> + UnwindSafe) -> Result<(), Failure> {
    panic::catch_unwind(work).unwrap_or_else(|_| {
        let text = LAST.with(|last| last.borrow_mut().take());
        Err(Failure::Bug(text.unwrap_or_else(|| "a panic on another thread".to_string())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The hook itself is global: to set it here would hide what other tests say.
    #[test]
    fn a_panic_becomes_a_bug() {
        let failure = caught(|| panic!("seven is not six")).expect_err("it panics");
        assert_eq!(failure.code(), 70);
        assert!(failure.to_string().contains("Please report it"), "{failure}");
    }
}
