// CBOR (RFC 8949), as far as a mod's state needs it: what is written is in the shortest form, and what is read may be anything.

export namespace Major {
  export const POSITIVE: u32 = 0;
  export const NEGATIVE: u32 = 1;
  export const BYTES: u32 = 2;
  export const TEXT: u32 = 3;
  export const ARRAY: u32 = 4;
  export const MAP: u32 = 5;
  export const TAG: u32 = 6;
  export const OTHER: u32 = 7;
}

// @ts-ignore: decorator
@lazy let block: usize = 0;
// @ts-ignore: decorator
@lazy let blockBytes: u32 = 0;

/** A block into which the host may write a saved state, or this code its own. */
export function allocate(len: u32): u32 {
  if (len > blockBytes) {
    blockBytes = max(len, 64);
    block = block == 0 ? heap.alloc(blockBytes) : heap.realloc(block, blockBytes);
  }
  return <u32>block;
}

/** Writes values into the block. */
export class Saving {
  private len: u32 = 0;

  /** What was written, as `tb_save` returns it: address << 32 | length. */
  get bytes(): u64 {
    return (<u64>block << 32) | this.len;
  }

  head(major: u32, count: u64): void {
    if (count < 24) return this.byte((major << 5) | <u32>count);
    const log = count > 0xffffffff ? 3 : count > 0xffff ? 2 : count > 0xff ? 1 : 0;
    this.byte((major << 5) | (24 + log));
    this.digits(count, 1 << log);
  }

  text(text: string): void {
    const bytes = String.UTF8.encode(text);
    this.head(Major.TEXT, bytes.byteLength);
    for (let i = 0; i < bytes.byteLength; i++) this.byte(load<u8>(changetype<usize>(bytes) + i));
  }

  nothing(): void {
    this.byte(0xf6);
  }

  /** A number or a bool. */
  scalar<T>(value: T): void {
    if (isBoolean<T>()) this.byte(value ? 0xf5 : 0xf4);
    else if (isInteger<T>()) {
      // @ts-ignore: a number
      const negative = isSigned<T>() && value < 0;
      this.head(negative ? 1 : 0, negative ? ~(<u64>value) : <u64>value);
    } else if (isFloat<T>()) {
      this.byte(sizeof<T>() == 4 ? 0xfa : 0xfb);
      if (sizeof<T>() == 4) this.digits(reinterpret<u32>(<f32>value), 4);
      else this.digits(reinterpret<u64>(<f64>value), 8);
    } else ERROR("a state has numbers, bools, strings, enums, and classes and arrays of these");
  }

  private byte(byte: u32): void {
    if (this.len == blockBytes) allocate(2 * blockBytes + 1);
    store<u8>(block + this.len++, <u8>byte);
  }

  private digits(bits: u64, bytes: i32): void {
    while (--bytes >= 0) this.byte(<u32>(bits >> (8 * bytes)) & 255);
  }
}

/** Reads items, the heads of values, from `at` to `end`. */
export class Reader {
  damaged: bool = false;
  // The item that was read last. `form` tells floats, bools and the like apart.
  major: u32 = 0;
  form: u32 = 0;
  number: u64 = 0;

  constructor(public at: u32, public end: u32) {}

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
    const hasBytes = this.major == Major.TEXT || this.major == Major.BYTES;
    if (hasBytes && this.number > this.end - this.at) this.damaged = true;
  }

  /** Skips a value. Each takes a byte at least, so the end ends this, whatever the counts say. */
  skip(): void {
    let values: u64 = 1;
    while (values > 0 && !this.damaged) {
      this.item();
      if (this.damaged) return;
      if (this.major == Major.TEXT || this.major == Major.BYTES) this.at += <u32>this.number;
      const left: u64 = this.end - this.at;
      let inner: u64 = this.major == Major.TAG ? 1 : 0;
      if (this.major == Major.ARRAY) inner = this.number;
      if (this.major == Major.MAP) inner = this.number > left ? this.number : 2 * this.number;
      if (inner > left) this.damaged = true;
      values += inner - 1;
    }
  }

  /** Goes to the value with this name, in a map whose entries begin at `first`; false if there is none. The name is marked:
   *  text becomes bytes, which no field's name is. */
  find(first: u32, entries: u32, name: string): bool {
    const wanted = String.UTF8.encode(name);
    const len = <u32>wanted.byteLength;
    this.at = first;
    for (let i: u32 = 0; i < entries; i++) {
      const key = this.at;
      this.item();
      const isName = this.major == Major.TEXT || this.major == Major.BYTES;
      if (isName && this.number == len && memory.compare(this.at, changetype<usize>(wanted), len) == 0) {
        store<u8>(key, load<u8>(key) & ~0x20);
        this.at += len;
        return true;
      }
      this.at = key;
      this.skip();
      this.skip();
    }
    return false;
  }

  // --- What the item is.

  get isFloat(): bool {
    return this.major == Major.OTHER && this.form >= 25;
  }

  get isNothing(): bool {
    return this.major == Major.OTHER && this.form == 22;
  }

  get isBool(): bool {
    return this.major == Major.OTHER && (this.form == 20 || this.form == 21);
  }

  get float(): f64 {
    if (this.form == 26) return reinterpret<f32>(<u32>this.number);
    return this.form == 27 ? reinterpret<f64>(this.number) : half(<u32>this.number);
  }

  /** The text behind the item. */
  get text(): string {
    return String.UTF8.decodeUnsafe(this.at, <u32>this.number);
  }

  /** Makes a float without a fraction an integer. False if it has one, or is beyond all types. */
  whole(): bool {
    const value = this.float;
    if (!(Math.abs(value) < 18446744073709551616.0) || value != Math.trunc(value)) return false;
    this.major = value < 0 ? Major.NEGATIVE : Major.POSITIVE;
    this.number = value < 0 ? <u64>-value - 1 : <u64>value;
    return true;
  }

  /** Whether an integer is exactly a float of this many digits. */
  isExactly(digits: i64): bool {
    const distance = this.number + this.major;
    return distance == 0 || 64 - <i64>clz(distance) - <i64>ctz(distance) <= digits;
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
