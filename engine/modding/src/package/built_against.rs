//! The interfaces that a mod was built against, as it notes them itself, and what they say about a refusal.
//!
//! Bindings note them, so a mod that uses none has none. They are read only where there is something to explain: whether a mod
//! fits is decided by what it uses, and not by a hash.

use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_abi::names::is_game_name;
use tinkerbox_wasm::Declarations;

use super::refusal::Refusal;
use crate::exposed::Exposed;
use crate::exposed::interface::interface_hash;
use crate::limits::{INTERFACE_NOTES_BYTES_MAX, INTERFACE_NOTES_MAX};

/// Hexadecimal digits of a hash.
const HASH_DIGITS: usize = 32;

/// An interface that a mod was built against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotedInterface {
    /// The game's name.
    pub game: String,
    /// The hash of its interface's content, in hexadecimal digits.
    pub hash: String,
}

/// The interfaces that a mod notes, sorted. Lines that are not valid say nothing, and neither does what is beyond the limits.
pub(crate) fn noted(declarations: &Declarations<'_>) -> Vec<NotedInterface> {
    let sections: Vec<&[u8]> = declarations.custom_sections(INTERFACE_SECTION).collect();
    read(&sections)
}

fn read(sections: &[&[u8]]) -> Vec<NotedInterface> {
    let mut rest = INTERFACE_NOTES_BYTES_MAX;
    let mut all = Vec::new();
    for section in sections {
        // Fragments are padded with zeros, or are of a linker that puts one behind the other.
        for line in section[..section.len().min(rest)].split(|byte| matches!(byte, b'\n' | 0)) {
            all.extend(str::from_utf8(line).ok().and_then(interface));
        }
        rest = rest.saturating_sub(section.len());
    }
    all.sort();
    all.dedup();
    all.truncate(INTERFACE_NOTES_MAX);
    all
}

fn interface(line: &str) -> Option<NotedInterface> {
    let (game, hash) = line.trim_ascii().split_once(' ')?;
    let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_game_name(game) && is_hash)
        .then(|| NotedInterface { game: game.to_owned(), hash: hash.to_ascii_lowercase() })
}

/// The refusal, and if what the mod uses of the game differs since it was built against another version of the game's interface,
/// that it was, and what to do.
pub(crate) fn explained(refusal: Refusal, declarations: &Declarations<'_>, exposed: &Exposed) -> Refusal {
    let Some(game) = refusal.differs_from.clone() else { return refusal };
    let noted: Vec<NotedInterface> = noted(declarations).into_iter().filter(|it| it.game == game).collect();
    let Some(first) = noted.first() else { return refusal };
    let Some(current) = interface_hash(exposed, &game) else { return refusal };
    if noted.iter().any(|it| it.hash == current) {
        return refusal;
    }
    let remedy = format!(
        "{} The mod was built against another version of the interface of `{game}`, with the hash {}; the game's is \
         {current}. Get the game's current interface file, and build the mod with that.",
        refusal.remedy, first.hash
    );
    Refusal { remedy, ..refusal }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    fn games(sections: &[&[u8]]) -> Vec<String> {
        read(sections).into_iter().map(|it| format!("{} {}", it.game, it.hash)).collect()
    }

    #[test]
    fn lines_of_all_fragments_are_read() {
        let one = format!("meadow {HASH}\n");
        let two = format!("race {}\r\n\0\0meadow {HASH}", HASH.to_uppercase());
        assert_eq!(
            games(&[one.as_bytes(), two.as_bytes()]),
            [format!("meadow {HASH}"), format!("race {HASH}")]
        );
    }

    #[test]
    fn what_is_not_a_note_says_nothing() {
        let long = format!("meadow {HASH}0");
        let upper = format!("Meadow {HASH}");
        let cases: [&[u8]; 8] = [
            b"",
            b"\xff\xfe meadow",
            b"meadow",
            b"meadow  ",
            b"meadow 0123",
            b"\n\n\n",
            long.as_bytes(),
            upper.as_bytes(),
        ];
        for bytes in cases {
            assert!(games(&[bytes]).is_empty(), "{bytes:?}");
        }
        // A damaged line costs no other one.
        let text = format!("meadow 01\nmeadow {HASH}\nmea");
        assert_eq!(games(&[text.as_bytes()]), [format!("meadow {HASH}")]);
    }

    #[test]
    fn there_is_a_limit() {
        let many: String = (0..10_000).map(|number| format!("game{number} {HASH}\n")).collect();
        assert_eq!(games(&[many.as_bytes()]).len(), INTERFACE_NOTES_MAX);
        // Every cut of a section, and sections behind the limit.
        let text = format!("meadow {HASH}\n");
        for len in 0..text.len() {
            assert_eq!(games(&[&text.as_bytes()[..len]]).len(), usize::from(len == text.len() - 1), "{len}");
        }
        let zeros = vec![0; INTERFACE_NOTES_BYTES_MAX];
        assert!(games(&[&zeros, text.as_bytes()]).is_empty());
        assert_eq!(games(&[&zeros[text.len()..], text.as_bytes()]).len(), 1);
    }
}
