//! THE SANDBOX RESTS ON THIS FILE: what a process shares with one that was forked from it.
//!
//! Code that keeps something which the system does not copy at a fork asks here. This file knows nothing of what that is: the
//! locks that have to be held over a fork are handed to [`watch_forks`].
//!
//! ```text
//! machine code, memories, fibers' stacks,   private mappings: each process continues with a copy of its own
//!   spare ones of each, signal stacks
//! lists, ids and settings of all kinds      plain memory, copied too: a handle means the same in both
//! signal handlers and what they look up     copied; a lookup that another thread was in the middle of is forgotten
//! files with images of memories             shared: what was there before the fork changes in neither, new images
//!                                           go to a new file of each
//! the file that says which pages are used   is about the parent's memory: the child does without it
//! locks of the process                      are held over the fork, so none is left locked in the child
//! locks of an engine                        are not: if another thread was using an engine at the fork, that engine
//!                                           may be locked for ever in the child; a new one never is
//! ```
//!
//! Locks of the standard library are not the runtime's to hold: if `RUST_BACKTRACE` is set, errors carry a backtrace of the
//! host, which is made under such a lock, and a child of a process with several threads may wait for it for ever.
//!
//! The C library reports forks. A process that was forked by a bare system call notices that it was, but its parent does not,
//! and may remove images that both of them use.

use std::any::Any;
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// This process, as distinct from its ancestors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// The number of forks between the first process and this one, since the system uses process numbers again.
    depth: u32,
    id: u32,
}

/// The time between two forks. What was made in it belongs to this process alone until it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    process: Process,
    forks: u64,
}

static DEPTH: AtomicU32 = AtomicU32::new(0);
/// The number of forks that this process has made, including those of its parents before it existed.
static FORKS: Mutex<u64> = Mutex::new(0);

impl Process {
    pub fn this() -> Process {
        Process { depth: DEPTH.load(Ordering::Relaxed), id: std::process::id() }
    }
}

impl Epoch {
    pub fn now() -> Epoch {
        Epoch::after(*lock(&FORKS))
    }

    fn after(forks: u64) -> Epoch {
        Epoch { process: Process::this(), forks }
    }

    /// Runs `f` if there has been no fork since, and holds forks up meanwhile. `f` must not wait for other threads.
    pub fn while_it_lasts(self, f: impl FnOnce()) {
        let forks = lock(&FORKS);
        if self == Epoch::after(*forks) {
            f();
        }
    }
}

/// Locks one of the locks that are held over a fork. None of them is taken while another one is held.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is done around a fork for those who watch it.
pub struct AtFork {
    /// Takes the locks of the process that must not be left locked in a child. They are released when what this returns
    /// is dropped, in the parent and in the child.
    pub hold: fn() -> Box<dyn Any>,
    /// Forgets, in a child, what the threads of its parent were doing.
    pub in_child: fn(),
}

/// Null, or from a reference that lives as long as the process. No lock: a child that was forked while one was held would
/// wait for ever.
static AT_FORK: AtomicPtr<AtFork> = AtomicPtr::new(ptr::null_mut());

/// Whether the handlers of forks are registered: 0, [`REGISTERED`], or twice the number of the process that registers them.
static REGISTRATION: AtomicU64 = AtomicU64::new(0);

const REGISTERED: u64 = 1;

/// Does this around every fork from now on. Each call passes the same functions; if another thread is about to register
/// them, waits until it has.
pub fn watch_forks(at_fork: &'static AtFork) {
    AT_FORK.store(ptr::from_ref(at_fork).cast_mut(), Ordering::Release);
    let own = 2 * u64::from(std::process::id());
    loop {
        let state = REGISTRATION.load(Ordering::Acquire);
        if state == REGISTERED {
            return;
        }
        // The number of another process is its thread's that was registering them at a fork, and does not exist here.
        if state != own
            && REGISTRATION.compare_exchange(state, own, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            break;
        }
        std::thread::yield_now();
    }
    // SAFETY: the handlers exist as long as the process, and do only what is allowed around a fork.
    let result = unsafe { libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child)) };
    assert_eq!(result, 0, "the C library has room for three addresses");
    REGISTRATION.store(REGISTERED, Ordering::Release);
}

fn at_fork() -> Option<&'static AtFork> {
    // SAFETY: it is null, or from a reference that lives as long as the process.
    unsafe { AT_FORK.load(Ordering::Acquire).as_ref() }
}

struct Held {
    forks: MutexGuard<'static, u64>,
    _others: Box<dyn Any>,
}

thread_local!(static HELD: Cell<Option<Held>> = const { Cell::new(None) });

extern "C" fn before() {
    // In a child of a process that was registering the handlers, they may be registered twice.
    if HELD.try_with(|place| place.take().map(|held| place.set(Some(held)))).is_ok_and(|held| held.is_some())
    {
        return;
    }
    let others = at_fork().map_or_else(|| Box::new(()) as Box<dyn Any>, |at_fork| (at_fork.hold)());
    let mut held = Held { forks: lock(&FORKS), _others: others };
    *held.forks += 1;
    // On a thread that is ending, nothing is held.
    let _ = HELD.try_with(|place| place.set(Some(held)));
}

extern "C" fn after_in_parent() {
    let _ = HELD.try_with(Cell::take);
}

extern "C" fn after_in_child() {
    DEPTH.fetch_add(1, Ordering::Relaxed);
    if let Some(at_fork) = at_fork() {
        (at_fork.in_child)();
    }
    let _ = HELD.try_with(Cell::take);
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, PipeWriter, Read as _, Write as _, pipe};
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::vm::tests::alone::{alone, fork, guest, guest_traps_by_a_fault};
    use crate::{CallState, Config, Engine, Instance, Module, Store, StoreContextMut, Trap, TypedFunc};

    /// Lets two processes take turns: one waits until the other has said so, or is gone.
    fn turns() -> (impl Fn() + use<>, impl Fn() + use<>) {
        let (reader, writer): (PipeReader, PipeWriter) = pipe().expect("there is room");
        let say = move || (&writer).write_all(&[1]).expect("somebody reads it");
        let wait = move || (&reader).read_exact(&mut [0]).expect("the other one says it");
        (say, wait)
    }

    fn text(result: i32, padding: usize) -> String {
        // Larger than a piece that shares a page, where it is padded.
        let padding = "(drop (call $f (i32.const 1)))".repeat(padding);
        format!(
            r#"(module (memory (export "m") 2) (data (i32.const 70000) "word {result}")
            (func $f (param i32) (result i32) (if (local.get 0) (then (return (local.get 0)))) {padding} (i32.const {result}))
            (func (export "run") (result i32) (call $f (i32.const 0)))
            (func (export "trap") (result i32) (i32.load (i32.const -1)))
            (func (export "word") (result i32) (i32.load8_u (i32.const 70005))))"#
        )
    }

    /// What a module does, in an instance of its own: its result, and a digit of its memory.
    fn works(module: &Module, result: i32) {
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, module, &[]).expect("it needs no imports");
        runs(&mut store, &instance, result);
    }

    fn runs(store: &mut Store<()>, instance: &Instance, result: i32) {
        let mut call = |name: &str| {
            let func: TypedFunc<(), i32> =
                instance.get_typed_func(&mut *store, name).expect("it is exported");
            func.call(&mut *store, ())
        };
        let word = i32::from(result.to_string().as_bytes()[0]);
        assert_eq!(call("run").expect("it returns"), result);
        assert_eq!(call("word").expect("it returns"), word);
        let error = call("trap").expect_err("it traps");
        assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    }

    fn new(engine: &Engine, result: i32, padding: usize) -> (Module, Store<()>, Instance) {
        let module = Module::new(engine, text(result, padding)).expect("the module is valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        (module, store, instance)
    }

    /// Compiles, runs and drops, all on its own engine.
    fn begins_anew() {
        let engine = Engine::default();
        for result in [41, 52, 63] {
            let (module, mut store, instance) = new(&engine, result, 0);
            runs(&mut store, &instance, result);
            drop((store, module));
        }
        guest_traps_by_a_fault();
    }

    #[test]
    fn two_processes_compile_and_drop_independently() {
        alone("machine::process::tests::two_processes_compile_and_drop_independently", || {
            for (padding, child_first) in [(0, false), (0, true), (3_000, false), (3_000, true)] {
                let engine = Engine::default();
                let (kept, mut store, instance) = new(&engine, 111, padding);
                // There before the fork, with and without a store that keeps it; one that was never run.
                let (dropped, ..) = new(&engine, 222, padding);
                let (unused, mut waiting, untouched) = new(&engine, 333, padding);
                drop(unused);
                let ((say, hear), (answer, listen)) = (turns(), turns());
                let mut act = |results: [i32; 2]| {
                    let made = results.map(|result| new(&engine, result, padding));
                    works(&kept, 111);
                    works(&dropped, 222);
                    for ((_, mut store, instance), result) in made.into_iter().zip(results) {
                        runs(&mut store, &instance, result);
                    }
                    runs(&mut store, &instance, 111);
                    begins_anew();
                };
                // What the one drops and puts in its place, the other one still has.
                let child = fork(|| {
                    if child_first {
                        act([444, 555]);
                        answer();
                    }
                    hear();
                    runs(&mut waiting, &untouched, 333);
                    act([666, 777]);
                });
                if child_first {
                    listen();
                }
                act([888, 999]);
                drop((kept, dropped, store, waiting));
                let others: Vec<_> = (100..140).map(|result| new(&engine, result, padding)).collect();
                say();
                child.succeeds();
                for ((module, mut store, instance), result) in others.into_iter().zip(100..) {
                    works(&module, result);
                    runs(&mut store, &instance, result);
                }
            }
        });
    }

    #[test]
    fn a_child_that_drops_everything_leaves_the_parent_everything() {
        alone("machine::process::tests::a_child_that_drops_everything_leaves_the_parent_everything", || {
            let engine = Engine::default();
            let all: Vec<_> = (100..150).map(|result| new(&engine, result, 0)).collect();
            let mut all = Some((engine, all));
            fork(|| {
                drop(all.take());
                begins_anew();
            })
            .succeeds();
            let (engine, all) = all.expect("it is the parent's");
            for ((module, mut store, instance), result) in all.into_iter().zip(100..) {
                works(&module, result);
                runs(&mut store, &instance, result);
            }
            // What is dropped after a fork is given back, too, and used again.
            let (module, mut store, instance) = new(&engine, 250, 0);
            works(&module, 250);
            runs(&mut store, &instance, 250);
        });
    }

    #[test]
    fn suspended_calls_continue_in_both() {
        alone("machine::process::tests::suspended_calls_continue_in_both", || {
            let engine = Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported");
            let text = r#"(module (func (export "run") (result i32) (local i32)
                (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 99))))
                (local.get 0)))"#;
            let (mut store, run) = guest(&engine, text, "run");
            store.set_fuel(50).expect("fuel is configured");
            let begun = run.call_resumable(&mut store, ()).expect("it waits");
            let CallState::Suspended(call) = begun else { panic!("it waits for fuel") };
            let mut call = Some(call);
            let mut go_on = |fuel| {
                store.set_fuel(fuel).expect("fuel is configured");
                call.take().expect("once").resume(&mut store).expect("it goes on")
            };
            fork(|| {
                assert!(matches!(go_on(10_000), CallState::Finished(99)));
                assert_eq!(run_once(), 99);
            })
            .succeeds();
            assert!(matches!(go_on(10_000), CallState::Finished(99)));
        });
    }

    fn run_once() -> i32 {
        let (mut store, run) =
            guest(&Engine::default(), r#"(module (func (export "run") (result i32) (i32.const 99)))"#, "run");
        run.call(&mut store, ()).expect("it returns")
    }

    #[test]
    fn a_host_function_forks_and_both_continue_in_the_guest() {
        alone("machine::process::tests::a_host_function_forks_and_both_continue_in_the_guest", || {
            let engine = Engine::default();
            let text = r#"(module (import "" "fork" (func $fork (result i32))) (memory 1)
                (func (export "run") (result i32)
                    (i32.store (i32.const 8) (call $fork))
                    (i32.add (i32.load (i32.const 8)) (i32.const 5))))"#;
            let module = Module::new(&engine, text).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            // SAFETY: nothing else runs in this process.
            let fork = crate::Func::wrap(&mut store, || unsafe { libc::fork() });
            let instance = Instance::new(&mut store, &module, &[fork.into()]).expect("it is imported");
            let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("it is exported");
            let result = run.call(StoreContextMut::from(&mut store), ()).expect("it returns");
            if result == 5 {
                begins_anew();
                // SAFETY: the child ends here.
                unsafe { libc::_exit(7) };
            }
            let mut status = -1;
            // SAFETY: the child is ours, and the status is filled in.
            assert_eq!(unsafe { libc::waitpid(result - 5, &mut status, 0) }, result - 5);
            assert_eq!(libc::WEXITSTATUS(status), 7);
            drop(store);
            works(&Module::new(&engine, super::tests::text(123, 0)).expect("it is valid"), 123);
        });
    }

    /// Whatever other threads were in the middle of: compiling, dropping, trapping, making engines.
    #[test]
    fn a_child_of_a_busy_process_makes_an_engine_of_its_own() {
        alone("machine::process::tests::a_child_of_a_busy_process_makes_an_engine_of_its_own", || {
            static ENOUGH: AtomicBool = AtomicBool::new(false);
            let busy: Vec<_> = (0..4)
                .map(|_| {
                    std::thread::spawn(|| {
                        while !ENOUGH.load(Ordering::Relaxed) {
                            begins_anew();
                        }
                    })
                })
                .collect();
            for _ in 0..20 {
                fork(begins_anew).succeeds();
            }
            ENOUGH.store(true, Ordering::Relaxed);
            busy.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
        });
    }
}
