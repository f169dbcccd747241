//! Runs the futures of the calls in flight. Each is a task of its own, which JavaScript wakes by
//! its number: one that came to grief leaves the others alone, and what comes too late for one
//! finds none.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::Cell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::js;
use super::texts::{self, text};

type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A future, and what JavaScript told it since it last looked.
pub struct Task {
    /// What JavaScript knows it by.
    pub number: i32,
    /// Bits, each for something that happened; only the future knows what.
    pub notes: Cell<i32>,
    /// What came with the last of them.
    pub value: Cell<JsValue>,
    /// Counts the steps: the end of what was promised in an earlier one comes too late.
    #[cfg(feature = "client")]
    pub turn: Cell<i32>,
    /// Taken out while it runs.
    work: Cell<Option<Work>>,
    /// What the promise is settled with.
    deferred: JsValue,
    next: Cell<Option<Rc<Task>>>,
}

struct Tasks {
    /// Chains, by the numbers' last digits.
    chains: [Cell<Option<Rc<Task>>>; 256],
    last: Cell<i32>,
    running: Cell<Option<Rc<Task>>>,
}

static TASKS: Tasks = Tasks {
    chains: [const { Cell::new(None) }; 256],
    last: Cell::new(0),
    running: Cell::new(None),
};

// SAFETY: a WebAssembly module without shared memory has one thread.
#[cfg(not(target_feature = "atomics"))]
unsafe impl Sync for Tasks {}

/// Begins a future, and gives the promise of what it comes to.
pub fn future_to_promise<F>(future: F) -> JsValue
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    texts::tell();
    let deferred = js::deferred();
    let promise = js::get(&deferred, text!("promise"));
    let number = TASKS.last.get().wrapping_add(1);
    TASKS.last.set(number);
    let chain = chain(number);
    let task = Rc::new(Task {
        number,
        notes: Cell::new(0),
        value: Cell::new(JsValue::UNDEFINED),
        #[cfg(feature = "client")]
        turn: Cell::new(0),
        work: Cell::new(Some(Box::pin(future))),
        deferred,
        next: Cell::new(chain.take()),
    });
    chain.set(Some(Rc::clone(&task)));
    run(task);
    promise
}

/// The task that runs.
pub fn running() -> Option<Rc<Task>> {
    peek(&TASKS.running)
}

/// Tells a task that something happened, and lets it go on.
#[wasm_bindgen]
pub fn wake(number: i32, note: i32, value: JsValue) {
    if let Some(task) = find(number, false) {
        #[cfg(feature = "client")]
        let Some(note) = super::alarm::in_turn(note, task.turn.get()) else {
            return;
        };
        task.notes.set(task.notes.get() | note);
        task.value.set(value);
        run(task);
    }
}

fn run(task: Rc<Task>) {
    // Where it runs already, it will see the note before it waits.
    let Some(mut work) = task.work.take() else {
        return;
    };
    let outer = TASKS.running.replace(Some(Rc::clone(&task)));
    let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    TASKS.running.set(outer);
    let (settle, value) = match polled {
        Poll::Pending => return task.work.set(Some(work)),
        Poll::Ready(Ok(value)) => (text!("resolve"), value),
        Poll::Ready(Err(value)) => (text!("reject"), value),
    };
    find(task.number, true);
    js::invoke(&task.deferred, settle, &value, &JsValue::UNDEFINED);
}

fn chain(number: i32) -> &'static Cell<Option<Rc<Task>>> {
    let [first, ..] = &TASKS.chains;
    TASKS
        .chains
        .get(number as usize % TASKS.chains.len())
        .unwrap_or(first)
}

/// The task of a number; `remove` takes it out of its chain.
fn find(number: i32, remove: bool) -> Option<Rc<Task>> {
    let mut before: Option<Rc<Task>> = None;
    loop {
        let link = before.as_ref().map_or(chain(number), |task| &task.next);
        let task = peek(link)?;
        if task.number == number {
            if remove {
                link.set(task.next.take());
            }
            return Some(task);
        }
        before = Some(task);
    }
}

fn peek(link: &Cell<Option<Rc<Task>>>) -> Option<Rc<Task>> {
    let task = link.take();
    link.set(task.clone());
    task
}
