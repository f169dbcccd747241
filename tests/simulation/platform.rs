//! The platform of a simulated call: records what the call does, and schedules on the timeline what
//! it waits for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use campaign_emulator::Request;
use campaign_workflow::Platform;
use campaign_workflow::platform::{FetchError, HttpRequest, TokenError};
use campaign_workflow::retry;
use url::Url;

use crate::json::JsonValue;
use crate::mailbox::Mailbox;
use crate::network::{Delivery, ResponsePart, Transmission};
use crate::response::SimulatedResponse;
use crate::setup::PAGE;
use crate::simulation::{LISTENERS, REQUESTS, Simulation, TIMERS};
use crate::timeline::{Event, parse_http_date};
use crate::trace::{PlatformEvent, RequestRecord, Step, StepKind};

/// The start of the call on the monotonic clock.
const ORIGIN: f64 = 12_345.5;

/// The maximum time that a busy thread needs for a decision, in milliseconds.
pub const THINKING_MS: u64 = 600;

/// The maximum time that a busy thread works without a pause, in milliseconds.
pub const BUSY_MS: u64 = 3000;

impl Platform for Simulation {
    type Response = SimulatedResponse;
    type Json = JsonValue;
    type Timer = Timer;
    type Abort = Abort;

    fn now_ms(&self) -> f64 {
        ORIGIN + self.state().timeline.now as f64
    }

    fn random(&self) -> f64 {
        let mut state = self.state();
        state.spend_time(THINKING_MS);
        state.chance.unit()
    }

    /// A platform may parse a date from a string that is not an HTTP date.
    fn ms_until(&self, date: &str) -> Option<u32> {
        let mut state = self.state();
        let until = match parse_http_date(date) {
            Some(seconds) => seconds as f64 * 1000.0,
            None if state.chance.one_in(2) => f64::NAN,
            None => state.timeline.wall_clock() as f64 + 1000.0,
        };
        retry::ms_until(until, state.timeline.wall_clock() as f64)
    }

    fn sleep(&self, ms: u32) -> Timer {
        let mut state = self.state();
        let now = state.timeline.now;
        if state.open[TIMERS] + state.open[REQUESTS] > 0 {
            let open = format!("{:?} at {now} ms", state.open);
            state
                .trace
                .report_violation("nothing is open when a new step begins", open);
        }
        state.open[TIMERS] += 1;
        let mailbox = Mailbox::new();
        state
            .timeline
            .add(u64::from(ms), Event::Timer(mailbox.clone()));
        state.timeline.ends.push(now + u64::from(ms));
        state.trace.record(now, || format!("    sleep({ms})"));
        let after = state.trace.last;
        state.trace.steps.push(Step {
            at: now,
            ms: u64::from(ms),
            kind: StepKind::Wait,
            after,
        });
        Timer {
            simulation: self.clone(),
            mailbox,
        }
    }

    fn abort(&self) -> Abort {
        self.state().open[LISTENERS] += 1;
        Abort(self.clone())
    }

    fn is_aborted(&self) -> bool {
        self.state().is_aborted
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let mailbox = self.ask_for_token(refresh);
        let token = mailbox.receive().await;
        let mut state = self.state();
        let Some(token) = token else {
            state.trace.last = Some(PlatformEvent::NoToken);
            return Err(TokenError);
        };
        state.trace.last = Some(PlatformEvent::Token);
        state.trace.secrets.push(token.clone());
        state.authorization = Some(format!("Bearer {token}"));
        Ok(token)
    }

    async fn fetch(&self, request: &HttpRequest<'_>) -> Result<SimulatedResponse, FetchError> {
        let mut response = self.send(request);
        match response.mailbox.receive().await {
            ResponsePart::Head(head) => {
                response.receive_head(*head);
                Ok(response)
            }
            ResponsePart::Failed(error) => Err(response.fail(error)),
            ResponsePart::Body(_) | ResponsePart::End | ResponsePart::BrokenOff => {
                panic!("a body before its head")
            }
        }
    }

    fn has_custom_fetch(&self) -> bool {
        self.state().setup.has_custom_fetch
    }

    fn parse_url(&self, url: &str, base: Option<&str>) -> Option<String> {
        let base = match base {
            None if self.is_page() => Some(PAGE),
            base => base,
        };
        let url = match base {
            Some(base) => Url::parse(base).ok()?.join(url),
            None => Url::parse(url),
        };
        url.ok().map(String::from)
    }

    fn is_page(&self) -> bool {
        self.state().setup.is_page
    }

    fn parse_json(&self, text: &str) -> Option<JsonValue> {
        serde_json::from_str(text).ok().map(JsonValue)
    }
}

impl Simulation {
    /// Turns the step whose timer was just started into a token call or a request.
    fn start_step(&self, kind: StepKind) {
        let mut state = self.state();
        let now = state.timeline.now;
        match state.trace.steps.last_mut() {
            Some(step) if step.kind == StepKind::Wait && step.at == now => step.kind = kind,
            _ => state
                .trace
                .report_violation("every step has a deadline", format!("{kind:?} at {now} ms")),
        }
        if state.open[TIMERS] != 1 {
            state
                .trace
                .report_violation("every step has a deadline", format!("{kind:?}: no timer"));
        }
    }

    fn ask_for_token(&self, refresh: bool) -> Mailbox<Option<String>> {
        self.start_step(StepKind::Token { refresh });
        let mut state = self.state();
        let now = state.timeline.now;
        state.trace.record(now, || format!("    token({refresh})"));
        let mailbox = Mailbox::new();
        state.token = Some(mailbox.clone());
        let usual = state.setup.tokens[usize::from(refresh)].clone();
        let token = match state.chance.below(24) {
            0 => {
                // The function throws synchronously.
                mailbox.post(None);
                return mailbox;
            }
            1 => None,
            2 => return mailbox,
            3 => {
                let bad = ["", "two words", "Bearer abc", "line\n", "é"];
                Some(String::from(state.chance.any_of(&bad)))
            }
            _ => Some(usual),
        };
        let state = &mut *state;
        let after = state.timeline.duration(&mut state.chance);
        state
            .timeline
            .add(after, Event::Token(mailbox.clone(), token));
        mailbox
    }

    fn send(&self, request: &HttpRequest<'_>) -> SimulatedResponse {
        self.start_step(StepKind::Send);
        let mut state = self.state();
        let now = state.timeline.now;
        state
            .trace
            .record(now, || format!("    fetch({request:?})"));
        if state.is_aborted {
            let how = format!("at {now} ms, aborted at {:?} ms", state.trace.aborted_at);
            state
                .trace
                .report_violation("nothing is sent after an abort", how);
        }
        let mut headers = request.headers.iter();
        let authorization = headers.find(|(name, _)| *name == "Authorization");
        let authorization = authorization.map(|(_, value)| String::from(*value));
        if authorization != state.authorization {
            let how = format!("{authorization:?}, not {:?}", state.authorization);
            state
                .trace
                .report_violation("a request carries the latest token", how);
        }
        let mut sent = Request::new(request.method, request.url);
        for (name, value) in &request.headers {
            sent = sent.header(*name, *value);
        }
        if let Some(body) = request.body {
            sent = sent.body(body);
        }
        let mailbox = Mailbox::new();
        let attempt = state.requests.len();
        state.requests.push((sent, mailbox.clone()));
        state.open[REQUESTS] += 1;
        let mut request_record = RequestRecord::default();
        let state_ref = &mut *state;
        match Transmission::new(
            state_ref.setup.has_custom_fetch,
            &state_ref.trace.secrets,
            &mut state_ref.chance,
        ) {
            Transmission::Delivered(copies) => {
                for (copy, after) in (0..).zip(copies) {
                    let delivery = Delivery { attempt, copy };
                    state.timeline.add(after, Event::Arrival(delivery));
                }
            }
            Transmission::Refused(error) => {
                request_record.refused = true;
                let after = state_ref.timeline.duration(&mut state_ref.chance);
                let part = Event::ResponsePart(mailbox.clone(), ResponsePart::Failed(error));
                state.timeline.add(after, part);
            }
            Transmission::FetchFailed(error) => {
                mailbox.post(ResponsePart::Failed(error));
            }
        }
        state.trace.requests.push(request_record);
        SimulatedResponse::new(self.clone(), mailbox, attempt)
    }
}

/// A timer of the call.
pub struct Timer {
    simulation: Simulation,
    mailbox: Mailbox<()>,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let poll = self.mailbox.poll(context);
        if poll.is_ready() {
            self.simulation.state().interrupt(PlatformEvent::Timer);
        }
        poll
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let mut state = self.simulation.state();
        state.open[TIMERS] -= 1;
        state.timeline.remove_timer(&self.mailbox);
    }
}

/// The call's listener for the caller's abort signal.
pub struct Abort(Simulation);

impl Future for Abort {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.state();
        if state.setup.ignores_listeners {
            return Poll::Pending;
        }
        if state.is_aborted {
            state.interrupt(PlatformEvent::Abort);
            return Poll::Ready(());
        }
        state.abort_waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open[LISTENERS] -= 1;
        state.abort_waker = None;
    }
}
