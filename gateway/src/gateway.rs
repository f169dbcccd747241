//! What the gateway serves, and to whom: what is decided before anything is waited for.

use campaign_workflow::{header, signal};

use crate::allow::Allowed;
use crate::answer;
use crate::body;
use crate::campaign::Campaign;
use crate::cors::{self, Origins};
use crate::http::{Answer, Head};
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
        if !self.origins.admit(head.origin.as_deref()) {
            return Err(Refusal::Origin);
        }
        let keeps_keys = self.has_own_send && route.target == Target::Commands;
        match head.idempotency_key.as_deref() {
            Some(key) if header::check_idempotency_key(key, false).is_err() => Err(Refusal::BadKey),
            Some(_) if !keeps_keys => Err(Refusal::NoKeys),
            _ => Ok(route),
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

    /// The answer where the gateway itself has failed; `is_sent`: after something may have been executed.
    pub fn trapped(&self, head: &Head, is_sent: bool) -> Answer {
        let mut answer = if is_sent {
            answer::failed(&answer::internal())
        } else {
            Refusal::Trapped.answer()
        };
        let cors = self.origins.headers(head.origin.as_deref());
        answer.headers.extend(cors);
        answer
    }
}
