//! Arithmetic and comparisons on lanes of floats.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F32X4, F64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    pub(super) fn vector_floats(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match operator {
            O::F32x4Ceil => self.map(F32X4, |b, x| b.ins().ceil(x)),
            O::F32x4Floor => self.map(F32X4, |b, x| b.ins().floor(x)),
            O::F32x4Trunc => self.map(F32X4, |b, x| b.ins().trunc(x)),
            O::F32x4Nearest => self.map(F32X4, |b, x| b.ins().nearest(x)),
            O::F32x4Abs => self.map(F32X4, |b, x| b.ins().fabs(x)),
            O::F32x4Neg => self.map(F32X4, |b, x| b.ins().fneg(x)),
            O::F32x4Sqrt => self.map(F32X4, |b, x| b.ins().sqrt(x)),
            O::F32x4Add => self.zip(F32X4, |b, x, y| b.ins().fadd(x, y)),
            O::F32x4Sub => self.zip(F32X4, |b, x, y| b.ins().fsub(x, y)),
            O::F32x4Mul => self.zip(F32X4, |b, x, y| b.ins().fmul(x, y)),
            O::F32x4Div => self.zip(F32X4, |b, x, y| b.ins().fdiv(x, y)),
            O::F32x4Min => self.zip(F32X4, |b, x, y| b.ins().fmin(x, y)),
            O::F32x4Max => self.zip(F32X4, |b, x, y| b.ins().fmax(x, y)),
            O::F32x4PMin => self.pseudo_min(F32X4),
            O::F32x4PMax => self.pseudo_max(F32X4),
            O::F32x4Eq => self.compare_float_lanes(F32X4, FloatCC::Equal),
            O::F32x4Ne => self.compare_float_lanes(F32X4, FloatCC::NotEqual),
            O::F32x4Lt => self.compare_float_lanes(F32X4, FloatCC::LessThan),
            O::F32x4Gt => self.compare_float_lanes(F32X4, FloatCC::GreaterThan),
            O::F32x4Le => self.compare_float_lanes(F32X4, FloatCC::LessThanOrEqual),
            O::F32x4Ge => self.compare_float_lanes(F32X4, FloatCC::GreaterThanOrEqual),

            O::F64x2Ceil => self.map(F64X2, |b, x| b.ins().ceil(x)),
            O::F64x2Floor => self.map(F64X2, |b, x| b.ins().floor(x)),
            O::F64x2Trunc => self.map(F64X2, |b, x| b.ins().trunc(x)),
            O::F64x2Nearest => self.map(F64X2, |b, x| b.ins().nearest(x)),
            O::F64x2Abs => self.map(F64X2, |b, x| b.ins().fabs(x)),
            O::F64x2Neg => self.map(F64X2, |b, x| b.ins().fneg(x)),
            O::F64x2Sqrt => self.map(F64X2, |b, x| b.ins().sqrt(x)),
            O::F64x2Add => self.zip(F64X2, |b, x, y| b.ins().fadd(x, y)),
            O::F64x2Sub => self.zip(F64X2, |b, x, y| b.ins().fsub(x, y)),
            O::F64x2Mul => self.zip(F64X2, |b, x, y| b.ins().fmul(x, y)),
            O::F64x2Div => self.zip(F64X2, |b, x, y| b.ins().fdiv(x, y)),
            O::F64x2Min => self.zip(F64X2, |b, x, y| b.ins().fmin(x, y)),
            O::F64x2Max => self.zip(F64X2, |b, x, y| b.ins().fmax(x, y)),
            O::F64x2PMin => self.pseudo_min(F64X2),
            O::F64x2PMax => self.pseudo_max(F64X2),
            O::F64x2Eq => self.compare_float_lanes(F64X2, FloatCC::Equal),
            O::F64x2Ne => self.compare_float_lanes(F64X2, FloatCC::NotEqual),
            O::F64x2Lt => self.compare_float_lanes(F64X2, FloatCC::LessThan),
            O::F64x2Gt => self.compare_float_lanes(F64X2, FloatCC::GreaterThan),
            O::F64x2Le => self.compare_float_lanes(F64X2, FloatCC::LessThanOrEqual),
            O::F64x2Ge => self.compare_float_lanes(F64X2, FloatCC::GreaterThanOrEqual),
            _ => return false,
        }
        true
    }

    /// Sets all bits of each lane where the condition holds.
    fn compare_float_lanes(&mut self, lanes: Type, condition: FloatCC) {
        self.zip(lanes, |b, x, y| b.ins().fcmp(condition, x, y));
    }

    /// `y < x ? y : x`, whose order of operands decides the result for NaNs and zeros.
    fn pseudo_min(&mut self, lanes: Type) {
        let (x, y) = self.pop2_vectors(lanes);
        let less = self.builder.ins().fcmp(FloatCC::LessThan, y, x);
        let less = self.cast(less, lanes);
        let vector = self.builder.ins().bitselect(less, y, x);
        self.push_vector(vector);
    }

    /// `x < y ? y : x`, whose order of operands decides the result for NaNs and zeros.
    fn pseudo_max(&mut self, lanes: Type) {
        let (x, y) = self.pop2_vectors(lanes);
        let less = self.builder.ins().fcmp(FloatCC::LessThan, x, y);
        let less = self.cast(less, lanes);
        let vector = self.builder.ins().bitselect(less, y, x);
        self.push_vector(vector);
    }
}
