//! The calls that execute nothing at once: reading a workflow, and the requests to a server with a
//! queue. All of them share one future, so that the module contains its code once.

use crate::call::{self, Receipt};
use crate::command::Command;
use crate::error::Error;
use crate::exchange::{CallOptions, Effect};
use crate::platform::Platform;
use crate::request::{Checked, Request};
use crate::text::push_decimal;

/// The maximum delay of a queued command, in seconds: a week.
pub const MAX_DELAY_SECONDS: u32 = 604_800;

/// The maximum length of a queued command's id, in bytes.
const MAX_ID_LENGTH: usize = 2000;

const NO_QUEUE_AT_ADOBE: &str = "must not be Adobe's host, which has no queue";
pub(crate) const INVALID_DELAY: &str = "must be a whole number of seconds from 0 to 604800";
const INVALID_ID: &str = "must be the id of a queued command";

/// A kind of request that executes nothing at once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    /// Reads the workflow.
    ReadWorkflow,
    /// Enqueues a command, with a delay in seconds.
    Enqueue(Command, Option<u32>),
    /// Reads the queued command whose id is in `workflow_id`.
    ReadQueued,
    /// Cancels that command.
    Cancel,
}

/// Checks the request, and sends it as [`call::run`] does.
pub(crate) async fn run<P: Platform>(
    platform: &P,
    request: &Request,
    operation: Operation,
) -> Result<Receipt<P::Json>, Error> {
    let mut request = request.clone();
    let Checked {
        base,
        options,
        secrets,
        ..
    } = check(platform, &request, operation)?;
    let (method, effect) = match operation {
        Operation::ReadWorkflow | Operation::ReadQueued => ("GET", Effect::Reads),
        Operation::Enqueue(..) => ("POST", Effect::Enqueues),
        Operation::Cancel => ("DELETE", Effect::Cancels),
    };
    let mut url = match operation {
        Operation::ReadWorkflow | Operation::Enqueue(..) => {
            base.workflow_url(&request.organization, &request.workflow_id)
        }
        Operation::ReadQueued | Operation::Cancel => base.queue_url(&request.workflow_id),
    };
    let mut body = None;
    if let Operation::Enqueue(command, delay_seconds) = operation {
        url.push_str("/commands");
        body = Some(command.body());
        add_headers(&mut request, delay_seconds);
    } else {
        // An idempotency key belongs to a command. A gateway refuses it with any other request.
        request.idempotency_key = None;
    }
    let mut checked = Checked {
        options: CallOptions {
            effect,
            has_key: request.idempotency_key.is_some(),
            ..options
        },
        request: &request,
        base,
        secrets,
    };
    let call = call::run(platform, &mut checked, method, &url, body).await;
    call.result(platform, &checked)
}

/// Checks the operation and its request.
#[inline(never)]
fn check<'a, P: Platform>(
    platform: &P,
    request: &'a Request,
    operation: Operation,
) -> Result<Checked<'a>, Error> {
    match operation {
        Operation::Enqueue(_, Some(seconds)) if seconds > MAX_DELAY_SECONDS => {
            return Err(Error::invalid_argument("delaySeconds", INVALID_DELAY));
        }
        Operation::ReadQueued | Operation::Cancel => check_id(&request.workflow_id)?,
        _ => {}
    }
    let checked = request.check(platform)?;
    if checked.base.is_adobe && !matches!(operation, Operation::ReadWorkflow) {
        return Err(Error::invalid_argument("baseUrl", NO_QUEUE_AT_ADOBE));
    }
    Ok(checked)
}

/// Checks the id of a queued command, which becomes a path segment without encoding.
pub(crate) fn check_id(id: &str) -> Result<(), Error> {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=MAX_ID_LENGTH).contains(&id.len()) && id.bytes().all(is_base64url) {
        Ok(())
    } else {
        Err(Error::invalid_argument("id", INVALID_ID))
    }
}

/// Adds the headers that request later execution. The caller's own headers can't contain them:
/// `header::check_name` refuses both.
#[inline(never)]
fn add_headers(request: &mut Request, delay_seconds: Option<u32>) {
    let mut add = |name, value| request.headers.push((String::from(name), value));
    add("Prefer", String::from("respond-async"));
    if let Some(seconds) = delay_seconds {
        let mut text = String::new();
        push_decimal(&mut text, seconds);
        add("Delay-Seconds", text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_base64url() {
        let longest = "A".repeat(MAX_ID_LENGTH);
        for id in ["a", "WyJhIl0", "-_09AZaz", &longest] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
        let too_long = longest.clone() + "A";
        let others = ["", ".", "..", "a/b", "a=", "a+b", "a b", "é", "a%2e", "a\n"];
        for id in others.into_iter().chain([too_long.as_str()]) {
            assert!(check_id(id).is_err(), "{id:?}");
        }
    }
}
