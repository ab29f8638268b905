//! Operators whose operand is loaded from the last bytes of a memory, or whose result is stored there.
//!
//! A code generator merges a load and the operator that uses it into one instruction. If that instruction reads more
//! bytes than the load would have read, it faults at the end of a memory, or reads what is behind it: `f64.copysign`
//! and `f64x2.splat` did so in releases. Without signals such a fault ends the process.

use tinkerbox_wasm::*;

use super::operators::{self, Operator, values};
use super::{ROOMS, Random, Way, bits, call, way};

const PAGE: u32 = 65_536;

/// A load with its immediates, and the number of bytes that it reads.
type Load = (&'static str, u32);

fn loads(ty: &str) -> &'static [Load] {
    match ty {
        "i32" => &[
            ("i32.load", 4),
            ("i32.load8_s", 1),
            ("i32.load8_u", 1),
            ("i32.load16_s", 2),
            ("i32.load16_u", 2),
        ],
        "i64" => &[
            ("i64.load", 8),
            ("i64.load8_u", 1),
            ("i64.load8_s", 1),
            ("i64.load16_s", 2),
            ("i64.load32_s", 4),
            ("i64.load32_u", 4),
        ],
        "f32" => &[("f32.load", 4)],
        "f64" => &[("f64.load", 8)],
        _ => &[
            ("v128.load", 16),
            ("v128.load64_zero", 8),
            ("v128.load32_zero", 4),
            ("v128.load8x8_s", 8),
            ("v128.load32x2_u", 8),
            ("v128.load8_splat", 1),
            ("v128.load16_splat", 2),
            ("v128.load32_splat", 4),
            ("v128.load64_splat", 8),
        ],
    }
}

/// The settings of signals and optimisation that affect loads, including a memory that may have nothing accessible
/// behind it.
fn ways() -> [Way; 4] {
    [
        way(OptLevel::Speed, true, ROOMS[0], false),
        way(OptLevel::Speed, false, ROOMS[3], false),
        way(OptLevel::None, false, ROOMS[0], false),
        way(OptLevel::Speed, true, ROOMS[2], true),
    ]
}

fn module(functions: &str) -> String {
    format!("(module (memory (export \"memory\") 1 1) {functions})")
}

/// A module in a store, its page filled with pseudo-random bytes.
fn filled(way: &Way, functions: &str) -> (Store<()>, Instance) {
    let (mut store, instance) = way.instance(&module(functions));
    fill(&mut store, instance);
    (store, instance)
}

fn fill(store: &mut Store<()>, instance: Instance) {
    let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
    let mut random = Random(5);
    for chunk in memory.data_mut(store).chunks_mut(8) {
        chunk.copy_from_slice(&random.next().to_le_bytes());
    }
}

/// A function for each load of each operand, with and without an offset; the address is its last parameter.
fn loaded(operator: &Operator) -> Vec<(usize, Load, u32, String)> {
    let mut functions = Vec::new();
    for (operand, ty) in operator.operands.iter().enumerate() {
        for (load, bytes) in loads(ty) {
            for offset in [0, 9] {
                let address = operator.operands.len();
                let operands: Vec<String> = (0..operator.operands.len())
                    .map(|at| match at == operand {
                        true => format!("({load} offset={offset} (local.get {address}))"),
                        false => format!("(local.get {at})"),
                    })
                    .collect();
                let types =
                    format!("(param {} i32) (result {})", operator.operands.join(" "), operator.result);
                functions.push((
                    operand,
                    (*load, *bytes),
                    offset,
                    format!("{types} {}", operator.apply(&operands)),
                ));
            }
        }
    }
    functions
}

#[test]
fn operands_from_the_last_bytes_of_a_memory() {
    let plain = way(OptLevel::None, true, ROOMS[0], false);
    let ways = ways();
    let loads_alone: String = ["i32", "i64", "f32", "f64", "v128"]
        .into_iter()
        .flat_map(|ty| loads(ty).iter().map(move |load| (ty, load)))
        .map(|(ty, (load, _))| {
            format!("(func (export \"{load}\") (param i32) (result {ty}) ({load} (local.get 0)))\n")
        })
        .collect();
    let (mut loading, loader) = filled(&plain, &loads_alone);
    let mut random = Random(6);
    for operator in operators::all() {
        let gets: Vec<String> = (0..operator.operands.len()).map(|at| format!("(local.get {at})")).collect();
        let alone =
            format!("(module (func (export \"f\") {} {}))", operator.signature(), operator.apply(&gets));
        let (mut store, instance) = plain.instance(&alone);
        let alone = instance.get_func(&mut store, "f").expect("it is exported");

        let functions = loaded(&operator);
        let text = |(at, (.., body)): (usize, &(usize, Load, u32, String))| {
            format!("(func (export \"{at}\") {body})\n")
        };
        let text: String = functions.iter().enumerate().map(text).collect();
        let mut machines: Vec<_> = ways.iter().map(|way| (&way.name, filled(way, &text))).collect();
        for (at, (operand, (load, bytes), offset, body)) in functions.iter().enumerate() {
            let mut operands: Vec<Val> =
                operator.operands.iter().map(|ty| *random.one_of(&values(ty))).collect();
            operands.push(Val::I32(0));
            for back in [0, 1, 3] {
                let address = PAGE - bytes - back;
                let loader = loader.get_func(&mut loading, load).expect("it is exported");
                let mut value = [Val::I32(0)];
                loader.call(&mut loading, &[Val::I32(address as i32)], &mut value).expect("it is within");
                operands[*operand] = value[0];
                let wanted = call(&mut store, alone, &operands[..operator.operands.len()]);
                *operands.last_mut().expect("the address") = Val::I32((address - offset) as i32);
                for (name, (store, instance)) in &mut machines {
                    let func = instance.get_func(&mut *store, &at.to_string()).expect("it is exported");
                    assert_eq!(call(store, func, &operands), wanted, "{body}, {back} before the end: {name}");
                }
            }
            *operands.last_mut().expect("the address") = Val::I32((PAGE - bytes - offset + 1) as i32);
            for (name, (store, instance)) in &mut machines {
                let func = instance.get_func(&mut *store, &at.to_string()).expect("it is exported");
                let found = call(store, func, &operands);
                assert_eq!(found, Err(Trap::MemoryOutOfBounds), "{body} beyond the end: {name}");
            }
        }
    }
}

/// Stores, and the loads of equal width with which they may be merged into one instruction.
const STORES: [(&str, &str, &str, u32); 7] = [
    ("i32", "i32.load", "i32.store", 4),
    ("i32", "i32.load8_u", "i32.store8", 1),
    ("i32", "i32.load16_s", "i32.store16", 2),
    ("i64", "i64.load", "i64.store", 8),
    ("i64", "i64.load8_s", "i64.store8", 1),
    ("i64", "i64.load16_u", "i64.store16", 2),
    ("i64", "i64.load32_u", "i64.store32", 4),
];

#[test]
fn the_last_bytes_of_a_memory_are_read_changed_and_written() {
    let names = ["add", "sub", "and", "or", "xor", "mul", "shl", "shr_u", "rotl"];
    let mut functions = Vec::new();
    for (ty, load, store, bytes) in STORES {
        for name in names {
            for swapped in [false, true] {
                let loaded = format!("({load} (local.get 1))");
                let operands = if swapped {
                    format!("(local.get 0) {loaded}")
                } else {
                    format!("{loaded} (local.get 0)")
                };
                let result = format!("({ty}.{name} {operands})");
                functions.push((ty, bytes, format!("({store} (local.get 1) {result})"), result));
            }
        }
    }
    let text = |(at, (ty, _, change, result)): (usize, &(&str, u32, String, String))| {
        format!(
            "(func (export \"change {at}\") (param {ty} i32) {change})
             (func (export \"result {at}\") (param {ty} i32) (result {ty}) {result})\n"
        )
    };
    let text: String = functions.iter().enumerate().map(text).collect();
    for way in ways() {
        let (mut store, instance) = filled(&way, &text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        for (at, (ty, bytes, change, _)) in functions.iter().enumerate() {
            for operand in values(ty) {
                let address = PAGE - bytes;
                let operands = [operand, Val::I32(address as i32)];
                let mut wanted = memory.data(&store)[PAGE as usize - 16..].to_vec();
                let result = instance.get_func(&mut store, &format!("result {at}")).expect("it is exported");
                let result = call(&mut store, result, &operands).expect("it is within").to_le_bytes();
                let bytes = *bytes as usize;
                wanted[16 - bytes..].copy_from_slice(&result[..bytes]);
                let func = instance.get_func(&mut store, &format!("change {at}")).expect("it is exported");
                func.call(&mut store, &operands, &mut []).expect("it is within");
                assert_eq!(memory.data(&store)[PAGE as usize - 16..], wanted, "{change}: {}", way.name);

                let beyond = [operand, Val::I32(address as i32 + 1)];
                let error = func.call(&mut store, &beyond, &mut []).expect_err("it is beyond the end");
                assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{change}: {}", way.name);
                assert_eq!(memory.data(&store)[PAGE as usize - 16..], wanted, "{change}: {}", way.name);
            }
        }
    }
}

#[test]
fn lanes_to_and_from_the_last_bytes_of_a_memory() {
    let mut functions = Vec::new();
    for (size, lanes) in [(1, 16), (2, 8), (4, 4), (8, 2_u32)] {
        for lane in 0..lanes {
            functions.push((size, lane, size * 8));
        }
    }
    let text: String = functions
        .iter()
        .map(|(_, lane, bits)| {
            format!(
                "(func (export \"store {bits} {lane}\") (param v128 i32)
                   (v128.store{bits}_lane {lane} (local.get 1) (local.get 0)))
                 (func (export \"load {bits} {lane}\") (param v128 i32) (result v128)
                   (v128.load{bits}_lane {lane} (local.get 1) (local.get 0)))\n"
            )
        })
        .collect();
    let given = Val::V128(V128::from(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100_u128 ^ u128::MAX));
    for way in ways() {
        let (mut store, instance) = filled(&way, &text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        for (size, lane, of) in &functions {
            let place = (size * lane) as usize..(size * (lane + 1)) as usize;
            let last = (PAGE - size) as usize;
            let load = instance.get_func(&mut store, &format!("load {of} {lane}")).expect("it is exported");
            let mut wanted = bits(&given).to_le_bytes();
            wanted[place.clone()].copy_from_slice(&memory.data(&store)[last..]);
            let found = call(&mut store, load, &[given, Val::I32(last as i32)]);
            assert_eq!(found, Ok(u128::from_le_bytes(wanted)), "load {of} {lane}: {}", way.name);
            let found = call(&mut store, load, &[given, Val::I32(last as i32 + 1)]);
            assert_eq!(found, Err(Trap::MemoryOutOfBounds), "load {of} {lane}: {}", way.name);

            let mut wanted = memory.data(&store)[last - 16..].to_vec();
            wanted[16..].copy_from_slice(&bits(&given).to_le_bytes()[place]);
            let func = instance.get_func(&mut store, &format!("store {of} {lane}")).expect("it is exported");
            func.call(&mut store, &[given, Val::I32(last as i32)], &mut []).expect("it is within");
            assert_eq!(memory.data(&store)[last - 16..], wanted, "store {of} {lane}: {}", way.name);
            let beyond = func.call(&mut store, &[given, Val::I32(last as i32 + 1)], &mut []);
            let error = beyond.expect_err("it is beyond the end");
            assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
            assert_eq!(memory.data(&store)[last - 16..], wanted, "store {of} {lane}: {}", way.name);
            fill(&mut store, instance);
        }
    }
}
