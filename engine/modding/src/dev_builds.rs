//! What an author's tool has built on this machine, for a game in development: the file `.tinkerbox/builds.toml` beside the
//! mods' folders.
//!
//! ```toml
//! [mods.gale]                     # the name of the mod's folder
//! content = "60303ae22b998861..." # the hash of the content that was built last
//!
//! [[mods.gale.errors]]            # what a compiler found wrong since; none if the last build succeeded
//! file = "/home/ada/gale/src/lib.rs"
//! line = 3
//! column = 5
//! text = "mismatched types"
//! ```
//!
//! Text in, data out, and back: nothing here reads a file. Nothing in it is trusted to be short or harmless.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::limits::{BUILD_ERROR_CHARS_MAX, BUILD_ERRORS_MAX};
use crate::package::files::{ContentHash, hash, hash_text};
use crate::text::{cut, cut_to, harmless, harmless_name};

const HEAD: &str =
    "# Written by `tinkerbox build` and `tinkerbox dev`, and read by games in development.\n\n";

/// What was built on this machine, by the names of the mods' folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevBuilds {
    /// The mods.
    #[serde(default)]
    pub mods: BTreeMap<String, DevBuild>,
}

/// What was built of a mod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevBuild {
    /// The hash of the content that was built last: see [`content_hash`].
    pub content: Option<String>,
    /// What was wrong with the last build; empty if it succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<BuildError>,
}

/// An error of a compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildError {
    /// The source file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// What is wrong.
    pub text: String,
}

impl DevBuilds {
    /// The path of the file in the folder that holds the mods' folders.
    pub const FILE: &str = ".tinkerbox/builds.toml";

    /// Reads the text of the file. An empty text is a file without mods.
    ///
    /// # Errors
    /// If it is not TOML of this form; the error names the line.
    pub fn parse(text: &str) -> Result<DevBuilds, toml::de::Error> {
        toml::from_str(text)
    }

    /// The text of the file.
    #[expect(clippy::missing_panics_doc, reason = "texts and numbers are always TOML")]
    pub fn text(&self) -> String {
        let text = toml::to_string(self).expect("texts and numbers under texts are TOML");
        format!("{HEAD}{text}")
    }
}

impl DevBuild {
    /// The content that was built last, if it is said in a form that makes sense.
    pub(crate) fn content(&self) -> Option<ContentHash> {
        let text = self
            .content
            .as_deref()
            .filter(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let mut hash = ContentHash::default();
        for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
        }
        Some(hash)
    }

    /// The errors as lines for people, the first ones with their places.
    pub(crate) fn shown_errors(&self) -> String {
        let mut text = String::new();
        for error in self.errors.iter().take(BUILD_ERRORS_MAX) {
            let _ = writeln!(text, "{}", error.shown());
        }
        let more = self.errors.len().saturating_sub(BUILD_ERRORS_MAX);
        if more > 0 {
            let _ = writeln!(text, "and {more} more errors");
        }
        text.trim_end().to_owned()
    }
}

impl BuildError {
    fn shown(&self) -> String {
        let mut place = self.file.as_deref().map(|file| harmless_name(&cut(file))).unwrap_or_default();
        for number in [self.line, self.column].into_iter().flatten().filter(|_| self.file.is_some()) {
            let _ = write!(place, ":{number}");
        }
        let text = harmless(&cut_to(BUILD_ERROR_CHARS_MAX, &self.text));
        if place.is_empty() { text } else { format!("{place}: {text}") }
    }
}

/// The hash of a mod's content: of its `mod.toml` and its `.wasm` file.
pub fn content_hash(manifest: &[u8], wasm: &[u8]) -> String {
    hash_text(&hash(manifest, wasm))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds() -> DevBuilds {
        let error = |line| BuildError {
            file: Some("/home/ada/my mods/gale/src/lib.rs".to_owned()),
            line: Some(line),
            column: Some(5),
            text: "expected `\"`,\nfound \u{1b}[31m'".to_owned(),
        };
        let gale = DevBuild { content: Some(content_hash(b"a", b"b")), errors: vec![error(3), error(4)] };
        let mods = [("gale".to_owned(), gale), ("two words".to_owned(), DevBuild::default())];
        DevBuilds { mods: mods.into() }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = builds().text();
        assert_eq!(DevBuilds::parse(&text).unwrap(), builds(), "{text}");
        assert_eq!(DevBuilds::parse("").unwrap(), DevBuilds::default());
        assert_eq!(builds().mods["gale"].content(), Some(hash(b"a", b"b")));
    }

    #[test]
    fn every_cut_of_the_file_is_read_or_refused() {
        let text = builds().text();
        let cuts = (0..text.len()).filter(|&end| text.is_char_boundary(end));
        for end in cuts {
            if let Ok(read) = DevBuilds::parse(&text[..end]) {
                let content = read.mods.get("gale").and_then(DevBuild::content);
                assert!(content.is_none() || content == builds().mods["gale"].content(), "{}", &text[..end]);
            }
        }
    }

    #[test]
    fn only_a_whole_hash_is_one() {
        let hash = content_hash(b"a", b"b");
        let content = |text: &str| DevBuild { content: Some(text.to_owned()), errors: Vec::new() }.content();
        for end in 0..hash.len() {
            assert_eq!(content(&hash[..end]), None);
        }
        assert_eq!(content(&format!("{hash}0")), None);
        assert_eq!(content(&"é".repeat(32)), None);
        assert_eq!(content(&format!("+{}", &hash[1..])), None);
        assert!(content(&hash).is_some());
    }

    #[test]
    fn errors_are_shown_short_and_harmless() {
        let shown = builds().mods["gale"].shown_errors();
        let first = "/home/ada/my mods/gale/src/lib.rs:3:5: expected `\"`,\nfound \u{fffd}[31m'";
        assert!(shown.starts_with(first), "{shown}");
        let long = BuildError { text: "x".repeat(100_000), ..BuildError::default() };
        let many = DevBuild { content: None, errors: vec![long; 1_000] }.shown_errors();
        assert!(
            many.len() < 20_000 && many.ends_with(&format!("and {} more errors", 1_000 - BUILD_ERRORS_MAX))
        );
    }
}
