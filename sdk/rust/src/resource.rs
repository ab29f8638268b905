//! Resources: values that the game has one of, such as the weather.
//!
//! They are read when a system begins, and written back when it ends.

use crate::columns::Access;
use crate::imports;
use crate::schema::{ParameterSchema, ResourceSchema};
use crate::system::Parameter;
use bytemuck::Pod;
use std::ops::{Deref, DerefMut};
use tinkerbox_abi::{AbiError, ModType};

/// A resource of the game, to read it: its value when the system began. A parameter of a
/// [`system`](macro@crate::system).
///
/// Where the game has no such resource at the moment, the system panics; ask for `Option<Res<T>>` if that may be.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use bytemuck::{Pod, Zeroable};
/// # #[derive(Clone, Copy, Pod, Zeroable, ModType)]
/// # #[repr(C)]
/// # #[mod_type(id = "meadow:Weather")]
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

/// A resource of the game, to change it. If it was borrowed mutably, its value is written back when
/// this is dropped, and in the world when the system has finished.
///
/// Where the game has no such resource at the moment, the system panics; ask for `Option<ResMut<T>>` if that may be.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use bytemuck::{Pod, Zeroable};
/// # #[derive(Clone, Copy, Pod, Zeroable, ModType)]
/// # #[repr(C)]
/// # #[mod_type(id = "meadow:Weather")]
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
pub struct ResMut<T: ModType + Pod> {
    index: u32,
    value: T,
    is_changed: bool,
}

impl<T> Deref for Res<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ModType + Pod> Deref for ResMut<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ModType + Pod> DerefMut for ResMut<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_changed = true;
        &mut self.value
    }
}

impl<T: ModType + Pod> Drop for ResMut<T> {
    fn drop(&mut self) {
        if self.is_changed
            && let Err(error) = imports::resource_set(self.index, &self.value)
        {
            crate::error!("the resource `{}` was not changed: {error}", T::ID);
        }
    }
}

impl<T: ModType + Pod> Parameter for Res<T> {
    const SCHEMA: ParameterSchema = ParameterSchema::Resource(ResourceSchema::of::<T>(Access::Read));

    fn open(index: u32) -> Res<T> {
        Option::<Res<T>>::open(index).unwrap_or_else(|| absent(T::ID))
    }
}

impl<T: ModType + Pod> Parameter for Option<Res<T>> {
    const SCHEMA: ParameterSchema = <Res<T>>::SCHEMA;

    fn open(index: u32) -> Option<Res<T>> {
        read(index).map(|value| Res { value })
    }
}

impl<T: ModType + Pod> Parameter for ResMut<T> {
    const SCHEMA: ParameterSchema = ParameterSchema::Resource(ResourceSchema::of::<T>(Access::Write));

    fn open(index: u32) -> ResMut<T> {
        Option::<ResMut<T>>::open(index).unwrap_or_else(|| absent(T::ID))
    }
}

impl<T: ModType + Pod> Parameter for Option<ResMut<T>> {
    const SCHEMA: ParameterSchema = <ResMut<T>>::SCHEMA;

    fn open(index: u32) -> Option<ResMut<T>> {
        read(index).map(|value| ResMut { index, value, is_changed: false })
    }
}

fn read<T: ModType + Pod>(index: u32) -> Option<T> {
    match imports::resource_get(index) {
        Ok(value) => Some(value),
        Err(AbiError::Gone) => None,
        Err(error) => panic!("the host refused the resource `{}`: {error}", T::ID),
    }
}

#[cold]
fn absent(id: &str) -> ! {
    panic!("the game has no resource `{id}` at the moment: ask for an `Option` of it if that may be")
}
