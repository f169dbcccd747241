//! One call: carries out what the exchange decides, and reports back what happened.

use crate::answer::Answer;
use crate::command::Command;
use crate::deadline::Clock;
use crate::error::{Code, Error, Outcome};
use crate::exchange::{Action, Effect, Event, Exchange, Settlement};
use crate::header;
use crate::platform::{
    FetchError, HttpRequest, Json, Platform, Progress, ReadError, Response, TokenError,
};
use crate::request::{self, Checked, Request};
use crate::response::{self, BODY_LIMIT, BodyEnd, Documented, Head, SHOWN_LIMIT};
use crate::retry::RetryAfter;

/// The request was accepted by Campaign, which applies a command later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt<Json> {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The answer's body. Adobe documents none for a command.
    pub body: Body<Json>,
    /// The answer's `x-request-id` header.
    pub request_id: Option<String>,
    /// How many requests went out.
    pub attempts: u32,
}

/// The body of an answer. Credentials in it are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<Json> {
    /// There is none.
    Empty,
    /// Its text, as far as it came.
    Text(String),
    /// The content type says JSON, and it is JSON.
    Json(Json),
}

impl<Json> Receipt<Json> {
    /// The error of an answer that does not hold what was asked for.
    pub(crate) fn unusable(self, message: &str) -> Error {
        let mut error = Error::unsent(Code::BadResponse, message);
        error.status = Some(self.status);
        error.request_id = self.request_id;
        error.attempts = self.attempts;
        error
    }
}

/// Sends a command to a workflow. Bad input is an error before anything is sent; after that the
/// call ends within [`Request::timeout_ms`].
///
/// A command whose delivery is in doubt is never sent again, unless it has an
/// [idempotency key](Request::idempotency_key). What is sent again, at most
/// [`Request::max_retries`] times, are commands that were certainly not executed: after 429, after
/// 503 with `Retry-After`, and after a connection that was never made.
///
/// # Errors
///
/// [`Error::code`] says why the call failed, and [`Error::outcome`] what is known of the command.
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

/// How a call ended, and what is known about it.
pub(crate) struct Ended {
    settlement: Settlement,
    attempts: u32,
    pub answer: Answer,
    /// Why the last request failed without an answer.
    cause: Option<String>,
}

/// Sends a request, and sends it again as the exchange decides.
pub(crate) async fn run<P: Platform>(
    platform: &P,
    call: &mut Checked<'_>,
    method: &'static str,
    url: &str,
    body: Option<&str>,
) -> Ended {
    let plan = call.plan;
    let mut clock = Clock::start(platform, plan.timeout_ms);
    let mut authorization = call.fixed_authorization();
    // Whatever replaces a response drops it, and so cancels its request.
    let mut response = None;
    let mut answer = Answer::default();
    let mut cause = None;
    let (mut exchange, mut action) = Exchange::begin(plan, platform.is_aborted());
    loop {
        let event = match action {
            Action::GetToken { refresh } => {
                response = None;
                clock.set(plan.attempt_timeout_ms);
                match clock.limit(platform.token(refresh)).await {
                    // A signal that can't be waited for may have fired meanwhile, or both came at
                    // once: nothing is sent after an abort.
                    Ok(_) if platform.is_aborted() => Event::Aborted,
                    Ok(Ok(new)) => {
                        call.secrets.add(&new);
                        let checked = header::check_credential(&new);
                        authorization = Some(request::authorization(&new));
                        checked.map_or(Event::NoToken, |()| Event::Token)
                    }
                    Ok(Err(TokenError)) => Event::NoToken,
                    Err(event) => event,
                }
            }
            Action::Send => {
                response = None;
                answer = Answer::default();
                cause = None;
                clock.set(plan.attempt_timeout_ms);
                let request = HttpRequest {
                    method,
                    url,
                    headers: call.headers(authorization.as_deref()),
                    body,
                };
                match clock.limit(platform.fetch(&request)).await {
                    Ok(Ok(new)) => {
                        let head = read_head(platform, plan.may_be_gateway, &new, &mut answer);
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
                        Event::Failed { never_connected }
                    }
                    Err(event) => event,
                }
            }
            Action::Read { is_problem } => {
                let mut body = Vec::new();
                let read = match &mut response {
                    Some(response) => read_body(&mut clock, response, &mut body).await,
                    None => Ok(BodyEnd::Broken),
                };
                let end = *read.as_ref().unwrap_or(&BodyEnd::Broken);
                let end = answer.set_body(&body, end, is_problem, |text| platform.parse_json(text));
                match read {
                    Ok(_) if plan.effect.is_repeatable() && !is_usable(platform, &answer) => {
                        Event::Body {
                            end: BodyEnd::Broken,
                            unknown_uri: false,
                            verdict: None,
                        }
                    }
                    Ok(_) => Event::Body {
                        end,
                        unknown_uri: answer.documented == Some(Documented::UnknownUri),
                        verdict: answer.verdict(),
                    },
                    Err(event) => event,
                }
            }
            Action::Wait { for_ms } => {
                response = None;
                clock.set(for_ms);
                match clock.interruption().await {
                    Event::StepOver if platform.is_aborted() => Event::Aborted,
                    event => event,
                }
            }
            Action::Settle(settlement) => {
                return Ended {
                    settlement,
                    attempts: exchange.attempts(),
                    answer,
                    cause,
                };
            }
        };
        action = exchange.on(event, clock.elapsed_ms(), platform.random());
    }
}

/// What the head of an answer says.
#[inline(never)]
fn read_head<P: Platform>(
    platform: &P,
    may_be_gateway: bool,
    response: &P::Response,
    answer: &mut Answer,
) -> Head {
    let status = response.status();
    answer.status = status;
    answer.request_id = response.header("x-request-id");
    answer.content_type = response.header("content-type").unwrap_or_default();
    let retry_after_ms = || {
        let header = response.header("retry-after")?;
        match RetryAfter::parse(&header)? {
            RetryAfter::Ms(ms) => Some(ms),
            RetryAfter::Date => platform.ms_until(&header),
        }
    };
    Head {
        status,
        opaque_redirect: response.is_opaque_redirect(),
        retry_after_ms: if status < 400 { None } else { retry_after_ms() },
        is_problem: may_be_gateway && response::is_problem(&answer.content_type),
    }
}

/// Reads the body to its end, its limit or an interruption.
async fn read_body<P: Platform>(
    clock: &mut Clock<'_, P>,
    response: &mut P::Response,
    body: &mut Vec<u8>,
) -> Result<BodyEnd, Event> {
    loop {
        match clock.limit(response.read(body, BODY_LIMIT)).await? {
            // Chunks that arrive without a pause can keep timers from firing.
            Ok(Progress::More) if clock.is_call_over() => return Err(Event::CallOver),
            Ok(Progress::More) => {}
            Ok(Progress::End) => return Ok(BodyEnd::Complete),
            Err(ReadError) => return Ok(BodyEnd::Broken),
        }
    }
}

/// Whether an answer holds what a request that may be repeated was sent for: a JSON object.
fn is_usable<P: Platform>(platform: &P, answer: &Answer) -> bool {
    let is_object = || {
        platform
            .parse_json(&answer.text)
            .is_some_and(|json| json.is_object())
    };
    !matches!(answer.status, 200..=299) || is_object()
}

/// What leaves the package; no secret does.
impl Ended {
    /// The call failed, and a request may have been executed all the same.
    pub const fn is_in_doubt(&self) -> bool {
        matches!(
            self.settlement,
            Settlement::Failed {
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
        match self.settlement {
            Settlement::Accepted => Ok(self.receipt(platform, call)),
            Settlement::Failed {
                code,
                outcome,
                retry_after_ms,
                by_document,
            } => Err(self.error(call, code, outcome, retry_after_ms, by_document)),
        }
    }

    /// The receipt of an accepted request.
    pub fn receipt<P: Platform>(self, platform: &P, call: &Checked<'_>) -> Receipt<P::Json> {
        let Answer {
            status,
            request_id,
            content_type,
            text,
            is_complete,
            ..
        } = self.answer;
        let is_json = response::is_json(&content_type) || call.plan.effect != Effect::Executes;
        Receipt {
            status,
            body: if text.is_empty() {
                Body::Empty
            } else if !is_complete {
                Body::Text(call.secrets.shown(&text, usize::MAX))
            } else {
                let text = call.secrets.clean(text);
                let json = is_json.then(|| platform.parse_json(&text)).flatten();
                json.map_or_else(|| Body::Text(text), Body::Json)
            },
            request_id: request_id.map(|id| call.secrets.clean(id)),
            attempts: self.attempts,
        }
    }

    /// The error of a failed call. A gateway knows more than its status can say: its problem
    /// document takes the place of what the status means.
    fn error(
        self,
        call: &Checked<'_>,
        code: Code,
        outcome: Outcome,
        retry_after_ms: Option<u32>,
        by_document: bool,
    ) -> Error {
        let Answer {
            status,
            request_id,
            text,
            documented,
            error_code,
            problem,
            ..
        } = self.answer;
        let shown = |text: &str| call.secrets.shown(text, SHOWN_LIMIT);
        let shown_field = |text: &Option<String>| text.as_deref().map(shown);
        let body = (!text.is_empty()).then(|| shown(&text));
        let hint = match documented {
            Some(documented) => Some(documented.hint(status)),
            None => code.hint(outcome, call.plan.has_key),
        };
        let cause = match code {
            Code::Network | Code::Unreachable => shown_field(&self.cause),
            _ => None,
        };
        let mut error = Error {
            code,
            outcome,
            message: String::from(code.message()),
            status: (status != 0).then_some(status),
            error_code: shown_field(&error_code),
            body,
            hint: hint.map(String::from),
            retry_after_ms,
            request_id: request_id.map(|id| call.secrets.clean(id)),
            attempts: self.attempts,
            cause,
        };
        if let Some(problem) = problem.filter(|_| by_document) {
            if let Some(detail) = shown_field(&problem.detail) {
                error.message = detail;
            }
            if let Some(body) = shown_field(&problem.body) {
                error.body = Some(body);
            }
            if let Some(hint) = shown_field(&problem.hint) {
                error.hint = Some(hint);
            }
            error.error_code = shown_field(&problem.error_code);
            // A document that is silent about it does not take back what the header asks for.
            let asked_ms = retry_after_ms.filter(|_| outcome == Outcome::NotExecuted);
            error.retry_after_ms = problem.retry_after_ms.or(asked_ms);
        }
        error
    }
}
