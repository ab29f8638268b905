//! Checks imports and exports against the contract, before a single instruction runs.
//!
//! All problems are named at once, so that an author needs one build to correct them and not five. The types of functions
//! that can be imported come from the linker, which alone states them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tinkerbox_abi::export;
use tinkerbox_wasm::{Declarations, ExternType, FuncType, ValType};

use super::foreign;
use super::manifest::Budget;
use super::refusal::Refusal;
use super::schema::SystemDeclaration;
use crate::exposed::Exposed;
use crate::prices::{self, Bill};
use crate::text::{cut, list, size};

use crate::limits::{HINTS_MAX, INSTANTIATION_FUEL_MAX, MISTYPED_MAX, PAGE_BYTES};
use ValType::{I32, I64};

/// The types of the game's functions, by module and name.
pub(crate) type FunctionTypes = BTreeMap<(String, String), FuncType>;

/// The types of the game's functions.
pub(crate) fn game_functions(exposed: &Exposed) -> FunctionTypes {
    let types =
        exposed.functions().map(|(id, function)| ((id.module.clone(), id.name.clone()), function.ty.clone()));
    types.collect()
}

/// The type of a function: parameters and results.
type Signature = (&'static [ValType], &'static [ValType]);

/// Exports that keep a mod's state over a reload: all or none.
const STATE_EXPORTS: [(&str, Signature); 3] =
    [(export::SAVE, (&[], &[I64])), (export::ALLOC, (&[I32], &[I32])), (export::LOAD, (&[I32, I32], &[I32]))];

/// Which optional exports a mod has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OptionalExports {
    pub init: bool,
    /// `tb_save`, `tb_alloc` and `tb_load`.
    pub state: bool,
}

/// What a mod can import.
#[derive(Clone, Copy)]
pub(crate) struct Importable<'a> {
    pub contract: &'a FunctionTypes,
    pub game: &'a FunctionTypes,
}

impl<'a> Importable<'a> {
    fn find(self, module: &str, name: &str) -> Option<&'a FuncType> {
        let id = (module.to_owned(), name.to_owned());
        self.contract.get(&id).or_else(|| self.game.get(&id))
    }

    fn names(self) -> impl Iterator<Item = String> + use<'a> {
        self.contract.keys().chain(self.game.keys()).map(|(module, name)| format!("{module}.{name}"))
    }
}

/// Checks that the mod imports functions of the contract and of the game only.
pub(crate) fn check_imports(
    file: &Path,
    declarations: &Declarations<'_>,
    importable: Importable<'_>,
) -> Result<(), Refusal> {
    let (mut unknown, mut mistyped) = (Vec::new(), Vec::new());
    // Of a game, and not of the contract or of something foreign.
    let mut differing = None;
    let mut hints: Vec<&str> = Vec::new();
    for wanted in declarations.imports() {
        let name = format!("{}.{}", wanted.module(), wanted.name());
        match importable.find(wanted.module(), wanted.name()) {
            None => {
                let hint = foreign::import(wanted.module(), wanted.name(), &wanted.ty());
                if hint.is_none() {
                    differing.get_or_insert_with(|| format!("{}:{}", wanted.module(), wanted.name()));
                }
                hints.extend(hint);
                unknown.push(name);
            }
            Some(ty) if wanted.ty().func().is_none_or(|wanted| !wanted.matches(ty)) => {
                let wanted_type = cut(&wanted.ty().to_string());
                mistyped.push(format!("`{name}` is a function {ty} and not a {wanted_type}"));
                differing.get_or_insert_with(|| format!("{}:{}", wanted.module(), wanted.name()));
            }
            Some(_) => {}
        }
    }
    let mut problems = Vec::new();
    if !unknown.is_empty() {
        problems.push(format!("the mod imports what this game does not have: {}", list(unknown)));
    }
    // The same import can be declared any number of times.
    mistyped.dedup();
    mistyped.truncate(MISTYPED_MAX);
    problems.extend(mistyped);
    if problems.is_empty() {
        return Ok(());
    }
    // The cause comes first, since the names that a mod may import are a long list.
    hints.sort_unstable();
    hints.dedup();
    hints.truncate(HINTS_MAX);
    let hints: String = hints.iter().map(|hint| format!("{hint} ")).collect();
    let for_wasi = declarations.imports().any(|wanted| foreign::is_wasi(wanted.module()));
    let build = if for_wasi { " Build it for wasm32-unknown-unknown." } else { "" };
    let names = list(importable.names());
    let refusal = Refusal::new(file, problems.join("; "), format!("{hints}Import only {names}.{build}"));
    Err(refusal.differs_in(&differing.unwrap_or_default()))
}

/// Checks that all functions that the host calls are exported and have the right types.
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
        problems.push(format!("the mod exports only some of {names}"));
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

/// Checks that the mod can't hand a function that it imports back to the host. If the host called it, no mod would be the
/// caller: a function of the game would find neither memory nor exports in its `Caller`.
pub(crate) fn check_no_way_to_imports(file: &Path, declarations: &Declarations<'_>) -> Result<(), Refusal> {
    let ways: BTreeSet<&str> = declarations.ways_to_imported_functions().collect();
    match ways.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(
            file,
            format!("the mod hands functions that it imports back to the game: through {}", list(ways)),
            "Export a function of its own that calls the imported one; do not export tables or globals that hold \
                imported functions, and do not return any.",
        )),
    }
}

/// The price of an instance of the mod in fuel, without the pages of its memory.
///
/// # Errors
/// The price is above the limit.
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
    match bill.total() <= INSTANTIATION_FUEL_MAX {
        true => Ok(bill.total()),
        false => Err(Refusal::new(
            file,
            format!(
                "an instance of the mod costs {} units of fuel; the limit is {}: it has {} imports, {} globals, \
                    {} functions that are exported or in tables, {} elements in active segments and {} bytes in active \
                    data segments",
                bill.total(),
                INSTANTIATION_FUEL_MAX,
                work.imports,
                work.globals,
                work.named_functions,
                work.elements,
                work.data_bytes
            ),
            "Reduce them, or fill tables and memory in the mod's own code, from passive segments.",
        )),
    }
}

/// Checks that the initial memory of the mod is within its budget.
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
