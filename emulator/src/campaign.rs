//! The service: who may ask, for what, and what is answered. Every request leaves an entry in the log.

use std::collections::VecDeque;

use crate::address::{Address, Endpoint, Place};
use crate::answers;
use crate::clock::Clock;
use crate::control;
use crate::cors;
use crate::fault::{Fault, FaultKind};
use crate::faults::{ActiveFault, Faults};
use crate::http::{Answer, Request};
use crate::log::{Log, LoggedRequest};
use crate::options::{Dialect, Options};
use crate::reply::{Fate, Reply};
use crate::request::{self, Problem, Wish};
use crate::workflow::{SignalRefusal, Workflow};

/// A local Campaign. Times are in milliseconds, of whatever clock the caller keeps.
#[derive(Clone, Debug)]
pub struct Campaign {
    options: Options,
    workflows: Vec<Workflow>,
    faults: Faults,
    log: Log,
    clock: Clock,
    begun: bool,
}

/// What Campaign did, before a fault makes something else of it.
struct Served {
    answer: Answer,
    executed: bool,
}

impl Campaign {
    /// A campaign as the options say, at time 0.
    pub fn new(options: Options) -> Self {
        let workflows = options
            .workflows
            .iter()
            .map(|setup| Workflow::new(setup, &options))
            .collect();
        let log = Log::new(options.history_limit);
        Campaign {
            options,
            workflows,
            faults: Faults::default(),
            log,
            clock: Clock::default(),
            begun: false,
        }
    }

    /// Takes one request at this time. A time before an earlier one counts as that.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Reply {
        let now = self.advance_to(now_ms);
        let origin = cors::allowed(request, &self.options.allowed_origins);
        let reply = match (
            origin.and_then(|_| cors::preflight(request)),
            Address::of(&request.url),
        ) {
            (Some(preflight), _) => Reply::unlogged(preflight),
            (None, Address::Control { rest }) => {
                Reply::unlogged(control::answer(self, request, &rest))
            }
            (None, address) => self.visit(request, address, now),
        };
        match origin {
            Some(origin) => Reply {
                fate: reply.fate.map(|answer| cors::open(answer, origin)),
                ..reply
            },
            None => reply,
        }
    }

    /// Takes note of the time and applies what is due. Gives the campaign's own time, which never runs backwards.
    pub fn advance_to(&mut self, now_ms: u64) -> u64 {
        let now = self.clock.see(now_ms);
        self.settle(now)
    }

    /// Moves the campaign's time on; it stays ahead of the times that are given later by as much.
    pub fn advance(&mut self, ms: u64) -> u64 {
        let now = self.clock.advance(ms);
        self.settle(now)
    }

    /// The campaign's time.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The requests so far, the oldest first.
    pub fn log(&self) -> &VecDeque<LoggedRequest> {
        self.log.entries()
    }

    /// Forgets the logged requests.
    pub fn clear_log(&mut self) {
        self.log.clear();
    }

    /// The workflows, in the order in which they were set up.
    pub fn workflows(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The workflow with this id or PKey.
    pub fn workflow(&self, key: &str) -> Option<&Workflow> {
        self.workflows
            .iter()
            .find(|workflow| workflow.answers_to(key))
    }

    /// Adds a fault behind those that are there, and gives its number.
    pub fn add_fault(&mut self, fault: Fault) -> u64 {
        self.faults.add(fault)
    }

    /// The faults that are not spent, the oldest first.
    pub fn faults(&self) -> &[ActiveFault] {
        self.faults.active()
    }

    /// Takes all faults away.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Everything as it was constructed.
    pub fn reset(&mut self) {
        *self = Campaign::new(self.options.clone());
    }

    fn settle(&mut self, now: u64) -> u64 {
        let begins = !std::mem::replace(&mut self.begun, true);
        for workflow in &mut self.workflows {
            if begins {
                workflow.begin(now);
            }
            workflow.advance_to(now);
        }
        now
    }

    fn visit(&mut self, request: &Request, address: Address, now: u64) -> Reply {
        let index = self.log.number();
        let mut entry = LoggedRequest::of(request, &address, index, now);
        let (delay_ms, fate) = match &address {
            Address::Campaign(place) => self.visit_place(request, place, &mut entry),
            Address::Control { .. } | Address::Unknown => {
                entry.problem = Some("the path is none of the API".to_owned());
                (0, Fate::Answer(answers::unknown_uri()))
            }
        };
        let fate = fate.map(|answer| identified(answer, index));
        entry.status = match &fate {
            Fate::Answer(answer) | Fate::Cut { answer, .. } => Some(answer.status),
            Fate::Lost | Fate::Hang => None,
        };
        self.log.add(entry);
        Reply {
            index: Some(index),
            delay_ms,
            fate,
        }
    }

    fn visit_place(
        &mut self,
        request: &Request,
        place: &Place,
        entry: &mut LoggedRequest,
    ) -> (u32, Fate) {
        let mut wish = request::read(request, &place.endpoint);
        let tolerated = request::tolerated(request);
        entry.command = request::command(request).filter(|_| place.endpoint == Endpoint::Commands);
        let problem = wish.as_ref().err().or(tolerated.as_ref());
        entry.problem = problem.map(|problem| problem.text.clone());
        if let (true, Ok(_), Some(problem)) = (self.options.strict, &wish, tolerated) {
            wish = Err(problem);
        }

        let known = self
            .workflows
            .iter()
            .find(|workflow| workflow.answers_to(&place.workflow));
        let names: Vec<&str> = known
            .iter()
            .flat_map(|workflow| [workflow.id(), workflow.pkey()])
            .collect();
        let fault = self.faults.meet(place, &names, entry.command);
        entry.fault = fault.as_ref().map(|fault| fault.kind.name());

        let meant = fault.as_ref().is_none_or(Fault::executes);
        let served = self.serve(request, place, wish, entry, meant);
        entry.executed = served.executed;
        match fault {
            None => (0, Fate::Answer(served.answer)),
            Some(fault) => (fault.delay_ms, self.fate(&fault.kind, place, served.answer)),
        }
    }

    fn fate(&self, kind: &FaultKind, place: &Place, own: Answer) -> Fate {
        if let Some(answer) = kind.scripted(&place.workflow, self.options.dialect) {
            return Fate::Answer(answer);
        }
        match kind {
            FaultKind::Hang => Fate::Hang,
            FaultKind::LostRequest | FaultKind::LostAnswer => Fate::Lost,
            FaultKind::CutBody => Fate::Cut {
                bytes: own.body.len() / 2,
                answer: own,
            },
            _ => Fate::Answer(own),
        }
    }

    /// Campaign's own answer. Only what is `meant` changes anything.
    fn serve(
        &mut self,
        request: &Request,
        place: &Place,
        wish: Result<Wish, Problem>,
        entry: &LoggedRequest,
        meant: bool,
    ) -> Served {
        if let Some(answer) = self.turn_away(request, place) {
            return Served::nothing(answer);
        }
        let wish = match wish {
            Ok(wish) => wish,
            Err(problem) => {
                let answer = answers::unexpected(&problem);
                return Served::nothing(if problem.status == 405 {
                    answer.with("allow", "GET, POST")
                } else {
                    answer
                });
            }
        };
        let dialect = self.options.dialect;
        let Some(workflow) = self
            .workflows
            .iter_mut()
            .find(|workflow| workflow.answers_to(&place.workflow))
        else {
            return Served::nothing(unknown_workflow(dialect, &place.workflow));
        };
        match wish {
            Wish::Read => Served::nothing(answers::workflow(workflow, place, dialect)),
            Wish::Command(command) => {
                if !workflow.would_take(command) {
                    return Served::nothing(answers::misfit(command, workflow));
                }
                if meant {
                    workflow.take(command, entry.at, entry.index);
                }
                Served {
                    answer: answers::accepted(command, workflow),
                    executed: meant,
                }
            }
            Wish::Trigger {
                activity,
                source,
                parameters,
            } => {
                let Some(name) = workflow.signal_name(&activity) else {
                    return Served::nothing(answers::not_found(dialect, &activity));
                };
                let at = (entry.at, entry.index);
                match workflow.trigger(&name, source, parameters, at, meant) {
                    Ok(()) => Served {
                        answer: answers::triggered(),
                        executed: meant,
                    },
                    Err(SignalRefusal::TooSoon) => Served::nothing(answers::triggered_too_soon()),
                    Err(SignalRefusal::NotRunning) => {
                        Served::nothing(answers::signal_unheard(workflow))
                    }
                }
            }
        }
    }

    /// What Adobe's gateway says before Campaign is asked. Assumption: this order.
    fn turn_away(&self, request: &Request, place: &Place) -> Option<Answer> {
        if place.organization != self.options.organization {
            return Some(answers::unknown_uri());
        }
        let known = |list: &[String], value: &str| list.iter().any(|known| known == value);
        match request.get("x-api-key") {
            None | Some("") => return Some(answers::api_key_missing()),
            Some(key) if !known(&self.options.api_keys, key) => {
                return Some(answers::api_key_invalid());
            }
            Some(_) => {}
        }
        let token =
            request::bearer(request).filter(|token| known(&self.options.access_tokens, token));
        token.is_none().then(answers::token_invalid)
    }
}

impl Served {
    fn nothing(answer: Answer) -> Self {
        Served {
            answer,
            executed: false,
        }
    }
}

/// Only v8 tells a key that it cannot read from one that it does not find.
fn unknown_workflow(dialect: Dialect, key: &str) -> Answer {
    if dialect == Dialect::V8 && key.starts_with('@') {
        answers::pkey_undecryptable(key)
    } else {
        answers::not_found(dialect, key)
    }
}

/// Adobe's gateway gives every answer an id; here it counts, so that it is the same in every run.
fn identified(answer: Answer, index: u64) -> Answer {
    if answer.get("x-request-id").is_some() {
        answer
    } else {
        answer.with("x-request-id", format!("local-{index}"))
    }
}
