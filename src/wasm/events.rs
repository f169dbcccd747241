//! Futures of what JavaScript reports through a callback: a timer, and the caller's abort signal.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::bindings::{self, Signal};

/// Something that happens once, and the task that waits for it.
#[derive(Default)]
struct Event {
    has_happened: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Event {
    fn with_callback() -> (Rc<Self>, Closure<dyn FnMut()>) {
        let event = Rc::new(Self::default());
        let happening = Rc::clone(&event);
        let callback = Closure::new(move || {
            happening.has_happened.set(true);
            if let Some(waker) = happening.waker.take() {
                waker.wake();
            }
        });
        (event, callback)
    }

    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.has_happened.get() {
            return Poll::Ready(());
        }
        self.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A running `setTimeout`.
pub struct Timer {
    id: JsValue,
    event: Rc<Event>,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    pub fn start(ms: u32) -> Self {
        let (event, callback) = Event::with_callback();
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

/// The `abort` event of the caller's signal, if there is a signal.
pub struct Abort(Option<Listener>);

struct Listener {
    signal: Signal,
    event: Rc<Event>,
    callback: Closure<dyn FnMut()>,
}

impl Abort {
    pub fn listen(signal: Option<&Signal>) -> Self {
        Self(signal.map(|signal| {
            let (event, callback) = Event::with_callback();
            // A signal that refuses listeners is asked whenever something fails instead.
            let _ = signal.add_event_listener("abort", &callback);
            Listener {
                signal: signal.clone(),
                event,
                callback,
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
            let _ = listener
                .signal
                .remove_event_listener("abort", &listener.callback);
        }
    }
}
