//! The grammar of names: mods, systems, games, functions and shared types.
//!
//! ```text
//!   name      = [a-z][a-z0-9_]*           1 to 64 bytes
//!   system    = name                      graze
//!   reference = system | mod id ":" system
//!   mod id    = name                      2 to 32 bytes: wolves
//!   game      = name                      meadow; does not begin with "tinkerbox"
//!   function  = game ":" name             meadow:height_at
//!   type      = game ":" [A-Za-z][A-Za-z0-9_]*   meadow:Position; each half at most 64 bytes
//! ```
//!
//! The SDK's macros check names where an author writes them, and the host checks them again in what it loads and what a
//! game exposes. Names stand unescaped in TOML, in exports and in messages, which is why the alphabet is small. The
//! functions are `const`, so that a wrong name can fail to compile.

use crate::limits::{MOD_ID_BYTES_MAX, MOD_ID_BYTES_MIN, NAME_BYTES_MAX};

/// How the import modules of all versions of the contract begin: no game may be named so.
pub const RESERVED_PREFIX: &str = "tinkerbox";

/// What [`is_mod_id`] demands, for error messages.
pub const MOD_ID_RULE: &str = "2 to 32 characters of a-z, 0-9 and _, beginning with a letter";

/// What [`is_system_name`] and [`is_function_name`] demand, for error messages.
pub const NAME_RULE: &str = "1 to 64 characters of a-z, 0-9 and _, beginning with a letter";

/// What [`is_game_name`] demands, for error messages.
pub const GAME_NAME_RULE: &str =
    "1 to 64 characters of a-z, 0-9 and _, beginning with a letter but not with `tinkerbox`";

/// What [`is_system_reference`] demands, for error messages.
pub const SYSTEM_REFERENCE_RULE: &str = "\"system\", or \"mod:system\" for a system of another mod";

/// What [`is_function_id`] demands, for error messages.
pub const FUNCTION_ID_RULE: &str = "\"game:name\", both in a-z, 0-9 and _, beginning with a letter";

/// What [`is_type_id`] demands, for error messages.
pub const TYPE_ID_RULE: &str = "\"game:Name\", the game in a-z, 0-9 and _, the name in letters, digits and _, both beginning with a letter";

/// Whether this can be a mod's id.
///
/// ```
/// use tinkerbox_abi::names::is_mod_id;
/// assert!(is_mod_id("wolves_2"));
/// assert!(!is_mod_id("w") && !is_mod_id("Wolves") && !is_mod_id("2_wolves"));
/// ```
pub const fn is_mod_id(id: &str) -> bool {
    MOD_ID_BYTES_MIN <= id.len() && id.len() <= MOD_ID_BYTES_MAX && is_snake_case(id.as_bytes())
}

/// Whether this can be the name of a system within its mod.
pub const fn is_system_name(name: &str) -> bool {
    is_snake_case(name.as_bytes())
}

/// Whether this can name a system in `after` and `before`: `graze`, or `wolves:hunt` for one of another mod.
///
/// ```
/// use tinkerbox_abi::names::is_system_reference;
/// assert!(is_system_reference("graze") && is_system_reference("wolves:hunt"));
/// assert!(!is_system_reference("wolves:") && !is_system_reference("wolves:hunt:prey"));
/// ```
pub const fn is_system_reference(text: &str) -> bool {
    match split_at_colon(text) {
        Some((mod_id, system)) => is_mod_id(mod_id) && is_system_name(system),
        None => is_system_name(text),
    }
}

/// Whether this can be the name of a game: the first half of the ids of its functions and types.
///
/// ```
/// use tinkerbox_abi::names::is_game_name;
/// assert!(is_game_name("meadow"));
/// assert!(!is_game_name("tinkerbox1")); // the contract's own import module
/// ```
pub const fn is_game_name(name: &str) -> bool {
    is_snake_case(name.as_bytes()) && !is_reserved(name)
}

/// Whether a module of imports with this name belongs to the contract, and so to no game.
pub const fn is_reserved(name: &str) -> bool {
    let (name, prefix) = (name.as_bytes(), RESERVED_PREFIX.as_bytes());
    if name.len() < prefix.len() {
        return false;
    }
    let mut index = 0;
    while index < prefix.len() {
        if name[index] != prefix[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Whether this can be the name of a game's function, without the game: what a mod imports.
pub const fn is_function_name(name: &str) -> bool {
    is_snake_case(name.as_bytes())
}

/// Whether this can name a game's function, as in `functions` of `mod.toml`: `meadow:height_at`.
///
/// ```
/// use tinkerbox_abi::names::is_function_id;
/// assert!(is_function_id("meadow:height_at"));
/// assert!(!is_function_id("meadow:Height") && !is_function_id("height_at"));
/// ```
pub const fn is_function_id(id: &str) -> bool {
    match split_at_colon(id) {
        Some((game, name)) => is_game_name(game) && is_function_name(name),
        None => false,
    }
}

/// Whether this can be the id of a shared type: `meadow:Position`.
///
/// ```
/// use tinkerbox_abi::names::is_type_id;
/// const { assert!(is_type_id("meadow:Position")) };
/// assert!(!is_type_id("Position") && !is_type_id("Meadow:Position") && !is_type_id("meadow:2D"));
/// ```
pub const fn is_type_id(id: &str) -> bool {
    match split_at_colon(id) {
        Some((game, name)) => is_game_name(game) && is_type_name(name.as_bytes()),
        None => false,
    }
}

const fn is_snake_case(name: &[u8]) -> bool {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name[0].is_ascii_lowercase() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if !matches!(name[index], b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        index += 1;
    }
    true
}

const fn is_type_name(name: &[u8]) -> bool {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name[0].is_ascii_alphabetic() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if !name[index].is_ascii_alphanumeric() && name[index] != b'_' {
            return false;
        }
        index += 1;
    }
    true
}

/// What stands before the first colon and after it. `str::split_once` is not `const`.
const fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == b':' {
            let (before, rest) = text.split_at(index);
            return Some((before, rest.split_at(1).1));
        }
        index += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    /// Every way in which one character can stand in a name: first, or after a letter.
    fn accepted(is_valid: impl Fn(&str) -> bool) -> [String; 2] {
        let all = || (0..0x250).filter_map(char::from_u32);
        [
            all().filter(|c| is_valid(&format!("{c}a"))).collect(),
            all().filter(|c| is_valid(&format!("a{c}"))).collect(),
        ]
    }

    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

    #[test]
    fn snake_case_names_take_few_characters() {
        // In the order of the characters' numbers.
        let later = format!("0123456789_{LOWER}");
        for is_valid in [is_mod_id, is_system_name, is_game_name, is_function_name] {
            assert_eq!(accepted(is_valid), [LOWER, &later]);
        }
        assert_eq!(accepted(|game| is_type_id(&format!("{game}:A"))), [LOWER, &later]);
        assert_eq!(accepted(|game| is_function_id(&format!("{game}:a"))), [LOWER, &later]);
        assert_eq!(accepted(|name| is_function_id(&format!("game:{name}"))), [LOWER, &later]);
        assert_eq!(accepted(|id| is_system_reference(&format!("{id}:a"))), [LOWER, &later]);
        // `a:a` is one of another mod, but no mod has an id of one character.
        assert_eq!(accepted(is_system_reference), [LOWER, &later]);
    }

    #[test]
    fn type_names_take_capitals_too() {
        let upper = LOWER.to_ascii_uppercase();
        let first = format!("{upper}{LOWER}");
        let later = format!("0123456789{upper}_{LOWER}");
        assert_eq!(accepted(|name| is_type_id(&format!("game:{name}"))), [first, later]);
    }

    #[test]
    fn every_length_is_accepted_or_refused_as_documented() {
        for len in 0..200 {
            let name = "a".repeat(len);
            let (is_name, is_id) = ((1..=64).contains(&len), (2..=32).contains(&len));
            assert_eq!(is_mod_id(&name), is_id, "{len}");
            assert_eq!(is_system_name(&name), is_name, "{len}");
            assert_eq!(is_game_name(&name), is_name, "{len}");
            assert_eq!(is_function_name(&name), is_name, "{len}");
            assert_eq!(is_system_reference(&format!("{name}:hunt")), is_id, "{len}");
            assert_eq!(is_system_reference(&format!("wolves:{name}")), is_name, "{len}");
            assert_eq!(is_function_id(&format!("{name}:f")), is_name, "{len}");
            assert_eq!(is_function_id(&format!("game:{name}")), is_name, "{len}");
            assert_eq!(is_type_id(&format!("{name}:T")), is_name, "{len}");
            assert_eq!(is_type_id(&format!("game:{name}")), is_name, "{len}");
        }
    }

    #[test]
    fn colons_separate_two_halves_and_no_more() {
        for id in ["", ":", "a", ":a", "a:", "aa:bb:cc", "aa::bb", "aa: bb", " aa:bb", "aa:bb\""] {
            assert!(!is_type_id(id) && !is_function_id(id), "{id}");
            assert!(id == "a" || !is_system_reference(id), "{id}");
        }
    }

    #[test]
    fn no_game_is_named_like_the_contract() {
        for name in ["tinkerbox", "tinkerbox1", "tinkerboxes"] {
            assert!(!is_game_name(name) && is_mod_id(name), "{name}");
        }
        assert!(is_game_name("tinker") && is_game_name("my_tinkerbox"));
    }

    #[test]
    fn the_rules_name_the_limits() {
        assert!(MOD_ID_RULE.starts_with(&format!("{MOD_ID_BYTES_MIN} to {MOD_ID_BYTES_MAX} ")));
        assert!(NAME_RULE.starts_with(&format!("1 to {NAME_BYTES_MAX} ")));
        assert!(GAME_NAME_RULE.starts_with(NAME_RULE) && GAME_NAME_RULE.contains(RESERVED_PREFIX));
    }
}
