//! What a call waits for: something promised, its deadlines, and the caller's signal.

use alloc::rc::Rc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use wasm_bindgen::prelude::*;

use super::js;
use super::task::Task;
use super::texts::text;
use crate::exchange::Event;

const CALL: i32 = 1;
const STEP: i32 = 2;
const ABORT: i32 = 4;
const KEPT: i32 = 8;
const BROKEN: i32 = 2 * KEPT;

/// Where a promise's turn stands in its note, which is doubled where the promise is broken.
#[cfg(feature = "client")]
const TURN: i32 = 6;

/// A note without its turn; `None` where it is of an earlier promise.
#[cfg(feature = "client")]
pub const fn in_turn(note: i32, turn: i32) -> Option<i32> {
    let (what, of) = if note & BROKEN != 0 {
        (BROKEN, note >> (TURN + 1))
    } else if note & KEPT != 0 {
        (KEPT, note >> TURN)
    } else {
        return Some(note);
    };
    if of == turn { Some(what) } else { None }
}

/// What came first: the end of what was promised, or what came in between.
pub type Waited = Result<Result<JsValue, JsValue>, Event>;

/// Rings when a deadline passes or the signal fires. Dropping it clears timers and listener.
pub struct Alarm {
    task: Rc<Task>,
    wake: JsValue,
    call: JsValue,
    step: JsValue,
    /// An `AbortSignalLike`, or `undefined`.
    signal: JsValue,
    on_abort: JsValue,
}

impl Alarm {
    /// Starts the clock of the whole call and listens to the signal.
    pub fn set(task: Rc<Task>, wake: JsValue, call_ms: u32, signal: JsValue) -> Self {
        let mut on_abort = JsValue::UNDEFINED;
        if !signal.is_undefined() {
            on_abort = js::waker(&wake, task.number, ABORT);
            // A signal that can't be listened to is asked wherever something fails instead.
            let abort = js::text(text!("abort"));
            js::invoke(&signal, text!("addEventListener"), &abort, &on_abort);
        }
        Self {
            call: js::timer(&wake, task.number, CALL, call_ms as i32),
            step: JsValue::UNDEFINED,
            on_abort,
            task,
            wake,
            signal,
        }
    }

    /// Sets the clock of the next step; the last one's is cleared.
    pub fn step(&mut self, ms: u32) {
        self.end_step();
        // A request that is given up and followed by another ends all the same, some time.
        #[cfg(feature = "client")]
        {
            let turn = &self.task.turn;
            turn.set((turn.get() + 1) & 0x7f_ffff);
        }
        self.step = js::timer(&self.wake, self.task.number, STEP, ms as i32);
    }

    fn end_step(&self) {
        js::clear_timeout(&self.step);
        self.task.notes.set(self.task.notes.get() & !STEP);
    }

    /// Whether the caller's signal says that the call is to end.
    pub fn is_aborted(&self) -> bool {
        self.task.notes.get() & ABORT != 0 || js::get(&self.signal, text!("aborted")).is_truthy()
    }

    /// The reason the caller's signal gives; asked only where it has fired.
    pub fn reason(&self) -> JsValue {
        js::get(&self.signal, text!("reason"))
    }

    /// Calls a function; what it promises is what is waited for next. One that throws, or is
    /// none, breaks its promise.
    pub fn start(&self, callee: &JsValue, this: &JsValue, first: &JsValue, second: &JsValue) {
        #[cfg(not(feature = "client"))]
        let note = KEPT;
        #[cfg(feature = "client")]
        let note = KEPT | self.task.turn.get() << TURN;
        js::start(
            &self.wake,
            self.task.number,
            note,
            callee,
            this,
            first,
            second,
        );
    }

    /// Calls a method; what it promises is waited for by nobody.
    pub fn forget(&self, method: &JsValue, this: &JsValue) {
        let (nobody, nothing) = (0, &JsValue::UNDEFINED);
        js::start(&self.wake, nobody, KEPT, method, this, nothing, nothing);
    }

    /// Takes what came first. What is there already comes before the alarm; a failure does not,
    /// because the alarm may be its cause.
    fn take(&self) -> Option<Waited> {
        let notes = self.task.notes.get();
        self.task.notes.set(notes & !(KEPT | BROKEN));
        let kept = notes & KEPT != 0;
        if !kept && notes & ABORT != 0 {
            Some(Err(Event::Aborted))
        } else if !kept && notes & CALL != 0 {
            Some(Err(Event::CallOver))
        } else if !kept && notes & STEP != 0 {
            Some(Err(Event::StepOver))
        } else if notes == 0 {
            None
        } else {
            let value = self.task.value.take();
            Some(Ok(if kept { Ok(value) } else { Err(value) }))
        }
    }
}

/// The one thing that a call awaits.
impl Future for &Alarm {
    type Output = Waited;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Waited> {
        self.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.end_step();
        js::clear_timeout(&self.call);
        if !self.signal.is_undefined() {
            let abort = js::text(text!("abort"));
            let remove = text!("removeEventListener");
            js::invoke(&self.signal, remove, &abort, &self.on_abort);
        }
    }
}
