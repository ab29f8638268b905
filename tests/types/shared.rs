//! What both packages have: one of everything that the macros for shared types write.

use crate::contract::*;

/// A field of others.
#[mod_type("types:Mood")]
#[derive(Debug, PartialEq)]
pub enum Mood {
    /// The number 0.
    Calm,
    /// The number 1.
    Angry,
}

/// Plain bytes.
#[mod_type("types:Plain")]
pub struct Plain {
    /// All of it.
    pub values: [f32; 4],
}

/// Bytes that are checked.
#[mod_type("types:Checked")]
pub struct Checked {
    /// An entity.
    pub owner: Entity,
    /// None, or another.
    pub prey: Option<Entity>,
    /// A text.
    pub name: Text<14>,
    /// An enum.
    pub mood: Mood,
    /// A bool.
    pub flag: bool,
}

/// An enum with fields.
#[derive(ModMirror, Debug, PartialEq)]
#[mod_mirror("types:Hold")]
pub enum Hold {
    /// Nothing.
    Empty,
    /// So many.
    Fish(u32),
    /// One of them.
    Crate {
        /// Its own.
        owner: Entity,
        /// Of the crate.
        mood: Option<Mood>,
    },
}

game_functions! {
    "types";
    /// Declared where the types are.
    pub fn height_at(x: f32) -> f32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_macros_found_the_contract() {
        assert_eq!(Plain::LAYOUT, "{ values: [f32; 4] }");
        assert!(
            Checked::LAYOUT.starts_with("{ owner: entity, prey: entity?, name: text[14], mood: Mood enum u8")
        );
        let hold = Hold::Crate { owner: Entity::from_bits(3), mood: Some(Mood::Angry) };
        let mut flat = Flat::of(&hold);
        assert_eq!(Hold::from(flat), hold);
        flat.set(&Hold::Fish(1));
        assert_eq!(flat.get(), Hold::Fish(1));
    }
}
