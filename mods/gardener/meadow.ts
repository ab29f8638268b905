// meadow: what the game exposes to mods, for api 1. Bindings in AssemblyScript.

import { Entity } from "tinkerbox";

// The game says so if a mod does not fit since it was built against another interface.
@bindings("meadow", "7520152639eb6c1e725edfc21877c2e9")
const tinkerbox_interface = 0;

/** The world's extent from north to south. It wraps around. */
export const HEIGHT: f32 = 40.0;

/** The world's extent from west to east. It wraps around. */
export const WIDTH: f32 = 100.0;

/**
 * A wolf has caught a sheep, which is gone. Mods send it; the game only passes it on.
 *
 * An event.
 */
@type("meadow:Caught", "{ sheep: entity, wolf: entity, x: f32, y: f32 }")
export class Caught {
  constructor(
    /** The sheep, which does not exist any more. */
    public sheep: Entity = 0,
    /** The wolf. */
    public wolf: Entity = 0,
    /** Where it happened, from the west. */
    public x: f32 = 0,
    /** Where it happened, from the north. */
    public y: f32 = 0,
  ) {}
}
if (offsetof<Caught>() != 24) ERROR("Caught does not have the layout of the game");

/**
 * The energy of an animal, which dies without any.
 *
 * A component.
 */
@type("meadow:Energy", "{ joules: f32 }")
export class Energy {
  constructor(
    /** How much is left. */
    public joules: f32 = 0,
  ) {}
}
if (offsetof<Energy>() != 4) ERROR("Energy does not have the layout of the game");

/**
 * Marks a tuft of grass.
 *
 * A component.
 */
@type("meadow:Grass", "{}")
export class Grass {}

/**
 * Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`.
 *
 * A component.
 */
@type("meadow:Position", "{ x: f32, y: f32 }")
export class Position {
  constructor(
    /** From the west. */
    public x: f32 = 0,
    /** From the north. */
    public y: f32 = 0,
  ) {}
}
if (offsetof<Position>() != 8) ERROR("Position does not have the layout of the game");

/**
 * Marks a sheep.
 *
 * A component.
 */
@type("meadow:Sheep", "{}")
export class Sheep {}

/**
 * Where something is going, in units per second. The game moves it: see [`Position::advanced`].
 *
 * A component.
 */
@type("meadow:Velocity", "{ x: f32, y: f32 }")
export class Velocity {
  constructor(
    /** To the east. */
    public x: f32 = 0,
    /** To the south. */
    public y: f32 = 0,
  ) {}
}
if (offsetof<Velocity>() != 8) ERROR("Velocity does not have the layout of the game");

/**
 * The weather, the same in the whole world. Grass grows by it.
 *
 * A resource.
 */
@type("meadow:Weather", "{ wind: f32, rain: f32 }")
export class Weather {
  constructor(
    /** How fast the wind blows to the east, in units per second; below 0 it blows to the west. */
    public wind: f32 = 0,
    /** How much it rains: 0 is dry, 1 is a downpour. */
    public rain: f32 = 0,
  ) {}
}
if (offsetof<Weather>() != 8) ERROR("Weather does not have the layout of the game");

/**
 * Marks a wolf.
 *
 * A component.
 */
@type("meadow:Wolf", "{}")
export class Wolf {}

/**
 * How likely a seed sprouts at a place: 1 in the plain, and less on the hills.
 *
 * A call costs 40 units of fuel.
 */
@external("meadow", "fertility")
export declare function fertility(x: f32, y: f32): f32;

/**
 * How high the land is at a place: 0 in the plain, and up to about 10 on the hills.
 *
 * A call costs 40 units of fuel.
 */
@external("meadow", "height_at")
export declare function heightAt(x: f32, y: f32): f32;
