//! Colours and sizes, in logical pixels.

use bevy_color::Color;

use crate::panel::model::tone::Tone;

pub(super) const PANEL: Color = Color::srgba(0.06, 0.07, 0.09, 0.94);
pub(super) const ROW: Color = Color::NONE;
pub(super) const ROW_HOVERED: Color = Color::srgb(0.13, 0.15, 0.18);
pub(super) const ROW_CHOSEN: Color = Color::srgb(0.17, 0.22, 0.29);
/// A button, and one that the cursor is over.
pub(super) const BUTTONS: [Color; 2] = [Color::srgb(0.2, 0.25, 0.32), Color::srgb(0.28, 0.35, 0.44)];
/// A button that would do nothing now.
pub(super) const BUTTON_IDLE: Color = Color::srgb(0.11, 0.13, 0.15);
/// The button that allows a mod what it waits for.
pub(super) const BUTTONS_ALLOW: [Color; 2] = [Color::srgb(0.14, 0.4, 0.24), Color::srgb(0.18, 0.5, 0.3)];
/// The panel's border, and between its parts.
pub(super) const RULE: Color = Color::srgb(0.19, 0.21, 0.25);
/// The whole of which a bar is a part.
pub(super) const TRACK: Color = Color::srgb(0.15, 0.17, 0.2);
pub(super) const TEXT: Color = Color::srgb(0.88, 0.9, 0.92);
pub(super) const TEXT_DIM: Color = Color::srgb(0.58, 0.62, 0.67);

pub(super) const PANEL_WIDTH: f32 = 640.0;
pub(super) const FONT: f32 = 13.0;
pub(super) const FONT_TITLE: f32 = 16.0;
pub(super) const FONT_LOG: f32 = 12.0;
/// Of a line of text, in parts of its font's size.
pub(super) const LINE_HEIGHT: f32 = 1.2;
/// The radius of corners.
pub(super) const ROUND: f32 = 4.0;
pub(super) const FUEL_HEIGHT: f32 = 10.0;
pub(super) const MOD_HEIGHT: f32 = 22.0;
pub(super) const PERMISSION_HEIGHT: f32 = 18.0;
pub(super) const GRAPH_HEIGHT: f32 = 64.0;

/// The most rows of each list.
pub(super) const MOD_ROWS: usize = 24;
pub(super) const PERMISSION_ROWS: usize = 8;
pub(super) const LOG_ROWS: usize = 30;
/// The most characters of a line of the log.
pub(super) const SHOWN_OF_LINE: usize = 400;
/// The most characters of the chosen mod's last message.
pub(super) const SHOWN_OF_MESSAGE: usize = 240;
/// The bars of a graph.
pub(super) const BARS: usize = 120;

/// The colour of news.
pub(super) fn color(tone: Tone) -> Color {
    match tone {
        Tone::Plain => TEXT,
        Tone::Good => Color::srgb(0.47, 0.8, 0.47),
        Tone::Notice => Color::srgb(0.93, 0.76, 0.35),
        Tone::Bad => Color::srgb(0.93, 0.45, 0.42),
    }
}
