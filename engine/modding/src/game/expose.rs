//! How a game exposes to mods what they may name.
//!
//! It fills [`Exposed`] and [`GameFunctions`], which are resources of the world.

use std::any::type_name;

use bevy_app::App;
use bevy_ecs::component::Component;
use bevy_ecs::message::{Message, MessageRegistry, Messages};
use bevy_ecs::relationship::Relationship;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
#[cfg(feature = "reflect")]
use bevy_reflect::Reflect;
use tinkerbox_abi::{Flat, ModMirror, ModType};
use tinkerbox_columns::{FlatComponent, FromMirror};
use tinkerbox_interface::{Constant, EntityKind, Only};
use tinkerbox_wasm::IntoFunc;

use crate::exposed::description::{ConstantValue, ExposedFunction, FunctionDescription};
use crate::exposed::event::ExposedEvent;
use crate::exposed::function_id::FunctionId;
#[cfg(feature = "reflect")]
use crate::exposed::reflected::{reflected_event, reflected_type};
use crate::exposed::relationship::relationship;
use crate::exposed::{Exposed, ExposedType, check_type};
use crate::guest::state::ModState;
use crate::host::game_function::GameFunctions;

/// Exposes to mods what they may name. What each mod may do with it is declared in the mod's manifest.
///
/// Mods see what was exposed before they are loaded, which is in `Startup`. What is exposed later they see from the next
/// frame on, and mods that were refused are tried again then. What a game restricts, it restricts where it first exposes it:
/// once mods were built against something, its restrictions stay, and new ones panic. Ids come from `#[mod_type]` on a type
/// that the game and its mods share, so that both mean the same.
///
/// A type that `#[mod_type]` does not take, since it has a `Vec` for instance, is seen as another type, its mirror: with
/// `_as::<T, F>` mods see each value as an `F`, and an `F` that they write is converted to a `T`. A mod that writes an `F` for which there is no `T` ends in a fault,
/// and none of its effects are applied.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::Expose;
/// use tinkerbox_macros::mod_type;
///
/// #[mod_type("game:Health")]
/// #[derive(Component)]
/// struct Health {
///     points: f32,
/// }
///
/// /// An enum of another crate, which can't have the attribute.
/// #[derive(Resource)]
/// enum Season {
///     Summer,
///     Winter,
/// }
///
/// #[mod_type("game:Season")]
/// struct FlatSeason(u32);
///
/// impl From<&Season> for FlatSeason {
///     fn from(season: &Season) -> FlatSeason {
///         FlatSeason(matches!(season, Season::Winter).into())
///     }
/// }
///
/// impl TryFrom<FlatSeason> for Season {
///     type Error = ();
///
///     fn try_from(flat: FlatSeason) -> Result<Season, ()> {
///         [Season::Summer, Season::Winter].into_iter().nth(flat.0 as usize).ok_or(())
///     }
/// }
///
/// let mut world = World::new();
/// world
///     .expose_component::<Health>()
///     .expose_resource_as::<Season, FlatSeason>()
///     .expose_function("game:square", 10, |x: f32| x * x);
/// ```
pub trait Expose {
    /// The world to whose mods types and functions are exposed.
    ///
    /// ```
    /// use bevy_ecs::world::World;
    /// use tinkerbox::Expose;
    ///
    /// let mut world = World::new();
    /// assert_eq!(world.world_of_mods().id(), world.id());
    /// ```
    fn world_of_mods(&mut self) -> &mut World;

    /// Lets mods name the component `T` in queries and commands.
    ///
    /// # Panics
    /// If something else has the same id, if `T` is exposed in another way already, or if it is aligned to more than 8 bytes.
    #[track_caller]
    fn expose_component<T: Component + ModType>(&mut self) -> &mut Self {
        let flat = FlatComponent::register::<T>(self.world_of_mods());
        exposed(self).names_mut().add_component(type_name::<T>(), ExposedType::of::<T>(flat));
        self
    }

    /// Lets mods name the component `T`, which they see as an `F`.
    ///
    /// # Panics
    /// If something else has the same id, if `T` is exposed in another way already, or if `F` is aligned to more than 8
    /// bytes.
    #[track_caller]
    fn expose_component_as<T, F>(&mut self) -> &mut Self
    where
        T: Component + TryFrom<F>,
        F: ModType + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored::<T, F>(self.world_of_mods());
        exposed(self).names_mut().add_component(type_name::<T>(), ExposedType::of::<F>(flat));
        self
    }

    /// The same where the way back from an `F` asks the world.
    ///
    /// # Panics
    /// As [`Expose::expose_component_as`] does.
    #[track_caller]
    fn expose_component_by_world<T, F>(&mut self) -> &mut Self
    where
        T: Component + FromMirror<F>,
        F: ModType + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored_by_world::<T, F>(self.world_of_mods());
        exposed(self).names_mut().add_component(type_name::<T>(), ExposedType::of::<F>(flat));
        self
    }

    /// Lets mods read and write the resource `T`.
    ///
    /// # Panics
    /// If something else has the same id, if `T` is exposed in another way already, or if it is aligned to more than 8 bytes.
    #[track_caller]
    fn expose_resource<T: Resource + ModType>(&mut self) -> &mut Self {
        let flat = FlatComponent::register::<T>(self.world_of_mods());
        exposed(self).names_mut().add_resource(type_name::<T>(), ExposedType::of::<T>(flat));
        self
    }

    /// Lets mods read and write the resource `T`, which they see as an `F`.
    ///
    /// # Panics
    /// If something else has the same id, if `T` is exposed in another way already, or if `F` is aligned to more than 8
    /// bytes.
    #[track_caller]
    fn expose_resource_as<T, F>(&mut self) -> &mut Self
    where
        T: Resource + TryFrom<F>,
        F: ModType + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored::<T, F>(self.world_of_mods());
        exposed(self).names_mut().add_resource(type_name::<T>(), ExposedType::of::<F>(flat));
        self
    }

    /// The same where the way back from an `F` asks the world, from which `T` is not taken meanwhile.
    ///
    /// # Panics
    /// As [`Expose::expose_resource_as`] does.
    #[track_caller]
    fn expose_resource_by_world<T, F>(&mut self) -> &mut Self
    where
        T: Resource + FromMirror<F>,
        F: ModType + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored_by_world::<T, F>(self.world_of_mods());
        exposed(self).names_mut().add_resource(type_name::<T>(), ExposedType::of::<F>(flat));
        self
    }

    /// Lets mods listen to the message `E` and send it: the events of mods. Adds the message to the app or world.
    ///
    /// # Panics
    /// If something else has the same id, if `E` is exposed in another way already, or if it is aligned to more than 8 bytes
    /// or has none.
    #[track_caller]
    fn expose_event<E: Message + ModType>(&mut self) -> &mut Self {
        add_message::<E>(self.world_of_mods());
        check_type::<E>();
        exposed(self).names_mut().add_event(type_name::<E>(), ExposedEvent::plain::<E>());
        self
    }

    /// Lets mods listen to the message `E` and send it, which they see as an `F`.
    ///
    /// # Panics
    /// If something else has the same id, if `E` is exposed in another way already, or if `F` is aligned to more than 8 bytes
    /// or has none.
    #[track_caller]
    fn expose_event_as<E, F>(&mut self) -> &mut Self
    where
        E: Message + TryFrom<F>,
        F: ModType + for<'a> From<&'a E>,
    {
        add_message::<E>(self.world_of_mods());
        check_type::<F>();
        exposed(self).names_mut().add_event(type_name::<E>(), ExposedEvent::mirrored::<E, F>());
        self
    }

    /// Lets mods name the relationship `R` as `id`: `expose_relationship::<ChildOf>("bevy:ChildOf")`. They see the entity that
    /// it leads to, as `{ target: entity }`, and make one with a command, if the target exists, the mod may name it, and there
    /// is no cycle.
    ///
    /// # Panics
    /// If something else has the same id, or if `R` is exposed in another way already.
    #[track_caller]
    fn expose_relationship<R: Relationship>(&mut self, id: &'static str) -> &mut Self {
        let exposed_type = relationship::<R>(self.world_of_mods(), id);
        exposed(self).names_mut().add_component(type_name::<R>(), exposed_type);
        self
    }

    /// Lets mods name the component `T`, which derives [`ModMirror`] and of which they see its
    /// [`Flat`](tinkerbox_abi::Flat) bytes.
    ///
    /// # Panics
    /// As [`Expose::expose_component_as`] does.
    #[track_caller]
    fn expose_mirrored<T: Component + ModMirror + TryFrom<Flat<T>>>(&mut self) -> &mut Self {
        self.expose_component_as::<T, Flat<T>>()
    }

    /// The same for the resource `T`.
    ///
    /// # Panics
    /// As [`Expose::expose_resource_as`] does.
    #[track_caller]
    fn expose_mirrored_resource<T: Resource + ModMirror + TryFrom<Flat<T>>>(&mut self) -> &mut Self {
        self.expose_resource_as::<T, Flat<T>>()
    }

    /// The same for the message `E`, as an event of mods.
    ///
    /// # Panics
    /// As [`Expose::expose_event_as`] does.
    #[track_caller]
    fn expose_mirrored_event<E: Message + ModMirror + TryFrom<Flat<E>>>(&mut self) -> &mut Self {
        self.expose_event_as::<E, Flat<E>>()
    }

    /// Lets mods name the component `T` as `id`, of which they see the fields that are numbers, `bool`s, enums without fields,
    /// entities, and structs and arrays of these. They are found by reflection.
    ///
    /// Fields with `#[reflect(ignore)]` are kept from mods: when a mod writes a value they stay as they are, and when it makes
    /// one they are those of the default. The reflection of `T` must be derived, or return fields of its own as a derived one
    /// does. Bytes are copied from where fields were found once.
    ///
    /// # Panics
    /// If another field can't be passed on as bytes, which the message names; if something else has the same id, or if `T` is
    /// exposed in another way already.
    #[cfg(feature = "reflect")]
    #[track_caller]
    fn expose_reflected<T: Component + Reflect + Default>(&mut self, id: &'static str) -> &mut Self {
        let exposed_type = reflected_type::<T>(self.world_of_mods(), id);
        exposed(self).names_mut().add_component(type_name::<T>(), exposed_type);
        self
    }

    /// The same for the resource `T`.
    ///
    /// # Panics
    /// As [`Expose::expose_reflected`] does.
    #[cfg(feature = "reflect")]
    #[track_caller]
    fn expose_reflected_resource<T: Resource + Reflect + Default>(&mut self, id: &'static str) -> &mut Self {
        let exposed_type = reflected_type::<T>(self.world_of_mods(), id);
        exposed(self).names_mut().add_resource(type_name::<T>(), exposed_type);
        self
    }

    /// The same for the message `E`, as an event of mods. Adds the message to the app or world.
    ///
    /// # Panics
    /// As [`Expose::expose_reflected`] does, and if no field is passed on.
    #[cfg(feature = "reflect")]
    #[track_caller]
    fn expose_reflected_event<E: Message + Reflect + Default>(&mut self, id: &'static str) -> &mut Self {
        add_message::<E>(self.world_of_mods());
        exposed(self).names_mut().add_event(type_name::<E>(), reflected_event::<E>(id));
        self
    }

    /// Lets mods call `func`. With the id `game:name` they import it as `name` of the module `game`. Each call costs `fuel`
    /// units.
    ///
    /// The function takes and returns numbers. With a [`Caller`](tinkerbox_wasm::Caller) as its first parameter it has access
    /// to the mod's memory, its fuel, its exports and its [`ModState`], through which it can
    /// [change the world](ModState::defer) when the system has finished. While a system runs it can read the world:
    /// `caller.with_lent(|world: &World| ...)`.
    ///
    /// # Panics
    /// If the id is not of the form `game:name`, or if it is that of another function.
    #[track_caller]
    fn expose_function<P: 'static, R: 'static>(
        &mut self,
        id: &str,
        fuel: u64,
        func: impl IntoFunc<ModState, P, R>,
    ) -> &mut Self {
        let id = FunctionId::parse(id);
        exposed(self).names_mut().check_function_is_new(&id);
        let ty = self.world_of_mods().get_resource_or_init::<GameFunctions>().add(id.clone(), fuel, func);
        exposed(self).names_mut().add_function(id, ExposedFunction { fuel, ty });
        self
    }

    /// Lets mods read what was exposed last, a component or a resource, and not change, give or take it.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::Expose;
    /// # #[tinkerbox_macros::mod_type("game:Hull")]
    /// # #[derive(Component)]
    /// # struct Hull { planks: u32 }
    /// World::new().expose_component::<Hull>().read_only();
    /// ```
    ///
    /// # Panics
    /// If what was exposed last is not a component or a resource, if it is restricted in another way, or if mods were built against
    /// it without.
    #[track_caller]
    fn read_only(&mut self) -> &mut Self {
        restrict(self, Only::Read);
        self
    }

    /// Lets mods handle the event that was exposed last, and not send it.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::Expose;
    /// # #[tinkerbox_macros::mod_type("game:Sunk")]
    /// # #[derive(Message)]
    /// # struct Sunk { ship: u32 }
    /// World::new().expose_event::<Sunk>().hear_only();
    /// ```
    ///
    /// # Panics
    /// If what was exposed last is not an event, if it is restricted in another way, or if mods were built against
    /// it without.
    #[track_caller]
    fn hear_only(&mut self) -> &mut Self {
        restrict(self, Only::Hear);
        self
    }

    /// Lets mods send the event that was exposed last, and not handle it.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::Expose;
    /// # #[tinkerbox_macros::mod_type("game:Order")]
    /// # #[derive(Message)]
    /// # struct Order { ship: u32 }
    /// World::new().expose_event::<Order>().send_only();
    /// ```
    ///
    /// # Panics
    /// If what was exposed last is not an event, if it is restricted in another way, or if mods were built against
    /// it without.
    #[track_caller]
    fn send_only(&mut self) -> &mut Self {
        restrict(self, Only::Send);
        self
    }

    /// Lets only the mods with these ids name what was exposed last, whatever it is: a function, for instance, that is
    /// meant for the game's own mods. With an empty list it is for no mod. An id is what a manifest says, so in a game with
    /// mods of strangers this is only as good as their [`Consent`](crate::Consent).
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::Expose;
    /// World::new().expose_function("game:score", 10, |points: u32| points).only_for(&["referee"]);
    /// ```
    ///
    /// # Panics
    /// If nothing was exposed yet, if it is for other mods already, or if mods were built against it without.
    #[track_caller]
    fn only_for(&mut self, mods: &[&str]) -> &mut Self {
        let mods = mods.iter().map(|&id| id.to_owned()).collect();
        exposed(self).names_mut().rules_mut().restrict_last_to(mods);
        self
    }

    /// Tells authors what a function does and how its parameters are called: it appears in the
    /// [interface file](crate::interface()). `signature` has its parameters and its result as mods see them.
    ///
    /// ```
    /// # use bevy_ecs::world::World;
    /// # use tinkerbox::Expose;
    /// World::new()
    ///     .expose_function("game:power", 10, |base: f32, exponent: u32| base.powi(exponent as i32))
    ///     .describe_function("game:power", "(base: f32, exponent: u32) -> f32", "`base` to the power of `exponent`.");
    /// ```
    fn describe_function(&mut self, id: &str, signature: &str, docs: &str) -> &mut Self {
        let description = FunctionDescription { signature: signature.to_owned(), docs: docs.to_owned() };
        exposed(self).names_mut().telling_mut().functions.insert(id.to_owned(), description);
        self
    }

    /// Tells authors of which components, by their ids, the entities of a kind consist.
    ///
    /// ```
    /// # use bevy_ecs::world::World;
    /// # use tinkerbox::Expose;
    /// World::new().describe_entity("sheep", "Grazes, and flees from wolves.", &["meadow:Position", "meadow:Sheep"]);
    /// ```
    fn describe_entity(&mut self, name: &str, docs: &str, components: &[&str]) -> &mut Self {
        let components = components.iter().map(|&id| id.to_owned()).collect();
        let kind = EntityKind { name: name.to_owned(), docs: docs.to_owned(), components };
        exposed(self).names_mut().telling_mut().entities.insert(name.to_owned(), kind);
        self
    }

    /// Tells authors a number that their mods need to know: a constant in the bindings of all languages.
    ///
    /// ```
    /// # use bevy_ecs::world::World;
    /// # use tinkerbox::Expose;
    /// World::new().describe_constant("WIDTH", 100.0f32, "The world's extent from west to east.");
    /// ```
    fn describe_constant(&mut self, name: &str, value: impl ConstantValue, docs: &str) -> &mut Self {
        let (ty, value) = (value.number(), value.digits());
        let constant = Constant { name: name.to_owned(), docs: docs.to_owned(), ty, value };
        exposed(self).names_mut().telling_mut().constants.insert(name.to_owned(), constant);
        self
    }
}

impl Expose for World {
    fn world_of_mods(&mut self) -> &mut World {
        self
    }
}

/// An app exposes to the mods of its world.
impl Expose for App {
    fn world_of_mods(&mut self) -> &mut World {
        self.world_mut()
    }
}

/// # Panics
/// If what was exposed last is of another kind, is restricted in another way, or mods were built against it already.
#[track_caller]
fn restrict<E: Expose + ?Sized>(exposing: &mut E, only: Only) {
    let mut exposed = exposed(exposing);
    let last = exposed.rules().last().map(str::to_owned);
    let (is_data, is_event) = match &last {
        Some(id) => (exposed.data_ids().contains(&id.as_str()), exposed.event(id).is_some()),
        None => (false, false),
    };
    let (fits, kind) = match only {
        Only::Read => (is_data, "a component or a resource"),
        Only::Hear | Only::Send => (is_event, "an event"),
    };
    let last = last.map_or_else(|| "nothing yet".to_owned(), |id| format!("`{id}`"));
    assert!(fits, "this restricts what was exposed last, {kind}, and that was {last}");
    exposed.names_mut().rules_mut().restrict_last(only);
}

pub(crate) fn exposed<E: Expose + ?Sized>(exposing: &mut E) -> Mut<'_, Exposed> {
    exposing.world_of_mods().get_resource_or_init::<Exposed>()
}

fn add_message<E: Message>(world: &mut World) {
    if !world.contains_resource::<Messages<E>>() {
        MessageRegistry::register_message::<E>(world);
    }
}
