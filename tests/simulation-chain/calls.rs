//! The calls of the page's users, made through the client's public functions.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use campaign_workflow::platform::{Json, Platform};
use campaign_workflow::send_all::{BulkCommand, BulkOptions, Results, Source, send_all};
use campaign_workflow::wait::{Wait, WaitError, send_confirmed, wait_for};
use campaign_workflow::{Body, Command, Error, read, send, signal};

use crate::campaign::{ACTIVITY, workflow_id};
use crate::json::JsonValue;
use crate::observations::{CallEnd, CallOutcome, ManyResult, Observations};
use crate::platform::Node;
use crate::setup::{Call, Setup, UserAction};

pub const SIGNAL_BODY: &str = r#"{"source":"chain","parameters":{"count":3}}"#;

/// The page that makes one call.
#[derive(Clone)]
pub struct Page {
    pub node: Node,
    pub number: usize,
    pub setup: Rc<Setup>,
    pub observations: Rc<RefCell<Observations>>,
}

impl Page {
    pub fn call(&self) -> &Call {
        &self.setup.calls[self.number]
    }

    /// Makes the call and records its outcome.
    pub async fn run(self) {
        let outcome = self.outcome().await;
        let at = self.node.simulation.now();
        self.node
            .simulation
            .trace(|| format!("call {} ends: {outcome:?}", self.number));
        self.observations.borrow_mut().ended[self.number] = Some(CallEnd { at, outcome });
    }

    async fn outcome(&self) -> CallOutcome {
        let (node, request) = (&self.node, &self.call().request);
        match &self.call().action {
            UserAction::Command(command) => match send(node, request, *command).await {
                Ok(_) => CallOutcome::Accepted,
                Err(error) => CallOutcome::Failed(error),
            },
            UserAction::Read => match read(node, request).await {
                Ok(receipt) => match receipt.body {
                    Body::Json(workflow) => CallOutcome::Workflow {
                        state: state(&workflow),
                    },
                    body => panic!("a workflow that is none: {body:?}"),
                },
                Err(error) => CallOutcome::Failed(error),
            },
            UserAction::Signal => {
                match signal::signal(node, request, ACTIVITY, SIGNAL_BODY).await {
                    Ok(receipt) => CallOutcome::Signal {
                        is_too_soon: receipt.is_too_soon,
                    },
                    Err(error) => CallOutcome::Failed(error),
                }
            }
            UserAction::WaitFor {
                state: wanted,
                interval_ms,
                timeout_ms,
                predicate_ms,
            } => {
                let wait = Wait {
                    interval_ms: *interval_ms,
                    timeout_ms: *timeout_ms,
                };
                let until = async |workflow: &JsonValue| {
                    if *predicate_ms > 0 {
                        node.sleep(*predicate_ms).await;
                    }
                    Ok::<_, ()>(state(workflow) == *wanted)
                };
                match wait_for(node, request, &wait, until).await {
                    Ok(workflow) => CallOutcome::Workflow {
                        state: state(&workflow),
                    },
                    Err(error) => failed(error),
                }
            }
            UserAction::Confirmed {
                command,
                interval_ms,
                timeout_ms,
            } => {
                let wait = Wait {
                    interval_ms: *interval_ms,
                    timeout_ms: *timeout_ms,
                };
                let until = async |workflow: &JsonValue| {
                    Ok::<_, ()>(state(workflow) == state_after(*command))
                };
                match send_confirmed(node, request, *command, &wait, until).await {
                    Ok(confirmed) => CallOutcome::Confirmed {
                        is_confirmed: confirmed.is_confirmed,
                    },
                    Err(error) => failed(error),
                }
            }
            UserAction::Many { .. } => self.many().await,
        }
    }

    /// Sends many commands and takes their results one by one.
    async fn many(&self) -> CallOutcome {
        let call = self.call();
        let UserAction::Many {
            commands,
            concurrency,
            per_second,
            stop_on_error,
            pause_ms,
            leaves_after,
            has_keys,
        } = &call.action
        else {
            panic!("{call:?}");
        };
        let options = BulkOptions {
            concurrency: *concurrency,
            per_second: (*per_second > 0.0).then_some(*per_second),
            stop_on_error: *stop_on_error,
        };
        let source = Rc::new(Commands {
            first_workflow: call.workflow,
            commands: commands.clone(),
            has_keys: *has_keys,
            next: Cell::new(0),
        });
        let results = Rc::new(Results::default());
        let (page, driven) = (self.clone(), Rc::clone(&results));
        // Sending goes on whether or not the results are taken.
        self.node.simulation.spawn(self.context(), async move {
            let request = &page.call().request;
            send_all(&page.node, request, &options, &*source, &driven).await;
        });
        let mut taken = 0;
        loop {
            if *leaves_after == Some(taken) {
                let _ = results.close().await;
                break;
            }
            let Ok(Some(ended)) = results.next().await else {
                break;
            };
            taken += 1;
            let error = ended.result.err();
            self.node.simulation.trace(|| {
                let outcome = error.as_ref().map(|error| (error.code, error.outcome));
                format!(
                    "call {}: command {} returns {outcome:?}",
                    self.number, ended.item
                )
            });
            self.observations.borrow_mut().results.push(ManyResult {
                call: self.number,
                index: ended.item,
                error,
            });
            if *pause_ms > 0 {
                self.node.sleep(*pause_ms).await;
            }
        }
        let summary = results.finished().await;
        CallOutcome::Many {
            counts: [summary.accepted, summary.not_executed, summary.unknown],
        }
    }

    pub fn context(&self) -> u32 {
        self.number as u32
    }
}

/// A source that never fails. Its items are the indexes of the commands.
struct Commands {
    first_workflow: usize,
    commands: Vec<(usize, Command)>,
    has_keys: bool,
    next: Cell<usize>,
}

impl Source for Commands {
    type Item = usize;
    type Failure = ();

    async fn next(&self) -> Result<Option<usize>, ()> {
        let next = self.next.get();
        self.next.set(next + 1);
        Ok((next < self.commands.len()).then_some(next))
    }

    fn command(&self, item: &usize) -> Result<BulkCommand, Error> {
        let (workflow, command) = self.commands[*item];
        Ok(BulkCommand {
            workflow_id: workflow_id(self.first_workflow + workflow),
            command,
            idempotency_key: self.has_keys.then(|| format!("many-{item}")),
        })
    }
}

fn failed(error: WaitError<()>) -> CallOutcome {
    match error {
        WaitError::Failed(error) | WaitError::TimedOut { error, .. } => CallOutcome::Failed(error),
        WaitError::Until(()) => panic!("the predicate does not fail"),
    }
}

fn state(workflow: &JsonValue) -> String {
    workflow.string("state").unwrap_or_default()
}

/// The state to which a command leads.
pub const fn state_after(command: Command) -> &'static str {
    match command {
        Command::Start | Command::Resume => "Started",
        Command::Pause => "Paused",
        Command::Stop => "Finished",
    }
}
