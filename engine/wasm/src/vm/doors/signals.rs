//! THE SANDBOX RESTS ON THIS FILE: hardware faults of guest code become traps; all others are handed on to the handler that was
//! there before.
//!
//! The handler takes no lock and allocates nothing: it looks the faulting instruction up, changes the thread's registers, and
//! returns. It runs on the thread's alternate stack (`vm/machine/signal_stack.rs`), so it also works on fibers and where a stack is used
//! up.
//!
//! A signal is a trap if all of these hold:
//!
//! ```text
//! the system       the thread itself has faulted: the signal was not sent
//! program counter  at an instruction that may trap, of the store that runs on this thread
//! address          where that instruction may fault: beyond the accessible part of a memory of that store, but within its
//!                  reservation and guards; in the first page, for a null reference
//! ```

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::arch::Registers;
use crate::base::error::StoreError;
use crate::base::trap::Trap;
use crate::vm::code::registry;
use crate::vm::machine::process::lock;
use crate::vm::machine::signal_stack;
use crate::vm::store::context::VmStoreContext;

thread_local!(static CURRENT: Cell<*mut VmStoreContext> = const { Cell::new(ptr::null_mut()) });

/// Sets the store whose guest code this thread runs from now on, on a fiber; returns the one before.
///
/// Not inlined: a fiber may be resumed on another thread, where the address of this thread's storage, if it was computed
/// before the switch, would be wrong.
#[inline(never)]
pub fn enter_thread(store: *mut VmStoreContext) -> *mut VmStoreContext {
    set_current_of_thread(store)
}

/// The store whose guest code this thread runs. Not inlined, as above.
#[inline(never)]
pub fn current() -> *mut VmStoreContext {
    CURRENT.with(Cell::get)
}

/// Sets the store that was this thread's before a fiber ran on it. Not inlined either.
#[inline(never)]
pub fn leave_thread(previous: *mut VmStoreContext) {
    set_current_of_thread(previous);
}

/// Sets the store whose guest code this thread runs, for calls that stay on their thread; returns the one before.
#[inline]
pub fn set_current_of_thread(store: *mut VmStoreContext) -> *mut VmStoreContext {
    CURRENT.with(|current| current.replace(store))
}

const SIGNALS: [libc::c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// The handlers that were there before, one for each of the signals; null until ours is installed.
static PREVIOUS: [AtomicPtr<libc::sigaction>; SIGNALS.len()] =
    [const { AtomicPtr::new(ptr::null_mut()) }; SIGNALS.len()];

/// Whether the handlers are installed.
static INSTALLED: Mutex<bool> = Mutex::new(false);

/// Waits until no thread is installing the handlers, and keeps others from beginning.
pub fn hold() -> MutexGuard<'static, bool> {
    lock(&INSTALLED)
}

/// Installs the handlers, once for the process.
pub fn install() {
    let mut installed = hold();
    if std::mem::replace(&mut *installed, true) {
        return;
    }
    for (&signal, previous) in SIGNALS.iter().zip(&PREVIOUS) {
        // SAFETY: the handler is async-signal-safe, and all-zero is a valid description.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
            action.sa_sigaction = handle as *const () as usize;
            libc::sigemptyset(&mut action.sa_mask);
            let mut before: libc::sigaction = std::mem::zeroed();
            assert_eq!(libc::sigaction(signal, ptr::null(), &mut before), 0, "the signals are valid");
            // Leaked: the handler may need it as long as the process lives.
            previous.store(Box::leak(Box::new(before)), Ordering::SeqCst);
            assert_eq!(libc::sigaction(signal, &action, ptr::null_mut()), 0, "the signals are valid");
        }
    }
}

/// Prepares this thread for faults of guests.
///
/// # Errors
/// The operating system refuses the memory for its signal stack.
#[inline]
pub fn prepare_thread() -> Result<(), StoreError> {
    signal_stack::prepare_thread()
}

unsafe extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let store = CURRENT.with(Cell::get);
    // SAFETY: the system called this handler with this context and information.
    let (mut registers, fault) = unsafe { (Registers::new(context), &*info) };
    if signal == libc::SIGFPE && is_float_exception(fault.si_code) {
        // SAFETY: (1) the store's context exists as long as its guest runs.
        if registers.skip_sums() || unsafe { mask_exceptions(&mut registers, store) } {
            return;
        }
    } else if !store.is_null() {
        let site = registry::lookup(registers.pc(), |described, offset| described.code.trap_at(offset));
        if let Some(site) = site.flatten()
            // SAFETY: the information is the system's; this thread runs guest code of the store.
            && unsafe { is_trap(site.trap, signal, fault, store) }
        {
            // (6) guest code of this store runs on this thread, so its landing is valid.
            registers.divert(store);
            return;
        }
    }
    // SAFETY: the arguments are the system's.
    unsafe { chain(signal, info, context) };
}

/// Whether a signal, at an instruction that may trap in this way, is the fault that the trap is made of.
///
/// # Safety
/// The system has given the information to the handler, on a thread that runs guest code of the store.
unsafe fn is_trap(
    trap: Trap,
    signal: libc::c_int,
    info: &libc::siginfo_t,
    store: *const VmStoreContext,
) -> bool {
    if !is_fault(info.si_code) {
        return false;
    }
    match signal {
        // These are raised by the instruction itself.
        libc::SIGILL | libc::SIGFPE => true,
        _ => {
            // SAFETY: a fault of access has an address.
            let address = unsafe { info.si_addr() }.addr();
            match trap {
                // SAFETY: (1) guest code runs, so the core exists and nothing changes it.
                Trap::MemoryOutOfBounds => unsafe { (*(*store).core).may_fault_at(address) },
                _ => address < FIRST_PAGE_BYTES,
            }
        }
    }
}

/// Whether a SIGFPE is a floating-point exception, which the host has not masked.
fn is_float_exception(code: libc::c_int) -> bool {
    // Codes from a floating-point division to a subscript.
    const FIRST_OF_FLOATS: libc::c_int = 3;
    cfg!(target_os = "linux") && is_fault(code) && code >= FIRST_OF_FLOATS
}

/// Makes guest code that has raised a floating-point exception continue in the standard mode: see `vm/machine/float_mode.rs`.
///
/// # Safety
/// The store is null, or its context valid.
unsafe fn mask_exceptions(registers: &mut Registers<'_>, store: *mut VmStoreContext) -> bool {
    if store.is_null() || registry::lookup(registers.pc(), |_, _| ()).is_none() {
        return false;
    }
    let Some(control) = registers.mask_floats() else { return false };
    // SAFETY: the caller vouches for the context, and guest code does not use this field.
    unsafe { (*store).host_mode.note(control) };
    true
}

/// The page in which reads through null references fault. It is never mapped.
const FIRST_PAGE_BYTES: usize = 4096;

/// Whether the system says that the thread itself has faulted. A signal that was sent may arrive at any instruction.
fn is_fault(code: libc::c_int) -> bool {
    const SENT_ON_MACOS: libc::c_int = 0x10000;
    code > 0 && code < SENT_ON_MACOS
}

/// Hands a fault that is not ours on to the handler that was there before.
///
/// # Safety
/// The arguments are the system's.
unsafe fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let index = SIGNALS.iter().position(|&other| other == signal).expect("installed for these only");
    // SAFETY: `install` stored a leaked description before it installed the handler.
    let previous = unsafe { &*PREVIOUS[index].load(Ordering::SeqCst) };
    let handler = previous.sa_sigaction;
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
        // Returning repeats the instruction, which now ends the process as it would without us.
        // SAFETY: the previous action came from the system.
        unsafe { libc::sigaction(signal, previous, ptr::null_mut()) };
    } else if previous.sa_flags & libc::SA_SIGINFO != 0 {
        // SAFETY: it was installed as a handler of this type.
        let handler: unsafe extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
            unsafe { std::mem::transmute(handler) };
        // SAFETY: these are the arguments that the system would have given to it.
        unsafe { handler(signal, info, context) };
    } else {
        // SAFETY: it was installed as a handler of this type.
        let handler: unsafe extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(handler) };
        // SAFETY: this is the argument that the system would have given to it.
        unsafe { handler(signal) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::layout::VmMemory;
    use crate::vm::machine::address_space::Mapping;
    use crate::vm::tests::alone::{self, alone, guest_traps, guest_traps_by_a_fault};
    use crate::{Config, Engine, Instance, Module, Store};

    const CODE_OF_HANDLER: i32 = 42;

    unsafe extern "C" fn exit_with_code(_: libc::c_int) {
        // SAFETY: ending the process is async-signal-safe.
        unsafe { libc::_exit(CODE_OF_HANDLER) };
    }

    fn fault_of_the_host() {
        // SAFETY: it is not: the fault is the point, and this process is there for nothing else.
        unsafe { std::ptr::null_mut::<u8>().wrapping_add(8).write_volatile(1) };
    }

    /// What a child process does: with or without a handler of the host's, installed before ours.
    fn child(kind: &str) {
        if kind == "handler" {
            // SAFETY: the handler is async-signal-safe.
            unsafe { libc::signal(libc::SIGSEGV, exit_with_code as *const () as libc::sighandler_t) };
        }
        guest_traps_by_a_fault();
        guest_traps_by_a_fault();
        fault_of_the_host();
    }

    #[test]
    fn faults_of_the_host_go_to_the_handler_that_was_there_before() {
        use std::os::unix::process::ExitStatusExt;
        if let Some(kind) = alone::kind() {
            return child(&kind);
        }
        let test = "doors::signals::tests::faults_of_the_host_go_to_the_handler_that_was_there_before";
        assert_eq!(alone::status_of(test, "handler").code(), Some(CODE_OF_HANDLER));
        // The standard library's own handler is before ours; it gives such a fault back to the system.
        assert_eq!(alone::status_of(test, "none").signal(), Some(libc::SIGSEGV));
    }

    /// The handlers of our signals.
    fn handlers() -> [(libc::sighandler_t, libc::c_int); SIGNALS.len()] {
        SIGNALS.map(|signal| {
            // SAFETY: asking for the current action changes nothing.
            let action = unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                assert_eq!(libc::sigaction(signal, ptr::null(), &mut action), 0);
                action
            };
            (action.sa_sigaction, action.sa_flags)
        })
    }

    #[test]
    fn without_signals_guests_trap_and_no_handler_is_installed() {
        if alone::kind().is_none() {
            let test = "doors::signals::tests::without_signals_guests_trap_and_no_handler_is_installed";
            return assert!(alone::status_of(test, "without signals").success());
        }
        let before = handlers();
        let engine = Engine::new(Config::new().signals_based_traps(false)).expect("the machine is supported");
        guest_traps(&engine, "unreachable", Trap::UnreachableCodeReached);
        guest_traps(&engine, "(drop (i32.load (i32.const -4)))", Trap::MemoryOutOfBounds);
        guest_traps(
            &engine,
            "(i64.store offset=4294967295 (i32.const -1) (i64.const 1))",
            Trap::MemoryOutOfBounds,
        );
        guest_traps(&engine, "(call_indirect (i32.const 0))", Trap::IndirectCallToNull);
        guest_traps(&engine, "(drop (call $g))", Trap::StackOverflow);
        let zero = "(i32.load (i32.const 0))";
        let division = |name: &str| format!("(drop ({name} (i32.const 1) {zero}))");
        for name in ["i32.div_s", "i32.div_u", "i32.rem_s", "i32.rem_u"] {
            guest_traps(&engine, &division(name), Trap::IntegerDivisionByZero);
        }
        let overflow = format!("(drop (i32.div_s (i32.const 0x80000000) (i32.sub {zero} (i32.const 1))))");
        guest_traps(&engine, &overflow, Trap::IntegerOverflow);
        guest_traps(&engine, "(drop (i64.trunc_f32_u (f32.const nan)))", Trap::BadConversionToInteger);
        assert_eq!(handlers(), before);
        guest_traps_by_a_fault();
        assert_ne!(handlers(), before, "an engine with signals installs them");
    }

    /// Runs a guest that calls the host and then loads from the start of its memory, whose base its code reads each time.
    fn load_after(host: impl Fn(&mut VmMemory) + Send + Sync + 'static) -> crate::Result<i32> {
        let engine = Engine::new(Config::new().memory_reservation(0)).expect("the machine is supported");
        let text = r#"(module (import "" "host" (func $host)) (memory 1)
            (func (export "load") (result i32) (call $host) (i32.load (i32.const 8))))"#;
        let module = Module::new(&engine, text).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let host = crate::Func::wrap(&mut store, move || {
            // SAFETY: (1) a guest of this store waits on this thread.
            let definition = unsafe {
                (*(*current()).core).memory_mut(crate::vm::store::indices::StoreMemory(0)).definition()
            };
            // SAFETY: (2) the memory is there.
            host(unsafe { &mut *definition });
        });
        let instance = Instance::new(&mut store, &module, &[host.into()]).expect("it is imported");
        let load = instance.get_typed_func::<(), i32>(&mut store, "load").expect("it is exported");
        load.call(&mut store, ())
    }

    /// Has code find its memory elsewhere, as only an error of the runtime would.
    fn load_from(base: usize) -> crate::Result<i32> {
        load_after(move |memory| memory.base = ptr::with_exposed_provenance_mut(base))
    }

    #[test]
    fn faults_of_a_guest_outside_of_its_memories_are_handed_on() {
        let Some(kind) = alone::kind() else {
            let test = "doors::signals::tests::faults_of_a_guest_outside_of_its_memories_are_handed_on";
            for kind in ["nowhere", "null", "no address", "another's", "accessible"] {
                assert_eq!(alone::status_of(test, kind).code(), Some(CODE_OF_HANDLER), "{kind}");
            }
            return;
        };
        // SAFETY: the handler is async-signal-safe.
        unsafe { libc::signal(libc::SIGSEGV, exit_with_code as *const () as libc::sighandler_t) };
        guest_traps_by_a_fault();
        let nowhere = Mapping::reserve(1 << 20).expect("there is room");
        let result = match &*kind {
            "nowhere" => load_from(nowhere.base().as_ptr().addr()),
            "null" => load_from(0),
            "no address" => load_from(1 << 63),
            "another's" => load_after(|memory| {
                let (base, kind) =
                    (memory.base.addr(), "the guard in front of a memory that is another store's");
                let result = load_from(base - 4096);
                panic!("{kind}: {result:?}");
            }),
            _ => load_after(|memory| {
                // SAFETY: (7) the page is the memory's; that it cannot be read any more is the point.
                unsafe { libc::mprotect(memory.base.cast(), 4096, libc::PROT_NONE) };
            }),
        };
        panic!("a fault {kind} came out as {result:?}");
    }

    #[test]
    fn memories_have_guards_on_both_sides() {
        load_after(|memory| {
            let readable = |address: usize| {
                let (_reader, writer) = std::io::pipe().expect("there is room");
                let writer = std::os::fd::AsRawFd::as_raw_fd(&writer);
                // SAFETY: the system looks whether it can read the byte.
                unsafe { libc::write(writer, ptr::without_provenance(address), 1) == 1 }
            };
            let (start, end) = (memory.base.addr(), memory.base.addr() + memory.len_bytes);
            assert!([start, end - 1].into_iter().all(readable));
            let guard = 32 << 20;
            for beyond in [0, 1, 4095, 4096, guard - 1] {
                assert!(!readable(end + beyond) && !readable(start - 1 - beyond), "{beyond}");
            }
        })
        .expect("nothing fails");
    }

    static SENT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

    unsafe extern "C" fn count(_: libc::c_int) {
        SENT.fetch_add(1, Ordering::SeqCst);
    }

    #[test]
    fn signals_that_are_sent_are_not_traps() {
        alone("doors::signals::tests::signals_that_are_sent_are_not_traps", || {
            for signal in SIGNALS {
                // SAFETY: the handler is async-signal-safe.
                unsafe { libc::signal(signal, count as *const () as libc::sighandler_t) };
            }
            let engine = Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported");
            // Nearly all of it is instructions that may trap.
            let text = r#"(module (memory (export "m") 1) (func (export "spin") (param i32)
                (loop $l
                    (drop (i32.div_u (i32.load (i32.const 8)) (i32.load (i32.const 4))))
                    (br_if $l (i32.eqz (i32.load (i32.const 0)))))))"#;
            let module = Module::new(&engine, text).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            store.set_fuel(u64::MAX).expect("fuel is configured");
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
            let memory = instance.get_memory(&mut store, "m").expect("it is exported");
            memory.write(&mut store, 4, &[1]).expect("it is there");
            let end = memory.data(&store).as_ptr().addr();
            // SAFETY: asking for the thread's name changes nothing.
            let guest = unsafe { libc::pthread_self() } as usize;
            let sender = std::thread::spawn(move || {
                for turn in 0..4_000 {
                    // SAFETY: the thread waits for this one.
                    unsafe { libc::pthread_kill(guest as libc::pthread_t, SIGNALS[turn % SIGNALS.len()]) };
                    // Signals of a kind that are not taken yet are one.
                    while SENT.load(Ordering::SeqCst) <= turn {
                        std::thread::yield_now();
                    }
                }
                // SAFETY: the guest reads it, whenever it does.
                unsafe { ptr::with_exposed_provenance_mut::<u8>(end).write_volatile(1) };
            });
            let spin = instance.get_typed_func::<i32, ()>(&mut store, "spin").expect("it is exported");
            spin.call(&mut store, 0).expect("it ends when it is told to");
            sender.join().expect("it sends and ends");
            assert_eq!(SENT.load(Ordering::SeqCst), 4_000);
        });
    }
}
