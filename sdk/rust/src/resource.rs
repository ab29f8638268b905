//! Resources: values of which the game has one, such as the weather.
//!
//! They are read when a system starts, and written back when it ends.

use std::ops::{Deref, DerefMut};

use tinkerbox_abi::{AbiError, LogLevel, ModType};

use crate::imports::{self, ResourceIndex};
use crate::log::log;
use crate::panics::panic_with;
use crate::parameter::Parameter;
use crate::schema::{AccessMode, ParameterSchema, ResourceSchema};

/// Reads a resource of the game, as it was when the system started. A parameter of a [`system`](macro@crate::system).
///
/// If the game does not have the resource at the moment, the system panics; use `Option<Res<T>>` if that can happen.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # #[mod_type("meadow:Weather")]
/// # struct Weather { wind: f32 }
/// #[system]
/// fn blow(weather: Res<Weather>, mut animals: Query<&mut meadow::Velocity>) {
///     let push = weather.wind * delta();
///     while let Some(chunk) = animals.next() {
///         chunk.columns.iter_mut().for_each(|velocity| velocity.x += push);
///     }
/// }
/// ```
pub struct Res<T> {
    value: T,
}

/// Reads and changes a resource of the game. If it was borrowed mutably, its value is written back when this is dropped;
/// the world is changed when the system has finished. A parameter of a [`system`](macro@crate::system).
///
/// If the game does not have the resource at the moment, the system panics; use `Option<ResMut<T>>` if that can happen.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # #[mod_type("meadow:Weather")]
/// # struct Weather { wind: f32 }
/// #[system]
/// fn calm(weather: Option<ResMut<Weather>>) {
///     if let Some(mut weather) = weather
///         && weather.wind > 0.0
///     {
///         weather.wind -= delta();
///     }
/// }
/// ```
pub struct ResMut<T: ModType> {
    index: ResourceIndex,
    value: T,
    is_changed: bool,
}

impl<T> Deref for Res<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ModType> Deref for ResMut<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ModType> DerefMut for ResMut<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_changed = true;
        &mut self.value
    }
}

impl<T: ModType> Drop for ResMut<T> {
    fn drop(&mut self) {
        if self.is_changed
            && let Err(error) = imports::resource_set(self.index, &self.value)
        {
            log(LogLevel::Error, format_args!("the resource `{}` was not changed: {error}", T::ID));
        }
    }
}

impl<T: ModType> Parameter for Res<T> {
    const SCHEMA: ParameterSchema = ParameterSchema::Resource(ResourceSchema::of::<T>(AccessMode::Read));

    fn open(index: u32) -> Res<T> {
        Option::<Res<T>>::open(index).unwrap_or_else(|| panic_absent(T::ID))
    }
}

impl<T: ModType> Parameter for Option<Res<T>> {
    const SCHEMA: ParameterSchema = <Res<T>>::SCHEMA;

    fn open(index: u32) -> Option<Res<T>> {
        read(ResourceIndex(index)).map(|value| Res { value })
    }
}

impl<T: ModType> Parameter for ResMut<T> {
    const SCHEMA: ParameterSchema = ParameterSchema::Resource(ResourceSchema::of::<T>(AccessMode::Write));

    fn open(index: u32) -> ResMut<T> {
        Option::<ResMut<T>>::open(index).unwrap_or_else(|| panic_absent(T::ID))
    }
}

impl<T: ModType> Parameter for Option<ResMut<T>> {
    const SCHEMA: ParameterSchema = <ResMut<T>>::SCHEMA;

    fn open(index: u32) -> Option<ResMut<T>> {
        let index = ResourceIndex(index);
        read(index).map(|value| ResMut { index, value, is_changed: false })
    }
}

fn read<T: ModType>(index: ResourceIndex) -> Option<T> {
    match imports::resource_get(index) {
        Ok(value) => Some(value),
        Err(AbiError::Gone) => None,
        Err(error) => panic_with(&["the host refused the resource `", T::ID, "`: ", error.name()]),
    }
}

#[cold]
fn panic_absent(id: &str) -> ! {
    panic_with(&[
        "the game does not have the resource `",
        id,
        "` at the moment: use an `Option` of it if that can happen",
    ])
}
