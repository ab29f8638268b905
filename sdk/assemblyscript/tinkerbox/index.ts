// Tinkerbox: mods in AssemblyScript. README.md in the folder above is the guide, and transform.mjs beside it writes what a
// system declares into the module.
//
//   class Animals extends Query {
//     velocity!: Write<Velocity>;
//     energy!: Read<Energy>;
//   }
//
//   @system
//   export function tire(animals: Animals): void {
//     while (animals.next())
//       for (let i = 0; i < animals.rows; i++)
//         if (animals.energy[i].joules < 1) animals.velocity[i].x = 0;
//   }
//
// Systems get what they ask for as pointers into static memory, so these classes are unmanaged. Values of components are
// ordinary objects, which are collected when the system has finished.

import * as host from "./host";
export { Older } from "./state";
import { Block, advice, check, describe, keyOf, logRefusal, say } from "./ground";

/** An entity's id. It can be kept from tick to tick, and is never given to another entity. */
export type Entity = u64;

/** The id that no entity has. */
export const NO_ENTITY: Entity = 0;

// --- Time, random numbers, messages

/** The number of the simulation's tick. */
export function tick(): u64 {
  return host.tick();
}

/** The seconds of simulation that this tick covers. */
export function delta(): f32 {
  return host.delta();
}

/** Whether as many seconds of simulation have passed since this was last true; also true in tick 0. */
export function every(seconds: f32): bool {
  const ticks = Math.round(<f64>(seconds / host.delta()));
  const whole = ticks >= 18446744073709551616.0 ? u64.MAX_VALUE : ticks > 1 ? <u64>ticks : 1;
  return host.tick() % whole == 0;
}

/** The fuel left in the mod's budget. */
export function fuelLeft(): u64 {
  return host.fuel_left();
}

/** 64 random bits from one of the mod's streams, 0 to 63: draws from one do not change those from another. */
export function randomBits(stream: u32 = 0): u64 {
  return host.random(stream);
}

/** A random number from 0 up to, but not including, 1. */
export function random(stream: u32 = 0): f32 {
  // The upper 24 bits: an f32 holds as many exactly, so the result never rounds up to 1.
  return <f32>(<u32>(host.random(stream) >> 40)) / 16777216;
}

/** A random number from `start` up to `end`. */
export function randomRange(start: f32, end: f32, stream: u32 = 0): f32 {
  return start + (end - start) * random(stream);
}

/** Messages for the author. */
export function error(message: string): void {
  say(0, message);
}
export function warn(message: string): void {
  say(1, message);
}
export function info(message: string): void {
  say(2, message);
}
export function debug(message: string): void {
  say(3, message);
}
export function trace(message: string): void {
  say(4, message);
}

/** A number with `digits` digits after the point, at most 9, for messages. */
export function fixed(value: f64, digits: u32 = 2): string {
  if (!isFinite(value) || Math.abs(value) >= 1e18) return value.toString();
  let scale: u64 = 1;
  for (let i: u32 = 0; i < digits; i++) scale *= 10;
  const sign = value < 0 || (value == 0 && 1 / value < 0) ? "-" : "";
  value = Math.abs(value);
  let whole = <u64>value;
  const scaled = (value - <f64>whole) * <f64>scale;
  let part = <u64>scaled;
  // The nearest; of two that are as near, the even one.
  const rest = scaled - <f64>part;
  if (rest > 0.5 || (rest == 0.5 && (digits > 0 ? part : whole) % 2 == 1)) part++;
  if (part >= scale) {
    whole++;
    part -= scale;
  }
  if (digits == 0) return sign + whole.toString();
  return sign + whole.toString() + "." + part.toString().padStart(digits, "0");
}

// --- Queries

/** A column that a query reads: its values by row. It is null in chunks of rows without one, if its type says `| null`. */
@unmanaged
export class Read<T> {
  @inline @operator("[]") get(row: i32): T {
    return element<T>(changetype<usize>(this), row);
  }
}

/** A column that a query writes: what is done to its values takes effect when the system has finished. */
@unmanaged
export class Write<T> {
  @inline @operator("[]") get(row: i32): T {
    return element<T>(changetype<usize>(this), row);
  }
  @inline @operator("[]=") set(row: i32, value: T): void {
    memory.copy(changetype<usize>(this) + <usize>row * offsetof<T>(), changetype<usize>(value), offsetof<T>());
  }
}

/** The column of the rows' ids. */
@unmanaged
export class Entities {
  @inline @operator("[]") get(row: i32): Entity {
    return load<u64>(changetype<usize>(this) + (<usize>row << 3));
  }
}

// @ts-ignore: decorator
@inline
function element<T>(column: usize, row: i32): T {
  return changetype<T>(column + <usize>row * offsetof<T>());
}

/** Rows of the world. The fields of a class that extends this are the columns of a query: `Read<T>`, `Write<T>`, either of
 *  them `| null`, and `Entities`. Decorators of the class are its filters: `@having(A, B)`, `@without(A)`, `@changed(A)`,
 *  `@added(A)`. */
@unmanaged
export class Query {
  // The record that the host writes: its addresses are the fields of the class that extends this. See `Block`.
  /** The number of rows in the chunk. */
  rows: i32;
  private columns: i32;

  /** Fetches the next chunk, and takes back the previous one. False at the end. */
  next(): bool {
    const block = changetype<Block>(this);
    const rows = host.view_next(block.index, changetype<usize>(this), block.buffer, block.bufferBytes);
    if (rows < 0) throw new Error("the host refused a query");
    return rows > 0;
  }

  /** Fetches the only row of a query without optional columns. False if there is none, or more than one. */
  single(): bool {
    // A buffer has room for two rows, so a second row would be in the same chunk.
    return this.next() && this.rows == 1;
  }

  /** Counts the rows, and is then at the end. */
  count(): i32 {
    let rows = 0;
    while (this.next()) rows += this.rows;
    return rows;
  }

  /** One entity's value of the column of `T`. Null if the query does not match the entity, or if the column is optional and
   *  the entity lacks it. */
  get<T>(entity: Entity): T | null {
    const block = changetype<Block>(this);
    const value = changetype<T>(__new(offsetof<T>(), idof<T>()));
    const code = host.get(block.index, block.column(idof<T>(), nameof<T>()), entity, changetype<usize>(value));
    return check(code) > 0 ? value : null;
  }

  /** Sets one entity's value of the column of `T`, which is a `Write<T>`. False if the query does not match the entity. */
  set<T>(entity: Entity, value: T): bool {
    const block = changetype<Block>(this);
    const column = block.column(idof<T>(), nameof<T>());
    return check(host.set(block.index, column, entity, changetype<usize>(value))) >= 0;
  }
}

// --- Events and removals

/** The events for which a system is called. */
@unmanaged
export class Events<E> {
  /** The number of events that were fetched. */
  length: i32;

  /** Fetches the next events. False at the end. */
  next(): bool {
    const code = host.event_next(changetype<usize>(this) + 8, 4096 + <u32>offsetof<E>());
    if (code < 0) throw new Error("the host refused the system's events: " + describe(code));
    this.length = code;
    return code > 0;
  }

  @inline @operator("[]") get(index: i32): E {
    return element<E>(changetype<usize>(this) + 8, index);
  }
}

/** Entities to which something has happened, for which a system is called. */
@unmanaged
class Told<T> {
  /** The number of entities that were fetched. */
  length: i32;

  /** Fetches the next entities. False at the end. */
  next(): bool {
    const code = host.event_next(changetype<usize>(this) + 8, 4096);
    if (code < 0) throw new Error("the host refused the system's entities: " + describe(code));
    this.length = code;
    return code > 0;
  }

  @inline @operator("[]") get(index: i32): Entity {
    return load<Entity>(changetype<usize>(this) + 8 + (<usize>index << 3));
  }
}

/** The entities to which a component was added, for which a system is called. */
@unmanaged
export class Added<T> extends Told<T> {}

/** The removals of a component for which a system is called, despawns of entities with it among them. */
@unmanaged
export class Removed<T> extends Told<T> {}

/** The entities that were despawned with a component, for which a system is called. */
@unmanaged
export class Despawned<T> extends Told<T> {}

/** Sends events when the system has finished. If the host refuses them, this is logged once for each error. */
@unmanaged
export class EventWriter<E> {
  private index: u32;
  private length: u32;
  private refused: u32;
  private unused: u32;

  send(event: E): void {
    const at = changetype<usize>(this) + 16 + <usize>this.length * offsetof<E>();
    memory.copy(at, changetype<usize>(event), offsetof<E>());
    if (++this.length * offsetof<E>() + offsetof<E>() > 4096) this.close();
  }

  open(index: u32): void {
    this.index = index;
    this.length = 0;
  }

  close(): void {
    if (this.length == 0) return;
    const code = host.event_send(this.index, changetype<usize>(this) + 16, this.length * <u32>offsetof<E>());
    this.length = 0;
    if (code < 0) this.refused = logRefusal(this.refused, "events", code, "");
  }
}

// --- Resources

/** A resource of the game, to read. */
@unmanaged
export class Res<T> {
  index: u32;

  /** The value, or null if the game does not have the resource at the moment. */
  get(): T | null {
    const value = changetype<T>(__new(offsetof<T>(), idof<T>()));
    return check(host.resource_get(this.index, changetype<usize>(value))) >= 0 ? value : null;
  }
}

/** A resource of the game, to read and to change. */
@unmanaged
export class ResMut<T> extends Res<T> {
  /** Sets the value when the system has finished. False if the game does not have the resource at the moment. */
  set(value: T): bool {
    return check(host.resource_set(this.index, changetype<usize>(value))) >= 0;
  }
}

// --- Commands

const RECORDS_BYTES: u32 = 4096;
const IDS_MAX: u32 = 64;

/** Structural changes, applied in order when the system has finished. If the host refuses them, this is logged once for
 *  each error. */
@unmanaged
export class Commands {
  private refused: u32;
  private length: u32;
  private last: u32;
  /** Whether the last record takes components: 0 if it does not, 1 if it does, 2 if it is for no entity and is dropped. */
  private state: u32;
  private nextId: u32;
  private ids: u32;
  private nextBatch: u32;
  private error: i32;
  // Then the records, and the ids that are reserved and not used yet.

  @inline private get records(): usize {
    return changetype<usize>(this) + 32;
  }

  /** Spawns an entity with the components that are put next. Its id can be used at once. If the host refuses, it is
   *  `NO_ENTITY`, and commands for that do nothing. */
  spawn(): Entity {
    const entity = this.trySpawn();
    this.note(this.error);
    return entity;
  }

  /** The same, and returns `NO_ENTITY` without a message if the host refuses; `refusal` is the error then. */
  trySpawn(): Entity {
    const entity = this.id();
    this.record(1, entity);
    return entity;
  }

  /** Why the last `trySpawn` was refused: an error of the host, or 0. */
  get refusal(): i32 {
    return this.error;
  }

  /** Inserts the components that are put next into an entity, replacing those that it has. */
  insert(entity: Entity): Commands {
    this.record(3, entity);
    return this;
  }

  /** Despawns an entity. It does nothing if the entity does not exist any more. */
  despawn(entity: Entity): void {
    this.record(2, entity);
  }

  /** Removes a component from an entity: `commands.remove<Grass>(tuft)`. */
  remove<T>(entity: Entity): void {
    if (!this.record(4, entity)) return;
    store<u64>(this.room(8), keyOf(idof<T>(), nameof<T>()));
    this.grow();
  }

  /** Puts a component into the entity that was spawned or inserted into last. */
  put<T>(value: T): Commands {
    this.component(keyOf(idof<T>(), nameof<T>()), changetype<usize>(value), <u32>offsetof<T>());
    return this;
  }

  /** Sends the commands now. Returns 0 or an error, and then none of those that were sent together is applied. */
  send(): i32 {
    if (this.length == 0) return 0;
    const code = host.command(this.records, this.length);
    this.length = this.last = this.state = 0;
    return code;
  }

  open(_: u32): void {
    this.length = this.last = this.state = this.nextId = this.ids = this.error = 0;
    this.nextBatch = 1;
  }

  close(): void {
    this.note(this.send());
  }

  private note(code: i32): void {
    if (code < 0) this.refused = logRefusal(this.refused, "commands", code, advice(code));
  }

  private component(key: u64, value: usize, size: u32): void {
    if (this.state == 2) return;
    if (this.state == 0) throw new Error("put comes after spawn or insert, or another put");
    const padded = (size + 7) & ~7;
    const at = this.room(16 + padded);
    store<u64>(at, key);
    store<u64>(at, size, 8);
    if (padded > 0) store<u64>(at + padded, 0, 8);
    memory.copy(at + 16, value, size);
    this.grow();
  }

  /** Counts one more component in the last record. */
  private grow(): void {
    const count = this.records + this.last + 4;
    store<u32>(count, load<u32>(count) + 1);
  }

  /** Begins a record. False for no entity. */
  private record(op: u32, entity: Entity): bool {
    this.last = this.length;
    this.state = entity == NO_ENTITY ? 2 : op & 1;
    if (entity == NO_ENTITY) return false;
    const at = this.room(16);
    this.last = this.length - 16;
    store<u64>(at, op);
    store<u64>(at, entity, 8);
    return true;
  }

  /** Room at the end. All records but the last, which may still grow, are sent if there is none. */
  private room(bytes: u32): usize {
    if (this.length + bytes > RECORDS_BYTES) {
      const kept = this.length - this.last;
      if (this.last > 0) this.note(host.command(this.records, this.last));
      memory.copy(this.records, this.records + this.last, kept);
      this.length = kept;
      this.last = 0;
      if (kept + bytes > RECORDS_BYTES) throw new Error("the components of one command take more than 4096 bytes");
    }
    const at = this.records + this.length;
    this.length += bytes;
    return at;
  }

  private id(): Entity {
    const reserved = this.records + RECORDS_BYTES;
    if (this.nextId == this.ids) {
      // Batches grow, so that a system that spawns little reserves little. The mod may have room for fewer.
      let count = this.nextBatch;
      let code = host.entity_reserve(reserved, count);
      if (code == -3 && count > 1) code = host.entity_reserve(reserved, (count = 1));
      this.nextId = this.ids = 0;
      this.error = min(code, 0);
      if (code < 0) return NO_ENTITY;
      this.ids = count;
      this.nextBatch = min(2 * count, IDS_MAX);
    }
    return load<u64>(reserved + (this.nextId++ << 3));
  }
}
