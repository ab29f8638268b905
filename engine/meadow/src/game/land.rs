//! The land: hills in a plain, the same in every run. Mods ask for it with the functions that `expose.rs` exposes.
//!
//! Pure, and only `+ - * /`, so every machine gets the same result.

use meadow::{HEIGHT, Position, WIDTH};

/// A hill, round and smooth.
struct Hill {
    top: Position,
    radius: f32,
    height: f32,
}

const fn hill(x: f32, y: f32, radius: f32, height: f32) -> Hill {
    Hill { top: Position { x, y }, radius, height }
}

const HILLS: [Hill; 4] = [
    hill(0.20 * WIDTH, 0.30 * HEIGHT, 16.0, 7.0),
    hill(0.28 * WIDTH, 0.55 * HEIGHT, 11.0, 4.0),
    hill(0.72 * WIDTH, 0.70 * HEIGHT, 19.0, 9.0),
    hill(0.97 * WIDTH, 0.15 * HEIGHT, 12.0, 5.0),
];

/// By how much a unit of height lowers the fertility, and the least that there is.
const BARREN: f32 = 0.09;
const FERTILITY_MIN: f32 = 0.2;

/// How high the land is: 0 in the plain. Any number is a place, since the world wraps around.
pub fn height_at(x: f32, y: f32) -> f32 {
    let place = Position::wrapped(x, y);
    HILLS.iter().map(|hill| hill.height_at(place)).sum()
}

/// How likely a seed sprouts: 1 in the plain, and less on the hills.
pub fn fertility(x: f32, y: f32) -> f32 {
    (1.0 - BARREN * height_at(x, y)).max(FERTILITY_MIN)
}

impl Hill {
    fn height_at(&self, place: Position) -> f32 {
        let way = self.top.way_to(place);
        let rise = (1.0 - (way.x * way.x + way.y * way.y) / (self.radius * self.radius)).max(0.0);
        self.height * rise * rise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the documentation of the functions promises, in every corner and for every number that a mod may pass.
    #[test]
    fn heights_and_fertility_have_their_ranges_everywhere() {
        let (mut highest, mut plain) = (0.0f32, 0);
        for column in 0..200 {
            for row in 0..80 {
                let (x, y) = (column as f32 * WIDTH / 200.0, row as f32 * HEIGHT / 80.0);
                let (height, fertility) = (height_at(x, y), fertility(x, y));
                assert!((0.0..=10.0).contains(&height), "{x} {y}: {height}");
                assert!((FERTILITY_MIN..=1.0).contains(&fertility), "{x} {y}: {fertility}");
                highest = highest.max(height);
                plain += usize::from(height == 0.0 && fertility == 1.0);
            }
        }
        assert!(highest > 8.0 && plain > 4_000, "{highest} {plain}");
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e-9] {
            assert!((0.0..=10.0).contains(&height_at(odd, odd)) && fertility(odd, odd) > 0.0, "{odd}");
        }
    }

    #[test]
    fn the_land_wraps_around_without_a_step() {
        for row in 0..40 {
            let y = row as f32;
            let step = height_at(0.0, y) - height_at(WIDTH - 0.01, y);
            assert!(step.abs() < 0.05, "{y}: {step}");
        }
    }
}
