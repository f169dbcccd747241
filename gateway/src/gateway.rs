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
    /// Whether an `Idempotency-Key` reaches somebody who may keep it: the user's own `send`.
    pub passes_keys: bool,
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
        match head.idempotency_key.as_deref() {
            Some(key) if !is_key(key) => Err(Refusal::BadKey),
            Some(_) if !self.passes_keys => Err(Refusal::NoKeys),
            _ => Ok(route),
        }
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

    /// The answer for an accepted command. A success that is not a receipt says nothing about the command.
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

    /// The answer for a command whose outcome did not come within the deadline.
    pub fn timed_out(&self, head: &Head) -> Answer {
        self.failed(head, &answer::timeout())
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

/// Whether a text can be an `Idempotency-Key`: 1 to 255 visible ASCII characters.
fn is_key(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(passes_keys: bool, head: Head) -> Option<Answer> {
        let gateway = Gateway {
            base_path: String::new(),
            origins: Origins(vec!["https://app.example".to_owned()]),
            allowed: Allowed {
                organization: "acme".to_owned(),
                workflows: None,
            },
            max_body_bytes: 64,
            passes_keys,
        };
        gateway.head(&Head {
            method: "POST".to_owned(),
            url: "https://g.example/acme/campaign/workflow/execution/WKF1/commands".to_owned(),
            ..head
        })
    }

    fn with_key(key: &str) -> Head {
        Head {
            idempotency_key: Some(key.to_owned()),
            ..Head::default()
        }
    }

    #[test]
    fn a_key_is_refused_where_nobody_keeps_it() {
        let refused = answer(false, with_key("k-1")).unwrap();
        let body = refused.body.as_deref().unwrap();
        assert_eq!(refused.status, 400);
        assert!(
            body.contains("invalid-argument") && body.contains("not-executed"),
            "{body}"
        );
        assert!(body.contains("keeps no keys"), "{body}");
        assert_eq!(answer(true, with_key("k-1")), None);
        assert_eq!(answer(false, Head::default()), None);
    }

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let longest = "k".repeat(255);
        for good in ["k", "\"8e03978e-40d5\"", "!~", &longest] {
            assert_eq!(answer(true, with_key(good)), None, "{good}");
        }
        let longer = "k".repeat(256);
        for bad in ["", " ", "a b", "a, b", "a\tb", "\u{e9}", "\u{7f}", &longer] {
            let refused = answer(true, with_key(bad)).unwrap();
            assert_eq!(refused.status, 400, "{bad}");
            assert!(refused.body.unwrap().contains("1 to 255"), "{bad}");
        }
    }

    #[test]
    fn another_origin_learns_nothing_about_keys() {
        let head = Head {
            origin: Some("https://evil.example".to_owned()),
            ..with_key("k-1")
        };
        assert_eq!(answer(false, head).unwrap().status, 403);
    }
}
