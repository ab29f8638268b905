//! What mods can name of the game: components, resources, events and functions, with their ids and layouts; and the time.
//!
//! The game fills it before mods are loaded; checks and commands look names up in it. It knows no mod.

pub(crate) mod description;
pub(crate) mod event;
pub(crate) mod function_id;
pub(crate) mod interface;
pub(crate) mod invalid;
#[cfg(feature = "reflect")]
pub(crate) mod reflected;
pub(crate) mod relationship;
pub(crate) mod rule;
pub(crate) mod runtime_layout;
pub(crate) mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bevy_ecs::resource::Resource;
use tinkerbox_abi::names::{TYPE_ID_RULE, is_type_id};
use tinkerbox_abi::{ALIGNMENT, Docs, ModType, Shape, component_key};
use tinkerbox_columns::FlatComponent;
use tinkerbox_interface::Type;

use description::{ExposedFunction, Telling};
use event::ExposedEvent;
use function_id::FunctionId;
use rule::Rules;

/// A component or a resource that mods can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExposedType {
    pub id: &'static str,
    pub layout: &'static str,
    pub docs: &'static Docs,
    pub shape: &'static Shape,
    pub flat: FlatComponent,
}

impl ExposedType {
    /// # Panics
    /// The id of `F` is not of the form `game:Name`, or `F` is aligned to more than columns in a mod's memory are.
    #[track_caller]
    pub fn of<F: ModType>(flat: FlatComponent) -> ExposedType {
        check_type::<F>();
        ExposedType { id: F::ID, layout: F::LAYOUT, shape: F::SHAPE, docs: F::DOCS, flat }
    }
}

/// Everything that mods can name. Cheap to clone.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Exposed(Arc<Names>);

/// The names themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// By key, which is how commands name them.
    components: BTreeMap<u64, ExposedType>,
    resources: BTreeMap<&'static str, ExposedType>,
    events: BTreeMap<&'static str, ExposedEvent>,
    functions: BTreeMap<FunctionId, ExposedFunction>,
    /// What the game allows of it.
    rules: Rules,
    /// What the game tells authors besides.
    telling: Telling,
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

    /// Ids in alphabetical order.
    pub fn functions(&self) -> impl Iterator<Item = (&FunctionId, &ExposedFunction)> {
        self.0.functions.iter()
    }

    /// In alphabetical order of their ids.
    pub fn components(&self) -> Vec<&ExposedType> {
        let mut all: Vec<&ExposedType> = self.0.components.values().collect();
        all.sort_by_key(|exposed| exposed.id);
        all
    }

    /// In alphabetical order of their ids.
    pub fn resources(&self) -> impl Iterator<Item = &ExposedType> {
        self.0.resources.values()
    }

    /// In alphabetical order of their ids.
    pub fn events(&self) -> impl Iterator<Item = &ExposedEvent> {
        self.0.events.values()
    }

    /// What the game tells authors besides.
    pub fn telling(&self) -> &Telling {
        &self.0.telling
    }

    /// What the game allows of it.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// What was exposed as this component or resource.
    pub fn data(&self, flat: &FlatComponent) -> Option<&ExposedType> {
        let mut all = self.0.components.values().chain(self.0.resources.values());
        all.find(|exposed| exposed.flat == *flat)
    }

    /// The id of a component, for messages.
    pub fn id_of(&self, flat: &FlatComponent) -> &'static str {
        self.data(flat).map_or("a component", |exposed| exposed.id)
    }

    /// Ids of components and resources in alphabetical order, for messages.
    pub fn data_ids(&self) -> Vec<&'static str> {
        let all = self.0.components.values().chain(self.0.resources.values());
        let mut ids: Vec<_> = all.map(|exposed| exposed.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Ids in alphabetical order, for messages.
    pub fn event_ids(&self) -> impl Iterator<Item = &'static str> {
        self.0.events.keys().copied()
    }

    /// Whether neither has changed since one was cloned from the other.
    pub fn is_same(&self, other: &Exposed) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The ids that `other` does not have.
    pub fn beyond(&self, other: &Exposed) -> Vec<String> {
        let before: BTreeSet<String> = other.all_ids().collect();
        self.all_ids().filter(|id| !before.contains(id)).collect()
    }

    fn all_ids(&self) -> impl Iterator<Item = String> {
        let data = self.data_ids().into_iter().chain(self.event_ids()).map(str::to_owned);
        data.chain(self.functions().map(|(id, _)| id.to_string()))
    }

    /// Mods are built against what is exposed: what the game allows of it stays.
    pub fn settle(&mut self) {
        let ids: Vec<String> = self.all_ids().collect();
        self.names_mut().rules.settle(ids.into_iter());
    }

    /// The names, to add some.
    pub fn names_mut(&mut self) -> &mut Names {
        Arc::make_mut(&mut self.0)
    }
}

impl Names {
    /// Whether this component or resource was exposed in the same way before; there is nothing to do then. It may have several
    /// ids, under each of which it crosses as another type.
    ///
    /// # Panics
    /// It was exposed in a way that contradicts this one: once as a component and once as a resource, or as the same type under
    /// another id. Two mods that name it in different ways would misread each other's bytes.
    #[track_caller]
    fn is_known(&self, kind: &str, ty: &str, id: &str, flat: &FlatComponent) -> bool {
        let components = self.components.values().map(|known| ("component", known));
        let resources = self.resources.values().map(|known| ("resource", known));
        let all = components.chain(resources).filter(|(_, known)| known.flat.id() == flat.id());
        for (known_kind, known) in all {
            if known_kind == kind && known.id == id && known.flat == *flat {
                return true;
            }
            assert!(
                known_kind == kind && known.id != id && known.flat != *flat,
                "`{ty}` is exposed twice: as the {known_kind} `{}` and as the {kind} `{id}`{}; expose it once, as one of them",
                known.id,
                if known.flat == *flat { "" } else { " that crosses as another type" },
            );
        }
        false
    }

    /// # Panics
    /// The id is taken.
    #[track_caller]
    fn check_is_free(&self, id: &str, what: &str) {
        let is_taken = self.components.get(&component_key(id)).map(|known| known.id).or_else(|| {
            let resources = self.resources.keys().find(|other| **other == id);
            resources.or_else(|| self.events.keys().find(|other| **other == id)).copied()
        });
        if let Some(other) = is_taken {
            panic!(
                "the {what} `{id}` and what was exposed as `{other}` have the same id or the same key; rename one"
            );
        }
    }

    /// Adds a component. `ty` is the name of its type, for messages.
    ///
    /// # Panics
    /// The id is taken, or the type is exposed in another way already.
    #[track_caller]
    pub fn add_component(&mut self, ty: &str, component: ExposedType) {
        self.rules.exposed(component.id);
        if !self.is_known("component", ty, component.id, &component.flat) {
            self.check_is_free(component.id, ty);
            self.components.insert(component_key(component.id), component);
        }
    }

    /// Adds a resource. `ty` is the name of its type, for messages.
    ///
    /// # Panics
    /// The id is taken, or the type is exposed in another way already.
    #[track_caller]
    pub fn add_resource(&mut self, ty: &str, resource: ExposedType) {
        self.rules.exposed(resource.id);
        if !self.is_known("resource", ty, resource.id, &resource.flat) {
            self.check_is_free(resource.id, ty);
            self.resources.insert(resource.id, resource);
        }
    }

    /// # Panics
    /// The id is taken, or the type is exposed in another way already.
    #[track_caller]
    pub fn add_event(&mut self, ty: &str, event: ExposedEvent) {
        self.rules.exposed(event.id);
        if let Some(known) = self.events.values().find(|known| known.is_the_message_of(&event)) {
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

    /// # Panics
    /// The id is taken.
    #[track_caller]
    pub fn check_function_is_new(&self, id: &FunctionId) {
        assert!(!self.functions.contains_key(id), "the function `{id}` is exposed twice; rename one");
    }

    pub fn add_function(&mut self, id: FunctionId, function: ExposedFunction) {
        self.rules.exposed(&id.to_string());
        self.functions.insert(id, function);
    }

    /// What the game allows, to add to it.
    pub fn rules_mut(&mut self) -> &mut Rules {
        &mut self.rules
    }

    /// What the game tells authors besides, to add to it.
    pub fn telling_mut(&mut self) -> &mut Telling {
        &mut self.telling
    }
}

/// # Panics
/// The id of `F` is not of the form `game:Name`, a name in it has letters that not all languages have, or `F` is aligned to
/// more than columns in a mod's memory are.
#[track_caller]
pub(crate) fn check_type<F: ModType>() {
    check_id(F::ID);
    check_layout(F::ID, F::LAYOUT);
    assert!(
        align_of::<F>() <= ALIGNMENT,
        "`{}` is aligned to {} bytes; columns in a mod's memory start at multiples of {ALIGNMENT}",
        F::ID,
        align_of::<F>(),
    );
}

/// # Panics
/// The layout can't be described to authors: a name in it has other letters than names have in all languages.
#[track_caller]
pub(crate) fn check_layout(id: &str, layout: &str) {
    if let Err(problem) = Type::parse(layout) {
        panic!(
            "`{id}` can't be described to authors of mods: {problem}. Name its types, fields and variants with letters of a-z \
             and A-Z, digits and `_`"
        );
    }
}

/// # Panics
/// The id of a type is not of the form `game:Name`.
#[track_caller]
pub(crate) fn check_id(id: &str) {
    assert!(is_type_id(id), "invalid type id `{id}`: write {TYPE_ID_RULE}");
}
