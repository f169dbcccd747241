//! One call: does what the exchange says, and tells it what happened.

use wasm_bindgen::prelude::*;

use super::alarm::{Alarm, Waited};
use super::input::{self, Checked, Kind, Request};
use super::js;
use super::secrets::Secrets;
use super::settle::{self, Answer, Failure};
use super::task;
use super::texts::{self, text};
use super::wire::Attempt;
use crate::error::{Code, Field};
use crate::exchange::{Action, Event, Exchange, Settlement};
use crate::response::{BodyEnd, Head};

/// A call in flight.
pub struct Call {
    request: Request,
    checked: Checked,
    secrets: Secrets,
    alarm: Alarm,
    began: f64,
    exchange: Exchange,
    action: Action,
    /// The access token as a string, or `undefined`.
    token: JsValue,
    attempt: Attempt,
    answer: Answer,
    /// What `fetch` threw, made fit to be shown.
    cause: JsValue,
}

impl Call {
    /// Checks the request and starts the clock; nothing is sent yet.
    pub fn begin(request: JsValue, wake: JsValue, kind: Kind) -> Result<Self, JsValue> {
        let request = Request(request);
        let secrets = Secrets::new();
        let checked = input::check(&request, kind, &secrets).map_err(settle::refusal)?;
        #[cfg(feature = "client")]
        if checked.url.is_undefined() {
            return Err(settle::foreign_trigger(&secrets));
        }
        let task = task::running().ok_or(JsValue::UNDEFINED)?;
        let timeout_ms = checked.plan.timeout_ms;
        let alarm = Alarm::set(task, wake, timeout_ms, request.get(Field::Signal));
        let (exchange, action) = Exchange::begin(checked.plan, alarm.is_aborted());
        Ok(Self {
            alarm,
            exchange,
            action,
            began: js::now(),
            token: request.get(Field::AccessToken),
            attempt: Attempt::default(),
            answer: Answer::default(),
            cause: JsValue::UNDEFINED,
            request,
            checked,
            secrets,
        })
    }

    /// Does the next thing; gives what to wait for, or the end of the call.
    pub fn proceed(&mut self) -> Result<&Alarm, Settlement> {
        loop {
            let attempt_ms = self.checked.plan.attempt_timeout_ms;
            match self.action {
                Action::GetToken { refresh } => {
                    self.drop_answer(attempt_ms);
                    let need = if refresh {
                        text!(texts::NEED_FRESH)
                    } else {
                        text!(texts::NEED)
                    };
                    let function = self.request.get(Field::AccessToken);
                    let nothing = &JsValue::UNDEFINED;
                    self.alarm
                        .start(&function, nothing, &js::literal(need), nothing);
                }
                Action::Send => {
                    self.drop_answer(attempt_ms);
                    self.answer = Answer::default();
                    self.attempt
                        .send(&self.checked, &self.token, &self.request, &self.alarm);
                }
                Action::Read => {
                    if !self.attempt.read_part(&self.alarm) {
                        let event = self.read(None);
                        self.tell(event);
                        continue;
                    }
                }
                Action::Wait { for_ms } => self.drop_answer(for_ms),
                Action::Settle(settlement) => return Err(settlement),
            }
            return Ok(&self.alarm);
        }
    }

    /// Takes what was waited for.
    pub fn take(&mut self, waited: Waited) {
        let event = match (self.action, waited) {
            (Action::Read, waited) => match waited {
                // Parts that come as quick as promises leave no timer its turn.
                Ok(Ok(part)) if self.attempt.add_part(&part) => {
                    if self.elapsed_ms() < self.checked.plan.timeout_ms {
                        return;
                    }
                    self.read(Some(Event::CallOver))
                }
                Ok(_) => self.read(None),
                Err(event) => self.read(Some(event)),
            },
            (_, Err(event)) => event,
            (Action::GetToken { .. }, Ok(Ok(token)))
                if input::credential_problem(&token).is_none() =>
            {
                self.secrets.push(&token);
                self.token = token;
                Event::Token
            }
            // The function's own error is not passed on: it may hold a credential.
            (Action::GetToken { .. }, _) => Event::NoToken,
            (_, Ok(Ok(answer))) => match self.attempt.receive(answer) {
                Some(head) => self.head(head),
                None => self.failed(&JsValue::UNDEFINED),
            },
            (_, Ok(Err(thrown))) => self.failed(&thrown),
        };
        self.tell(event);
    }

    /// The receipt, or the error.
    pub fn settle(&self, settlement: Settlement) -> Result<JsValue, JsValue> {
        self.attempt.cancel(&self.alarm);
        let attempts = self.exchange.attempts();
        #[cfg(feature = "client")]
        if let Some(receipt) = self.settle_more(settlement, attempts) {
            return Ok(receipt);
        }
        match settlement {
            Settlement::Accepted => Ok(settle::receipt(
                &self.checked.workflow_id,
                &self.checked.command,
                &self.answer,
                &self.answer.value(&self.secrets),
                attempts,
                &self.secrets,
            )),
            Settlement::Failed {
                code,
                outcome,
                retry_after_ms,
            } => {
                let failure = Failure {
                    code,
                    outcome,
                    retry_after_ms,
                    attempts,
                    is_adobe: self.checked.is_adobe,
                    cause: match code {
                        Code::Aborted => self.alarm.reason(),
                        Code::Network | Code::Unreachable => self.cause.clone(),
                        _ => JsValue::UNDEFINED,
                    },
                };
                Err(settle::error(&failure, &self.answer, &self.secrets))
            }
        }
    }

    /// What is read, and the receipt of a signal, also of one that came too soon.
    #[cfg(feature = "client")]
    fn settle_more(&self, settlement: Settlement, attempts: u32) -> Option<JsValue> {
        let accepted = settlement == Settlement::Accepted;
        let body = match self.checked.kind {
            Kind::Read if accepted => self.answer.json(&self.secrets),
            Kind::Signal if accepted || self.answer.is_too_soon() => {
                self.answer.value(&self.secrets)
            }
            _ => return None,
        };
        let receipt = settle::receipt(
            &self.checked.workflow_id,
            &self.checked.command,
            &self.answer,
            &body,
            attempts,
            &self.secrets,
        );
        let soon = self.answer.is_too_soon().into();
        js::set(&receipt, text!("tooSoon"), &soon);
        Some(receipt)
    }

    fn tell(&mut self, event: Event) {
        let elapsed_ms = self.elapsed_ms();
        self.action = self.exchange.on(event, elapsed_ms, js::random());
    }

    /// The cast saturates, so that a clock that was set back counts as none.
    fn elapsed_ms(&self) -> u32 {
        (js::now() - self.began) as u32
    }

    /// An earlier answer is done with: what is left of it is cancelled, and a new clock begins.
    fn drop_answer(&mut self, step_ms: u32) {
        self.attempt.cancel(&self.alarm);
        self.attempt = Attempt::default();
        self.alarm.step(step_ms);
    }

    fn head(&mut self, head: Head) -> Event {
        self.answer.status = head.status;
        self.answer.request_id = self.attempt.header(text!(texts::REQUEST_ID));
        #[cfg(feature = "trap")]
        if js::which(&self.checked.workflow_id, text!(texts::TRAP)) > 0 {
            core::arch::wasm32::unreachable()
        }
        Event::Head(head)
    }

    fn failed(&mut self, thrown: &JsValue) -> Event {
        if self.alarm.is_aborted() {
            return Event::Aborted;
        }
        self.cause = settle::cause(thrown, &self.secrets);
        Event::Failed {
            never_connected: settle::never_connected(thrown),
        }
    }

    /// The end of the body, or of the patience for it.
    fn read(&mut self, interrupted: Option<Event>) -> Event {
        #[cfg_attr(not(feature = "client"), allow(unused_mut))]
        let (text, mut end) = self.attempt.body();
        self.answer.complete = end == BodyEnd::Complete;
        if js::length(&text) > 0 {
            self.answer
                .take(text, self.attempt.header(text!(texts::CONTENT_TYPE)));
        }
        #[cfg(feature = "client")]
        if self.checked.kind == Kind::Read
            && matches!(self.answer.status, 200..=299)
            && self.answer.json(&self.secrets).is_undefined()
        {
            end = BodyEnd::Broken;
        }
        interrupted.unwrap_or(Event::Body {
            end,
            unknown_uri: self.answer.is_unknown_uri(),
        })
    }
}
