//! The response to one request of the call, as it arrives.

use campaign_workflow::platform::{FetchError, Progress, ReadError, Response};
use campaign_workflow::retry;

use crate::mailbox::Mailbox;
use crate::network::{DeliveredHead, NetworkError, ResponsePart};
use crate::platform::BUSY_MS;
use crate::problem_documents;
use crate::simulation::{REQUESTS, Simulation};
use crate::trace::{Head, PlatformEvent};

/// A request that was sent, and its response. It is open until it ends or is dropped.
pub struct SimulatedResponse {
    simulation: Simulation,
    pub mailbox: Mailbox<ResponsePart>,
    attempt: usize,
    head: Option<DeliveredHead>,
    is_over: bool,
}

impl SimulatedResponse {
    pub fn new(simulation: Simulation, mailbox: Mailbox<ResponsePart>, attempt: usize) -> Self {
        Self {
            simulation,
            mailbox,
            attempt,
            head: None,
            is_over: false,
        }
    }

    pub fn receive_head(&mut self, head: DeliveredHead) {
        let mut state = self.simulation.state();
        let state = &mut *state;
        let response = &head.response;
        state.trace.last = Some(PlatformEvent::Head);
        state.trace.requests[self.attempt].head = Some(Head {
            at: state.timeline.now,
            status: response.status,
            retry_after: head.retry_after,
            retry_after_delay_ms: head.retry_after.ms(state.timeline.wall_clock()),
            is_unknown_uri: head.is_unknown_uri,
            is_document: problem_documents::is_document(response),
            parsed: problem_documents::read(&response.body),
            is_utf8: std::str::from_utf8(&response.body).is_ok(),
            is_json_object: problem_documents::is_object(&response.body),
            is_read: false,
            has_read_all: false,
        });
        self.head = Some(head);
    }

    pub fn fail(&mut self, error: NetworkError) -> FetchError {
        self.end();
        let mut state = self.simulation.state();
        state.trace.last = Some(PlatformEvent::Failed);
        // After an abort, the failure is a consequence of the abort.
        state.trace.requests[self.attempt].failed = !state.is_aborted;
        FetchError {
            never_connected: retry::never_connected(error.code, error.system_call),
            message: error.message,
        }
    }

    fn end(&mut self) {
        self.is_over = true;
        self.simulation.state().open[REQUESTS] -= 1;
    }

    fn is_redirect(&self) -> bool {
        let status = self.head.as_ref().map(|head| head.response.status);
        matches!(status, Some(300..=399))
    }
}

impl Response for SimulatedResponse {
    fn status(&self) -> u16 {
        match &self.head {
            Some(head) if !self.is_opaque_redirect() => head.response.status,
            _ => 0,
        }
    }

    fn is_opaque_redirect(&self) -> bool {
        self.is_redirect() && self.simulation.state().setup.hides_redirects
    }

    fn header(&self, name: &str) -> Option<String> {
        let head = self.head.as_ref()?;
        head.response.get(name).map(String::from)
    }

    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        if let Some(head) = &mut self.simulation.state().trace.requests[self.attempt].head {
            head.is_read = true;
        }
        let part = self.mailbox.receive().await;
        let is_cut = match part {
            ResponsePart::Body(bytes) => {
                let mut state = self.simulation.state();
                state.trace.last = Some(PlatformEvent::Chunk);
                state.note_late_chunk();
                state.spend_time(BUSY_MS);
                let room = limit - body.len();
                body.extend_from_slice(&bytes[..bytes.len().min(room)]);
                if bytes.len() <= room {
                    return Ok(Progress::More);
                }
                state.trace.counts.cut_off += 1;
                true
            }
            ResponsePart::End => false,
            ResponsePart::BrokenOff => true,
            ResponsePart::Head(_) | ResponsePart::Failed(_) => panic!("a head after the head"),
        };
        self.end();
        let mut state = self.simulation.state();
        if is_cut {
            state.trace.last = Some(PlatformEvent::BrokenOff);
            return Err(ReadError);
        }
        state.trace.last = Some(PlatformEvent::End);
        if let Some(head) = &mut state.trace.requests[self.attempt].head {
            head.has_read_all = true;
        }
        Ok(Progress::End)
    }
}

impl Drop for SimulatedResponse {
    /// Cancels the request, which may still arrive.
    fn drop(&mut self) {
        self.mailbox.close();
        if self.is_over {
            return;
        }
        self.end();
        let mut state = self.simulation.state();
        if state.chance.one_in(2) && state.timeline.cancel(self.attempt) {
            state.trace.requests[self.attempt].cancelled = true;
        }
    }
}
