//! For tests of what a whole process has: each runs in a process of its own, or in one that is forked off there.

use std::process::{Command, ExitStatus, Stdio};

use crate::{Engine, Instance, Module, Store, Trap, TypedFunc};

/// Which child process this is; unset in the process that starts them.
const CHILD: &str = "TINKERBOX_ALONE";

/// The kind that this process was started with, if it is one's child.
pub fn kind() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Runs a test in a process of its own, which is told its kind. `test` is its path within `vm`.
pub fn status_of(test: &str, kind: &str) -> ExitStatus {
    let program = std::env::current_exe().expect("a test knows its program");
    let mut child = Command::new(program);
    child.args(["--exact", &format!("vm::{test}"), "--nocapture"]).env(CHILD, kind);
    child.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the test's program can be run")
}

/// Runs a test in a process of its own, and fails as it does.
pub fn alone(test: &str, run: impl FnOnce()) {
    if kind().as_deref() == Some(test) {
        return run();
    }
    let program = std::env::current_exe().expect("a test knows its program");
    let mut child = Command::new(program);
    child.args(["--exact", &format!("vm::{test}"), "--nocapture"]).env(CHILD, test);
    // Backtraces of the host are made under a lock of the standard library's, which no one holds over a fork: a child could
    // wait for ever for a thread that only its parent has.
    child.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
    let output = child.output().expect("the test's program can be run");
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{}: {said}", output.status);
}

/// A process that was forked off this one.
pub struct Forked(libc::pid_t);

/// Forks a process off, which does this and ends.
pub fn fork(run: impl FnOnce()) -> Forked {
    // SAFETY: the child runs what needs no other thread of this process, and ends.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the system has room for a process");
    if child == 0 {
        const SECONDS: libc::c_uint = 120;
        // SAFETY: a child that waits for a lock for ever is ended by the system.
        unsafe { libc::alarm(SECONDS) };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        // SAFETY: the child ends here, without what its parent would do at its end.
        unsafe { libc::_exit(i32::from(result.is_err())) };
    }
    Forked(child)
}

impl Forked {
    /// Waits until it has ended, as it should.
    pub fn succeeds(self) {
        let mut status = -1;
        // SAFETY: the child is ours, and the status is filled in.
        assert_eq!(unsafe { libc::waitpid(self.0, &mut status, 0) }, self.0);
        assert_eq!(status, 0, "the child fails");
    }
}

/// A function of a new instance of a module without imports.
pub fn guest(engine: &Engine, text: &str, name: &str) -> (Store<()>, TypedFunc<(), i32>) {
    let module = Module::new(engine, text).expect("the module is valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
    let func = instance.get_typed_func(&mut store, name).expect("it is exported");
    (store, func)
}

/// A guest whose body ends with this trap.
pub fn guest_traps(engine: &Engine, body: &str, trap: Trap) {
    let text = format!(
        "(module (memory 1) (table 1 funcref) (func $f) (func $g (export \"g\") (result i32) {body} (i32.const 0)))"
    );
    let (mut store, func) = guest(engine, &text, "g");
    let error = func.call(&mut store, ()).expect_err("it traps");
    assert_eq!(error.downcast_ref(), Some(&trap), "{body}");
}

/// A guest that traps as most do: by a fault.
pub fn guest_traps_by_a_fault() {
    guest_traps(&Engine::default(), "(drop (i32.load (i32.const -4)))", Trap::MemoryOutOfBounds);
}
