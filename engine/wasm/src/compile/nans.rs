//! The stage that makes NaNs canonical: NaNs from arithmetic are the same on every machine, wherever their bits can be
//! seen.
//!
//! The specification leaves open which NaN arithmetic returns, and machines differ. With this stage it is always the
//! canonical one, `0x7fc00000` or `0x7ff8000000000000`, as if every operator made it canonical. In fact only values whose
//! bits are shown are made canonical: most results go into more arithmetic, for which any NaN will do. A NaN that is only
//! moved keeps its bits, as the specification demands.
//!
//! ```text
//! add, min, sqrt, demote ... ──> Arithmetic ─┬─> arithmetic, comparisons, conversions to integers: unchanged
//!                                            ├─> moved (select, block, lane): stays Arithmetic;
//!                                            │   where it meets a Kept value, canonical
//!                                            └─> shown (store, call, return, sign, bits): canonical
//! load, parameter, call, sign, bits ──> Kept ──> unchanged, everywhere
//! constants, converted integers ──> Number ──> unchanged: it is not a NaN, so it takes the origin of what it meets
//! ```
//! The halves of a double that is a number may be NaNs when they are taken as two floats. Where that could happen, the
//! double counts as arithmetic on doubles, which leaves it unchanged. Two floats that are numbers never make a double that
//! is a NaN.
//!
//! The stage stands between translating and the code generator, and works on Cranelift's values, among which there are no
//! locals any more. The code generator moves each canonical form to where it is first needed. This stage must not know
//! WebAssembly's operators or fuel: making a NaN canonical costs no fuel.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::entity::packed_option::PackedOption;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::types::{F32, F32X4, F64, F64X2, I8X16};
use cranelift_codegen::ir::{
    BlockArg, Endianness, Function, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value,
    ValueDef,
};

/// Makes NaNs canonical where they are shown.
pub fn canonicalize(func: &mut Function) {
    let insts: Vec<Inst> = func.layout.blocks().flat_map(|block| func.layout.block_insts(block)).collect();
    if !insts.iter().any(|&inst| role(func.dfg.insts[inst].opcode()) == Role::Computes) {
        return;
    }
    let origins = origins(func, &insts);
    let mut shown = Shown { func, origins, canonical: SecondaryMap::new() };
    for inst in insts {
        shown.operands(inst);
        shown.block_arguments(inst);
    }
}

/// Where the bits of a value come from, if it is a NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    /// It is not a NaN.
    #[default]
    Number,
    /// From arithmetic on floats, or lanes, of this type.
    Arithmetic(Type),
    /// From elsewhere, in at least one lane or on at least one path.
    Kept,
}

impl Origin {
    /// The origin of a value that is one of two.
    fn or(self, other: Origin) -> Origin {
        match (self, other) {
            (Origin::Number, origin) | (origin, Origin::Number) => origin,
            (one, another) if one == another => one,
            _ => Origin::Kept,
        }
    }

    /// The origin after a move into a value of this type. As other lanes, or as integers, the bits are shown.
    fn moved_into(self, ty: Type) -> Origin {
        match self {
            Origin::Arithmetic(float) if ty != I8X16 && ty.lane_type() != float => Origin::Kept,
            origin => origin,
        }
    }
}

/// What an instruction does with floats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Makes NaNs, and treats all NaNs alike.
    Computes,
    /// Returns one of its operands, or has them as lanes.
    Moves,
    /// Only asks whether its operands are NaNs.
    Asks,
    /// Anything else: the bits of its operands can be seen.
    Shows,
}

fn role(opcode: Opcode) -> Role {
    use Opcode as O;
    match opcode {
        O::Fadd | O::Fsub | O::Fmul | O::Fdiv | O::Fmin | O::Fmax | O::Sqrt => Role::Computes,
        O::Ceil | O::Floor | O::Trunc | O::Nearest => Role::Computes,
        O::Fpromote | O::Fdemote | O::FvpromoteLow | O::Fvdemote => Role::Computes,
        O::Select | O::Bitcast | O::Splat | O::Extractlane | O::Insertlane => Role::Moves,
        O::Fcmp | O::FcvtToSint | O::FcvtToUint | O::FcvtToSintSat | O::FcvtToUintSat => Role::Asks,
        _ => Role::Shows,
    }
}

/// Vectors are moved as bytes.
fn may_hold_floats(ty: Type) -> bool {
    is_float(ty) || ty == I8X16
}

fn is_float(ty: Type) -> bool {
    matches!(ty, F32 | F64 | F32X4 | F64X2)
}

/// The origin of each value. It starts with the results of instructions, and follows every move. An origin changes at most
/// twice, so the time is proportional to the number of moves.
fn origins(func: &Function, insts: &[Inst]) -> SecondaryMap<Value, Origin> {
    let mut origins = SecondaryMap::new();
    let mut changed = Vec::new();
    let entry = func.layout.entry_block().expect("a function has a body");
    changed.extend(func.dfg.block_params(entry).iter().map(|&param| (param, Origin::Kept)));
    for &inst in insts {
        for &result in func.dfg.inst_results(inst) {
            changed.push((result, origin_of_result(func, inst, result)));
        }
    }
    let moves = moves(func, insts);
    while let Some((value, origin)) = changed.pop() {
        let origin = origin.or(origins[value]);
        if origin != origins[value] {
            origins[value] = origin;
            let from = moves.partition_point(|(from, _)| *from < value);
            let onward = moves[from..].iter().take_while(|(from, _)| *from == value);
            changed.extend(onward.map(|&(_, to)| (to, origin.moved_into(func.dfg.value_type(to)))));
        }
    }
    origins
}

/// The origin of a result, not counting what is moved into it from values that may hold floats.
fn origin_of_result(func: &Function, inst: Inst, result: Value) -> Origin {
    use Opcode as O;
    let ty = func.dfg.value_type(result);
    let data = &func.dfg.insts[inst];
    let may_be_kept = |is_number| if is_number { Origin::Number } else { Origin::Kept };
    match (role(data.opcode()), *data) {
        _ if !may_hold_floats(ty) => Origin::Number,
        (Role::Computes, _) => Origin::Arithmetic(ty.lane_type()),
        (Role::Moves, _) => {
            may_be_kept(moved(func, inst).all(|operand| may_hold_floats(func.dfg.value_type(operand))))
        }
        (_, InstructionData::UnaryIeee32 { imm, .. }) => may_be_kept(!imm.is_nan()),
        (_, InstructionData::UnaryIeee64 { imm, .. }) if imm.is_nan() => Origin::Kept,
        (_, InstructionData::UnaryIeee64 { imm, .. }) => match has_only_numbers(&imm.bits().to_le_bytes()) {
            true => Origin::Number,
            false => Origin::Arithmetic(F64),
        },
        (_, InstructionData::UnaryConst { constant_handle, .. }) => {
            may_be_kept(has_only_numbers(func.dfg.constants.get(constant_handle).as_slice()))
        }
        (_, InstructionData::Unary { opcode: O::FcvtFromSint | O::FcvtFromUint, .. }) => {
            if ty.lane_type() == F64 { Origin::Arithmetic(F64) } else { Origin::Number }
        }
        _ => {
            let known = matches!(
                data.opcode(),
                O::Load | O::Call | O::CallIndirect | O::Fneg | O::Fabs | O::Fcopysign | O::Bitselect
            );
            assert!(known || !is_float(ty), "does {} make floats by arithmetic? say so here", data.opcode());
            Origin::Kept
        }
    }
}

/// Whether a vector contains no NaN, taken as floats of either size.
fn has_only_numbers(vector: &[u8]) -> bool {
    let (floats, _) = vector.as_chunks();
    let (doubles, _) = vector.as_chunks();
    floats.iter().all(|&bytes| !f32::from_le_bytes(bytes).is_nan())
        && doubles.iter().all(|&bytes| !f64::from_le_bytes(bytes).is_nan())
}

/// The operands that an instruction moves.
fn moved(func: &Function, inst: Inst) -> impl Iterator<Item = Value> {
    let condition = usize::from(func.dfg.insts[inst].opcode() == Opcode::Select);
    func.dfg.inst_args(inst)[condition..].iter().map(|&operand| func.dfg.resolve_aliases(operand))
}

/// The moves of values, from source to destination, sorted.
fn moves(func: &Function, insts: &[Inst]) -> Vec<(Value, Value)> {
    let dfg = &func.dfg;
    let mut moves = Vec::new();
    for &inst in insts {
        if role(dfg.insts[inst].opcode()) == Role::Moves {
            let result = dfg.first_result(inst);
            moves.extend(moved(func, inst).map(|operand| (operand, result)));
        }
        for call in dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables) {
            let arguments = call.args(&dfg.value_lists).filter_map(|argument| argument.as_value());
            let arguments = arguments.map(|argument| dfg.resolve_aliases(argument));
            moves.extend(arguments.zip(dfg.block_params(call.block(&dfg.value_lists)).iter().copied()));
        }
    }
    moves.retain(|&(_, to)| may_hold_floats(dfg.value_type(to)));
    moves.sort_unstable();
    moves
}

/// A function whose values are being made canonical where they are shown.
struct Shown<'a> {
    func: &'a mut Function,
    origins: SecondaryMap<Value, Origin>,
    /// The canonical form of each value that has one so far.
    canonical: SecondaryMap<Value, PackedOption<Value>>,
}

impl Shown<'_> {
    fn operands(&mut self, inst: Inst) {
        let into = match role(self.func.dfg.insts[inst].opcode()) {
            Role::Computes | Role::Asks => return,
            Role::Moves => self.origins[self.func.dfg.first_result(inst)],
            Role::Shows => Origin::Kept,
        };
        for at in 0..self.func.dfg.inst_args(inst).len() {
            let value = self.func.dfg.inst_args(inst)[at];
            let value = self.moved_into(value, into);
            self.func.dfg.inst_args_mut(inst)[at] = value;
        }
    }

    fn block_arguments(&mut self, inst: Inst) {
        let dfg = &self.func.dfg;
        let calls = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables).len();
        for at in 0..calls {
            let dfg = &self.func.dfg;
            let call = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables)[at];
            let arguments: Vec<BlockArg> = call.args(&dfg.value_lists).collect();
            let params = dfg.block_params(call.block(&dfg.value_lists)).to_vec();
            let arguments = arguments.into_iter().zip(params).map(|(argument, param)| match argument {
                BlockArg::Value(value) => BlockArg::Value(self.moved_into(value, self.origins[param])),
                other => other,
            });
            let mut arguments = arguments.collect::<Vec<_>>().into_iter();
            let dfg = &mut self.func.dfg;
            let calls =
                dfg.insts[inst].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
            calls[at].update_args(&mut dfg.value_lists, |same| arguments.next().unwrap_or(same));
        }
    }

    /// The value itself or its canonical form, whichever may be moved into a value of this origin.
    fn moved_into(&mut self, value: Value, into: Origin) -> Value {
        let value = self.func.dfg.resolve_aliases(value);
        match self.origins[value] {
            Origin::Arithmetic(float) if into != Origin::Arithmetic(float) => self.canonical(value, float),
            _ => value,
        }
    }

    /// The canonical form of a value, which is made once, directly after the value itself.
    fn canonical(&mut self, value: Value, float: Type) -> Value {
        if let Some(made) = self.canonical[value].expand() {
            return made;
        }
        let cursor = FuncCursor::new(self.func);
        let mut cursor = match cursor.func.dfg.value_def(value) {
            ValueDef::Result(inst, _) => {
                let location = cursor.func.srcloc(inst);
                cursor.after_inst(inst).with_srcloc(location)
            }
            ValueDef::Param(block, _) => {
                let first = cursor.func.layout.first_inst(block).expect("each block ends in a branch");
                let location = cursor.func.srcloc(first);
                cursor.at_inst(first).with_srcloc(location)
            }
            ValueDef::Union(..) => unreachable!("unions are made later, by the optimiser"),
        };
        let made = if cursor.func.dfg.value_type(value).is_vector() {
            canonical_lanes(&mut cursor, value, float)
        } else {
            // In this order, the code generator ties the result to the constant. If results are tied to values that are
            // kept past many branches, it can take minutes to find registers.
            let is_number = cursor.ins().fcmp(FloatCC::Ordered, value, value);
            let nan = canonical_nan(&mut cursor, float);
            cursor.ins().select(is_number, value, nan)
        };
        self.canonical[value] = made.into();
        made
    }
}

fn canonical_lanes(cursor: &mut FuncCursor<'_>, value: Value, float: Type) -> Value {
    let (ty, lanes) = (cursor.func.dfg.value_type(value), if float == F32 { F32X4 } else { F64X2 });
    let cast = |cursor: &mut FuncCursor<'_>, value, to| {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        if cursor.func.dfg.value_type(value) == to { value } else { cursor.ins().bitcast(to, flags, value) }
    };
    let value = cast(cursor, value, lanes);
    let is_nan = cursor.ins().fcmp(FloatCC::Unordered, value, value);
    let is_nan = cast(cursor, is_nan, lanes);
    let nan = canonical_nan(cursor, float);
    let nan = cursor.ins().splat(lanes, nan);
    let made = cursor.ins().bitselect(is_nan, nan, value);
    cast(cursor, made, ty)
}

fn canonical_nan(cursor: &mut FuncCursor<'_>, float: Type) -> Value {
    if float == F32 { cursor.ins().f32const(Ieee32::NAN) } else { cursor.ins().f64const(Ieee64::NAN) }
}
