//! Names of exports that the host looks up in many modules: each gets a number in its engine, under which each instance keeps
//! what it found.
//!
//! ```text
//! host: "alloc" ─> engine: 3 ─> instance: [ , , , alloc's item] ─> the function, memory, table or global
//! ```
//! Only names that the host asks for get numbers, so modules cannot make these lists grow. A name is looked up once in each
//! instance; the store is borrowed for that, so nothing is locked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::vm::store::indices::{Item, StoreInstance};
use crate::vm::store::store_core::StoreCore;

/// The names that an engine has numbers for.
#[derive(Default)]
pub struct ExportNames(Mutex<HashMap<Arc<str>, u32>>);

/// A name and its number in one engine.
#[derive(Clone, Debug)]
pub struct NumberedName {
    pub name: Arc<str>,
    number: u32,
}

/// What an instance keeps for a name that was looked up: what it exports under the name, if anything.
#[derive(Clone, Copy, Default)]
pub enum Named {
    #[default]
    Unknown,
    Known(Option<Item>),
}

impl ExportNames {
    /// The number of a name: a new one if the name has none yet.
    pub fn number(&self, name: &str) -> NumberedName {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, number)) = numbers.get_key_value(name) {
            return NumberedName { name: name.clone(), number: *number };
        }
        let number = u32::try_from(numbers.len()).expect("memory ends before the numbers do");
        let name: Arc<str> = name.into();
        numbers.insert(name.clone(), number);
        NumberedName { name, number }
    }
}

impl StoreCore {
    /// What an instance exports under a name of this store's engine.
    #[inline]
    pub fn named_export(&mut self, id: StoreInstance, name: &NumberedName) -> Option<Item> {
        match self.instance(id).named.get(name.number as usize) {
            Some(Named::Known(item)) => *item,
            _ => self.look_up_named_export(id, name),
        }
    }

    #[cold]
    fn look_up_named_export(&mut self, id: StoreInstance, name: &NumberedName) -> Option<Item> {
        let item = self.export(id, &name.name);
        let named = &mut self.instance_mut(id).named;
        let at = name.number as usize;
        if named.len() <= at {
            named.resize(at + 1, Named::Unknown);
        }
        named[at] = Named::Known(item);
        item
    }
}
