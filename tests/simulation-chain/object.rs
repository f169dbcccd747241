//! The Durable Objects, one for each workflow: each lends its table, its alarm and its way to Campaign to
//! the writer that ships, and may be lost at any moment. The next call makes a new one.

mod alarm;
mod host;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use campaign_gateway::Campaign;
use campaign_gateway::writer::store::Limits;
use campaign_gateway::writer::{
    Answered, Entry, Order, Row, Settings, Stored, WorkflowName, Writer,
};
use campaign_workflow::Command;

use crate::campaign::{CampaignServer, ORGANIZATION, executed, workflow_id};
use crate::clock::Clock;
use crate::gateway::{campaign_of, ims};
use crate::mailbox::Mailbox;
use crate::network::Network;
use crate::platform::{Node, Traffic};
use crate::record::Record;
use crate::setup::{ObjectSetup, Setup};
use crate::table::Table;
use crate::world::World;
use host::ObjectHost;

/// The contexts of objects are numbered from here, above those of requests.
const FIRST_CONTEXT: usize = 1_000_000;

/// What somebody asks an object for.
#[derive(Clone, Debug)]
pub enum Ask {
    Send(Order, u32),
    Enqueue(Order, u64),
    Cancel(Order),
    Look(Order),
    /// The dead commands.
    Dead,
    /// To send a dead command again.
    SendAgain(Box<Entry>),
}

/// What an object says.
#[derive(Debug)]
pub enum Told {
    Sent(Answered),
    Enqueued(Result<Entry, Answered>),
    Found(Stored<Option<Entry>>),
    Listed(Stored<Vec<Entry>>),
    /// The object was lost meanwhile, or could not be asked.
    Lost,
}

/// An answer, and how often Campaign had executed the command when it was decided.
pub struct Said {
    pub told: Told,
    pub executed: usize,
}

/// The object of one workflow.
#[derive(Clone)]
pub struct Object(Rc<State>);

struct State {
    world: World,
    back: Network,
    record: Rc<RefCell<Record>>,
    setup: ObjectSetup,
    campaign: Campaign,
    campaign_server: CampaignServer,
    workflow: usize,
    clock: Clock,
    table: Table,
    life: RefCell<Option<Rc<Life>>>,
    lives: Cell<usize>,
    /// The event of the alarm that is set.
    alarm: Cell<Option<(u64, u64)>>,
    is_ringing: Cell<bool>,
}

/// An object from its first call until it is lost.
struct Life {
    number: usize,
    writer: Writer<ObjectHost>,
    tasks: RefCell<Vec<usize>>,
    /// Who waits for an answer.
    calls: RefCell<BTreeMap<usize, Mailbox<Said>>>,
}

/// The objects of all workflows.
pub fn objects(
    world: &World,
    back: &Network,
    setup: &Setup,
    record: &Rc<RefCell<Record>>,
    campaign: &CampaignServer,
) -> Vec<Object> {
    let Some(object) = &setup.object else {
        return Vec::new();
    };
    let new = |workflow| {
        let clock = Clock::new(world, object.clock_jumps, object.faults_until);
        let object = Object(Rc::new(State {
            world: world.clone(),
            back: back.clone(),
            record: Rc::clone(record),
            setup: object.clone(),
            campaign: campaign_of(setup),
            campaign_server: campaign.clone(),
            workflow,
            table: Table::new(world, object, record, workflow, &clock),
            clock,
            life: RefCell::default(),
            lives: Cell::new(0),
            alarm: Cell::new(None),
            is_ringing: Cell::new(false),
        }));
        // The platform's alarms follow the clock.
        let state = Rc::downgrade(&object.0);
        object.0.clock.on_jump(move || {
            if let Some(state) = state.upgrade() {
                Object(state).watch_alarm();
            }
        });
        object
    };
    (0..setup.workflows).map(new).collect()
}

impl Object {
    /// Asks the object, and waits for what it says.
    pub async fn ask(&self, ask: Ask) -> Said {
        let reply = Mailbox::new();
        let (object, back) = (self.clone(), reply.clone());
        let after = self.hop();
        self.0.world.after(after, move || object.take(ask, back));
        reply.receive().await
    }

    /// The rows as they are now.
    pub fn rows(&self) -> Vec<Row> {
        self.0.table.rows()
    }

    /// What has arrived of its audit trail.
    pub fn audited(&self) -> Vec<String> {
        self.0.table.audited()
    }

    /// The highest value that its clock had when all faults were over.
    pub fn clock_after_faults_ms(&self) -> u64 {
        self.0.clock.after_faults_ms()
    }

    pub fn workflow(&self) -> usize {
        self.0.workflow
    }

    /// Somebody looks at the history, so that what was left is recovered.
    pub fn look_at_history(&self) {
        self.0.table.end_faults();
        if !self.rows().is_empty() {
            let _ = self.life().writer.history();
        }
    }

    /// The object holds its host, and that holds it.
    pub fn end(&self) {
        self.0.life.take();
    }

    fn executed(&self, ask: &Ask) -> usize {
        let command = match ask {
            Ask::Send(order, _) | Ask::Enqueue(order, _) => Some(order.command),
            Ask::Cancel(order) | Ask::Look(order) => Some(order.command),
            Ask::SendAgain(entry) => Command::parse(entry.command),
            Ask::Dead => None,
        };
        let campaign = self.0.campaign_server.campaign();
        executed(&campaign, self.0.workflow, command)
    }

    fn hop(&self) -> u64 {
        let mut chance = self.0.world.chance();
        match chance.one_in(3) {
            true => chance.below(150),
            false => 0,
        }
    }

    fn take(&self, ask: Ask, reply: Mailbox<Said>) {
        let life = self.life();
        self.0
            .world
            .note(|| format!("object {}: {ask:?}", self.0.workflow));
        let number = life.tasks.borrow().len();
        life.calls.borrow_mut().insert(number, reply);
        if let Ask::Send(order, _) = &ask
            && order.command == Command::Stop
        {
            self.0.table.note_stop(&order.key, true);
        }
        let object = self.clone();
        let of = Rc::clone(&life);
        self.spawn(&life, async move {
            let told = of.perform(&ask).await;
            let executed = object.executed(&ask);
            if let Ask::Send(order, _) = &ask {
                object.0.table.note_stop(&order.key, false);
            }
            // Nothing is told before what was written is on disk; if it can't be, the object is lost.
            if object.0.table.flush(&of.writer.host().node).await.is_err() {
                return object.lose_soon(0);
            }
            let reply = of.calls.borrow_mut().remove(&number);
            object
                .0
                .world
                .note(|| format!("object {}: says {told:?}", object.0.workflow));
            if let Some(reply) = reply {
                let after = object.hop();
                object.0.world.after(after, move || {
                    reply.post(Said { told, executed });
                });
            }
        });
    }

    fn spawn(&self, life: &Life, future: impl Future<Output = ()> + 'static) {
        let context = FIRST_CONTEXT + 1000 * self.0.workflow + life.number;
        let task = self.0.world.spawn(context as u32, future);
        life.tasks.borrow_mut().push(task);
    }

    /// The object as it is; a new one, if there is none.
    fn life(&self) -> Rc<Life> {
        let living = self.0.life.borrow().clone();
        if let Some(life) = living {
            return life;
        }
        let number = self.0.lives.get();
        self.0.lives.set(number + 1);
        let ObjectSetup {
            wait_ms,
            max_tries,
            retry_ms,
            max_waiting,
            ..
        } = self.0.setup;
        let settings = Settings {
            campaign: Ok(self.0.campaign.clone()),
            wait_ms,
            timeout_ms: 25_000,
            limits: Limits {
                max_tries,
                retry_ms,
                max_waiting,
                ..Limits::default()
            },
        };
        let name = WorkflowName {
            organization: String::from(ORGANIZATION),
            workflow_id: workflow_id(self.0.workflow),
        };
        let life = Rc::new(Life {
            number,
            writer: Writer::new(self.host(), name, settings),
            tasks: RefCell::default(),
            calls: RefCell::default(),
        });
        self.0.life.replace(Some(Rc::clone(&life)));
        if self.0.setup.is_lost_at_times {
            let after = {
                let mut chance = self.0.world.chance();
                let most = chance.any_of(&[300, 8000, 60_000]);
                chance.below(most)
            };
            self.lose_soon(after);
        }
        life
    }

    fn host(&self) -> ObjectHost {
        let object = self.clone();
        let traffic = Traffic::new(move |count| object.on_send(count));
        ObjectHost {
            object: self.clone(),
            node: Node {
                world: self.0.world.clone(),
                network: self.0.back.clone(),
                signal: None,
                traffic: Some(Rc::new(traffic)),
            },
            ims: ims(),
        }
    }

    /// A command goes out, and so many are on their way now.
    fn on_send(&self, count: u32) {
        if count > 1 {
            let how = format!("{count} of workflow {}", self.0.workflow);
            let mut record = self.0.record.borrow_mut();
            record
                .complaints
                .push(("one command of a workflow at a time", how));
        }
        if self.0.setup.is_lost_at_times && self.0.world.chance().one_in(12) {
            let after = self.0.world.chance().below(500);
            self.lose_soon(after);
        }
    }

    /// The object that lives now is lost in so many milliseconds, unless another was before.
    fn lose_soon(&self, after: u64) {
        let (object, number) = (self.clone(), self.0.lives.get());
        let is_due = self.0.world.now() + after < self.0.setup.faults_until;
        if !is_due {
            return;
        }
        self.0.world.after(after, move || {
            if object.0.lives.get() == number {
                object.lose();
            }
        });
    }

    fn lose(&self) {
        let Some(life) = self.0.life.take() else {
            return;
        };
        self.0
            .world
            .note(|| format!("object {} is lost", self.0.workflow));
        self.0.world.meet("an object was lost");
        // What was under way ends, or nobody hears of it any more.
        let ends = self.0.world.chance().one_in(2);
        for task in life.tasks.take() {
            match ends {
                true => self.0.world.kill(task),
                false => self.0.world.freeze(task),
            }
        }
        for (_, reply) in life.calls.take() {
            let after = self.hop();
            self.0.world.after(after, move || {
                reply.post(Said {
                    told: Told::Lost,
                    executed: 0,
                });
            });
        }
        self.0.table.reset();
        self.watch_alarm();
        let was_ringing = self.0.is_ringing.replace(false);
        if was_ringing {
            self.0.world.meet("an object was lost while its alarm rang");
        }
        if was_ringing || self.0.world.chance().one_in(4) {
            self.ring_again();
        }
    }
}

impl Life {
    async fn perform(&self, ask: &Ask) -> Told {
        match ask {
            Ask::Send(order, timeout_ms) => Told::Sent(self.writer.send(order, *timeout_ms).await),
            Ask::Enqueue(order, delay_ms) => {
                Told::Enqueued(self.writer.enqueue(order, *delay_ms).await)
            }
            Ask::Cancel(order) => {
                let (who, key) = (&order.who, &order.key);
                Told::Found(self.writer.cancel(who, key, "somebody").await)
            }
            Ask::Dead => Told::Listed(self.writer.dead()),
            Ask::SendAgain(entry) => {
                Told::Enqueued(self.writer.send_again(entry.seq, "an operator").await)
            }
            Ask::Look(order) => Told::Found(self.writer.look(&order.who, &order.key)),
        }
    }
}
