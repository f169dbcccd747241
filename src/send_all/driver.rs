//! Performs the actions of the scheduler: pulls and sends commands, waits, and delivers the
//! results.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::scheduler::{Action, Limits, Scheduler, SendResult, classify};
use super::{BulkCommand, BulkOptions, BulkResult, Results, SendAllError, Source};
use crate::call::{Receipt, send};
use crate::error::{Code, Error};
use crate::platform::Platform;
use crate::request::{MAX_MILLISECONDS, Request};

/// Sends the commands of a source, each as [`send`] does, and puts each result into `results`, from
/// which a consumer takes them at the same time. `request` holds the options that all commands
/// share; its times apply to each try of a command. Its workflow and key are not used.
///
/// - A command is pulled only if it can be sent. Until its result is released, it keeps its slot.
/// - The next command of a workflow is sent after the previous one has ended, with any outcome.
/// - After 429, after 503 with `Retry-After` and after a failed connection, nothing is sent until
///   one shared back-off is over. Then fewer commands are in flight at once. Such a command is sent
///   again up to `max_retries` times.
/// - A command that fails does not stop the others, unless [`BulkOptions::stop_on_error`] is set.
///   An item that is not a command ends with the error of [`Source::command`].
/// - An abort stops the run: nothing more is pulled, queued commands end as [`Code::Aborted`],
///   those in flight are aborted, and each has its result.
/// - [`Results::close`] stops the run without aborting what is in flight.
/// - A source that fails ends the run, after the commands pulled before have ended.
///
/// Returns after every command has ended and the source is closed, even if the results are not
/// taken.
pub async fn send_all<P: Platform, S: Source>(
    platform: &P,
    request: &Request,
    options: &BulkOptions,
    source: &S,
    results: &Results<S::Item, P::Json, S::Failure>,
) {
    // If this future is dropped, the consumer does not wait forever.
    let _end = EndOnDrop(results);
    if let Err(error) = check(platform, request, options) {
        return results.end(Some(SendAllError::Refused(Box::new(error))));
    }
    let mut driver = Driver::new(platform, request, options, source, results);
    driver.run().await;
    results.finish();
    let closed = driver.close_source().await;
    let failure = driver.failure.take().filter(|_| !results.is_closed());
    results.end(closed.err().or(failure).map(SendAllError::Source));
}

/// Checks the options that all commands share, as [`send_all`] does.
///
/// # Errors
///
/// [`Code::InvalidArgument`], with the name of the invalid field.
pub fn check<P: Platform>(
    platform: &P,
    request: &Request,
    options: &BulkOptions,
) -> Result<(), Error> {
    options.check()?;
    let any = Request {
        workflow_id: String::from("WKF1"),
        idempotency_key: None,
        ..request.clone()
    };
    any.check(platform)?;
    Ok(())
}

struct EndOnDrop<'a, Item, Json, Failure>(&'a Results<Item, Json, Failure>);

impl<Item, Json, Failure> Drop for EndOnDrop<'_, Item, Json, Failure> {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

type Running<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

type CommandResult<P> = Result<Receipt<<P as Platform>::Json>, Error>;

type PullResult<S> = Result<Option<<S as Source>::Item>, <S as Source>::Failure>;

/// A command that is queued or in flight.
struct Pending<Item> {
    index: u64,
    item: Item,
    command: Result<BulkCommand, Error>,
    /// The attempts of its tries so far.
    attempts: u32,
}

/// An event that the driver waits for.
enum DriverEvent<S: Source> {
    /// The source returned an item, ended or failed.
    PullResult(PullResult<S>),
    /// A call ended, a wait is over, a slot became free, the consumer closed the results, or the
    /// caller aborted.
    Other,
}

struct Driver<'a, P: Platform, S: Source> {
    platform: &'a P,
    request: &'a Request,
    source: &'a S,
    results: &'a Results<S::Item, P::Json, S::Failure>,
    limits: Limits,
    scheduler: Scheduler,
    /// The commands, by slot.
    pending: Vec<Option<Pending<S::Item>>>,
    /// At most one per slot, so a list is sufficient.
    in_flight: Vec<Running<'a, (u32, CommandResult<P>)>>,
    /// Calls that have ended but are not reported to the scheduler yet.
    ended: VecDeque<(u32, CommandResult<P>)>,
    pull: Option<Running<'a, PullResult<S>>>,
    timer: Option<P::Timer>,
    abort: Option<P::Abort>,
    /// The number of commands pulled.
    count: u64,
    /// The source has ended or failed.
    is_exhausted: bool,
    failure: Option<S::Failure>,
}

impl<'a, P: Platform, S: Source> Driver<'a, P, S> {
    fn new(
        platform: &'a P,
        request: &'a Request,
        options: &BulkOptions,
        source: &'a S,
        results: &'a Results<S::Item, P::Json, S::Failure>,
    ) -> Self {
        let limits = Limits {
            concurrency: options.concurrency,
            per_second: options.per_second,
            max_retries: request.max_retries,
            stop_on_error: options.stop_on_error,
            has_custom_fetch: platform.has_custom_fetch(),
        };
        Self {
            platform,
            request,
            source,
            results,
            limits,
            scheduler: Scheduler::new(limits),
            pending: (0..limits.concurrency).map(|_| None).collect(),
            in_flight: Vec::new(),
            ended: VecDeque::new(),
            pull: None,
            timer: None,
            abort: Some(platform.abort()),
            count: 0,
            is_exhausted: false,
            failure: None,
        }
    }

    /// Runs until every command has ended.
    async fn run(&mut self) {
        loop {
            // Checked before anything is sent: a signal may have fired without an event.
            if self.platform.is_aborted() || self.results.is_closed() {
                self.scheduler.stop();
            }
            for slot in self.results.freed_slots() {
                self.scheduler.release(slot);
            }
            let action = self.scheduler.next(self.platform.now_ms());
            self.source
                .note_worst_case_summary(self.scheduler.worst_case_summary());
            self.timer = None;
            match action {
                Action::Pull => self.pull = Some(Box::pin(self.source.next())),
                Action::Send(slot) => self.send(slot),
                Action::Drop(slot) => self.finish_command(slot, Err(self.not_sent_error())),
                Action::Wait(ms) => {
                    // A longer timer would fire at once. One that fires too early is set again.
                    self.timer = Some(self.platform.sleep(ms.min(MAX_MILLISECONDS)));
                    self.wait_for_event().await;
                }
                Action::Idle => self.wait_for_event().await,
                Action::End => return,
            }
        }
    }

    /// Waits for the next event, and reports it to the scheduler.
    async fn wait_for_event(&mut self) {
        match poll_fn(|context| self.poll(context)).await {
            DriverEvent::PullResult(pulled) => self.on_pulled(pulled),
            DriverEvent::Other => {}
        }
        // All calls that have ended, before anything is sent: one of them may ask to slow down.
        while let Some((slot, result)) = self.ended.pop_front() {
            self.on_call_end(slot, result);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<DriverEvent<S>> {
        if let Some(abort) = &mut self.abort
            && Pin::new(abort).poll(context).is_ready()
        {
            self.abort = None;
            return Poll::Ready(DriverEvent::Other);
        }
        // Polls all calls, so that each new call starts before the end of another one is handled.
        let mut index = 0;
        while let Some(call) = self.in_flight.get_mut(index) {
            match call.as_mut().poll(context) {
                Poll::Pending => index += 1,
                Poll::Ready(ended) => {
                    drop(self.in_flight.swap_remove(index));
                    self.ended.push_back(ended);
                }
            }
        }
        if !self.ended.is_empty() {
            return Poll::Ready(DriverEvent::Other);
        }
        let knows_closed = self.scheduler.is_stopped();
        if self.results.poll_driver(context, knows_closed).is_ready() {
            return Poll::Ready(DriverEvent::Other);
        }
        if let Some(pull) = &mut self.pull
            && let Poll::Ready(pulled) = pull.as_mut().poll(context)
        {
            self.pull = None;
            return Poll::Ready(DriverEvent::PullResult(pulled));
        }
        match &mut self.timer {
            Some(timer) => Pin::new(timer).poll(context).map(|()| DriverEvent::Other),
            None => Poll::Pending,
        }
    }

    fn on_pulled(&mut self, pulled: PullResult<S>) {
        match pulled {
            Ok(Some(item)) => {
                let command = self.source.command(&item);
                let workflow = command.as_ref().ok().map(|of| of.workflow_id.clone());
                // An item that arrives after a stop is dropped.
                let slot = self.scheduler.pulled(workflow);
                let pending = slot.and_then(|slot| self.pending.get_mut(slot as usize));
                if let Some(pending) = pending {
                    *pending = Some(Pending {
                        index: self.count,
                        item,
                        command,
                        attempts: 0,
                    });
                    self.count += 1;
                }
            }
            Ok(None) => {
                self.is_exhausted = true;
                self.scheduler.source_ended();
            }
            Err(failure) => {
                self.is_exhausted = true;
                self.failure.get_or_insert(failure);
                self.scheduler.source_ended();
            }
        }
    }

    fn send(&mut self, slot: u32) {
        let Some(Some(pending)) = self.pending.get(slot as usize) else {
            return;
        };
        let command = pending.command.clone();
        let (platform, request) = (self.platform, self.request);
        self.in_flight.push(Box::pin(async move {
            (slot, send_one(platform, request, command).await)
        }));
    }

    /// Handles the end of a call: it is the result of the command, or the command is queued again.
    fn on_call_end(&mut self, slot: u32, result: CommandResult<P>) {
        let Some(Some(pending)) = self.pending.get_mut(slot as usize) else {
            return;
        };
        pending.attempts += match &result {
            Ok(receipt) => receipt.attempts,
            Err(error) => error.attempts,
        };
        let has_key = matches!(&pending.command, Ok(of) if of.idempotency_key.is_some());
        let ended = match &result {
            Ok(_) => SendResult::Accepted,
            Err(error) if has_key => SendResult::Failed(error.outcome),
            Err(error) => classify(&self.limits, error),
        };
        let (now_ms, random) = (self.platform.now_ms(), self.platform.random());
        if self.scheduler.ended(slot, ended, now_ms, random) {
            self.finish_command(slot, result);
        }
    }

    /// Delivers the result of a command.
    fn finish_command(&mut self, slot: u32, mut result: CommandResult<P>) {
        let pending = self.pending.get_mut(slot as usize);
        let Some(pending) = pending.and_then(Option::take) else {
            return;
        };
        match &mut result {
            Ok(receipt) => receipt.attempts = pending.attempts,
            Err(error) => error.attempts = pending.attempts,
        }
        let (index, item) = (pending.index, pending.item);
        let summary = self.scheduler.summary();
        let result = BulkResult {
            index,
            item,
            result,
        };
        self.results.push(slot, result, summary);
        if let Err(failure) = self.source.on_progress(summary) {
            self.failure.get_or_insert(failure);
            self.scheduler.stop();
        }
    }

    /// The error of a command that was still queued when the run stopped.
    fn not_sent_error(&self) -> Error {
        let message = match self.platform.is_aborted() {
            true => Code::Aborted.message(),
            false => "It was not sent, because an earlier command failed",
        };
        Error::not_sent(Code::Aborted, message)
    }

    async fn close_source(&mut self) -> Result<(), S::Failure> {
        if self.is_exhausted {
            return Ok(());
        }
        let mut closing = Box::pin(self.source.close());
        if self.pull.is_none() {
            return closing.await;
        }
        poll_fn(|context| {
            let _ = closing.as_mut().poll(context);
            Poll::Ready(Ok(()))
        })
        .await
    }
}

/// Makes one call for a command. The scheduler decides about retries, except for a command with a
/// key: only its own call knows whether an earlier attempt is in doubt.
async fn send_one<P: Platform>(
    platform: &P,
    request: &Request,
    command: Result<BulkCommand, Error>,
) -> CommandResult<P> {
    let BulkCommand {
        workflow_id,
        command,
        idempotency_key,
    } = command?;
    let request = Request {
        workflow_id,
        max_retries: match idempotency_key {
            Some(_) => request.max_retries,
            None => 0,
        },
        idempotency_key,
        ..request.clone()
    };
    send(platform, &request, command).await
}
