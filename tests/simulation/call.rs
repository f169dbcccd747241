//! One call under a virtual clock: does what the machine says, as `src/wasm/call.rs` and `alarm.rs`
//! do with promises and timers, and lets everything else happen in between.

mod acts;

use campaign_emulator::Campaign;
use campaign_workflow::exchange::{Action, Event, Exchange};
use campaign_workflow::response::{self, BodyEnd};

use crate::chance::Chance;
use crate::faults::Asked;
use crate::network::{Delivery, Network, Shown, Thrown, Work};
use crate::record::{Head, Record};
use crate::setup::{Setup, secret};
use crate::shell;
use crate::timeline::{Alarm, Happening, Timeline};
use crate::told::Answer;

/// The wall clock when a call begins: some moment in 2026.
const BEGIN: i64 = 1_790_000_000_000;

/// Nothing takes so many turns.
const MANY: usize = 500;

pub struct Call {
    chance: Chance,
    timeline: Timeline,
    network: Network,
    exchange: Exchange,
    action: Action,
    /// Counts the requests, token calls and waits; what belongs to an earlier one comes too late.
    turn: u32,
    rung: Vec<Alarm>,
    inbox: Vec<Work>,
    /// How far the wall clock was set.
    set: i64,
    token: String,
    fresh: String,
    secrets: Vec<String>,
    answer: Answer,
    body: Vec<u8>,
    thrown: Option<String>,
    record: Record,
}

/// Lives through the schedule of this seed.
pub fn live(seed: u64, listening: bool) -> (Record, Campaign) {
    let mut chance = Chance::new(seed);
    let setup = Setup::of(&mut chance);
    let fresh = secret(&mut chance);
    let network = Network::new(setup.campaign(&fresh, &mut chance));
    let (exchange, action) = Exchange::begin(setup.plan, setup.abort_at == Some(0));
    let mut call = Call {
        timeline: Timeline::of(&setup),
        token: setup.token.clone(),
        secrets: setup.secrets(),
        record: Record::new(setup, listening),
        rung: Vec::new(),
        inbox: Vec::new(),
        answer: Answer::default(),
        body: Vec::new(),
        thrown: None,
        turn: 0,
        set: 0,
        fresh,
        chance,
        network,
        exchange,
        action,
    };
    let setup = format!("{:?}", call.record.setup);
    call.record.note(0, || setup);
    call.act(None);
    call.run();
    (call.record, call.network.campaign)
}

impl Call {
    fn setup(&self) -> &Setup {
        &self.record.setup
    }

    fn wall(&self) -> i64 {
        BEGIN + self.timeline.now as i64 + self.set
    }

    /// As `(Date.now() - began) as u32` comes out, which saturates.
    fn elapsed(&self) -> u32 {
        (self.wall() - BEGIN).clamp(0, i64::from(u32::MAX)) as u32
    }

    /// Everything that happens, to the end: also what happens after the call.
    fn run(&mut self) {
        for _ in 0..MANY {
            let mut due = self.timeline.next();
            if due.is_empty() {
                return;
            }
            while !due.is_empty() {
                // In any order, but for the parts of an answer.
                let is_work = |happening: &Happening| matches!(happening, Happening::Work(..));
                let any = self.chance.index(due.len());
                let next = if is_work(&due[any]) {
                    due.iter().position(is_work)
                } else {
                    None
                };
                let happening = due.remove(next.unwrap_or(any));
                self.happen(happening);
                // Things that happen at the same moment are seen one by one, or together.
                if self.chance.one_in(2) {
                    self.look();
                }
            }
            self.look();
        }
        self.record
            .complaints
            .push(String::from("it goes on for ever"));
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.timeline.now;
        self.record.note(now, || happening.to_string());
        match happening {
            Happening::Ring(Alarm::Step(turn)) if turn != self.turn => {}
            Happening::Ring(alarm) => self.rung.push(alarm),
            Happening::Jump(by) => {
                self.set += by;
                self.record.jumped |= self.record.ending.is_none();
            }
            Happening::Arrival(delivery) => self.arrive(delivery),
            Happening::Work(turn, work) if turn == self.turn && self.record.ending.is_none() => {
                self.inbox.push(work);
            }
            Happening::Work(..) => self.record.seen.stale += 1,
        }
    }

    fn arrive(&mut self, delivery: Delivery) {
        let clocks = (self.timeline.now, self.wall() as u64);
        let mut works = self
            .network
            .arrive(delivery, clocks, &self.secrets, &mut self.chance);
        self.delay(&mut works);
        if let (Some(request), true) = (
            self.network.campaign.log().back(),
            self.record.history.is_some(),
        ) {
            let line = format!(
                "    Campaign: fault {:?}, executed: {}, status {:?}",
                request.fault, request.executed, request.status
            );
            self.record.note(clocks.0, || line);
        }
        let turn = self.timeline.turn_of(delivery.attempt);
        if delivery.copy == 0 {
            for (after, work) in works {
                self.timeline.add(after, Happening::Work(turn, work));
            }
        }
    }

    /// Lets an answer, or its end, come just when an alarm rings.
    fn delay(&mut self, works: &mut [(u64, Work)]) {
        for from in [0, works.len().saturating_sub(1)] {
            if let Some((first, _)) = works.get(from)
                && self.chance.one_in(8)
            {
                let by = self
                    .timeline
                    .moment(&mut self.chance)
                    .saturating_sub(*first);
                works[from..].iter_mut().for_each(|(after, _)| *after += by);
            }
        }
    }

    /// What the client sees now: what was promised comes before the alarm, a failure after it.
    fn look(&mut self) {
        while self.record.ending.is_none() {
            let rung = Alarm::first(&self.rung);
            let next = self.inbox.first();
            let event = match (next.is_some_and(|work| !work.is_failure()), rung) {
                (false, Some(alarm)) => {
                    self.record.seen.two_alarms += u64::from(self.rung.len() > 1);
                    Some(self.interrupted(alarm))
                }
                (good, _) => {
                    if next.is_none() {
                        return;
                    }
                    self.record.seen.answer_with_alarm += u64::from(good && rung.is_some());
                    let work = self.inbox.remove(0);
                    self.take(work)
                }
            };
            if let Some(event) = event {
                self.tell(event);
                self.act(Some(event));
            }
        }
    }

    fn interrupted(&mut self, alarm: Alarm) -> Event {
        if self.action == Action::Read {
            self.read(false);
        }
        match alarm {
            Alarm::Abort => Event::Aborted,
            Alarm::Call => Event::CallOver,
            Alarm::Step(_) => Event::StepOver,
        }
    }

    fn take(&mut self, work: Work) -> Option<Event> {
        Some(match work {
            Work::Token(Some(token))
                if token.bytes().all(|byte| byte.is_ascii_graphic()) && !token.is_empty() =>
            {
                self.secrets.push(token.clone());
                self.token = token;
                Event::Token
            }
            Work::Token(_) | Work::TokenThrown => Event::NoToken,
            Work::Head(shown) => Event::Head(self.head(*shown)),
            Work::Part(part) => {
                self.body.extend(part);
                // Parts that come as quick as promises leave no timer its turn.
                if self.elapsed() < self.setup().plan.timeout_ms {
                    return None;
                }
                self.record.seen.over_by_the_clock += 1;
                self.read(false);
                Event::CallOver
            }
            Work::End | Work::BrokeOff => {
                if let Some(head) = self
                    .record
                    .sent
                    .last_mut()
                    .and_then(|sent| sent.head.as_mut())
                {
                    head.ended_at.get_or_insert(self.timeline.now);
                }
                self.read(matches!(work, Work::End))
            }
            Work::Failed(thrown) => self.failed(thrown),
        })
    }

    fn head(&mut self, shown: Shown) -> response::Head {
        let hidden = self.setup().hides_redirects && (300..=399).contains(&shown.status);
        let status = if hidden { 0 } else { shown.status };
        let wall = self.wall();
        // What the platform's parser makes of a header that is no HTTP date: some number, or none.
        let (until, asked_ms) = match shown.asked {
            Asked::Until(date) => {
                let until = date as i64 - wall;
                (until as f64, Some(until.max(0) as u64))
            }
            Asked::For(ms) => (f64::NAN, Some(ms)),
            _ if self.chance.one_in(2) => (f64::NAN, None),
            _ => (1000.0, None),
        };
        let header = shown.retry_after.filter(|_| status >= 400);
        let elapsed = self.elapsed();
        if let Some(sent) = self.record.sent.last_mut() {
            sent.head = Some(Head {
                status: shown.status,
                asked: shown.asked,
                asked_ms,
                elapsed,
                oops: shown.oops,
                complete: false,
                ended_at: None,
            });
        }
        self.answer = Answer::new(
            (status != 0).then_some(status),
            shown.request_id,
            shown.content_type,
        );
        response::Head {
            status,
            opaque_redirect: shown.opaque_redirect || hidden,
            retry_after_ms: header.and_then(|value| shell::retry_after_ms(&value, until)),
        }
    }

    fn read(&mut self, ended: bool) -> Event {
        let bytes = std::mem::take(&mut self.body);
        let (text, end) = match (String::from_utf8(bytes), ended) {
            (Ok(text), true) => (text, BodyEnd::Complete),
            (Ok(text), false) => (text, BodyEnd::Broken),
            (Err(error), _) => (
                String::from_utf8_lossy(error.as_bytes()).into_owned(),
                BodyEnd::Broken,
            ),
        };
        let complete = end == BodyEnd::Complete;
        if let Some(head) = self
            .record
            .sent
            .last_mut()
            .and_then(|sent| sent.head.as_mut())
        {
            head.complete = complete;
        }
        self.answer.complete = complete;
        if !text.is_empty() {
            self.answer.take(text);
        }
        Event::Body {
            end,
            unknown_uri: self.answer.diagnosis.unknown_uri,
        }
    }

    fn failed(&mut self, thrown: Thrown) -> Event {
        if self.rung.contains(&Alarm::Abort) {
            return Event::Aborted;
        }
        if let Some(sent) = self.record.sent.last_mut() {
            sent.failed = true;
        }
        let never_connected = shell::never_connected(thrown.code, thrown.syscall);
        self.thrown = Some(thrown.message);
        Event::Failed { never_connected }
    }

    fn tell(&mut self, event: Event) {
        let (elapsed, chance) = (self.elapsed(), self.chance.unit());
        self.action = self.exchange.on(event, elapsed, chance);
        let line = format!("    {event:?} -> {:?}", self.action);
        self.record.note(self.timeline.now, || line);
    }
}
