//! The problems that the writer itself reports.

use campaign_workflow::{Code, Outcome};

use crate::problem::Problem;

/// When another attempt may succeed, in milliseconds.
const RETRY_SOON_MS: u32 = 1000;

fn problem(
    status: u16,
    code: Code,
    outcome: Outcome,
    detail: &'static str,
    hint: &'static str,
    retry_after_ms: Option<u32>,
) -> Problem<'static> {
    Problem {
        hint: Some(hint.into()),
        retry_after_ms,
        ..Problem::new(status, code, outcome, detail)
    }
}

/// The key was used for another command, or for the same command sent in another way.
pub fn key_used() -> Problem<'static> {
    problem(
        422,
        Code::Rejected,
        Outcome::NotExecuted,
        "The Idempotency-Key was used for another command.",
        "Use a new key for every command. Repeat a key only with the identical request.",
        None,
    )
}

/// Another command of the workflow is pending. This one was not sent.
pub fn busy() -> Problem<'static> {
    problem(
        409,
        Code::Rejected,
        Outcome::NotExecuted,
        "A command of this workflow is pending.",
        "Wait until it is settled, then send this one again.",
        Some(RETRY_SOON_MS),
    )
}

/// Too many commands of the workflow are waiting.
pub fn queue_full() -> Problem<'static> {
    problem(
        429,
        Code::RateLimited,
        Outcome::NotExecuted,
        "Too many commands of this workflow are waiting.",
        "Send it again when some of them are settled, or cancel some.",
        Some(60 * RETRY_SOON_MS),
    )
}

/// The command with this key is pending. The outcome is `unknown`, so that a repeat of the key does not count it as not
/// executed.
pub fn still_pending() -> Problem<'static> {
    problem(
        409,
        Code::Rejected,
        Outcome::Unknown,
        "The command with this Idempotency-Key is pending.",
        "Repeat the request with the same key. The command is not sent twice, and the response comes once it is settled.",
        Some(RETRY_SOON_MS),
    )
}

/// A restart or a failed write came before the request was sent.
pub fn interrupted_before_sending() -> Problem<'static> {
    problem(
        503,
        Code::Aborted,
        Outcome::NotExecuted,
        "The command was interrupted before it was sent.",
        "Send it again. You may use the same Idempotency-Key.",
        Some(RETRY_SOON_MS),
    )
}

/// A restart came while the request was in flight, or its outcome could not be stored.
pub fn interrupted_while_sending() -> Problem<'static> {
    problem(
        502,
        Code::Aborted,
        Outcome::Unknown,
        "The command was interrupted while it was sent.",
        "Check the workflow in Campaign before you send the command again with a new Idempotency-Key.",
        None,
    )
}

/// The store could not be read or written, so the outcome is unknown.
pub fn store_unavailable() -> Problem<'static> {
    problem(
        502,
        Code::ServerError,
        Outcome::Unknown,
        "The workflow's store did not respond.",
        "Repeat the request with the same Idempotency-Key: the command is not sent twice. Without a key, check the history first.",
        None,
    )
}

/// The command is not dead, so it can't be sent again.
pub fn not_dead() -> Problem<'static> {
    problem(
        409,
        Code::Rejected,
        Outcome::NotExecuted,
        "This is not a dead command, or it was already closed.",
        "The workflow's history shows who sent it again or dismissed it.",
        None,
    )
}

/// The command was cancelled.
pub fn cancelled() -> Problem<'static> {
    problem(
        409,
        Code::Rejected,
        Outcome::NotExecuted,
        "The command was cancelled before it was sent.",
        "Send it again with a new Idempotency-Key if you still need it.",
        None,
    )
}

/// The Worker's variables are invalid. `what` names the variable without its value.
pub fn not_configured(what: &str) -> Problem<'static> {
    Problem {
        detail: ["The Worker is not configured: ", what, "."]
            .concat()
            .into(),
        ..problem(
            503,
            Code::TokenUnavailable,
            Outcome::NotExecuted,
            "",
            "Set the Worker's variables and secrets.",
            Some(60 * RETRY_SOON_MS),
        )
    }
}
