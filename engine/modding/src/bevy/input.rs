//! Keys and the mouse, as events that mods handle. Keys and buttons have the names that Bevy has for them, which are the
//! same in all languages.

use bevy_app::App;
use bevy_input::keyboard::KeyboardInput;
use bevy_input::mouse::{MouseButtonInput, MouseMotion, MouseWheel};
use tinkerbox_abi::Text;
use tinkerbox_macros::mod_type;

use super::read_only::READ_ONLY;
use crate::game::expose::Expose;

/// A key was pressed or let go.
#[mod_type("bevy:KeyboardInput")]
struct KeySeen {
    /// Where the key is on the keyboard, as Bevy calls it: KeyA, ArrowLeft, Space.
    key: Text<30>,
    /// Whether it was pressed, and not let go.
    pressed: bool,
    /// Whether it was pressed before, and is held.
    repeat: bool,
}

/// A button of the mouse was pressed or let go.
#[mod_type("bevy:MouseButtonInput")]
struct ButtonSeen {
    /// As Bevy calls it: Left, Right, Middle.
    button: Text<15>,
    /// Whether it was pressed, and not let go.
    pressed: bool,
}

/// The mouse was moved.
#[mod_type("bevy:MouseMotion")]
struct MotionSeen {
    /// To the right.
    x: f32,
    /// Downwards.
    y: f32,
}

/// The wheel was turned.
#[mod_type("bevy:MouseWheel")]
struct WheelSeen {
    /// To the sides.
    x: f32,
    /// Up and down.
    y: f32,
}

pub(super) fn expose_input(app: &mut App) {
    // Only players make input.
    app.expose_event_as::<KeyboardInput, KeySeen>().hear_only();
    app.expose_event_as::<MouseButtonInput, ButtonSeen>().hear_only();
    app.expose_event_as::<MouseMotion, MotionSeen>().hear_only();
    app.expose_event_as::<MouseWheel, WheelSeen>().hear_only();
}

impl From<&KeyboardInput> for KeySeen {
    fn from(input: &KeyboardInput) -> KeySeen {
        let key = Text::from(format!("{:?}", input.key_code).as_str());
        KeySeen { key, pressed: input.state.is_pressed(), repeat: input.repeat }
    }
}

impl From<&MouseButtonInput> for ButtonSeen {
    fn from(input: &MouseButtonInput) -> ButtonSeen {
        let button = Text::from(format!("{:?}", input.button).as_str());
        ButtonSeen { button, pressed: input.state.is_pressed() }
    }
}

impl From<&MouseMotion> for MotionSeen {
    fn from(motion: &MouseMotion) -> MotionSeen {
        MotionSeen { x: motion.delta.x, y: motion.delta.y }
    }
}

impl From<&MouseWheel> for WheelSeen {
    fn from(wheel: &MouseWheel) -> WheelSeen {
        WheelSeen { x: wheel.x, y: wheel.y }
    }
}

/// Mods only handle it, so that these are never asked.
macro_rules! heard_only {
    ($($message:ident $seen:ident)*) => {
        $(impl TryFrom<$seen> for $message {
            type Error = &'static str;

            fn try_from(_: $seen) -> Result<$message, &'static str> {
                Err(READ_ONLY)
            }
        })*
    };
}

heard_only!(KeyboardInput KeySeen MouseButtonInput ButtonSeen MouseMotion MotionSeen MouseWheel WheelSeen);
