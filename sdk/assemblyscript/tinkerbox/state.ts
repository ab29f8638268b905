// The mod's state over a reload: what fits of the values that older code has saved. The guide has the rule.
//
// `state.mjs` writes the code that walks through the fields of the mod's own classes; this is what that calls.

import { Major, Reader } from "./cbor";
import { say } from "./ground";

const HAS_DEFAULT = "has its default";
const LEFT_OUT = "is left out";
const IS_NULL = "is null";

/** The fields of a saved struct. */
export class Entries {
  constructor(public first: u32, public count: u32, public depth: i32) {}
}

/** The items of a saved list. */
export class List {
  /** Where the next item begins. */
  next: u32 = 0;
  index: u32 = 0;
  /** How many items were left out, and the note about the first. */
  lost: u32 = 0;
  note: string = "";

  constructor(public count: u32, public depth: i32, public around: List | null) {}
}

/** One loading of a state. */
export class Loading {
  /** The state has other fields than were saved, or other values. */
  hasChanged: bool = false;
  /** Whether the value that was read last fits. */
  fits: bool = true;
  silent: bool = false;
  reader: Reader;
  /** The way to the value: each is behind the name of the state. */
  private path: string[] = [];
  private depth: i32 = 0;
  /** What is the matter with the place if the value does not fit. */
  private what: string = HAS_DEFAULT;
  private list: List | null = null;

  constructor(private state: string, address: u32, len: u32) {
    this.reader = new Reader(address, address + len);
  }

  // --- Structs

  /** The fields of the struct whose head was read last. */
  entries(): Entries {
    return new Entries(this.reader.at, <u32>this.reader.number, this.depth);
  }

  /** Goes to a field that was saved under this name, or under the first of those that it had before. */
  field(entries: Entries, name: string, was: StaticArray<string> | null = null): bool {
    this.enter(entries.depth, "." + name);
    this.what = HAS_DEFAULT;
    this.fits = true;
    if (this.reader.find(entries.first, entries.count, name)) return true;
    if (was) {
      this.hasChanged = true;
      for (let i = 0; i < was.length; i++) if (this.reader.find(entries.first, entries.count, was[i])) return true;
    }
    this.say(2, "is new and has its default");
    return false;
  }

  /** Ends a struct of so many fields. New ones were noted; if others are gone there were more. */
  leave(entries: Entries, fields: u32): void {
    if (entries.count > fields) this.hasChanged = true;
    this.depth = entries.depth;
    this.fits = true;
  }

  /** Whether the value is one of a class. */
  isStruct(name: string): bool {
    this.mark();
    this.reader.item();
    return this.reader.major == Major.MAP || this.misfit<bool>("a `" + name + "`", false);
  }

  /** Whether there is no value. Without a default there is none either if the value does not fit. */
  isNull(hasDefault: bool): bool {
    const at = this.reader.at;
    this.reader.item();
    const is = this.reader.isNothing;
    if (!is) this.reader.at = at;
    if (!hasDefault) this.what = IS_NULL;
    return is;
  }

  // --- Lists

  /** The items of an array of so many values; null if the value is not a list. */
  items(length: u32): List | null {
    return this.open("a list of " + length.toString());
  }

  /** The elements of a list of any length. */
  elements(): List | null {
    return this.open("a list");
  }

  private open(expected: string): List | null {
    this.mark();
    this.reader.item();
    if (this.reader.major != Major.ARRAY) return this.misfit<List | null>(expected, null);
    const list = new List(<u32>this.reader.number, this.depth, this.list);
    list.next = this.reader.at;
    return list;
  }

  /** Goes to the next item of an array. */
  item(list: List): void {
    this.go(list, "." + list.index.toString());
    this.what = HAS_DEFAULT;
  }

  /** Goes to the next element of a list. */
  element(list: List): void {
    this.go(list, "[" + list.index.toString() + "]");
    this.what = LEFT_OUT;
    this.list = list;
  }

  private go(list: List, step: string): void {
    this.enter(list.depth, step);
    list.index++;
    this.reader.at = list.next;
    this.reader.skip();
    const next = this.reader.at;
    this.reader.at = list.next;
    list.next = next;
    this.fits = true;
  }

  /** Ends an array of so many values. */
  closeItems(list: List, length: u32): void {
    this.depth = list.depth;
    this.fits = true;
    if (list.count != length) this.sayLength(" values, and ", list.count, length);
  }

  /** Ends a list. */
  closeElements(list: List): void {
    this.depth = list.depth;
    this.list = list.around;
    this.fits = true;
    if (list.lost == 0) return;
    const more = list.lost > 1 ? "; and so for " + (list.lost - 1).toString() + " more like it" : "";
    if (!this.silent) say(1, list.note + more);
  }

  // --- Values

  /** A number or a bool. */
  scalar<T>(present: T): T {
    this.mark();
    const reader = this.reader;
    reader.item();
    if (isBoolean<T>()) {
      if (reader.isBool) return <T>(reader.form == 21);
    } else if (isInteger<T>()) {
      const isFloat = reader.isFloat;
      if (!isFloat || reader.whole()) {
        const most: u64 = (<u64>-1 >> (64 - 8 * sizeof<T>())) >> (isSigned<T>() ? 1 : 0);
        const isInteger = reader.major == Major.POSITIVE || (reader.major == Major.NEGATIVE && isSigned<T>());
        if (isInteger && reader.number <= most) {
          if (isFloat) this.hasChanged = true;
          return <T>(reader.major == Major.NEGATIVE ? ~reader.number : reader.number);
        }
      }
    } else if (isFloat<T>()) {
      if (reader.isFloat) {
        const value = reader.float;
        if (sizeof<T>() == 8 || !isFinite(value) || isFinite(<f32>value)) return <T>value;
      } else if (reader.major <= Major.NEGATIVE && reader.isExactly(sizeof<T>() == 4 ? 24 : 53)) {
        this.hasChanged = true;
        return <T>(reader.major == Major.NEGATIVE ? -(<f64>reader.number) - 1 : <f64>reader.number);
      }
    } else ERROR("a state has numbers, bools, strings, enums, and classes and arrays of these");
    const article = isFloat<T>() || (isSigned<T>() && !isBoolean<T>()) ? "an " : "a ";
    return this.misfit<T>(article + nameof<T>(), present);
  }

  text(present: string): string {
    this.mark();
    this.reader.item();
    return this.reader.major == Major.TEXT ? this.reader.text : this.misfit<string>("a text", present);
  }

  /** The name of a variant, or an empty one. */
  variant(): string {
    this.mark();
    this.reader.item();
    return this.reader.major == Major.TEXT ? this.reader.text : "";
  }

  // --- What does not fit

  /** Where the value begins that is read now. */
  private start: u32 = 0;

  private mark(): void {
    this.start = this.reader.at;
  }

  /** Notes that the value does not fit, and returns what is there in its place. */
  misfit<T>(expected: string, present: T): T {
    this.fits = false;
    this.hasChanged = true;
    if (this.silent) return present;
    const reason = ": the value that the old code saved does not fit: expected " + expected + ", found " + this.found();
    const list = this.list;
    if (this.what != LEFT_OUT || list == null) this.say(1, this.what + reason);
    else if (list.lost++ == 0) list.note = this.place() + this.what + reason;
    return present;
  }

  /** What was saved. */
  private found(): string {
    const reader = new Reader(this.start, this.reader.end);
    reader.item();
    switch (reader.major) {
      case Major.POSITIVE: return reader.number.toString();
      case Major.NEGATIVE: return "-" + (reader.number + 1).toString();
      case Major.BYTES: return reader.number.toString() + " bytes";
      case Major.ARRAY: return "a list of " + reader.number.toString();
      case Major.MAP: return "a map of " + reader.number.toString();
      case Major.TEXT: {
        const text = reader.text;
        return text.length > 40 ? '"' + text.substr(0, 40) + '"...' : '"' + text + '"';
      }
    }
    if (reader.isFloat) return reader.float.toString();
    if (reader.isBool) return reader.form == 21 ? "true" : "false";
    return reader.isNothing ? "nothing" : "a value of another kind";
  }

  private enter(depth: i32, step: string): void {
    this.path.length = depth;
    this.path.push(step);
    this.depth = depth + 1;
  }

  private place(): string {
    // The state's own fields are behind two colons.
    const way = this.path.slice(0, this.depth).join("").substr(1);
    return "the state's field `" + this.state + "::" + way + "` ";
  }

  private say(level: i32, what: string): void {
    this.hasChanged = true;
    if (!this.silent) say(level, this.place() + what);
  }

  private sayLength(words: string, saved: u32, has: u32): void {
    const rest = saved > has ? saved - has : has - saved;
    const what = saved > has ? " are dropped" : " have their default";
    this.say(1, "has " + has.toString() + words + saved.toString() + " were saved: the last " + rest.toString() + what);
  }

  /** The fields of the saved state that nothing has taken or asked for: their number, and a note for each. */
  gone(entries: Entries, noted: bool): u32 {
    let count: u32 = 0;
    let next = entries.first;
    for (let i: u32 = 0; i < entries.count; i++) {
      this.reader.at = next;
      this.reader.skip();
      this.reader.skip();
      const after = this.reader.at;
      this.reader.at = next;
      next = after;
      this.reader.item();
      if (this.reader.major != Major.TEXT) continue;
      count++;
      if (!noted) continue;
      this.enter(0, "." + this.reader.text);
      this.say(2, "is gone, and with it the value that the old code saved");
    }
    return count;
  }
}

/** Begins to load; null if the bytes are not a state. */
export function beginLoad(state: string, address: u32, len: u32): Loading | null {
  const loading = new Loading(state, address, len);
  const reader = loading.reader;
  if (address == 0) return null;
  reader.item();
  if (reader.damaged || reader.major != Major.MAP || reader.number > len) return null;
  const count = <u32>reader.number;
  const first = reader.at;
  // The whole map is checked before anything is taken from it.
  for (let i: u32 = 0; i < count && !reader.damaged; i++) {
    reader.skip();
    reader.skip();
  }
  if (reader.damaged) return null;
  reader.at = first;
  reader.number = count;
  return loading;
}

/** The state that older code of the mod has saved: the first parameter of a function that migrates. */
export class Older {
  private loading: Loading;

  constructor(loading: Loading, private entries: Entries) {
    this.loading = new Loading("", 0, 0);
    this.loading.reader = loading.reader;
    this.loading.silent = true;
  }

  /** Whether there was such a field. */
  has(field: string): bool {
    return this.loading.reader.find(this.entries.first, this.entries.count, field);
  }

  /** The number, bool or string that a field had, converted as fields of the state are. `otherwise` if there was no such field,
   *  or if its value does not fit. */
  get<T>(field: string, otherwise: T): T {
    if (!this.has(field)) return otherwise;
    if (isString<T>()) return changetype<T>(this.loading.text(changetype<string>(otherwise)));
    else return this.loading.scalar<T>(otherwise);
  }
}
