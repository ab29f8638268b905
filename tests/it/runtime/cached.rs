//! Compiled modules in a cache: what the store gives back is used only if it is exactly what was put there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use super::engine;
use tinkerbox_wasm::*;

const SEVEN: &str = r#"(module (func (export "f") (result i32) (i32.const 7)))"#;
const NINE: &str = r#"(module (func (export "f") (result i32) (i32.const 9)))"#;

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store in memory, with which a test can tamper.
#[derive(Debug, Default)]
struct Kept(Mutex<Entries>);

impl CacheStore for Kept {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.0.lock().unwrap().get(key).cloned().map(Cow::Owned)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        self.0.lock().unwrap().insert(key.to_vec(), value).is_none()
    }
}

/// A store that loses everything.
#[derive(Debug)]
struct Lost;

impl CacheStore for Lost {
    fn get(&self, _key: &[u8]) -> Option<Cow<'_, [u8]>> {
        None
    }

    fn insert(&self, _key: &[u8], _value: Vec<u8>) -> bool {
        false
    }
}

fn with_store(store: &Arc<Kept>) -> Engine {
    engine(|config| drop(config.module_cache(Some(store.clone())).clone()))
}

/// What `f` of a module returns, and how many modules were compiled for that, by a new engine.
fn run(store: &Arc<Kept>, text: &str) -> (i32, u64) {
    let engine = with_store(store);
    (result(&engine, text), engine.modules_compiled())
}

fn result(engine: &Engine, text: &str) -> i32 {
    let module = Module::new(engine, text).unwrap();
    let mut store = Store::new(engine, ());
    store.set_fuel(1_000).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    instance.get_typed_func::<(), i32>(&mut store, "f").unwrap().call(&mut store, ()).unwrap()
}

/// A store with one entry: of the module that returns 7.
fn filled() -> (Arc<Kept>, Vec<u8>, Vec<u8>) {
    let store = Arc::new(Kept::default());
    assert_eq!(run(&store, SEVEN), (7, 1));
    let entries = store.0.lock().unwrap().clone();
    let (key, entry) = entries.into_iter().next().unwrap();
    (store, key, entry)
}

#[test]
fn a_module_is_compiled_once_and_then_the_same() {
    let (store, ..) = filled();
    assert_eq!(run(&store, SEVEN), (7, 0));
    assert_eq!(run(&store, NINE), (9, 1));
    assert_eq!(run(&store, NINE), (9, 0));
    let (kept, fresh) = (with_store(&store), engine(|_| ()));
    let serialized = |engine: &Engine| Module::new(engine, SEVEN).unwrap().serialize().unwrap();
    assert_eq!(serialized(&kept), serialized(&fresh), "a module from the cache has all that it had");
    assert_eq!((kept.modules_compiled(), fresh.modules_compiled()), (0, 1));
}

#[test]
fn no_cut_and_no_changed_byte_is_ever_run() {
    let (store, key, entry) = filled();
    let engine = with_store(&store);
    let mut compiled = 0;
    let mut is_compiled_again = |damaged: Vec<u8>, what: &str| {
        store.0.lock().unwrap().insert(key.clone(), damaged);
        assert_eq!(result(&engine, SEVEN), 7, "{what}");
        compiled += 1;
        assert_eq!(engine.modules_compiled(), compiled, "{what}");
        let mended = store.0.lock().unwrap()[&key] == entry;
        assert!(mended, "{what}: the entry is whole again");
    };
    for len in 0..entry.len() {
        is_compiled_again(entry[..len].to_vec(), &format!("cut at {len}"));
    }
    for at in 0..entry.len() {
        let mut damaged = entry.clone();
        damaged[at] ^= 1 << (at % 8);
        is_compiled_again(damaged, &format!("byte {at}"));
    }
    is_compiled_again([&entry[..], &[0]].concat(), "a byte more");
    is_compiled_again([&entry[..], &entry].concat(), "twice");
}

#[test]
fn entries_in_each_others_place_are_not_used() {
    let (store, ..) = filled();
    run(&store, NINE);
    let mut entries = store.0.lock().unwrap();
    let [first, second] = &mut entries.values_mut().collect::<Vec<_>>()[..] else { panic!("two entries") };
    std::mem::swap(*first, *second);
    drop(entries);
    assert_eq!((run(&store, SEVEN), run(&store, NINE)), ((7, 1), (9, 1)));
    assert_eq!((run(&store, SEVEN), run(&store, NINE)), ((7, 0), (9, 0)));
}

#[test]
fn an_entry_of_another_version_in_a_valid_frame_is_not_used() {
    let (store, key, entry) = filled();
    // As a runtime would write it that differs in nothing but its version: each line of it is in the artifact.
    let version = b"version tinkerbox-wasm 0.1.0";
    let at = entry.windows(version.len()).position(|window| window == version).unwrap();
    let mut other = entry.clone();
    other[at + version.len() - 1] = b'1';
    store.0.lock().unwrap().insert(key.clone(), other);
    assert_eq!(run(&store, SEVEN), (7, 1));
}

#[test]
fn each_setting_that_changes_code_has_its_own_entries() {
    let settings: [fn(&mut Config) -> &mut Config; 8] = [
        |config| config,
        |config| config.consume_fuel(false),
        |config| config.memory_reservation(1 << 20),
        |config| config.memory_guard_size(64 << 10),
        |config| config.signals_based_traps(false),
        |config| config.cranelift_opt_level(OptLevel::None),
        |config| config.cranelift_nan_canonicalization(true),
        |config| config.cranelift_native_features(false),
    ];
    let store = Arc::new(Kept::default());
    let compiled = |set: &fn(&mut Config) -> &mut Config| {
        let engine = engine(|config| drop(set(config).module_cache(Some(store.clone())).clone()));
        Module::new(&engine, SEVEN).unwrap();
        engine.modules_compiled()
    };
    assert_eq!(settings.each_ref().map(compiled), [1; 8]);
    assert_eq!(store.0.lock().unwrap().len(), 8);
    assert_eq!(settings.each_ref().map(compiled), [0; 8]);
}

#[test]
fn a_store_that_loses_everything_changes_nothing() {
    let engine = engine(|config| drop(config.module_cache(Some(Arc::new(Lost))).clone()));
    assert_eq!((result(&engine, SEVEN), result(&engine, SEVEN)), (7, 7));
    assert_eq!(engine.modules_compiled(), 2);
}

#[test]
fn invalid_modules_are_refused_each_time_and_not_kept() {
    let store = Arc::new(Kept::default());
    let engine = with_store(&store);
    let invalid = "(module (func (result i32)))";
    let refused = || Module::new(&engine, invalid).unwrap_err().to_string();
    assert_eq!(refused(), refused());
    assert!(store.0.lock().unwrap().is_empty());
}

#[test]
fn intermediate_code_is_written_in_spite_of_a_cache() {
    let (store, ..) = filled();
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(|config| drop(config.module_cache(Some(store)).emit_clif(folder.path()).clone()));
    assert_eq!(result(&engine, SEVEN), 7);
    assert!(folder.path().join("wasm[0]--function[0].clif").exists());
}

#[test]
fn many_threads_share_a_store() {
    let store = Arc::new(Kept::default());
    let text = |number: i32| SEVEN.replace('7', &number.to_string());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let engine = with_store(&store);
                (0..50).for_each(|number| assert_eq!(result(&engine, &text(number)), number));
            });
        }
    });
    assert_eq!(store.0.lock().unwrap().len(), 50);
}
