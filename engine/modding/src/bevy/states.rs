//! States of the game: which one it is in, and how mods ask for another.

use std::any::type_name;

use bevy_ecs::world::World;
use bevy_state::state::{FreelyMutableState, NextState, State, States};
use tinkerbox_abi::{Flat, ModMirror, Shape};
use tinkerbox_columns::{Conversion, FlatComponent};
use tinkerbox_wasm::{Caller, Result};

use crate::exposed::ExposedType;
use crate::game::expose::{Expose, exposed};
use crate::guest::state::ModState;

/// Crosses as the state itself, to be read.
struct Seen;

impl<S: States + ModMirror> Conversion<State<S>> for Seen {
    type Flat = Flat<S>;

    fn flatten(state: &State<S>) -> Flat<S> {
        Flat::of(state.get())
    }

    /// Transitions are more than another value.
    fn value(_: Flat<S>, _: &World) -> Option<State<S>> {
        None
    }
}

/// Exposes states, on whatever [`Expose`] is for.
///
/// ```
/// use bevy_app::App;
/// use bevy_state::state::States;
/// use tinkerbox::{ExposeStates, ModMirror};
///
/// #[derive(States, ModMirror, Clone, Debug, Default, PartialEq, Eq, Hash)]
/// #[mod_mirror("harbor:Screen")]
/// enum Screen {
///     #[default]
///     Menu,
///     Harbor,
/// }
///
/// App::new().expose_state::<Screen>().expose_next_state::<Screen>("harbor:go_to", 100);
/// ```
pub trait ExposeStates: Expose {
    /// Lets mods read in which state `S` the game is: the resource `State<S>` by the id of `S`. A mod that asks to write it
    /// is refused.
    ///
    /// # Panics
    /// If something else has the same id, or the state is exposed in another way already.
    #[track_caller]
    fn expose_state<S: States + ModMirror>(&mut self) -> &mut Self {
        let flat = FlatComponent::register_converted::<State<S>, Seen>(self.world_of_mods());
        exposed(self).names_mut().add_resource(type_name::<State<S>>(), ExposedType::of::<Flat<S>>(flat));
        self.read_only()
    }

    /// Lets mods ask for the next state with a function, which takes the number of a variant of `S`: the game goes there as with
    /// `NextState::set`, if the mod's system ends well. Authors are told the numbers;
    /// [`Expose::describe_function`] says it in other words.
    ///
    /// # Panics
    /// As [`Expose::expose_function`] does, and if variants of `S` have fields.
    #[track_caller]
    fn expose_next_state<S: FreelyMutableState + ModMirror>(&mut self, id: &str, fuel: u64) -> &mut Self {
        assert!(
            S::SHAPE.size() == 1,
            "`{id}`: variants of `{}` have fields, and a number says nothing of these; write a function of your own",
            type_name::<S>()
        );
        self.expose_function(id, fuel, go_to::<S>).describe_function(
            id,
            "(state: u32)",
            &go_to_docs(S::SHAPE),
        )
    }
}

impl<E: Expose> ExposeStates for E {}

/// What authors read about `go_to`: the numbers of the states.
fn go_to_docs(state: &Shape) -> String {
    let variants = match state {
        Shape::Struct { fields: [(_, Shape::Enum { variants, .. }), ..], .. } => *variants,
        _ => &[],
    };
    let states: Vec<String> = variants.iter().map(|(name, number)| format!("{number} is {name}")).collect();
    format!("Goes to another state: {}.", states.join(", "))
}

fn go_to<S: FreelyMutableState + ModMirror>(mut caller: Caller<'_, ModState>, state: u32) -> Result<()> {
    let state = u8::try_from(state).ok().and_then(|number| S::unflatten(&[number]));
    let state = state.ok_or_else(|| anyhow::anyhow!("there is no state of `{}` with this number", S::ID))?;
    caller.data_mut().defer(move |world: &mut World| {
        if let Some(mut next) = world.get_resource_mut::<NextState<S>>() {
            next.set(state);
        }
    })
}
