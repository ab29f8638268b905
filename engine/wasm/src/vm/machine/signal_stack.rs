//! The stack on which a thread takes signals: large enough for what the system puts there and for our handler.
//!
//! Threads of the standard library have such a stack. Threads made elsewhere may not, and hosts bring their own, some of them
//! smaller than what the registers of today's processors take. A stack that is too small is replaced when the thread first
//! runs a guest, for as long as the thread lives: asking the system at each call would take longer than the call.
//!
//! ```text
//! host's: none, or too small ── first guest on this thread ──> ours ── end of the thread ──> the host's again
//! host's: large enough       ── stays
//! ```
//! A host that sets another stack for its thread later has to choose one that is large enough.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::{io, ptr};

use super::address_space::{Mapping, Protection, page_size};
use crate::base::error::StoreError;

/// Twice what our handler takes at most. The host knows what its own handlers take.
const HANDLER_BYTES: usize = 4 << 10;
/// The room for all handlers on a stack of ours, beyond what the system takes.
const OURS_BYTES: usize = 64 << 10;

thread_local! {
    static PREPARED: Cell<bool> = const { Cell::new(false) };
    static OURS: Cell<Option<Ours>> = const { Cell::new(None) };
}

/// Makes sure that this thread can take signals while guests run on it.
///
/// # Errors
/// The operating system refuses the memory.
#[inline]
pub fn prepare_thread() -> Result<(), StoreError> {
    if PREPARED.get() { Ok(()) } else { look() }
}

#[cold]
fn look() -> Result<(), StoreError> {
    let current = change(None)?;
    if current.ss_flags & libc::SS_DISABLE != 0 || current.ss_size < least_bytes() {
        let ours = Ours::instead_of(current)?;
        // A thread that is ending cannot store it, and keeps it in use.
        let kept = ManuallyDrop::new(ours);
        let _ = OURS.try_with(|place| place.set(Some(ManuallyDrop::into_inner(kept))));
    }
    PREPARED.set(true);
    Ok(())
}

/// The least size of a stack: what the system puts there for a signal, and what our handler takes.
fn least_bytes() -> usize {
    system_bytes() + HANDLER_BYTES
}

/// What the system puts on the stack for a signal: mostly registers, and newer processors have more of them.
#[cfg(target_os = "linux")]
fn system_bytes() -> usize {
    const AT_MINSIGSTKSZ: libc::c_ulong = 51;
    // SAFETY: asking changes nothing; older systems answer 0.
    let asked = unsafe { libc::getauxval(AT_MINSIGSTKSZ) } as usize;
    asked.max(libc::MINSIGSTKSZ)
}

#[cfg(not(target_os = "linux"))]
fn system_bytes() -> usize {
    libc::MINSIGSTKSZ
}

/// A signal stack of ours, in use on the thread that has it.
struct Ours {
    mapping: ManuallyDrop<Mapping>,
    /// What the host had there before.
    before: libc::stack_t,
}

impl Ours {
    fn instead_of(before: libc::stack_t) -> Result<Ours, StoreError> {
        let guard = page_size();
        let len = (least_bytes() + OURS_BYTES).next_multiple_of(page_size());
        let mut mapping = Mapping::reserve(guard + len)?;
        mapping.protect(guard, guard + len, Protection::ReadWrite)?;
        // SAFETY: all-zero is a valid description.
        let mut stack: libc::stack_t = unsafe { std::mem::zeroed() };
        // SAFETY: (7) the mapping is longer than its guard.
        stack.ss_sp = unsafe { mapping.base().as_ptr().add(guard) }.cast();
        stack.ss_size = len;
        change(Some(&stack))?;
        Ok(Ours { mapping: ManuallyDrop::new(mapping), before })
    }

    fn is(&self, stack: &libc::stack_t) -> bool {
        let start = self.mapping.base().as_ptr().addr();
        stack.ss_flags & libc::SS_DISABLE == 0
            && (start..start + self.mapping.len()).contains(&stack.ss_sp.addr())
    }
}

impl Drop for Ours {
    /// Restores the host's stack, unless the host has done so itself.
    fn drop(&mut self) {
        PREPARED.set(false);
        let mut before = self.before;
        before.ss_flags &= libc::SS_DISABLE;
        let given_back = match change(None) {
            Ok(current) if self.is(&current) => change(Some(&before)).is_ok(),
            current => current.is_ok(),
        };
        // Where the thread ends in the middle of a signal, the system still uses it.
        if given_back {
            // SAFETY: (7) it is dropped here only, and the system does not use it any more.
            unsafe { ManuallyDrop::drop(&mut self.mapping) };
        }
    }
}

/// Changes the signal stack of this thread, or only asks; returns what it was.
fn change(to: Option<&libc::stack_t>) -> Result<libc::stack_t, StoreError> {
    // SAFETY: all-zero is a valid description; the stack exists, which the maker of its description has ensured.
    let (result, before) = unsafe {
        let mut before: libc::stack_t = std::mem::zeroed();
        (libc::sigaltstack(to.map_or(ptr::null(), ptr::from_ref), &mut before), before)
    };
    match result {
        0 => Ok(before),
        _ => Err(StoreError::OutOfMemory(io::Error::last_os_error().raw_os_error().unwrap_or(0))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::vm::tests::alone::{alone, guest, guest_traps, guest_traps_by_a_fault};
    use crate::{Config, Engine, Trap};

    /// A signal stack of the host's on this thread, of so many bytes or none, filled with a mark.
    fn give(bytes: usize) -> Vec<u8> {
        let mut memory = vec![MARK; bytes.max(1)];
        // SAFETY: all-zero is a valid description.
        let mut stack: libc::stack_t = unsafe { std::mem::zeroed() };
        (stack.ss_sp, stack.ss_size) = (memory.as_mut_ptr().cast(), bytes);
        stack.ss_flags = if bytes == 0 { libc::SS_DISABLE } else { 0 };
        change(Some(&stack)).expect("the system takes it");
        memory
    }

    const MARK: u8 = 0xa5;

    /// How much of a stack was written to.
    fn used(stack: &[u8]) -> usize {
        stack.len() - stack.iter().take_while(|byte| **byte == MARK).count()
    }

    fn on_a_thread(run: impl FnOnce() + Send + 'static) {
        std::thread::spawn(run).join().expect("the thread does not panic");
    }

    #[test]
    fn guests_trap_on_threads_with_signal_stacks_of_any_size() {
        alone("machine::signal_stack::tests::guests_trap_on_threads_with_signal_stacks_of_any_size", || {
            let enough = least_bytes();
            for bytes in [0, libc::MINSIGSTKSZ, 2_048, 3_000, 4_096, enough - 1, enough, 1 << 20] {
                on_a_thread(move || {
                    let stack = give(bytes);
                    guest_traps_by_a_fault();
                    guest_traps(&Engine::default(), "(unreachable)", Trap::UnreachableCodeReached);
                    guest_traps(&Engine::default(), "(drop (call $g))", Trap::StackOverflow);
                    let now = change(None).expect("it can be asked");
                    assert!(now.ss_size >= enough && now.ss_flags & libc::SS_DISABLE == 0);
                    assert_eq!(now.ss_sp.addr() == stack.as_ptr().addr(), bytes >= enough, "{bytes}");
                    assert_eq!(used(&stack) > 0, bytes >= enough, "{bytes}");
                    give(0);
                });
            }
        });
    }

    #[test]
    fn the_handler_takes_half_of_what_is_asked_for_it() {
        on_a_thread(|| {
            let stack = give(1 << 16);
            guest_traps_by_a_fault();
            let (used, most) = (used(&stack), system_bytes() + HANDLER_BYTES / 2);
            assert!(0 < used && used <= most, "{used} of {most} bytes");
            give(0);
        });
    }

    #[test]
    fn suspended_calls_trap_on_the_thread_that_resumes_them() {
        alone("machine::signal_stack::tests::suspended_calls_trap_on_the_thread_that_resumes_them", || {
            let engine = Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported");
            let text = r#"(module (memory 1) (func (export "run") (result i32) (local i32)
                (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 99))))
                (i32.load (i32.const -4))))"#;
            let (mut store, run) = guest(&engine, text, "run");
            store.set_fuel(50).expect("fuel is configured");
            let begun = run.call_resumable(&mut store, ()).expect("it waits");
            let crate::CallState::Suspended(call) = begun else { panic!("it waits for fuel") };
            store.set_fuel(10_000).expect("fuel is configured");
            on_a_thread(move || {
                let _stack = give(2_048);
                let error = call.resume(&mut store).map(drop).expect_err("it traps");
                assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
                give(0);
            });
        });
    }

    /// What a thread had at its very end, and where a handler of the host's ran.
    static AT_THE_END: Mutex<Option<(usize, usize)>> = Mutex::new(None);
    static GIVEN: AtomicUsize = AtomicUsize::new(0);
    static HANDLED_AT: AtomicUsize = AtomicUsize::new(0);

    unsafe extern "C" fn look_at_the_end(_: *mut libc::c_void) {
        let stack = change(None).expect("it can be asked");
        *AT_THE_END.lock().expect("nobody panics with it") = Some((stack.ss_sp.addr(), stack.ss_size));
    }

    unsafe extern "C" fn handle(_: libc::c_int) {
        HANDLED_AT.store(crate::vm::machine::processor::stack_pointer(), Ordering::SeqCst);
    }

    extern "C" fn with_a_small_stack(key: *mut libc::c_void) -> *mut libc::c_void {
        // SAFETY: the key is there; the value is only not null.
        unsafe { libc::pthread_setspecific(key.addr() as libc::pthread_key_t, ptr::without_provenance(1)) };
        GIVEN.store(give(2_048).leak().as_ptr().addr(), Ordering::SeqCst);
        guest_traps_by_a_fault();
        // The host's handlers run on whichever stack is there, and that is large enough.
        let ours = change(None).expect("it can be asked");
        // SAFETY: the handler is there.
        unsafe { libc::raise(libc::SIGUSR1) };
        let ours = ours.ss_sp.addr()..ours.ss_sp.addr() + ours.ss_size;
        assert!(ours.contains(&HANDLED_AT.load(Ordering::SeqCst)));
        ptr::null_mut()
    }

    #[test]
    fn the_host_has_its_own_stack_back_when_the_thread_ends() {
        alone("machine::signal_stack::tests::the_host_has_its_own_stack_back_when_the_thread_ends", || {
            // SAFETY: the handler is async-signal-safe, and all-zero is a valid description.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_flags = libc::SA_ONSTACK;
                action.sa_sigaction = handle as *const () as usize;
                assert_eq!(libc::sigaction(libc::SIGUSR1, &action, ptr::null_mut()), 0);
            }
            let mut key = 0;
            // SAFETY: the key is filled in, and what is called at the end of a thread is there.
            assert_eq!(unsafe { libc::pthread_key_create(&mut key, Some(look_at_the_end)) }, 0);
            // A thread of the standard library would take its stack out of use before it ends.
            let mut thread = 0;
            // SAFETY: what it does is there, and takes the key as its argument.
            let begun = unsafe {
                let argument = ptr::without_provenance_mut(key as usize);
                libc::pthread_create(&mut thread, ptr::null(), with_a_small_stack, argument)
            };
            assert_eq!(begun, 0, "there is room for a thread");
            // SAFETY: it has begun, and nobody else waits for it.
            assert_eq!(unsafe { libc::pthread_join(thread, ptr::null_mut()) }, 0);
            let at_the_end = *AT_THE_END.lock().expect("nobody panics with it");
            assert_eq!(at_the_end, Some((GIVEN.load(Ordering::SeqCst), 2_048)));
        });
    }
}
