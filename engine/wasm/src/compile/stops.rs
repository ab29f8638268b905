//! THE SANDBOX RESTS ON THIS FILE: how straight code stops where a charge of fuel is not covered.
//!
//! The translator makes a charge an addition to the pinned register that traps when it overflows. The code generator
//! takes this for an instruction like others: nothing is kept for a call that hardly ever happens. Here, behind the
//! generator, the trap becomes the call of a stub, and the addition works on the register itself:
//!
//! ```text
//!   as generated                          as it is then
//!     mov rax, r15                          add r15, cost
//!     add rax, cost                         jb  stop
//!     jb  trap                              nop            (as many bytes as were there)
//!     mov r15, rax                        next:
//!     ...                                   ...
//!   trap: ud2                             stop: push rdi
//!                                               mov  rdi, charge
//!                                               call [out_of_fuel]   keeps every register, makes the charge
//!                                               pop  rdi
//!                                               jmp  next
//! ```
//!
//! Nothing is guessed: the places of these instructions come from their mark, the jump must go to the trap, and
//! every byte must be as expected. A function where anything is different is compiled again with calls in its
//! IR, as on machines other than x86-64 all are.

use std::ops::Range;

use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::TrapCode;

use super::join::Location;
use super::translate::Marks;
use crate::base::layout::Charge;

/// How a charge that overflows is marked until it is replaced.
pub const OVERFLOW: TrapCode = TrapCode::unwrap_user(49);

/// Whether charges can be made so.
pub const AVAILABLE: bool = cfg!(target_arch = "x86_64");

/// Code whose charges stop it.
pub struct Stopping {
    pub bytes: Vec<u8>,
    /// Where the distance to the place that has the stub's address must be put.
    pub stub_calls: Vec<u32>,
    /// Which operators the new code belongs to.
    pub locations: Vec<Location>,
}

/// Replaces the traps of charges. `offset_of` tells where an operator is in the module.
///
/// Returns nothing where the code is not as expected.
pub fn replace(code: &CompiledCode, marks: &Marks, offset_of: impl Fn(usize) -> u32) -> Option<Stopping> {
    let mut stopping =
        Stopping { bytes: code.code_buffer().to_vec(), stub_calls: Vec::new(), locations: Vec::new() };
    let sites = code.buffer.traps();
    let is_trap = |offset: u32| {
        sites.binary_search_by_key(&offset, |site| site.offset).is_ok_and(|at| sites[at].code == OVERFLOW)
    };
    let mut traps: Vec<Option<u32>> = vec![None; marks.charges()];
    let mut found = 0;
    for range in code.buffer.get_srclocs_sorted().iter().filter(|range| is_trap(range.start)) {
        traps[marks.charge_number(range.loc)?] = Some(range.start);
        found += 1;
    }
    for range in code.buffer.get_srclocs_sorted().iter().filter(|range| !is_trap(range.start)) {
        let Some(number) = marks.charge_number(range.loc) else { continue };
        // What gives fuel back has none.
        let Some(trap) = traps[number].take() else { continue };
        found -= 1;
        let (operator, charge) = marks.charge_of(number);
        let next = stopping.add_in_place(range.start..range.end, trap, charge)?;
        stopping.stop(charge, next, offset_of(operator));
    }
    // One that was not found or not replaced would end the process.
    let all = sites.iter().filter(|site| site.code == OVERFLOW).count();
    (found == 0 && stopping.stub_calls.len() == all).then_some(stopping)
}

const JUMP_IF_CARRY: [u8; 2] = [0x0f, 0x82];
const JUMP_BYTES: usize = 6;
/// `mov` between two registers.
const MOVE_BYTES: usize = 3;

impl Stopping {
    /// Makes the addition one to the pinned register, which jumps to the end of the code. Returns what comes next.
    fn add_in_place(&mut self, range: Range<u32>, trap: u32, charge: Charge) -> Option<u32> {
        let range = range.start as usize..range.end as usize;
        let jump = (range.start..range.end.checked_sub(JUMP_BYTES)? + 1).find(|at| {
            self.bytes[*at..].starts_with(&JUMP_IF_CARRY) && self.target(*at) == Some(trap.into())
        })?;
        let end = jump + JUMP_BYTES + MOVE_BYTES;
        let (start, register) = addition(&self.bytes[range.start..jump], charge.cost)?;
        let start = range.start + start;
        let [rex, opcode, operands] = self.bytes.get(jump + JUMP_BYTES..end)?.try_into().ok()?;
        let back = [0x49 | (register >> 3) << 2, 0x89, 0xc7 | (register & 7) << 3];
        if end > range.end || [rex, opcode, operands] != back {
            return None;
        }
        let mut new = match i8::try_from(charge.cost) {
            Ok(cost) => vec![0x49, 0x83, 0xc7, cost as u8],
            Err(_) => [&[0x49, 0x81, 0xc7][..], &charge.cost.to_le_bytes()].concat(),
        };
        let stop = self.bytes.len();
        let jump_end = start + new.len() + JUMP_BYTES;
        new.extend(JUMP_IF_CARRY);
        new.extend(distance(jump_end, stop)?.to_le_bytes());
        new.extend_from_slice(match end - start - new.len() {
            5 => &[0x0f, 0x1f, 0x44, 0x00, 0x00],
            6 => &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
            _ => return None,
        });
        self.bytes[start..end].copy_from_slice(&new);
        Some(end as u32)
    }

    /// Where the conditional jump at an offset goes.
    fn target(&self, jump: usize) -> Option<i64> {
        let distance = *self.bytes[jump + JUMP_IF_CARRY.len()..].first_chunk()?;
        Some((jump + JUMP_BYTES) as i64 + i64::from(i32::from_le_bytes(distance)))
    }

    fn stop(&mut self, charge: Charge, next: u32, wasm_offset: u32) {
        self.locations.push(Location { code_offset: self.bytes.len() as u32, wasm_offset });
        let code = &mut self.bytes;
        code.push(0x57);
        match u32::try_from(charge.to_bits()) {
            Ok(bits) => code.extend([&[0xbf][..], &bits.to_le_bytes()].concat()),
            Err(_) => code.extend([&[0x48, 0xbf][..], &charge.to_bits().to_le_bytes()].concat()),
        }
        code.extend([0xff, 0x15]);
        self.stub_calls.push(code.len() as u32);
        code.extend([0; 4]);
        code.push(0x5f);
        code.push(0xe9);
        let back = i64::from(next) - (code.len() as i64 + 4);
        code.extend((back as i32).to_le_bytes());
    }
}

/// Where `mov register, r15; add register, cost` starts, which is all that stands at the end of the code; and which
/// register it is.
fn addition(code: &[u8], cost: u32) -> Option<(usize, u8)> {
    let (rest, high, low) = match i8::try_from(cost) {
        Ok(cost) => match code {
            [rest @ .., rex @ (0x48 | 0x49), 0x83, low, last] if *last == cost as u8 => (rest, rex & 1, *low),
            _ => return None,
        },
        Err(_) => match code.strip_suffix(&cost.to_le_bytes())? {
            [rest @ .., rex @ (0x48 | 0x49), 0x81, low] => (rest, rex & 1, *low),
            [rest @ .., 0x48, 0x05] => (rest, 0, 0xc0),
            _ => return None,
        },
    };
    let start = rest.strip_suffix(&[0x4c | high, 0x89, low | 0x38])?.len();
    (low & 0xf8 == 0xc0).then_some((start, high << 3 | low & 7))
}

fn distance(from: usize, to: usize) -> Option<i32> {
    i32::try_from(to as i64 - from as i64).ok()
}
