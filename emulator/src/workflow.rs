//! One workflow: a state, and commands that are accepted now and applied later.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

use crate::command::Command;
use crate::options::{Misfit, Options, SignalSetup, WorkflowSetup};
use crate::state::State;

/// How long a signal stays deaf after it was triggered: Adobe allows one every ten minutes.
const SIGNAL_WINDOW_MS: u64 = 10 * 60 * 1000;

/// A command that a workflow has taken into its queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// The command.
    pub command: Command,
    /// When it was accepted, in milliseconds.
    pub accepted_at: u64,
    /// When it was applied, in milliseconds; `None`: it still waits.
    pub applied_at: Option<u64>,
    /// The state that it brought about; `None`: it still waits, or it did not fit when it was due and came to nothing.
    pub led_to: Option<State>,
    /// The index in the log of the request that ordered it.
    pub request_index: u64,
    #[serde(skip)]
    applies_at: u64,
}

/// A command that waits to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingCommand {
    /// The command.
    pub command: Command,
    /// When it will be applied, in milliseconds.
    pub applies_at: u64,
}

/// A signal that was triggered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggeredSignal {
    /// The activity's name.
    pub name: String,
    /// When, in milliseconds.
    pub at: u64,
    /// What the request gave as `source`.
    pub source: String,
    /// The parameters that came with it: strings, numbers, booleans.
    pub parameters: BTreeMap<String, Value>,
    /// The index in the log of the request.
    pub request_index: u64,
}

/// Everything about a workflow, as the control surface shows it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowView<'a> {
    /// The id, such as `WKF101`.
    pub id: &'a str,
    /// The key that can stand in for the id.
    pub pkey: &'a str,
    /// The name for people.
    pub label: &'a str,
    /// The state now.
    pub state: State,
    /// What waits, in its order.
    pub pending: Vec<PendingCommand>,
    /// Every command taken, the oldest first.
    pub executions: &'a VecDeque<Execution>,
    /// The commands that fit once all that waits is applied.
    pub allowed: Vec<Command>,
    /// The signals triggered, the oldest first.
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
    /// The last `waiting` of these are pending.
    executions: VecDeque<Execution>,
    waiting: usize,
    /// When the run ends by itself. Only while started.
    finishes_at: Option<u64>,
    /// How much of the run was left when it was paused.
    run_left: Option<u64>,
    triggered: VecDeque<TriggeredSignal>,
    last_signal: BTreeMap<String, u64>,
    apply_delay_ms: u64,
    run_ms: Option<u64>,
    misfit: Misfit,
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
            waiting: 0,
            finishes_at: None,
            run_left: None,
            triggered: VecDeque::new(),
            last_signal: BTreeMap::new(),
            apply_delay_ms: options.apply_delay_ms,
            run_ms: options.run_ms,
            misfit: options.misfit,
            history_limit: options.history_limit,
        }
    }

    /// The id, such as `WKF101`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key that can stand in for the id.
    pub fn pkey(&self) -> &str {
        &self.pkey
    }

    /// The name for people.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The state at the last moment that the campaign was told of. What is pending has no part in it.
    pub fn state(&self) -> State {
        self.state
    }

    /// Every command taken into the queue, the oldest first, the pending ones too.
    pub fn executions(&self) -> impl Iterator<Item = &Execution> {
        self.executions.iter()
    }

    /// The commands that wait, in their order.
    pub fn pending(&self) -> Vec<PendingCommand> {
        self.queue()
            .map(|execution| PendingCommand {
                command: execution.command,
                applies_at: execution.applies_at,
            })
            .collect()
    }

    /// How often this command was taken into the queue.
    pub fn times_executed(&self, command: Command) -> usize {
        self.executions
            .iter()
            .filter(|execution| execution.command == command)
            .count()
    }

    /// The state once all that waits is applied: what a new command has to fit.
    pub fn expected_state(&self) -> State {
        self.queue().fold(self.state, |state, execution| {
            state.after(execution.command).unwrap_or(state)
        })
    }

    /// The signals that were triggered, the oldest first.
    pub fn triggered(&self) -> impl Iterator<Item = &TriggeredSignal> {
        self.triggered.iter()
    }

    /// Everything at once, to be serialized.
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

    pub(crate) fn answers_to(&self, key: &str) -> bool {
        self.id == key || self.pkey == key
    }

    pub(crate) fn signals(&self) -> &[SignalSetup] {
        &self.signals
    }

    /// The key of a signal activity, as the trigger's address names it.
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

    /// The run of a workflow that was set up as started begins when the clock is first seen.
    pub(crate) fn begin(&mut self, now: u64) {
        if self.state == State::Started {
            self.finishes_at = self.run_ms.map(|ms| now.saturating_add(ms));
        }
    }

    /// Whether a command would be taken into the queue now.
    pub(crate) fn would_take(&self, command: Command) -> bool {
        match self.misfit {
            Misfit::Accept => true,
            Misfit::Refuse => self.expected_state().after(command).is_some(),
        }
    }

    /// Takes a command into the queue, without asking whether it fits.
    pub(crate) fn take(&mut self, command: Command, now: u64, request_index: u64) {
        // The delay is the same for all and time does not run backwards, so the queue is in order by itself.
        let applies_at = now.saturating_add(self.apply_delay_ms);
        self.executions.push_back(Execution {
            command,
            accepted_at: now,
            applied_at: None,
            led_to: None,
            request_index,
            applies_at,
        });
        self.waiting += 1;
        while self.executions.len() > self.history_limit.max(self.waiting) {
            self.executions.pop_front();
        }
        self.advance_to(now);
    }

    /// Triggers a signal, or says why not. Only a trigger that is `meant` changes anything.
    pub(crate) fn trigger(
        &mut self,
        name: &str,
        source: String,
        parameters: BTreeMap<String, Value>,
        (now, request_index): (u64, u64),
        meant: bool,
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
        if meant {
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

    /// Applies what is due by then, each at its own time, so that it does not matter how often this is called.
    /// Where a command and the end of the run fall together, the command comes first.
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
        let first_waiting = self.executions.len().saturating_sub(self.waiting);
        let Some(execution) = self.executions.get_mut(first_waiting) else {
            return;
        };
        let next = state.after(execution.command);
        execution.applied_at = Some(at);
        execution.led_to = next;
        self.waiting -= 1;
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
            .skip(self.executions.len().saturating_sub(self.waiting))
    }
}

/// A key of the documented look ("@" and base64url), always the same for the same text.
fn pkey_of(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // FNV-1a, carried on after the text so that its last letters reach every digit of the key.
    const SETTLING: usize = 8;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut mix = |byte: u8| {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        hash
    };
    text.bytes().for_each(|byte| {
        mix(byte);
    });
    let digits = (0..=255u8).map(|turn| {
        let digit = (mix(turn) >> 32) as usize % ALPHABET.len();
        char::from(ALPHABET.get(digit).copied().unwrap_or(b'A'))
    });
    std::iter::once('@')
        .chain(digits.skip(SETTLING).take(22))
        .collect()
}
