// meadow: what the game exposes to mods, for api 1. Bindings in AssemblyScript.

// The game says so if a mod does not fit since it was built against another interface.
@bindings("meadow", "4c2ed06c525b247372d98eab19372c16")
const tinkerbox_interface = 0;

/** The world's extent from north to south. It wraps around. */
export const HEIGHT: f32 = 40.0;

/** The world's extent from west to east. It wraps around. */
export const WIDTH: f32 = 100.0;

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
 * Marks a wolf.
 *
 * A component.
 */
@type("meadow:Wolf", "{}")
export class Wolf {}
