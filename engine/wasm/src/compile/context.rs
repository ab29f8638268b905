//! What all functions of a module are compiled against.

use std::sync::atomic::{AtomicU64, Ordering};

use super::body::{CodegenMode, check_total};
use super::inline::Leaves;
use super::target::Target;
use crate::base::config::Config;
use crate::base::error::InvalidModule;
use crate::base::layout::InstanceLayout;
use crate::base::module::ModuleInfo;

/// A module, and everything that decides how its functions are compiled.
pub struct ModuleContext<'a> {
    pub info: &'a ModuleInfo,
    pub layout: &'a InstanceLayout,
    pub config: &'a Config,
    pub target: &'a Target,
    pub mode: CodegenMode,
    /// The functions that are inlined where they are called.
    pub leaves: Leaves<'a>,
    /// The compile cost of the functions checked so far.
    pub spent: AtomicU64,
}

impl ModuleContext<'_> {
    /// Adds the compile cost of a function.
    ///
    /// # Errors
    /// It is too much for one module. Which function gets the error depends on the order of the threads. That function
    /// only need not be compiled: the module is refused by [`ModuleContext::check_spent`].
    pub fn spend(&self, compile_cost: u64) -> Result<(), InvalidModule> {
        check_total(self.spent.fetch_add(compile_cost, Ordering::Relaxed) + compile_cost)
    }

    /// Refuses the module if its functions cost too much together.
    ///
    /// # Errors
    /// As [`ModuleContext::spend`], whatever the order of the threads was.
    pub fn check_spent(&self) -> Result<(), InvalidModule> {
        check_total(self.spent.load(Ordering::Relaxed))
    }
}
