//! What of the game mods can name: components, resources, events and functions.
//!
//! The game fills it before mods are loaded; checks and commands look things up in it. It knows no mod.

pub(crate) mod event;
pub(crate) mod function;

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bevy_app::App;
use bevy_ecs::component::Component;
use bevy_ecs::message::{Message, MessageRegistry};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
use bytemuck::Pod;
use tinkerbox_abi::{ALIGNMENT, ModType, component_key};
use tinkerbox_columns::FlatComponent;
use tinkerbox_wasm::{FuncType, IntoFunc, Linker};

use crate::state::ModState;

use event::ExposedEvent;
use function::{FunctionId, GameFunction};

/// A component or a resource that mods can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExposedType {
    pub id: &'static str,
    pub layout: &'static str,
    pub flat: FlatComponent,
}

/// All that mods can name. Cheap to clone.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Exposed(Arc<Names>);

#[derive(Clone, Debug, Default)]
struct Names {
    /// By key, as commands name them.
    components: BTreeMap<u64, ExposedType>,
    resources: BTreeMap<&'static str, ExposedType>,
    events: BTreeMap<&'static str, ExposedEvent>,
    functions: BTreeMap<FunctionId, GameFunction>,
}

impl Exposed {
    pub fn component(&self, id: &str) -> Option<&ExposedType> {
        self.0.components.get(&component_key(id)).filter(|component| component.id == id)
    }

    pub fn resource(&self, id: &str) -> Option<&ExposedType> {
        self.0.resources.get(id)
    }

    pub fn event(&self, id: &str) -> Option<&ExposedEvent> {
        self.0.events.get(id)
    }

    pub fn functions(&self) -> impl Iterator<Item = (&FunctionId, &GameFunction)> {
        self.0.functions.iter()
    }

    /// The types of the functions, by module and name.
    pub fn function_types(&self, linker: &Linker<ModState>) -> BTreeMap<(String, String), FuncType> {
        let types = self.0.functions.keys().filter_map(|id| {
            let ty = linker.definition_type(&id.module, &id.name)?;
            Some(((id.module.clone(), id.name.clone()), ty.func()?.clone()))
        });
        types.collect()
    }

    /// The id of a component, for messages.
    pub fn id_of(&self, flat: &FlatComponent) -> &'static str {
        let mut all = self.0.components.values().chain(self.0.resources.values());
        all.find(|exposed| exposed.flat == *flat).map_or("a component", |exposed| exposed.id)
    }

    /// Ids in the alphabet's order, for messages: components and resources.
    pub fn data_ids(&self) -> Vec<&'static str> {
        let all = self.0.components.values().chain(self.0.resources.values());
        let mut ids: Vec<_> = all.map(|exposed| exposed.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Ids in the alphabet's order, for messages.
    pub fn event_ids(&self) -> impl Iterator<Item = &'static str> {
        self.0.events.keys().copied()
    }

    /// Whether these are the same names as those, unchanged since they were cloned.
    pub fn is_same(&self, other: &Exposed) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What can be named here and not there.
    pub fn beyond(&self, other: &Exposed) -> Vec<String> {
        let before: BTreeSet<String> = other.all_ids().collect();
        self.all_ids().filter(|id| !before.contains(id)).collect()
    }

    fn all_ids(&self) -> impl Iterator<Item = String> {
        let data = self.data_ids().into_iter().chain(self.event_ids()).map(str::to_owned);
        data.chain(self.functions().map(|(id, _)| id.to_string()))
    }

    fn names(&mut self) -> &mut Names {
        Arc::make_mut(&mut self.0)
    }
}

impl Names {
    /// Whether this component or resource was exposed in the same way before, which changes nothing.
    ///
    /// # Panics
    /// It was exposed in another way: under another id, as another type, or once as a component and once as a resource.
    /// Mods that name it in both ways would each read the other's bytes as something else.
    #[track_caller]
    fn is_known(&self, kind: &str, ty: &str, id: &str, flat: &FlatComponent) -> bool {
        let components = self.components.values().map(|it| ("component", it));
        let resources = self.resources.values().map(|it| ("resource", it));
        let mut all = components.chain(resources);
        let Some((known_kind, known)) = all.find(|(_, it)| it.flat.id() == flat.id()) else { return false };
        let is_same = known_kind == kind && known.id == id && known.flat == *flat;
        assert!(
            is_same,
            "`{ty}` is exposed twice: as the {known_kind} `{}` and as the {kind} `{id}`{}; expose it once, as one of them",
            known.id,
            if known.flat.crosses_as() == flat.crosses_as() { "" } else { " that crosses as another type" },
        );
        true
    }

    /// # Panics
    /// Something else has the id.
    #[track_caller]
    fn check_is_free(&self, id: &str, what: &str) {
        let is_taken = self.components.get(&component_key(id)).map(|it| it.id).or_else(|| {
            let resources = self.resources.keys().find(|other| **other == id);
            resources.or_else(|| self.events.keys().find(|other| **other == id)).copied()
        });
        if let Some(other) = is_taken {
            panic!(
                "the {what} `{id}` and what was exposed as `{other}` have the same id or the same key; rename one"
            );
        }
    }

    #[track_caller]
    fn add_component<T: Component, F: ModType + Pod>(&mut self, flat: FlatComponent) {
        check_alignment::<F>();
        if self.is_known("component", type_name::<T>(), F::ID, &flat) {
            return;
        }
        self.check_is_free(F::ID, type_name::<T>());
        self.components.insert(component_key(F::ID), ExposedType { id: F::ID, layout: F::LAYOUT, flat });
    }

    #[track_caller]
    fn add_resource<T: Resource, F: ModType + Pod>(&mut self, flat: FlatComponent) {
        check_alignment::<F>();
        if self.is_known("resource", type_name::<T>(), F::ID, &flat) {
            return;
        }
        self.check_is_free(F::ID, type_name::<T>());
        self.resources.insert(F::ID, ExposedType { id: F::ID, layout: F::LAYOUT, flat });
    }

    #[track_caller]
    fn add_event(&mut self, ty: &str, event: ExposedEvent) {
        if let Some(known) = self.events.values().find(|it| it.is_the_message_of(&event)) {
            assert!(
                known.is_as(&event),
                "`{ty}` is exposed twice: as the event `{}` and as the event `{}`, or as another type; expose it once",
                known.id,
                event.id
            );
            return;
        }
        self.check_is_free(event.id, "event");
        self.events.insert(event.id, event);
    }
}

#[track_caller]
fn check_alignment<F: ModType>() {
    assert!(
        align_of::<F>() <= ALIGNMENT,
        "`{}` is aligned to {} bytes; columns in a mod's memory start at multiples of {ALIGNMENT}",
        F::ID,
        align_of::<F>(),
    );
}

/// Lets a game show mods what they may name. What is permitted to one of them is up to its manifest.
///
/// Mods see what was exposed before they are loaded, which is in `Startup`. What is exposed later they see from the next
/// frame on: mods that were refused are tried again then. Ids come from
/// `#[derive(ModType)]`, which stands on a type that the game and its mods share, so that both mean the same.
///
/// A type that is not plain bytes crosses as another one that is, its mirror: `_as::<T, F>` makes an `F` of each value
/// for mods to see, and what mods write becomes a `T` again, where it can be one. A mod that writes something else ends
/// in a fault, and nothing of it lands.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use bytemuck::{Pod, Zeroable};
/// use tinkerbox::Expose;
/// use tinkerbox_macros::ModType;
///
/// #[derive(Component, ModType, Clone, Copy, Pod, Zeroable)]
/// #[mod_type(id = "game:Health")]
/// #[repr(C)]
/// struct Health {
///     points: f32,
/// }
///
/// /// An enum is no plain bytes: of 256, most are no season.
/// #[derive(Resource)]
/// enum Season {
///     Summer,
///     Winter,
/// }
///
/// #[derive(ModType, Clone, Copy, Pod, Zeroable)]
/// #[mod_type(id = "game:Season")]
/// #[repr(C)]
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
    /// The world whose mods may name what is exposed.
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
    fn expose_component<T: Component + ModType + Pod>(&mut self) -> &mut Self {
        let flat = FlatComponent::register::<T>(self.world_of_mods());
        exposed(self).names().add_component::<T, T>(flat);
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
        F: ModType + Pod + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored::<T, F>(self.world_of_mods());
        exposed(self).names().add_component::<T, F>(flat);
        self
    }

    /// Lets mods read and write the resource `T`.
    ///
    /// # Panics
    /// If something else has the same id, if `T` is exposed in another way already, or if it is aligned to more than 8 bytes.
    #[track_caller]
    fn expose_resource<T: Resource + ModType + Pod>(&mut self) -> &mut Self {
        let flat = FlatComponent::register::<T>(self.world_of_mods());
        exposed(self).names().add_resource::<T, T>(flat);
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
        F: ModType + Pod + for<'a> From<&'a T>,
    {
        let flat = FlatComponent::register_mirrored::<T, F>(self.world_of_mods());
        exposed(self).names().add_resource::<T, F>(flat);
        self
    }

    /// Lets mods listen to the message `E` and send it: the events of mods. Adds the message to the app or world.
    ///
    /// # Panics
    /// If something else has the same id, if `E` is exposed in another way already, or if it is aligned to more than 8 bytes
    /// or has none.
    #[track_caller]
    fn expose_event<E: Message + ModType + Pod>(&mut self) -> &mut Self {
        add_message::<E>(self.world_of_mods());
        check_alignment::<E>();
        exposed(self).names().add_event(type_name::<E>(), ExposedEvent::plain::<E>());
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
        F: ModType + Pod + for<'a> From<&'a E>,
    {
        add_message::<E>(self.world_of_mods());
        check_alignment::<F>();
        exposed(self).names().add_event(type_name::<E>(), ExposedEvent::mirrored::<E, F>());
        self
    }

    /// Lets mods call `func`, which they import as `name` of the module `game` where the id is `game:name`. Each call
    /// costs `fuel` units.
    ///
    /// The function takes and returns numbers. With a [`Caller`](tinkerbox_wasm::Caller) as its first parameter it
    /// reaches the mod's memory, its fuel, its exports, [`ModState`], through which it can
    /// [change the world](ModState::defer) when the system has finished, and, while a system runs, the world as it is
    /// now: `caller.with_lent(|world: &World| ...)`.
    ///
    /// # Panics
    /// If the id is no `game:name` or is that of another function.
    #[track_caller]
    fn expose_function<P, R>(
        &mut self,
        id: &str,
        fuel: u64,
        func: impl IntoFunc<ModState, P, R>,
    ) -> &mut Self {
        let (id, function) = (FunctionId::parse(id), GameFunction::new(fuel, func));
        let is_new = exposed(self).names().functions.insert(id.clone(), function).is_none();
        assert!(is_new, "the function `{id}` is exposed twice; rename one");
        self
    }
}

impl Expose for World {
    fn world_of_mods(&mut self) -> &mut World {
        self
    }
}

/// What an app does is what its world does.
impl Expose for App {
    fn world_of_mods(&mut self) -> &mut World {
        self.world_mut()
    }
}

fn exposed<E: Expose + ?Sized>(exposing: &mut E) -> Mut<'_, Exposed> {
    exposing.world_of_mods().get_resource_or_init::<Exposed>()
}

fn add_message<E: Message>(world: &mut World) {
    if !world.contains_resource::<bevy_ecs::message::Messages<E>>() {
        MessageRegistry::register_message::<E>(world);
    }
}
