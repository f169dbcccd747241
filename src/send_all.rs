//! Sends many commands with limited concurrency. Commands of one workflow keep their order, and all
//! commands slow down together if the server throttles.
//!
//! [`send_all`] is one future that runs until every command has ended. The consumer takes the
//! results from [`Results`] at the same time. A command occupies a slot from when it is pulled from
//! its [`Source`] until its result is released, and there are [`BulkOptions::concurrency`] slots.
//! So a million commands need no more memory than a few, and a slow consumer slows down the source.
//!
//! The scheduler in `scheduler.rs` decides the next action, and the driver in `driver.rs` performs
//! it.

mod driver;
mod results;
mod scheduler;

pub use driver::{check, send_all};
pub use results::Results;

use crate::call::Receipt;
use crate::command::Command;
use crate::error::Error;

/// The concurrency and the rate of [`send_all`](send_all()). Start from the default. The number of
/// retries is [`Request::max_retries`](crate::Request::max_retries).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BulkOptions {
    /// The maximum number of commands in flight, including those whose results are not taken yet. 1
    /// to 100, by default 4.
    pub concurrency: u32,
    /// The maximum number of calls that start per second. Any number above 0, by default no limit.
    pub per_second: Option<f64>,
    /// Stop after the first command that fails: commands in flight finish, queued ones are not
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
        if !(1..=MAX_CONCURRENCY).contains(&self.concurrency) {
            return Err(Error::invalid_argument("concurrency", INVALID_CONCURRENCY));
        }
        match self.per_second {
            Some(rate) if !(rate > 0.0 && rate.is_finite()) => {
                Err(Error::invalid_argument("perSecond", INVALID_RATE))
            }
            _ => Ok(()),
        }
    }
}

/// The maximum of [`BulkOptions::concurrency`].
pub const MAX_CONCURRENCY: u32 = 100;

/// What an invalid `concurrency` must be.
pub const INVALID_CONCURRENCY: &str = "must be a whole number from 1 to 100";

/// What an invalid `perSecond` must be.
pub const INVALID_RATE: &str = "must be a number above 0";

/// One of many commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCommand {
    /// The workflow's id or PKey. Use the same one for all commands of a workflow, so that they
    /// keep their order.
    pub workflow_id: String,
    /// The command to send.
    pub command: Command,
    /// As in [`Request::idempotency_key`](crate::Request::idempotency_key). A command with a key is
    /// retried within its own call, without the shared back-off.
    pub idempotency_key: Option<String>,
}

/// The result of one of many commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkResult<Item, Json> {
    /// The index of the command in the source, from 0.
    pub index: u64,
    /// The item that the source returned.
    pub item: Item,
    /// The receipt or the error of the command. `attempts` counts all its tries.
    pub result: Result<Receipt<Json>, Error>,
}

/// How many commands ended with each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkSummary {
    /// Accepted by Campaign.
    pub accepted: u32,
    /// Certainly not executed, including commands that were pulled but not sent.
    pub not_executed: u32,
    /// Possibly executed.
    pub unknown: u32,
}

/// The source of the commands, and the receiver of the progress.
#[allow(async_fn_in_trait)] // The futures need no bounds.
pub trait Source {
    /// An item of the source. It is returned with the result of its command.
    type Item;
    /// The error of a source.
    type Failure;

    /// The next item; `None` after the last one. Called again only after it has returned, and never
    /// after `None` or an error. An error ends the run, after the commands in flight have ended.
    async fn next(&self) -> Result<Option<Self::Item>, Self::Failure>;

    /// The command of an item, or the error that becomes its result if the item is invalid.
    fn command(&self, item: &Self::Item) -> Result<BulkCommand, Error>;

    /// Called when no more items are needed before the source has ended. If a `next` has not
    /// returned yet, this is started but not awaited, because it may never return.
    async fn close(&self) -> Result<(), Self::Failure> {
        Ok(())
    }

    /// Called after each command with the counts so far. An error ends the run, after the commands
    /// in flight have ended.
    fn on_progress(&self, _summary: BulkSummary) -> Result<(), Self::Failure> {
        Ok(())
    }

    /// Called whenever the worst-case summary changes: what the summary is if the future of
    /// [`send_all`](send_all()) stops now.
    fn note_worst_case_summary(&self, _summary: BulkSummary) {}
}

/// Why the results ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendAllError<Failure> {
    /// An option is invalid. Nothing was pulled or sent.
    Refused(Box<Error>),
    /// The source failed with this error.
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
