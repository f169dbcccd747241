//! An emulated workflow: its state, its queue of accepted commands, and its signals.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

use crate::command::Command;
use crate::options::{InvalidTransition, Options, SignalSetup, WorkflowSetup};
use crate::state::State;

/// The minimum time between two triggers of a signal: Adobe allows one every ten minutes.
const SIGNAL_WINDOW_MS: u64 = 10 * 60 * 1000;

/// A command that the workflow accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// The command.
    pub command: Command,
    /// Time of acceptance, in milliseconds.
    pub accepted_at: u64,
    /// Time of application, in milliseconds; `None`: still pending.
    pub applied_at: Option<u64>,
    /// The resulting state; `None`: still pending, or without effect because the state did not allow it when it was due.
    pub led_to: Option<State>,
    /// The log index of the request.
    pub request_index: u64,
    #[serde(skip)]
    applies_at: u64,
}

/// A command that is accepted and not applied yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingCommand {
    /// The command.
    pub command: Command,
    /// When it is due, in milliseconds.
    pub applies_at: u64,
}

/// A signal that was triggered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggeredSignal {
    /// The activity's name.
    pub name: String,
    /// Time of the trigger, in milliseconds.
    pub at: u64,
    /// The request's `source`.
    pub source: String,
    /// The request's parameters: strings, numbers, booleans.
    pub parameters: BTreeMap<String, Value>,
    /// The log index of the request.
    pub request_index: u64,
}

/// A workflow as the control API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowView<'a> {
    /// The id, such as `WKF101`.
    pub id: &'a str,
    /// The key that can be used instead of the id.
    pub pkey: &'a str,
    /// The display name.
    pub label: &'a str,
    /// The current state.
    pub state: State,
    /// The pending commands, in order.
    pub pending: Vec<PendingCommand>,
    /// All accepted commands, oldest first.
    pub executions: &'a VecDeque<Execution>,
    /// The commands that are allowed after all pending ones are applied.
    pub allowed: Vec<Command>,
    /// The triggered signals, oldest first.
    pub signals: &'a VecDeque<TriggeredSignal>,
}

/// Why a signal was not triggered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignalRefusal {
    NotRunning,
    TooSoon,
}

/// A workflow with its history.
#[derive(Clone, Debug)]
pub struct Workflow {
    id: String,
    pkey: String,
    label: String,
    signals: Vec<SignalSetup>,
    state: State,
    /// The last `pending_count` of these are pending.
    executions: VecDeque<Execution>,
    pending_count: usize,
    /// When the run finishes by itself; set only while started.
    finishes_at: Option<u64>,
    /// The remaining run time at the moment of the pause.
    run_left: Option<u64>,
    triggered: VecDeque<TriggeredSignal>,
    last_signal: BTreeMap<String, u64>,
    apply_delay_ms: u64,
    run_ms: Option<u64>,
    invalid_transition: InvalidTransition,
    history_limit: usize,
}

impl Workflow {
    pub(crate) fn new(setup: &WorkflowSetup, options: &Options) -> Self {
        Workflow {
            id: setup.id.clone(),
            pkey: setup.pkey.clone().unwrap_or_else(|| pkey_of(&setup.id)),
            label: setup.label.clone().unwrap_or_else(|| setup.id.clone()),
            signals: setup.signals.clone(),
            state: setup.state,
            executions: VecDeque::new(),
            pending_count: 0,
            finishes_at: None,
            run_left: None,
            triggered: VecDeque::new(),
            last_signal: BTreeMap::new(),
            apply_delay_ms: options.apply_delay_ms,
            run_ms: options.run_ms,
            invalid_transition: options.invalid_transition,
            history_limit: options.history_limit,
        }
    }

    /// The id, such as `WKF101`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key that can be used instead of the id.
    pub fn pkey(&self) -> &str {
        &self.pkey
    }

    /// The display name.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The state at the campaign's current time, before pending commands.
    pub fn state(&self) -> State {
        self.state
    }

    /// All accepted commands including pending ones, oldest first.
    pub fn executions(&self) -> impl Iterator<Item = &Execution> {
        self.executions.iter()
    }

    /// The pending commands, in order.
    pub fn pending(&self) -> Vec<PendingCommand> {
        self.queue()
            .map(|execution| PendingCommand {
                command: execution.command,
                applies_at: execution.applies_at,
            })
            .collect()
    }

    /// How often this command was accepted.
    pub fn times_executed(&self, command: Command) -> usize {
        self.executions
            .iter()
            .filter(|execution| execution.command == command)
            .count()
    }

    /// The state after all pending commands: a new command must be allowed in it.
    pub fn expected_state(&self) -> State {
        self.queue().fold(self.state, |state, execution| {
            state.after(execution.command).unwrap_or(state)
        })
    }

    /// The triggered signals, oldest first.
    pub fn triggered(&self) -> impl Iterator<Item = &TriggeredSignal> {
        self.triggered.iter()
    }

    /// A serializable view of the workflow.
    pub fn view(&self) -> WorkflowView<'_> {
        WorkflowView {
            id: &self.id,
            pkey: &self.pkey,
            label: &self.label,
            state: self.state,
            pending: self.pending(),
            executions: &self.executions,
            allowed: self.expected_state().allowed(),
            signals: &self.triggered,
        }
    }

    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.id == key || self.pkey == key
    }

    pub(crate) fn signals(&self) -> &[SignalSetup] {
        &self.signals
    }

    /// The key of a signal activity, used in the trigger's URL.
    pub(crate) fn signal_pkey(&self, signal: &SignalSetup) -> String {
        pkey_of(&format!("{}/{}", self.pkey, signal.name))
    }

    /// The name of the signal with this key.
    pub(crate) fn signal_name(&self, pkey: &str) -> Option<String> {
        let signal = self
            .signals
            .iter()
            .find(|signal| self.signal_pkey(signal) == pkey)?;
        Some(signal.name.clone())
    }

    /// Begins the run of a workflow that was set up as started.
    pub(crate) fn begin_run(&mut self, now: u64) {
        if self.state == State::Started {
            self.finishes_at = self.run_ms.map(|ms| now.saturating_add(ms));
        }
    }

    /// Whether the workflow accepts this command now.
    pub(crate) fn accepts(&self, command: Command) -> bool {
        match self.invalid_transition {
            InvalidTransition::Accept => true,
            InvalidTransition::Refuse => self.expected_state().after(command).is_some(),
        }
    }

    /// Queues a command, whether or not the state allows it.
    pub(crate) fn enqueue(&mut self, command: Command, now: u64, request_index: u64) {
        // Every command has the same delay and time never runs backwards, so the queue stays in order.
        let applies_at = now.saturating_add(self.apply_delay_ms);
        self.executions.push_back(Execution {
            command,
            accepted_at: now,
            applied_at: None,
            led_to: None,
            request_index,
            applies_at,
        });
        self.pending_count += 1;
        while self.executions.len() > self.history_limit.max(self.pending_count) {
            self.executions.pop_front();
        }
        self.advance_to(now);
    }

    /// Triggers a signal, or returns why it is refused. With `should_execute` false it only checks.
    pub(crate) fn trigger(
        &mut self,
        name: &str,
        source: String,
        parameters: BTreeMap<String, Value>,
        (now, request_index): (u64, u64),
        should_execute: bool,
    ) -> Result<(), SignalRefusal> {
        if self.state != State::Started {
            return Err(SignalRefusal::NotRunning);
        }
        if self
            .last_signal
            .get(name)
            .is_some_and(|last| now < last.saturating_add(SIGNAL_WINDOW_MS))
        {
            return Err(SignalRefusal::TooSoon);
        }
        if should_execute {
            self.last_signal.insert(name.to_owned(), now);
            self.triggered.push_back(TriggeredSignal {
                name: name.to_owned(),
                at: now,
                source,
                parameters,
                request_index,
            });
            if self.triggered.len() > self.history_limit {
                self.triggered.pop_front();
            }
        }
        Ok(())
    }

    /// Applies what is due, each item at its own time, so the number of calls does not matter.
    /// If a command and the end of the run fall together, the command comes first.
    pub(crate) fn advance_to(&mut self, now: u64) {
        loop {
            let command_at = self.queue().next().map(|execution| execution.applies_at);
            match (command_at, self.finishes_at) {
                (Some(at), end) if at <= now && end.is_none_or(|end| at <= end) => {
                    self.apply_next(at)
                }
                (_, Some(end)) if end <= now => self.enter(State::Finished, end),
                _ => return,
            }
        }
    }

    fn apply_next(&mut self, at: u64) {
        let state = self.state;
        let first_pending = self.executions.len().saturating_sub(self.pending_count);
        let Some(execution) = self.executions.get_mut(first_pending) else {
            return;
        };
        let next = state.after(execution.command);
        execution.applied_at = Some(at);
        execution.led_to = next;
        self.pending_count -= 1;
        if let Some(next) = next {
            self.enter(next, at);
        }
    }

    fn enter(&mut self, next: State, at: u64) {
        let previous = std::mem::replace(&mut self.state, next);
        match next {
            State::Started => {
                let run = if previous == State::Paused {
                    self.run_left.take().or(self.run_ms)
                } else {
                    self.run_ms
                };
                self.finishes_at = run.map(|ms| at.saturating_add(ms));
            }
            State::Paused => {
                self.run_left = self.finishes_at.take().map(|end| end.saturating_sub(at))
            }
            State::Editing | State::Finished | State::Erroneous => self.finishes_at = None,
        }
    }

    fn queue(&self) -> impl Iterator<Item = &Execution> {
        self.executions
            .iter()
            .skip(self.executions.len().saturating_sub(self.pending_count))
    }
}

/// A key in the documented format ("@" and base64url), derived from the text.
fn pkey_of(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // FNV-1a, continued after the text so that its last letters affect every character of the key.
    const WARM_UP: usize = 8;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut mix = |byte: u8| {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        hash
    };
    text.bytes().for_each(|byte| {
        mix(byte);
    });
    let digits = (0..=255u8).map(|round| {
        let digit = (mix(round) >> 32) as usize % ALPHABET.len();
        char::from(ALPHABET.get(digit).copied().unwrap_or(b'A'))
    });
    std::iter::once('@')
        .chain(digits.skip(WARM_UP).take(22))
        .collect()
}
