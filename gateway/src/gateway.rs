//! One request through the gateway, step by step; what happens between the steps is the caller's.

use crate::allow::Allowed;
use crate::answer::{self, BodyKind, Failure};
use crate::body;
use crate::command::Command;
use crate::cors::{self, Origins};
use crate::http::{Answer, Head};
use crate::refusal::Refusal;
use crate::route::Route;

/// What the gateway serves, and to whom.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// What stands before Adobe's path.
    pub base_path: String,
    /// The pages that may ask.
    pub origins: Origins,
    /// The workflows.
    pub allowed: Allowed,
    /// How much of a body is read, in bytes.
    pub max_body_bytes: usize,
}

/// A command that was asked for, and may be sent if the caller may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The workflow.
    pub route: Route,
    /// The command.
    pub command: Command,
}

impl Gateway {
    /// The first step, without the body: the answer, or nothing where the body is to be read.
    pub fn head(&self, head: &Head) -> Option<Answer> {
        let answer = match self.check(head) {
            Err(refusal) => refusal.answer(),
            Ok(_) if cors::is_preflight(head) => cors::preflight(),
            Ok(_) if body::declares_more(head.content_length.as_deref(), self.max_body_bytes) => {
                Refusal::TooLarge.answer()
            }
            Ok(_) => return None,
        };
        Some(self.told(head, answer))
    }

    fn check(&self, head: &Head) -> Result<Route, Refusal> {
        let route = Route::of(&head.url, &self.base_path).ok_or(Refusal::NotFound)?;
        if head.method != "POST" && !cors::is_preflight(head) {
            return Err(Refusal::Method);
        }
        if !self.origins.admit(head.origin.as_deref()) {
            return Err(Refusal::Origin);
        }
        Ok(route)
    }

    /// The second step, with the body: the command to be authorized, or the answer.
    pub fn body(&self, head: &Head, body: &[u8]) -> Result<Wish, Answer> {
        self.wish(head, body)
            .map_err(|refusal| self.told(head, refusal.answer()))
    }

    fn wish(&self, head: &Head, body: &[u8]) -> Result<Wish, Refusal> {
        let route = self.check(head)?;
        let command = body::command(head.content_type.as_deref(), body, self.max_body_bytes)?;
        if !self.allowed.serves(&route, command) {
            return Err(Refusal::NotFound);
        }
        Ok(Wish { route, command })
    }

    /// The answer to what goes no further.
    pub fn refused(&self, head: &Head, refusal: Refusal) -> Answer {
        self.told(head, refusal.answer())
    }

    /// The answer for an accepted command; what is no receipt says nothing about the command.
    pub fn accepted(
        &self,
        head: &Head,
        status: f64,
        request_id: Option<&str>,
        body: BodyKind,
    ) -> Answer {
        let answer = answer::accepted(status, request_id, body);
        self.told(
            head,
            answer.unwrap_or_else(|| answer::failed(&Failure::default())),
        )
    }

    /// The answer for a command that failed.
    pub fn failed(&self, head: &Head, failure: &Failure) -> Answer {
        self.told(head, answer::failed(failure))
    }

    /// The headers that also a foreign answer gets.
    pub fn cors(&self, head: &Head) -> Vec<(&'static str, String)> {
        self.origins.headers(head.origin.as_deref())
    }

    fn told(&self, head: &Head, mut answer: Answer) -> Answer {
        answer.headers.extend(self.cors(head));
        answer
    }
}
