//! Polling by hand: the executor of these tests, and futures to wait for.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Counts how often a task was woken.
#[derive(Default)]
pub struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls to completion and returns how often it was pending. Each pending poll must have woken the task once, or the
/// task would never be polled again.
pub fn finish<F: Future>(future: F) -> (F::Output, u64) {
    let (wakes, mut pending) = (Arc::new(Wakes::default()), 0);
    let waker = Waker::from(wakes.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return (output, pending),
            Poll::Pending => pending += 1,
        }
        assert_eq!(wakes.0.load(Ordering::SeqCst) as u64, pending, "it wakes its task once for each turn");
    }
}

/// Polls to completion, each time on another thread.
pub fn finish_across_threads<F: Future + Send>(future: F) -> (F::Output, u64)
where
    F::Output: Send,
{
    let (mut future, mut pending) = (Box::pin(future), 0);
    loop {
        let polled = std::thread::scope(|scope| scope.spawn(|| poll_once(future.as_mut())).join());
        match polled.expect("the thread does not panic") {
            Poll::Ready(output) => return (output, pending),
            Poll::Pending => pending += 1,
        }
    }
}

/// Polls once, with a waker that does nothing.
pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A future that is pending a given number of times.
pub async fn turns(count: u32) {
    for _ in 0..count {
        let mut asked = false;
        std::future::poll_fn(|task| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            task.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
