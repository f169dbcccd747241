//! The gateway's configuration, and the checks of a request that need no waiting.

use campaign_workflow::{header, signal};

use crate::allow_list::AllowList;
use crate::body;
use crate::campaign::Campaign;
use crate::campaign_result;
use crate::cors::{self, Origins};
use crate::http::{GatewayResponse, Reply, RequestHead};
use crate::operation::{Operation, RequestedOperation};
use crate::operation_result::OperationResult;
use crate::refusal::Refusal;
use crate::route::{Route, Target};
use crate::runtime::LogEntry;

/// The default of [`Gateway::max_body_bytes`].
pub(crate) const DEFAULT_MAX_BODY_BYTES: u32 = 4096;

/// The default of [`Gateway::timeout_ms`], and of the writer's timeout.
pub(crate) const DEFAULT_TIMEOUT_MS: u32 = 25_000;

/// A gateway's options, checked.
#[derive(Clone)]
pub struct Gateway {
    /// The path before Adobe's paths; empty by default.
    pub base_path: String,
    /// The origins that may call the gateway.
    pub origins: Origins,
    /// The workflows and operations that are served.
    pub allow_list: AllowList,
    /// The longest body of a command, in bytes.
    pub max_body_bytes: usize,
    /// The deadline for the whole response, in milliseconds.
    pub timeout_ms: u32,
    /// Whether commands go through the user's own `send`, which may store idempotency keys.
    pub has_custom_send: bool,
    /// How to reach Campaign. Without it the gateway serves commands only, through the user's own `send`.
    pub campaign: Option<Campaign>,
}

impl Gateway {
    /// The route of a request whose path, method, origin and idempotency key are valid. The body is not read yet.
    pub(crate) fn route(&self, head: &RequestHead) -> Result<Route, Refusal> {
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

    /// Refuses requests from other origins.
    pub(crate) fn admit(&self, head: &RequestHead) -> Result<(), Refusal> {
        if self.origins.admit(head) {
            Ok(())
        } else {
            Err(Refusal::OriginNotAllowed)
        }
    }

    /// The longest body of a request in bytes; `None` if the body is not read. Refuses a request whose `Content-Length`
    /// is higher.
    pub(crate) fn body_limit(
        &self,
        head: &RequestHead,
        target: &Target,
    ) -> Result<Option<usize>, Refusal> {
        let limit = match target {
            Target::Workflow => return Ok(None),
            Target::Commands => self.max_body_bytes,
            Target::Trigger { .. } => signal::BODY_LIMIT,
        };
        if body::declares_longer_than(head.content_length.as_deref(), limit) {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(Some(limit))
    }

    /// The response to a request whose instance trapped. Writes the request's log entry. `random` returns numbers from
    /// 0 to 1.
    pub fn trap_response(
        &self,
        head: &RequestHead,
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

/// How far a request had come when the instance trapped.
#[derive(Clone, Copy, Debug)]
pub struct Trap {
    /// Whether something may have been executed.
    pub is_sent: bool,
    /// The requested operation, if it was known.
    pub operation: Option<Operation>,
    /// How long the request had taken, in milliseconds.
    pub ms: u32,
}
