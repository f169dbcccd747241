//! Sends many commands: never more than a few at once, those of one workflow in their order, and all
//! of them slower together if the server asks for it.
//!
//! [`send_all`] is one future that runs until every command has ended; whoever takes the results
//! does so from [`Results`], beside it. A command has a slot from when it is pulled from its
//! [`Source`] until its result is taken, and there are [`BulkOptions::concurrency`] slots. So a
//! million commands take no more memory than a few, and a slow consumer slows down the source.
//!
//! The scheduler in `scheduler.rs` decides what happens next, and the driver in `driver.rs` does it.

mod driver;
mod results;
mod scheduler;

pub use driver::{check, send_all};
pub use results::Results;

use crate::call::Receipt;
use crate::command::Command;
use crate::error::Error;

/// How many commands are sent at once, and how fast. Start from the default. How often a command is
/// sent again is [`Request::max_retries`](crate::Request::max_retries).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BulkOptions {
    /// How many commands are in flight at most; also how many are held, with their results, that are
    /// not taken yet. 1 to 100, by default 4.
    pub concurrency: u32,
    /// How many requests for commands begin in a second at most. Any number above 0; by default as
    /// many as can be.
    pub per_second: Option<f64>,
    /// The first command that fails is the last: what is in flight is awaited, what is held is not
    /// sent. By default `false`.
    pub stop_on_error: bool,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            concurrency: 4,
            per_second: None,
            stop_on_error: false,
        }
    }
}

impl BulkOptions {
    fn check(&self) -> Result<(), Error> {
        if !(1..=100).contains(&self.concurrency) {
            return Err(Error::invalid_argument("concurrency", NOT_CONCURRENCY));
        }
        match self.per_second {
            Some(rate) if !(rate > 0.0 && rate.is_finite()) => {
                Err(Error::invalid_argument("perSecond", NOT_RATE))
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong with another `concurrency`.
pub const NOT_CONCURRENCY: &str = "must be a whole number from 1 to 100";

/// What is wrong with another `perSecond`.
pub const NOT_RATE: &str = "must be a number above 0";

/// One command among many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCommand {
    /// The workflow's id or PKey; one and the same for all commands of a workflow, for their order's
    /// sake.
    pub workflow_id: String,
    /// What to do.
    pub command: Command,
    /// As in [`Request::idempotency_key`](crate::Request::idempotency_key). A command with a key is
    /// sent again within its own call, not with the others' shared back-off.
    pub idempotency_key: Option<String>,
}

/// How one command among many ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkResult<Item, Json> {
    /// Its number in the source, from 0.
    pub index: u64,
    /// The element of the source.
    pub item: Item,
    /// The receipt or the error of its command, with the requests of all tries.
    pub result: Result<Receipt<Json>, Error>,
}

/// How many of the commands that were pulled from the source came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkSummary {
    /// Campaign accepted them.
    pub accepted: u32,
    /// Certainly not executed; also those that were pulled and not sent any more.
    pub not_executed: u32,
    /// Nobody can know.
    pub unknown: u32,
}

/// Where the commands come from, and who is told how it goes.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait Source {
    /// An element. It comes back with the result of its command.
    type Item;
    /// What the source fails with.
    type Failure;

    /// The next element; `None` if there are no more. Called again only after it has returned, and
    /// never after `None` or a failure. A failure ends it all, after what is in flight has ended.
    async fn next(&self) -> Result<Option<Self::Item>, Self::Failure>;

    /// The command that an element is, or the error that is its result if it is none.
    fn command(&self, item: &Self::Item) -> Result<BulkCommand, Error>;

    /// No more elements are wanted, though the source has not ended. If a `next` has not returned
    /// yet, this is begun and not awaited, since it may never return either.
    async fn close(&self) -> Result<(), Self::Failure> {
        Ok(())
    }

    /// A command has ended: the count so far. A failure ends it all, after what is in flight has
    /// ended.
    fn on_progress(&self, _summary: BulkSummary) -> Result<(), Self::Failure> {
        Ok(())
    }

    /// What the summary would be if the future of [`send_all`] were lost now; called whenever that
    /// changes.
    fn note_worst_case_summary(&self, _summary: BulkSummary) {}
}

/// Why there are no more results, though the commands have not simply come to their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendAllError<Failure> {
    /// A field or an option was refused: nothing was pulled or sent.
    Refused(Box<Error>),
    /// What the source failed with.
    Source(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_option_is_named() {
        let check = |concurrency, per_second| {
            let options = BulkOptions {
                concurrency,
                per_second,
                ..BulkOptions::default()
            };
            options.check().map_err(|error| error.message)
        };
        for good in [(1, None), (100, Some(0.1)), (4, Some(f64::MAX))] {
            assert_eq!(check(good.0, good.1), Ok(()));
        }
        for concurrency in [0, 101, u32::MAX] {
            let message = check(concurrency, None).unwrap_err();
            assert_eq!(message, "concurrency must be a whole number from 1 to 100");
        }
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = check(4, Some(rate)).unwrap_err();
            assert_eq!(message, "perSecond must be a number above 0");
        }
    }
}
