//! Types that a game may expose besides components: a resource, events, large values, and many combinations of
//! markers.

use bevy_app::App;
use bevy_ecs::message::Message;
use bevy_ecs::prelude::*;
use bytemuck::Zeroable;
use tinkerbox::Expose;
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;

pub use super::exposed::Weather;
use super::game::*;

/// An event.
#[mod_type("game:Gong")]
#[derive(Message, Debug, Default, PartialEq)]
pub struct Gong(pub u32);

/// A long event.
#[mod_type("game:Letter")]
#[derive(Message, Debug, PartialEq)]
pub struct Letter([u64; 128]);

impl Letter {
    /// An event that begins with this number.
    pub fn new(number: u64) -> Letter {
        let mut words = [0; 128];
        words[0] = number;
        Letter(words)
    }
}

/// A component of 64 KiB.
#[mod_type("game:Chart")]
#[derive(Component, Debug, PartialEq)]
pub struct Chart([u64; 8192]);

/// A resource of 64 KiB.
#[mod_type("game:Ledger")]
#[derive(Resource, Debug, PartialEq)]
pub struct Ledger([u64; 8192]);

/// Markers: enough of them for thousands of combinations.
macro_rules! marks {
    ($($name:ident $id:literal)*) => {
        $(
            #[mod_type($id)]
            #[derive(Component, Debug, Default)]
            struct $name;
        )*

        /// The markers' ids.
        pub const MARKS: [&str; 12] = [$($name::ID),*];

        fn expose_marks(app: &mut App) {
            $(app.expose_component::<$name>();)*
        }
    };
}

marks! {
    MarkA "game:MarkA"
    MarkB "game:MarkB"
    MarkC "game:MarkC"
    MarkD "game:MarkD"
    MarkE "game:MarkE"
    MarkF "game:MarkF"
    MarkG "game:MarkG"
    MarkH "game:MarkH"
    MarkI "game:MarkI"
    MarkJ "game:MarkJ"
    MarkK "game:MarkK"
    MarkL "game:MarkL"
}

/// A game that exposes all of these types, and has the resources.
pub fn wider_game(mods: &[(&str, &ModText)]) -> Game {
    let mut game = Game::new(mods);
    game.app
        .expose_component::<Chart>()
        .expose_resource::<Weather>()
        .expose_resource::<Ledger>()
        .expose_event::<Gong>()
        .expose_event::<Letter>()
        .insert_resource(Weather::default())
        .insert_resource(Ledger::zeroed());
    expose_marks(&mut game.app);
    game
}

/// A system's resource, in its manifest.
pub fn resource<R: ModType>(access: &str) -> String {
    format!(
        "[[system.resource]]\nresource = \"{}\"\naccess = \"{access}\"\nlayout = \"{}\"\n",
        R::ID,
        R::LAYOUT
    )
}

/// An event that a system sends, in its manifest.
pub fn sends<E: ModType>() -> String {
    format!("[[system.send]]\nevent = \"{}\"\nlayout = \"{}\"\n", E::ID, E::LAYOUT)
}

/// The event that a system handles, in its manifest: it is among the system's own keys.
pub fn handles<E: ModType>() -> String {
    format!("on = {{ event = \"{}\", layout = \"{}\" }}\n", E::ID, E::LAYOUT)
}

/// Bytes at an address in a mod's memory.
pub fn data(at: usize, bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{escaped}\")")
}

/// The bytes of a mod's words.
pub fn bytes_of(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
