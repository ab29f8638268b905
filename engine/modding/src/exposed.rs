//! Which of the game's components mods can name.
//!
//! The game fills it before mods are loaded; checks and commands look things up in it. It knows no mod.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_app::App;
use bevy_ecs::component::Component;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bytemuck::Pod;
use tinkerbox_abi::{ALIGNMENT, ModComponent, component_key};
use tinkerbox_columns::PlainComponent;

/// A component that mods can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExposedComponent {
    pub id: &'static str,
    pub layout: &'static str,
    pub plain: PlainComponent,
}

/// All components that mods can name, by key. Cheap to clone.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Exposed(Arc<BTreeMap<u64, ExposedComponent>>);

impl Exposed {
    pub fn by_key(&self, key: u64) -> Option<&ExposedComponent> {
        self.0.get(&key)
    }

    pub fn by_id(&self, id: &str) -> Option<&ExposedComponent> {
        self.by_key(component_key(id)).filter(|component| component.id == id)
    }

    /// Ids in the alphabet's order, for messages.
    pub fn ids(&self) -> Vec<&'static str> {
        let mut ids: Vec<_> = self.0.values().map(|component| component.id).collect();
        ids.sort_unstable();
        ids
    }

    fn insert<T: Component + ModComponent + Pod>(&mut self, world: &mut World) {
        assert!(
            align_of::<T>() <= ALIGNMENT,
            "`{}` is aligned to {} bytes; columns in a mod's memory start at multiples of {ALIGNMENT}",
            T::ID,
            align_of::<T>(),
        );
        let component =
            ExposedComponent { id: T::ID, layout: T::LAYOUT, plain: PlainComponent::register::<T>(world) };
        let before = Arc::make_mut(&mut self.0).insert(component_key(T::ID), component);
        if let Some(before) = before {
            let same = before.id == component.id && before.plain == component.plain;
            assert!(
                same,
                "`{}` and `{}` have the same id or the same key; rename one",
                before.id, component.id
            );
        }
    }
}

/// Lets a game show its components to mods.
pub trait ExposeComponents {
    /// Lets mods name `T` in queries and spawn it, as far as their permissions go.
    ///
    /// Mods see components exposed before they are loaded, which is in `Startup`.
    ///
    /// # Panics
    /// If another type has the same id, or if `T` is aligned to more than 8 bytes.
    fn expose_component<T: Component + ModComponent + Pod>(&mut self) -> &mut Self;
}

impl ExposeComponents for World {
    fn expose_component<T: Component + ModComponent + Pod>(&mut self) -> &mut Self {
        let mut exposed = self.remove_resource::<Exposed>().unwrap_or_default();
        exposed.insert::<T>(self);
        self.insert_resource(exposed);
        self
    }
}

impl ExposeComponents for App {
    fn expose_component<T: Component + ModComponent + Pod>(&mut self) -> &mut Self {
        self.world_mut().expose_component::<T>();
        self
    }
}
