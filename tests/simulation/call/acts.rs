//! What the machine asks for, done: tokens, requests, waits, and the end.

use campaign_emulator::Request;
use campaign_workflow::error::Code;
use campaign_workflow::exchange::{Action, Event, Settlement};

use super::Call;
use crate::network::{Delivery, Journey, Work};
use crate::record::{Ending, Sent, Step, Wait};
use crate::timeline::{Alarm, Happening};
use crate::told::Answer;

impl Call {
    /// Does what the machine says. `by`: the event that it says it after.
    pub(super) fn act(&mut self, mut by: Option<Event>) {
        loop {
            let now = self.timeline.now;
            let thrown = match self.action {
                Action::Read => return,
                Action::GetToken { refresh } => {
                    self.begin_turn(self.setup().plan.attempt_timeout_ms);
                    self.record.steps.push(Step::Token { refresh });
                    self.get_token(refresh)
                }
                Action::Send => {
                    self.begin_turn(self.setup().plan.attempt_timeout_ms);
                    self.record.steps.push(Step::Send { at: now });
                    self.record.seen.sent_with_alarm += u64::from(!self.rung.is_empty());
                    self.send()
                }
                Action::Wait { for_ms } => {
                    let elapsed = self.elapsed();
                    let wait = Wait {
                        at: now,
                        elapsed,
                        for_ms,
                    };
                    self.record.steps.push(Step::Wait(wait));
                    return self.begin_turn(for_ms);
                }
                Action::Settle(settlement) => return self.settle(settlement, by),
            };
            let Some(event) = thrown else { return };
            self.tell(event);
            by = Some(event);
        }
    }

    /// What came before is done with: what is left of it is cancelled, and a new clock begins.
    fn begin_turn(&mut self, ms: u32) {
        self.cancel();
        self.turn += 1;
        self.inbox.clear();
        self.body.clear();
        self.rung.retain(|alarm| !matches!(alarm, Alarm::Step(_)));
        self.timeline.begin_turn(self.turn, ms);
    }

    /// A request that is cancelled may be on its way all the same.
    fn cancel(&mut self) {
        let Some(attempt) = self.record.sent.len().checked_sub(1) else {
            return;
        };
        if self.chance.one_in(2) && self.timeline.cancel(attempt) {
            self.record.sent[attempt].cancelled = true;
        }
    }

    fn get_token(&mut self, refresh: bool) -> Option<Event> {
        let token = match self.chance.below(24) {
            0 => return Some(Event::NoToken),
            1 => Work::TokenThrown,
            2 => return None,
            3 => {
                let bad = ["", "two words", "Bearer abc", "line\n", "é"];
                Work::Token(Some(String::from(self.chance.any_of(&bad))))
            }
            4 => Work::Token(None),
            _ if refresh => Work::Token(Some(self.fresh.clone())),
            _ => Work::Token(Some(self.setup().token.clone())),
        };
        let after = self.timeline.moment(&mut self.chance);
        self.timeline.add(after, Happening::Work(self.turn, token));
        None
    }

    fn send(&mut self) -> Option<Event> {
        self.answer = Answer::default();
        self.record.sent.push(Sent {
            refused: false,
            thrown: false,
            cancelled: false,
            failed: false,
            head: None,
        });
        let attempt = self.record.sent.len() - 1;
        let request = self.request();
        let own_fetch = self.setup().plan.own_fetch;
        match self
            .network
            .send(request, own_fetch, &self.secrets, &mut self.chance)
        {
            Journey::Travels(copies) => {
                for (copy, after) in (0..).zip(copies) {
                    let happening = Happening::Arrival(Delivery { attempt, copy });
                    self.timeline.add(after, happening);
                }
                self.timeline.travels(attempt);
            }
            Journey::Refused(thrown) => {
                self.record.sent[attempt].refused = true;
                let after = self.timeline.moment(&mut self.chance);
                self.timeline
                    .add(after, Happening::Work(self.turn, Work::Failed(thrown)));
            }
            Journey::Thrown(thrown) => {
                self.record.sent[attempt].thrown = true;
                return Some(self.failed(thrown));
            }
        }
        None
    }

    fn request(&self) -> Request {
        let mut url = String::from("https://mc.adobe.io");
        crate::shell::push_commands(&mut url, &self.setup().organization, &self.setup().workflow);
        let bearer = format!("Bearer {}", self.token);
        let request = Request::new("POST", url)
            .header("Content-Type", "application/json")
            .header("Cache-Control", "no-cache")
            .header("Authorization", bearer)
            .header("X-Api-Key", &self.setup().api_key)
            .body(crate::shell::body(self.setup().command));
        match &self.setup().header {
            Some(value) => request.header("X-Functions-Key", value),
            None => request,
        }
    }

    fn settle(&mut self, settlement: Settlement, by: Option<Event>) {
        self.cancel();
        let shown = match settlement {
            Settlement::Failed {
                code: Code::Network | Code::Unreachable,
                ..
            } => self.thrown.as_deref(),
            _ => None,
        };
        let texts = match settlement {
            Settlement::Accepted => self.answer.of_receipt(&self.secrets),
            Settlement::Failed { .. } => self.answer.of_error(shown, &self.secrets),
        };
        self.record.ending = Some(Ending {
            at: self.timeline.now,
            by,
            settlement,
            attempts: self.exchange.attempts(),
            aborted: self
                .setup()
                .abort_at
                .is_some_and(|at| at <= self.timeline.now),
            texts,
            secrets: self.secrets.clone(),
        });
    }
}
