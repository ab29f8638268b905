//! Cranelift signatures of guest functions, and of the functions of the runtime that they call.
//!
//! A guest function takes its context, its WebAssembly parameters, and last what is left of the stack. It uses the `tail`
//! convention, so that support for tail calls will not change signatures.

use cranelift_codegen::ir::{AbiParam, Signature, Type, types};
use cranelift_codegen::isa::CallConv;

use crate::base::types::{FuncType, ValType};

use super::target::Target;

/// Addresses are 64 bits wide.
pub const POINTER: Type = types::I64;

/// The machine type of a value. References to functions are addresses, references into the collected heap are handles
/// of 32 bits, and vectors are sixteen bytes.
pub fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
        ValType::Ref(_) if ty.is_collected() => types::I32,
        ValType::Ref(_) => POINTER,
    }
}

/// The signature of a guest function.
pub fn guest(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.push(AbiParam::new(POINTER));
    signature.params.extend(ty.params().map(|ty| AbiParam::new(clif_type(ty))));
    signature.params.push(AbiParam::new(types::I64));
    signature.returns.extend(ty.results().map(|ty| AbiParam::new(clif_type(ty))));
    signature
}

/// The signature of a function of the runtime: it takes `params` machine words and returns one.
pub fn builtin(target: &Target, params: usize) -> Signature {
    let mut signature = Signature::new(target.host_call_conv());
    signature.params.extend(std::iter::repeat_n(AbiParam::new(types::I64), params));
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The signature of a stub that keeps every register: it takes `params` machine words and returns nothing. An ordinary
/// call on a cold path would make the hot path keep its values out of the caller-saved registers.
pub fn stub(params: usize) -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature.params.extend(std::iter::repeat_n(AbiParam::new(types::I64), params));
    signature
}
