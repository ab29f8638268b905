//! The type of a function: its parameters and results.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::values::ValType;
use crate::base::limits::FUNCTION_VALUES;

/// Parameters and results of a function.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = FuncType::new(&Engine::default(), [ValType::I32, ValType::I64], [ValType::F32]);
/// assert_eq!(ty.params().len(), 2);
/// assert_eq!((ty.param(1), ty.param(2)), (Some(ValType::I64), None));
/// assert!(ty.result(0).is_some_and(|result| result.is_f32()) && ty.results().len() == 1);
/// assert_eq!(ty.to_string(), "(i32, i64) -> (f32)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FuncType {
    // One allocation: the parameters, then the results.
    all: Arc<[ValType]>,
    params: usize,
}

impl FuncType {
    pub(crate) fn from_parts(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        let mut all: Vec<ValType> = params.into_iter().collect();
        let params = all.len();
        all.extend(results);
        FuncType { all: all.into(), params }
    }

    /// The parameters' types.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sum = Func::wrap(&mut store, |a: i64, b: i64| a + b);
    /// // Arguments for a function whose type is not known.
    /// let arguments: Vec<Val> = sum.ty(&store).params().filter_map(|ty| Val::default_for_ty(&ty)).collect();
    /// let mut results = [Val::I64(1)];
    /// sum.call(&mut store, &arguments, &mut results)?;
    /// assert_eq!(results[0].i64(), Some(0));
    /// # anyhow::Ok(())
    /// ```
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.all[..self.params].iter().copied()
    }

    /// The results' types.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let pair = Func::wrap(&mut store, || (1, 2.5));
    /// assert_eq!(pair.ty(&store).results().collect::<Vec<_>>(), [ValType::I32, ValType::F64]);
    /// ```
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.all[self.params..].iter().copied()
    }

    /// # Errors
    /// There are more parameters or results than a function may have.
    pub(crate) fn check_size(&self) -> anyhow::Result<()> {
        let (params, results) = (self.params().len(), self.results().len());
        anyhow::ensure!(
            params.max(results) <= FUNCTION_VALUES,
            "a function of {params} parameters and {results} results; the limit is {FUNCTION_VALUES} of each"
        );
        Ok(())
    }

    /// The type of one parameter; `None` beyond the last.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = FuncType::new(&Engine::default(), [ValType::I32, ValType::F32], []);
    /// assert_eq!([0, 1, 2].map(|index| ty.param(index)), [Some(ValType::I32), Some(ValType::F32), None]);
    /// ```
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params().nth(index)
    }

    /// The type of one result; `None` beyond the last.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = FuncType::new(&Engine::default(), [ValType::I32], [ValType::F32]);
    /// assert_eq!([0, 1].map(|index| ty.result(index)), [Some(ValType::F32), None]);
    /// ```
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results().nth(index)
    }

    /// Whether a function of this type can be used where the other type is wanted: it accepts every argument that the other
    /// accepts, and returns only results that the other may return.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let never_null = ValType::Ref(RefType::new(false, HeapType::Func));
    /// let any = FuncType::new(&engine, [ValType::FUNCREF], [never_null]);
    /// let some = FuncType::new(&engine, [never_null], [ValType::FUNCREF]);
    /// assert!(any.matches(&some) && !some.matches(&any));
    /// ```
    pub fn matches(&self, other: &FuncType) -> bool {
        // Nearly all matching types are equal, and most of these share their allocation.
        if self.params == other.params && (Arc::ptr_eq(&self.all, &other.all) || self.all == other.all) {
            return true;
        }
        let [counts, others] = [self, other].map(|ty| (ty.params().len(), ty.results().len()));
        counts == others
            && self.params().zip(other.params()).all(|(own, other)| other.matches(&own))
            && self.results().zip(other.results()).all(|(own, other)| own.matches(&other))
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(", ");
        let (params, results) = self.all.split_at(self.params);
        write!(f, "({}) -> ({})", list(params), list(results))
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
