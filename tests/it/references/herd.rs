//! A host whose values record when they are dropped, and the imports with which guests make, use and count them.
//!
//! ```text
//! make(id) -> externref    use(externref, id)    check(mask): exactly these ids are alive after a collection
//! ```

use std::sync::{Arc, Mutex};

use tinkerbox_wasm::*;

/// The ids that are alive, as a set of bits.
pub type Living = Arc<Mutex<u64>>;

/// A value of the host that removes itself from the list when it is dropped.
pub struct Sheep {
    pub id: u32,
    living: Living,
}

impl Sheep {
    pub fn new(id: u32, living: &Living) -> Sheep {
        *living.lock().expect("nobody panics with it") |= 1 << id;
        Sheep { id, living: living.clone() }
    }
}

impl Drop for Sheep {
    fn drop(&mut self) {
        *self.living.lock().expect("nobody panics with it") &= !(1 << self.id);
    }
}

/// The data of a store: which ids are alive, how many checks there were, and at which of them a collection runs.
#[derive(Default)]
pub struct Herd {
    pub living: Living,
    pub checks: usize,
    pub collect_at: Option<usize>,
}

impl Herd {
    pub fn living(&self) -> u64 {
        *self.living.lock().expect("nobody panics with it")
    }
}

/// The host's side of the imports. A check collects at the chosen call only, or at each if none is chosen.
pub fn linker(engine: &Engine) -> Linker<Herd> {
    let mut linker = Linker::new(engine);
    let make = |mut caller: Caller<'_, Herd>, id: u32| {
        let sheep = Sheep::new(id, &caller.data().living);
        ExternRef::new(&mut caller, sheep)
    };
    linker.func_wrap("herd", "make", make).expect("defined once");
    let use_ = |caller: Caller<'_, Herd>, sheep: Option<Rooted<ExternRef>>, id: u32| -> Result<()> {
        let sheep = sheep.ok_or_else(|| format_err!("sheep {id} is null"))?;
        let found = sheep.data(&caller)?.and_then(|data| data.downcast_ref::<Sheep>()).map(|sheep| sheep.id);
        ensure!(found == Some(id), "sheep {id} was wanted, {found:?} is there");
        Ok(())
    };
    linker.func_wrap("herd", "use", use_).expect("defined once");
    let check = |mut caller: Caller<'_, Herd>, wanted: u64| -> Result<()> {
        let here = caller.data().checks;
        caller.data_mut().checks += 1;
        if caller.data().collect_at.is_none_or(|at| at == here) {
            caller.gc();
            let living = caller.data().living();
            ensure!(living == wanted, "at check {here}, {wanted:#b} were to live, but it is {living:#b}");
        }
        Ok(())
    };
    linker.func_wrap("herd", "check", check).expect("defined once");
    linker
}

/// A module with these imports. Masks may be written in binary, which the text format lacks.
pub fn module(engine: &Engine, body: &str) -> Module {
    let mut parts = body.split("0b");
    let mut decimal = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let end = part.find(|digit| !matches!(digit, '0' | '1')).expect("a mask is in parentheses");
        let mask = u64::from_str_radix(&part[..end], 2).expect("masks have at most 64 bits");
        decimal += &format!("{mask}{}", &part[end..]);
    }
    let body = decimal;
    let text = format!(
        r#"(module
            (import "herd" "make" (func $make (param i32) (result externref)))
            (import "herd" "use" (func $use (param externref i32)))
            (import "herd" "check" (func $check (param i64)))
            {body})"#
    );
    Module::new(engine, text).unwrap_or_else(|error| panic!("{error:#}\n{body}"))
}

/// Engines that compile the same program differently.
pub fn engines() -> impl Iterator<Item = Engine> {
    let levels = [OptLevel::None, OptLevel::Speed];
    let ways = levels.into_iter().flat_map(|level| [(level, false), (level, true)]);
    ways.flat_map(|(level, fuel)| [(level, fuel, true), (level, fuel, false)]).map(
        |(level, fuel, signals)| {
            let mut config = Config::new();
            config.consume_fuel(fuel).cranelift_opt_level(level).signals_based_traps(signals);
            Engine::new(&config).expect("the settings are fine")
        },
    )
}
