//! The table of one workflow's commands, in memory and on disk. The disk lags behind until it is flushed. In some
//! schedules, single reads and writes fail.

mod audit_trail;
mod invariants;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use campaign_gateway::writer::{CommandRow, CommandTable, StoreError, StoreResult};
use campaign_workflow::Platform;

use crate::clock::Clock;
use crate::observations::Observations;
use crate::platform::Node;
use crate::setup::ObjectSetup;
use crate::simulation::Simulation;

#[derive(Clone)]
pub struct Table(Rc<Inner>);

struct Inner {
    simulation: Simulation,
    setup: ObjectSetup,
    observations: Rc<RefCell<Observations>>,
    workflow: usize,
    clock: Clock,
    /// The owner and key with which each row was inserted.
    keys: RefCell<BTreeMap<u64, (String, Option<String>)>>,
    memory: RefCell<Contents>,
    disk: RefCell<Contents>,
    is_dirty: Cell<bool>,
    is_sound: Cell<bool>,
    /// The keys of the `stop` commands whose callers wait.
    stops: RefCell<BTreeSet<String>>,
    /// The database of the audit trail.
    database: RefCell<BTreeMap<u64, String>>,
}

#[derive(Clone, Default)]
struct Contents {
    rows: BTreeMap<u64, CommandRow>,
    last: u64,
    /// The unsent lines of the audit trail with their times, by number.
    lines: BTreeMap<u64, (u64, String)>,
    last_line: u64,
    alarm: Option<u64>,
}

impl Table {
    pub fn new(
        simulation: &Simulation,
        setup: &ObjectSetup,
        observations: &Rc<RefCell<Observations>>,
        workflow: usize,
        clock: &Clock,
    ) -> Self {
        Self(Rc::new(Inner {
            simulation: simulation.clone(),
            setup: setup.clone(),
            observations: Rc::clone(observations),
            workflow,
            clock: clock.clone(),
            keys: RefCell::default(),
            memory: RefCell::default(),
            disk: RefCell::default(),
            is_dirty: Cell::new(false),
            is_sound: Cell::new(false),
            stops: RefCell::default(),
            database: RefCell::default(),
        }))
    }

    pub fn rows(&self) -> Vec<CommandRow> {
        self.0.memory.borrow().rows.values().cloned().collect()
    }

    /// The lines of the audit trail that have arrived.
    pub fn audited(&self) -> Vec<String> {
        self.0.database.borrow().values().cloned().collect()
    }

    pub fn alarm(&self) -> Option<u64> {
        self.0.memory.borrow().alarm
    }

    /// The alarm is written together with the rows.
    pub fn set_alarm(&self, at: u64) -> StoreResult<()> {
        self.check_write()?;
        self.0.memory.borrow_mut().alarm = Some(at);
        self.written();
        Ok(())
    }

    /// The platform clears the alarm when it runs.
    pub fn take_alarm(&self) {
        self.0.memory.borrow_mut().alarm = None;
        self.0.disk.borrow_mut().alarm = None;
    }

    /// Ends all faults.
    pub fn end_faults(&self) {
        self.0.is_sound.set(true);
    }

    /// Waits until everything is on disk. It may fail.
    pub async fn flush(&self, node: &Node) -> StoreResult<()> {
        if !self.0.is_dirty.get() {
            return Ok(());
        }
        let ms = {
            let mut chance = self.0.simulation.chance();
            match chance.below(8) {
                0 if self.0.setup.is_disk_slow => chance.below(4000),
                0..=3 => chance.below(20),
                _ => 0,
            }
        };
        node.sleep(ms as u32).await;
        if self.happens(self.0.setup.fails_flushes, 10) {
            self.0.simulation.trace(|| String::from("a flush fails"));
            self.0.simulation.count_event("a flush failed");
            return Err(StoreError);
        }
        self.sync();
        Ok(())
    }

    /// The object is lost with everything that is not on disk; sometimes everything has just reached the disk.
    pub fn reset(&self) {
        self.0.stops.take();
        let is_synced = self.0.simulation.chance().one_in(2);
        if is_synced {
            self.sync();
        } else {
            let disk = self.0.disk.borrow().clone();
            self.0.memory.replace(disk);
            self.0.is_dirty.set(false);
        }
    }

    /// Records that a caller waits for the outcome of a `stop`, or has stopped waiting.
    pub fn note_stop(&self, key: &str, waits: bool) {
        let mut stops = self.0.stops.borrow_mut();
        if waits {
            stops.insert(String::from(key));
        } else {
            stops.remove(key);
        }
    }

    fn sync(&self) {
        let memory = self.0.memory.borrow().clone();
        self.0.disk.replace(memory);
        self.0.is_dirty.set(false);
    }

    /// Writes also reach the disk without a flush, sooner or later.
    fn written(&self) {
        self.0.is_dirty.set(true);
        let after = {
            let mut chance = self.0.simulation.chance();
            match chance.below(4) {
                0 => chance.any_of(&[0, 5, 400]),
                _ => return,
            }
        };
        let table = self.clone();
        self.0.simulation.after(after, move || table.sync());
    }

    fn happens(&self, in_this_schedule: bool, one_in: u64) -> bool {
        in_this_schedule
            && !self.0.is_sound.get()
            && self.0.simulation.now() < self.0.setup.faults_until
            && self.0.simulation.chance().one_in(one_in)
    }

    fn check_write(&self) -> StoreResult<()> {
        self.check(15)
    }

    fn check(&self, one_in: u64) -> StoreResult<()> {
        match self.happens(self.0.setup.refuses_writes, one_in) {
            true => {
                self.0
                    .simulation
                    .trace(|| String::from("a disk access fails"));
                self.0.simulation.count_event("a disk access failed");
                Err(StoreError)
            }
            false => Ok(()),
        }
    }

    fn filtered(&self, is: impl Fn(&CommandRow) -> bool) -> StoreResult<Vec<CommandRow>> {
        self.check(60)?;
        let memory = self.0.memory.borrow();
        Ok(memory
            .rows
            .values()
            .filter(|row| is(row))
            .cloned()
            .collect())
    }
}

impl CommandTable for Table {
    fn find(&self, who: &str, key: &str) -> StoreResult<Option<CommandRow>> {
        let is_it = |row: &CommandRow| row.who == who && row.key.as_deref() == Some(key);
        Ok(self.filtered(is_it)?.pop())
    }

    fn get(&self, seq: u64) -> StoreResult<Option<CommandRow>> {
        self.check(60)?;
        Ok(self.0.memory.borrow().rows.get(&seq).cloned())
    }

    fn in_flight(&self) -> StoreResult<Vec<CommandRow>> {
        self.filtered(|row| row.state.is_in_flight())
    }

    fn due(&self, now: u64) -> StoreResult<Vec<CommandRow>> {
        let mut due = self.filtered(|row| row.state.is_queued() && row.due_at <= now)?;
        due.sort_by_key(|row| (row.due_at, row.seq));
        Ok(due)
    }

    fn queued_count(&self) -> StoreResult<u32> {
        Ok(self.filtered(|row| row.state.is_queued())?.len() as u32)
    }

    fn insert(&self, row: &CommandRow) -> StoreResult<u64> {
        self.check_write()?;
        self.check_key(row);
        let mut memory = self.0.memory.borrow_mut();
        for other in memory.rows.values_mut() {
            if other.who == row.who && other.key == row.key {
                other.key = None;
            }
        }
        memory.last += 1;
        let seq = memory.last;
        memory.rows.insert(seq, CommandRow { seq, ..row.clone() });
        let key = (row.who.clone(), row.key.clone());
        self.0.keys.borrow_mut().insert(seq, key);
        drop(memory);
        self.written();
        self.0
            .simulation
            .trace(|| format!("row {seq} is {:?}: {row:?}", row.state));
        Ok(seq)
    }

    fn update(&self, row: &CommandRow) -> StoreResult<()> {
        self.check_write()?;
        self.check_priority(row);
        self.check_time(row);
        self.0.memory.borrow_mut().rows.insert(row.seq, row.clone());
        self.written();
        self.0
            .simulation
            .trace(|| format!("row {} is {:?}", row.seq, row.state));
        Ok(())
    }

    fn replace(&self, closed: &CommandRow, new: &CommandRow) -> StoreResult<u64> {
        let seq = self.insert(new)?;
        let mut memory = self.0.memory.borrow_mut();
        let closed = CommandRow {
            // The new row may have taken the key.
            key: memory.rows.get(&closed.seq).and_then(|row| row.key.clone()),
            sent_again_as: Some(seq),
            ..closed.clone()
        };
        memory.rows.insert(closed.seq, closed);
        Ok(seq)
    }

    fn newest(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        let mut rows = self.filtered(|_| true)?;
        rows.reverse();
        rows.truncate(count as usize);
        Ok(rows)
    }

    fn upcoming(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        let mut rows = self.due(u64::MAX)?;
        rows.truncate(count as usize);
        Ok(rows)
    }

    fn dead(&self, count: u32) -> StoreResult<Vec<CommandRow>> {
        let mut rows = self.filtered(CommandRow::is_dead)?;
        rows.reverse();
        rows.truncate(count as usize);
        Ok(rows)
    }

    fn expire(&self, settled_before: u64, keep: u32, _keep_dead: u32) -> StoreResult<()> {
        self.check_write()?;
        let mut memory = self.0.memory.borrow_mut();
        let keyed = keyed(&memory.rows);
        for row in memory.rows.values_mut() {
            if !row.is_dead()
                && !leads_on(row, &keyed)
                && ended_at(row).is_some_and(|at| at <= settled_before)
            {
                if row.key.is_some() && !self.is_a_day_old(row, false) {
                    self.report(invariants::A_DAY, format!("forgotten: {row:?}"));
                }
                row.key = None;
            }
        }
        let last = memory.last;
        let is_old = |row: &CommandRow| row.seq + u64::from(keep) <= last;
        memory.rows.retain(|_, row| {
            row.key.is_some() || row.settled_at.is_none() || row.is_dead() || !is_old(row)
        });
        drop(memory);
        self.written();
        Ok(())
    }

    fn next_due(&self) -> StoreResult<Option<u64>> {
        let rows = self.filtered(|row| row.state.is_queued())?;
        Ok(rows.iter().map(|row| row.due_at).min())
    }

    fn first_settled(&self) -> StoreResult<Option<u64>> {
        let keyed = keyed(&self.0.memory.borrow().rows);
        let rows = self.filtered(|row| row.key.is_some() && !row.is_dead())?;
        let rows = rows.iter().filter(|row| !leads_on(row, &keyed));
        Ok(rows.filter_map(ended_at).min())
    }
}

/// The numbers of the rows that have a key.
fn keyed(rows: &BTreeMap<u64, CommandRow>) -> BTreeSet<u64> {
    let rows = rows.values().filter(|row| row.key.is_some());
    rows.map(|row| row.seq).collect()
}

/// Whether a row was replaced by a row that has a key.
fn leads_on(row: &CommandRow, keyed: &BTreeSet<u64>) -> bool {
    row.sent_again_as.is_some_and(|seq| keyed.contains(&seq))
}

/// When a settled row was last changed.
fn ended_at(row: &CommandRow) -> Option<u64> {
    row.settled_at.max(row.closed_at)
}
