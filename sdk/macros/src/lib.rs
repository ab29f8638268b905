//! The macros with which an author writes components and systems; re-exported by `tinkerbox-sdk`.
//!
//! They turn Rust's own words (a struct, a function's parameters) into the contract: names,
//! layouts, an export for each system, and the schema that the host reads before it runs
//! anything. They only see tokens: whatever needs types is left to constants of the SDK that the
//! compiler evaluates in the author's crate. They must know nothing of the host.
#![forbid(unsafe_code)]

mod component;
mod name;
mod state;
mod system;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, ItemFn, ItemStruct, parse_macro_input};

/// Makes a struct of plain numbers a component that mods can see.
///
/// It needs `#[repr(C)]`, an id of the form `game:Name`, and fields that are numbers of a fixed
/// size or arrays of them; a struct without fields is a marker. `bytemuck`'s `Pod` checks the
/// rest: no padding, nothing that is not valid as any bytes. A crate
/// that does without the SDK derives it from here and depends on `tinkerbox-abi`.
///
/// ```
/// use bytemuck::{Pod, Zeroable};
/// use tinkerbox_sdk::ModComponent;
///
/// #[derive(Clone, Copy, Pod, Zeroable, ModComponent)]
/// #[repr(C)]
/// #[mod_component(id = "meadow:Position")]
/// struct Position {
///     x: f32,
///     y: f32,
/// }
/// assert_eq!(Position::LAYOUT, "{ x: f32, y: f32 }");
/// ```
///
/// What does not fit is refused by the compiler: here the layout would differ between machines.
///
/// ```compile_fail
/// # use bytemuck::{Pod, Zeroable};
/// # use tinkerbox_sdk::ModComponent;
/// #[derive(Clone, Copy, Pod, Zeroable, ModComponent)]
/// #[repr(C)]
/// #[mod_component(id = "meadow:Count")]
/// struct Count(usize);
/// ```
#[proc_macro_derive(ModComponent, attributes(mod_component))]
pub fn derive_mod_component(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    expand(component::derive(item, quote!(::tinkerbox_abi)))
}

/// [`ModComponent`] for crates that know the contract through the SDK, which re-exports this one.
#[doc(hidden)]
#[proc_macro_derive(ModComponentOfSdk, attributes(mod_component))]
pub fn derive_mod_component_of_sdk(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    expand(component::derive(item, quote!(::tinkerbox_sdk::abi)))
}

/// Makes a function a system: the host calls it once a tick.
///
/// Its parameters are queries, and at most one `&mut` of the mod's [`macro@state`]; their types
/// say what the mod reads and writes. `after` and `before` name other systems of this mod, or of
/// another one as `mod:system`; those that are not there are ignored.
///
/// ```no_run
/// use meadow::Energy;
/// use tinkerbox_sdk::prelude::*;
///
/// #[system(after = ["grow", "wolves:hunt"])]
/// fn tire(mut animals: Query<&mut Energy>) {
///     while let Some(chunk) = animals.next() {
///         for energy in chunk.columns {
///             energy.joules -= 2.0 * delta();
///         }
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn system(arguments: TokenStream, function: TokenStream) -> TokenStream {
    let order = parse_macro_input!(arguments as system::Order);
    let function = parse_macro_input!(function as ItemFn);
    expand(system::attribute(&order, &function))
}

/// Makes a struct the mod's state: what its systems remember from tick to tick.
///
/// There is one in a mod at most. It is kept when the mod's code is reloaded: saved by the old
/// code field by field with names, loaded by the new. A field that is new, or whose value does
/// not fit any more, begins as in `Default`; one that has gone is forgotten.
///
/// ```no_run
/// use tinkerbox_sdk::prelude::*;
///
/// #[state]
/// #[derive(Default)]
/// struct Diary {
///     days: u32,
///     storms: Vec<u64>,
/// }
///
/// #[system]
/// fn write_diary(diary: &mut Diary) {
///     diary.days += 1;
///     if random() < 0.01 {
///         diary.storms.push(tick());
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn state(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = proc_macro2::TokenStream::from(arguments);
    let item = parse_macro_input!(item as ItemStruct);
    expand(state::attribute(arguments, item))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
