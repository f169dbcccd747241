//! Futures for JavaScript callbacks: a promise, a timer, and the caller's abort signal. Dropping a
//! future releases its callback, even if the event never happens.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::bindings::{self, AbortListener, PromiseObserver, Signal};

/// A value that is set once, and the task that waits for it.
struct OneShot<T> {
    value: Cell<Option<T>>,
    waker: Cell<Option<Waker>>,
}

impl<T> OneShot<T> {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            value: Cell::new(None),
            waker: Cell::new(None),
        })
    }

    fn set(&self, value: T) {
        self.value.set(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn poll(&self, context: &Context<'_>) -> Poll<T> {
        if let Some(value) = self.value.take() {
            return Poll::Ready(value);
        }
        self.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A one-shot without a value, and the callback that sets it.
fn one_shot_with_callback() -> (Rc<OneShot<()>>, Closure<dyn FnMut()>) {
    let event = OneShot::new();
    let setter = Rc::clone(&event);
    (event, Closure::new(move || setter.set(())))
}

/// A future for the return value of a caller's function: a promise, a thenable or a plain value.
/// The runtime does not report its rejection as unhandled.
pub struct PromiseFuture {
    observer: PromiseObserver,
    event: Rc<OneShot<Result<JsValue, JsValue>>>,
    _report: Closure<dyn FnMut(bool, JsValue)>,
}

impl PromiseFuture {
    /// Observes the return value of a function.
    pub fn new(returned: &JsValue) -> Self {
        let event = OneShot::new();
        let setter = Rc::clone(&event);
        let report = Closure::new(move |is_value, value| {
            setter.set(if is_value { Ok(value) } else { Err(value) });
        });
        Self {
            observer: PromiseObserver::new(returned, &report),
            event,
            _report: report,
        }
    }
}

impl Future for PromiseFuture {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.event.poll(context)
    }
}

impl Drop for PromiseFuture {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// A running `setTimeout`.
pub struct Timer {
    id: JsValue,
    event: Rc<OneShot<()>>,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Starts a timer.
    pub fn start(ms: u32) -> Self {
        let (event, callback) = one_shot_with_callback();
        Self {
            id: bindings::set_timeout(&callback, ms),
            event,
            _callback: callback,
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.event.poll(context)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        bindings::clear_timeout(&self.id);
    }
}

/// A future for the `abort` event of the caller's signal. Never completes without a signal.
pub struct Abort(Option<Listener>);

struct Listener {
    js_listener: AbortListener,
    event: Rc<OneShot<()>>,
    _report: Closure<dyn FnMut()>,
}

impl Abort {
    /// Listens to a signal.
    pub fn listen(signal: Option<&Signal>) -> Self {
        Self(signal.map(|signal| {
            let (event, report) = one_shot_with_callback();
            Listener {
                js_listener: AbortListener::new(signal, &report),
                event,
                _report: report,
            }
        }))
    }
}

impl Future for Abort {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &self.0 {
            Some(listener) => listener.event.poll(context),
            None => Poll::Pending,
        }
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(listener) = &self.0 {
            listener.js_listener.disconnect();
        }
    }
}
