//! The types that the game of these tests exposes besides plain components: resources, events, and types that are not
//! plain bytes.

use bevy_app::App;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModEntity};
use tinkerbox_macros::mod_type;

/// Exposes all of them to mods.
pub fn expose(app: &mut App) {
    app.expose_component::<Follows>()
        .expose_component_as::<Door, DoorBytes>()
        .expose_component_as::<Lamp, LampBytes>()
        .expose_resource::<Weather>()
        .expose_resource_as::<Season, SeasonNumber>()
        .expose_event::<Bell>()
        .expose_event_as::<Shout, ShoutBytes>();
}

/// A relationship: which entity follows which.
#[mod_type("game:Follows")]
#[derive(Component, Debug, PartialEq, Eq)]
pub struct Follows {
    pub leader: ModEntity,
}

impl Follows {
    /// It follows the id that Bevy gives to no entity.
    pub const NOBODY: Follows = Follows { leader: ModEntity::from_bits(1) };

    pub fn leader(&self) -> Option<Entity> {
        Entity::try_from_bits(self.leader.to_bits())
    }
}

/// A number and two others, twelve bytes: an event.
#[mod_type("game:Bell")]
#[derive(Message, Debug, Default, PartialEq)]
pub struct Bell {
    pub number: u32,
    pub ringer: u32,
    pub pitch: f32,
}

/// An event that is not plain bytes.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shout {
    pub number: u32,
    pub loud: bool,
}

/// The type as which it crosses.
#[mod_type("game:Shout")]
pub struct ShoutBytes {
    number: u32,
    loud: u32,
}

impl From<&Shout> for ShoutBytes {
    fn from(shout: &Shout) -> ShoutBytes {
        ShoutBytes { number: shout.number, loud: shout.loud.into() }
    }
}

impl TryFrom<ShoutBytes> for Shout {
    type Error = NoSuchValue;

    fn try_from(bytes: ShoutBytes) -> Result<Shout, NoSuchValue> {
        Ok(Shout { number: bytes.number, loud: to_bool(bytes.loud)? })
    }
}

/// The weather: a resource.
#[mod_type("game:Weather")]
#[derive(Resource, Debug, Default, PartialEq)]
pub struct Weather {
    pub wind: f32,
    pub rain: f32,
}

/// The season: a resource that crosses as its number.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

/// The type as which it crosses.
#[mod_type("game:Season")]
pub struct SeasonNumber(u32);

impl From<&Season> for SeasonNumber {
    fn from(season: &Season) -> SeasonNumber {
        SeasonNumber(*season as u32)
    }
}

impl TryFrom<SeasonNumber> for Season {
    type Error = NoSuchValue;

    fn try_from(number: SeasonNumber) -> Result<Season, NoSuchValue> {
        let all = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];
        all.get(number.0 as usize).copied().ok_or(NoSuchValue)
    }
}

/// A component with a bool, an enum, and a value on the heap that mods do not see.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Door {
    pub open: bool,
    pub wood: Wood,
    pub marks: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wood {
    Oak,
    Ash,
    Elm,
}

/// The type as which it crosses.
#[mod_type("game:Door")]
pub struct DoorBytes {
    open: u8,
    wood: u8,
}

impl Door {
    pub fn new(open: bool, wood: Wood) -> Door {
        Door { open, wood, marks: vec![open.into(), wood as u8] }
    }
}

impl From<&Door> for DoorBytes {
    fn from(door: &Door) -> DoorBytes {
        DoorBytes { open: door.open.into(), wood: door.wood as u8 }
    }
}

impl TryFrom<DoorBytes> for Door {
    type Error = NoSuchValue;

    fn try_from(bytes: DoorBytes) -> Result<Door, NoSuchValue> {
        let woods = [Wood::Oak, Wood::Ash, Wood::Elm];
        let wood = woods.get(usize::from(bytes.wood)).ok_or(NoSuchValue)?;
        Ok(Door::new(to_bool(bytes.open.into())?, *wood))
    }
}

/// A bool, kept in a sparse set.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[component(storage = "SparseSet")]
pub struct Lamp {
    pub lit: bool,
}

/// The type as which it crosses.
#[mod_type("game:Lamp")]
pub struct LampBytes {
    lit: u32,
}

impl From<&Lamp> for LampBytes {
    fn from(lamp: &Lamp) -> LampBytes {
        LampBytes { lit: lamp.lit.into() }
    }
}

impl TryFrom<LampBytes> for Lamp {
    type Error = NoSuchValue;

    fn try_from(bytes: LampBytes) -> Result<Lamp, NoSuchValue> {
        Ok(Lamp { lit: to_bool(bytes.lit)? })
    }
}

/// Bytes that are not a valid value in the game.
#[derive(Debug)]
pub struct NoSuchValue;

fn to_bool(number: u32) -> Result<bool, NoSuchValue> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(NoSuchValue),
    }
}
