//! Handles one request to the Worker.

use std::cell::Cell;

use campaign_workflow::{Command, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::bulk::{self, BulkCommand};
use super::gateway_routes;
use super::objects::{EnqueueReply, ObjectCall, ObjectLost, call_object};
use super::responses::{
    bulk_result, enqueue_response, entry_response, json_response, object_lost_response,
    ok_response, parse_json,
};
use super::route::WorkerRoute;
use super::runtime::{self, WorkerRuntime};
use crate::allow_list::Operations;
use crate::cors;
use crate::deadline::Deadline;
use crate::gateway::Gateway;
use crate::handler::read_body;
use crate::http::{GatewayResponse, Reply};
use crate::operation::{Operation, RequestedOperation};
use crate::refusal::Refusal;
use crate::runtime::{AuthorizeError, CallRuntime};
use crate::writer::command_id::CommandId;
use crate::writer::{CommandOrder, WorkflowName};

/// The Worker's configuration.
#[derive(Clone)]
pub struct Worker {
    /// The gateway. Its commands are sent by the workflows' objects.
    pub gateway: Gateway,
}

/// Responds to a request, within the gateway's deadline.
pub async fn handle<H: WorkerRuntime>(worker: &Worker, runtime: &H) -> Reply<H::Response> {
    let head = runtime.head();
    let Some(route) = WorkerRoute::parse(&head.url) else {
        return gateway_routes::handle(worker, runtime).await;
    };
    let call = WorkerRequest {
        worker,
        runtime,
        is_counted: Cell::new(false),
        deadline: Deadline::start(runtime.platform(), worker.gateway.timeout_ms),
    };
    let mut response = match call.respond(route).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    };
    response
        .headers
        .extend(worker.gateway.origins.headers(head));
    Reply::Own(response)
}

/// One request.
struct WorkerRequest<'a, H: CallRuntime> {
    worker: &'a Worker,
    runtime: &'a H,
    /// Whether the rate limit has counted it.
    is_counted: Cell<bool>,
    deadline: Deadline<'a, H::Platform>,
}

impl<H: WorkerRuntime> WorkerRequest<'_, H> {
    async fn respond(&self, route: WorkerRoute) -> Result<GatewayResponse, Refusal> {
        let head = self.runtime.head();
        let methods = route.methods();
        if cors::is_preflight(head) {
            self.worker.gateway.admit(head)?;
            return Ok(cors::preflight(methods));
        }
        if !methods.split(", ").any(|method| method == head.method) {
            return Err(Refusal::MethodNotAllowed(methods));
        }
        self.worker.gateway.admit(head)?;
        match route {
            WorkerRoute::Queue => self.enqueue_many().await,
            WorkerRoute::QueuedCommand(None) => {
                // The id is invalid, but only a caller who may read learns that.
                let organization = self.worker.gateway.allow_list.organization.clone();
                let nothing = WorkflowName {
                    organization,
                    workflow_id: String::new(),
                };
                self.authorize_read(&nothing).await?;
                Err(Refusal::NotFound)
            }
            WorkerRoute::QueuedCommand(Some(id)) => self.queued_command(&id).await,
            WorkerRoute::Workflows => self.workflow_list().await,
            WorkerRoute::History(name) => self.command_list(&name, ObjectCall::History).await,
            WorkerRoute::Waiting(name) => self.command_list(&name, ObjectCall::Waiting).await,
            WorkerRoute::DeadCommands(name) => self.command_list(&name, ObjectCall::Dead).await,
            WorkerRoute::DeadCommand(name, number) => self.dead_command(&name, number).await,
        }
    }

    /// The caller's name, if they may do this.
    async fn authorize(
        &self,
        name: &WorkflowName,
        operation: Operation,
    ) -> Result<String, Refusal> {
        let requested = RequestedOperation {
            organization: name.organization.clone(),
            workflow_id: name.workflow_id.clone(),
            operation,
        };
        let decision = async {
            // A request counts once, even if it concerns several operations.
            match self.is_counted.get() {
                true => self.runtime.authorize(&requested).await,
                false => runtime::authorize(self.runtime, &requested).await,
            }
        };
        match self.deadline.limit(decision).await {
            Some(Ok(true)) => {
                self.is_counted.set(true);
                Ok(self.runtime.caller().unwrap_or_default())
            }
            Some(Ok(false)) => Err(Refusal::Forbidden),
            Some(Err(AuthorizeError::RateLimited)) => Err(Refusal::RateLimited),
            Some(Err(AuthorizeError::Failed)) | None => Err(Refusal::AuthorizeFailed),
        }
    }

    /// Checks that the caller may read the workflow and that the workflow is listed.
    async fn authorize_read(&self, name: &WorkflowName) -> Result<(), Refusal> {
        self.authorize(name, Operation::Read).await?;
        let allow_list = &self.worker.gateway.allow_list;
        if allow_list.includes_workflow(&name.organization, &name.workflow_id) {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }

    async fn call_object_text(
        &self,
        name: &WorkflowName,
        call: ObjectCall<'_>,
    ) -> Result<String, ObjectLost> {
        self.deadline
            .limit(self.runtime.call(name, call))
            .await
            .unwrap_or(Err(ObjectLost))
    }

    /// The response with a list of a workflow's commands.
    async fn command_list(
        &self,
        name: &WorkflowName,
        call: ObjectCall<'_>,
    ) -> Result<GatewayResponse, Refusal> {
        self.authorize_read(name).await?;
        let text = self.call_object_text(name, call).await;
        let commands = text.and_then(|text| parse_json::<Value>(&text));
        Ok(commands.map_or_else(object_lost_response, |commands| {
            ok_response(
                &json!({ "organization": name.organization, "workflowId": name.workflow_id, "commands": commands }),
            )
        }))
    }

    /// Shows a queued command; DELETE cancels it first.
    async fn queued_command(&self, id: &CommandId) -> Result<GatewayResponse, Refusal> {
        self.authorize_read(&id.name).await?;
        let (who, key) = (id.who.as_str(), id.key.as_str());
        let mut entry = self.entry(&id.name, ObjectCall::Lookup { who, key }).await;
        if self.runtime.head().method == "DELETE"
            && let Ok(Some(found)) = &entry
        {
            let by = &self.authorize_for(&id.name, found).await?;
            self.runtime.sending();
            let cancel = ObjectCall::Cancel { who, key, by };
            entry = self.entry(&id.name, cancel).await;
        }
        entry_response(&id.name, entry)
    }

    /// Shows a dead command; POST sends it again, DELETE dismisses it.
    async fn dead_command(
        &self,
        name: &WorkflowName,
        number: Option<u64>,
    ) -> Result<GatewayResponse, Refusal> {
        self.authorize_read(name).await?;
        let number = number.ok_or(Refusal::NotFound)?;
        let entry = self.entry(name, ObjectCall::ByNumber(number)).await;
        let method = self.runtime.head().method.as_str();
        let Ok(Some(found)) = &entry else {
            return entry_response(name, entry);
        };
        match method {
            "POST" => {
                let by = &self.authorize_for(name, found).await?;
                self.runtime.sending();
                let again = ObjectCall::SendAgain { number, by };
                let reply =
                    self.deadline
                        .limit(call_object::<H, EnqueueReply>(self.runtime, name, again));
                Ok(enqueue_response(
                    name,
                    reply.await.unwrap_or(Err(ObjectLost)),
                ))
            }
            "DELETE" => {
                let by = &self.authorize_for(name, found).await?;
                self.runtime.sending();
                entry_response(
                    name,
                    self.entry(name, ObjectCall::Dismiss { number, by }).await,
                )
            }
            _ => entry_response(name, entry),
        }
    }

    async fn entry(
        &self,
        name: &WorkflowName,
        call: ObjectCall<'_>,
    ) -> Result<Option<Map<String, Value>>, ObjectLost> {
        let text = self.call_object_text(name, call).await;
        text.and_then(|text| parse_json(&text))
    }

    /// The caller's name, if they may send the command of an entry.
    async fn authorize_for(
        &self,
        name: &WorkflowName,
        entry: &Map<String, Value>,
    ) -> Result<String, Refusal> {
        let word = entry.get("command").and_then(Value::as_str);
        let command = word.and_then(Command::parse).ok_or(Refusal::NotFound)?;
        self.authorize(name, Operation::Command(command)).await
    }

    /// The listed workflows that the caller may read, each with the operations that they may do.
    async fn workflow_list(&self) -> Result<GatewayResponse, Refusal> {
        const ALL: [Operation; 6] = [
            Operation::Read,
            Operation::Command(Command::Start),
            Operation::Command(Command::Pause),
            Operation::Command(Command::Resume),
            Operation::Command(Command::Stop),
            Operation::Signal,
        ];
        #[derive(Serialize)]
        struct ReadableWorkflow<'a> {
            id: &'a str,
            may: Vec<&'static str>,
        }
        let allow_list = &self.worker.gateway.allow_list;
        let mut readable = Vec::new();
        for (id, operations) in allow_list.workflows.iter().flatten() {
            let name = WorkflowName {
                organization: allow_list.organization.clone(),
                workflow_id: id.clone(),
            };
            let mut may = Vec::new();
            for operation in ALL {
                let is_listed = match operations {
                    Operations::All => true,
                    Operations::Only(only) => only.contains(&operation),
                };
                // The other operations are checked only if the caller may read.
                let is_checked = is_listed && (operation == Operation::Read || !may.is_empty());
                if is_checked {
                    match self.authorize(&name, operation).await {
                        Ok(_) => may.push(operation.as_str()),
                        Err(Refusal::RateLimited) => return Err(Refusal::RateLimited),
                        Err(_) => {}
                    }
                }
            }
            if !may.is_empty() {
                readable.push(ReadableWorkflow { id, may });
            }
        }
        // The same response as for a workflow that the caller may not read, so it does not reveal whether any workflow
        // is listed.
        if readable.is_empty() {
            return Err(Refusal::Forbidden);
        }
        Ok(ok_response(&json!({ "workflows": readable })))
    }

    /// Queues many commands.
    async fn enqueue_many(&self) -> Result<GatewayResponse, Refusal> {
        let head = self.runtime.head();
        if crate::body::declares_longer_than(head.content_length.as_deref(), bulk::BODY_LIMIT) {
            return Err(Refusal::BodyTooLarge);
        }
        let body = read_body(self.runtime, &self.deadline, bulk::BODY_LIMIT).await?;
        let commands = bulk::commands(head.content_type.as_deref(), &body)?;
        let mut results = Vec::new();
        for command in &commands {
            results.push(match self.enqueue_one(command).await {
                Ok(result) => result,
                Err(refusal) => bulk_result(&refusal.response()),
            });
        }
        let statuses: Vec<_> = results.iter().map(|result| result.get("status")).collect();
        let first = statuses.first().copied().flatten();
        let is_uniform = statuses.iter().all(|status| *status == first);
        // If all results have one status, it becomes the status of the response.
        let status = first
            .filter(|_| is_uniform)
            .and_then(Value::as_u64)
            .unwrap_or(207);
        let wait_ms = results
            .iter()
            .filter_map(|result| result.get("retryAfterMs")?.as_u64())
            .max();
        let response = json_response(status as u16, &json!({ "commands": results }));
        Ok(response.with_retry_after(wait_ms))
    }

    async fn enqueue_one(&self, command: &BulkCommand) -> Result<Map<String, Value>, Refusal> {
        let delay_ms = gateway_routes::delay_ms(command.delay_seconds)?;
        let word = Command::parse(&command.command).ok_or(Refusal::InvalidCommand)?;
        let key = command.idempotency_key.as_deref();
        if key.is_some_and(|key| header::check_idempotency_key(key, false).is_err()) {
            return Err(Refusal::InvalidKey);
        }
        let allow_list = &self.worker.gateway.allow_list;
        let name = WorkflowName {
            organization: allow_list.organization.clone(),
            workflow_id: command.workflow_id.clone(),
        };
        let operation = Operation::Command(word);
        let who = self.authorize(&name, operation).await?;
        let requested = RequestedOperation {
            organization: name.organization.clone(),
            workflow_id: name.workflow_id.clone(),
            operation,
        };
        if !allow_list.permits(&requested) {
            return Err(Refusal::NotFound);
        }
        let order = CommandOrder {
            key: key.map_or_else(
                || gateway_routes::generated_key(self.runtime),
                str::to_owned,
            ),
            command: word,
            who,
        };
        let call = ObjectCall::Enqueue {
            order: &order,
            delay_ms,
        };
        self.runtime.sending();
        let reply = self
            .deadline
            .limit(call_object::<H, EnqueueReply>(self.runtime, &name, call))
            .await;
        Ok(bulk_result(&enqueue_response(
            &name,
            reply.unwrap_or(Err(ObjectLost)),
        )))
    }
}
