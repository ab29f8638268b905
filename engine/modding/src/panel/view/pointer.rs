//! The mouse: where it is, whether it clicks, how far its wheel was turned.

use bevy_ecs::entity::Entity;
use bevy_ecs::message::{MessageCursor, Messages};
use bevy_ecs::world::World;
use bevy_input::ButtonInput;
use bevy_input::mouse::{MouseButton, MouseScrollUnit, MouseWheel};
use bevy_input::touch::Touches;
use bevy_ui::RelativeCursorPosition;

use super::style::MOD_HEIGHT;

/// Whether the cursor is over a node.
pub(super) fn is_over(world: &World, node: Entity) -> bool {
    world.get::<RelativeCursorPosition>(node).is_some_and(|cursor| cursor.cursor_over)
}

/// Whether the mouse's button or a finger was pressed in this frame.
pub(super) fn has_clicked(world: &World) -> bool {
    let mouse = world.get_resource::<ButtonInput<MouseButton>>();
    let touches = world.get_resource::<Touches>();
    mouse.is_some_and(|mouse| mouse.just_pressed(MouseButton::Left))
        || touches.is_some_and(|touches| touches.any_just_pressed())
}

/// How far the wheel was read, and the part of a row that it has moved so far.
#[derive(Default)]
pub(super) struct Wheel {
    cursor: MessageCursor<MouseWheel>,
    rest: f32,
}

impl Wheel {
    /// By how many rows the wheel was turned since it was last read: down, or up if it is negative.
    pub(super) fn rows(&mut self, world: &World) -> isize {
        let Some(messages) = world.get_resource::<Messages<MouseWheel>>() else { return 0 };
        for message in self.cursor.read(messages) {
            self.rest -= match message.unit {
                MouseScrollUnit::Line => message.y,
                MouseScrollUnit::Pixel => message.y / MOD_HEIGHT,
            };
        }
        let rows = self.rest.trunc();
        self.rest -= rows;
        // Casting a float saturates, and NaN gives 0.
        rows as isize
    }
}
