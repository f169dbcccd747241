//! Runs one call: performs the actions of the [`Exchange`], and reports each event to it.

use crate::command::Command;
use crate::deadline::Deadlines;
use crate::error::{Code, Error, Outcome};
use crate::exchange::{Action, CallResult, Effect, Event, Exchange};
use crate::header;
use crate::platform::{
    FetchError, HttpRequest, Json, Platform, Progress, ReadError, Response, TokenError,
};
use crate::received_response::ReceivedResponse;
use crate::request::{self, Checked, Request};
use crate::response::{self, BODY_LIMIT, BodyEnd, DocumentedError, ERROR_TEXT_LIMIT, Head};
use crate::retry::RetryAfter;

/// Campaign accepted the request. It applies a command later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt<Json> {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The body of the response. Adobe documents none for a command.
    pub body: Body<Json>,
    /// The response's `x-request-id` header.
    pub request_id: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
}

/// The body of a response. Credentials in it are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<Json> {
    /// The response has no body.
    Empty,
    /// The text, as far as it arrived.
    Text(String),
    /// The body is JSON, by its content type and its text.
    Json(Json),
}

impl<Json> Receipt<Json> {
    /// The error for a response without the requested content.
    pub(crate) fn into_bad_response(self, message: &str) -> Error {
        let mut error = Error::not_sent(Code::BadResponse, message);
        error.status = Some(self.status);
        error.request_id = self.request_id;
        error.attempts = self.attempts;
        error
    }
}

/// Sends a command to a workflow. Invalid input fails before anything is sent. After that, the call
/// ends within [`Request::timeout_ms`].
///
/// A command that was certainly not executed is sent again, at most [`Request::max_retries`] times:
/// after 429, after 503 with `Retry-After`, and if no connection was made. A command whose delivery is
/// in doubt is never sent again, unless it has an [idempotency key](Request::idempotency_key).
///
/// # Errors
///
/// [`Error::code`] is the reason of the failure, and [`Error::outcome`] what is known about the
/// command.
pub async fn send<P: Platform>(
    platform: &P,
    request: &Request,
    command: Command,
) -> Result<Receipt<P::Json>, Error> {
    let mut checked = request.check(platform)?;
    let url = checked.workflow_url() + "/commands";
    let ended = run(platform, &mut checked, "POST", &url, Some(command.body())).await;
    ended.result(platform, &checked)
}

/// The result of a call, and the data that its receipt or error is made of.
pub(crate) struct FinishedCall {
    result: CallResult,
    attempts: u32,
    pub received: ReceivedResponse,
    /// The error of `fetch`, if the last attempt failed without a response.
    cause: Option<String>,
}

/// Sends a request, and repeats it as the [`Exchange`] decides.
pub(crate) async fn run<P: Platform>(
    platform: &P,
    call: &mut Checked<'_>,
    method: &'static str,
    url: &str,
    body: Option<&str>,
) -> FinishedCall {
    let options = call.options;
    let mut deadlines = Deadlines::start(platform, options.timeout_ms);
    let mut authorization = call.fixed_authorization();
    // Replacing a response drops it, which cancels its request.
    let mut response = None;
    let mut received = ReceivedResponse::default();
    let mut cause = None;
    let (mut exchange, mut action) = Exchange::start(options, platform.is_aborted());
    loop {
        let event = match action {
            Action::GetToken { refresh } => {
                response = None;
                deadlines.start_step(options.attempt_timeout_ms);
                match deadlines.run(platform.token(refresh)).await {
                    // The signal may have fired without an event, or at the same time: nothing is sent
                    // after an abort.
                    Ok(_) if platform.is_aborted() => Event::Aborted,
                    Ok(Ok(new)) => {
                        call.secrets.add(&new);
                        let checked = header::check_credential(&new);
                        authorization = Some(request::authorization(&new));
                        checked.map_or(Event::TokenFailed, |()| Event::Token)
                    }
                    Ok(Err(TokenError)) => Event::TokenFailed,
                    Err(event) => event,
                }
            }
            Action::Send => {
                response = None;
                received = ReceivedResponse::default();
                cause = None;
                deadlines.start_step(options.attempt_timeout_ms);
                let request = HttpRequest {
                    method,
                    url,
                    headers: call.headers(authorization.as_deref()),
                    body,
                };
                match deadlines.run(platform.fetch(&request)).await {
                    Ok(Ok(new)) => {
                        let head = read_head(platform, options.may_be_gateway, &new, &mut received);
                        response = Some(new);
                        Event::Head(head)
                    }
                    Ok(Err(_)) if platform.is_aborted() => Event::Aborted,
                    Ok(Err(error)) => {
                        let FetchError {
                            never_connected,
                            message,
                        } = error;
                        cause = Some(message);
                        Event::FetchFailed { never_connected }
                    }
                    Err(event) => event,
                }
            }
            Action::ReadBody { is_problem } => {
                let mut body = Vec::new();
                let read = match &mut response {
                    Some(response) => read_body(&mut deadlines, response, &mut body).await,
                    None => Ok(BodyEnd::Broken),
                };
                let end = *read.as_ref().unwrap_or(&BodyEnd::Broken);
                let end =
                    received.set_body(&body, end, is_problem, |text| platform.parse_json(text));
                match read {
                    Ok(_)
                        if options.effect.is_idempotent()
                            && !has_json_object(platform, &received) =>
                    {
                        Event::Body {
                            end: BodyEnd::Broken,
                            is_unknown_uri: false,
                            reported: None,
                        }
                    }
                    Ok(_) => Event::Body {
                        end,
                        is_unknown_uri: received.documented == Some(DocumentedError::UnknownUri),
                        reported: received.reported_outcome(),
                    },
                    Err(event) => event,
                }
            }
            Action::Wait { for_ms } => {
                response = None;
                deadlines.start_step(for_ms);
                match deadlines.timeout_or_abort().await {
                    Event::StepTimeout if platform.is_aborted() => Event::Aborted,
                    event => event,
                }
            }
            Action::Finish(result) => {
                return FinishedCall {
                    result,
                    attempts: exchange.attempts(),
                    received,
                    cause,
                };
            }
        };
        action = exchange.on(event, deadlines.elapsed_ms(), platform.random());
    }
}

/// Reads the status and the headers of a response.
#[inline(never)]
fn read_head<P: Platform>(
    platform: &P,
    may_be_gateway: bool,
    response: &P::Response,
    received: &mut ReceivedResponse,
) -> Head {
    let status = response.status();
    received.status = status;
    received.request_id = response.header("x-request-id");
    received.content_type = response.header("content-type").unwrap_or_default();
    let retry_after_ms = || {
        let header = response.header("retry-after")?;
        match RetryAfter::parse(&header)? {
            RetryAfter::Ms(ms) => Some(ms),
            RetryAfter::Date => platform.ms_until(&header),
        }
    };
    Head {
        status,
        is_opaque_redirect: response.is_opaque_redirect(),
        retry_after_ms: if status < 400 { None } else { retry_after_ms() },
        is_problem: may_be_gateway && response::is_problem(&received.content_type),
    }
}

/// Reads the body to its end or its limit, unless a deadline or an abort comes first.
async fn read_body<P: Platform>(
    deadlines: &mut Deadlines<'_, P>,
    response: &mut P::Response,
    body: &mut Vec<u8>,
) -> Result<BodyEnd, Event> {
    loop {
        match deadlines.run(response.read(body, BODY_LIMIT)).await? {
            // Chunks that arrive without a pause can prevent timers from firing.
            Ok(Progress::More) if deadlines.is_call_timed_out() => return Err(Event::CallTimeout),
            Ok(Progress::More) => {}
            Ok(Progress::End) => return Ok(BodyEnd::Complete),
            Err(ReadError) => return Ok(BodyEnd::Broken),
        }
    }
}

/// Whether the body of a success is a JSON object, as an idempotent request requires. True for an
/// error.
fn has_json_object<P: Platform>(platform: &P, received: &ReceivedResponse) -> bool {
    let is_object = || {
        platform
            .parse_json(&received.text)
            .is_some_and(|json| json.is_object())
    };
    !matches!(received.status, 200..=299) || is_object()
}

/// Makes the receipt or the error, with all secrets masked.
impl FinishedCall {
    /// The call failed, and an attempt may have been executed.
    pub const fn is_in_doubt(&self) -> bool {
        matches!(
            self.result,
            CallResult::Failed {
                outcome: Outcome::Unknown,
                ..
            }
        )
    }

    /// The receipt or the error.
    pub fn result<P: Platform>(
        self,
        platform: &P,
        call: &Checked<'_>,
    ) -> Result<Receipt<P::Json>, Error> {
        match self.result {
            CallResult::Accepted => Ok(self.receipt(platform, call)),
            CallResult::Failed {
                code,
                outcome,
                retry_after_ms,
                from_problem_document,
            } => Err(self.error(call, code, outcome, retry_after_ms, from_problem_document)),
        }
    }

    /// The receipt of an accepted request.
    pub fn receipt<P: Platform>(self, platform: &P, call: &Checked<'_>) -> Receipt<P::Json> {
        let ReceivedResponse {
            status,
            request_id,
            content_type,
            text,
            is_complete,
            ..
        } = self.received;
        let is_json = response::is_json(&content_type) || call.options.effect != Effect::Executes;
        Receipt {
            status,
            body: if text.is_empty() {
                Body::Empty
            } else if !is_complete {
                Body::Text(call.secrets.redact_and_truncate(&text, usize::MAX))
            } else {
                let text = call.secrets.redact(text);
                let json = is_json.then(|| platform.parse_json(&text)).flatten();
                json.map_or_else(|| Body::Text(text), Body::Json)
            },
            request_id: request_id.map(|id| call.secrets.redact(id)),
            attempts: self.attempts,
        }
    }

    /// The error of a failed call. The fields of a gateway's problem document replace the client's
    /// own, because the gateway knows more than its status can express.
    fn error(
        self,
        call: &Checked<'_>,
        code: Code,
        outcome: Outcome,
        retry_after_ms: Option<u32>,
        from_problem_document: bool,
    ) -> Error {
        let ReceivedResponse {
            status,
            request_id,
            text,
            documented,
            error_code,
            problem,
            ..
        } = self.received;
        let redacted = |text: &str| call.secrets.redact_and_truncate(text, ERROR_TEXT_LIMIT);
        let redacted_field = |text: &Option<String>| text.as_deref().map(redacted);
        let body = (!text.is_empty()).then(|| redacted(&text));
        let hint = match documented {
            Some(documented) => Some(documented.hint(status)),
            None => code.hint(outcome, call.options.has_key),
        };
        let cause = match code {
            Code::Network | Code::Unreachable => redacted_field(&self.cause),
            _ => None,
        };
        let mut error = Error {
            code,
            outcome,
            message: String::from(code.message()),
            status: (status != 0).then_some(status),
            error_code: redacted_field(&error_code),
            body,
            hint: hint.map(String::from),
            retry_after_ms,
            request_id: request_id.map(|id| call.secrets.redact(id)),
            attempts: self.attempts,
            cause,
        };
        if let Some(problem) = problem.filter(|_| from_problem_document) {
            if let Some(detail) = redacted_field(&problem.detail) {
                error.message = detail;
            }
            if let Some(body) = redacted_field(&problem.body) {
                error.body = Some(body);
            }
            if let Some(hint) = redacted_field(&problem.hint) {
                error.hint = Some(hint);
            }
            error.error_code = redacted_field(&problem.error_code);
            // If the document has no `retryAfterMs`, the `Retry-After` header still applies.
            let header_retry_after_ms = retry_after_ms.filter(|_| outcome == Outcome::NotExecuted);
            error.retry_after_ms = problem.retry_after_ms.or(header_retry_after_ms);
        }
        error
    }
}
