//! What happens around a system's function when the host calls its export.

use std::cell::{Cell, RefCell};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use tinkerbox_abi::AbiError;

use crate::imports;

thread_local! {
    /// The name of the running system. A mod has one thread.
    static RUNNING: Cell<&'static str> = const { Cell::new("") };
    /// What the host has refused so far.
    static REFUSALS: RefCell<Vec<Refusal>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Refusal {
    system: &'static str,
    what: &'static str,
    error: AbiError,
}

/// Runs the system with this name.
pub fn run(name: &'static str, system: impl FnOnce()) {
    report_panics();
    RUNNING.set(name);
    system();
}

/// Whether the host refuses `what` to the running system for this reason for the first time. What it refuses in one tick
/// it refuses in the next one too, so each refusal is to be logged once only.
pub(crate) fn is_first_refusal(what: &'static str, error: AbiError) -> bool {
    let refusal = Refusal { system: RUNNING.get(), what, error };
    REFUSALS.with_borrow_mut(|refusals| {
        let is_first = !refusals.contains(&refusal);
        refusals.extend(is_first.then_some(refusal));
        is_first
    })
}

/// Panics with a message of several parts. `panic!` would bring the code that formats texts into every mod.
#[cold]
#[track_caller]
pub(crate) fn panic_with(parts: &[&str]) -> ! {
    std::panic::panic_any(parts.concat())
}

/// Makes the message of every later panic reach the host.
pub(crate) fn report_panics() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    if !IS_SET.swap(true, Ordering::Relaxed) {
        std::panic::set_hook(Box::new(|panic| imports::panic(&message(panic))));
    }
}

/// The text of `panic.to_string()`. That would bring the code that formats texts into every mod, which would then be larger
/// by half.
fn message(panic: &PanicHookInfo<'_>) -> String {
    let mut message = String::from("panicked");
    if let Some(location) = panic.location() {
        message.push_str(" at ");
        message.push_str(location.file());
        for number in [location.line(), location.column()] {
            message.push(':');
            push_number(&mut message, number);
        }
    }
    if let Some(payload) = panic.payload_as_str() {
        message.push_str(":\n");
        message.push_str(payload);
    }
    message
}

fn push_number(text: &mut String, number: u32) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The first is that of `panic!` with a literal, the second of a formatted one, and the third has no text.
    #[test]
    fn messages_are_those_of_the_standard_library() {
        static SEEN: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|panic| {
            SEEN.lock().unwrap().push((message(panic), panic.to_string()));
        }));
        let panics: [fn(); 4] = [
            || panic!("literal"),
            || panic!("{}", 7),
            || std::panic::panic_any(7),
            || panic_with(&["one, ", "two"]),
        ];
        for panics in panics {
            assert!(std::panic::catch_unwind(panics).is_err());
        }
        std::panic::set_hook(before);
        let seen = SEEN.lock().unwrap();
        let ours: Vec<_> = seen.iter().filter(|(_, theirs)| theirs.contains(file!())).collect();
        assert!(ours.len() >= 4, "{ours:?}");
        assert!(ours.iter().all(|(ours, theirs)| ours == theirs), "{ours:?}");
    }

    #[test]
    fn a_refusal_is_new_once_for_each_system_and_reason() {
        let first = || {
            let errors = [AbiError::Denied, AbiError::NoRoom, AbiError::Denied];
            errors.map(|error| is_first_refusal("commands", error))
        };
        for (system, expected) in [("a", [true, true, false]), ("b", [true, true, false]), ("a", [false; 3])]
        {
            RUNNING.set(system);
            assert_eq!(first(), expected, "{system}");
        }
        assert!(is_first_refusal("game:Thunder", AbiError::Denied));
    }
}
