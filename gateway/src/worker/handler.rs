//! One request to the Worker.

use campaign_workflow::{Command, Outcome, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::address::Address;
use super::bulk::{self, BulkCommand};
use super::command_id::CommandId;
use super::objects::{ObjectCall, ObjectLost, Objects, Taken, ask};
use super::through;
use crate::allow::Operations;
use crate::cors;
use crate::deadline::Deadline;
use crate::gateway::Gateway;
use crate::handler::read_body;
use crate::host::{CallHost, Host};
use crate::http::{Answer, Reply};
use crate::operation::{Asked, Operation};
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::writer::store::LONGEST_DELAY_MS;
use crate::writer::{Order, WorkflowName, problems};

/// What the Worker's variables come to.
#[derive(Clone)]
pub struct Worker {
    /// The gateway; its commands go to the objects.
    pub gateway: Gateway,
}

/// Answers a request, within the gateway's deadline.
pub async fn handle<H: Host + Objects>(worker: &Worker, host: &H) -> Reply<H::Response> {
    let head = host.head();
    let Some(address) = Address::of(&head.url) else {
        return through::handle(worker, host).await;
    };
    let served = Served {
        worker,
        host,
        deadline: Deadline::start(host.platform(), worker.gateway.timeout_ms),
    };
    let mut answer = match served.answer(address).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.answer(),
    };
    answer.headers.extend(worker.gateway.origins.headers(head));
    Reply::Answer(answer)
}

/// One request.
struct Served<'a, H: CallHost> {
    worker: &'a Worker,
    host: &'a H,
    deadline: Deadline<'a, H::Platform>,
}

impl<H: Host + Objects> Served<'_, H> {
    async fn answer(&self, address: Address) -> Result<Answer, Refusal> {
        let head = self.host.head();
        let methods = address.methods();
        if cors::is_preflight(head) {
            self.worker.gateway.admit(head)?;
            return Ok(cors::preflight(methods));
        }
        if !methods.split(", ").any(|method| method == head.method) {
            return Err(Refusal::Method(methods));
        }
        self.worker.gateway.admit(head)?;
        match address {
            Address::Queue => self.bulk().await,
            Address::Queued(None) => {
                // Nothing is behind it, which only those learn who may look.
                let organization = self.worker.gateway.allowed.organization.clone();
                let nothing = WorkflowName {
                    organization,
                    workflow_id: String::new(),
                };
                self.may_look(&nothing).await?;
                Err(Refusal::NotFound)
            }
            Address::Queued(Some(id)) => self.queued(&id).await,
            Address::Workflows => self.workflows().await,
            Address::History(name) => {
                self.may_look(&name).await?;
                let text = self.ask_text(&name, ObjectCall::History).await;
                let commands = text.and_then(|text| parsed(&text));
                Ok(commands.map_or_else(lost, |commands: Value| {
                    ok(&Shown::of(&name, "commands", commands))
                }))
            }
        }
    }

    /// Who asks, if they may do it.
    async fn authorize(
        &self,
        name: &WorkflowName,
        operation: Operation,
    ) -> Result<String, Refusal> {
        let asked = Asked {
            organization: name.organization.clone(),
            workflow_id: name.workflow_id.clone(),
            operation,
        };
        match self.deadline.limit(self.host.authorize(&asked)).await {
            Some(Ok(true)) => Ok(self.host.caller().unwrap_or_default()),
            Some(Ok(false)) => Err(Refusal::Forbidden),
            Some(Err(_)) | None => Err(Refusal::Unauthorizable),
        }
    }

    /// Whether the caller may look at what became of a workflow's commands, and whether the workflow is listed.
    async fn may_look(&self, name: &WorkflowName) -> Result<(), Refusal> {
        self.authorize(name, Operation::Read).await?;
        let allowed = &self.worker.gateway.allowed;
        if allowed.lists(&name.organization, &name.workflow_id) {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }

    async fn ask_text(
        &self,
        name: &WorkflowName,
        call: ObjectCall<'_>,
    ) -> Result<String, ObjectLost> {
        self.deadline
            .limit(self.host.ask(name, call))
            .await
            .unwrap_or(Err(ObjectLost))
    }

    /// What became of a command for later; by DELETE it is called off first.
    async fn queued(&self, id: &CommandId) -> Result<Answer, Refusal> {
        self.may_look(&id.name).await?;
        let (who, key) = (id.who.as_str(), id.key.as_str());
        let mut text = self.ask_text(&id.name, ObjectCall::Look { who, key }).await;
        if self.host.head().method == "DELETE" {
            #[derive(Deserialize)]
            struct Of {
                command: String,
            }
            let of: Option<Of> = text
                .as_ref()
                .ok()
                .and_then(|text| serde_json::from_str(text).ok());
            if let Some(command) = of.and_then(|of| Command::from_word(&of.command)) {
                self.authorize(&id.name, Operation::Command(command))
                    .await?;
                text = self
                    .ask_text(&id.name, ObjectCall::Cancel { who, key })
                    .await;
            }
        }
        match text.and_then(|text| parsed::<Option<Map<String, Value>>>(&text)) {
            Ok(Some(entry)) => Ok(ok(&shown_entry(id, entry))),
            Ok(None) => Err(Refusal::NotFound),
            Err(_) => Ok(lost(ObjectLost)),
        }
    }

    /// The workflows that are listed, and what the caller may do with each of those that they may read.
    async fn workflows(&self) -> Result<Answer, Refusal> {
        const ALL: [Operation; 6] = [
            Operation::Read,
            Operation::Command(Command::Start),
            Operation::Command(Command::Pause),
            Operation::Command(Command::Resume),
            Operation::Command(Command::Stop),
            Operation::Signal,
        ];
        #[derive(Serialize)]
        struct Listed<'a> {
            id: &'a str,
            may: Vec<&'static str>,
        }
        let allowed = &self.worker.gateway.allowed;
        let mut readable = Vec::new();
        for (id, operations) in allowed.workflows.iter().flatten() {
            let name = WorkflowName {
                organization: allowed.organization.clone(),
                workflow_id: id.clone(),
            };
            let mut may = Vec::new();
            for operation in ALL {
                let is_listed = match operations {
                    Operations::All => true,
                    Operations::Only(only) => only.contains(&operation),
                };
                // Without the right to read, the others are not asked for.
                let is_asked = is_listed && (operation == Operation::Read || !may.is_empty());
                match is_asked {
                    true if self.authorize(&name, operation).await.is_ok() => {
                        may.push(operation.as_str())
                    }
                    _ => {}
                }
            }
            if !may.is_empty() {
                readable.push(Listed { id, may });
            }
        }
        // As for every workflow that they may not read: who may look at nothing learns nothing, not even that there is none.
        if readable.is_empty() {
            return Err(Refusal::Forbidden);
        }
        Ok(ok(&json!({ "workflows": readable })))
    }

    /// Takes many commands for later.
    async fn bulk(&self) -> Result<Answer, Refusal> {
        let head = self.host.head();
        if crate::body::declares_more(head.content_length.as_deref(), bulk::BODY_LIMIT) {
            return Err(Refusal::TooLarge);
        }
        let body = read_body(self.host, &self.deadline, bulk::BODY_LIMIT).await?;
        let commands = bulk::commands(head.content_type.as_deref(), &body)?;
        let mut results = Vec::new();
        for command in &commands {
            results.push(match self.take(command).await {
                Ok(result) => result,
                Err(refusal) => result_of(&refusal.answer()),
            });
        }
        let statuses: Vec<_> = results.iter().map(|result| result.get("status")).collect();
        let first = statuses.first().copied().flatten();
        let is_one = statuses.iter().all(|status| *status == first);
        // One status for all is the answer's own.
        let status = first
            .filter(|_| is_one)
            .and_then(Value::as_u64)
            .unwrap_or(207);
        Ok(json_answer(status as u16, &json!({ "commands": results })))
    }

    async fn take(&self, command: &BulkCommand) -> Result<Map<String, Value>, Refusal> {
        let delay_ms = delay_ms(command.delay_seconds)?;
        let word = Command::from_word(&command.command).ok_or(Refusal::NotCommand)?;
        let key = command.idempotency_key.as_deref();
        if key.is_some_and(|key| header::check_idempotency_key(key, false).is_err()) {
            return Err(Refusal::BadKey);
        }
        let allowed = &self.worker.gateway.allowed;
        let name = WorkflowName {
            organization: allowed.organization.clone(),
            workflow_id: command.workflow_id.clone(),
        };
        let operation = Operation::Command(word);
        let who = self.authorize(&name, operation).await?;
        let asked = Asked {
            organization: name.organization.clone(),
            workflow_id: name.workflow_id.clone(),
            operation,
        };
        if !allowed.serves(&asked) {
            return Err(Refusal::NotFound);
        }
        let order = Order {
            key: key.map_or_else(|| through::own_key(self.host), str::to_owned),
            command: word,
            who,
        };
        let call = ObjectCall::Enqueue {
            order: &order,
            delay_ms,
        };
        let taken = self
            .deadline
            .limit(ask::<H, Taken>(self.host, &name, call))
            .await;
        Ok(result_of(&taken_answer(
            &name,
            &order,
            taken.unwrap_or(Err(ObjectLost)),
        )))
    }
}

/// A delay in whole seconds, at most a week.
pub(super) fn delay_ms(seconds: u64) -> Result<u64, Refusal> {
    let ms = seconds.saturating_mul(1000);
    if ms > LONGEST_DELAY_MS {
        return Err(Refusal::BadDelay);
    }
    Ok(ms)
}

/// The answer to a request that queues a command. If that command has already failed, the answer is its problem, not a success.
pub(super) fn taken_answer(
    name: &WorkflowName,
    order: &Order,
    taken: Result<Taken, ObjectLost>,
) -> Answer {
    let Ok(taken) = taken else {
        return lost(ObjectLost);
    };
    let entry = taken
        .entry
        .and_then(|entry| serde_json::from_str(entry.get()).ok());
    match (entry, taken.problem) {
        (Some(entry), _) => {
            let id = CommandId::of(name, order);
            json_answer(202, &shown_entry(&id, entry))
                .with("location", Address::of_command(&id))
                .with("preference-applied", "respond-async")
        }
        (None, Some(problem)) => problem.answer_if_stored(taken.is_stored),
        (None, None) => lost(ObjectLost),
    }
}

/// An answer among many: its document, and its status.
fn result_of(answer: &Answer) -> Map<String, Value> {
    let body = answer.body.as_deref().unwrap_or_default();
    let mut result: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    result.insert("status".to_owned(), answer.status.into());
    result
}

fn shown_entry(id: &CommandId, entry: Map<String, Value>) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), id.write().into());
    shown.insert(
        "organization".to_owned(),
        id.name.organization.clone().into(),
    );
    shown.insert("workflowId".to_owned(), id.name.workflow_id.clone().into());
    shown.extend(entry);
    shown.into()
}

struct Shown;

impl Shown {
    fn of(name: &WorkflowName, field: &str, value: Value) -> Value {
        json!({ "organization": name.organization, "workflowId": name.workflow_id, field: value })
    }
}

fn ok(value: &Value) -> Answer {
    json_answer(200, value)
}

fn json_answer(status: u16, value: &Value) -> Answer {
    Answer {
        body: Some(value.to_string()),
        ..Answer::empty(status).with("content-type", "application/json")
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ObjectLost> {
    serde_json::from_str(text).map_err(|_| ObjectLost)
}

/// The object did not answer, or was lost while it was asked.
pub(super) fn lost(_: ObjectLost) -> Answer {
    let problem: Problem<'_> = problems::unreadable();
    debug_assert_eq!(problem.outcome, Outcome::Unknown);
    problem.answer()
}
