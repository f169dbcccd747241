//! Does what the machine of many commands decides: pulls, sends, waits, and hands over the results.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::machine::{Action, Ended, Limits, Machine, failed};
use super::{BulkCommand, BulkOptions, BulkResult, Results, SendAllError, Source};
use crate::call::{Receipt, send};
use crate::error::{Code, Error};
use crate::platform::Platform;
use crate::request::Request;

/// Sends the commands of a source, each as [`send`] does, and puts how each ended into `results`,
/// from which they are taken while this runs. `request` is what all commands have in common, with
/// the times for each try of one command; its workflow and its key count for nothing.
///
/// - Nothing is pulled that could not be sent, and a command whose result is not taken keeps its
///   place.
/// - The next command of a workflow is sent once the one before has ended, however it ended.
/// - After 429, after 503 with `Retry-After` and after a connection that was never made nothing is
///   sent until one shared back-off is over, then fewer at once. Such a command is sent again up to
///   `max_retries` times.
/// - A command that fails does not stop the rest, unless [`BulkOptions::stop_on_error`]. An element
///   that is no command ends with the error that [`Source::command`] gives.
/// - An abort stops it: nothing more is pulled, what is held ends as [`Code::Aborted`], what is in
///   flight is aborted, and each has its result.
/// - [`Results::leave`] stops it without aborting what is in flight.
/// - A source that fails ends it, after what was pulled before it has ended.
///
/// It returns once every command has ended and the source is left, even if nobody takes the results
/// any more.
pub async fn send_all<P: Platform, S: Source>(
    platform: &P,
    request: &Request,
    options: &BulkOptions,
    source: &S,
    results: &Results<S::Item, P::Json, S::Failure>,
) {
    // Nobody waits for ever if this future is dropped.
    let _end = CloseOnDrop(results);
    if let Err(error) = check(platform, request, options) {
        return results.close(Some(SendAllError::Refused(Box::new(error))));
    }
    let mut driver = Driver::new(platform, request, options, source, results);
    driver.run().await;
    results.finish();
    let left = driver.leave_source().await;
    let failure = driver.failure.take().filter(|_| !results.is_left());
    results.close(left.err().or(failure).map(SendAllError::Source));
}

/// Checks everything that is the same for all commands, as [`send_all`] does.
///
/// # Errors
///
/// [`Code::InvalidArgument`], naming what is wrong.
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

struct CloseOnDrop<'a, Item, Json, Failure>(&'a Results<Item, Json, Failure>);

impl<Item, Json, Failure> Drop for CloseOnDrop<'_, Item, Json, Failure> {
    fn drop(&mut self) {
        self.0.close(None);
    }
}

type Running<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

type Sent<P> = Result<Receipt<<P as Platform>::Json>, Error>;

type Pulled<S> = Result<Option<<S as Source>::Item>, <S as Source>::Failure>;

/// A command that is held or in flight.
struct Pending<Item> {
    index: u64,
    item: Item,
    command: Result<BulkCommand, Error>,
    /// The requests of the tries so far.
    attempts: u32,
}

/// What the driver waits for.
enum Happening<S: Source> {
    /// The source gave an element, or has ended.
    Pulled(Pulled<S>),
    /// Calls ended, the time to wait is over, a place became free, or the consumer or the caller
    /// ended it.
    Other,
}

struct Driver<'a, P: Platform, S: Source> {
    platform: &'a P,
    request: &'a Request,
    source: &'a S,
    results: &'a Results<S::Item, P::Json, S::Failure>,
    limits: Limits,
    machine: Machine,
    /// By their place.
    pending: Vec<Option<Pending<S::Item>>>,
    /// At most as many as there are places, so that a list of all does.
    in_flight: Vec<Running<'a, (u32, Sent<P>)>>,
    /// Calls that have ended but have not been reported to the machine yet.
    ended: VecDeque<(u32, Sent<P>)>,
    pull: Option<Running<'a, Pulled<S>>>,
    timer: Option<P::Timer>,
    abort: Option<P::Abort>,
    /// How many were pulled.
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
            machine: Machine::new(limits),
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
            // Before anything is sent: a signal that cannot be waited for may have fired as well.
            if self.platform.is_aborted() || self.results.is_left() {
                self.machine.stop();
            }
            for place in self.results.freed() {
                self.machine.taken(place);
            }
            let action = self.machine.next(self.platform.now_ms());
            self.source
                .note_summary_if_lost(self.machine.summary_if_lost());
            self.timer = None;
            match action {
                Action::Pull => self.pull = Some(Box::pin(self.source.next())),
                Action::Send(place) => self.send(place),
                Action::Drop(place) => self.put(place, Err(self.not_sent())),
                Action::Wait(ms) => {
                    // A timer above this would fire at once; one that fires too soon is set again.
                    self.timer = Some(self.platform.sleep(ms.min(i32::MAX as u32)));
                    self.happening().await;
                }
                Action::Idle => self.happening().await,
                Action::End => return,
            }
        }
    }

    /// Waits until something happens, and tells the machine.
    async fn happening(&mut self) {
        match poll_fn(|context| self.poll(context)).await {
            Happening::Pulled(pulled) => self.pulled(pulled),
            Happening::Other => {}
        }
        // All that have ended by now, before anything is sent: one of them may ask for peace.
        while let Some((place, sent)) = self.ended.pop_front() {
            self.sent(place, sent);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happening<S>> {
        if let Some(abort) = &mut self.abort
            && Pin::new(abort).poll(context).is_ready()
        {
            self.abort = None;
            return Poll::Ready(Happening::Other);
        }
        // All of them, so that each new call has begun before the end of another is acted upon.
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
            return Poll::Ready(Happening::Other);
        }
        let knows_left = self.machine.is_stopped();
        if self.results.poll_driver(context, knows_left).is_ready() {
            return Poll::Ready(Happening::Other);
        }
        if let Some(pull) = &mut self.pull
            && let Poll::Ready(pulled) = pull.as_mut().poll(context)
        {
            self.pull = None;
            return Poll::Ready(Happening::Pulled(pulled));
        }
        match &mut self.timer {
            Some(timer) => Pin::new(timer).poll(context).map(|()| Happening::Other),
            None => Poll::Pending,
        }
    }

    fn pulled(&mut self, pulled: Pulled<S>) {
        match pulled {
            Ok(Some(item)) => {
                let command = self.source.command(&item);
                let workflow = command.as_ref().ok().map(|of| of.workflow_id.clone());
                // One that comes too late is dropped.
                let place = self.machine.pulled(workflow);
                let slot = place.and_then(|place| self.pending.get_mut(place as usize));
                if let Some(slot) = slot {
                    *slot = Some(Pending {
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
                self.machine.no_more();
            }
            Err(failure) => {
                self.is_exhausted = true;
                self.failure.get_or_insert(failure);
                self.machine.no_more();
            }
        }
    }

    fn send(&mut self, place: u32) {
        let Some(Some(pending)) = self.pending.get(place as usize) else {
            return;
        };
        let command = pending.command.clone();
        let (platform, request) = (self.platform, self.request);
        self.in_flight.push(Box::pin(async move {
            (place, send_one(platform, request, command).await)
        }));
    }

    /// A call has ended: either that is the result of its command, or it will be sent again.
    fn sent(&mut self, place: u32, sent: Sent<P>) {
        let Some(Some(pending)) = self.pending.get_mut(place as usize) else {
            return;
        };
        pending.attempts += match &sent {
            Ok(receipt) => receipt.attempts,
            Err(error) => error.attempts,
        };
        let has_key = matches!(&pending.command, Ok(of) if of.idempotency_key.is_some());
        let ended = match &sent {
            Ok(_) => Ended::Accepted,
            Err(error) if has_key => Ended::Failed(error.outcome),
            Err(error) => failed(&self.limits, error),
        };
        let (now_ms, chance) = (self.platform.now_ms(), self.platform.random());
        if self.machine.ended(place, ended, now_ms, chance) {
            self.put(place, sent);
        }
    }

    /// A command has ended.
    fn put(&mut self, place: u32, mut result: Sent<P>) {
        let slot = self.pending.get_mut(place as usize);
        let Some(pending) = slot.and_then(Option::take) else {
            return;
        };
        match &mut result {
            Ok(receipt) => receipt.attempts = pending.attempts,
            Err(error) => error.attempts = pending.attempts,
        }
        let (index, item) = (pending.index, pending.item);
        let summary = self.machine.summary();
        let result = BulkResult {
            index,
            item,
            result,
        };
        self.results.put(place, result, summary);
        if let Err(failure) = self.source.on_progress(summary) {
            self.failure.get_or_insert(failure);
            self.machine.stop();
        }
    }

    /// The error of a command that was held when it all stopped.
    fn not_sent(&self) -> Error {
        let message = match self.platform.is_aborted() {
            true => Code::Aborted.message(),
            false => "It was not sent, because an earlier command failed",
        };
        Error::unsent(Code::Aborted, message)
    }

    async fn leave_source(&mut self) -> Result<(), S::Failure> {
        if self.is_exhausted {
            return Ok(());
        }
        let mut leaving = Box::pin(self.source.leave());
        if self.pull.is_none() {
            return leaving.await;
        }
        poll_fn(|context| {
            let _ = leaving.as_mut().poll(context);
            Poll::Ready(Ok(()))
        })
        .await
    }
}

/// Sends one command once. Whether it is sent again is decided for all of them together; but with a
/// key, only its own call knows what is in doubt.
async fn send_one<P: Platform>(
    platform: &P,
    request: &Request,
    command: Result<BulkCommand, Error>,
) -> Sent<P> {
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
