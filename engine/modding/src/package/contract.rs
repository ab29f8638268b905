//! Imports and exports against the contract, before a single instruction runs.
//!
//! All that is wrong is named at once, so that an author needs one build and not five.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tinkerbox_abi::{export, import};
use tinkerbox_wasm::{Declarations, ExternType, FuncType, ValType};

use super::foreign;
use super::manifest::Budget;
use super::schema::SystemDeclaration;
use crate::prices::{self, Bill};
use crate::refusal::Refusal;
use crate::text::{cut, list, size};

use ValType::{F32, I32, I64};

const PAGE_BYTES: u64 = 65_536;
/// Of what imports were meant for, so much is said.
const HINTS_MAX: usize = 3;

/// The type of a function: parameters and results.
type Signature = (&'static [ValType], &'static [ValType]);

/// Everything that a mod can import. `host/mod.rs` defines them with these types.
const IMPORTS: [(&str, Signature); 15] = [
    (import::VIEW_NEXT, (&[I32, I32, I32, I32], &[I32])),
    (import::GET, (&[I32, I32, I64, I32], &[I32])),
    (import::SET, (&[I32, I32, I64, I32], &[I32])),
    (import::COMMAND, (&[I32, I32], &[I32])),
    (import::ENTITY_RESERVE, (&[I32, I32], &[I32])),
    (import::EVENT_NEXT, (&[I32, I32], &[I32])),
    (import::EVENT_SEND, (&[I32, I32, I32], &[I32])),
    (import::RESOURCE_GET, (&[I32, I32], &[I32])),
    (import::RESOURCE_SET, (&[I32, I32], &[I32])),
    (import::TICK, (&[], &[I64])),
    (import::DELTA, (&[], &[F32])),
    (import::RANDOM, (&[I32], &[I64])),
    (import::FUEL_LEFT, (&[], &[I64])),
    (import::LOG, (&[I32, I32, I32], &[])),
    (import::PANIC, (&[I32, I32], &[])),
];

/// Exports that keep a mod's state over a reload: all or none.
const STATE_EXPORTS: [(&str, Signature); 3] =
    [(export::SAVE, (&[], &[I64])), (export::ALLOC, (&[I32], &[I32])), (export::LOAD, (&[I32, I32], &[I32]))];

/// Which optional exports there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OptionalExports {
    pub init: bool,
    /// `tb_save`, `tb_alloc` and `tb_load`.
    pub state: bool,
}

/// Checks that the mod imports nothing but the contract's functions and those of the game.
pub(crate) fn check_imports(
    file: &Path,
    declarations: &Declarations<'_>,
    game: &BTreeMap<(String, String), FuncType>,
) -> Result<(), Refusal> {
    let (mut unknown, mut mistyped) = (Vec::new(), Vec::new());
    let mut hints: Vec<&str> = Vec::new();
    for wanted in declarations.imports() {
        let name = format!("{}.{}", wanted.module(), wanted.name());
        if let Some(ty) = game.get(&(wanted.module().to_owned(), wanted.name().to_owned())) {
            if wanted.ty().func().is_none_or(|wanted| !wanted.matches(ty)) {
                mistyped
                    .push(format!("`{name}` is a function {ty} and not a {}", cut(&wanted.ty().to_string())));
            }
            continue;
        }
        let known =
            IMPORTS.iter().find(|(name, _)| wanted.module() == import::MODULE && wanted.name() == *name);
        match known {
            None => {
                hints.extend(foreign::import(wanted.module(), wanted.name(), &wanted.ty()));
                unknown.push(name);
            }
            Some((_, signature)) if !is_function(&wanted.ty(), *signature) => {
                mistyped.push(format!(
                    "`{name}` is a {} and not a {}",
                    describe(*signature),
                    cut(&wanted.ty().to_string())
                ));
            }
            Some(_) => {}
        }
    }
    let mut problems = Vec::new();
    if !unknown.is_empty() {
        problems.push(format!("the mod imports what this game does not have: {}", list(unknown)));
    }
    // The same import may stand there any number of times.
    mistyped.dedup();
    mistyped.truncate(IMPORTS.len());
    problems.extend(mistyped);
    if problems.is_empty() {
        return Ok(());
    }
    let ours = IMPORTS.iter().map(|(name, _)| format!("{}.{name}", import::MODULE));
    let names = list(ours.chain(game.keys().map(|(module, name)| format!("{module}.{name}"))));
    // The cause first: what a mod may import is a long list.
    hints.sort_unstable();
    hints.dedup();
    hints.truncate(HINTS_MAX);
    let hints: String = hints.iter().map(|hint| format!("{hint} ")).collect();
    let for_wasi = declarations.imports().any(|wanted| foreign::is_wasi(wanted.module()));
    let build = if for_wasi { " Build it for wasm32-unknown-unknown." } else { "" };
    Err(Refusal::new(file, problems.join("; "), format!("{hints}Import only {names}.{build}")))
}

/// Checks that what the host calls is there and has the right type.
pub(crate) fn check_exports(
    file: &Path,
    declarations: &Declarations<'_>,
    systems: &[SystemDeclaration],
) -> Result<OptionalExports, Refusal> {
    let mut problems = Vec::new();
    let exports: Vec<(String, ExternType)> =
        declarations.exports().map(|export| (export.name().to_owned(), export.ty())).collect();
    let find = |name: &str| exports.iter().find(|(export, _)| export == name).map(|(_, ty)| ty);

    match find(export::MEMORY) {
        Some(ExternType::Memory(_)) => {}
        Some(other) => problems.push(format!("export `{}` is a {other} and not a memory", export::MEMORY)),
        None => problems.push(format!("there is no export `{}`", export::MEMORY)),
    }
    let mut check = |name: &str, signature: Signature| match find(name) {
        Some(ty) if is_function(ty, signature) => true,
        Some(ty) => {
            problems.push(format!("export `{name}` is a {ty} and not a {}", describe(signature)));
            true
        }
        None => false,
    };
    let absent: Vec<String> = systems
        .iter()
        .map(|system| format!("{}{}", export::SYSTEM_PREFIX, system.name))
        .filter(|name| !check(name, (&[], &[])))
        .collect();
    let init = check(export::INIT, (&[I32], &[]));
    let state = STATE_EXPORTS.map(|(name, signature)| check(name, signature));
    if !absent.is_empty() {
        let there =
            exports.iter().map(|(name, _)| name).filter(|name| name.starts_with(export::SYSTEM_PREFIX));
        problems.push(format!("there is no export {}; of systems it exports {}", list(absent), list(there)));
    }
    if state.contains(&true) && state.contains(&false) {
        let names = list(STATE_EXPORTS.map(|(name, _)| name));
        problems.push(format!("of {names} it exports only some"));
    }
    match problems.is_empty() {
        true => Ok(OptionalExports { init, state: state[0] }),
        false => Err(Refusal::new(
            file,
            problems.join("; "),
            "Export `memory`, every declared system as a function () -> (), and the optional ones as above.",
        )),
    }
}

/// Checks that the host can't come by a function that the mod imports. Called by the host, it would run without a mod under
/// it: a function of the game would find neither memory nor exports in its `Caller`.
pub(crate) fn check_no_way_to_imports(file: &Path, declarations: &Declarations<'_>) -> Result<(), Refusal> {
    let ways: BTreeSet<&str> = declarations.ways_to_imported_functions().collect();
    match ways.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(
            file,
            format!("the mod hands functions that it imports back to the game: through {}", list(ways)),
            "Export a function of its own that calls the imported one; keep tables, globals and results that hold \
                imported functions to the mod.",
        )),
    }
}

/// What an instance of the mod costs in fuel, without the pages of its memory.
pub(crate) fn check_instantiation(
    file: &Path,
    declarations: &Declarations<'_>,
    systems: &[SystemDeclaration],
) -> Result<u64, Refusal> {
    let work = declarations.instantiation();
    let mut bill = Bill::default();
    bill.add(prices::INSTANCE);
    bill.each(systems.len(), prices::INSTANCE_SYSTEM);
    bill.each(systems.iter().map(|system| system.queries.len()).sum(), prices::INSTANCE_QUERY);
    bill.each(work.imports, prices::IMPORT);
    bill.each(work.globals + work.named_functions, prices::ITEM);
    bill.part(work.table_elements, prices::CLEARED_ELEMENTS_PER_UNIT);
    bill.each(work.elements, prices::ELEMENT);
    bill.part(work.data_bytes, prices::DATA_BYTES_PER_UNIT);
    match bill.total() <= prices::INSTANTIATION_MAX {
        true => Ok(bill.total()),
        false => Err(Refusal::new(
            file,
            format!(
                "an instance of the mod costs {} units of fuel, and may cost {}: it has {} imports, {} globals, \
                    {} functions that are exported or in tables, {} elements in active segments and {} bytes in active \
                    data segments",
                bill.total(),
                prices::INSTANTIATION_MAX,
                work.imports,
                work.globals,
                work.named_functions,
                work.elements,
                work.data_bytes
            ),
            "Make them fewer, or fill tables and memory in the mod's own code, from passive segments.",
        )),
    }
}

/// Checks that the memory with which the mod begins is within its budget.
pub(crate) fn check_memory(
    file: &Path,
    declarations: &Declarations<'_>,
    budget: &Budget,
) -> Result<(), Refusal> {
    for export in declarations.exports() {
        let ExternType::Memory(ty) = export.ty() else {
            continue;
        };
        let needed = ty.minimum().saturating_mul(PAGE_BYTES);
        if needed > budget.memory_bytes {
            return Err(Refusal::new(
                file,
                format!(
                    "the mod begins with {} of memory ({needed} bytes); [budget] memory is {} ({} bytes)",
                    size(needed),
                    size(budget.memory_bytes),
                    budget.memory_bytes
                ),
                "Raise [budget] memory in mod.toml, or make the mod's stack and statics smaller.",
            ));
        }
    }
    Ok(())
}

fn is_function(ty: &ExternType, (params, results): Signature) -> bool {
    ty.func()
        .is_some_and(|ty| ty.params().eq(params.iter().copied()) && ty.results().eq(results.iter().copied()))
}

fn describe((params, results): Signature) -> String {
    let types = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(", ");
    format!("function ({}) -> ({})", types(params), types(results))
}
