//! What becomes of a request, for the caller to carry out.

use crate::http::Answer;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The request's index in the log; `None`: it is not logged (the control surface, a CORS preflight).
    pub index: Option<u64>,
    /// How long the fate waits after the request came, in milliseconds.
    pub delay_ms: u32,
    /// What happens then.
    pub fate: Fate,
}

/// What the asking side sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// An answer.
    Answer(Answer),
    /// The head and so many bytes of the body, then the connection fails.
    Cut {
        /// The answer as it would be.
        answer: Answer,
        /// How many bytes of its body arrive.
        bytes: usize,
    },
    /// The connection fails before any answer.
    Lost,
    /// Nothing, ever.
    Hang,
}

impl Reply {
    pub(crate) fn unlogged(answer: Answer) -> Self {
        Reply {
            index: None,
            delay_ms: 0,
            fate: Fate::Answer(answer),
        }
    }
}

impl Fate {
    pub(crate) fn map(self, change: impl FnOnce(Answer) -> Answer) -> Self {
        match self {
            Fate::Answer(answer) => Fate::Answer(change(answer)),
            Fate::Cut { answer, bytes } => Fate::Cut {
                answer: change(answer),
                bytes,
            },
            Fate::Lost => Fate::Lost,
            Fate::Hang => Fate::Hang,
        }
    }
}
