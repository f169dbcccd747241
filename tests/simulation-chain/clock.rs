//! The wall clock of one object. In some schedules it jumps between two steps, by seconds up to two days, forward and
//! back. Timers do not follow it; alarms do.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::simulation::Simulation;

/// The wall clock at the start of a schedule, in milliseconds since 1970.
const BEGIN_MS: u64 = 1_790_000_000_000;

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;

/// The sizes of jumps, forward or back.
const JUMPS_MS: [i64; 7] = [
    SECOND_MS,
    30 * SECOND_MS,
    HOUR_MS / 6,
    5 * HOUR_MS,
    23 * HOUR_MS,
    25 * HOUR_MS,
    48 * HOUR_MS,
];

#[derive(Clone)]
pub struct Clock(Rc<Inner>);

/// Called after a jump.
type OnJump = Box<dyn Fn()>;

struct Inner {
    simulation: Simulation,
    jumps: bool,
    /// It does not jump after this time of the schedule.
    until: u64,
    offset: Cell<i64>,
    /// The step of the last reading. The clock keeps its value within a step.
    step: Cell<u64>,
    highest: Cell<u64>,
    /// The highest value before its last jump.
    highest_of_jumps: Cell<u64>,
    on_jump: RefCell<Option<OnJump>>,
}

impl Clock {
    pub fn new(simulation: &Simulation, jumps: bool, until: u64) -> Self {
        let clock = Self(Rc::new(Inner {
            simulation: simulation.clone(),
            jumps,
            until,
            offset: Cell::new(0),
            step: Cell::new(0),
            highest: Cell::new(0),
            highest_of_jumps: Cell::new(0),
            on_jump: RefCell::default(),
        }));
        if jumps {
            clock.jump_by_itself();
        }
        clock
    }

    /// Sets the function to call after each jump, but not within the step that reads the new value.
    pub fn on_jump(&self, on_jump: impl Fn() + 'static) {
        self.0.on_jump.replace(Some(Box::new(on_jump)));
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        let is_new_step = self.0.step.replace(self.0.simulation.step()) != self.0.simulation.step();
        if is_new_step && self.may_jump() && self.0.simulation.chance().one_in(20) {
            self.jump();
        }
        self.note_highest(self.current())
    }

    /// The highest value so far.
    pub fn highest_ms(&self) -> u64 {
        self.0.highest.get().max(self.current())
    }

    /// The highest value until all faults end, after which it does not jump.
    pub fn after_faults_ms(&self) -> u64 {
        let end = (BEGIN_MS + self.0.until).saturating_add_signed(self.0.offset.get());
        end.max(self.0.highest_of_jumps.get())
    }

    fn current(&self) -> u64 {
        (BEGIN_MS + self.0.simulation.now()).saturating_add_signed(self.0.offset.get())
    }

    fn note_highest(&self, current: u64) -> u64 {
        self.0.highest.set(self.0.highest.get().max(current));
        current
    }

    fn may_jump(&self) -> bool {
        self.0.jumps && self.0.simulation.now() < self.0.until
    }

    /// Jumps also while nothing reads the clock.
    fn jump_by_itself(&self) {
        for _ in 0..2 {
            let after = self.0.simulation.chance().below(self.0.until);
            let inner = Rc::downgrade(&self.0);
            self.0.simulation.after(after, move || {
                if let Some(inner) = Weak::upgrade(&inner) {
                    Self(inner).jump();
                }
            });
        }
    }

    fn jump(&self) {
        let (by, is_back) = {
            let mut chance = self.0.simulation.chance();
            (chance.any_of(&JUMPS_MS), chance.one_in(2))
        };
        self.note_highest(self.current());
        let by = if is_back { -by } else { by };
        self.0.offset.set(self.0.offset.get() + by);
        self.note_highest(self.current());
        self.0.highest_of_jumps.set(self.0.highest.get());
        self.0
            .simulation
            .trace(|| format!("a clock jumps by {by} ms"));
        self.0.simulation.count_event(match is_back {
            true => "a clock was set back",
            false => "a clock was put forward",
        });
        let inner = Rc::downgrade(&self.0);
        self.0.simulation.after(0, move || {
            if let Some(inner) = inner.upgrade()
                && let Some(on_jump) = &*inner.on_jump.borrow()
            {
                on_jump();
            }
        });
    }
}
