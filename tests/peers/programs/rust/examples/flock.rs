//! Animals of several kinds move, see each other in a grid, and change: trait objects, floats, vectors of vectors.

use programs::Numbers;

programs::program!(work);

const CELLS: usize = 16;
const WORLD: f32 = 64.0;

trait Mind {
    /// The pull of a neighbour at a distance.
    fn pull(&self, dx: f32, dy: f32) -> (f32, f32);
    fn speed(&self) -> f32;
}

struct Sheep;

struct Wolf {
    hunger: f32,
}

impl Mind for Sheep {
    fn pull(&self, dx: f32, dy: f32) -> (f32, f32) {
        let near = dx * dx + dy * dy;
        let sign = if near < 4.0 { -1.0 } else { 0.5 };
        (sign * dx / (near + 0.1), sign * dy / (near + 0.1))
    }

    fn speed(&self) -> f32 {
        0.4
    }
}

impl Mind for Wolf {
    fn pull(&self, dx: f32, dy: f32) -> (f32, f32) {
        (dx * self.hunger, dy * self.hunger)
    }

    fn speed(&self) -> f32 {
        0.3 + self.hunger
    }
}

struct Animal {
    mind: Box<dyn Mind>,
    x: f32,
    y: f32,
    vx: f32,
    vy: f32,
}

fn work(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let animal = |at: u32| Animal {
        mind: if at.is_multiple_of(7) {
            Box::new(Wolf { hunger: numbers.fraction() as f32 })
        } else {
            Box::new(Sheep)
        },
        x: numbers.fraction() as f32 * WORLD,
        y: numbers.fraction() as f32 * WORLD,
        vx: 0.0,
        vy: 0.0,
    };
    let mut animals: Vec<Animal> = (0..400).map(animal).collect();
    for _ in 0..8 {
        step(&mut animals);
    }
    animals.iter().fold(0, |sum, animal| sum * 31 % 1_000_003 + u64::from(animal.x.to_bits() >> 8))
}

fn step(animals: &mut [Animal]) {
    let cell = |at: f32| ((at / WORLD * CELLS as f32) as usize).min(CELLS - 1);
    let mut grid = vec![Vec::new(); CELLS * CELLS];
    for (at, animal) in animals.iter().enumerate() {
        grid[cell(animal.y) * CELLS + cell(animal.x)].push(at);
    }
    for at in 0..animals.len() {
        let own = &animals[at];
        let (cx, cy) = (cell(own.x), cell(own.y));
        let (mut ax, mut ay) = (0.0, 0.0);
        for y in cy.saturating_sub(1)..(cy + 2).min(CELLS) {
            for x in cx.saturating_sub(1)..(cx + 2).min(CELLS) {
                for other in grid[y * CELLS + x].iter().filter(|other| **other != at) {
                    let (px, py) = own.mind.pull(animals[*other].x - own.x, animals[*other].y - own.y);
                    (ax, ay) = (ax + px, ay + py);
                }
            }
        }
        animals[at].go(ax, ay);
    }
}

impl Animal {
    fn go(&mut self, ax: f32, ay: f32) {
        (self.vx, self.vy) = (self.vx * 0.9 + ax * 0.1, self.vy * 0.9 + ay * 0.1);
        let fast = (self.vx * self.vx + self.vy * self.vy).sqrt().max(0.001);
        let by = self.mind.speed().min(fast) / fast;
        self.x = (self.x + self.vx * by).rem_euclid(WORLD);
        self.y = (self.y + self.vy * by).rem_euclid(WORLD);
    }
}
