//! The map: the whole world in the cells of an area, with the hills shaded.

use meadow::{HEIGHT, Position, WIDTH};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::Widget;

use crate::game::{Species, height_at};
use crate::meadow_file::Glyph;

/// From which height on the ground has which colour. The plain has that of the terminal.
const SHADES: [(f32, Color); 3] =
    [(1.0, Color::Rgb(20, 28, 20)), (3.0, Color::Rgb(30, 40, 28)), (6.0, Color::Rgb(42, 52, 36))];

/// The map.
pub(super) struct Map<'a> {
    /// How each species is drawn; later entries cover earlier ones.
    pub glyphs: &'a [Glyph],
    /// What to draw, and where.
    pub things: &'a [(Species, Position)],
}

impl Widget for Map<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        for (x, y) in area.positions().map(Into::into) {
            if let Some(color) = shade(place(x, y, area)) {
                buffer[(x, y)].set_bg(color);
            }
        }
        for glyph in self.glyphs {
            for (_, position) in self.things.iter().filter(|(species, _)| *species == glyph.species) {
                let (x, y) = cell(*position, area);
                buffer[(x, y)].set_symbol(&glyph.symbol).set_style(Style::new().fg(glyph.color));
            }
        }
    }
}

/// The colour of the ground at a position.
fn shade(at: Position) -> Option<Color> {
    let height = height_at(at.x, at.y);
    SHADES.iter().rev().find(|(least, _)| height >= *least).map(|(_, color)| *color)
}

/// The position in the middle of a cell of an area.
fn place(x: u16, y: u16, area: Rect) -> Position {
    let middle = |cell: u16, cells: u16, extent: f32| (f32::from(cell) + 0.5) / f32::from(cells) * extent;
    Position { x: middle(x - area.x, area.width, WIDTH), y: middle(y - area.y, area.height, HEIGHT) }
}

/// The cell of an area for a position. Mods may write any number: positions outside the world are drawn at its border.
fn cell(position: Position, area: Rect) -> (u16, u16) {
    // Casting a float saturates, and NaN gives 0.
    let place =
        |value: f32, extent: f32, cells: u16| ((value / extent * f32::from(cells)) as u16).min(cells - 1);
    (area.x + place(position.x, WIDTH, area.width), area.y + place(position.y, HEIGHT, area.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_fills_the_area() {
        let area = Rect::new(10, 5, 50, 20);
        let cell_of = |x, y| cell(Position { x, y }, area);
        assert_eq!(cell_of(0.0, 0.0), (10, 5));
        assert_eq!(cell_of(WIDTH / 2.0, HEIGHT / 2.0), (35, 15));
        assert_eq!(cell_of(99.99, 39.99), (59, 24));
    }

    #[test]
    fn the_middle_of_each_cell_is_in_it() {
        let area = Rect::new(3, 7, 33, 13);
        let mut shades = Vec::new();
        for (x, y) in area.positions().map(Into::into) {
            let place = place(x, y, area);
            assert_eq!(cell(place, area), (x, y));
            shades.push(shade(place));
        }
        for color in SHADES.iter().map(|(_, color)| Some(*color)).chain([None]) {
            assert!(shades.contains(&color), "{color:?}");
        }
    }

    #[test]
    fn every_number_is_on_the_map() {
        let area = Rect::new(0, 0, 3, 3);
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, 1e30, WIDTH] {
            let (x, y) = cell(Position { x: value, y: value }, area);
            assert!(x < 3 && y < 3, "{value}");
        }
    }

    #[test]
    fn later_glyphs_cover_earlier_ones() {
        let glyph = |species, symbol: &str| Glyph { species, symbol: symbol.to_owned(), color: Color::Red };
        let glyphs = [glyph(Species::Grass, "\""), glyph(Species::Wolf, "W")];
        let at = |x, y| Position { x, y };
        let things = [
            (Species::Wolf, at(60.0, 0.0)),
            (Species::Grass, at(60.0, 0.0)),
            (Species::Grass, at(10.0, 30.0)),
            (Species::Sheep, at(80.0, 30.0)),
        ];
        let area = Rect::new(0, 0, 10, 4);
        let mut buffer = Buffer::empty(area);
        Map { glyphs: &glyphs, things: &things }.render(area, &mut buffer);
        let mut expected = Buffer::with_lines(["      W   ", "          ", "          ", " \"        "]);
        expected[(6, 0)].set_fg(Color::Red);
        expected[(1, 3)].set_fg(Color::Red);
        for (x, y) in area.positions().map(Into::into) {
            let shade = shade(place(x, y, area)).unwrap_or(Color::Reset);
            assert_eq!(buffer[(x, y)].bg, shade, "the ground at {x}, {y} is seen below what lives there");
            buffer[(x, y)].set_bg(Color::Reset);
        }
        assert_eq!(buffer, expected);
    }
}
