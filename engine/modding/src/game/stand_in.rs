//! A stand-in for a game: all that its interface describes, on types that are made from it.
//!
//! With it tools check and run mods without the game. Values are bytes; nothing in the world moves but what mods do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bevy_ecs::entity::Entity;
use bevy_ecs::message::{MessageCursor, MessageRegistry, Messages};
use bevy_ecs::resource::IsResource;
use bevy_ecs::world::{Mut, World};
use tinkerbox_abi::Shape;
use tinkerbox_columns::{Check, FlatComponent, copy_resource, copy_value, insert, resource_entity, spawn};
use tinkerbox_interface::{Function, Interface, SharedType};
use tinkerbox_wasm::{Engine, FuncType, Val};

use crate::exposed::description::ExposedFunction;
use crate::exposed::event::{ExposedEvent, UntypedEvent};
use crate::exposed::function_id::FunctionId;
use crate::exposed::interface::val_type;
use crate::exposed::invalid::invalid_field;
use crate::exposed::rule::Rule;
use crate::exposed::runtime_layout::{NO_DOCS, keep, shape};
use crate::exposed::{Exposed, ExposedType, Names};
use crate::host::game_function::{Answer, GameFunctions};

/// Everything that an interface describes, in one world.
///
/// ```
/// use bevy_ecs::world::World;
/// use tinkerbox::{Interface, StandIn};
///
/// let interface = Interface::parse(
///     r#"
///     game = "meadow"
///     api = 1
///     [[component]]
///     id = "meadow:Energy"
///     field = [{ name = "joules", type = "f32" }]
///     "#,
/// )
/// .unwrap();
/// let mut world = World::new();
/// let game = StandIn::new(&mut world, &interface, |function, _| anyhow::bail!("{function} has no answer"));
/// let sheep = game.spawn(&mut world, &[("meadow:Energy", &5f32.to_le_bytes())]).unwrap();
/// assert_eq!(game.component(&world, sheep, "meadow:Energy"), Some(5f32.to_le_bytes().to_vec()));
/// ```
#[derive(Clone, Debug)]
pub struct StandIn {
    components: BTreeMap<String, FlatComponent>,
    resources: BTreeMap<String, FlatComponent>,
    events: BTreeMap<String, ExposedEvent>,
}

impl StandIn {
    /// Exposes to the mods of `world` what the interface describes. When a mod calls a function of the game, `answer` gets its
    /// id and its arguments, and gives the result, which has to have the function's type.
    ///
    /// Names and layouts are kept for as long as the process runs.
    ///
    /// # Panics
    /// If something of the interface is exposed there already, or the interface was not checked when it was read.
    pub fn new(
        world: &mut World,
        interface: &Interface,
        answer: impl Fn(&str, &[Val]) -> anyhow::Result<Val> + Send + Sync + 'static,
    ) -> StandIn {
        let mut it =
            StandIn { components: BTreeMap::new(), resources: BTreeMap::new(), events: BTreeMap::new() };
        if !world.contains_resource::<Messages<UntypedEvent>>() {
            MessageRegistry::register_message::<UntypedEvent>(world);
        }
        for component in &interface.components {
            let exposed = register(world, interface, component);
            it.components.insert(component.id.clone(), exposed.flat);
            names(world).names_mut().add_component(&component.id, exposed);
            names(world).names_mut().rules_mut().set(&component.id, rule(component));
        }
        for resource in &interface.resources {
            let exposed = register(world, interface, resource);
            it.resources.insert(resource.id.clone(), exposed.flat);
            names(world).names_mut().add_resource(&resource.id, exposed);
            names(world).names_mut().rules_mut().set(&resource.id, rule(resource));
        }
        for event in &interface.events {
            let (layout, shape, _) = layout(interface, event);
            let exposed = ExposedEvent::untyped(keep(&event.id), layout, NO_DOCS, shape);
            it.events.insert(event.id.clone(), exposed);
            names(world).names_mut().add_event(&event.id, exposed);
            names(world).names_mut().rules_mut().set(&event.id, rule(event));
        }
        names(world).names_mut().telling_mut().stands_for = Some(Arc::new(interface.clone()));
        let answer: Answer = Arc::new(answer);
        // Types of functions do not depend on it.
        let engine = Engine::default();
        for function in &interface.functions {
            let (id, ty) = (FunctionId::parse(&function.id), func_type(&engine, function));
            let exposed = ExposedFunction { fuel: function.fuel, ty: ty.clone() };
            Names::add_function(names(world).names_mut(), id.clone(), exposed);
            let rule = Rule { only: None, mods: of_mods(function.mods.as_deref()) };
            names(world).names_mut().rules_mut().set(&function.id, rule);
            let mut functions = world.get_resource_or_init::<GameFunctions>();
            functions.add_untyped(id, function.fuel, ty, Arc::clone(&answer));
        }
        it
    }

    /// Spawns an entity with components: an id, and the bytes of its value.
    ///
    /// # Errors
    /// A component is not in the interface, is given twice, or its value has another size: in words.
    pub fn spawn(&self, world: &mut World, components: &[(&str, &[u8])]) -> Result<Entity, String> {
        let parts = self.parts(components)?;
        spawn(world, None, &parts).map_err(|error| error.to_string())
    }

    /// Gives an entity components, or replaces those that it has.
    ///
    /// # Errors
    /// As [`StandIn::spawn`], and if the entity is gone.
    pub fn insert(
        &self,
        world: &mut World,
        entity: Entity,
        components: &[(&str, &[u8])],
    ) -> Result<(), String> {
        let parts = self.parts(components)?;
        insert(world, entity, &parts).map_err(|error| error.to_string())
    }

    fn parts<'a>(&self, components: &[(&str, &'a [u8])]) -> Result<Vec<(FlatComponent, &'a [u8])>, String> {
        let part = |(id, bytes): &(&str, &'a [u8])| match self.components.get(*id) {
            Some(flat) => Ok((*flat, *bytes)),
            None => Err(format!("the interface has no component `{id}`")),
        };
        components.iter().map(part).collect()
    }

    /// The bytes of an entity's component; `None` where the entity or the component is gone.
    pub fn component(&self, world: &World, entity: Entity, id: &str) -> Option<Vec<u8>> {
        let flat = self.components.get(id)?;
        let mut bytes = vec![0; flat.size()];
        copy_value(world, entity, flat, &mut bytes).then_some(bytes)
    }

    /// All entities that have these components, by their ids, in the order of their numbers.
    pub fn entities(&self, world: &World, components: &[&str]) -> Vec<Entity> {
        let wanted: Option<Vec<_>> = components.iter().map(|id| self.components.get(*id)).collect();
        let Some(wanted) = wanted else { return Vec::new() };
        let archetypes = world.archetypes().iter();
        let matching = archetypes.filter(|it| wanted.iter().all(|flat| it.contains(flat.id())));
        let mut found: Vec<Entity> =
            matching.flat_map(|it| it.entities().iter().map(|entity| entity.id())).collect();
        found.sort_unstable();
        found
    }

    /// Sets a resource.
    ///
    /// # Errors
    /// It is not in the interface, or its value has another size: in words.
    pub fn set_resource(&self, world: &mut World, id: &str, bytes: &[u8]) -> Result<(), String> {
        let flat = self.resources.get(id).ok_or_else(|| format!("the interface has no resource `{id}`"))?;
        let entity = match resource_entity(world, flat) {
            Some(entity) => entity,
            None => world.spawn(IsResource::new(flat.id())).id(),
        };
        insert(world, entity, &[(*flat, bytes)]).map_err(|error| error.to_string())
    }

    /// The bytes of a resource; `None` if it was not set.
    pub fn resource(&self, world: &World, id: &str) -> Option<Vec<u8>> {
        let flat = self.resources.get(id)?;
        let mut bytes = vec![0; flat.size()];
        copy_resource(world, flat, &mut bytes).then_some(bytes)
    }

    /// Sends an event.
    ///
    /// # Errors
    /// It is not in the interface, or its value has another size: in words.
    pub fn send(&self, world: &mut World, id: &str, bytes: &[u8]) -> Result<(), String> {
        let event = self.events.get(id).ok_or_else(|| format!("the interface has no event `{id}`"))?;
        if bytes.len() != event.size {
            return Err(format!("an event `{id}` has {} bytes, and {} were given", event.size, bytes.len()));
        }
        event.write(world, bytes);
        Ok(())
    }

    /// Listens to the events that are sent from now on.
    pub fn listener(&self, world: &World) -> EventListener {
        let messages = world.get_resource::<Messages<UntypedEvent>>();
        EventListener(messages.map_or_else(MessageCursor::default, Messages::get_cursor_current))
    }
}

/// Listens to the events of a [`StandIn`]. They are kept for two frames, so it has to be asked in each.
#[derive(Clone, Debug)]
pub struct EventListener(MessageCursor<UntypedEvent>);

impl EventListener {
    /// The events that were sent since the last call, in order: the id of each, and its bytes.
    pub fn read(&mut self, world: &World) -> Vec<(String, Vec<u8>)> {
        let Some(messages) = world.get_resource::<Messages<UntypedEvent>>() else { return Vec::new() };
        self.0.read(messages).map(|event| (event.id.to_owned(), event.bytes.clone())).collect()
    }
}

fn rule(ty: &SharedType) -> Rule {
    Rule { only: ty.only, mods: of_mods(ty.mods.as_deref()) }
}

fn of_mods(mods: Option<&[String]>) -> Option<BTreeSet<String>> {
    mods.map(|mods| mods.iter().cloned().collect())
}

fn names(world: &mut World) -> Mut<'_, Exposed> {
    world.get_resource_or_init::<Exposed>()
}

fn register(world: &mut World, interface: &Interface, ty: &SharedType) -> ExposedType {
    let (layout, shape, align) = layout(interface, ty);
    let check = Check(Box::leak(Box::new(|bytes: &[u8]| invalid_field(shape, bytes).is_none())));
    let (name, size) = (ty.id.clone(), (shape.size(), align));
    let flat = FlatComponent::register_untyped(world, name, size, !ty.read_only, check);
    ExposedType { id: keep(&ty.id), layout, docs: NO_DOCS, shape, flat }
}

/// The layout of a type as text and as data, and its alignment.
fn layout(interface: &Interface, ty: &SharedType) -> (&'static str, &'static Shape, usize) {
    let layout = interface.layout(ty);
    let (_, align) = layout.size().expect("the interface was checked when it was read");
    (keep(&layout.to_string()), shape(&layout), align as usize)
}

fn func_type(engine: &Engine, function: &Function) -> FuncType {
    let parameters = function.parameters.iter().map(|parameter| val_type(parameter.ty));
    FuncType::new(engine, parameters, function.result.map(val_type))
}
