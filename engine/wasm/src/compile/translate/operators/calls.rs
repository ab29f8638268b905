//! THE SANDBOX RESTS ON THIS FILE: direct, imported and indirect calls, and calls into the runtime.
//!
//! Before a call that may reach a host function, the caller's instance is noted in the store. So direct calls need not
//! pass it along.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    ExtFuncData, ExternalName, FuncRef, InstBuilder, MemFlagsData, SigRef, UserExternalName, Value, types,
};
use std::mem::{offset_of, size_of};
use wasmparser::HeapType;

use crate::base::indices::{FuncIndex, TableIndex, TypeIndex};
use crate::base::layout::{
    BUILTIN_ERROR, SignatureId, VmBuiltins, VmFuncImport, VmFuncRef, VmInstance, VmStore,
};
use crate::base::trap::Trap;
use crate::base::types::FuncType;
use crate::compile::marks::trap_code;
use crate::compile::signature::{self, POINTER};
use crate::compile::translate::fields::{constant, field, store_field};
use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    pub(super) fn call(&mut self, func: FuncIndex) {
        let info = self.module.info;
        let ty = info.func_type(func);
        let params = ty.params().len();
        let inst = if func.index() < info.imported_funcs {
            let import = self.module.layout.imported_func(func);
            let code = self.load_constant(self.context, import + offset_of!(VmFuncImport, code) as u32);
            let context = self.load_constant(self.context, import + offset_of!(VmFuncImport, context) as u32);
            let signature = self.signature(info.funcs[func.index()]);
            let args = self.call_args(context, params);
            self.note_caller();
            self.builder.ins().call_indirect(signature, code, &args)
        } else {
            let callee = self.func_ref(func);
            let args = self.call_args(self.context, params);
            self.builder.ins().call(callee, &args)
        };
        self.push_results(inst, ty);
    }

    pub(super) fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex) {
        let index = self.pop();
        let element = self.table_element_address(table, index);
        let func = self.builder.ins().load(POINTER, MemFlagsData::trusted(), element, 0);
        let not_null = self.not_null(func, Trap::IndirectCallToNull);
        let found = offset_of!(VmFuncRef, signature);
        let found = self.builder.ins().load(types::I32, not_null, func, field(found));
        let wanted = self.signature_id(ty);
        let differs = self.builder.ins().icmp(IntCC::NotEqual, found, wanted);
        self.trap_if(differs, Trap::BadSignature);

        let trusted = MemFlagsData::trusted();
        let code = self.builder.ins().load(POINTER, trusted, func, field(offset_of!(VmFuncRef, code)));
        let context = self.builder.ins().load(POINTER, trusted, func, field(offset_of!(VmFuncRef, context)));
        let signature = self.signature(ty);
        let ty = &self.module.info.types[ty.index()];
        let args = self.call_args(context, ty.params().len());
        self.note_caller();
        let inst = self.builder.ins().call_indirect(signature, code, &args);
        self.push_results(inst, ty);
    }

    pub(super) fn ref_null(&mut self, ty: HeapType) {
        let machine_type = if ty == HeapType::EXTERN { types::I32 } else { POINTER };
        let null = self.builder.ins().iconst(machine_type, 0);
        self.push(null);
    }

    pub(super) fn ref_func(&mut self, func: FuncIndex) {
        let slot =
            self.module.info.escaped_slot(func).expect("validation demands that the function is declared");
        let offset = self.module.layout.func_ref(slot);
        let address = self.builder.ins().iadd_imm_s(self.context, i64::from(offset));
        self.push(address);
    }

    /// Calls a function of the runtime with this instance and the operands.
    ///
    /// If it returns [`BUILTIN_ERROR`], an error is pending, and the guest lands.
    pub(super) fn call_builtin(&mut self, builtin: usize, operands: &[Value]) -> Value {
        let signature = signature::builtin(self.module.target, operands.len() + 1);
        let signature = self.builder.import_signature(signature);
        let mut args = vec![self.context];
        for &operand in operands {
            args.push(self.widened(operand));
        }
        let address = self.builtin_address(builtin);
        let inst = self.builder.ins().call_indirect(signature, address, &args);
        let result = self.builder.inst_results(inst)[0];

        let (raise, go) = (self.create_block([]), self.create_block([]));
        self.builder.set_cold_block(raise);
        let failed = self.builder.ins().icmp_imm_s(IntCC::Equal, result, BUILTIN_ERROR);
        self.builder.ins().brif(failed, raise, &[], go, &[]);
        self.builder.switch_to_block(raise);
        self.builder.seal_block(raise);
        let store = self.store_address();
        self.call_stub(offset_of!(VmBuiltins, raise), &[store]);
        self.builder.ins().trap(trap_code(Trap::UnreachableCodeReached));
        self.builder.switch_to_block(go);
        self.builder.seal_block(go);
        result
    }

    /// Calls a function of the runtime that may run code of the host: a limiter, which may call guests of other stores.
    /// Such guests continue the count of the stack from here, as guests that a host function calls do.
    pub(super) fn call_builtin_of_host(&mut self, builtin: usize, operands: &[Value]) -> Value {
        let store = self.store_address();
        store_field(&mut self.builder, store, offset_of!(VmStore, stack), self.stack_left);
        self.call_builtin(builtin, operands)
    }

    /// Calls a function of the C library, which cannot fail.
    pub(super) fn call_plain(&mut self, builtin: usize, operands: [Value; 3]) {
        let signature = signature::builtin(self.module.target, operands.len());
        let signature = self.builder.import_signature(signature);
        let operands = operands.map(|operand| self.widened(operand));
        let address = self.builtin_address(builtin);
        self.builder.ins().call_indirect(signature, address, &operands);
    }

    fn widened(&mut self, operand: Value) -> Value {
        match self.builder.func.dfg.value_type(operand) {
            types::I32 => self.builder.ins().uextend(types::I64, operand),
            _ => operand,
        }
    }

    fn note_caller(&mut self) {
        let offset = field(offset_of!(VmStore, caller));
        let store = self.store_address();
        self.builder.ins().store(MemFlagsData::trusted(), self.context, store, offset);
    }

    fn call_args(&mut self, context: Value, params: usize) -> Vec<Value> {
        let at = self.stack.len() - params;
        let mut args = vec![context];
        args.extend(self.stack.drain(at..));
        args.push(self.stack_left);
        args
    }

    fn push_results(&mut self, inst: cranelift_codegen::ir::Inst, ty: &FuncType) {
        let results = self.builder.inst_results(inst).to_vec();
        for (result, ty) in results.into_iter().zip(ty.results()) {
            self.push_typed(result, ty);
        }
    }

    fn signature_id(&mut self, ty: TypeIndex) -> Value {
        let ids = self.load_constant(self.context, offset_of!(VmInstance, signatures) as u32);
        let offset = ty.index() * size_of::<SignatureId>();
        self.builder.ins().load(types::I32, constant(), ids, field(offset))
    }

    fn signature(&mut self, ty: TypeIndex) -> SigRef {
        if let Some(signature) = self.signatures.get(&ty) {
            return *signature;
        }
        let signature = signature::guest(&self.module.info.types[ty.index()]);
        let signature = self.builder.import_signature(signature);
        self.signatures.insert(ty, signature);
        signature
    }

    fn func_ref(&mut self, func: FuncIndex) -> FuncRef {
        if let Some(callee) = self.funcs.get(&func) {
            return *callee;
        }
        let signature = self.signature(self.module.info.funcs[func.index()]);
        let name = UserExternalName { namespace: 0, index: func.0 };
        let name = self.builder.func.declare_imported_user_function(name);
        let callee = self.builder.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.funcs.insert(func, callee);
        callee
    }
}
