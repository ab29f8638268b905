//! THE SANDBOX RESTS ON THIS FILE: the stage that makes straight code stop where a charge of fuel is not covered.
//!
//! The translator writes a charge as a comparison of a copy of the pinned register that may trap. To the code generator
//! this is an ordinary instruction, so nothing is saved for a call that hardly ever happens. In the generated code, this
//! stage turns the comparison into an addition to the register itself, and the trap into the call of a stub:
//!
//! ```text
//!   as generated                          as replaced
//!     mov rax, r15                          add r15, cost      the same number of bytes
//!     test rax, rax                         jb  stop
//!     jnz trap
//!     ...                                 next:
//!   trap: ud2                             stop: push rdi
//!                                               mov  rdi, charge
//!                                               call [out_of_fuel]   keeps every register, makes the charge
//!                                               pop  rdi
//!                                               jmp  next
//! ```
//!
//! Nothing is guessed: marks say where these instructions are, the jump must lead to the trap, and every byte must be as
//! expected. A function in which anything is different is compiled again with calls in its IR, as all functions are on
//! machines other than x86-64.

use std::ops::Range;

use cranelift_codegen::CompiledCode;

use super::body::CodeLocation;
use super::marks::{Marks, OVERFLOW};
use super::translate::fuel::is_small;
use crate::base::layout::Charge;

/// Whether this machine's code can stop this way.
pub const AVAILABLE: bool = cfg!(target_arch = "x86_64");

/// Code that stops by itself.
pub struct Stopping {
    pub bytes: Vec<u8>,
    /// Where the distance to the word that has the stub's address must be written.
    pub stub_calls: Vec<u32>,
    /// What the new code belongs to, with the offset from which on it does.
    pub locations: Vec<(u32, CodeLocation)>,
}

/// Replaces the traps of charges. `location_of` says where an operator is in the module.
///
/// Returns `None` where the code is not as expected.
pub fn replace(
    code: &CompiledCode,
    marks: &Marks,
    location_of: impl Fn(usize) -> CodeLocation,
) -> Option<Stopping> {
    let mut stopping = Stopping::nowhere(code);
    if marks.charges() == 0 {
        return Some(stopping);
    }
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
        // Code that gives fuel back has no trap.
        let Some(trap) = traps[number] else { continue };
        let (operator, charge) = marks.charge_of(number);
        let Some(jump) = stopping.jump_to(trap, range.start..range.end) else { continue };
        let next = stopping.add_in_place(jump, charge)?;
        stopping.stop(charge, next, location_of(operator));
        found -= 1;
    }
    // A trap that was not found or not replaced would end the process.
    let all = sites.iter().filter(|site| site.code == OVERFLOW).count();
    (found == 0 && stopping.stub_calls.len() == all).then_some(stopping)
}

const JUMP_IF_CARRY: [u8; 2] = [0x0f, 0x82];
const JUMP_IF_NOT_ZERO: [u8; 2] = [0x0f, 0x85];
const JUMP_BYTES: usize = 6;
const CS_PREFIX: u8 = 0x2e;

impl Stopping {
    /// Code as it was generated, before any charge is replaced.
    pub fn nowhere(code: &CompiledCode) -> Stopping {
        Stopping { bytes: code.code_buffer().to_vec(), stub_calls: Vec::new(), locations: Vec::new() }
    }

    /// Where the jump to a trap is in a range, if there is one.
    fn jump_to(&self, trap: u32, range: Range<u32>) -> Option<usize> {
        let last = (range.end as usize).checked_sub(JUMP_BYTES)?;
        let is_jump = |at: &usize| {
            let bytes = &self.bytes[*at..];
            bytes.starts_with(&JUMP_IF_CARRY) || bytes.starts_with(&JUMP_IF_NOT_ZERO)
        };
        (range.start as usize..=last).find(|at| is_jump(at) && self.target(*at) == Some(trap.into()))
    }

    /// Turns the comparison before a jump into an addition to the pinned register, and lets the jump go to the end of the
    /// code. Returns where the code continues after the jump.
    ///
    /// The register that was compared has no other use: the translator makes the copy for the comparison alone.
    fn add_in_place(&mut self, jump: usize, charge: Charge) -> Option<u32> {
        let start = comparison(&self.bytes[..jump], charge.cost)?;
        let next = jump + JUMP_BYTES;
        let addition = if is_small(charge.cost) {
            vec![0x49, 0x83, 0xc7, charge.cost as u8]
        } else {
            [&[0x49, 0x81, 0xc7][..], &charge.cost.to_le_bytes()].concat()
        };
        // Prefixes without meaning here fill the remaining bytes: an instruction that does nothing would take time.
        let padding = (next - start).checked_sub(addition.len() + JUMP_BYTES)?;
        let mut new = vec![CS_PREFIX; padding];
        new.extend(addition);
        new.extend(JUMP_IF_CARRY);
        new.extend(distance(next, self.bytes.len())?.to_le_bytes());
        self.bytes[start..next].copy_from_slice(&new);
        Some(next as u32)
    }

    /// Where the conditional jump at an offset goes.
    fn target(&self, jump: usize) -> Option<i64> {
        let distance = *self.bytes[jump + JUMP_IF_CARRY.len()..].first_chunk()?;
        Some((jump + JUMP_BYTES) as i64 + i64::from(i32::from_le_bytes(distance)))
    }

    fn stop(&mut self, charge: Charge, next: u32, location: CodeLocation) {
        self.locations.push((self.bytes.len() as u32, location));
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

/// Where the code of a charge starts: `mov register, r15` and a comparison of that register, at the end of `code`.
fn comparison(code: &[u8], cost: u32) -> Option<usize> {
    let (rest, high, low) = if is_small(cost) {
        match code {
            [rest @ .., rex, 0x85, operands] => {
                let (high, low) = (rex & 1, operands & 7);
                let tests_itself = *rex == 0x48 | high << 2 | high && *operands == 0xc0 | low << 3 | low;
                (tests_itself.then_some(rest)?, high, low)
            }
            _ => return None,
        }
    } else {
        match code.strip_suffix(&cost.to_le_bytes())? {
            [rest @ .., rex @ (0x48 | 0x49), 0x81, operands] => {
                ((operands & 0xf8 == 0xc0).then_some(rest)?, rex & 1, operands & 7)
            }
            [rest @ .., 0x48, 0x05] => (rest, 0, 0),
            _ => return None,
        }
    };
    Some(rest.strip_suffix(&[0x4c | high, 0x89, 0xf8 | low])?.len())
}

fn distance(from: usize, to: usize) -> Option<i32> {
    i32::try_from(to as i64 - from as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: usize = 5;
    const SMALL: u32 = 100;
    const LARGE: u32 = 0x81;

    /// The code of a charge that uses a register, between other code; and where its trap is.
    fn generated(cost: u32, register: u8) -> (Vec<u8>, u32) {
        let (high, low) = (register >> 3, register & 7);
        let mut code = vec![0x90; START];
        code.extend([0x4c | high, 0x89, 0xf8 | low]);
        match (is_small(cost), register) {
            (true, _) => code.extend([0x48 | high << 2 | high, 0x85, 0xc0 | low << 3 | low]),
            (false, 0) => code.extend([0x48, 0x05]),
            (false, _) => code.extend([0x48 | high, 0x81, 0xc0 | low]),
        }
        if !is_small(cost) {
            code.extend(cost.to_le_bytes());
        }
        code.extend(if is_small(cost) { JUMP_IF_NOT_ZERO } else { JUMP_IF_CARRY });
        code.extend(7i32.to_le_bytes());
        let trap = code.len() as u32 + 7;
        code.extend([0x90; 7]);
        code.extend([0x0f, 0x0b]);
        (code, trap)
    }

    /// The code after the charge was replaced, if it was as expected.
    fn replaced(code: &[u8], trap: u32, cost: u32) -> Option<Vec<u8>> {
        let mut stopping = Stopping { bytes: code.to_vec(), stub_calls: Vec::new(), locations: Vec::new() };
        let jump = stopping.jump_to(trap, 0..trap)?;
        let next = stopping.add_in_place(jump, Charge { cost, ahead: 3 })?;
        stopping.stop(Charge { cost, ahead: 3 }, next, CodeLocation { wasm_offset: 9, call: None });
        assert_eq!(stopping.bytes.len(), code.len() + 23);
        Some(stopping.bytes)
    }

    #[test]
    fn charges_in_any_register_are_replaced() {
        for (cost, register) in [SMALL, LARGE].into_iter().flat_map(|cost| (0..15).map(move |at| (cost, at)))
        {
            let (code, trap) = generated(cost, register);
            let new = replaced(&code, trap, cost).expect("it is as expected");
            let add: Vec<u8> = match cost {
                SMALL => vec![0x49, 0x83, 0xc7, 100],
                _ => vec![0x49, 0x81, 0xc7, 0x81, 0, 0, 0],
            };
            assert_eq!(&new[..START], &code[..START], "the code before it stays");
            let next = trap as usize - 7;
            let (start, jump) = (next - JUMP_BYTES - add.len(), next - JUMP_BYTES);
            assert!((START..START + 4).contains(&start));
            assert!(new[START..start].iter().all(|byte| *byte == CS_PREFIX), "prefixes fill the rest");
            assert_eq!(new[start..jump], add);
            assert_eq!(new[jump..][..2], JUMP_IF_CARRY);
            let distance = i32::from_le_bytes(*new[jump + 2..].first_chunk().expect("it is there"));
            assert_eq!(next + distance as usize, code.len(), "it jumps to the stop");
            assert_eq!(&new[next..code.len()], &code[next..], "the code after it stays");
            let bits = 3u64 << 32 | u64::from(cost);
            let stop = [&[0x57, 0x48, 0xbf][..], &bits.to_le_bytes(), &[0xff, 0x15]].concat();
            assert!(new[code.len()..].starts_with(&stop));
            let distance = i32::from_le_bytes(*new.last_chunk().expect("it is there"));
            assert_eq!(new.len() as i64 + i64::from(distance), next as i64, "and back");
        }
    }

    /// Flips each bit.
    #[test]
    fn code_that_is_not_as_expected_is_refused() {
        for (cost, register) in [SMALL, LARGE].into_iter().flat_map(|cost| (0..15).map(move |at| (cost, at)))
        {
            let (code, trap) = generated(cost, register);
            for bit in START * 8..(trap as usize - 7) * 8 {
                let mut changed = code.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    replaced(&changed, trap, cost).is_none(),
                    "cost {cost}, register {register}, bit {bit}"
                );
            }
            assert!(replaced(&code, trap + 1, cost).is_none(), "another trap");
        }
        let (code, trap) = generated(LARGE, 3);
        assert!(replaced(&code, trap, LARGE + 1).is_none(), "another cost");
        assert!(replaced(&code, trap, SMALL).is_none(), "another form");
    }
}
