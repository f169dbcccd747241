//! Runs one call and the events after it.

use std::cell::{RefCell, RefMut};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use campaign_emulator::{Campaign, ReplyPlan as Reply, Request};
use campaign_workflow::{Error, read, send, signal};

use crate::adobe;
use crate::chance::Chance;
use crate::gateway::{ArrivalResult, Environment, Gateway};
use crate::mailbox::Mailbox;
use crate::network::{Delivery, ResponsePart, response_parts};
use crate::setup::{Base, Operation, SIGNAL_BODY, Setup};
use crate::timeline::{Event, Timeline};
use crate::trace::{CallEnd, PlatformEvent, StepKind, Success, Trace};

/// The maximum number of events of a schedule.
const MAX_EVENTS: usize = 1000;

/// The platform of one call.
#[derive(Clone)]
pub struct Simulation(Rc<RefCell<State>>);

pub struct State {
    pub setup: Rc<Setup>,
    pub chance: Chance,
    pub timeline: Timeline,
    pub trace: Trace,
    pub campaign: Campaign,
    gateway: Option<Gateway>,
    /// The mailbox for the result of the token function.
    pub token: Option<Mailbox<Option<String>>>,
    /// The `Authorization` header that the next request must have.
    pub authorization: Option<String>,
    pub is_aborted: bool,
    pub abort_waker: Option<Waker>,
    /// The numbers of open timers, requests and listeners.
    pub open: [i32; 3],
    /// The requests that were sent, each with the mailbox for its response.
    pub requests: Vec<(Request, Mailbox<ResponsePart>)>,
}

pub const TIMERS: usize = 0;
pub const REQUESTS: usize = 1;
pub const LISTENERS: usize = 2;

/// The result of a schedule.
pub struct Run {
    pub setup: Rc<Setup>,
    pub trace: Trace,
    pub campaign: Campaign,
}

/// Runs the schedule of this seed.
pub fn run(seed: u64, is_recorded: bool) -> Run {
    let mut chance = Chance::new(seed);
    let setup = Rc::new(Setup::new(&mut chance));
    let simulation = Simulation::new(Rc::clone(&setup), chance, is_recorded);
    let result = simulation.run_until_ready(call(&simulation, &setup));
    let mut state = simulation.state();
    let at = state.timeline.now;
    let open = state.open;
    state
        .trace
        .record(at, || format!("the call ends: {result:#?}"));
    state.trace.ended = result.map(|result| CallEnd { at, result, open });
    // Events that were already scheduled still happen.
    for _ in 0..MAX_EVENTS {
        let State {
            timeline, chance, ..
        } = &mut *state;
        let Some(event) = timeline.next(false, chance) else {
            break;
        };
        state.handle_event(event);
    }
    drop(state);
    let state = Rc::into_inner(simulation.0).expect("it has one owner");
    let State {
        trace, campaign, ..
    } = state.into_inner();
    Run {
        setup,
        trace,
        campaign,
    }
}

/// The call as users make it.
async fn call(platform: &Simulation, setup: &Setup) -> Result<Success, Error> {
    let request = &setup.request;
    let receipt = match &setup.operation {
        Operation::Command(command) => send(platform, request, *command).await?,
        Operation::Read => read(platform, request).await?,
        Operation::Signal { trigger } => {
            let triggered = signal::trigger(platform, request, trigger, SIGNAL_BODY).await?;
            return Ok(Success {
                receipt: triggered.receipt,
                is_too_soon: triggered.is_too_soon,
            });
        }
    };
    Ok(Success {
        receipt,
        is_too_soon: false,
    })
}

struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Simulation {
    fn new(setup: Rc<Setup>, mut chance: Chance, is_recorded: bool) -> Self {
        let campaign = setup.campaign(&mut chance);
        let request = &setup.request;
        let mut timeline = Timeline::default();
        timeline.ends.push(u64::from(request.timeout_ms));
        timeline.ends.extend(setup.abort_at);
        if let Some(at) = setup.abort_at.filter(|at| *at > 0) {
            timeline.add(at, Event::Abort);
        }
        for (at, by) in &setup.wall_clock_changes {
            timeline.add(*at, Event::SetWallClock(*by));
        }
        let mut trace = Trace {
            secrets: setup.secrets(),
            history: is_recorded.then(Vec::new),
            aborted_at: setup.abort_at.filter(|at| *at == 0),
            ..Trace::default()
        };
        trace.record(0, || format!("{setup:#?}"));
        let gateway = match setup.base {
            Base::Adobe => None,
            Base::Gateway { honors_keys } => {
                let api_key = request.api_key.as_deref();
                Some(Gateway::new(honors_keys, &setup.tokens[0], api_key))
            }
        };
        Self(Rc::new(RefCell::new(State {
            token: None,
            authorization: setup.authorization(),
            is_aborted: setup.abort_at == Some(0),
            setup,
            chance,
            timeline,
            trace,
            campaign,
            gateway,
            abort_waker: None,
            open: [0; 3],
            requests: Vec::new(),
        })))
    }

    pub fn state(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }

    /// Polls a future until it is ready; `None` if no event is left that could wake it. It is only
    /// polled after it was woken, so lost wake-ups are detected.
    fn run_until_ready<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let woken = Arc::new(WakeFlag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        for _ in 0..MAX_EVENTS {
            if woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                    return Some(value);
                }
            } else if !self.state().advance() {
                return None;
            }
        }
        None
    }
}

impl State {
    /// Advances to the next event. Events at the same moment happen before or after the call is
    /// polled.
    fn advance(&mut self) -> bool {
        let mut at_once = false;
        while let Some(event) = self.timeline.next(at_once, &mut self.chance) {
            self.trace.counts.together += u64::from(at_once);
            self.handle_event(event);
            at_once = true;
            if self.chance.one_in(2) {
                return true;
            }
        }
        at_once
    }

    fn handle_event(&mut self, event: Event) {
        let now = self.timeline.now;
        if self.trace.ended.is_none() {
            self.trace.busy_ms = 0;
        }
        match event {
            Event::Timer(timer) => {
                self.trace.record(now, || String::from("a timer fires"));
                timer.post(());
            }
            Event::Abort => {
                self.trace.record(now, || String::from("the caller aborts"));
                self.is_aborted = true;
                if self.trace.ended.is_none() {
                    self.trace.aborted_at = Some(now);
                }
                if let Some(waker) = self.abort_waker.take() {
                    waker.wake();
                }
            }
            Event::SetWallClock(by) => {
                self.timeline.shift += by;
                self.trace.was_wall_clock_set |= self.trace.ended.is_none();
            }
            Event::Token(mailbox, token) => {
                self.trace.record(now, || format!("token: {token:?}"));
                let is_read = mailbox.post(token);
                self.trace.counts.too_late += u64::from(!is_read);
            }
            Event::Arrival(delivery) => self.arrive(delivery),
            Event::Completion(delivery) => self.complete(delivery),
            Event::ResponsePart(mailbox, part) => {
                self.trace.record(now, || part.describe());
                let is_read = mailbox.post(part);
                self.trace.counts.too_late += u64::from(!is_read);
            }
        }
    }

    fn arrive(&mut self, delivery: Delivery) {
        let (now, wall_clock) = (self.timeline.now, self.timeline.wall_clock());
        let request = delivery.tag(&self.requests[delivery.attempt].0);
        let before = self.campaign.log().len();
        let arrived = match &mut self.gateway {
            None => {
                let (campaign, secrets) = (&mut self.campaign, &self.trace.secrets);
                let reply = adobe::handle(
                    campaign,
                    &request,
                    (now, wall_clock),
                    secrets,
                    &mut self.chance,
                );
                ArrivalResult::Reply(reply)
            }
            Some(gateway) => {
                let mut environment = Environment {
                    campaign: &mut self.campaign,
                    chance: &mut self.chance,
                    secrets: &self.trace.secrets,
                    now,
                    wall_clock,
                };
                gateway.arrive(delivery, &request, &mut environment)
            }
        };
        let Delivery { attempt, copy } = delivery;
        self.note_execution(before, || format!("request {attempt} arrives, copy {copy}"));
        match arrived {
            ArrivalResult::Reply(reply) => self.reply(delivery, reply),
            ArrivalResult::CompletesIn(ms) => self.timeline.add(ms, Event::Completion(delivery)),
        }
    }

    fn complete(&mut self, delivery: Delivery) {
        let request = self.requests[delivery.attempt].0.clone();
        let before = self.campaign.log().len();
        let mut environment = Environment {
            now: self.timeline.now,
            wall_clock: self.timeline.wall_clock(),
            campaign: &mut self.campaign,
            chance: &mut self.chance,
            secrets: &self.trace.secrets,
        };
        let gateway = self.gateway.as_mut().expect("only a gateway has work");
        let (delivery, reply) = gateway.complete(&request, &mut environment);
        self.note_execution(before, || String::from("the gateway completes"));
        self.reply(delivery, reply);
    }

    fn note_execution(&mut self, before: usize, what: impl FnOnce() -> String) {
        let log = self.campaign.log();
        let entry = log.back().filter(|_| log.len() > before);
        let executed = entry.map(|entry| (entry.executed, entry.fault));
        let now = self.timeline.now;
        self.trace
            .record(now, || format!("{}; executed, fault: {executed:?}", what()));
    }

    /// Sends a response to the client. Responses to copies are dropped.
    fn reply(&mut self, delivery: Delivery, reply: Reply) {
        let mut parts = response_parts(reply, &self.trace.secrets, &mut self.chance);
        if delivery.copy > 0 {
            return;
        }
        // Some responses, or their ends, arrive exactly when a timer fires.
        for from in [0, parts.len().saturating_sub(1)] {
            if let Some((first, _)) = parts.get(from)
                && self.chance.one_in(8)
            {
                let duration = self.timeline.duration(&mut self.chance);
                let by = duration.saturating_sub(*first);
                parts[from..].iter_mut().for_each(|(after, _)| *after += by);
            }
        }
        let mailbox = &self.requests[delivery.attempt].1;
        for (after, part) in parts {
            self.timeline
                .add(after, Event::ResponsePart(mailbox.clone(), part));
        }
    }

    /// The call ends its step by a timer or an abort. A result that has already arrived must win.
    pub fn interrupt(&mut self, by: PlatformEvent) {
        let kind = self.trace.steps.last().map(|step| step.kind);
        let has_head = self
            .trace
            .requests
            .last()
            .is_some_and(|sent| sent.head.is_some());
        let is_there = match kind {
            Some(StepKind::Token { .. }) => self
                .token
                .as_ref()
                .is_some_and(|mailbox| mailbox.holds(Option::is_some)),
            // The client reads nothing of a body beyond its limit.
            Some(StepKind::Send)
                if has_head && self.trace.last == Some(PlatformEvent::BrokenOff) =>
            {
                false
            }
            Some(StepKind::Send) => self.requests.last().is_some_and(|(_, mailbox)| {
                mailbox.holds(|part| {
                    !matches!(part, ResponsePart::BrokenOff | ResponsePart::Failed(_))
                })
            }),
            Some(StepKind::Wait) | None => false,
        };
        if is_there {
            let how = format!("{by:?} at {} ms", self.timeline.now);
            self.trace.report_violation(
                "a result that has arrived wins over a timeout or an abort",
                how,
            );
        }
        self.trace.interrupt(by);
    }

    /// A chunk after the deadline must end the call, even if timers are late.
    pub fn note_late_chunk(&mut self) {
        let now = self.timeline.now;
        if now >= u64::from(self.setup.request.timeout_ms) {
            self.trace.late_chunks += 1;
        }
        if self.trace.late_chunks > 1 {
            let how = format!("another at {now} ms");
            self.trace
                .report_violation("one chunk is read after the deadline at most", how);
        }
    }

    /// On a busy thread the clock advances while the call works, and no timer fires.
    pub fn spend_time(&mut self, most: u64) {
        if self.setup.is_busy {
            let ms = self.chance.below(most + 1);
            self.timeline.now += ms;
            self.trace.busy_ms += ms;
            self.trace.total_busy_ms += ms;
        }
    }
}
