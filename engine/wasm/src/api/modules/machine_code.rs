//! A module's machine code, for profilers and debuggers: where functions are, and which operator an instruction belongs to.

use crate::base::indices::FuncIndex;
use crate::vm::store::engine::module::Module;

/// A function in a module's machine code, as [`Module::functions`] lists it.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let module = Module::new(&Engine::default(), "(module (func $graze (nop)) (func $run (nop)))")?;
/// // A profiler looks up which function is at an offset.
/// let at = |place| {
///     let mut functions = module.functions();
///     functions.find(|function| (function.offset..function.offset + function.len).contains(&place))
/// };
/// assert_eq!(at(0).and_then(|function| function.name).as_deref(), Some("graze"));
/// assert_eq!(at(module.text().len()), None);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFunction {
    /// Its index in the module.
    pub index: u32,
    /// Its name, if the module has one for it.
    pub name: Option<String>,
    /// Where it starts in [`Module::text`], in bytes.
    pub offset: usize,
    /// Its length in bytes.
    pub len: usize,
}

impl Module {
    /// The machine code, as it is executed.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module (func $run (nop)))")?;
    /// let end = module.functions().map(|function| function.offset + function.len).max();
    /// assert_eq!(end, Some(module.text().len()));
    /// # anyhow::Ok(())
    /// ```
    pub fn text(&self) -> &[u8] {
        self.core.text()
    }

    /// The functions that the module defines, in the order of their indices, with their places in [`Module::text`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module (func $run (nop)))")?;
    /// let run = module.functions().next().expect("there is one");
    /// assert_eq!((run.index, run.name.as_deref()), (0, Some("run")));
    /// # anyhow::Ok(())
    /// ```
    pub fn functions(&self) -> impl ExactSizeIterator<Item = ModuleFunction> + '_ {
        let info = &self.core.info;
        self.core.tables().functions.iter().enumerate().map(|(defined, range)| {
            let index = (info.imported_funcs + defined) as u32;
            ModuleFunction {
                index,
                name: info.func_name(FuncIndex(index)).map(str::to_string),
                offset: range.start as usize,
                len: range.len(),
            }
        })
    }

    /// Which operator a piece of machine code belongs to: rising offsets in [`Module::text`], each with the operator's offset
    /// in the module, or `None` for code that belongs to no operator. An entry is valid up to the next one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module (func unreachable))")?;
    /// let map = module.address_map().expect("it is always there");
    /// assert_eq!(map.filter_map(|(_, operator)| operator).next(), Some(0x17));
    /// # anyhow::Ok(())
    /// ```
    pub fn address_map(&self) -> Option<impl Iterator<Item = (usize, Option<u32>)> + '_> {
        let tables = self.core.tables();
        Some(tables.functions.iter().flat_map(|function| {
            let place = |offset| tables.locations.partition_point(|location| location.code_offset < offset);
            let own = &tables.locations[place(function.start)..place(function.end)];
            let prologue = own.first().is_none_or(|first| first.code_offset > function.start);
            let prologue = prologue.then_some((function.start as usize, None));
            let own = own.iter().map(|location| (location.code_offset as usize, Some(location.wasm_offset)));
            prologue.into_iter().chain(own)
        }))
    }
}
