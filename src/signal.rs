//! Triggers an External signal activity: finds and checks the trigger's address, sends the request
//! and classifies the response.

use crate::address::Base;
use crate::call::{self, Receipt};
use crate::error::{Code, Error, Problem};
use crate::platform::{Json, Platform};
use crate::read::read_workflow;
use crate::request::Request;
use crate::response::{campaign_code, is_problem};

/// The maximum size of a trigger request's body, in bytes of UTF-8: Adobe's 64 KB.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The problem of a larger body.
pub(crate) const TOO_LONG: &str = "must not exceed 64 KB, with source";

/// The response to a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalReceipt<Json> {
    /// The response.
    pub receipt: Receipt<Json>,
    /// The signal came within ten minutes of the last one and was not triggered.
    pub is_too_soon: bool,
}

/// Triggers a signal activity by its name: reads the workflow for the trigger's address, and sends
/// the signal there. [`Request::timeout_ms`] is the limit for both together, and `attempts` of the
/// receipt or the error counts the attempts of both. `body` is the body of the signal's request:
/// `{"source": …, "parameters": {…}}` as JSON.
///
/// A signal whose delivery is in doubt is never sent again, unless it has an idempotency key.
///
/// # Errors
///
/// As for [`send`](crate::send), and
/// - [`Code::InvalidArgument`] if `activity` is empty or `body` is longer than [`BODY_LIMIT`];
/// - [`Code::InvalidTrigger`] if the workflow shows no trigger of this activity, or one whose
///   address is not the documented one below the request's base and organization. The signal is not
///   sent.
///
/// Source: Adobe Campaign Standard, "Triggering a signal activity".
pub async fn signal<P: Platform>(
    platform: &P,
    request: &Request,
    activity: &str,
    body: &str,
) -> Result<SignalReceipt<P::Json>, Error> {
    check_name(activity)
        .map_err(|problem| Error::invalid_argument("activity", problem.as_str()))?;
    if body.len() > BODY_LIMIT {
        return Err(Error::invalid_argument("parameters", TOO_LONG));
    }
    let started_ms = platform.now_ms();
    let (workflow, reads) = read_workflow(platform, request).await?;
    // The cast saturates.
    let elapsed_ms = (platform.now_ms() - started_ms) as u32;
    let rest = Request {
        timeout_ms: request.timeout_ms.saturating_sub(elapsed_ms),
        ..request.clone()
    };
    let result = match trigger_of(&workflow, activity) {
        None => Err(no_trigger_error()),
        Some(_) if rest.timeout_ms == 0 => {
            Err(Error::not_sent(Code::Timeout, Code::Timeout.message()))
        }
        Some(href) => trigger(platform, &rest, &href, body).await,
    };
    match result {
        Ok(mut signal) => {
            signal.receipt.attempts += reads;
            Ok(signal)
        }
        Err(mut error) => {
            error.attempts += reads;
            Err(error)
        }
    }
}

/// The address of an activity's trigger, if the workflow shows one.
fn trigger_of(workflow: &impl Json, activity: &str) -> Option<String> {
    let activities = workflow.field("activities")?.field("activity")?;
    activities.field(activity)?.field("trigger")?.string("href")
}

fn no_trigger_error() -> Error {
    let hint = "Is activity the name of an External signal activity of this workflow?";
    Error {
        hint: Some(String::from(hint)),
        ..Error::not_sent(
            Code::InvalidTrigger,
            "The workflow shows no trigger of this activity",
        )
    }
}

/// Triggers a signal activity at a known address. `trigger` is the address as the workflow shows
/// it, and `body` is the body of the request. Use [`signal`] if only the activity's name is known.
///
/// # Errors
///
/// As for [`send`](crate::send), and [`Code::InvalidTrigger`] if the address is not the documented
/// one below the request's base and organization. Nothing is sent then.
pub async fn trigger<P: Platform>(
    platform: &P,
    request: &Request,
    trigger: &str,
    body: &str,
) -> Result<SignalReceipt<P::Json>, Error> {
    let mut checked = request.check(platform)?;
    let Some(address) = trigger_address(platform, &checked.base, request, trigger) else {
        let code = Code::InvalidTrigger;
        return Err(Error::not_sent(code, code.message()));
    };
    let call = call::run(platform, &mut checked, "POST", &address.url, Some(body)).await;
    // JSON that was cut off is not plain text. After an earlier attempt that may have triggered the
    // signal, the response proves nothing.
    let is_too_soon = !call.is_in_doubt()
        && call.received.is_complete
        && !is_problem(&call.received.content_type)
        && is_too_soon(call.received.status, &call.received.text)
        && platform.parse_json(&call.received.text).is_none();
    let receipt = if is_too_soon {
        call.receipt(platform, &checked)
    } else {
        call.result(platform, &checked)?
    };
    Ok(SignalReceipt {
        receipt,
        is_too_soon,
    })
}

/// The address of a trigger, as the platform's URL parser serializes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerAddress {
    /// The complete address.
    pub url: String,
    /// The path segment of the activity.
    pub activity: String,
}

/// Parses a trigger's address as the workflow shows it: absolute, or relative to the workflow.
/// `None` if it is not the documented address below the base and the organization.
pub fn trigger_address<P: Platform>(
    platform: &P,
    base: &Base,
    request: &Request,
    trigger: &str,
) -> Option<TriggerAddress> {
    let workflow = base.workflow_url(&request.organization, &request.workflow_id);
    let url = platform.parse_url(trigger, Some(&workflow))?;
    let root = base.workflow_url(&request.organization, "");
    let path = url.strip_prefix(root.as_str())?;
    if !is_trigger_path(path) {
        return None;
    }
    let activity = String::from(path.split('/').nth(3)?);
    Some(TriggerAddress { url, activity })
}

/// Whether the part of a trigger's address after
/// `<base>/<organization>/campaign/workflow/execution/` is the documented path. The platform's URL
/// parser has serialized the address.
///
/// Source: Adobe Campaign Standard, "Triggering a signal activity".
pub fn is_trigger_path(path: &str) -> bool {
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let mut next = || segments.next().unwrap_or_default();
    let (workflow, activities, activity) = (next(), next(), next());
    let (id, trigger, end) = (next(), next(), segments.next());
    is_plain_segment(workflow)
        && (activities, activity) == ("activities", "activity")
        && is_plain_segment(id)
        && trigger == "trigger"
        && end.is_none()
}

/// Whether every server reads a path segment in the same way. Escapes of dots, slashes, percent
/// signs and control characters are refused, because a server may decode them after it has checked
/// the path. So is a percent sign without two hexadecimal digits, which servers read differently.
fn is_plain_segment(segment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=@_~".contains(&byte);
    let mut escapes = segment.split('%').skip(1);
    let is_harmless = |escape: &str| {
        let escape = escape.to_ascii_lowercase();
        let digits = escape.as_bytes().get(..2).unwrap_or_default();
        let is_escape = digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
        let harmful = ["25", "2e", "2f", "5c", "0", "1", "7f"];
        is_escape && !harmful.iter().any(|start| escape.starts_with(start))
    };
    !segment.is_empty() && segment.bytes().all(is_plain) && escapes.all(is_harmless)
}

/// Checks a source or the name of an activity: it must not be empty.
pub const fn check_name(name: &str) -> Result<(), Problem> {
    if name.is_empty() {
        Err(Problem::Empty)
    } else {
        Ok(())
    }
}

/// Whether a response whose body is not JSON refuses a signal within ten minutes of the last one.
/// Adobe's own SDK notes that this response is plain text, so HTML and Campaign's errors do not
/// count. No documentation states its status. This function assumes 2xx or 400; in both cases the
/// signal was not triggered.
pub fn is_too_soon(status: u16, text: &str) -> bool {
    let text = text.trim();
    matches!(status, 200..=299 | 400)
        && !text.is_empty()
        && !text.starts_with('<')
        && campaign_code(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_trigger_path_is_accepted() {
        for good in [
            "@wf/activities/activity/@a-_=/trigger/",
            "WKF1/activities/activity/@a/trigger",
            "%40wf/activities/activity/%40a%20b/trigger/",
        ] {
            assert!(is_trigger_path(good), "{good}");
        }
        for bad in [
            "",
            "WKF1/commands",
            "WKF1/activities/activity//trigger/",
            "WKF1/activities/activity/a/b/trigger/",
            "WKF1/activities/activity/a/trigger/?x",
            "WKF1/activities/activity/a/trigger/#x",
            "WKF1/activities/activity/a/trigger//",
            "WKF1/activities/activity/a/trigger/commands",
            "/WKF1/activities/activity/a/trigger/",
            "%2e%2e/activities/activity/a/trigger/",
            "..%2Fother/activities/activity/a/trigger/",
            "a%5c/activities/activity/a/trigger/",
            "a%252e/activities/activity/a/trigger/",
            "a%00/activities/activity/a/trigger/",
            "a/activities/activity/a%0d%0aX/trigger/",
            "a%7F/activities/activity/a/trigger/",
            "a%+e/activities/activity/a/trigger/",
            "a%zz/activities/activity/a/trigger/",
            "a%2/activities/activity/a/trigger/",
            "a%/activities/activity/a/trigger/",
            "é/activities/activity/a/trigger/",
        ] {
            assert!(!is_trigger_path(bad), "{bad}");
        }
    }

    #[test]
    fn an_empty_source_is_refused() {
        assert_eq!(check_name(""), Err(Problem::Empty));
        assert_eq!(check_name("API"), Ok(()));
    }

    #[test]
    fn html_and_campaign_errors_are_not_the_too_soon_text() {
        for (text, is_plain) in [
            ("The signal was triggered less than 10 minutes ago.", true),
            ("no", true),
            ("", false),
            (" \n", false),
            (" <html>", false),
            ("RST-360011 An error has occurred", false),
        ] {
            for status in [200, 202, 400] {
                assert_eq!(is_too_soon(status, text), is_plain, "{text}");
            }
            assert!(!is_too_soon(404, text) && !is_too_soon(500, text));
        }
    }
}
