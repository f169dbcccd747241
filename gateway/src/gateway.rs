//! What the gateway serves, and to whom: what is decided before anything is waited for.

use campaign_workflow::{header, signal};

use crate::allow::Allowed;
use crate::answer;
use crate::body;
use crate::campaign::Campaign;
use crate::cors::{self, Origins};
use crate::ended::Ended;
use crate::host::LogEntry;
use crate::http::{Answer, Head, Reply};
use crate::operation::{Asked, Operation};
use crate::refusal::Refusal;
use crate::route::{Route, Target};

/// A gateway's options, checked.
#[derive(Clone)]
pub struct Gateway {
    /// What stands before Adobe's path.
    pub base_path: String,
    /// The pages that may ask.
    pub origins: Origins,
    /// The workflows.
    pub allowed: Allowed,
    /// How much of a command's body is read, in bytes.
    pub max_body_bytes: usize,
    /// Milliseconds for the whole answer.
    pub timeout_ms: u32,
    /// Commands go through the user's own `send`, which may keep idempotency keys.
    pub has_own_send: bool,
    /// How Campaign is reached. Without it nothing is served but commands, through the user's own `send`.
    pub campaign: Option<Campaign>,
}

impl Gateway {
    /// What a request names, if it is in order so far. Nothing of the body is read yet.
    pub(crate) fn route(&self, head: &Head) -> Result<Route, Refusal> {
        let route = Route::of(&head.url, &self.base_path)
            .filter(|route| route.target == Target::Commands || self.campaign.is_some())
            .ok_or(Refusal::NotFound)?;
        let method = route.target.method();
        if head.method != method && !cors::is_preflight(head) {
            return Err(Refusal::Method(method));
        }
        self.admit(head)?;
        let keeps_keys = self.has_own_send && route.target == Target::Commands;
        match head.idempotency_key.as_deref() {
            Some(key) if header::check_idempotency_key(key, false).is_err() => Err(Refusal::BadKey),
            Some(_) if !keeps_keys => Err(Refusal::NoKeys),
            _ => Ok(route),
        }
    }

    /// Refuses pages of other origins.
    pub(crate) fn admit(&self, head: &Head) -> Result<(), Refusal> {
        if self.origins.admit(head) {
            Ok(())
        } else {
            Err(Refusal::Origin)
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
            return Err(Refusal::TooLarge);
        }
        Ok(Some(limit))
    }

    /// The answer to a request at which the gateway itself has failed; the log is written like that of any other.
    /// `random` gives numbers from 0 to 1.
    pub fn trapped(
        &self,
        head: &Head,
        trap: &Trap,
        random: impl Fn() -> f64,
        write: impl FnOnce(&LogEntry<'_>),
    ) -> Answer {
        let ended: Ended<()> = if trap.is_sent {
            Ended::failed(answer::internal(), 0)
        } else {
            Ended::refused(Refusal::Trapped, 0)
        };
        if let (Some(operation), Ok(route)) = (trap.operation, self.route(head)) {
            let asked = Asked {
                organization: route.organization,
                workflow_id: route.workflow_id,
                operation,
            };
            ended.log(&asked, trap.ms, random, write);
        }
        let mut answer = match ended.reply {
            Reply::Answer(answer) => answer,
            Reply::Passed { .. } => Refusal::Trapped.answer(),
        };
        answer.headers.extend(self.origins.headers(head));
        answer
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
