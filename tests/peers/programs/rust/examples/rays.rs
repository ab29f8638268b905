//! Renders spheres over a chequered floor, with shadows and mirrors: a small ray tracer.

use std::ops::{Add, Mul, Sub};

use programs::Numbers;

programs::program!(work);

#[derive(Clone, Copy)]
struct Vector(f64, f64, f64);

impl Add for Vector {
    type Output = Vector;
    fn add(self, other: Vector) -> Vector {
        Vector(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }
}

impl Sub for Vector {
    type Output = Vector;
    fn sub(self, other: Vector) -> Vector {
        self + other * -1.0
    }
}

impl Mul<f64> for Vector {
    type Output = Vector;
    fn mul(self, by: f64) -> Vector {
        Vector(self.0 * by, self.1 * by, self.2 * by)
    }
}

impl Vector {
    fn dot(self, other: Vector) -> f64 {
        self.0 * other.0 + self.1 * other.1 + self.2 * other.2
    }

    fn unit(self) -> Vector {
        self * (1.0 / self.dot(self).sqrt())
    }
}

struct Sphere {
    centre: Vector,
    radius: f64,
    mirror: f64,
}

/// Where a ray first hits an object: the distance, the point's normal, the brightness, the reflectivity.
struct Hit {
    distance: f64,
    normal: Vector,
    colour: f64,
    mirror: f64,
}

const LIGHT: Vector = Vector(5.0, 9.0, -6.0);

fn work(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let sphere = |_| Sphere {
        centre: Vector(numbers.fraction() * 8.0 - 4.0, numbers.fraction() * 3.0, numbers.fraction() * 6.0),
        radius: 0.3 + numbers.fraction() * 0.7,
        mirror: numbers.fraction(),
    };
    let scene: Vec<Sphere> = (0..16).map(sphere).collect();
    let mut sum = 0;
    for pixel in 0..64 * 48 {
        let (x, y) = (f64::from(pixel % 64) / 32.0 - 1.0, 0.75 - f64::from(pixel / 64) / 32.0);
        let light = trace(&scene, Vector(0.0, 1.5, -6.0), Vector(x, y, 1.6).unit(), 4);
        sum = sum * 7 % 1_000_007 + (light * 255.0) as u64;
    }
    sum
}

fn trace(scene: &[Sphere], from: Vector, to: Vector, depth: u32) -> f64 {
    let Some(hit) = nearest(scene, from, to) else { return 0.2 + 0.3 * to.1.max(0.0) };
    let point = from + to * hit.distance;
    let light = LIGHT - point;
    let lit = hit.normal.dot(light.unit()).max(0.0);
    let shadow = nearest(scene, point, light).is_some_and(|hit| hit.distance < 1.0);
    let own = hit.colour * if shadow { 0.1 } else { 0.1 + 0.9 * lit };
    if depth == 0 || hit.mirror < 0.05 {
        return own;
    }
    let mirrored = to - hit.normal * (2.0 * to.dot(hit.normal));
    own * (1.0 - hit.mirror) + hit.mirror * trace(scene, point, mirrored, depth - 1)
}

fn nearest(scene: &[Sphere], from: Vector, to: Vector) -> Option<Hit> {
    let mut best = floor(from, to);
    for sphere in scene {
        let Some(distance) = sphere.distance(from, to) else { continue };
        if best.as_ref().is_none_or(|best| distance < best.distance) {
            let normal = (from + to * distance - sphere.centre).unit();
            best = Some(Hit { distance, normal, colour: 1.0, mirror: sphere.mirror });
        }
    }
    best
}

fn floor(from: Vector, to: Vector) -> Option<Hit> {
    let distance = -from.1 / to.1;
    let point = from + to * distance;
    let dark = (point.0.floor() as i32 + point.2.floor() as i32) & 1 == 0;
    let (normal, colour) = (Vector(0.0, 1.0, 0.0), if dark { 0.3 } else { 0.9 });
    (distance > 1e-6).then_some(Hit { distance, normal, colour, mirror: 0.0 })
}

impl Sphere {
    fn distance(&self, from: Vector, to: Vector) -> Option<f64> {
        let away = from - self.centre;
        let (a, b) = (to.dot(to), away.dot(to));
        let under_root = b * b - a * (away.dot(away) - self.radius * self.radius);
        let distance = (-b - under_root.max(0.0).sqrt()) / a;
        (under_root > 0.0 && distance > 1e-6).then_some(distance)
    }
}
