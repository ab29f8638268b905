//! What a module declares: its imports, exports and custom sections, which can be read before anything is compiled.

use crate::base::indices::FuncIndex;
use crate::base::module::{ConstExpr, ElementItem, Entity, EntityType, ModuleInfo, SegmentMode};
use crate::base::types::{ExternType, ValType};
use crate::compile;

pub use crate::compile::body::FuelBound;

/// The imports, exports and custom sections of a module that is not compiled: enough to decide whether it should be.
///
/// wasmtime has no counterpart. Function bodies are not read, so a module whose declarations are valid may still be
/// invalid.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let binary = wat::parse_str(r#"(module (import "game" "fly" (func)) (memory (export "memory") 1))"#)?;
/// let declarations = Declarations::read(&binary)?;
/// assert!(declarations.imports().any(|import| (import.module(), import.name()) == ("game", "fly")));
/// assert_eq!(declarations.exports().map(|export| export.name().to_owned()).collect::<Vec<_>>(), ["memory"]);
/// assert_eq!(declarations.custom_sections("game.schema").count(), 0);
/// # anyhow::Ok(())
/// ```
#[derive(Debug)]
pub struct Declarations<'binary> {
    info: ModuleInfo,
    binary: &'binary [u8],
}

impl<'binary> Declarations<'binary> {
    /// Reads a module in the binary format.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Declarations::read(b"\0asm\x01\0\0\0").is_ok());
    /// let error = Declarations::read(b"a picture").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// ```
    ///
    /// # Errors
    /// An [`InvalidModule`](crate::InvalidModule): the declarations are malformed or invalid, beyond the limits, or use
    /// a feature that is not supported.
    pub fn read(binary: &'binary [u8]) -> anyhow::Result<Declarations<'binary>> {
        Ok(Declarations { info: compile::declarations(binary)?, binary })
    }

    /// The module's imports, in its order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Declarations::read(b"\0asm\x01\0\0\0")?.imports().len(), 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        imports(&self.info)
    }

    /// The module's exports, in its order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Declarations::read(b"\0asm\x01\0\0\0")?.exports().len(), 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        exports(&self.info)
    }

    /// The names of exports and imports through which a host could obtain a function that the module imports: exports of such
    /// a function, and, if the module can make a reference to one, also tables, globals, results and parameters of imported
    /// functions that may hold it.
    ///
    /// If the host calls such a function, no module calls it: its [`Caller`](crate::Caller) has no memory and no exports.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let binary = wat::parse_str(r#"(module
    ///     (import "game" "fly" (func $fly))
    ///     (table (export "t") 1 funcref) (elem declare func $fly)
    ///     (func (export "f") (call $fly))
    ///     (export "again" (func $fly)))"#)?;
    /// let declarations = Declarations::read(&binary)?;
    /// assert_eq!(declarations.ways_to_imported_functions().collect::<Vec<_>>(), ["t", "again"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn ways_to_imported_functions(&self) -> impl Iterator<Item = &str> {
        let info = &self.info;
        let is_imported = |func: FuncIndex| func.index() < info.imported_funcs;
        let is_referred_to = {
            let items = info.elements.iter().flat_map(|segment| &segment.items);
            let mut in_segments =
                items.map(|item| matches!(item, ElementItem::RefFunc(func) if is_imported(*func)));
            let mut in_globals = info
                .global_inits
                .iter()
                .map(|init| matches!(init, ConstExpr::RefFunc(func) if is_imported(*func)));
            in_segments.any(|it| it) || in_globals.any(|it| it)
        };
        let may_hold_it = move |ty: ValType| is_referred_to && ty.is_func_ref();
        let exports = info.exports.iter().filter(move |export| match export.entity {
            Entity::Func(func) => is_imported(func) || info.func_type(func).results().any(may_hold_it),
            Entity::Table(table) => may_hold_it(ValType::Ref(*info.tables[table.index()].element())),
            Entity::Global(global) => may_hold_it(*info.globals[global.index()].content()),
            Entity::Memory(_) => false,
        });
        let imports = info.imports.iter().filter(move |import| match &import.ty {
            EntityType::Func(ty) => info.types[ty.index()].params().any(may_hold_it),
            _ => false,
        });
        exports.map(|export| &*export.name).chain(imports.map(|import| &*import.name))
    }

    /// The work of instantiating the module, which costs no fuel: a host can decide by it whether to instantiate a module that
    /// it does not trust.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let binary = wat::parse_str(r#"(module
    ///     (memory 1) (data (i32.const 0) "hay")
    ///     (table 10 funcref) (elem (i32.const 0) $f $f) (func $f))"#)?;
    /// let work = Declarations::read(&binary)?.instantiation();
    /// assert_eq!((work.data_bytes, work.table_elements, work.elements), (3, 10, 2));
    /// # anyhow::Ok(())
    /// ```
    pub fn instantiation(&self) -> InstantiationWork {
        let info = &self.info;
        let data = info.data.iter().filter(|segment| matches!(segment.mode, SegmentMode::Active { .. }));
        let elements =
            info.elements.iter().filter(|segment| matches!(segment.mode, SegmentMode::Active { .. }));
        let own_tables = &info.tables[info.imported_tables..];
        InstantiationWork {
            imports: info.imports.len(),
            globals: info.global_inits.len(),
            named_functions: info.escaped_funcs.len(),
            table_elements: own_tables.iter().map(|table| table.minimum() as usize).sum(),
            elements: elements.map(|segment| segment.items.len()).sum(),
            data_bytes: data.map(|segment| segment.bytes.len()).sum(),
        }
    }

    /// The most fuel that a call of each exported function consumes in the module's own code, where no data decides it. What
    /// functions of the host charge is not included.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let binary = wat::parse_str(r#"(module
    ///     (func (export "nothing"))
    ///     (func (export "endless") (loop (br 0))))"#)?;
    /// let declarations = Declarations::read(&binary)?;
    /// let bounds: Vec<_> = declarations.fuel_bounds()?.collect();
    /// assert_eq!(bounds, [("nothing", FuelBound::AtMost(1)), ("endless", FuelBound::Loops)]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// An [`InvalidModule`](crate::InvalidModule): a function is malformed.
    pub fn fuel_bounds(&self) -> anyhow::Result<impl Iterator<Item = (&str, FuelBound)>> {
        let bounds = compile::fuel_bounds(self.binary)?;
        let info = &self.info;
        Ok(info.exports.iter().filter_map(move |export| {
            let Entity::Func(func) = export.entity else { return None };
            let own = func.index().checked_sub(info.imported_funcs)?;
            Some((&*export.name, *bounds.get(own)?))
        }))
    }

    /// The contents of the custom sections with this name, in their order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let binary = wat::parse_str(r#"(module (@custom "game.schema" "systems: none"))"#)?;
    /// let declarations = Declarations::read(&binary)?;
    /// assert_eq!(declarations.custom_sections("game.schema").collect::<Vec<_>>(), [b"systems: none"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn custom_sections(&self, name: &str) -> impl Iterator<Item = &'binary [u8]> + use<'binary> {
        custom_sections(&self.info, self.binary, name)
    }
}

/// The work of instantiating a module: see [`Declarations::instantiation`]. The initial size of a memory is in its type.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let binary = wat::parse_str(r#"(module (import "game" "fly" (func)) (global i32 (i32.const 1)))"#)?;
/// let work = Declarations::read(&binary)?.instantiation();
/// assert_eq!(work, InstantiationWork { imports: 1, globals: 1, ..InstantiationWork::default() });
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstantiationWork {
    /// Imports, each of which is looked up.
    pub imports: usize,
    /// Globals that it defines.
    pub globals: usize,
    /// Functions that can be referred to, or called from outside the module.
    pub named_functions: usize,
    /// Initial elements of its tables.
    pub table_elements: usize,
    /// Elements that its active segments put into tables.
    pub elements: usize,
    /// Bytes that its active segments put into memories.
    pub data_bytes: usize,
}

/// An import of a module.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let module = Module::new(&Engine::default(), r#"(module (import "host" "log" (func (param i32))))"#)?;
/// let import = module.imports().next().expect("there is one");
/// assert_eq!((import.module(), import.name()), ("host", "log"));
/// assert_eq!(import.ty().unwrap_func().params().len(), 1);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    ty: ExternType,
}

/// An export of a module.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let module = Module::new(&Engine::default(), r#"(module (memory (export "memory") 1))"#)?;
/// let export = module.exports().next().expect("there is one");
/// assert_eq!((export.name(), export.ty().unwrap_memory().minimum()), ("memory", 1));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl<'module> ImportType<'module> {
    /// The first of its two names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (import "host" "log" (func (param i32))))"#)?;
    /// assert!(module.imports().all(|import| import.module() == "host"));
    /// # anyhow::Ok(())
    /// ```
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// The second of its two names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (import "host" "log" (func (param i32))) (import "host" "time" (func (result i64))))"#)?;
    /// let names: Vec<_> = module.imports().map(|import| import.name()).collect();
    /// assert_eq!(names, ["log", "time"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// The type of the import.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // A stub for every function that a module imports, to try the module out.
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (import "host" "time" (func $time (result i64)))
    ///     (func (export "run") (result i64) (call $time)))"#)?;
    /// let types = module.imports().filter_map(|import| import.ty().func().cloned());
    /// let stand_ins: Vec<Extern> = types.map(|ty| Func::new(&mut store, ty, |_, _, _| Ok(())).into()).collect();
    /// let instance = Instance::new(&mut store, &module, &stand_ins)?;
    /// assert_eq!(instance.get_typed_func::<(), i64>(&mut store, "run")?.call(&mut store, ())?, 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl<'module> ExportType<'module> {
    /// Its name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (func (export "on_load")) (func (export "run")))"#)?;
    /// let events: Vec<_> = module.exports().filter_map(|export| export.name().strip_prefix("on_")).collect();
    /// assert_eq!(events, ["load"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// What it is.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (func (export "a") (param i32)) (func (export "b")) (memory (export "c") 1))"#)?;
    /// let without_parameters = |ty: ExternType| ty.func().is_some_and(|ty| ty.params().len() == 0);
    /// let names = module.exports().filter(|export| without_parameters(export.ty())).map(|export| export.name());
    /// assert_eq!(names.collect::<Vec<_>>(), ["b"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

pub(super) fn imports(info: &ModuleInfo) -> impl ExactSizeIterator<Item = ImportType<'_>> {
    info.imports.iter().map(|import| ImportType {
        module: &import.module,
        name: &import.name,
        ty: info.entity_type(&import.ty),
    })
}

pub(super) fn exports(info: &ModuleInfo) -> impl ExactSizeIterator<Item = ExportType<'_>> {
    info.exports.iter().map(|export| ExportType { name: &export.name, ty: info.extern_type(export.entity) })
}

pub(super) fn custom_sections<'bytes>(
    info: &ModuleInfo,
    bytes: &'bytes [u8],
    name: &str,
) -> impl Iterator<Item = &'bytes [u8]> + use<'bytes> {
    let named = info.custom_sections.iter().filter(|(section, _)| section == name);
    let ranges: Vec<_> = named.map(|(_, range)| range.clone()).collect();
    ranges.into_iter().map(move |range| &bytes[range])
}
