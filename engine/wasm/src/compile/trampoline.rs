//! THE SANDBOX RESTS ON THIS FILE: the doors between host and guest, one pair for each signature.
//!
//! They are compiled like functions of a module, but not from WebAssembly.
//!
//! ```text
//! host ── enter(context, code, slots, store) ──> guest function
//!         notes the landing in the store, takes the fuel into the pinned register, passes on what
//!         is left of the stack, calls; a trap anywhere below arrives at `trapped`
//! guest ── leave(context, params...) ──> context.call(context, slots) ──> host function
//!         puts the fuel and what is left of the stack into the store, and takes the fuel back afterwards; calls `raise`
//!         on an error
//! ```

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, ExceptionTableData, ExceptionTableItem, Function, InstBuilder, MemFlagsData,
    Signature, StackSlotData, StackSlotKind, UserFuncName, Value, types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::mem::{offset_of, size_of};

use super::body::CodeLocation;
use super::function::{Compiled, guarded};
use super::join::{Code, join};
use super::marks::trap_code;
use super::signature::{self, POINTER, clif_type};
use super::stops::Stopping;
use super::target::Target;
use super::translate::fields::{field, load_field, store_field};
use super::translate::guard_stack;
use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;
use crate::base::layout::{Slot, VmBuiltins, VmHostFunc, VmLanding, VmStore};
use crate::base::trap::Trap;
use crate::base::types::{FuncType, ValType};

/// What the way in returns: 0, or 1 after a trap.
pub type Enter = unsafe extern "C" fn(*mut u8, *const u8, *mut Slot, *mut VmStore) -> u64;

/// Compiles the two doors for a signature: the way in, then the way out.
///
/// # Errors
/// The signature has more parameters or results than the compiler accepts.
pub fn compile(ty: &FuncType, target: &Target) -> Result<Code, InvalidModule> {
    let enter = guarded(|| emit(enter(ty, target), target))?;
    let leave = guarded(|| emit(leave(ty, target), target))?;
    join(vec![enter, leave], FuncIndex(0))
}

fn emit(func: Function, target: &Target) -> Result<Compiled, InvalidModule> {
    let mut context = Context::for_function(func);
    context.compile(target.isa(), &mut ControlPlane::default()).map_err(|error| {
        InvalidModule::new(format!("no trampoline for this signature: {:?}", error.inner), None)
    })?;
    let code = context.compiled_code().expect("it was compiled just now");
    let nowhere = |_| CodeLocation { wasm_offset: 0, call: None };
    let compiled = Compiled::new(code, &context.func, Stopping::nowhere(code), nowhere, |_, _| 0);
    compiled.check_for_faults(code, target, None)
}

/// The way in: takes the arguments from the slots, and leaves the results there.
fn enter(ty: &FuncType, target: &Target) -> Function {
    let mut signature = Signature::new(target.host_call_conv());
    signature.params.extend([AbiParam::new(POINTER); 4]);
    signature.returns.push(AbiParam::new(types::I64));
    let mut func = Function::with_name_signature(UserFuncName::user(1, 0), signature);
    let mut frontend = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut func, &mut frontend);

    let [start, call, returned, trapped] = std::array::from_fn(|_| b.create_block());
    b.append_block_params_for_function_params(start);
    for result in ty.results() {
        b.append_block_param(returned, clif_type(result));
    }

    b.switch_to_block(start);
    let [context, code, slots, store] = b.block_params(start).try_into().expect("four parameters");
    let host_value = b.ins().get_pinned_reg(types::I64);
    b.ins().jump(call, &[]);

    b.switch_to_block(call);
    note_landing(&mut b, store, call);
    let mut args = vec![context];
    args.extend(load_values(&mut b, ty.params(), slots));
    args.push(load_field(&mut b, store, offset_of!(VmStore, stack)));
    let fuel = load_field(&mut b, store, offset_of!(VmStore, fuel));
    b.ins().set_pinned_reg(fuel);
    let callee = b.import_signature(signature::guest(ty));
    let results: Vec<BlockArg> = (0..ty.results().len() as u32).map(BlockArg::TryCallRet).collect();
    let returns = b.func.dfg.block_call(returned, &results);
    let lands = b.func.dfg.block_call(trapped, &[]);
    let table = ExceptionTableData::new(callee, returns, [ExceptionTableItem::Default(lands)]);
    let table = b.func.dfg.exception_tables.push(table);
    b.ins().try_call_indirect(code, &args, table);

    b.switch_to_block(returned);
    let results = b.block_params(returned).to_vec();
    store_values(&mut b, &results, slots);
    return_to_host(&mut b, store, host_value, 0);

    b.switch_to_block(trapped);
    return_to_host(&mut b, store, host_value, 1);

    b.seal_all_blocks();
    b.finalize(target.isa().frontend_config());
    func
}

/// Notes in the store where a trap lands: at the handler of the call in `block`.
fn note_landing(b: &mut FunctionBuilder<'_>, store: Value, block: Block) {
    let landing = offset_of!(VmStore, landing);
    let fp = b.ins().get_frame_pointer(POINTER);
    let sp = b.ins().get_stack_pointer(POINTER);
    let pc = b.ins().get_exception_handler_address(POINTER, block, 0);
    store_field(b, store, landing + offset_of!(VmLanding, fp), fp);
    store_field(b, store, landing + offset_of!(VmLanding, sp), sp);
    store_field(b, store, landing + offset_of!(VmLanding, pc), pc);
}

/// Puts the fuel back into the store, gives the host its register back, and returns.
fn return_to_host(b: &mut FunctionBuilder<'_>, store: Value, host_value: Value, status: i64) {
    let fuel = b.ins().get_pinned_reg(types::I64);
    store_field(b, store, offset_of!(VmStore, fuel), fuel);
    b.ins().set_pinned_reg(host_value);
    let status = b.ins().iconst(types::I64, status);
    b.ins().return_(&[status]);
}

/// The way out: puts the arguments into slots of its own frame, and takes the results from there.
fn leave(ty: &FuncType, target: &Target) -> Function {
    let mut func = Function::with_name_signature(UserFuncName::user(1, 1), signature::guest(ty));
    let mut frontend = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut func, &mut frontend);

    let [start, failed, done] = std::array::from_fn(|_| b.create_block());
    b.append_block_params_for_function_params(start);
    b.set_cold_block(failed);
    b.switch_to_block(start);
    let params = b.block_params(start).to_vec();
    let [context, ref params @ .., stack] = params[..] else {
        unreachable!("guest functions have these parameters")
    };
    guard_stack(&mut b, context, target);
    let slots = slots_for(&mut b, ty);
    store_values(&mut b, params, slots);
    let store = load_field(&mut b, context, offset_of!(VmHostFunc, store));
    note_exit(&mut b, store, stack);
    let code = load_field(&mut b, context, offset_of!(VmHostFunc, call));
    let signature = b.import_signature(signature::builtin(target, 2));
    let call = b.ins().call_indirect(signature, code, &[context, slots]);
    let status = b.inst_results(call)[0];
    let fuel = load_field(&mut b, store, offset_of!(VmStore, fuel));
    b.ins().set_pinned_reg(fuel);
    let failure = b.ins().icmp_imm_u(IntCC::NotEqual, status, 0);
    b.ins().brif(failure, failed, &[], done, &[]);

    b.switch_to_block(failed);
    let builtins = load_field(&mut b, store, offset_of!(VmStore, builtins));
    let raise = load_field(&mut b, builtins, offset_of!(VmBuiltins, raise));
    let signature = b.import_signature(signature::stub(1));
    b.ins().call_indirect(signature, raise, &[store]);
    b.ins().trap(trap_code(Trap::UnreachableCodeReached));

    b.switch_to_block(done);
    let results = load_values(&mut b, ty.results(), slots);
    b.ins().return_(&results);
    b.seal_all_blocks();
    b.finalize(target.isa().frontend_config());
    func
}

/// Reserves slots for the parameters or the results, whichever are more.
fn slots_for(b: &mut FunctionBuilder<'_>, ty: &FuncType) -> Value {
    let count = ty.params().len().max(ty.results().len()).max(1);
    let slots = b.create_sized_stack_slot(StackSlotData::new(
        StackSlotKind::ExplicitSlot,
        (count * size_of::<Slot>()) as u32,
        size_of::<Slot>().ilog2() as u8,
    ));
    b.ins().stack_addr(POINTER, slots, 0)
}

/// Notes in the store what the host needs to know of the guest: its frame, and what is left of the stack and of the fuel.
fn note_exit(b: &mut FunctionBuilder<'_>, store: Value, stack: Value) {
    let fp = b.ins().get_frame_pointer(POINTER);
    store_field(b, store, offset_of!(VmStore, exit_fp), fp);
    store_field(b, store, offset_of!(VmStore, stack), stack);
    let fuel = b.ins().get_pinned_reg(types::I64);
    store_field(b, store, offset_of!(VmStore, fuel), fuel);
}

/// Loads a value of each type from the slots.
fn load_values(
    b: &mut FunctionBuilder<'_>,
    types: impl Iterator<Item = ValType>,
    slots: Value,
) -> Vec<Value> {
    let load = |(index, ty)| {
        let offset = field(index * size_of::<Slot>());
        b.ins().load(clif_type(ty), MemFlagsData::trusted(), slots, offset)
    };
    types.enumerate().map(load).collect()
}

/// Stores the values into the slots.
fn store_values(b: &mut FunctionBuilder<'_>, values: &[Value], slots: Value) {
    for (index, value) in values.iter().enumerate() {
        b.ins().store(MemFlagsData::trusted(), *value, slots, field(index * size_of::<Slot>()));
    }
}
