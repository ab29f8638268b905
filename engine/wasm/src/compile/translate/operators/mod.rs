//! The operator match: one line for each operator, in the order of the specification's index.
//!
//! The methods that the lines call are in the files beside, one for each family of operators. Operators on vectors have
//! matches of their own in `simd/`.
//!
//! wasmparser's indices are plain numbers, which get the types of their index spaces here. The memory of a load or store
//! gets its type in `memory.rs`, with the rest of its `MemArg`.

mod calls;
mod control;
mod globals;
mod memory;
mod numeric;
mod simd;
mod tables;

use cranelift_codegen::ir::InstBuilder;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F32, F64, I8, I16, I32, I64};
use wasmparser::Operator;

use crate::base::error::InvalidModule;
use crate::base::indices::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use crate::compile::translate::translator::Translator;

/// The two tables or memories of a copy. Both indices have the same type, so they are told apart by name.
struct CopyIndices<I> {
    to: I,
    from: I,
}

impl Translator<'_, '_> {
    pub(super) fn translate(&mut self, operator: &Operator<'_>, offset: u64) -> Result<(), InvalidModule> {
        match operator {
            Operator::Block { blockty } => self.block(*blockty)?,
            Operator::Loop { blockty } => self.loop_(*blockty)?,
            Operator::If { blockty } => self.if_(*blockty)?,
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            _ if self.reachable => self.translate_reachable(operator, offset)?,
            _ => {}
        }
        Ok(())
    }

    fn translate_reachable(&mut self, operator: &Operator<'_>, offset: u64) -> Result<(), InvalidModule> {
        use Operator as O;
        match operator {
            O::Unreachable => self.unreachable(),
            O::Nop => {}
            O::Br { relative_depth } => self.br(*relative_depth),
            O::BrIf { relative_depth } => self.br_if(*relative_depth),
            O::BrTable { targets } => self.br_table(targets)?,
            O::Return => self.return_(),
            O::Call { function_index } => self.call(FuncIndex(*function_index)),
            O::CallIndirect { type_index, table_index } => {
                self.call_indirect(TypeIndex(*type_index), TableIndex(*table_index))
            }

            O::Drop => {
                self.pop();
            }
            O::Select => self.select(),
            O::TypedSelect { ty } => self.typed_select(*ty)?,

            O::LocalGet { local_index } => {
                let value = self.builder.use_var(self.local(*local_index));
                self.push(value);
            }
            O::LocalSet { local_index } => {
                let value = self.pop();
                self.builder.def_var(self.local(*local_index), value);
            }
            O::LocalTee { local_index } => {
                let value = self.pop();
                self.builder.def_var(self.local(*local_index), value);
                self.push(value);
            }
            O::GlobalGet { global_index } => self.global_get(GlobalIndex(*global_index)),
            O::GlobalSet { global_index } => self.global_set(GlobalIndex(*global_index)),

            O::TableGet { table } => self.table_get(TableIndex(*table)),
            O::TableSet { table } => self.table_set(TableIndex(*table)),
            O::TableSize { table } => self.table_size(TableIndex(*table)),
            O::TableGrow { table } => self.table_grow(TableIndex(*table)),
            O::TableFill { table } => self.table_fill(TableIndex(*table)),
            O::TableCopy { dst_table, src_table } => {
                self.table_copy(CopyIndices { to: TableIndex(*dst_table), from: TableIndex(*src_table) })
            }
            O::TableInit { elem_index, table } => self.table_init(ElemIndex(*elem_index), TableIndex(*table)),
            O::ElemDrop { elem_index } => self.elem_drop(ElemIndex(*elem_index)),
            O::RefNull { hty } => self.ref_null(*hty),
            O::RefIsNull => self.is_zero(),
            O::RefFunc { function_index } => self.ref_func(FuncIndex(*function_index)),

            O::I32Load { memarg } => self.load(I32, memarg),
            O::I64Load { memarg } => self.load(I64, memarg),
            O::F32Load { memarg } => self.load(F32, memarg),
            O::F64Load { memarg } => self.load(F64, memarg),
            O::I32Load8S { memarg } => self.load_extend(I8, I32, true, memarg),
            O::I32Load8U { memarg } => self.load_extend(I8, I32, false, memarg),
            O::I32Load16S { memarg } => self.load_extend(I16, I32, true, memarg),
            O::I32Load16U { memarg } => self.load_extend(I16, I32, false, memarg),
            O::I64Load8S { memarg } => self.load_extend(I8, I64, true, memarg),
            O::I64Load8U { memarg } => self.load_extend(I8, I64, false, memarg),
            O::I64Load16S { memarg } => self.load_extend(I16, I64, true, memarg),
            O::I64Load16U { memarg } => self.load_extend(I16, I64, false, memarg),
            O::I64Load32S { memarg } => self.load_extend(I32, I64, true, memarg),
            O::I64Load32U { memarg } => self.load_extend(I32, I64, false, memarg),
            O::I32Store { memarg }
            | O::I64Store { memarg }
            | O::F32Store { memarg }
            | O::F64Store { memarg } => self.store(memarg),
            O::I32Store8 { memarg } | O::I64Store8 { memarg } => self.store_narrow(I8, memarg),
            O::I32Store16 { memarg } | O::I64Store16 { memarg } => self.store_narrow(I16, memarg),
            O::I64Store32 { memarg } => self.store_narrow(I32, memarg),
            O::MemorySize { mem } => self.memory_size(MemoryIndex(*mem)),
            O::MemoryGrow { mem } => self.memory_grow(MemoryIndex(*mem)),
            O::MemoryFill { mem } => self.memory_fill(MemoryIndex(*mem)),
            O::MemoryCopy { dst_mem, src_mem } => {
                self.memory_copy(CopyIndices { to: MemoryIndex(*dst_mem), from: MemoryIndex(*src_mem) })
            }
            O::MemoryInit { data_index, mem } => self.memory_init(DataIndex(*data_index), MemoryIndex(*mem)),
            O::DataDrop { data_index } => self.data_drop(DataIndex(*data_index)),

            O::I32Const { value } => {
                let value = self.builder.ins().iconst(I32, i64::from(*value as u32));
                self.push(value);
            }
            O::I64Const { value } => {
                let value = self.builder.ins().iconst(I64, *value);
                self.push(value);
            }
            O::F32Const { value } => {
                let bits = cranelift_codegen::ir::immediates::Ieee32::with_bits(value.bits());
                let value = self.builder.ins().f32const(bits);
                self.push(value);
            }
            O::F64Const { value } => {
                let bits = cranelift_codegen::ir::immediates::Ieee64::with_bits(value.bits());
                let value = self.builder.ins().f64const(bits);
                self.push(value);
            }

            O::I32Eqz | O::I64Eqz => self.is_zero(),
            O::I32Eq | O::I64Eq => self.compare(IntCC::Equal),
            O::I32Ne | O::I64Ne => self.compare(IntCC::NotEqual),
            O::I32LtS | O::I64LtS => self.compare(IntCC::SignedLessThan),
            O::I32LtU | O::I64LtU => self.compare(IntCC::UnsignedLessThan),
            O::I32GtS | O::I64GtS => self.compare(IntCC::SignedGreaterThan),
            O::I32GtU | O::I64GtU => self.compare(IntCC::UnsignedGreaterThan),
            O::I32LeS | O::I64LeS => self.compare(IntCC::SignedLessThanOrEqual),
            O::I32LeU | O::I64LeU => self.compare(IntCC::UnsignedLessThanOrEqual),
            O::I32GeS | O::I64GeS => self.compare(IntCC::SignedGreaterThanOrEqual),
            O::I32GeU | O::I64GeU => self.compare(IntCC::UnsignedGreaterThanOrEqual),
            O::F32Eq | O::F64Eq => self.compare_floats(FloatCC::Equal),
            O::F32Ne | O::F64Ne => self.compare_floats(FloatCC::NotEqual),
            O::F32Lt | O::F64Lt => self.compare_floats(FloatCC::LessThan),
            O::F32Gt | O::F64Gt => self.compare_floats(FloatCC::GreaterThan),
            O::F32Le | O::F64Le => self.compare_floats(FloatCC::LessThanOrEqual),
            O::F32Ge | O::F64Ge => self.compare_floats(FloatCC::GreaterThanOrEqual),

            O::I32Clz | O::I64Clz => self.unary(|b, x| b.ins().clz(x)),
            O::I32Ctz | O::I64Ctz => self.unary(|b, x| b.ins().ctz(x)),
            O::I32Popcnt | O::I64Popcnt => self.unary(|b, x| b.ins().popcnt(x)),
            O::I32Add | O::I64Add => self.binary(|b, x, y| b.ins().iadd(x, y)),
            O::I32Sub | O::I64Sub => self.binary(|b, x, y| b.ins().isub(x, y)),
            O::I32Mul | O::I64Mul => self.binary(|b, x, y| b.ins().imul(x, y)),
            O::I32DivS | O::I64DivS => self.divide_signed(),
            O::I32DivU | O::I64DivU => self.divide(|b, x, y| b.ins().udiv(x, y)),
            O::I32RemS | O::I64RemS => self.divide(|b, x, y| b.ins().srem(x, y)),
            O::I32RemU | O::I64RemU => self.divide(|b, x, y| b.ins().urem(x, y)),
            O::I32And | O::I64And => self.binary(|b, x, y| b.ins().band(x, y)),
            O::I32Or | O::I64Or => self.binary(|b, x, y| b.ins().bor(x, y)),
            O::I32Xor | O::I64Xor => self.binary(|b, x, y| b.ins().bxor(x, y)),
            O::I32Shl | O::I64Shl => self.binary(|b, x, y| b.ins().ishl(x, y)),
            O::I32ShrS | O::I64ShrS => self.binary(|b, x, y| b.ins().sshr(x, y)),
            O::I32ShrU | O::I64ShrU => self.binary(|b, x, y| b.ins().ushr(x, y)),
            O::I32Rotl | O::I64Rotl => self.binary(|b, x, y| b.ins().rotl(x, y)),
            O::I32Rotr | O::I64Rotr => self.binary(|b, x, y| b.ins().rotr(x, y)),

            O::F32Abs | O::F64Abs => self.unary(|b, x| b.ins().fabs(x)),
            O::F32Neg | O::F64Neg => self.unary(|b, x| b.ins().fneg(x)),
            O::F32Ceil | O::F64Ceil => self.unary(|b, x| b.ins().ceil(x)),
            O::F32Floor | O::F64Floor => self.unary(|b, x| b.ins().floor(x)),
            O::F32Trunc | O::F64Trunc => self.unary(|b, x| b.ins().trunc(x)),
            O::F32Nearest | O::F64Nearest => self.unary(|b, x| b.ins().nearest(x)),
            O::F32Sqrt | O::F64Sqrt => self.unary(|b, x| b.ins().sqrt(x)),
            O::F32Add | O::F64Add => self.binary(|b, x, y| b.ins().fadd(x, y)),
            O::F32Sub | O::F64Sub => self.binary(|b, x, y| b.ins().fsub(x, y)),
            O::F32Mul | O::F64Mul => self.binary(|b, x, y| b.ins().fmul(x, y)),
            O::F32Div | O::F64Div => self.binary(|b, x, y| b.ins().fdiv(x, y)),
            O::F32Min | O::F64Min => self.binary(|b, x, y| b.ins().fmin(x, y)),
            O::F32Max | O::F64Max => self.binary(|b, x, y| b.ins().fmax(x, y)),
            O::F32Copysign | O::F64Copysign => self.binary(|b, x, y| b.ins().fcopysign(x, y)),

            O::I32WrapI64 => self.unary(|b, x| b.ins().ireduce(I32, x)),
            O::I64ExtendI32S => self.unary(|b, x| b.ins().sextend(I64, x)),
            O::I64ExtendI32U => self.unary(|b, x| b.ins().uextend(I64, x)),
            O::I32Extend8S => self.sign_extend(I8, I32),
            O::I32Extend16S => self.sign_extend(I16, I32),
            O::I64Extend8S => self.sign_extend(I8, I64),
            O::I64Extend16S => self.sign_extend(I16, I64),
            O::I64Extend32S => self.sign_extend(I32, I64),
            O::I32TruncF32S | O::I32TruncF64S => self.truncate_signed(I32),
            O::I32TruncF32U | O::I32TruncF64U => self.truncate_unsigned(I32),
            O::I64TruncF32S | O::I64TruncF64S => self.truncate_signed(I64),
            O::I64TruncF32U | O::I64TruncF64U => self.truncate_unsigned(I64),
            O::I32TruncSatF32S | O::I32TruncSatF64S => self.unary(|b, x| b.ins().fcvt_to_sint_sat(I32, x)),
            O::I32TruncSatF32U | O::I32TruncSatF64U => self.unary(|b, x| b.ins().fcvt_to_uint_sat(I32, x)),
            O::I64TruncSatF32S | O::I64TruncSatF64S => self.unary(|b, x| b.ins().fcvt_to_sint_sat(I64, x)),
            O::I64TruncSatF32U | O::I64TruncSatF64U => self.unary(|b, x| b.ins().fcvt_to_uint_sat(I64, x)),
            O::F32ConvertI32S | O::F32ConvertI64S => self.unary(|b, x| b.ins().fcvt_from_sint(F32, x)),
            O::F32ConvertI32U | O::F32ConvertI64U => self.unary(|b, x| b.ins().fcvt_from_uint(F32, x)),
            O::F64ConvertI32S | O::F64ConvertI64S => self.unary(|b, x| b.ins().fcvt_from_sint(F64, x)),
            O::F64ConvertI32U | O::F64ConvertI64U => self.unary(|b, x| b.ins().fcvt_from_uint(F64, x)),
            O::F32DemoteF64 => self.unary(|b, x| b.ins().fdemote(F32, x)),
            O::F64PromoteF32 => self.unary(|b, x| b.ins().fpromote(F64, x)),
            O::I32ReinterpretF32 => self.reinterpret(I32),
            O::I64ReinterpretF64 => self.reinterpret(I64),
            O::F32ReinterpretI32 => self.reinterpret(F32),
            O::F64ReinterpretI64 => self.reinterpret(F64),

            other if self.vector(other) => {}

            // Validation refuses the operators of features that are not supported. This catches a feature that was turned
            // on without being translated.
            other => {
                let message = format!("the operator {other:?} is not supported yet");
                return Err(InvalidModule::new(message, Some(offset)));
            }
        }
        Ok(())
    }
}
