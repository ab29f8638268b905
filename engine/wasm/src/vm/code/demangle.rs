//! Names and paths from a module made fit to be shown: demangled, of bounded length, without control characters.

use std::fmt::{self, Write};

/// The longest name that is shown, in bytes: a mangled name can unfold to a thousand times its length.
const SHOWN_MAX: usize = 1 << 10;

/// A text from a module, for people. Names that Rust's compiler has mangled are demangled, without their hashes.
pub struct Readable<'text>(pub &'text str);

impl fmt::Display for Readable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut = Cut { text: String::new() };
        let short = &self.0[..self.0.floor_char_boundary(SHOWN_MAX)];
        // An error means that the text was cut.
        let is_whole = match rustc_demangle::try_demangle(short) {
            Ok(name) => write!(cut, "{name:#}").is_ok(),
            Err(_) => write!(cut, "{short}").is_ok() && short.len() == self.0.len(),
        };
        f.write_str(&cut.text)?;
        if is_whole { Ok(()) } else { f.write_str("...") }
    }
}

/// Collects text up to the limit.
struct Cut {
    text: String,
}

impl Write for Cut {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = SHOWN_MAX - self.text.len();
        let fits = &more[..more.floor_char_boundary(room)];
        // A name with line breaks, or with commands for a terminal, could forge a report.
        self.text.extend(fits.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }));
        if self.text.len() >= SHOWN_MAX || fits.len() < more.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled_cut_and_harmless() {
        let long = "x".repeat(3 * SHOWN_MAX);
        let wide = "\u{80}".repeat(3 * SHOWN_MAX);
        let cases = [
            ("graze", "graze"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("_ZN4core3fmt5Write9write_str17h0123456789abcdefE", "core::fmt::Write::write_str"),
            ("_ZN4wolf", "_ZN4wolf"),
            ("a\nb\u{1b}[2J", "a\u{fffd}b\u{fffd}[2J"),
            ("", ""),
        ];
        for (name, shown) in cases {
            assert_eq!(Readable(name).to_string(), shown);
        }
        assert_eq!(Readable(&long).to_string(), format!("{}...", &long[..SHOWN_MAX]));
        assert!(Readable(&wide).to_string().len() <= 4 * SHOWN_MAX);
    }

    #[test]
    fn a_name_that_unfolds_is_cut() {
        // Each tuple has the one before it twice.
        let mut name = "_RIC0".to_string();
        let mut last = "j".to_string();
        for _ in 0..40 {
            let at = name.len() - 2;
            name.push_str(&format!("T{last}{last}E"));
            last = format!("B{}_", base_62(at));
        }
        name.push('E');
        assert!(Readable(&name).to_string().len() <= SHOWN_MAX + 3);
    }

    /// Rust's way to write the place of a back reference.
    fn base_62(number: usize) -> String {
        let digits = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let Some(mut rest) = number.checked_sub(1) else { return String::new() };
        let mut text = Vec::new();
        loop {
            text.insert(0, digits[rest % 62]);
            rest /= 62;
            if rest == 0 {
                return String::from_utf8(text).expect("the digits are ASCII");
            }
        }
    }
}
