//! The emulator's decision about a request, which the caller carries out.

use crate::http::Response;

/// The decision about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The index of the request in the log; `None`: not logged (control API, CORS preflight).
    pub index: Option<u64>,
    /// Delay between the request and the plan, in milliseconds.
    pub delay_ms: u32,
    /// What the caller does after the delay.
    pub plan: ReplyPlan,
}

/// How the caller ends the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyPlan {
    /// Sends the response.
    Respond(Response),
    /// Sends the headers and the first bytes of the body, then breaks the connection.
    Truncate {
        /// The complete response.
        response: Response,
        /// How many bytes of the body are sent.
        bytes: usize,
    },
    /// Breaks the connection without a response.
    Disconnect,
    /// Never responds.
    Hang,
}

impl Reply {
    pub(crate) fn unlogged(response: Response) -> Self {
        Reply {
            index: None,
            delay_ms: 0,
            plan: ReplyPlan::Respond(response),
        }
    }
}

impl ReplyPlan {
    pub(crate) fn map(self, change: impl FnOnce(Response) -> Response) -> Self {
        match self {
            ReplyPlan::Respond(response) => ReplyPlan::Respond(change(response)),
            ReplyPlan::Truncate { response, bytes } => ReplyPlan::Truncate {
                response: change(response),
                bytes,
            },
            ReplyPlan::Disconnect => ReplyPlan::Disconnect,
            ReplyPlan::Hang => ReplyPlan::Hang,
        }
    }
}
