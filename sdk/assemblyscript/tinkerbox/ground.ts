// What the SDK itself stands on: messages, errors, the records of queries, and the keys of types.

import * as host from "./host";

// @ts-ignore: decorator
@lazy const TEXT_MAX = 1024;

let encodedLen: u32 = 0;

/** Writes a text as UTF-8 to static memory, cut to the length of a message. Returns its address, and leaves its length in
 *  `encodedLen`. */
function encode(text: string): usize {
  const at = memory.data(3 * 1024 + 8);
  const len = min(text.length, TEXT_MAX);
  encodedLen = <u32>String.UTF8.encodeUnsafe(changetype<usize>(text), len, at);
  return at;
}


/** A log message. */
export function say(level: i32, message: string): void {
  const at = encode(message);
  host.log(level, at, encodedLen);
}

/** What `throw`, `assert` and `abort` do: the transform puts it in the place of AssemblyScript's own `abort`. */
export function aborted(message: string | null, file: string | null, line: u32, column: u32): void {
  const place = "panicked at " + (file ? file : "?") + ":" + line.toString() + ":" + column.toString() + ":\n";
  const at = encode(place + (message ? message : "no message"));
  host.panic(at, encodedLen);
  unreachable();
}

/** The name and the meaning of an error. */
export function describe(error: i32): string {
  switch (error) {
    case -1: return "DENIED (-1): [permissions] in mod.toml does not allow it";
    case -2: return "GONE (-2): the entity or resource does not exist (any more)";
    case -3: return "NO_ROOM (-3): the buffer is too small, or the mod has reached its limit for this tick";
    case -4: return "BAD_ARGUMENT (-4): an argument is not valid";
    case -6: return "NOT_NOW (-6): possible only while a system runs";
    default: return "an unknown error";
  }
}

/** What to do about an error of commands. */
export function advice(error: i32): string {
  return error != -1
    ? ""
    : ". Add there `spawn = true` to spawn, `despawn = true` to despawn, and to `write` the components that are spawned, " +
        "inserted or removed";
}

/** The code itself; an error other than that something is gone is one of the mod. */
export function check(code: i32): i32 {
  if (code < 0 && code != -2) throw new Error("the host refused a value: " + describe(code));
  return code;
}

/** Logs that the host has refused something, unless it is among the errors that were logged, and returns these with it: a bit
 *  for each. */
export function logRefusal(logged: u32, what: string, error: i32, advice: string): u32 {
  const bit: u32 = 1 << (-error & 31);
  if (!(logged & bit)) say(0, what + " were refused: " + describe(error) + advice);
  return logged | bit;
}

/** The memory of a query: the record that the host writes, and what the query knows of itself. */
@unmanaged
export class Block {
  rows: i32;
  columns: i32;
  address0: u32; address1: u32; address2: u32; address3: u32; address4: u32; address5: u32;
  address6: u32; address7: u32; address8: u32; address9: u32; address10: u32; address11: u32;
  index: u32;
  buffer: usize;
  bufferBytes: u32;
  /** The number of columns, and then their types. */
  count: u32;

  static open(at: usize, index: u32, buffer: usize, bufferBytes: u32): Block {
    const block = changetype<Block>(at);
    block.index = index;
    block.buffer = buffer;
    block.bufferBytes = bufferBytes;
    block.count = 0;
    return block;
  }

  /** Adds a column of a type, or of ids, whose type is 0. */
  with(type: u32): Block {
    store<u32>(changetype<usize>(this) + offsetof<Block>() + (this.count++ << 2), type);
    return this;
  }

  /** The index of the column of a type. */
  column(type: u32, name: string): u32 {
    for (let index: u32 = 0; index < this.count; index++)
      if (load<u32>(changetype<usize>(this) + offsetof<Block>() + (index << 2)) == type) return index;
    throw new Error("the query has no column of " + name);
  }
}

// The keys of types, by their numbers in this module.
const KEYS = memory.data(8 * 256, 8);

/** Notes the key of a type; the transform calls it for each. */
export function register(type: u32, key: u64): void {
  if (type < 256) store<u64>(KEYS + (type << 3), key);
}

/** The key of a component in commands. */
export function keyOf(type: u32, name: string): u64 {
  const key = type < 256 ? load<u64>(KEYS + (type << 3)) : 0;
  if (key == 0) throw new Error(name + " is not a type of the game: those have a decorator @type");
  return key;
}

/** What is done after each system: values that it made are collected. Nothing of the system is on the stack any more. */
export function finished(): void {
  __collect();
}
