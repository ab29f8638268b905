//! Addresses that code computes in 32 bits stay in 32 bits, and offsets are added to them without wrapping.
//!
//! A code generator folds the computation of an address into the access: constants, shifts, sums. Folded in 64 bits,
//! an address that should have wrapped has up to 36 bits, and passes the memory and its guard. This happened in one
//! release with shifts and in another with extensions that were omitted.

use tinkerbox_wasm::*;

use super::{Random, all_ways, call};

/// An expression of two parameters, `x` and `y`, as text and as a native function.
#[derive(Clone, Debug)]
enum Address {
    X,
    Y,
    Number(u32),
    Binary(&'static str, Box<Address>, Box<Address>),
    /// The low half of a 64-bit sum of both parameters and a number.
    Wrapped(Box<Address>, u64),
    /// A value that was narrow before.
    Narrow(&'static str, Box<Address>),
}

use Address::{Binary, Narrow, Number, Wrapped, X, Y};

const BINARY: [&str; 9] = ["add", "add", "sub", "mul", "shl", "shl", "shr_u", "and", "or"];

impl Address {
    fn any(random: &mut Random, depth: usize) -> Address {
        if depth == 0 {
            return match random.below(4) {
                0 => X,
                1 => Y,
                2 => Number(random.below(9) as u32),
                _ => Number(random.next() as u32),
            };
        }
        let below = |random: &mut Random| Box::new(Address::any(random, depth - 1));
        match random.below(8) {
            0 => Wrapped(below(random), random.next() >> random.below(64)),
            1 => {
                let name = *random.one_of(&["extend8_s", "extend16_s", "clz"]);
                Narrow(name, below(random))
            }
            2 => Binary("shl", below(random), Box::new(Number(random.below(5) as u32))),
            3 => Binary("add", below(random), Box::new(Number(random.next() as u32))),
            _ => {
                let name = *random.one_of(&BINARY);
                Binary(name, below(random), below(random))
            }
        }
    }

    fn text(&self) -> String {
        match self {
            X => "(local.get 0)".to_string(),
            Y => "(local.get 1)".to_string(),
            Number(number) => format!("(i32.const {number})"),
            Binary(op, a, b) => format!("(i32.{op} {} {})", a.text(), b.text()),
            Wrapped(a, number) => {
                format!("(i32.wrap_i64 (i64.add (i64.extend_i32_s {}) (i64.const {number})))", a.text())
            }
            Narrow(op, a) => format!("(i32.{op} {})", a.text()),
        }
    }

    fn value(&self, x: u32, y: u32) -> u32 {
        match self {
            X => x,
            Y => y,
            Number(number) => *number,
            Binary(op, a, b) => {
                let (a, b) = (a.value(x, y), b.value(x, y));
                match *op {
                    "add" => a.wrapping_add(b),
                    "sub" => a.wrapping_sub(b),
                    "mul" => a.wrapping_mul(b),
                    "shl" => a.wrapping_shl(b),
                    "shr_u" => a.wrapping_shr(b),
                    "and" => a & b,
                    _ => a | b,
                }
            }
            Wrapped(a, number) => (i64::from(a.value(x, y) as i32) as u64).wrapping_add(*number) as u32,
            Narrow(op, a) => {
                let a = a.value(x, y);
                match *op {
                    "extend8_s" => a as i8 as u32,
                    "extend16_s" => a as i16 as u32,
                    _ => a.leading_zeros(),
                }
            }
        }
    }
}

/// Known past errors and similar ones: the parts of an address, and the amounts by which it is shifted.
fn known() -> Vec<Address> {
    let mut known = Vec::new();
    let binary = |op, a: &Address, b: &Address| Binary(op, Box::new(a.clone()), Box::new(b.clone()));
    for shift in 0..36 {
        let shifted = binary("shl", &X, &Number(shift));
        known.push(binary("add", &shifted, &Y));
        known.push(binary("add", &Y, &shifted));
        known.push(binary("add", &binary("add", &shifted, &Y), &Number(0x7fff_ffff)));
        known.push(binary("shl", &binary("add", &X, &Number(u32::MAX)), &Number(shift)));
        known.push(shifted);
    }
    for number in [1, 7, 0x7f, 0x80, 0x7fff_ffff, 0x8000_0000, 0xffff_ff80, 0xffff_fff8, u32::MAX] {
        known.push(binary("add", &X, &Number(number)));
        known.push(binary("sub", &X, &Number(number)));
        known.push(binary("add", &binary("add", &X, &Y), &Number(number)));
        known.push(binary("add", &binary("add", &X, &Number(number)), &binary("add", &Y, &Number(number))));
        known.push(Wrapped(Box::new(X), number.into()));
        known.push(Wrapped(Box::new(X), u64::from(number) << 32 | 5));
    }
    known
}

const OFFSETS: [u32; 11] =
    [0, 1, 8, 4_095, 65_528, 65_535, 0x01ff_fff8, 0x7fff_fff8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

const PAGE: u64 = 65_536;

/// The result of a load from a page in which `byte` gives the content of each address.
fn wanted(address: u32, offset: u32, bytes: u64) -> Result<u128, Trap> {
    let start = u64::from(address) + u64::from(offset);
    if start + bytes > PAGE {
        return Err(Trap::MemoryOutOfBounds);
    }
    let all = (0..bytes).map(|at| u128::from(byte(start + at)) << (8 * at));
    Ok(all.sum())
}

fn byte(at: u64) -> u8 {
    (at.wrapping_mul(0x9e37_79b9) >> 11) as u8
}

/// An expression with a summand chosen so that it yields the address `to` for these operands, in 32 bits.
fn leading_to(address: &Address, to: u32, (x, y): (u32, u32)) -> Address {
    let summand = Number(to.wrapping_sub(address.value(x, y)));
    Binary("add", Box::new(address.clone()), Box::new(summand))
}

/// An address, an offset, a load with its bytes, and operands of calls.
type Access<'a> = (Address, u32, (&'a str, u64), Vec<(u32, u32)>);

#[test]
fn addresses_wrap_and_offsets_do_not() {
    let mut random = Random(7);
    let mut expressions = known();
    expressions.extend((0..150).map(|at| Address::any(&mut random, 1 + at % 4)));
    let operands = [0, 1, 4, 0x7ff8, 0x1_0000, 0x7fff_fff8, 0x8000_0001, 0xffff_fff8, u32::MAX];
    let mut functions = Vec::new();
    for expression in &expressions {
        let offset = if random.below(2) == 0 { 0 } else { *random.one_of(&OFFSETS) };
        let (load, bytes) = *random.one_of(&[("i64.load", 8), ("i64.load8_u", 1), ("i64.load32_u", 4)]);
        let mut calls = vec![(*random.one_of(&operands), *random.one_of(&operands))];
        functions.push((expression.clone(), offset, (load, bytes), calls.clone()));
        // And the address inside of the page, for the first operands at least.
        calls.push((random.next() as u32, random.next() as u32));
        let place = [0, 1, 4_096, 65_528, 65_535][random.below(5)];
        let address = leading_to(expression, place, calls[0]);
        functions.push((address, [0, 0, 8][random.below(3)], (load, bytes), calls));
    }
    let text = |(at, (address, offset, (load, _), _)): (usize, &Access)| {
        let address = address.text();
        let store = load.replace("load", "store").replace("_u", "");
        format!(
            "(func (export \"load {at}\") (param i32 i32) (result i64) ({load} offset={offset} {address}))
             (func (export \"store {at}\") (param i32 i32) (result i64)
                ({store} offset={offset} {address} (i64.const -1)) ({load} offset={offset} {address}))\n"
        )
    };
    let text: String = functions.iter().enumerate().map(text).collect();
    let text = format!("(module (memory (export \"memory\") 1) {text})");
    let mut within = 0;
    for way in all_ways() {
        let (mut store, instance) = way.instance(&text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        let contents: Vec<u8> = (0..PAGE).map(byte).collect();
        memory.data_mut(&mut store).copy_from_slice(&contents);
        for (at, (address, offset, (_, bytes), calls)) in functions.iter().enumerate() {
            for (x, y) in calls {
                let arguments = [Val::I32(*x as i32), Val::I32(*y as i32)];
                let target = address.value(*x, *y);
                let wanted = wanted(target, *offset, *bytes);
                let func = instance.get_func(&mut store, &format!("load {at}")).expect("it is exported");
                let found = call(&mut store, func, &arguments);
                let case = || format!("{address:?} of {x:#x}, {y:#x} + {offset:#x}: {}", way.name);
                assert_eq!(found, wanted, "load {}", case());

                let func = instance.get_func(&mut store, &format!("store {at}")).expect("it is exported");
                let found = call(&mut store, func, &arguments);
                assert_eq!(found, wanted.map(|_| u128::MAX >> (128 - 8 * bytes)), "store {}", case());
                let data = memory.data_mut(&mut store);
                if wanted.is_ok() {
                    within += 1;
                    let start = (u64::from(target) + u64::from(*offset)) as usize;
                    let range = start..start + *bytes as usize;
                    data[range.clone()].copy_from_slice(&contents[range]);
                }
                assert!(data == contents, "nothing else is written: {}", case());
            }
        }
    }
    assert!(within > 5_000, "only {within} accesses were within the memory");
}

/// With all 4 GiB, only the range behind the end can trap.
#[test]
fn the_ends_of_the_largest_memory() {
    let mut functions = String::new();
    for (at, offset) in OFFSETS.into_iter().enumerate() {
        functions += &format!(
            "(func (export \"{at}\") (param i32 i32) (result i64)
                (i64.store offset={offset} (i32.add (i32.shl (local.get 0) (i32.const 3)) (local.get 1)) (i64.const 77))
                (i64.load offset={offset} (i32.add (i32.shl (local.get 0) (i32.const 3)) (local.get 1))))\n"
        );
    }
    let text = format!("(module (memory (export \"memory\") 65536) {functions})");
    for way in all_ways() {
        let (mut store, instance) = way.instance(&text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        for (at, offset) in OFFSETS.into_iter().enumerate() {
            let func = instance.get_func(&mut store, &at.to_string()).expect("it is exported");
            for (x, y) in
                [(0, 0), (0x1fff_ffff, 0), (0x1fff_ffff, 1), (u32::MAX, 8), (0x2000_0000, 0xffff_fff9)]
            {
                let address = (x << 3_u32).wrapping_add(y);
                let start = u64::from(address) + u64::from(offset);
                let wanted = if start + 8 > 1 << 32 { Err(Trap::MemoryOutOfBounds) } else { Ok(77) };
                let found = call(&mut store, func, &[Val::I32(x as i32), Val::I32(y as i32)]);
                assert_eq!(found, wanted, "{x:#x} {y:#x} + {offset:#x}: {}", way.name);
                if let Ok(start) = usize::try_from(start)
                    && wanted.is_ok()
                {
                    let data = memory.data_mut(&mut store);
                    assert_eq!(data[start..start + 8], 77_u64.to_le_bytes(), "{}", way.name);
                    data[start..start + 8].fill(0);
                }
            }
        }
    }
}

/// More addresses than registers are live over a call: those spilled to the frame are restored unchanged, without
/// sign extension.
#[test]
fn addresses_that_waited_in_the_frame() {
    const WAITING: u32 = 40;
    let waiting: String = (0..WAITING)
        .map(|at| format!("(local.set {} (i32.add (local.get 0) (i32.const {})))", at + 2, 16 * at))
        .collect();
    let loads: String = (0..WAITING)
        .map(|at| {
            let sum = "(i64.mul (local.get 1) (i64.const 31))";
            format!("(local.set 1 (i64.add {sum} (i64.load8_u offset=OFFSET (local.get {}))))", at + 2)
        })
        .collect();
    let function = |offset: u32| {
        let loads = loads.replace("OFFSET", &offset.to_string());
        let locals = "(local i64)".to_string() + &"(local i32)".repeat(WAITING as usize);
        format!(
            "(func (export \"{offset}\") (param i32) (result i64) {locals}
                {waiting} (drop (call $far (i32.const 3))) {loads} (local.get 1))\n"
        )
    };
    let text = format!(
        "(module (memory (export \"memory\") 40000)
            (func $far (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (call $far (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7))))
            {} {})",
        function(0),
        function(5)
    );
    for way in all_ways() {
        let (mut store, instance) = way.instance(&text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        // On both sides of 2 GiB, where the sign bit starts, and wrapping around at the end.
        for start in [0x7fff_ff00_u32, 0x8000_0000, 0x9000_0000, 100] {
            for offset in [0, 5] {
                let mut wanted = 0_u64;
                for at in 0..WAITING {
                    let place = (start + 16 * at + offset) as usize;
                    memory.data_mut(&mut store)[place] = at as u8 + 1;
                    wanted = wanted.wrapping_mul(31).wrapping_add(u64::from(at) + 1);
                }
                let func = instance.get_func(&mut store, &offset.to_string()).expect("it is exported");
                let found = call(&mut store, func, &[Val::I32(start as i32)]);
                assert_eq!(found, Ok(wanted.into()), "{start:#x} + {offset}: {}", way.name);
            }
        }
    }
}
