//! One request to the Worker.

use std::cell::Cell;

use campaign_workflow::{Command, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::address::Address;
use super::answers::{json_answer, lost, ok, parsed, result_of, shown, taken_answer};
use super::bulk::{self, BulkCommand};
use super::host::{self, WorkerHost};
use super::objects::{ObjectCall, ObjectLost, Taken, ask};
use super::through;
use crate::allow::Operations;
use crate::cors;
use crate::deadline::Deadline;
use crate::gateway::Gateway;
use crate::handler::read_body;
use crate::host::{AuthorizeError, CallHost};
use crate::http::{Answer, Reply};
use crate::operation::{Asked, Operation};
use crate::refusal::Refusal;
use crate::writer::command_id::CommandId;
use crate::writer::{Order, WorkflowName};

/// What the Worker's variables come to.
#[derive(Clone)]
pub struct Worker {
    /// The gateway; its commands go to the objects.
    pub gateway: Gateway,
}

/// Answers a request, within the gateway's deadline.
pub async fn handle<H: WorkerHost>(worker: &Worker, host: &H) -> Reply<H::Response> {
    let head = host.head();
    let Some(address) = Address::of(&head.url) else {
        return through::handle(worker, host).await;
    };
    let served = Served {
        worker,
        host,
        is_counted: Cell::new(false),
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
    /// Whether the rate limit has counted it.
    is_counted: Cell<bool>,
    deadline: Deadline<'a, H::Platform>,
}

impl<H: WorkerHost> Served<'_, H> {
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
            Address::History(name) => self.list(&name, ObjectCall::History).await,
            Address::Waiting(name) => self.list(&name, ObjectCall::Waiting).await,
            Address::Dead(name) => self.list(&name, ObjectCall::Dead).await,
            Address::DeadCommand(name, number) => self.dead(&name, number).await,
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
        let decision = async {
            // A request counts once, however many operations it is about.
            match self.is_counted.get() {
                true => self.host.authorize(&asked).await,
                false => host::authorize(self.host, &asked).await,
            }
        };
        match self.deadline.limit(decision).await {
            Some(Ok(true)) => {
                self.is_counted.set(true);
                Ok(self.host.caller().unwrap_or_default())
            }
            Some(Ok(false)) => Err(Refusal::Forbidden),
            Some(Err(AuthorizeError::RateLimited)) => Err(Refusal::RateLimited),
            Some(Err(AuthorizeError::Failed)) | None => Err(Refusal::Unauthorizable),
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

    /// A list of a workflow's commands.
    async fn list(&self, name: &WorkflowName, call: ObjectCall<'_>) -> Result<Answer, Refusal> {
        self.may_look(name).await?;
        let text = self.ask_text(name, call).await;
        let commands = text.and_then(|text| parsed::<Value>(&text));
        Ok(commands.map_or_else(lost, |commands| {
            ok(
                &json!({ "organization": name.organization, "workflowId": name.workflow_id, "commands": commands }),
            )
        }))
    }

    /// What became of a command for later; by DELETE it is cancelled first.
    async fn queued(&self, id: &CommandId) -> Result<Answer, Refusal> {
        self.may_look(&id.name).await?;
        let (who, key) = (id.who.as_str(), id.key.as_str());
        let mut entry = self.entry(&id.name, ObjectCall::Look { who, key }).await;
        if self.host.head().method == "DELETE"
            && let Ok(Some(found)) = &entry
        {
            let by = &self.authorize_for(&id.name, found).await?;
            self.host.sending();
            let cancel = ObjectCall::Cancel { who, key, by };
            entry = self.entry(&id.name, cancel).await;
        }
        shown(&id.name, entry)
    }

    /// A dead command; by POST it is sent again, by DELETE dismissed.
    async fn dead(&self, name: &WorkflowName, number: Option<u64>) -> Result<Answer, Refusal> {
        self.may_look(name).await?;
        let number = number.ok_or(Refusal::NotFound)?;
        let entry = self.entry(name, ObjectCall::Numbered(number)).await;
        let method = self.host.head().method.as_str();
        let Ok(Some(found)) = &entry else {
            return shown(name, entry);
        };
        match method {
            "POST" => {
                let by = &self.authorize_for(name, found).await?;
                self.host.sending();
                let again = ObjectCall::SendAgain { number, by };
                let taken = self.deadline.limit(ask::<H, Taken>(self.host, name, again));
                Ok(taken_answer(name, taken.await.unwrap_or(Err(ObjectLost))))
            }
            "DELETE" => {
                let by = &self.authorize_for(name, found).await?;
                self.host.sending();
                shown(
                    name,
                    self.entry(name, ObjectCall::Dismiss { number, by }).await,
                )
            }
            _ => shown(name, entry),
        }
    }

    async fn entry(
        &self,
        name: &WorkflowName,
        call: ObjectCall<'_>,
    ) -> Result<Option<Map<String, Value>>, ObjectLost> {
        let text = self.ask_text(name, call).await;
        text.and_then(|text| parsed(&text))
    }

    /// Who asks, if they may send the command of an entry.
    async fn authorize_for(
        &self,
        name: &WorkflowName,
        entry: &Map<String, Value>,
    ) -> Result<String, Refusal> {
        let word = entry.get("command").and_then(Value::as_str);
        let command = word.and_then(Command::parse).ok_or(Refusal::NotFound)?;
        self.authorize(name, Operation::Command(command)).await
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
                if is_asked {
                    match self.authorize(&name, operation).await {
                        Ok(_) => may.push(operation.as_str()),
                        Err(Refusal::RateLimited) => return Err(Refusal::RateLimited),
                        Err(_) => {}
                    }
                }
            }
            if !may.is_empty() {
                readable.push(Listed { id, may });
            }
        }
        // The same answer as for a workflow that the caller may not read: it does not tell whether there are any workflows.
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
        let wait_ms = results
            .iter()
            .filter_map(|result| result.get("retryAfterMs")?.as_u64())
            .max();
        let answer = json_answer(status as u16, &json!({ "commands": results }));
        Ok(match wait_ms {
            Some(ms) if matches!(status, 409 | 429 | 503) => {
                answer.with("retry-after", ms.div_ceil(1000).to_string())
            }
            _ => answer,
        })
    }

    async fn take(&self, command: &BulkCommand) -> Result<Map<String, Value>, Refusal> {
        let delay_ms = through::delay_ms(command.delay_seconds)?;
        let word = Command::parse(&command.command).ok_or(Refusal::NotCommand)?;
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
        self.host.sending();
        let taken = self
            .deadline
            .limit(ask::<H, Taken>(self.host, &name, call))
            .await;
        Ok(result_of(&taken_answer(
            &name,
            taken.unwrap_or(Err(ObjectLost)),
        )))
    }
}
