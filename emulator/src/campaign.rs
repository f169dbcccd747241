//! The emulated service: checks a request, executes it, chooses the response, and logs it.

use std::collections::VecDeque;

use crate::clock::Clock;
use crate::control;
use crate::cors;
use crate::fault::{Fault, FaultKind};
use crate::fault_queue::{ActiveFault, Faults};
use crate::http::{Request, Response};
use crate::log::{Log, LoggedRequest};
use crate::options::{Dialect, Options};
use crate::reply::{Reply, ReplyPlan};
use crate::request::{self, ApiRequest, Problem};
use crate::responses;
use crate::route::{Endpoint, Resource, Route};
use crate::workflow::{SignalRefusal, Workflow};

/// A local Campaign. Times are milliseconds of the caller's clock.
#[derive(Clone, Debug)]
pub struct Campaign {
    options: Options,
    workflows: Vec<Workflow>,
    faults: Faults,
    log: Log,
    clock: Clock,
    has_started: bool,
}

/// Campaign's own result, before a fault replaces it.
struct Handled {
    response: Response,
    executed: bool,
}

impl Campaign {
    /// Creates a campaign at time 0.
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
            has_started: false,
        }
    }

    /// Handles one request at this time. A time earlier than a previous one counts as the previous one.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Reply {
        let now = self.advance_to(now_ms);
        let origin = cors::allowed(request, &self.options.allowed_origins);
        let reply = match (
            origin.and_then(|_| cors::preflight(request)),
            Route::parse(&request.url),
        ) {
            (Some(preflight), _) => Reply::unlogged(preflight),
            (None, Route::Control { rest }) => {
                Reply::unlogged(control::handle(self, request, &rest))
            }
            (None, route) => self.handle_logged(request, route, now),
        };
        match origin {
            Some(origin) => Reply {
                plan: reply
                    .plan
                    .map(|response| cors::allow_origin(response, origin)),
                ..reply
            },
            None => reply,
        }
    }

    /// Records the time and applies what is due. Returns the campaign's time, which never runs backwards.
    pub fn advance_to(&mut self, now_ms: u64) -> u64 {
        let now = self.clock.observe(now_ms);
        self.apply_due(now)
    }

    /// Moves the campaign's clock forward; it stays ahead of later times by this amount.
    pub fn advance(&mut self, ms: u64) -> u64 {
        let now = self.clock.advance(ms);
        self.apply_due(now)
    }

    /// The campaign's time.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The request log, oldest first.
    pub fn log(&self) -> &VecDeque<LoggedRequest> {
        self.log.entries()
    }

    /// Clears the request log.
    pub fn clear_log(&mut self) {
        self.log.clear();
    }

    /// The workflows, in the order of the options.
    pub fn workflows(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The workflow with this id or PKey.
    pub fn workflow(&self, key: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|workflow| workflow.has_key(key))
    }

    /// Adds a fault after the existing ones and returns its number.
    pub fn add_fault(&mut self, fault: Fault) -> u64 {
        self.faults.add(fault)
    }

    /// The active faults, oldest first.
    pub fn faults(&self) -> &[ActiveFault] {
        self.faults.active()
    }

    /// Removes all faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Restores the initial state.
    pub fn reset(&mut self) {
        *self = Campaign::new(self.options.clone());
    }

    fn apply_due(&mut self, now: u64) -> u64 {
        let is_first_time = !std::mem::replace(&mut self.has_started, true);
        for workflow in &mut self.workflows {
            if is_first_time {
                workflow.begin_run(now);
            }
            workflow.advance_to(now);
        }
        now
    }

    fn handle_logged(&mut self, request: &Request, route: Route, now: u64) -> Reply {
        let index = self.log.next_index();
        let mut entry = LoggedRequest::new(request, &route, index, now);
        let (delay_ms, plan) = match &route {
            Route::Campaign(resource) => self.handle_resource(request, resource, &mut entry),
            Route::Control { .. } | Route::Unknown => {
                entry.problem = Some("the path is not part of the API".to_owned());
                (0, ReplyPlan::Respond(responses::unknown_uri()))
            }
        };
        let plan = plan.map(|response| with_request_id(response, index));
        entry.status = match &plan {
            ReplyPlan::Respond(response) | ReplyPlan::Truncate { response, .. } => {
                Some(response.status)
            }
            ReplyPlan::Disconnect | ReplyPlan::Hang => None,
        };
        self.log.add(entry);
        Reply {
            index: Some(index),
            delay_ms,
            plan,
        }
    }

    fn handle_resource(
        &mut self,
        request: &Request,
        resource: &Resource,
        entry: &mut LoggedRequest,
    ) -> (u32, ReplyPlan) {
        let mut operation = request::parse(request, &resource.endpoint);
        let tolerated = request::tolerated(request);
        entry.command =
            request::command(request).filter(|_| resource.endpoint == Endpoint::Commands);
        let problem = operation.as_ref().err().or(tolerated.as_ref());
        entry.problem = problem.map(|problem| problem.text.clone());
        if let (true, Ok(_), Some(problem)) = (self.options.strict, &operation, tolerated) {
            operation = Err(problem);
        }

        let known = self
            .workflows
            .iter()
            .find(|workflow| workflow.has_key(&resource.workflow));
        let names: Vec<&str> = known
            .iter()
            .flat_map(|workflow| [workflow.id(), workflow.pkey()])
            .collect();
        let fault = self.faults.take_match(resource, &names, entry.command);
        entry.fault = fault.as_ref().map(|fault| fault.kind.name());

        let should_execute = fault.as_ref().is_none_or(Fault::executes);
        let handled = self.execute(request, resource, operation, entry, should_execute);
        entry.executed = handled.executed;
        match fault {
            None => (0, ReplyPlan::Respond(handled.response)),
            Some(fault) => (
                fault.delay_ms,
                self.plan(&fault.kind, resource, handled.response),
            ),
        }
    }

    fn plan(&self, kind: &FaultKind, resource: &Resource, own: Response) -> ReplyPlan {
        if let Some(response) = kind.response(&resource.workflow, self.options.dialect) {
            return ReplyPlan::Respond(response);
        }
        match kind {
            FaultKind::Hang => ReplyPlan::Hang,
            FaultKind::LostRequest | FaultKind::LostAnswer => ReplyPlan::Disconnect,
            FaultKind::CutBody => ReplyPlan::Truncate {
                bytes: own.body.len() / 2,
                response: own,
            },
            _ => ReplyPlan::Respond(own),
        }
    }

    /// Campaign's own result. With `should_execute` false, nothing changes.
    fn execute(
        &mut self,
        request: &Request,
        resource: &Resource,
        operation: Result<ApiRequest, Problem>,
        entry: &LoggedRequest,
        should_execute: bool,
    ) -> Handled {
        if let Some(response) = self.reject_unauthorized(request, resource) {
            return Handled::not_executed(response);
        }
        let operation = match operation {
            Ok(operation) => operation,
            Err(problem) => {
                let response = responses::unexpected(&problem);
                return Handled::not_executed(if problem.status == 405 {
                    response.with("allow", "GET, POST")
                } else {
                    response
                });
            }
        };
        let dialect = self.options.dialect;
        let Some(workflow) = self
            .workflows
            .iter_mut()
            .find(|workflow| workflow.has_key(&resource.workflow))
        else {
            return Handled::not_executed(unknown_workflow(dialect, &resource.workflow));
        };
        match operation {
            ApiRequest::Read => {
                Handled::not_executed(responses::workflow(workflow, resource, dialect))
            }
            ApiRequest::Command(command) => {
                if !workflow.accepts(command) {
                    return Handled::not_executed(responses::invalid_transition(command, workflow));
                }
                if should_execute {
                    workflow.enqueue(command, entry.at, entry.index);
                }
                Handled {
                    response: responses::accepted(command, workflow),
                    executed: should_execute,
                }
            }
            ApiRequest::Trigger {
                activity,
                source,
                parameters,
            } => {
                let Some(name) = workflow.signal_name(&activity) else {
                    return Handled::not_executed(responses::not_found(dialect, &activity));
                };
                let at = (entry.at, entry.index);
                match workflow.trigger(&name, source, parameters, at, should_execute) {
                    Ok(()) => Handled {
                        response: responses::triggered(),
                        executed: should_execute,
                    },
                    Err(SignalRefusal::TooSoon) => {
                        Handled::not_executed(responses::triggered_too_soon())
                    }
                    Err(SignalRefusal::NotRunning) => {
                        Handled::not_executed(responses::signal_not_running(workflow))
                    }
                }
            }
        }
    }

    /// The response of Adobe's gateway if it rejects the request before Campaign. Assumption: this order.
    fn reject_unauthorized(&self, request: &Request, resource: &Resource) -> Option<Response> {
        if resource.organization != self.options.organization {
            return Some(responses::unknown_uri());
        }
        let known = |list: &[String], value: &str| list.iter().any(|known| known == value);
        match request.get("x-api-key") {
            None | Some("") => return Some(responses::api_key_missing()),
            Some(key) if !known(&self.options.api_keys, key) => {
                return Some(responses::api_key_invalid());
            }
            Some(_) => {}
        }
        let token =
            request::bearer(request).filter(|token| known(&self.options.access_tokens, token));
        token.is_none().then(responses::token_invalid)
    }
}

impl Handled {
    fn not_executed(response: Response) -> Self {
        Handled {
            response,
            executed: false,
        }
    }
}

/// Only v8 distinguishes a PKey that it cannot decrypt from one that it does not find.
fn unknown_workflow(dialect: Dialect, key: &str) -> Response {
    if dialect == Dialect::V8 && key.starts_with('@') {
        responses::pkey_undecryptable(key)
    } else {
        responses::not_found(dialect, key)
    }
}

/// Adds the request id that Adobe's gateway sends. Here it is a counter, so runs are reproducible.
fn with_request_id(response: Response, index: u64) -> Response {
    if response.get("x-request-id").is_some() {
        response
    } else {
        response.with("x-request-id", format!("local-{index}"))
    }
}
