//! Time, chance and tasks: what everything in one schedule shares.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::chance::Chance;

/// No schedule takes so many steps.
const MANY: usize = 200_000;

thread_local! {
    /// The runtime's context whose task is being polled.
    static POLLED: Cell<Option<u32>> = const { Cell::new(None) };
    /// Tasks that were woken within another's context.
    static STRAY_WAKES: Cell<u32> = const { Cell::new(0) };
}

/// A virtual clock, the events on it, and the tasks that wait for them.
#[derive(Clone)]
pub struct Simulation(Rc<Inner>);

struct Inner {
    now: Cell<u64>,
    steps: Cell<u64>,
    chance: RefCell<Chance>,
    /// By their time, and in the order in which they were added.
    events: RefCell<BTreeMap<(u64, u64), Event>>,
    added: Cell<u64>,
    tasks: RefCell<Vec<Task>>,
    ready: Ready,
    history: Option<RefCell<Vec<String>>>,
    event_counts: RefCell<BTreeMap<&'static str, u64>>,
}

type Event = Box<dyn FnOnce()>;
type Ready = Arc<Mutex<VecDeque<usize>>>;

/// What runs for a while in a context of its own: a page, or one request at the gateway.
struct Task {
    context: u32,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// The runtime has ended its context: it is never polled again, and nothing of it is dropped.
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

    /// Which step of the schedule this is.
    pub fn step(&self) -> u64 {
        self.0.steps.get()
    }

    pub fn chance(&self) -> RefMut<'_, Chance> {
        self.0.chance.borrow_mut()
    }

    /// Has something happen in so many milliseconds. Gives what [`Simulation::cancel`] takes.
    pub fn after(&self, ms: u64, event: impl FnOnce() + 'static) -> (u64, u64) {
        let number = self.0.added.get();
        self.0.added.set(number + 1);
        let key = (self.now() + ms, number);
        self.0.events.borrow_mut().insert(key, Box::new(event));
        key
    }

    /// An event that is not to happen any more.
    pub fn cancel(&self, event: (u64, u64)) {
        let event = self.0.events.borrow_mut().remove(&event);
        drop(event);
    }

    /// Begins a task in a context. Gives what [`Simulation::freeze`] takes.
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

    /// The runtime ends the context of a task, without a word to it.
    pub fn freeze(&self, task: usize) {
        self.0.tasks.borrow_mut()[task].is_frozen = true;
    }

    /// A task is no more: what it holds is dropped.
    pub fn kill(&self, task: usize) {
        let future = self.0.tasks.borrow_mut()[task].future.take();
        drop(future);
    }

    /// Lets everything happen that is to happen.
    pub fn run(&self) {
        for _ in 0..MANY {
            self.0.steps.set(self.0.steps.get() + 1);
            // What happens at one moment is seen one by one, or all at once.
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

    /// Whether something else happens at this moment.
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

    /// How often a task was woken within another's context, where a runtime would have refused to go on.
    pub fn stray_wakes(&self) -> u32 {
        STRAY_WAKES.get()
    }

    /// Counts what this schedule has come upon.
    pub fn count_event(&self, name: &'static str) {
        *self.0.event_counts.borrow_mut().entry(name).or_default() += 1;
    }

    pub fn event_counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.event_counts.borrow().clone()
    }

    /// A line for those who look at one schedule.
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

    /// Drops all that is left; the tasks hold the world, and it holds them.
    pub fn end(&self) {
        let tasks = self.0.tasks.take();
        drop(tasks);
        let events = self.0.events.take();
        drop(events);
    }
}

/// A timer of the virtual clock; dropping it cancels it.
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
