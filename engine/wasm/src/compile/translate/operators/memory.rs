//! THE SANDBOX RESTS ON THIS FILE: addresses in linear memory and their bounds.
//!
//! Where 4 GiB are reserved and a guard follows, every 32-bit index with an offset within the guard lands in the memory's
//! own address space: an access that is not mapped faults, and the fault is a trap. All other accesses are compared with
//! the memory's length first; where nothing may fault, all accesses are.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};
use std::mem::offset_of;
use wasmparser::{MemArg, MemArgTarget};

use crate::base::indices::{DataIndex, MemoryIndex};
use crate::base::layout::{VmBuiltins, VmMemory, VmMemoryRef};
use crate::base::trap::Trap;
use crate::base::types::PAGE_SIZE;
use crate::compile::marks::{self, trap_code};
use crate::compile::signature::POINTER;
use crate::compile::translate::fields::field;
use crate::compile::translate::operators::CopyIndices;
use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    pub(super) fn load(&mut self, ty: Type, arg: &MemArg) {
        let (address, offset) = self.address(arg, ty.bytes());
        let flags = self.guest_memory();
        let value = self.builder.ins().load(ty, flags, address, offset);
        self.push(value);
    }

    /// Loads `narrow` and extends it to `wide`.
    pub(super) fn load_extend(&mut self, narrow: Type, wide: Type, signed: bool, arg: &MemArg) {
        let (address, offset) = self.address(arg, narrow.bytes());
        let flags = self.guest_memory();
        let ins = self.builder.ins();
        let value = match (narrow, signed) {
            (types::I8, true) => ins.sload8(wide, flags, address, offset),
            (types::I8, false) => ins.uload8(wide, flags, address, offset),
            (types::I16, true) => ins.sload16(wide, flags, address, offset),
            (types::I16, false) => ins.uload16(wide, flags, address, offset),
            (_, true) => ins.sload32(flags, address, offset),
            (_, false) => ins.uload32(flags, address, offset),
        };
        self.push(value);
    }

    pub(super) fn store(&mut self, arg: &MemArg) {
        let value = self.pop();
        let bytes = self.builder.func.dfg.value_type(value).bytes();
        let (address, offset) = self.address(arg, bytes);
        let flags = self.guest_memory();
        self.builder.ins().store(flags, value, address, offset);
    }

    /// Stores the low bits of a value.
    pub(super) fn store_narrow(&mut self, narrow: Type, arg: &MemArg) {
        let value = self.pop();
        let (address, offset) = self.address(arg, narrow.bytes());
        let flags = self.guest_memory();
        let ins = self.builder.ins();
        match narrow {
            types::I8 => ins.istore8(flags, value, address, offset),
            types::I16 => ins.istore16(flags, value, address, offset),
            _ => ins.istore32(flags, value, address, offset),
        };
    }

    /// Guest memory may be unaligned and unmapped; WebAssembly is little-endian.
    pub(super) fn guest_memory(&self) -> MemFlagsData {
        let trap = match self.charges {
            Some(plan) => marks::access(plan.refund(self.at)),
            None => trap_code(Trap::MemoryOutOfBounds),
        };
        let faults = self.module.target.traps_are_faults();
        MemFlagsData::new()
            .with_endianness(cranelift_codegen::ir::Endianness::Little)
            .with_trap_code(faults.then_some(trap))
    }

    /// Pops an index. Returns a machine address, and the offset that the access adds to it.
    pub(super) fn address(&mut self, arg: &MemArg, bytes: u32) -> (Value, i32) {
        let index = self.pop();
        let index = self.builder.ins().uextend(POINTER, index);
        let MemArgTarget::Memory(memory) = arg.target else {
            unreachable!("validation refuses arrays, whose proposal is off");
        };
        let memory = MemoryIndex(memory);
        let end = arg.offset + u64::from(bytes);
        let config = self.module.config;
        let guarded = config.memories_are_static() && end <= config.memory_guard_size;
        if !(guarded && self.module.target.traps_are_faults()) {
            self.check_bounds(memory, index, end);
        }
        let base = self.base(memory);
        let address = self.builder.ins().iadd(base, index);
        match i32::try_from(arg.offset) {
            Ok(offset) => (address, offset),
            Err(_) => (self.builder.ins().iadd_imm_u(address, arg.offset as i64), 0),
        }
    }

    /// Traps if `index + end` is beyond the memory. Neither exceeds 33 bits, so the sum does not wrap.
    fn check_bounds(&mut self, memory: MemoryIndex, index: Value, end: u64) {
        let length = self.length_bytes(memory);
        let last = self.builder.ins().iadd_imm_u(index, end as i64);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, last, length);
        self.trap_if(outside, Trap::MemoryOutOfBounds);
    }

    fn base(&mut self, memory: MemoryIndex) -> Value {
        if self.module.config.memories_are_static() {
            self.static_base(memory)
        } else {
            self.current_base(memory)
        }
    }

    /// The base of a memory that never moves.
    fn static_base(&mut self, memory: MemoryIndex) -> Value {
        let offset = self.module.layout.memory(memory) + offset_of!(VmMemoryRef, base) as u32;
        self.load_constant(self.context, offset)
    }

    /// The base of a memory that may have moved since the last access.
    fn current_base(&mut self, memory: MemoryIndex) -> Value {
        let definition = self.definition(memory);
        let offset = field(offset_of!(VmMemory, base));
        self.builder.ins().load(POINTER, MemFlagsData::trusted(), definition, offset)
    }

    fn length_bytes(&mut self, memory: MemoryIndex) -> Value {
        let definition = self.definition(memory);
        let offset = field(offset_of!(VmMemory, len_bytes));
        self.builder.ins().load(POINTER, MemFlagsData::trusted(), definition, offset)
    }

    fn definition(&mut self, memory: MemoryIndex) -> Value {
        let offset = self.module.layout.memory(memory) + offset_of!(VmMemoryRef, definition) as u32;
        self.load_constant(self.context, offset)
    }

    pub(super) fn memory_size(&mut self, memory: MemoryIndex) {
        let bytes = self.length_bytes(memory);
        let pages = self.builder.ins().ushr_imm_u(bytes, i64::from(PAGE_SIZE.ilog2()));
        let pages = self.builder.ins().ireduce(types::I32, pages);
        self.push(pages);
    }

    pub(super) fn memory_grow(&mut self, memory: MemoryIndex) {
        let pages = self.pop();
        let memory = self.index(memory);
        let old = self.call_builtin_of_host(offset_of!(VmBuiltins, memory_grow), &[memory, pages]);
        let old = self.builder.ins().ireduce(types::I32, old);
        self.push(old);
    }

    pub(super) fn memory_fill(&mut self, memory: MemoryIndex) {
        let (at, value, len) = self.pop3();
        self.charge_count(len);
        let at = self.start_of_range(memory, at, len);
        self.call_plain(offset_of!(VmBuiltins, fill_bytes), [at, value, len]);
    }

    pub(super) fn memory_copy(&mut self, CopyIndices { to, from }: CopyIndices<MemoryIndex>) {
        let (dst, src, len) = self.pop3();
        self.charge_count(len);
        let dst = self.start_of_range(to, dst, len);
        let src = self.start_of_range(from, src, len);
        self.call_plain(offset_of!(VmBuiltins, copy_bytes), [dst, src, len]);
    }

    /// The machine address of a range of a memory. Traps if the range is not within the memory.
    fn start_of_range(&mut self, memory: MemoryIndex, start: Value, len: Value) -> Value {
        let start = self.builder.ins().uextend(POINTER, start);
        let len = self.builder.ins().uextend(POINTER, len);
        // Neither exceeds 32 bits, so the sum does not wrap.
        let end = self.builder.ins().iadd(start, len);
        let length = self.length_bytes(memory);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, length);
        self.trap_if(outside, Trap::MemoryOutOfBounds);
        let base = self.base(memory);
        self.builder.ins().iadd(base, start)
    }

    pub(super) fn memory_init(&mut self, segment: DataIndex, memory: MemoryIndex) {
        let (dst, src, len) = self.pop3();
        self.charge_count(len);
        let (memory, segment) = (self.index(memory), self.index(segment));
        self.call_builtin(offset_of!(VmBuiltins, memory_init), &[memory, segment, dst, src, len]);
    }

    pub(super) fn data_drop(&mut self, segment: DataIndex) {
        let segment = self.index(segment);
        self.call_builtin(offset_of!(VmBuiltins, data_drop), &[segment]);
    }

    /// An index of the module as an operand of a builtin.
    pub(super) fn index(&mut self, index: impl Into<u32>) -> Value {
        self.builder.ins().iconst(types::I64, i64::from(index.into()))
    }
}
