//! The Durable Objects, one for each workflow. Each provides its table, its alarm and its network to the shipped
//! writer, and can be lost at any moment. The next call makes a new instance.

mod alarm;
mod runtime;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use campaign_gateway::Campaign;
use campaign_gateway::writer::state_machine::Limits;
use campaign_gateway::writer::{
    CommandEntry, CommandOrder, CommandReply, CommandRow, Settings, StoreResult, WorkflowName,
    Writer,
};
use campaign_workflow::Command;

use crate::campaign::{CampaignServer, ORGANIZATION, executed, workflow_id};
use crate::clock::Clock;
use crate::gateway::{campaign_of, ims};
use crate::mailbox::Mailbox;
use crate::network::Network;
use crate::observations::Observations;
use crate::platform::{Node, Traffic};
use crate::setup::{ObjectSetup, Setup};
use crate::simulation::Simulation;
use crate::table::Table;
use runtime::ObjectRuntime;

/// The first context of objects, above those of requests.
const FIRST_CONTEXT: usize = 1_000_000;

/// A request to an object.
#[derive(Clone, Debug)]
pub enum ObjectRequest {
    Send(CommandOrder, u32),
    Enqueue(CommandOrder, u64),
    Cancel(CommandOrder),
    Lookup(CommandOrder),
    /// Returns the dead commands.
    Dead,
    /// Sends a dead command again.
    SendAgain(Box<CommandEntry>),
}

/// An object's reply.
#[derive(Debug)]
pub enum ObjectReply {
    Sent(CommandReply),
    Enqueued(Result<CommandEntry, CommandReply>),
    Found(StoreResult<Option<CommandEntry>>),
    Listed(StoreResult<Vec<CommandEntry>>),
    /// The object was lost meanwhile, or could not be called.
    Lost,
}

/// A reply, and how often Campaign had executed the command when the reply was made.
pub struct ObjectResponse {
    pub reply: ObjectReply,
    pub executed: usize,
}

/// The object of one workflow.
#[derive(Clone)]
pub struct Object(Rc<State>);

struct State {
    simulation: Simulation,
    back_network: Network,
    observations: Rc<RefCell<Observations>>,
    setup: ObjectSetup,
    campaign: Campaign,
    campaign_server: CampaignServer,
    workflow: usize,
    clock: Clock,
    table: Table,
    instance: RefCell<Option<Rc<Instance>>>,
    instances: Cell<usize>,
    /// The event of the alarm.
    alarm: Cell<Option<(u64, u64)>>,
    is_alarm_running: Cell<bool>,
}

/// An instance of an object, from its first call until it is lost.
struct Instance {
    number: usize,
    writer: Writer<ObjectRuntime>,
    tasks: RefCell<Vec<usize>>,
    /// The callers that wait for a reply.
    calls: RefCell<BTreeMap<usize, Mailbox<ObjectResponse>>>,
}

/// The objects of all workflows.
pub fn objects(
    simulation: &Simulation,
    back_network: &Network,
    setup: &Setup,
    observations: &Rc<RefCell<Observations>>,
    campaign: &CampaignServer,
) -> Vec<Object> {
    let Some(object) = &setup.object else {
        return Vec::new();
    };
    let new = |workflow| {
        let clock = Clock::new(simulation, object.clock_jumps, object.faults_until);
        let object = Object(Rc::new(State {
            simulation: simulation.clone(),
            back_network: back_network.clone(),
            observations: Rc::clone(observations),
            setup: object.clone(),
            campaign: campaign_of(setup),
            campaign_server: campaign.clone(),
            workflow,
            table: Table::new(simulation, object, observations, workflow, &clock),
            clock,
            instance: RefCell::default(),
            instances: Cell::new(0),
            alarm: Cell::new(None),
            is_alarm_running: Cell::new(false),
        }));
        // The platform's alarms follow the clock.
        let state = Rc::downgrade(&object.0);
        object.0.clock.on_jump(move || {
            if let Some(state) = state.upgrade() {
                Object(state).schedule_alarm();
            }
        });
        object
    };
    (0..setup.workflows).map(new).collect()
}

impl Object {
    /// Calls the object and waits for its reply.
    pub async fn call(&self, request: ObjectRequest) -> ObjectResponse {
        let mailbox = Mailbox::new();
        let (object, sender) = (self.clone(), mailbox.clone());
        let after = self.network_delay();
        self.0
            .simulation
            .after(after, move || object.handle(request, sender));
        mailbox.receive().await
    }

    /// The current rows.
    pub fn rows(&self) -> Vec<CommandRow> {
        self.0.table.rows()
    }

    /// The lines of its audit trail that have arrived.
    pub fn audited(&self) -> Vec<String> {
        self.0.table.audited()
    }

    /// The highest value of its clock when all faults were over.
    pub fn clock_after_faults_ms(&self) -> u64 {
        self.0.clock.after_faults_ms()
    }

    pub fn workflow(&self) -> usize {
        self.0.workflow
    }

    /// Reads the history, which recovers interrupted rows.
    pub fn read_history(&self) {
        self.0.table.end_faults();
        if !self.rows().is_empty() {
            let _ = self.instance().writer.history();
        }
    }

    /// Breaks the reference cycle between the object and its runtime.
    pub fn end(&self) {
        self.0.instance.take();
    }

    fn executed(&self, request: &ObjectRequest) -> usize {
        let command = match request {
            ObjectRequest::Send(order, _) | ObjectRequest::Enqueue(order, _) => Some(order.command),
            ObjectRequest::Cancel(order) | ObjectRequest::Lookup(order) => Some(order.command),
            ObjectRequest::SendAgain(entry) => Command::parse(entry.command),
            ObjectRequest::Dead => None,
        };
        let campaign = self.0.campaign_server.campaign();
        executed(&campaign, self.0.workflow, command)
    }

    fn network_delay(&self) -> u64 {
        let mut chance = self.0.simulation.chance();
        match chance.one_in(3) {
            true => chance.below(150),
            false => 0,
        }
    }

    fn handle(&self, request: ObjectRequest, mailbox: Mailbox<ObjectResponse>) {
        let instance = self.instance();
        self.0
            .simulation
            .trace(|| format!("object {}: {request:?}", self.0.workflow));
        let number = instance.tasks.borrow().len();
        instance.calls.borrow_mut().insert(number, mailbox);
        if let ObjectRequest::Send(order, _) = &request
            && order.command == Command::Stop
        {
            self.0.table.note_stop(&order.key, true);
        }
        let object = self.clone();
        let current = Rc::clone(&instance);
        self.spawn(&instance, async move {
            let reply = current.perform(&request).await;
            let executed = object.executed(&request);
            if let ObjectRequest::Send(order, _) = &request {
                object.0.table.note_stop(&order.key, false);
            }
            // A reply is sent only after everything written is on disk. If that fails, the object is lost.
            if object
                .0
                .table
                .flush(&current.writer.runtime().node)
                .await
                .is_err()
            {
                return object.lose_soon(0);
            }
            let mailbox = current.calls.borrow_mut().remove(&number);
            object
                .0
                .simulation
                .trace(|| format!("object {}: replies {reply:?}", object.0.workflow));
            if let Some(mailbox) = mailbox {
                let after = object.network_delay();
                object.0.simulation.after(after, move || {
                    mailbox.post(ObjectResponse { reply, executed });
                });
            }
        });
    }

    fn spawn(&self, instance: &Instance, future: impl Future<Output = ()> + 'static) {
        let context = FIRST_CONTEXT + 1000 * self.0.workflow + instance.number;
        let task = self.0.simulation.spawn(context as u32, future);
        instance.tasks.borrow_mut().push(task);
    }

    /// The current instance, or a new one.
    fn instance(&self) -> Rc<Instance> {
        let current = self.0.instance.borrow().clone();
        if let Some(instance) = current {
            return instance;
        }
        let number = self.0.instances.get();
        self.0.instances.set(number + 1);
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
        let instance = Rc::new(Instance {
            number,
            writer: Writer::new(self.runtime(), name, settings),
            tasks: RefCell::default(),
            calls: RefCell::default(),
        });
        self.0.instance.replace(Some(Rc::clone(&instance)));
        if self.0.setup.is_lost_at_times {
            let after = {
                let mut chance = self.0.simulation.chance();
                let most = chance.any_of(&[300, 8000, 60_000]);
                chance.below(most)
            };
            self.lose_soon(after);
        }
        instance
    }

    fn runtime(&self) -> ObjectRuntime {
        let object = self.clone();
        let traffic = Traffic::new(move |count| object.on_send(count));
        ObjectRuntime {
            object: self.clone(),
            node: Node {
                simulation: self.0.simulation.clone(),
                network: self.0.back_network.clone(),
                signal: None,
                traffic: Some(Rc::new(traffic)),
            },
            ims: ims(),
        }
    }

    /// A command is sent. `count` commands are in flight now.
    fn on_send(&self, count: u32) {
        if count > 1 {
            let details = format!("{count} of workflow {}", self.0.workflow);
            let mut observations = self.0.observations.borrow_mut();
            observations
                .violations
                .push(("one command of a workflow at a time", details));
        }
        if self.0.setup.is_lost_at_times && self.0.simulation.chance().one_in(12) {
            let after = self.0.simulation.chance().below(500);
            self.lose_soon(after);
        }
    }

    /// Loses the current instance in `after` milliseconds, if it still exists then.
    fn lose_soon(&self, after: u64) {
        let (object, number) = (self.clone(), self.0.instances.get());
        let is_due = self.0.simulation.now() + after < self.0.setup.faults_until;
        if !is_due {
            return;
        }
        self.0.simulation.after(after, move || {
            if object.0.instances.get() == number {
                object.lose();
            }
        });
    }

    fn lose(&self) {
        let Some(instance) = self.0.instance.take() else {
            return;
        };
        self.0
            .simulation
            .trace(|| format!("object {} is lost", self.0.workflow));
        self.0.simulation.count_event("an object was lost");
        // Tasks in flight are dropped, or are never polled again.
        let ends = self.0.simulation.chance().one_in(2);
        for task in instance.tasks.take() {
            match ends {
                true => self.0.simulation.kill(task),
                false => self.0.simulation.freeze(task),
            }
        }
        for (_, reply) in instance.calls.take() {
            let after = self.network_delay();
            self.0.simulation.after(after, move || {
                reply.post(ObjectResponse {
                    reply: ObjectReply::Lost,
                    executed: 0,
                });
            });
        }
        self.0.table.reset();
        self.schedule_alarm();
        let was_alarm_running = self.0.is_alarm_running.replace(false);
        if was_alarm_running {
            self.0
                .simulation
                .count_event("an object was lost while its alarm rang");
        }
        if was_alarm_running || self.0.simulation.chance().one_in(4) {
            self.repeat_alarm();
        }
    }
}

impl Instance {
    async fn perform(&self, request: &ObjectRequest) -> ObjectReply {
        match request {
            ObjectRequest::Send(order, timeout_ms) => {
                ObjectReply::Sent(self.writer.send(order, *timeout_ms).await)
            }
            ObjectRequest::Enqueue(order, delay_ms) => {
                ObjectReply::Enqueued(self.writer.enqueue(order, *delay_ms).await)
            }
            ObjectRequest::Cancel(order) => {
                let (who, key) = (&order.who, &order.key);
                ObjectReply::Found(self.writer.cancel(who, key, "somebody").await)
            }
            ObjectRequest::Dead => ObjectReply::Listed(self.writer.dead()),
            ObjectRequest::SendAgain(entry) => {
                ObjectReply::Enqueued(self.writer.send_again(entry.seq, "an operator").await)
            }
            ObjectRequest::Lookup(order) => {
                ObjectReply::Found(self.writer.lookup(&order.who, &order.key))
            }
        }
    }
}
