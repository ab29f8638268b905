//! Sheep keep together, away from wolves, and drift to where the grass is. When a wolf has caught one, the others scatter.
//!
//! The point of this mod: no sheep looks at any other. All of them first leave their mark on a
//! coarse map, then each steers by the nine squares around it: the cost grows with the number of
//! sheep, not with its square. The handler of an event runs only in ticks with such events.
#![forbid(unsafe_code)]

use meadow::{Caught, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Wolf};
use tinkerbox_sdk::prelude::*;

/// How strongly a square attracts sheep: by each tuft, by each wolf, and by each sheep until there is a crowd.
const GRASS: f32 = 1.0;
const WOLF: f32 = -15.0;
const COMPANY: f32 = 1.5;
const CROWD: f32 = 4.0;

const SPEED: f32 = 3.0;
const TURNING: f32 = 2.0;

/// How far a sheep is frightened from where another one was caught, and how fast it runs away.
const FRIGHT: f32 = 6.0;
const FLIGHT: f32 = 6.0;

const SQUARE: f32 = 5.0;
const COLUMNS: usize = (WIDTH / SQUARE) as usize;
const ROWS: usize = (HEIGHT / SQUARE) as usize;

#[derive(Clone, Copy, Default)]
struct Square {
    sheep: f32,
    heading: Velocity,
    lure: f32,
}

/// Sheep near a place where another one was caught run away from it.
#[system]
fn scatter(caught: &[Caught], mut sheep: Query<(&Position, &mut Velocity), With<Sheep>>) {
    sheep.for_each(|(position, velocity)| {
        for one in caught {
            let away = one.place().way_to(*position);
            let distance = away.speed();
            if distance > 0.0 && distance < FRIGHT {
                *velocity = away * (FLIGHT / distance);
            }
        }
    });
}

#[system(after = ["grass:live", "wolves:live"])]
fn flock(
    mut grass: Query<&Position, With<Grass>>,
    mut wolves: Query<&Position, With<Wolf>>,
    mut herd: Query<(&Position, &Velocity), With<Sheep>>,
    mut sheep: Query<(&Position, &mut Velocity), With<Sheep>>,
) {
    let mut map = [Square::default(); COLUMNS * ROWS];
    grass.for_each(|at| map[square(at)].lure += GRASS);
    wolves.for_each(|at| map[square(at)].lure += WOLF);
    herd.for_each(|(position, velocity)| {
        let here = &mut map[square(position)];
        here.lure += COMPANY * (1.0 - here.sheep / CROWD);
        here.sheep += 1.0;
        here.heading += *velocity;
    });
    let turn = TURNING * delta();
    let wishes: [Velocity; COLUMNS * ROWS] = std::array::from_fn(|square| wish(&map, square));
    sheep.for_each(|(position, velocity)| {
        let whim = Velocity { x: random_range(-SPEED..SPEED), y: random_range(-SPEED..SPEED) };
        *velocity += (wishes[square(position)] + whim - *velocity) * turn;
    });
}

/// Where the sheep of a square want to go: along with the others, and up the slope of the lure.
fn wish(map: &[Square], square: usize) -> Velocity {
    let (mut heading, mut uphill, mut sheep) = (Velocity::default(), Velocity::default(), 1.0);
    for (dx, dy) in [-1, 0, 1].into_iter().flat_map(|dy| [(-1, dy), (0, dy), (1, dy)]) {
        let near = &map[neighbour(square, dx, dy)];
        sheep += near.sheep;
        heading += near.heading;
        uphill += Velocity { x: dx as f32, y: dy as f32 } * near.lure;
    }
    heading * (0.6 / sheep) + uphill * (0.8 * SPEED / (uphill.speed() + 8.0))
}

/// The index of the map's square at a position, counted row by row.
fn square(at: &Position) -> usize {
    let (column, row) = ((at.x / SQUARE) as usize, (at.y / SQUARE) as usize);
    row.min(ROWS - 1) * COLUMNS + column.min(COLUMNS - 1)
}

/// The world wraps around, so every square has eight neighbours.
fn neighbour(square: usize, dx: isize, dy: isize) -> usize {
    let column = (square % COLUMNS).wrapping_add_signed(dx + COLUMNS as isize) % COLUMNS;
    let row = (square / COLUMNS).wrapping_add_signed(dy + ROWS as isize) % ROWS;
    row * COLUMNS + column
}
