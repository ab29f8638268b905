//! The macros with which an author writes shared types and systems; `tinkerbox-sdk` re-exports them.
//!
//! They turn ordinary Rust (a struct, a function's parameters) into the contract: names,
//! layouts, an export for each system, and the schema that the host reads before it runs
//! anything. They see tokens only: whatever needs types is left to constants of the SDK, which the
//! compiler evaluates in the author's crate. They must know nothing of the host.
//!
//! A module names itself and those before it only.
#![forbid(unsafe_code)]

mod paths;

// Types that the game and its mods share.
mod docs;

mod mod_type;

mod mod_mirror;

// What a mod has of its own.
mod order;
mod state;
mod system;

// Functions that the game has, and everything that it says of itself.
mod functions;
mod game;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemFn, ItemStruct, parse_macro_input};

/// Makes a struct or an enum a type that the game and its mods share: a component, a resource, an event, or the type of a
/// field of these.
///
/// Its argument is the type's id, of the form `game:Name`. Fields are numbers of a fixed size, `bool`, `Entity`,
/// `Option<Entity>`, `Text<N>`, arrays written as `[f32; 4]`, other shared structs and enums, and with the feature `glam`
/// of `tinkerbox-abi` the vectors of glam that are not aligned to more than 8 bytes; a struct without fields is a marker.
/// The attribute implements `Clone`, `Copy`, the traits of `bytemuck` that say which bytes are a value, and
/// `ModType`. Other derives stand beside it. A struct whose fields accept any bytes is `bytemuck::Pod`.
///
/// The crate may depend on `tinkerbox-sdk` or on `tinkerbox`, both of which have the attribute, or on this crate and
/// `tinkerbox-abi`.
///
/// ```
/// use tinkerbox_sdk::{Entity, ModType, Text, mod_type};
///
/// #[mod_type("race:LapDone")]
/// #[derive(Debug)]
/// struct LapDone {
///     car: Entity,
///     lap: u32,
///     seconds: f32,
///     name: Text<15>,
///     weather: Weather,
/// }
///
/// #[mod_type("race:Weather")]
/// #[derive(Debug)]
/// enum Weather {
///     Dry,
///     Wet = 5,
/// }
/// assert_eq!(
///     LapDone::LAYOUT,
///     "{ car: entity, lap: u32, seconds: f32, name: text[15], weather: Weather enum u8 { Dry = 0, Wet = 5 } }"
/// );
/// ```
///
/// Padding does not compile, since its bytes would carry over whatever was there before. The error names the fields and
/// how many bytes are missing.
///
/// ```compile_fail,E0080
/// # use tinkerbox_sdk::mod_type;
/// #[mod_type("meadow:Padded")]
/// struct Padded {
///     kind: u8,
///     weight: f32,
/// }
/// ```
///
/// Nor does a field whose size differs between machines:
///
/// ```compile_fail
/// # use tinkerbox_sdk::mod_type;
/// #[mod_type("meadow:Count")]
/// struct Count(usize);
/// ```
#[proc_macro_attribute]
pub fn mod_type(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    expand(paths::abi().and_then(|abi| mod_type::attribute(arguments.into(), item, &abi)))
}

/// Makes a type of the game one that mods see as flat bytes, and can make a value of again: an enum with fields, or a struct
/// with an `Option`, with padding, or with an entity of Bevy's.
///
/// `#[mod_mirror("game:Name")]` beside it has the id. Fields are what those of [`macro@mod_type`] are, types that derive this
/// too, an `Option` of one of these, and with the feature `glam` also `Quat`, `Vec4` and `Vec3A`. In columns it stands as
/// `Flat<Hold>`, in the game and in mods.
///
/// ```
/// use tinkerbox_sdk::{Entity, Flat, ModMirror};
///
/// #[derive(ModMirror, Debug, PartialEq)]
/// #[mod_mirror("harbor:Cargo")]
/// enum Hold {
///     Empty,
///     Fish(u32),
///     Crate { weight: f32, owner: Entity, label: Option<u8> },
/// }
///
/// let mut flat = Flat::of(&Hold::Fish(3));
/// if let Hold::Fish(count) = flat.get() {
///     flat.set(&Hold::Fish(count + 1));
/// }
/// assert_eq!(flat.get(), Hold::Fish(4));
/// assert_eq!(
///     Hold::LAYOUT,
///     "{ crate_owner: entity?, fish: u32, crate_weight: f32, kind: CargoKind enum u8 { Empty = 0, Fish = 1, Crate = 2 }, \
///      crate_label: u8, has_crate_label: bool, pad: [u8; 5] }"
/// );
/// ```
///
/// What crosses is a struct, as all languages have it: first the number of the variant, `kind`, then the fields of all
/// variants, named after these; an `Option` has a field more, `has_..`. Fields are ordered by their alignment, so that there is
/// no padding between them, and what is missing at the end is a field `pad`. The fields of variants that the value is not,
/// and of what an `Option` does not have, are zero; if a mod leaves something else there, it is ignored.
///
/// So zeros must be a value of such a field, or it does not compile:
///
/// ```compile_fail,E0080
/// # use tinkerbox_sdk::{ModMirror, mod_type};
/// #[mod_type("harbor:Flag")]
/// enum Flag {
///     Red = 1,
/// }
///
/// #[derive(ModMirror)]
/// #[mod_mirror("harbor:Signal")]
/// enum Signal {
///     None,
///     Flag(Flag),
/// }
/// ```
#[proc_macro_derive(ModMirror, attributes(mod_mirror))]
pub fn mod_mirror(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    expand(paths::abi().and_then(|abi| mod_mirror::derive(&item, &abi)))
}

/// Makes a function a system: the host calls it once a tick.
///
/// Its parameters declare what it reads and writes. Those by value are `Query`, `Res`, `ResMut`, `EventWriter` and
/// `Commands`. In addition, it may take one `&mut` of the mod's [`macro@state`], and one `&[E]`: this makes the system a
/// handler, which the host calls only when there are events of type `E`, with all of them.
///
/// `after` and `before` name other systems of this mod, or systems of another mod as `mod:system`, which are ignored if
/// they do not exist. Where no order is given, the systems of a mod run in the order in which they stand in the source.
///
/// ```no_run
/// use meadow::Energy;
/// use tinkerbox_sdk::prelude::*;
///
/// #[system(after = ["grow", "wolves:hunt"])]
/// fn tire(mut animals: Query<(Entity, &mut Energy)>, mut commands: Commands) {
///     let tired = 2.0 * delta();
///     while let Some(chunk) = animals.next() {
///         let (entity, energy) = chunk.columns;
///         for (entity, energy) in entity.iter().zip(energy) {
///             energy.joules -= tired;
///             if energy.joules < 0.0 {
///                 commands.despawn(*entity);
///             }
///         }
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn system(arguments: TokenStream, function: TokenStream) -> TokenStream {
    let order = parse_macro_input!(arguments as order::Order);
    let function = parse_macro_input!(function as ItemFn);
    let (attribute, name) =
        (proc_macro::Span::call_site(), proc_macro2::Span::unwrap(function.sig.ident.span()));
    let position = [attribute.line(), attribute.column(), name.line(), name.column()];
    expand(system::attribute(&order, position, &function))
}

/// Makes a struct the mod's state: what its systems remember from tick to tick.
///
/// A mod has at most one. It is kept when the mod's code is reloaded: the old code saves it field by field, by name, and
/// the new code loads it. A field that is new, or whose saved value does not fit its type any more, starts with its value
/// in `Default`; the value of a field that was removed is dropped. The SDK's guide has a table of what fits.
///
/// `#[was("old_name")]` on a field names what it was called before. `#[state(migrate = function)]` names a function that is
/// called with the saved fields, as an `Older`, and the state, after the state was loaded, if something had changed.
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
    let options = parse_macro_input!(arguments as state::StateOptions);
    let item = parse_macro_input!(item as ItemStruct);
    expand(state::attribute(&options, item))
}

/// Declares functions that the game offers its mods, as ordinary functions of this crate.
///
/// The game's name comes first. Parameters and results are numbers: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`. The best
/// place is the crate of the game's shared types, so that each mod need not declare them again; that crate needs no
/// unsafe code for it. A mod that calls such a function names it under `functions` in `mod.toml`.
///
/// ```no_run
/// tinkerbox_sdk::game_functions! {
///     "meadow";
///     /// Height above the sea in metres.
///     pub fn height_at(x: f32, y: f32) -> f32;
/// }
///
/// let climb = height_at(3.0, 4.0) - height_at(0.0, 0.0);
/// ```
///
/// Outside of a mod there is no game, and the functions panic:
///
/// ```should_panic
/// tinkerbox_sdk::game_functions! {
///     "meadow";
///     fn ring_the_bell();
/// }
/// ring_the_bell();
/// ```
#[proc_macro]
pub fn game_functions(declarations: TokenStream) -> TokenStream {
    let declarations = parse_macro_input!(declarations as functions::GameFunctions);
    expand(functions::functions(&declarations))
}

/// A game's types, constants and functions from its interface file, in the place of the macro.
///
/// The path is relative to the folder of the crate's `Cargo.toml`; the crate is compiled again when the file has changed. The
/// items have the texts that the game's developers wrote about them. `tinkerbox bindings --lang rust` prints the same text.
///
/// ```no_run
/// use tinkerbox_sdk::prelude::*;
///
/// mod meadow {
///     tinkerbox_sdk::game!("../../assets/meadow/meadow.interface.toml");
/// }
///
/// #[system]
/// fn rest(mut animals: Query<&mut meadow::Velocity, With<meadow::Sheep>>) {
///     while let Some(chunk) = animals.next() {
///         chunk.columns.fill(meadow::Velocity { x: 0.0, y: 0.0 });
///     }
/// }
/// ```
///
/// A file that is not there, or that does not fit together, does not compile:
///
/// ```compile_fail
/// tinkerbox_sdk::game!("no/such.interface.toml");
/// ```
#[proc_macro]
pub fn game(file: TokenStream) -> TokenStream {
    let file = parse_macro_input!(file as game::GameFile);
    expand(game::game(&file))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
