//! Vectors of 128 bits.

use std::fmt;

/// A vector of 128 bits. Its first lane is in the lowest bits, whatever the width of lanes.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (func (export "double") (param v128) (result v128)
///         (i32x4.add (local.get 0) (local.get 0))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let double = instance.get_typed_func::<V128, V128>(&mut store, "double")?;
/// let doubled = double.call(&mut store, V128::from(0x4_0000_0003_0000_0002_0000_0001))?;
/// assert_eq!(doubled.as_u128(), 0x8_0000_0006_0000_0004_0000_0002);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct V128(u128);

impl V128 {
    /// All bits of the vector.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(V128::from(7).as_u128(), 7);
    /// ```
    pub fn as_u128(self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> V128 {
        V128(bits)
    }
}

impl From<V128> for u128 {
    fn from(vector: V128) -> u128 {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#034x}", self.0)
    }
}
