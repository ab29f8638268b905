//! What names of shared types, mods and systems may look like.
//!
//! All of them stand in TOML between quotes and in messages, unescaped: so the alphabet is small.

/// `[a-z][a-z0-9_]*`: systems, mods, games and their functions.
pub fn is_snake(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_')
}

/// `[A-Za-z][A-Za-z0-9_]*`: the second half of a type's id.
pub fn is_type_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// `game:Name`.
pub fn is_type_id(id: &str) -> bool {
    id.split_once(':').is_some_and(|(game, name)| is_snake(game) && is_type_name(name))
}

/// `system` or `mod:system`.
pub fn is_system_reference(text: &str) -> bool {
    match text.split_once(':') {
        Some((mod_id, system)) => is_snake(mod_id) && is_snake(system),
        None => is_snake(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_ids() {
        for id in ["meadow:Position", "m2:A", "my_game:Rgb_8"] {
            assert!(is_type_id(id), "{id}");
        }
        for id in [
            "",
            ":",
            "Position",
            "meadow:",
            ":Position",
            "Meadow:Position",
            "meadow:P:Q",
            "meadow: P",
            "m:P\"",
        ] {
            assert!(!is_type_id(id), "{id}");
        }
    }

    #[test]
    fn system_references() {
        for text in ["grow", "wolves:hunt", "a1_b"] {
            assert!(is_system_reference(text), "{text}");
        }
        for text in ["", "Grow", "wolves:", ":hunt", "a:b:c", "1st", "a-b"] {
            assert!(!is_system_reference(text), "{text}");
        }
    }
}
