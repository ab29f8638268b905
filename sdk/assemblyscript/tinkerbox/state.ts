// The mod's state over a reload: a map of CBOR (RFC 8949), as that of mods in Rust: the name of a field to its value.

import { say } from "./ground";

// @ts-ignore: decorator
@lazy let block: usize = 0;
// @ts-ignore: decorator
@lazy let blockBytes: u32 = 0;

/** A block into which the host may write a saved state. */
export function allocate(len: u32): u32 {
  if (len > blockBytes) {
    blockBytes = max(len, 64);
    block = block == 0 ? heap.alloc(blockBytes) : heap.realloc(block, blockBytes);
  }
  return <u32>block;
}

/** Begins to save. */
export function beginSave(fields: u32): SavedFields {
  const saved = new SavedFields("", 0, 0);
  saved.head(5, fields);
  return saved;
}

/** Begins to load; null if the bytes are not a state. */
export function beginLoad(state: string, address: u32, len: u32): SavedFields | null {
  const saved = new SavedFields(state, address, address + len);
  if (address == 0) return null;
  saved.item();
  if (saved.damaged || saved.major != 5) return null;
  saved.entries = saved.number;
  saved.first = saved.at;
  // The whole map is checked before anything is taken from it.
  for (let i: u64 = 0; i < saved.entries && !saved.damaged; i++) {
    saved.skip();
    saved.skip();
  }
  return saved.damaged ? null : saved;
}

/** The fields of a saved state. */
export class SavedFields {
  entries: u64 = 0;
  first: u32 = 0;
  damaged: bool = false;
  // The item that was read last. `form` tells floats, bools and the like apart.
  major: u32 = 0;
  form: u32 = 0;
  number: u64 = 0;

  constructor(private state: string, public at: u32, private end: u32) {}

  /** The saved bytes, as `tb_save` returns them: address << 32 | length. */
  get bytes(): u64 {
    return (<u64>block << 32) | this.at;
  }

  put<T>(name: string, value: T): void {
    this.text(name);
    this.value<T>(value);
  }

  /** The saved value, or `present` if there is none or if it does not fit. */
  take<T>(name: string, type: string, present: T): T {
    const field = "the state's field `" + this.state + "::" + name + "`";
    if (!this.find(name)) {
      say(2, field + " is new and has its default");
      return present;
    }
    this.fits = true;
    const value = this.read<T>(present);
    if (this.fits) return value;
    say(
      1,
      field + " has its default: the value that the old code saved does not fit `" + type +
        "`. To keep the value, give the field its old type again, and add a field of another name with the new type",
    );
    return present;
  }

  // --- Writing: `at` is the length.

  private byte(byte: u32): void {
    if (this.at == blockBytes) allocate(2 * blockBytes + 1);
    store<u8>(block + this.at++, <u8>byte);
  }

  private digits(bits: u64, bytes: i32): void {
    while (--bytes >= 0) this.byte(<u32>(bits >> (8 * bytes)) & 255);
  }

  head(major: u32, count: u64): void {
    if (count < 24) return this.byte((major << 5) | <u32>count);
    const log = count > 0xffffffff ? 3 : count > 0xffff ? 2 : count > 0xff ? 1 : 0;
    this.byte((major << 5) | (24 + log));
    this.digits(count, 1 << log);
  }

  private text(text: string): void {
    const bytes = String.UTF8.encode(text);
    this.head(3, bytes.byteLength);
    for (let i = 0; i < bytes.byteLength; i++) this.byte(load<u8>(changetype<usize>(bytes) + i));
  }

  private value<T>(value: T): void {
    if (isBoolean<T>()) this.byte(value ? 0xf5 : 0xf4);
    else if (isInteger<T>()) {
      // @ts-ignore: a number
      const negative = isSigned<T>() && value < 0;
      this.head(negative ? 1 : 0, negative ? ~(<u64>value) : <u64>value);
    } else if (isFloat<T>()) {
      this.byte(sizeof<T>() == 4 ? 0xfa : 0xfb);
      if (sizeof<T>() == 4) this.digits(reinterpret<u32>(<f32>value), 4);
      else this.digits(reinterpret<u64>(<f64>value), 8);
    } else if (isString<T>()) this.text(<string>value);
    else if (isArray<T>() || value instanceof StaticArray) this.array<T>(value);
    else ERROR("a state has numbers, bools, strings, and arrays of these");
  }

  private array<T>(values: T): void {
    // @ts-ignore: an array
    const length = values.length;
    this.head(4, length);
    for (let i = 0; i < length; i++) this.value<valueof<T>>(values[i]);
  }

  // --- Reading: from `at` to `end`.

  private fits: bool = true;

  item(): void {
    this.number = 0;
    if (this.at == this.end) {
      this.damaged = true;
      return;
    }
    const first = load<u8>(this.at++);
    this.major = first >> 5;
    this.form = first & 31;
    const bytes: u32 = this.form < 24 ? 0 : this.form > 27 ? <u32>-1 : 1 << (this.form - 24);
    if (bytes > this.end - this.at) {
      this.damaged = true;
      return;
    }
    if (bytes == 0) this.number = this.form;
    for (let i: u32 = 0; i < bytes; i++) this.number = (this.number << 8) | load<u8>(this.at++);
    if ((this.major == 2 || this.major == 3) && this.number > this.end - this.at) this.damaged = true;
  }

  /** Skips a value. Each takes a byte at least, so the end ends this, whatever the counts say. */
  skip(): void {
    let values: u64 = 1;
    while (values > 0 && !this.damaged) {
      this.item();
      if (this.damaged) return;
      if (this.major == 2 || this.major == 3) this.at += <u32>this.number;
      const left: u64 = this.end - this.at;
      let inner: u64 = this.major == 6 ? 1 : 0;
      if (this.major == 4) inner = this.number;
      if (this.major == 5) inner = this.number > left ? this.number : 2 * this.number;
      if (inner > left) this.damaged = true;
      values += inner - 1;
    }
  }

  /** Goes to the value with this name. */
  private find(name: string): bool {
    this.at = this.first;
    for (let i: u64 = 0; i < this.entries; i++) {
      const key = this.at;
      this.item();
      const len = <u32>this.number;
      if (this.major == 3 && String.UTF8.decodeUnsafe(this.at, len) == name) {
        this.at += len;
        return true;
      }
      this.at = key;
      this.skip();
      this.skip();
    }
    return false;
  }

  private misfit<T>(present: T): T {
    this.fits = false;
    return present;
  }

  private read<T>(present: T): T {
    this.item();
    if (this.damaged) return this.misfit(present);
    if (isBoolean<T>()) {
      if (this.major != 7 || (this.form != 20 && this.form != 21)) return this.misfit(present);
      return <T>(this.form == 21);
    } else if (isInteger<T>()) {
      if (this.major > 1 || (this.major == 1 && !isSigned<T>())) return this.misfit(present);
      const most: u64 = (<u64>-1 >> (64 - 8 * sizeof<T>())) >> (isSigned<T>() ? 1 : 0);
      if (this.number > most) return this.misfit(present);
      return <T>(this.major == 1 ? ~this.number : this.number);
    } else if (isFloat<T>()) {
      if (this.major != 7 || this.form < 25) return this.misfit(present);
      if (this.form == 26) return <T>reinterpret<f32>(<u32>this.number);
      return <T>(this.form == 27 ? reinterpret<f64>(this.number) : half(<u32>this.number));
    } else if (isString<T>()) {
      if (this.major != 3) return this.misfit(present);
      const text = String.UTF8.decodeUnsafe(this.at, <u32>this.number);
      this.at += <u32>this.number;
      return changetype<T>(text);
    } else return this.readArray<T>(present);
  }

  private readArray<T>(present: T): T {
    // @ts-ignore: an array
    const isFixed = !isArray<T>();
    // @ts-ignore: an array
    if (this.major != 4 || (isFixed && this.number != present.length)) return this.misfit(present);
    // Each value takes a byte at least.
    if (this.number > this.end - this.at) return this.misfit(present);
    const length = <i32>this.number;
    const values = instantiate<T>(length);
    for (let i = 0; i < length && this.fits; i++) {
      const none = <valueof<T>>0;
      values[i] = this.read<valueof<T>>(none);
    }
    return this.fits ? values : present;
  }
}

/** A float of 16 bits. */
function half(bits: u32): f64 {
  const exponent = (bits >> 10) & 31;
  const fraction = <f64>(bits & 0x3ff);
  const sign: f64 = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction > 0 ? NaN : sign * Infinity;
  if (exponent == 0) return sign * fraction * 0.000000059604644775390625;
  let value = 1 + fraction / 1024;
  for (let power = <i32>exponent - 15; power != 0; power += power < 0 ? 1 : -1) value = power < 0 ? value / 2 : value * 2;
  return sign * value;
}
