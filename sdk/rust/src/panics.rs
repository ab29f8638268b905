//! What a mod says when it panics: the message reaches the host, whose report names the place.
//!
//! The message is put together without `format!`, in a buffer of a fixed size: the code that formats texts would be a large
//! part of a small mod, and memory may be what the mod has run out of.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

use tinkerbox_abi::LOG_BYTES_MAX;

use crate::imports;

/// Makes the message of every later panic reach the host.
pub(crate) fn report_panics() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    if !IS_SET.swap(true, Ordering::Relaxed) {
        std::panic::set_hook(Box::new(|panic| {
            say(panic.location(), panic.payload_as_str().as_slice());
        }));
    }
}

/// Panics with a message of several parts.
#[cold]
#[track_caller]
pub(crate) fn panic_with(parts: &[&str]) -> ! {
    if cfg!(target_arch = "wasm32") {
        // The host ends the run at once, as a panic would after its hook.
        say(Some(Location::caller()), parts);
        std::process::abort();
    }
    std::panic::panic_any(parts.concat())
}

#[inline(never)]
fn say(location: Option<&Location<'_>>, payload: &[&str]) {
    imports::panic(Message::new(location, payload).text());
}

/// As much of a message as the host takes.
struct Message {
    bytes: [u8; LOG_BYTES_MAX],
    len: usize,
}

impl Message {
    /// The text that a panic with this payload has in the standard library.
    fn new(location: Option<&Location<'_>>, payload: &[&str]) -> Message {
        let mut message = Message { bytes: [0; LOG_BYTES_MAX], len: 0 };
        message.push("panicked");
        if let Some(location) = location {
            message.push(" at ");
            message.push(location.file());
            message.push(":");
            message.push_number(location.line());
            message.push(":");
            message.push_number(location.column());
        }
        if !payload.is_empty() {
            message.push(":\n");
            payload.iter().for_each(|part| message.push(part));
        }
        message
    }

    #[inline(never)]
    fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            self.push_byte(byte);
        }
    }

    #[inline(never)]
    fn push_number(&mut self, number: u32) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push_byte(b'0' + (number % 10) as u8);
    }

    fn push_byte(&mut self, byte: u8) {
        if let Some(free) = self.bytes.get_mut(self.len) {
            *free = byte;
            self.len += 1;
        }
    }

    /// The host reads bytes, so a character may be cut.
    fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::PanicHookInfo;
    use std::sync::Mutex;

    use super::*;

    fn message(panic: &PanicHookInfo<'_>) -> String {
        let payload = panic.payload_as_str();
        String::from_utf8(Message::new(panic.location(), payload.as_slice()).text().to_vec()).unwrap()
    }

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
    fn a_long_message_is_cut_where_the_host_would_cut_it() {
        let cases = [0, 1, LOG_BYTES_MAX - 20, LOG_BYTES_MAX, 3 * LOG_BYTES_MAX];
        for (len, parts) in cases.into_iter().flat_map(|len| [(len, 1), (len, 2)]) {
            let payload = vec!["x"; len].concat();
            let (first, rest) = payload.split_at(len / parts);
            let expected = format!("panicked:\n{payload}");
            let message = Message::new(None, &[first, rest]);
            assert_eq!(message.text(), &expected.as_bytes()[..expected.len().min(LOG_BYTES_MAX)]);
        }
    }
}
