//! Host functions from closures that return futures. Guest code that calls one waits for it, in a call that a task polls.
//! `vm/doors/task.rs` says what a future may do while it waits.

use std::sync::Arc;

use super::caller::Caller;
use super::func::Func;
use super::host_func::{self, WasmRet, with_null};
use crate::api::stores::context::AsContextMut;
use crate::api::values::val::Val;
use crate::api::values::wasm_ty::{StoreRef, WasmTyList};
use crate::base::trap::Trap;
use crate::base::types::FuncType;
use crate::vm::store::host::func::HostFunc;

impl Func {
    /// A host function that may wait, from a closure that returns a future. The closure takes the parameters as a tuple.
    ///
    /// Guest code that calls it is suspended until the future is ready. So it can only be called under
    /// [`TypedFunc::call_async`](crate::TypedFunc::call_async), [`Func::call_async`] or the async functions that
    /// instantiate, and not from within another host function; otherwise the call ends with
    /// [`StoreError::AsyncHostFunction`](crate::StoreError::AsyncHostFunction). If the future of the outermost call is
    /// dropped, this one is dropped too. Waiting costs no fuel.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::sync::{Arc, Mutex};
    /// # use std::task::{Context, Poll, Waker};
    /// # fn main() -> Result<()> {
    /// // A player's answer arrives some frames after the question.
    /// let answer = Arc::new(Mutex::new(None));
    /// let mut store = Store::new(&Engine::default(), answer.clone());
    /// let ask = Func::wrap_async(&mut store, |caller: Caller<'_, Arc<Mutex<Option<i32>>>>, (question,): (i32,)| {
    ///     Box::new(async move {
    ///         println!("question {question}");
    ///         std::future::poll_fn(|_task| match *caller.data().lock().expect("no thread panics") {
    ///             Some(answer) => Poll::Ready(answer),
    ///             None => Poll::Pending,
    ///         })
    ///         .await
    ///     })
    /// });
    /// let module = Module::new(store.engine(), r#"(module
    ///     (import "game" "ask" (func $ask (param i32) (result i32)))
    ///     (func (export "run") (result i32) (i32.add (call $ask (i32.const 7)) (i32.const 1))))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[ask.into()])?;
    /// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    ///
    /// let mut frame = Context::from_waker(Waker::noop());
    /// let mut call = pin!(run.call_async(&mut store, ()));
    /// assert!(call.as_mut().poll(&mut frame).is_pending());
    /// assert!(call.as_mut().poll(&mut frame).is_pending());
    /// *answer.lock().expect("no thread panics") = Some(41);
    /// assert!(matches!(call.poll(&mut frame), Poll::Ready(Ok(42))));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// The operating system refuses the memory for its trampolines.
    pub fn wrap_async<T, F, P, R>(mut store: impl AsContextMut<Data = T>, func: F) -> Func
    where
        F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a> + Send + Sync + 'static,
        P: WasmTyList,
        R: WasmRet,
        T: Send + 'static,
    {
        let func = Func::add(store.as_context_mut().core, typed(func));
        func.expect("the system has memory for the trampolines of a host function")
    }

    /// A host function that may wait and whose type is known at run time only: see [`Func::wrap_async`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Waker};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = FuncType::new(store.engine(), [ValType::I32], [ValType::I32]);
    /// let echo = Func::new_async(&mut store, ty, |_caller, params, results| {
    ///     Box::new(async move {
    ///         results[0] = std::future::ready(params[0]).await;
    ///         Ok(())
    ///     })
    /// });
    /// let mut results = [Val::I32(0)];
    /// {
    ///     let ready = pin!(echo.call_async(&mut store, &[Val::I32(7)], &mut results));
    ///     assert!(ready.poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// }
    /// assert_eq!(results[0].i32(), Some(7));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The type has more than 1,000 parameters or results, or the operating system refuses the memory
    /// for its trampolines.
    pub fn new_async<T, F>(mut store: impl AsContextMut<Data = T>, ty: FuncType, func: F) -> Func
    where
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        Func::add(store.as_context_mut().core, dynamic(ty, func))
            .expect("a function of this type can be made")
    }
}

/// A host function that may wait, of the closure's type.
pub(in crate::api) fn typed<T, F, P, R>(func: F) -> HostFunc
where
    F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a> + Send + Sync + 'static,
    P: WasmTyList,
    R: WasmRet,
    T: Send + 'static,
{
    let ty = FuncType::from_parts(P::valtypes().map(with_null), R::types().into_iter().map(with_null));
    let func = Arc::new(func);
    HostFunc::new_async(
        ty,
        Box::new(move |core, caller, slots| {
            let func = func.clone();
            Box::pin(async move {
                let params = P::load(slots, &mut StoreRef(core)).ok_or(Trap::NullReference)?;
                let result = Box::into_pin(func(Caller::new(core, caller), params)).await;
                result.store_into(slots, &mut StoreRef(core))
            })
        }),
    )
}

/// A host function that may wait and whose type is known at run time only.
pub(in crate::api) fn dynamic<T, F>(ty: FuncType, func: F) -> HostFunc
where
    F: for<'a> Fn(
            Caller<'a, T>,
            &'a [Val],
            &'a mut [Val],
        ) -> Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
    T: Send + 'static,
{
    let parts = Arc::new((ty.clone(), func));
    HostFunc::new_async(
        ty,
        Box::new(move |core, caller, slots| {
            let parts = parts.clone();
            Box::pin(async move {
                let (ty, func) = &*parts;
                let (arguments, mut results) = host_func::values(ty, slots, core);
                Box::into_pin(func(Caller::new(core, caller), &arguments, &mut results)).await?;
                host_func::leave(ty, &results, slots, core)
            })
        }),
    )
}
