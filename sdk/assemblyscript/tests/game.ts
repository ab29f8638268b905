// game: what the game exposes to mods, for api 1. Bindings in AssemblyScript.

import { Entity } from "tinkerbox";

/** A position. */
@type("game:Position", "{ x: f32, y: f32 }")
export class Position {
  constructor(
    public x: f32 = 0,
    public y: f32 = 0,
  ) {}
}

/** A velocity. */
@type("game:Velocity", "{ x: f32, y: f32 }")
export class Velocity {
  constructor(
    public x: f32 = 0,
    public y: f32 = 0,
  ) {}
}

/** A number, kept in a sparse set. */
@type("game:Mood", "{ 0: u32 }")
export class Mood {
  constructor(
    public _0: u32 = 0,
  ) {}
}

/** A component that never changes. */
@type("game:Species", "{ 0: u32 }")
export class Species {
  constructor(
    public _0: u32 = 0,
  ) {}
}

/** A marker. */
@type("game:Sheep", "{}")
export class Sheep {}

/** A relationship: which entity follows which. */
@type("game:Follows", "{ leader: entity }")
export class Follows {
  constructor(
    public leader: Entity = 0,
  ) {}
}

/** The weather: a resource. */
@type("game:Weather", "{ wind: f32, rain: f32 }")
export class Weather {
  constructor(
    public wind: f32 = 0,
    public rain: f32 = 0,
  ) {}
}

/** The season: a resource that crosses as its number. */
@type("game:Season", "{ 0: u32 }")
export class Season {
  constructor(
    public _0: u32 = 0,
  ) {}
}

/** A number and two others, twelve bytes: an event. */
@type("game:Bell", "{ number: u32, ringer: u32, pitch: f32 }")
export class Bell {
  constructor(
    public number: u32 = 0,
    public ringer: u32 = 0,
    public pitch: f32 = 0,
  ) {}
}

/** The height of the ground. */
@external("game", "height_at")
export declare function heightAt(x: f32, y: f32): f32;
