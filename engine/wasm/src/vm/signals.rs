//! Hardware faults of guest code become traps; everybody else's go on to whoever handled them before.
//!
//! The handler takes no lock and allocates nothing: it looks the faulting address up, changes the
//! thread's registers, and returns. It runs on the thread's alternate stack, so that it also works
//! on fibers and where a stack is used up.

use std::cell::Cell;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::address_space::{Access, Mapping};
use super::arch::Registers;
use super::registry;
use super::store::StoreContext;

/// What the thread's current activation belongs to.
pub type Current = StoreContext;

thread_local! {
    static CURRENT: Cell<*mut Current> = const { Cell::new(ptr::null_mut()) };
    static PREPARED: Cell<bool> = const { Cell::new(false) };
    static ALTERNATE_STACK: Cell<Option<AlternateStack>> = const { Cell::new(None) };
}

/// Sets the store whose guest code this thread runs from now on, on a fiber; returns the one before.
///
/// Not inlined: a fiber may go on on another thread, where an address of this thread's storage
/// computed before the switch would be wrong.
#[inline(never)]
pub fn enter_thread(store: *mut Current, faults: bool) -> *mut Current {
    if faults {
        prepare_thread();
    }
    set_current_of_thread(store)
}

/// The store whose guest code this thread runs. Not inlined, as above.
#[inline(never)]
pub fn current() -> *mut Current {
    CURRENT.with(Cell::get)
}

/// Sets the store that was this thread's before a fiber ran on it. Not inlined either.
#[inline(never)]
pub fn leave_thread(previous: *mut Current) {
    set_current_of_thread(previous);
}

/// Sets the store whose guest code this thread runs, for calls that stay on their thread; returns the one before.
#[inline]
pub fn set_current_of_thread(store: *mut Current) -> *mut Current {
    CURRENT.with(|current| current.replace(store))
}

const SIGNALS: [libc::c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// What was there before, for each of the signals; null until ours is installed.
static PREVIOUS: [AtomicPtr<libc::sigaction>; SIGNALS.len()] =
    [const { AtomicPtr::new(ptr::null_mut()) }; SIGNALS.len()];

/// Installs the handlers, once for the process.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (&signal, previous) in SIGNALS.iter().zip(&PREVIOUS) {
            // SAFETY: the handler is async-signal-safe, and all-zero is a valid description.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
                action.sa_sigaction = handle as *const () as usize;
                libc::sigemptyset(&mut action.sa_mask);
                let mut before: libc::sigaction = std::mem::zeroed();
                assert_eq!(libc::sigaction(signal, ptr::null(), &mut before), 0, "the signals are valid");
                // Kept for ever: the handler may need it as long as the process lives.
                previous.store(Box::leak(Box::new(before)), Ordering::SeqCst);
                assert_eq!(libc::sigaction(signal, &action, ptr::null_mut()), 0, "the signals are valid");
            }
        }
    });
}

unsafe extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let store = CURRENT.with(Cell::get);
    if !store.is_null() {
        // SAFETY: the system called this handler with this context.
        let mut registers = unsafe { Registers::new(context) };
        let site = registry::lookup(registers.pc(), |described, offset| described.code.trap_at(offset));
        if site.flatten().is_some() {
            // (6) guest code of this store runs on this thread, so its landing is valid.
            registers.divert(store);
            return;
        }
    }
    // SAFETY: the arguments are the system's.
    unsafe { chain(signal, info, context) };
}

/// Hands a fault that is not ours to the handler that was there before.
unsafe fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let index = SIGNALS.iter().position(|&other| other == signal).expect("installed for these only");
    // SAFETY: `install` stored a leaked description before it installed the handler.
    let previous = unsafe { &*PREVIOUS[index].load(Ordering::SeqCst) };
    let handler = previous.sa_sigaction;
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
        // Returning repeats the instruction, which now ends the process as if we were not here.
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

struct AlternateStack(#[expect(dead_code, reason = "kept mapped until the thread ends")] Mapping);

impl Drop for AlternateStack {
    fn drop(&mut self) {
        // SAFETY: (1) an all-zero description with SS_DISABLE takes the stack out of use before it is unmapped.
        unsafe {
            let mut none: libc::stack_t = std::mem::zeroed();
            none.ss_flags = libc::SS_DISABLE;
            libc::sigaltstack(&none, ptr::null_mut());
        }
    }
}

/// Makes sure that this thread has an alternate signal stack. Threads of the standard library have
/// one; threads made elsewhere may not.
#[inline]
pub fn prepare_thread() {
    if !PREPARED.replace(true) {
        give_alternate_stack();
    }
}

#[cold]
fn give_alternate_stack() {
    // SAFETY: asking for the current description changes nothing.
    let current = unsafe {
        let mut current: libc::stack_t = std::mem::zeroed();
        libc::sigaltstack(ptr::null(), &mut current);
        current
    };
    if current.ss_flags & libc::SS_DISABLE == 0 {
        return;
    }
    const BYTES: usize = 64 << 10;
    let mut stack =
        Mapping::reserve(BYTES).expect("a thread without 64 KiB for its signals cannot run guests");
    stack.protect(0, BYTES, Access::ReadWrite).expect("as above");
    // SAFETY: (7) the stack is this thread's own and stays mapped until the thread ends.
    unsafe {
        let mut new: libc::stack_t = std::mem::zeroed();
        new.ss_sp = stack.base().as_ptr().cast();
        new.ss_size = BYTES;
        libc::sigaltstack(&new, ptr::null_mut());
    }
    ALTERNATE_STACK.set(Some(AlternateStack(stack)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Engine, Instance, Module, Store, Trap};

    /// Which child process this is; unset in the process that starts them.
    const CHILD: &str = "TINKERBOX_SIGNAL_TEST";
    const CODE_OF_HANDLER: i32 = 42;

    unsafe extern "C" fn exit_with_code(_: libc::c_int) {
        // SAFETY: ending the process is async-signal-safe.
        unsafe { libc::_exit(CODE_OF_HANDLER) };
    }

    fn guest_traps_by_a_fault() {
        guest_traps(&Engine::default(), "(drop (i32.load (i32.const -4)))", Trap::MemoryOutOfBounds);
    }

    fn guest_traps(engine: &Engine, body: &str, trap: Trap) {
        let module = format!("(module (memory 1) (table 1 funcref) (func $f (export \"f\") {body}))");
        let module = Module::new(engine, module).expect("the module is valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        let f = instance.get_typed_func::<(), ()>(&mut store, "f").expect("it is exported");
        let error = f.call(&mut store, ()).expect_err("it traps");
        assert_eq!(error.downcast_ref(), Some(&trap), "{body}");
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

    /// Runs a test of this module in a process of its own, which is told its kind.
    fn status_of(test: &str, kind: &str) -> std::process::ExitStatus {
        let program = std::env::current_exe().expect("a test knows its program");
        let name = &format!("vm::signals::tests::{test}");
        let mut child = std::process::Command::new(program);
        child.args(["--exact", name, "--nocapture"]).env(CHILD, kind);
        child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        child.status().expect("the test's program can be run")
    }

    #[test]
    fn faults_of_the_host_go_to_the_handler_that_was_there_before() {
        use std::os::unix::process::ExitStatusExt;
        if let Ok(kind) = std::env::var(CHILD) {
            return child(&kind);
        }
        let test = "faults_of_the_host_go_to_the_handler_that_was_there_before";
        assert_eq!(status_of(test, "handler").code(), Some(CODE_OF_HANDLER));
        // The standard library's own handler is before ours; it gives such a fault back to the system.
        assert_eq!(status_of(test, "none").signal(), Some(libc::SIGSEGV));
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
        if std::env::var_os(CHILD).is_none() {
            let test = "without_signals_guests_trap_and_no_handler_is_installed";
            return assert!(status_of(test, "without signals").success());
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
        guest_traps(&engine, "(call $f)", Trap::StackOverflow);
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

    #[test]
    fn a_thread_without_an_alternate_stack_gets_one() {
        std::thread::spawn(|| {
            // SAFETY: this thread's own stack is taken out of use, before any guest runs on it.
            unsafe {
                let mut none: libc::stack_t = std::mem::zeroed();
                none.ss_flags = libc::SS_DISABLE;
                assert_eq!(libc::sigaltstack(&none, ptr::null_mut()), 0);
            }
            guest_traps_by_a_fault();
            // SAFETY: asking for the current description changes nothing.
            let current = unsafe {
                let mut current: libc::stack_t = std::mem::zeroed();
                libc::sigaltstack(ptr::null(), &mut current);
                current
            };
            assert_eq!(current.ss_flags & libc::SS_DISABLE, 0);
        })
        .join()
        .expect("the thread does not panic");
    }
}
