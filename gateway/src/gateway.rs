//! What the gateway serves, and to whom: what is decided before anything is waited for.

use campaign_workflow::{header, signal};

use crate::allow_list::AllowList;
use crate::body;
use crate::campaign::Campaign;
use crate::campaign_result;
use crate::cors::{self, Origins};
use crate::http::{GatewayResponse, Head, Reply};
use crate::operation::{Operation, RequestedOperation};
use crate::operation_result::OperationResult;
use crate::refusal::Refusal;
use crate::route::{Route, Target};
use crate::runtime::LogEntry;

/// A gateway's options, checked.
#[derive(Clone)]
pub struct Gateway {
    /// What stands before Adobe's path.
    pub base_path: String,
    /// The pages that may ask.
    pub origins: Origins,
    /// The workflows.
    pub allow_list: AllowList,
    /// How much of a command's body is read, in bytes.
    pub max_body_bytes: usize,
    /// Milliseconds for the whole answer.
    pub timeout_ms: u32,
    /// Commands go through the user's own `send`, which may keep idempotency keys.
    pub has_custom_send: bool,
    /// How Campaign is reached. Without it nothing is served but commands, through the user's own `send`.
    pub campaign: Option<Campaign>,
}

impl Gateway {
    /// What a request names, if it is in order so far. Nothing of the body is read yet.
    pub(crate) fn route(&self, head: &Head) -> Result<Route, Refusal> {
        let route = Route::parse(&head.url, &self.base_path)
            .filter(|route| route.target == Target::Commands || self.campaign.is_some())
            .ok_or(Refusal::NotFound)?;
        let method = route.target.method();
        if head.method != method && !cors::is_preflight(head) {
            return Err(Refusal::MethodNotAllowed(method));
        }
        self.admit(head)?;
        let keeps_keys = self.has_custom_send && route.target == Target::Commands;
        match head.idempotency_key.as_deref() {
            Some(key) if header::check_idempotency_key(key, false).is_err() => {
                Err(Refusal::InvalidKey)
            }
            Some(_) if !keeps_keys => Err(Refusal::KeysNotSupported),
            _ => Ok(route),
        }
    }

    /// Refuses pages of other origins.
    pub(crate) fn admit(&self, head: &Head) -> Result<(), Refusal> {
        if self.origins.admit(head) {
            Ok(())
        } else {
            Err(Refusal::OriginNotAllowed)
        }
    }

    /// How long the body of a request may be, in bytes; `None`: it is not read. A `Content-Length` that says more is
    /// believed.
    pub(crate) fn body_limit(
        &self,
        head: &Head,
        target: &Target,
    ) -> Result<Option<usize>, Refusal> {
        let limit = match target {
            Target::Workflow => return Ok(None),
            Target::Commands => self.max_body_bytes,
            Target::Trigger { .. } => signal::BODY_LIMIT,
        };
        if body::declares_more(head.content_length.as_deref(), limit) {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(Some(limit))
    }

    /// The answer to a request at which the gateway itself has failed; the log is written like that of any other.
    /// `random` gives numbers from 0 to 1.
    pub fn trap_response(
        &self,
        head: &Head,
        trap: &Trap,
        random: impl Fn() -> f64,
        write: impl FnOnce(&LogEntry<'_>),
    ) -> GatewayResponse {
        let result: OperationResult<()> = if trap.is_sent {
            OperationResult::failed(campaign_result::internal_error(), 0)
        } else {
            OperationResult::refused(Refusal::Trapped, 0)
        };
        if let (Some(operation), Ok(route)) = (trap.operation, self.route(head)) {
            let requested = RequestedOperation {
                organization: route.organization,
                workflow_id: route.workflow_id,
                operation,
            };
            result.log(&requested, trap.ms, random, write);
        }
        let mut response = match result.reply {
            Reply::Own(response) => response,
            Reply::Forwarded { .. } => Refusal::Trapped.response(),
        };
        response.headers.extend(self.origins.headers(head));
        response
    }
}

/// How far a request had come when the gateway itself failed.
#[derive(Clone, Copy, Debug)]
pub struct Trap {
    /// Something may have been executed.
    pub is_sent: bool,
    /// What was asked for, as far as it was known.
    pub operation: Option<Operation>,
    /// How long it had taken, in milliseconds.
    pub ms: u32,
}
