// meadow: what the game exposes to mods, for api 1. Bindings in AssemblyScript.

/** Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`. */
@type("meadow:Position", "{ x: f32, y: f32 }")
export class Position {
  constructor(
    /** From the west. */
    public x: f32 = 0,
    /** From the north. */
    public y: f32 = 0,
  ) {}
}

/** Where something is going, in units per second. The game moves it. */
@type("meadow:Velocity", "{ x: f32, y: f32 }")
export class Velocity {
  constructor(
    /** To the east. */
    public x: f32 = 0,
    /** To the south. */
    public y: f32 = 0,
  ) {}
}

/** The energy of an animal, which dies without any. */
@type("meadow:Energy", "{ joules: f32 }")
export class Energy {
  constructor(
    /** How much is left. */
    public joules: f32 = 0,
  ) {}
}

/** Marks a sheep. */
@type("meadow:Sheep", "{}")
export class Sheep {}

/** Marks a wolf. */
@type("meadow:Wolf", "{}")
export class Wolf {}

/** Marks a tuft of grass. */
@type("meadow:Grass", "{}")
export class Grass {}
