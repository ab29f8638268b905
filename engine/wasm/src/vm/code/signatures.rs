//! THE SANDBOX RESTS ON THIS FILE: the signatures in use in an engine, each with one id and one pair of trampolines.
//!
//! Modules and host functions ask for their types here, and hold what they get. A signature is dropped with the last of its
//! holders, so modules that come and go leave nothing behind. This file knows no store and no module.
//!
//! ```text
//! type ─> table of an engine ─> Signature { id, trampolines } <─ held by modules, and by stores for host functions
//!              └ forgets it when the last holder is gone; its id is then free for another type
//! ```
//!
//! Machine code compares ids: two that are held at the same time are equal exactly if their types are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::published::PublishedCode;
use crate::base::layout::SignatureId;
use crate::base::types::{FuncType, ValType};
use crate::compile::target::Target;
use crate::compile::trampoline::{self, Enter};

/// The signatures of an engine.
#[derive(Default)]
pub struct Signatures(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    known: HashMap<FuncType, Weak<Signature>>,
    free: Vec<SignatureId>,
    /// The number of ids, including free ones.
    ids: u32,
}

/// A signature that something in an engine uses.
pub struct Signature {
    ty: FuncType,
    id: SignatureId,
    /// Compiled when they are first asked for: most functions are never called from outside.
    trampolines: OnceLock<Box<Trampolines>>,
    table: Arc<Mutex<Table>>,
}

/// The trampolines between host and guest for functions of one signature.
pub struct Trampolines {
    pub params: usize,
    pub results: usize,
    /// Which parameters and results are references to functions: the host knows these by name.
    pub func_params: Box<[usize]>,
    pub func_results: Box<[usize]>,
    code: PublishedCode,
}

/// The signature of a host function that many stores use, looked up once and not for each of them.
#[derive(Default)]
pub struct LinkedSignature(OnceLock<Arc<Signature>>);

impl Signatures {
    /// The signature of a type, for as long as it is held.
    pub fn get(&self, ty: &FuncType) -> Arc<Signature> {
        let mut table = lock(&self.0);
        if let Some(signature) = table.known.get(ty).and_then(Weak::upgrade) {
            return signature;
        }
        let id = table.free.pop().unwrap_or_else(|| {
            let id = SignatureId(table.ids);
            table.ids = table.ids.checked_add(1).expect("memory ends before the ids do");
            id
        });
        let (ty, trampolines) = (ty.clone(), OnceLock::new());
        let signature = Arc::new(Signature { ty: ty.clone(), id, trampolines, table: self.0.clone() });
        table.known.insert(ty, Arc::downgrade(&signature));
        signature
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Signature {
    pub fn id(&self) -> SignatureId {
        self.id
    }

    /// The trampolines, compiled when they are first asked for.
    ///
    /// # Errors
    /// The signature is too large for the compiler, or the operating system refuses memory.
    pub fn trampolines(&self, target: &Target) -> anyhow::Result<&Trampolines> {
        if let Some(trampolines) = self.trampolines.get() {
            return Ok(trampolines);
        }
        let new = Box::new(Trampolines::new(&self.ty, target)?);
        // If two threads have compiled them, the first ones are used.
        Ok(self.trampolines.get_or_init(|| new))
    }
}

impl Drop for Signature {
    fn drop(&mut self) {
        let mut table = lock(&self.table);
        // Another thread may just have asked for the type, and got a new signature.
        if table.known.get(&self.ty).is_some_and(|known| std::ptr::eq(known.as_ptr(), self)) {
            table.known.remove(&self.ty);
        }
        table.free.push(self.id);
        table.make_small();
    }
}

impl Table {
    /// Gives memory back when most signatures are gone.
    fn make_small(&mut self) {
        const SMALL: usize = 1_000;
        let used = self.known.len();
        if self.free.len() == self.ids as usize {
            *self = Table::default();
        } else if self.known.capacity() > SMALL.max(8 * used) {
            self.known.shrink_to(2 * used);
        }
    }
}

impl LinkedSignature {
    /// The signature of a type, which must be the same at each call, in an engine.
    pub fn get(&self, ty: &FuncType, signatures: &Signatures) -> Arc<Signature> {
        let here = |signature: &&Arc<Signature>| Arc::ptr_eq(&signature.table, &signatures.0);
        if let Some(signature) = self.0.get().filter(here) {
            return signature.clone();
        }
        let signature = signatures.get(ty);
        // A function is used with one engine. Stores of another one, which are rare, look it up each time.
        let _ = self.0.set(signature.clone());
        signature
    }
}

impl Trampolines {
    fn new(ty: &FuncType, target: &Target) -> anyhow::Result<Trampolines> {
        let code = PublishedCode::publish(trampoline::compile(ty, target)?)?;
        Ok(Trampolines {
            params: ty.params().len(),
            results: ty.results().len(),
            func_params: func_refs(ty.params()),
            func_results: func_refs(ty.results()),
            code,
        })
    }

    /// The number of slots that a call needs.
    pub fn slots(&self) -> usize {
        self.params.max(self.results)
    }

    /// The entry trampoline: the host calls it to enter a function.
    pub fn enter(&self) -> Enter {
        // SAFETY: (3, 4) the first function of the pair has this type.
        unsafe { std::mem::transmute::<*const u8, Enter>(self.code.function(0)) }
    }

    /// The exit trampoline: guest code calls it to call a host function.
    pub fn leave(&self) -> *const u8 {
        self.code.function(1)
    }
}

/// Which of these types are references to functions.
pub fn func_refs(types: impl Iterator<Item = ValType>) -> Box<[usize]> {
    types.enumerate().filter(|(_, ty)| ty.is_func_ref()).map(|(at, _)| at).collect()
}
