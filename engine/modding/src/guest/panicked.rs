//! The last words of a mod that panicked, as an error that ends its run.

use std::fmt;

use crate::text::harmless;

/// The message of a mod's panic.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    /// Rust says where before it says what: `panicked at file:line:column:`, and the message on the next line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_rust = self.0.strip_prefix("panicked at ").and_then(|text| text.split_once(":\n"));
        match by_rust {
            None => write!(f, "it panicked: {}", self.0),
            Some((place, message)) => {
                let (first, rest) = message.split_at(message.find('\n').unwrap_or(message.len()));
                write!(f, "it panicked: {first} (at {place}){rest}")
            }
        }
    }
}

impl std::error::Error for Panicked {}

impl Panicked {
    /// The message as the mod has passed it.
    pub fn new(text: &[u8]) -> Panicked {
        Panicked(harmless(&String::from_utf8_lossy(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panics_message_comes_first() {
        let cases = [
            ("no hay!", "it panicked: no hay!"),
            ("panicked at src/lib.rs:3:5:\nno hay!", "it panicked: no hay! (at src/lib.rs:3:5)"),
            (
                "panicked at src/lib.rs:3:5:\nassertion failed\n  left: 1\n right: 2",
                "it panicked: assertion failed (at src/lib.rs:3:5)\n  left: 1\n right: 2",
            ),
            ("panicked at", "it panicked: panicked at"),
            ("", "it panicked: "),
        ];
        for (said, told) in cases {
            assert_eq!(Panicked(said.to_owned()).to_string(), told);
        }
    }
}
