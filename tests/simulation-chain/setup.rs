//! The random setup of one schedule: the gateway, the faults and the calls.

use campaign_workflow::{AccessToken, Command, Request};

use crate::campaign::{ORGANIZATION, workflow_id};
use crate::chance::Chance;

pub const GATEWAY: &str = "https://gateway.example";
pub const BASE_PATH: &str = "/api";

pub const COMMANDS: [Command; 4] = [
    Command::Start,
    Command::Pause,
    Command::Resume,
    Command::Stop,
];

#[derive(Debug)]
pub struct Setup {
    /// Faults between page and gateway.
    pub is_front_faulty: bool,
    /// Faults between gateway and Campaign, and in Campaign.
    pub is_back_faulty: bool,
    pub is_token_server_faulty: bool,
    /// Whether the gateway requests tokens itself; otherwise it has a fixed one.
    pub has_credentials: bool,
    /// Whether the runtime ends a request when its caller disconnects.
    pub ends_with_caller: bool,
    /// Whether `authorize` is slow and sometimes fails.
    pub is_authorize_faulty: bool,
    /// Whether the gateway has an allow-list, which leaves out the last workflow.
    pub has_list: bool,
    /// The settings of the workflows' objects; `None`: the gateway sends commands itself.
    pub object: Option<ObjectSetup>,
    pub calls: Vec<Call>,
    pub queued: Vec<QueuedCommand>,
    pub workflows: usize,
}

/// The settings of the objects that send commands.
#[derive(Clone, Debug)]
pub struct ObjectSetup {
    /// How long a command waits for the mutex.
    pub wait_ms: u32,
    pub max_tries: u32,
    pub retry_ms: u64,
    pub max_waiting: u32,
    pub is_disk_slow: bool,
    pub fails_flushes: bool,
    pub refuses_writes: bool,
    pub is_lost_at_times: bool,
    /// Whether the objects' wall clocks jump.
    pub clock_jumps: bool,
    /// When all faults of disks and objects end.
    pub faults_until: u64,
}

/// A queued command. No other caller sends the same command to its workflow.
#[derive(Debug)]
pub struct QueuedCommand {
    pub workflow: usize,
    pub command: Command,
    pub delay_ms: u64,
    /// When it is sent to its object, which can be several times.
    pub enqueued_at: Vec<u64>,
    /// When it is cancelled.
    pub cancelled_at: Option<u64>,
    /// When it is looked up.
    pub looked_up_at: Vec<u64>,
    /// When an operator sends it again, if it is dead and was not executed.
    pub sent_again_at: Vec<u64>,
}

/// The caller, as the page's access token names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Operator,
    /// May read.
    Viewer,
    Nobody,
}

/// A call of the page. Each call has its own workflows, so that Campaign's log shows what the call executed.
#[derive(Debug)]
pub struct Call {
    pub role: Role,
    pub action: UserAction,
    pub request: Request,
    /// Its first workflow.
    pub workflow: usize,
    pub begins_at: u64,
    /// When it is aborted, after its beginning.
    pub abort_after: Option<u64>,
}

#[derive(Debug)]
pub enum UserAction {
    Command(Command),
    /// A command that is confirmed by the state to which it leads.
    Confirmed {
        command: Command,
        interval_ms: u32,
        timeout_ms: u32,
    },
    Read,
    WaitFor {
        state: &'static str,
        interval_ms: u32,
        timeout_ms: u32,
        /// How long the caller's predicate takes.
        predicate_ms: u32,
    },
    Signal,
    Many {
        /// The commands, each with the index of its workflow within the call.
        commands: Vec<(usize, Command)>,
        concurrency: u32,
        per_second: f64,
        stop_on_error: bool,
        /// How long the consumer takes for each result.
        pause_ms: u32,
        /// The consumer leaves after this number of results.
        leaves_after: Option<usize>,
        /// Whether each command has a key.
        has_keys: bool,
    },
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Operator, Self::Viewer, Self::Nobody];

    /// The token that the page sends to the gateway.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Operator => "page-token-operator",
            Self::Viewer => "page-token-viewer",
            Self::Nobody => "page-token-nobody",
        }
    }

    pub fn of(authorization: Option<&str>) -> Self {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let known = Self::ALL
            .into_iter()
            .find(|role| Some(role.token()) == token);
        known.unwrap_or(Self::Nobody)
    }

    pub const fn may(self, is_reading: bool) -> bool {
        match self {
            Self::Operator => true,
            Self::Viewer => is_reading,
            Self::Nobody => false,
        }
    }
}

impl UserAction {
    pub const fn workflows(&self) -> usize {
        match self {
            Self::Many { .. } => 3,
            _ => 1,
        }
    }

    /// The command, if it is one. Other calls may send other commands to its workflow.
    pub const fn command(&self) -> Option<Command> {
        match self {
            Self::Command(command) | Self::Confirmed { command, .. } => Some(*command),
            _ => None,
        }
    }

    /// Whether it executes nothing.
    pub const fn is_reading(&self) -> bool {
        matches!(self, Self::Read | Self::WaitFor { .. })
    }
}

impl Setup {
    pub fn new(chance: &mut Chance) -> Self {
        let mut workflows = 0;
        let mut calls = Vec::new();
        for _ in 0..1 + chance.below(4) {
            let call = Call::new(workflows, chance);
            workflows += call.action.workflows();
            calls.push(call);
        }
        let is_calm = chance.one_in(6);
        let object = chance.one_in(2).then(|| ObjectSetup::new(is_calm, chance));
        let mut queued = Vec::new();
        if object.is_some() {
            for call in &mut calls {
                call.add_key(chance);
            }
            if chance.one_in(2) {
                add_contending_calls(workflows, &mut calls, &mut queued, chance);
                workflows += 1;
            }
        }
        let mut is_faulty = || !is_calm && !chance.one_in(3);
        let (is_front_faulty, is_back_faulty) = (is_faulty(), is_faulty());
        let (is_token_server_faulty, is_authorize_faulty) = (is_faulty(), is_faulty());
        Self {
            is_front_faulty,
            is_back_faulty,
            is_token_server_faulty,
            has_credentials: chance.one_in(2),
            ends_with_caller: chance.one_in(3),
            is_authorize_faulty,
            has_list: chance.one_in(4),
            object,
            calls,
            queued,
            workflows,
        }
    }

    /// Whether the gateway's allow-list has this workflow.
    pub fn is_listed(&self, workflow: usize) -> bool {
        !self.has_list || workflow + 1 < self.workflows
    }
}

impl ObjectSetup {
    fn new(is_calm: bool, chance: &mut Chance) -> Self {
        let mut is_faulty = || !is_calm && chance.one_in(2);
        let (is_disk_slow, fails_flushes) = (is_faulty(), is_faulty());
        let (refuses_writes, is_lost_at_times) = (is_faulty() && is_faulty(), is_faulty());
        let clock_jumps = is_faulty();
        Self {
            wait_ms: chance.any_of(&[0, 3000, 12_000, 12_000]),
            max_tries: chance.any_of(&[2, 5, 40]),
            retry_ms: chance.any_of(&[1, 5000]),
            max_waiting: chance.any_of(&[1, 2, 1000, 1000]),
            is_disk_slow,
            fails_flushes,
            refuses_writes,
            is_lost_at_times,
            clock_jumps,
            faults_until: chance.any_of(&[5000, 60_000, 600_000]),
        }
    }
}

/// Adds callers who send different commands to one workflow at about the same time, directly or through the queue.
fn add_contending_calls(
    workflow: usize,
    calls: &mut Vec<Call>,
    queued: &mut Vec<QueuedCommand>,
    chance: &mut Chance,
) {
    let begins_at = chance.any_of(&[0, 100, 3000]);
    for command in COMMANDS {
        let at = begins_at + chance.below(3) * chance.below(400);
        match chance.below(5) {
            0 => {}
            1..=2 => {
                let mut call = Call::new(workflow, chance);
                call.role = Role::Operator;
                call.request.access_token = AccessToken::Fixed(String::from(call.role.token()));
                call.action = UserAction::Command(command);
                call.begins_at = at;
                call.add_key(chance);
                calls.push(call);
            }
            _ => queued.push(QueuedCommand::new(workflow, command, at, chance)),
        }
    }
}

impl QueuedCommand {
    fn new(workflow: usize, command: Command, at: u64, chance: &mut Chance) -> Self {
        let delay_ms = chance.any_of(&[0, 0, 1000, 8000, 3_600_000]);
        let mut soon = |most: u64| at + chance.below(most);
        let again = [at, soon(300), soon(20_000)];
        let looked_up_at = vec![soon(1000), soon(30_000), soon(30_000)];
        let cancelled_at = soon(10_000);
        let evening = soon(10 * 3_600_000);
        // Two operators may see the same list.
        let together = evening + soon(100) - at;
        let sent_again_at = [soon(60_000), evening, together];
        Self {
            workflow,
            command,
            delay_ms,
            enqueued_at: again[..1 + chance.index(3)].to_vec(),
            cancelled_at: chance.one_in(4).then_some(cancelled_at),
            looked_up_at,
            sent_again_at: sent_again_at[..chance.index(4)].to_vec(),
        }
    }
}

impl Call {
    /// With a writer, a caller may give a command a key, so that it can be repeated.
    fn add_key(&mut self, chance: &mut Chance) {
        match &mut self.action {
            UserAction::Many { has_keys, .. } => *has_keys = chance.one_in(2),
            action if action.command().is_some() && chance.below(4) > 0 => {
                let word = action.command().map_or("", Command::as_str);
                self.request.idempotency_key = Some(format!("{word}-of-{}", self.workflow));
            }
            _ => {}
        }
    }

    fn new(workflow: usize, chance: &mut Chance) -> Self {
        let role = match chance.below(8) {
            0 => Role::Viewer,
            1 => Role::Nobody,
            _ => Role::Operator,
        };
        let action = UserAction::new(chance);
        let is_patient = chance.one_in(2);
        Self {
            role,
            request: Request {
                access_token: AccessToken::Fixed(String::from(role.token())),
                base_url: Some([GATEWAY, BASE_PATH].concat()),
                timeout_ms: if is_patient {
                    60_000
                } else {
                    chance.any_of(&[500, 5000, 30_000])
                },
                attempt_timeout_ms: match chance.below(3) {
                    0 => Some(chance.any_of(&[300, 3000, 10_000])),
                    _ => None,
                },
                max_retries: chance.below(4) as u32,
                ..Request::new(ORGANIZATION, workflow_id(workflow))
            },
            workflow,
            action,
            begins_at: chance.any_of(&[0, 0, 100, 3000, 400_000]),
            abort_after: chance
                .one_in(5)
                .then(|| chance.any_of(&[0, 100, 1000, 20_000])),
        }
    }
}

impl UserAction {
    fn new(chance: &mut Chance) -> Self {
        let command = chance.any_of(&COMMANDS);
        let interval_ms = chance.any_of(&[50, 2000, 20_000]);
        let timeout_ms = chance.any_of(&[1000, 30_000, 300_000]);
        match chance.below(8) {
            0..=1 => Self::Command(command),
            2..=3 => Self::Confirmed {
                command,
                interval_ms,
                timeout_ms,
            },
            4 => Self::Read,
            5 => Self::WaitFor {
                state: chance.any_of(&["Started", "Paused"]),
                interval_ms,
                timeout_ms,
                predicate_ms: chance.any_of(&[0, 0, 10, 100_000]),
            },
            6 => Self::Signal,
            _ => Self::many(chance),
        }
    }

    fn many(chance: &mut Chance) -> Self {
        let mut commands = Vec::new();
        for command in COMMANDS {
            for workflow in 0..3 {
                if chance.one_in(2) {
                    commands.push((workflow, command));
                }
            }
        }
        Self::Many {
            commands,
            concurrency: chance.any_of(&[1, 2, 5]),
            per_second: chance.any_of(&[0.0, 0.0, 2.0]),
            stop_on_error: chance.one_in(5),
            pause_ms: chance.any_of(&[0, 0, 700]),
            leaves_after: chance.one_in(6).then(|| chance.index(4)),
            has_keys: false,
        }
    }
}
