//! The virtual clock, the randomness and the tasks of one schedule.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::chance::Chance;

/// The upper bound of steps in a schedule.
const MAX_STEPS: usize = 200_000;

thread_local! {
    /// The context of the task that is being polled.
    static POLLED: Cell<Option<u32>> = const { Cell::new(None) };
    /// The number of tasks that were woken within another context.
    static STRAY_WAKES: Cell<u32> = const { Cell::new(0) };
}

/// A virtual clock, the events on it, and the tasks that wait for them.
#[derive(Clone)]
pub struct Simulation(Rc<Inner>);

struct Inner {
    now: Cell<u64>,
    steps: Cell<u64>,
    chance: RefCell<Chance>,
    /// By time, and then in the order in which they were added.
    events: RefCell<BTreeMap<(u64, u64), Event>>,
    added: Cell<u64>,
    tasks: RefCell<Vec<Task>>,
    ready: Ready,
    history: Option<RefCell<Vec<String>>>,
    event_counts: RefCell<BTreeMap<&'static str, u64>>,
}

type Event = Box<dyn FnOnce()>;
type Ready = Arc<Mutex<VecDeque<usize>>>;

/// A task in its own context: a page, or one request at the gateway.
struct Task {
    context: u32,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// Whether the runtime has ended its context. It is then never polled again, and nothing of it is dropped.
    is_frozen: bool,
    waker: Waker,
}

struct TaskWaker {
    task: usize,
    context: u32,
    ready: Ready,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let polled = POLLED.get();
        if polled.is_some_and(|polled| polled != self.context) {
            STRAY_WAKES.set(STRAY_WAKES.get() + 1);
        }
        self.ready.lock().unwrap().push_back(self.task);
    }
}

impl Simulation {
    pub fn new(chance: Chance, listening: bool) -> Self {
        STRAY_WAKES.set(0);
        Self(Rc::new(Inner {
            now: Cell::new(0),
            steps: Cell::new(0),
            chance: RefCell::new(chance),
            events: RefCell::default(),
            added: Cell::new(0),
            tasks: RefCell::default(),
            ready: Ready::default(),
            history: listening.then(RefCell::default),
            event_counts: RefCell::default(),
        }))
    }

    /// Milliseconds since the schedule began.
    pub fn now(&self) -> u64 {
        self.0.now.get()
    }

    /// The number of the current step.
    pub fn step(&self) -> u64 {
        self.0.steps.get()
    }

    pub fn chance(&self) -> RefMut<'_, Chance> {
        self.0.chance.borrow_mut()
    }

    /// Calls `event` after `ms` milliseconds. Returns a handle for [`Simulation::cancel`].
    pub fn after(&self, ms: u64, event: impl FnOnce() + 'static) -> (u64, u64) {
        let number = self.0.added.get();
        self.0.added.set(number + 1);
        let key = (self.now() + ms, number);
        self.0.events.borrow_mut().insert(key, Box::new(event));
        key
    }

    /// Cancels an event.
    pub fn cancel(&self, event: (u64, u64)) {
        let event = self.0.events.borrow_mut().remove(&event);
        drop(event);
    }

    /// Starts a task in a context. Returns a handle for [`Simulation::freeze`].
    pub fn spawn(&self, context: u32, future: impl Future<Output = ()> + 'static) -> usize {
        let mut tasks = self.0.tasks.borrow_mut();
        let task = tasks.len();
        let ready = Arc::clone(&self.0.ready);
        ready.lock().unwrap().push_back(task);
        let waker = Waker::from(Arc::new(TaskWaker {
            task,
            context,
            ready,
        }));
        tasks.push(Task {
            context,
            future: Some(Box::pin(future)),
            is_frozen: false,
            waker,
        });
        task
    }

    /// Ends the context of a task without notice: it is never polled again.
    pub fn freeze(&self, task: usize) {
        self.0.tasks.borrow_mut()[task].is_frozen = true;
    }

    /// Ends a task and drops it.
    pub fn kill(&self, task: usize) {
        let future = self.0.tasks.borrow_mut()[task].future.take();
        drop(future);
    }

    /// Runs until nothing more can happen.
    pub fn run(&self) {
        for _ in 0..MAX_STEPS {
            self.0.steps.set(self.0.steps.get() + 1);
            // Events of one moment are seen one by one, or all at once.
            let is_seen_later = self.is_more_now() && self.chance().one_in(2);
            let ready = match is_seen_later {
                true => None,
                false => self.0.ready.lock().unwrap().pop_front(),
            };
            if let Some(task) = ready {
                self.poll(task);
                continue;
            }
            let event = self.0.events.borrow_mut().pop_first();
            let Some(((at, _), event)) = event else {
                return;
            };
            self.0.now.set(self.now().max(at));
            event();
        }
        panic!("it goes on for ever");
    }

    /// Whether another event happens at this moment.
    fn is_more_now(&self) -> bool {
        let events = self.0.events.borrow();
        events
            .first_key_value()
            .is_some_and(|((at, _), _)| *at <= self.now())
    }

    fn poll(&self, task: usize) {
        let (mut future, waker, context) = {
            let mut tasks = self.0.tasks.borrow_mut();
            let task = &mut tasks[task];
            let future = match task.is_frozen {
                true => None,
                false => task.future.take(),
            };
            let Some(future) = future else {
                return;
            };
            (future, task.waker.clone(), task.context)
        };
        POLLED.set(Some(context));
        let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
        if poll.is_ready() {
            drop(future);
        } else {
            self.0.tasks.borrow_mut()[task].future = Some(future);
        }
        POLLED.set(None);
    }

    /// How often a task was woken within another context, where a runtime would have refused to continue.
    pub fn stray_wakes(&self) -> u32 {
        STRAY_WAKES.get()
    }

    /// Counts an event of this schedule.
    pub fn count_event(&self, name: &'static str) {
        *self.0.event_counts.borrow_mut().entry(name).or_default() += 1;
    }

    pub fn event_counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.event_counts.borrow().clone()
    }

    /// Adds a line to the trace.
    pub fn trace(&self, line: impl FnOnce() -> String) {
        if let Some(history) = &self.0.history {
            history
                .borrow_mut()
                .push(format!("{:>7} ms  {}", self.now(), line()));
        }
    }

    pub fn history(&self) -> Vec<String> {
        let history = self.0.history.as_ref();
        history.map_or(Vec::new(), |history| history.borrow().clone())
    }

    /// Drops the remaining tasks and events, which hold references to the simulation.
    pub fn end(&self) {
        let tasks = self.0.tasks.take();
        drop(tasks);
        let events = self.0.events.take();
        drop(events);
    }
}

/// A timer of the virtual clock. Dropping it cancels it.
pub struct Timer {
    simulation: Simulation,
    event: (u64, u64),
    state: Rc<TimerState>,
}

#[derive(Default)]
struct TimerState {
    is_over: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Timer {
    pub fn start(simulation: &Simulation, ms: u64) -> Self {
        let state = Rc::new(TimerState::default());
        let due = Rc::clone(&state);
        let event = simulation.after(ms, move || {
            due.is_over.set(true);
            if let Some(waker) = due.waker.take() {
                waker.wake();
            }
        });
        Self {
            simulation: simulation.clone(),
            event,
            state,
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.state.is_over.get() {
            return Poll::Ready(());
        }
        self.state.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.simulation.cancel(self.event);
    }
}
