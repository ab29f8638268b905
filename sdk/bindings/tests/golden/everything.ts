// zoo: what the game exposes to mods, for api 1. Bindings in AssemblyScript.

import { Entity } from "tinkerbox";

// The game says so if a mod does not fit since it was built against another interface.
@bindings("zoo", "3bdc8119a11ff2ac2f94de316031343c")
const tinkerbox_interface = 0;

/** From west to east. */
export const WIDTH: f32 = 100.0;

export const LEAST: i64 = -9223372036854775808;

export const LEAST_32: i32 = -2147483648;

export const MOST: u64 = 18446744073709551615;

/** A name that is a word of C, Zig and TypeScript. */
export const default_: u8 = 7;

export const tiny: f64 = -1e-300;

export namespace Huge {
  export const Least: i64 = -9223372036854775808;
  export const Most: i64 = 9223372036854775807;
}

/**
 * It is also the type of a field.
 *
 * A component.
 */
@type("zoo:Point", "{ x: f32, y: f32 }")
export class Point {
  constructor(
    public x: f32 = 0,
    public y: f32 = 0,
  ) {}
}
if (offsetof<Point>() != 8) ERROR("Point does not have the layout of the game");

/** A struct of arrays of structs. */
export class Box {
  corners(index0: u32, index1: u32): Point { assert(index0 < 2 && index1 < 2); return changetype<Point>(changetype<usize>(this) + <usize>(index0 * 2 + index1) * 8 + 0); }
  private $0: u64; private $1: u64; private $2: u64; private $3: u64;
}
if (offsetof<Box>() != 32) ERROR("Box does not have the layout of the game");

/** No variant of it is 0. */
export namespace Side {
  export const Left: i16 = -1;
  export const Right: i16 = 300;
}

/**
 * What an animal feels.
 *
 * * / Its docs try to leave the comment. / *
 */
export namespace Mood {
  /** It grazes. */
  export const Calm: u8 = 0;
  /** A word of Rust. */
  export const type_: u8 = 7;
}

/**
 * Everything that a field can be.
 *
 * A component.
 */
@type("zoo:Animal", "{ owner: entity, leader: entity?, huge: Huge enum i64 { Least = -9223372036854775808, Most = 9223372036854775807 }, cage: Box { corners: [[Point { x: f32, y: f32 }; 2]; 2] }, at: Point { x: f32, y: f32 }, heights: [f32; 3], side: Side enum i16 { Left = -1, Right = 300 }, type: Mood enum u8 { Calm = 0, type = 7 }, default: bool, default_: [bool; 2], name: text[14], nicknames: [text[4]; 2], moods: [[Mood enum u8 { Calm = 0, type = 7 }; 2]; 2], friends: [u8; 3], class: u8 }")
export class Animal {
  /** Who feeds it. */
  owner: Entity;
  /** 0 is no entity. */
  leader: Entity;
  /** One of `Huge`. */
  huge: i64;
  get cage(): Box { return changetype<Box>(changetype<usize>(this) + 24); }
  private $0: u64; private $1: u64; private $2: u64; private $3: u64;
  /** Where it is. */
  get at(): Point { return changetype<Point>(changetype<usize>(this) + 56); }
  private $4: u64;
  heights(index: u32): f32 { assert(index < 3); return load<f32>(changetype<usize>(this) + <usize>(index) * 4, 64); }
  set_heights(index: u32, value: f32): void { assert(index < 3); store<f32>(changetype<usize>(this) + <usize>(index) * 4, value, 64); }
  private $5: u64; private $6: u32;
  /** One of `Side`. */
  side: i16;
  /** One of `Mood`. */
  type_: u8;
  default__: bool;
  default_(index: u32): bool { assert(index < 2); return load<bool>(changetype<usize>(this) + <usize>(index), 80); }
  set_default_(index: u32, value: bool): void { assert(index < 2); store<bool>(changetype<usize>(this) + <usize>(index), value, 80); }
  private $7: u16;
  get name(): string { return String.UTF8.decodeUnsafe(changetype<usize>(this) + 82, 14, true); }
  set name(value: string) { memory.fill(changetype<usize>(this) + 82, 0, 14); const bytes = String.UTF8.encode(value); memory.copy(changetype<usize>(this) + 82, changetype<usize>(bytes), min(bytes.byteLength, 14)); }
  private $8: u16; private $9: u32; private $10: u64;
  nicknames(index: u32): string { assert(index < 2); return String.UTF8.decodeUnsafe(changetype<usize>(this) + <usize>(index) * 4 + 96, 4, true); }
  set_nicknames(index: u32, value: string): void { assert(index < 2); memory.fill(changetype<usize>(this) + <usize>(index) * 4 + 96, 0, 4); const bytes = String.UTF8.encode(value); memory.copy(changetype<usize>(this) + <usize>(index) * 4 + 96, changetype<usize>(bytes), min(bytes.byteLength, 4)); }
  private $11: u64;
  /** One of `Mood`. */
  moods(index0: u32, index1: u32): u8 { assert(index0 < 2 && index1 < 2); return load<u8>(changetype<usize>(this) + <usize>(index0 * 2 + index1), 104); }
  set_moods(index0: u32, index1: u32, value: u8): void { assert(index0 < 2 && index1 < 2); store<u8>(changetype<usize>(this) + <usize>(index0 * 2 + index1), value, 104); }
  private $12: u32;
  friends(index: u32): u8 { assert(index < 3); return load<u8>(changetype<usize>(this) + <usize>(index), 108); }
  set_friends(index: u32, value: u8): void { assert(index < 3); store<u8>(changetype<usize>(this) + <usize>(index), value, 108); }
  private $13: u16; private $14: u8;
  class_: u8;
}
if (offsetof<Animal>() != 112) ERROR("Animal does not have the layout of the game");

/**
 * One has eaten another.
 *
 * An event.
 */
@type("zoo:Eaten", "{ who: entity, by: entity? }")
export class Eaten {
  constructor(
    public who: Entity = 0,
    /** 0 is no entity. */
    public by: Entity = 0,
  ) {}
}
if (offsetof<Eaten>() != 16) ERROR("Eaten does not have the layout of the game");

/**
 * The energy of an animal, which dies without any.
 *
 * A component.
 */
@type("zoo:Energy", "{ joules: f32 }")
export class Energy {
  constructor(
    /** How much is left. */
    public joules: f32 = 0,
  ) {}
}
if (offsetof<Energy>() != 4) ERROR("Energy does not have the layout of the game");

/** A component. */
@type("zoo:Follows", "{ id: entity }")
export class Follows {
  constructor(
    public id: Entity = 0,
  ) {}
}
if (offsetof<Follows>() != 8) ERROR("Follows does not have the layout of the game");

/**
 * A marker.
 *
 * A component.
 */
@type("zoo:Marked", "{}")
export class Marked {}

/**
 * One number of each type.
 *
 * A component.
 */
@type("zoo:Numbers", "{ a: u64, b: i64, c: f64, d: u32, e: i32, f: f32, g: u16, h: i16, i: u8, j: i8, pad: [u8; 6] }")
export class Numbers {
  a: u64;
  b: i64;
  c: f64;
  d: u32;
  e: i32;
  f: f32;
  g: u16;
  h: i16;
  i: u8;
  j: i8;
  pad(index: u32): u8 { assert(index < 6); return load<u8>(changetype<usize>(this) + <usize>(index), 42); }
  set_pad(index: u32, value: u8): void { assert(index < 6); store<u8>(changetype<usize>(this) + <usize>(index), value, 42); }
  private $0: u16; private $1: u32;
}
if (offsetof<Numbers>() != 48) ERROR("Numbers does not have the layout of the game");

/**
 * A tuple struct.
 *
 * A component that mods can read, insert and remove, and not change.
 */
@type("zoo:Species", "{ 0: u32, 1: Mood enum u8 { Calm = 0, type = 7 }, 2: [u8; 3] }")
export class Species {
  _0: u32;
  /** One of `Mood`. */
  _1: u8;
  _2(index: u32): u8 { assert(index < 3); return load<u8>(changetype<usize>(this) + <usize>(index), 5); }
  set__2(index: u32, value: u8): void { assert(index < 3); store<u8>(changetype<usize>(this) + <usize>(index), value, 5); }
  private $0: u8; private $1: u16;
}
if (offsetof<Species>() != 8) ERROR("Species does not have the layout of the game");

/**
 * The weather.
 *
 * A resource.
 */
@type("zoo:Weather", "{ wind: f32, rain: f32 }")
export class Weather {
  constructor(
    public wind: f32 = 0,
    public rain: f32 = 0,
  ) {}
}
if (offsetof<Weather>() != 8) ERROR("Weather does not have the layout of the game");

/**
 * A type that is called as a number is.
 *
 * A component.
 */
@type("zoo:f32", "{ f32: f32 }")
export class f32_ {
  constructor(
    public f32_: f32 = 0,
  ) {}
}
if (offsetof<f32_>() != 4) ERROR("f32_ does not have the layout of the game");

/**
 * Another game's, which this one exposes too.
 *
 * A component.
 */
@type("physics:Body", "{ mass: f64 }")
export class physics_Body {
  constructor(
    public mass: f64 = 0,
  ) {}
}
if (offsetof<physics_Body>() != 8) ERROR("physics_Body does not have the layout of the game");

/** A call costs 500 units of fuel. */
@external("physics", "cast")
export declare function physicsCast(x: f64): u64;

/**
 * The height of the ground, in metres.
 *
 * A call costs 20 units of fuel.
 */
@external("zoo", "height_at")
export declare function heightAt(x: f32, y: f32): f32;

/**
 * A word of Rust, with parameters that are others.
 *
 * A call costs 1 unit of fuel.
 */
@external("zoo", "match")
export declare function match(type_: i64, self: u32, default_: f64): void;

/** A call costs 5 units of fuel. */
@external("zoo", "ring")
export declare function ring(): void;
