//! Values of test scripts: arguments, and comparison of results with the expected ones.

use tinkerbox_wasm::{ExternRef, Store, V128, Val};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::{WastArg, WastRet};

/// An argument; an error names a type that this runtime cannot pass.
pub fn argument(argument: &WastArg<'_>, store: &mut Store<()>) -> Result<Val, &'static str> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Ok(Val::I32(*value)),
        WastArg::Core(WastArgCore::I64(value)) => Ok(Val::I64(*value)),
        WastArg::Core(WastArgCore::F32(value)) => Ok(Val::F32(value.bits)),
        WastArg::Core(WastArgCore::F64(value)) => Ok(Val::F64(value.bits)),
        WastArg::Core(WastArgCore::V128(value)) => {
            Ok(Val::V128(V128::from(u128::from_le_bytes(value.to_le_bytes()))))
        }
        WastArg::Core(WastArgCore::RefNull(ty)) if is(ty, AbstractHeapType::Func) => Ok(Val::FuncRef(None)),
        WastArg::Core(WastArgCore::RefNull(ty)) if is(ty, AbstractHeapType::Extern) => {
            Ok(Val::ExternRef(None))
        }
        WastArg::Core(WastArgCore::RefExtern(number)) => {
            let value = ExternRef::new(store, *number).expect("a test's values have room");
            Ok(value.into())
        }
        _ => Err("GC"),
    }
}

fn is(ty: &HeapType<'_>, wanted: AbstractHeapType) -> bool {
    matches!(ty, HeapType::Abstract { ty, .. } if *ty == wanted)
}

/// Whether the results are the expected ones; an error describes the difference.
pub fn check(wanted: &[WastRet<'_>], found: &[Val], store: &Store<()>) -> Result<(), String> {
    let equal = wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| match wanted {
            WastRet::Core(wanted) => matches(wanted, found, store),
            _ => false,
        });
    if equal { Ok(()) } else { Err(format!("expected {wanted:?}, got {}", show(found))) }
}

fn matches(wanted: &WastRetCore<'_>, found: &Val, store: &Store<()>) -> bool {
    match (wanted, found) {
        (WastRetCore::I32(wanted), Val::I32(found)) => wanted == found,
        (WastRetCore::I64(wanted), Val::I64(found)) => wanted == found,
        (WastRetCore::F32(wanted), Val::F32(found)) => matches_f32(wanted, *found),
        (WastRetCore::F64(wanted), Val::F64(found)) => matches_f64(wanted, *found),
        (WastRetCore::V128(wanted), Val::V128(found)) => matches_v128(wanted, found.as_u128()),
        (WastRetCore::RefNull(None), Val::FuncRef(None) | Val::ExternRef(None)) => true,
        (WastRetCore::RefNull(Some(ty)), Val::FuncRef(None)) => is_null_of(ty, AbstractHeapType::Func),
        (WastRetCore::RefNull(Some(ty)), Val::ExternRef(None)) => is_null_of(ty, AbstractHeapType::Extern),
        (WastRetCore::RefFunc(_), Val::FuncRef(Some(_))) => true,
        (WastRetCore::RefExtern(wanted), Val::ExternRef(Some(found))) => {
            let found =
                found.data(store).expect("nothing ends its scope").and_then(|data| data.downcast_ref());
            wanted.is_none_or(|wanted| found == Some(&wanted))
        }
        (WastRetCore::Either(all), _) => all.iter().any(|wanted| matches(wanted, found, store)),
        _ => false,
    }
}

/// The null of a kind is also the null of its bottom type.
fn is_null_of(ty: &HeapType<'_>, kind: AbstractHeapType) -> bool {
    let bottom = match kind {
        AbstractHeapType::Func => AbstractHeapType::NoFunc,
        _ => AbstractHeapType::NoExtern,
    };
    is(ty, kind) || is(ty, bottom)
}

/// A canonical NaN has only the highest bit of its payload set, an arithmetic one at least that bit.
fn matches_f32(wanted: &NanPattern<wast::token::F32>, found: u32) -> bool {
    const QUIET: u32 = 0x7fc0_0000;
    match wanted {
        NanPattern::CanonicalNan => found & 0x7fff_ffff == QUIET,
        NanPattern::ArithmeticNan => found & QUIET == QUIET,
        NanPattern::Value(wanted) => found == wanted.bits,
    }
}

fn matches_f64(wanted: &NanPattern<wast::token::F64>, found: u64) -> bool {
    const QUIET: u64 = 0x7ff8_0000_0000_0000;
    match wanted {
        NanPattern::CanonicalNan => found & 0x7fff_ffff_ffff_ffff == QUIET,
        NanPattern::ArithmeticNan => found & QUIET == QUIET,
        NanPattern::Value(wanted) => found == wanted.bits,
    }
}

/// Lane by lane, from the lowest bits up.
fn matches_v128(wanted: &V128Pattern, found: u128) -> bool {
    let lane = |at: usize, bits: usize| (found >> (at * bits)) as u64;
    match wanted {
        V128Pattern::I8x16(wanted) => (0..16).all(|at| wanted[at] == lane(at, 8) as i8),
        V128Pattern::I16x8(wanted) => (0..8).all(|at| wanted[at] == lane(at, 16) as i16),
        V128Pattern::I32x4(wanted) => (0..4).all(|at| wanted[at] == lane(at, 32) as i32),
        V128Pattern::I64x2(wanted) => (0..2).all(|at| wanted[at] == lane(at, 64) as i64),
        V128Pattern::F32x4(wanted) => (0..4).all(|at| matches_f32(&wanted[at], lane(at, 32) as u32)),
        V128Pattern::F64x2(wanted) => (0..2).all(|at| matches_f64(&wanted[at], lane(at, 64))),
    }
}

fn show(values: &[Val]) -> String {
    let show = |value: &Val| match value {
        Val::F32(bits) => format!("f32 {} ({bits:#010x})", f32::from_bits(*bits)),
        Val::F64(bits) => format!("f64 {} ({bits:#018x})", f64::from_bits(*bits)),
        other => format!("{other:?}"),
    };
    values.iter().map(show).collect::<Vec<_>>().join(", ")
}
