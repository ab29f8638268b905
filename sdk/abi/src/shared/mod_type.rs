//! How the host and mods identify a type that they share: by an id, a layout in words, and a key, the hash of the id.

use super::docs::Docs;
use super::field::ModField;

/// A type that the game and its mods share: flat bytes with an id and a layout in words. Components, resources and
/// events are such types.
///
/// Use the attribute `#[mod_type("meadow:Position")]`, and never implement it by hand.
/// The host compares a mod's layout with its own before it runs the mod, so it refuses a mod that was built
/// against an older version of a type instead of letting it read garbage.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that the game and its mods share",
    note = "put `#[mod_type(\"game:Name\")]` on it"
)]
pub trait ModType: ModField {
    /// [`game:Name`](crate::names::is_type_id), unique among the types of the game.
    const ID: &'static str;

    /// The fields in memory order, `{ x: f32, y: f32 }`; `{}` for a marker. [`Shape`](crate::Shape) has the grammar.
    const LAYOUT: &'static str;

    /// The doc comments of the type and its fields.
    const DOCS: &'static Docs;
}

/// The key of a component in commands: 64-bit FNV-1a of the id's bytes.
///
/// ```
/// const POSITION: u64 = tinkerbox_abi::component_key("meadow:Position");
/// assert_eq!(POSITION, 0xc492_aae0_f856_3d29);
/// ```
pub const fn component_key(id: &str) -> u64 {
    // The offset basis and the prime are those that FNV's authors publish for 64 bits.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let bytes = id.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::component_key;

    /// From the test suite that FNV's authors publish.
    #[test]
    fn keys_are_fnv_1a() {
        assert_eq!(component_key(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(component_key("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(component_key("foobar"), 0x8594_4171_f739_67e8);
    }
}
