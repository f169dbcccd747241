//! What is settled before a call begins: what the caller asks for, and what Campaign is like.

use campaign_emulator::{Dialect, Misfit, Options, State, WorkflowSetup};
use campaign_workflow::exchange::Plan;

use crate::chance::Chance;

pub const ORGANIZATION: &str = "acme-mkt-stage";
const WORKFLOW: &str = "WKF42";

/// The caller's side.
#[derive(Clone, Debug)]
pub struct Setup {
    pub plan: Plan,
    pub command: &'static str,
    pub organization: String,
    pub workflow: String,
    /// The token that is given, or that the token function gives first.
    pub token: String,
    pub api_key: String,
    /// A further header that holds a secret.
    pub header: Option<String>,
    /// When the signal fires, in milliseconds after the call began; 0: before it.
    pub abort_at: Option<u64>,
    /// When the wall clock is set to another time, and by how much.
    pub jumps: Vec<(u64, i64)>,
    /// The runtime shows a redirect only as "opaque".
    pub hides_redirects: bool,
}

const TIMES: [u32; 10] = [
    1,
    2,
    50,
    400,
    1000,
    2500,
    10_000,
    30_000,
    120_000,
    2_147_483_647,
];

impl Setup {
    pub fn of(chance: &mut Chance) -> Self {
        let usual = !chance.one_in(3);
        let time = |chance: &mut Chance, usual: u32| match chance.below(8) {
            0..=1 => 1 + chance.below(40_000) as u32,
            2..=3 => chance.any_of(&TIMES),
            _ => usual,
        };
        let timeout_ms = if usual { 30_000 } else { time(chance, 30_000) };
        let plan = Plan {
            timeout_ms,
            attempt_timeout_ms: if usual { 10_000 } else { time(chance, 10_000) },
            max_retries: if usual { 2 } else { chance.below(11) as u32 },
            token_function: chance.one_in(2),
            own_fetch: chance.one_in(3),
            safe: false,
        };
        let end = u64::from(timeout_ms);
        let moment = |chance: &mut Chance| match chance.below(4) {
            0 => chance.below(20),
            1 => chance.below(3000),
            2 => end.min(40_000),
            _ => chance.below(end.min(40_000)),
        };
        let abort_at = chance.one_in(4).then(|| match chance.below(8) {
            0 => 0,
            _ => moment(chance),
        });
        let jumps = (0..[0, 0, 0, 1, 1, 3][chance.index(6)])
            .map(|_| {
                let by = chance.any_of(&[1, 900, 60_000, 86_400_000_i64]);
                (moment(chance), if chance.one_in(2) { by } else { -by })
            })
            .collect();
        Setup {
            plan,
            command: chance.any_of(&["start", "pause", "resume", "stop"]),
            organization: String::from(if chance.one_in(30) {
                "acme"
            } else {
                ORGANIZATION
            }),
            workflow: String::from(if chance.one_in(30) {
                "WKF 43/é"
            } else {
                WORKFLOW
            }),
            token: secret(chance),
            api_key: secret(chance),
            header: chance.one_in(3).then(|| secret(chance)),
            abort_at,
            jumps,
            hides_redirects: chance.one_in(2),
        }
    }

    /// The secrets in the order in which the client notes them.
    pub fn secrets(&self) -> Vec<String> {
        let given = (!self.plan.token_function).then(|| self.token.clone());
        let own = given.into_iter().chain([self.api_key.clone()]);
        own.chain(self.header.clone()).collect()
    }

    /// A campaign that knows this caller, most often, and the tokens that a refresh may give.
    pub fn campaign(&self, fresh: &str, chance: &mut Chance) -> Options {
        let mut access_tokens = vec![String::from(fresh)];
        if !chance.one_in(4) {
            access_tokens.push(self.token.clone());
        }
        Options {
            organization: String::from(ORGANIZATION),
            workflows: vec![WorkflowSetup {
                id: String::from(WORKFLOW),
                state: chance.any_of(&State::ALL),
                ..WorkflowSetup::default()
            }],
            access_tokens,
            api_keys: vec![if chance.one_in(30) {
                secret(chance)
            } else {
                self.api_key.clone()
            }],
            apply_delay_ms: chance.below(3000),
            run_ms: chance.one_in(2).then(|| chance.below(3000)),
            dialect: chance.any_of(&[Dialect::Standard, Dialect::V8]),
            // Where commands that do not fit are refused, few schedules would execute anything.
            misfit: if chance.one_in(8) {
                Misfit::Refuse
            } else {
                Misfit::Accept
            },
            ..Options::default()
        }
    }
}

/// Visible ASCII, as a credential has to be: most often what tokens and keys are made of.
pub fn secret(chance: &mut Chance) -> String {
    const USUAL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    let usual = !chance.one_in(4);
    let length = 10 + chance.index(30);
    let byte = |_| match usual {
        true => chance.any_of(USUAL),
        false => b'!' + chance.below(94) as u8,
    };
    (0..length).map(byte).map(char::from).collect()
}
