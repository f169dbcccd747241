//! The setup of a schedule: the request, the runtime, and Campaign.

use campaign_emulator::{
    Campaign, Dialect, InvalidTransition, Options, SignalSetup, State, WorkflowSetup,
};
use campaign_workflow::{AccessToken, Command, Request};
use serde_json::Value;

use crate::chance::Chance;
use crate::invalid_requests::InvalidRequest;

const ORGANIZATION: &str = "acme-mkt-stage";
const WORKFLOW: &str = "WKF42";
const SIGNAL: &str = "signal1";

/// The page in which some calls run.
pub const PAGE: &str = "https://app.example/workflows/";

/// The server at the base address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Adobe,
    /// A gateway. Without a store it refuses every request with an idempotency key.
    Gateway {
        honors_keys: bool,
    },
}

/// What the call requests of Campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Command(Command),
    Read,
    Signal { trigger: String },
}

/// The body of a signal.
pub const SIGNAL_BODY: &str = r#"{"source":"API","parameters":{}}"#;

#[derive(Clone, Debug)]
pub struct Setup {
    pub base: Base,
    pub operation: Operation,
    pub request: Request,
    /// What is invalid about the request, if anything.
    pub invalid_request: Option<InvalidRequest>,
    /// The fixed token or the first one of the token function, and the refreshed one.
    pub tokens: [String; 2],
    pub is_page: bool,
    /// The caller supplies `fetch`.
    pub has_custom_fetch: bool,
    /// The runtime shows a redirect only as "opaque".
    pub hides_redirects: bool,
    /// When the caller aborts, in milliseconds after the start; 0 means before it.
    pub abort_at: Option<u64>,
    /// The signal sends no events.
    pub ignores_listeners: bool,
    /// When the wall clock is changed, and by how much, in milliseconds.
    pub wall_clock_changes: Vec<(u64, i64)>,
    /// Other work keeps the thread busy, so timers fire late.
    pub is_busy: bool,
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
    pub fn new(chance: &mut Chance) -> Self {
        let base = match chance.below(8) {
            0..=3 => Base::Adobe,
            4 => Base::Gateway { honors_keys: false },
            _ => Base::Gateway { honors_keys: true },
        };
        let is_page = base != Base::Adobe && chance.one_in(3);
        let is_usual = !chance.one_in(3);
        let tokens = [secret(chance), secret(chance)];
        let mut request = request(base, is_page, is_usual, &tokens[0], chance);
        let allowed_page = base == Base::Adobe && chance.one_in(20);
        request.allow_browser_credentials = allowed_page;
        let end = u64::from(request.timeout_ms).min(40_000);
        let moment = |chance: &mut Chance| match chance.below(4) {
            0 => chance.below(20),
            1 => chance.below(3000),
            2 => end,
            _ => chance.below(end),
        };
        let abort_at = chance.one_in(4).then(|| match chance.below(8) {
            0 => 0,
            _ => moment(chance),
        });
        let wall_clock_changes = (0..[0, 0, 0, 1, 1, 3][chance.index(6)])
            .map(|_| {
                let by = chance.any_of(&[1, 900, 60_000, 86_400_000_i64]);
                (moment(chance), if chance.one_in(2) { by } else { -by })
            })
            .collect();
        let mut setup = Self {
            base,
            operation: operation(&request.organization, chance),
            request,
            invalid_request: None,
            tokens,
            is_page: is_page || allowed_page,
            has_custom_fetch: chance.one_in(3),
            hides_redirects: chance.one_in(2),
            abort_at,
            ignores_listeners: chance.one_in(8),
            wall_clock_changes,
            is_busy: chance.one_in(12),
        };
        if chance.one_in(20) {
            setup.invalid_request = Some(InvalidRequest::make(&mut setup, chance));
        }
        setup
    }

    pub fn is_read(&self) -> bool {
        self.operation == Operation::Read
    }

    pub fn is_signal(&self) -> bool {
        matches!(self.operation, Operation::Signal { .. })
    }

    pub fn is_gateway(&self) -> bool {
        self.base != Base::Adobe
    }

    pub fn has_key(&self) -> bool {
        self.request.idempotency_key.is_some() && !self.is_read()
    }

    pub fn has_token_function(&self) -> bool {
        self.request.access_token == AccessToken::Function
    }

    pub fn attempt_timeout_ms(&self) -> u64 {
        let default = if self.is_gateway() { 30_000 } else { 10_000 };
        u64::from(self.request.attempt_timeout_ms.unwrap_or(default))
    }

    /// The `Authorization` header of the caller or of the fixed token.
    pub fn authorization(&self) -> Option<String> {
        if let AccessToken::Fixed(token) = &self.request.access_token {
            return Some(format!("Bearer {token}"));
        }
        let mut headers = self.request.headers.iter();
        let own = headers.find(|(name, _)| name == "Authorization");
        own.map(|(_, value)| value.clone())
    }

    /// The secrets that the call knows at its start.
    pub fn secrets(&self) -> Vec<String> {
        let request = &self.request;
        let fixed = match &request.access_token {
            AccessToken::Fixed(token) => Some(token),
            AccessToken::None | AccessToken::Function => None,
        };
        let values = request.headers.iter().filter(|(name, _)| is_secret(name));
        let headers = values.map(|(_, value)| value.strip_prefix("Basic ").unwrap_or(value));
        let own = [fixed, request.api_key.as_ref()].into_iter().flatten();
        own.cloned().chain(headers.map(String::from)).collect()
    }

    /// A Campaign that usually accepts this caller, and the tokens that a refresh may return.
    pub fn campaign(&self, chance: &mut Chance) -> Campaign {
        let mut access_tokens = vec![self.tokens[1].clone()];
        if self.is_gateway() || !chance.one_in(4) {
            access_tokens.push(self.tokens[0].clone());
        }
        let api_key = self
            .request
            .api_key
            .clone()
            .unwrap_or_else(|| GATEWAY_KEY.into());
        let is_unknown_key = !self.is_gateway() && chance.one_in(30);
        let mut campaign = Campaign::new(Options {
            organization: String::from(ORGANIZATION),
            workflows: vec![workflow(chance.any_of(&State::ALL))],
            access_tokens,
            api_keys: vec![if is_unknown_key {
                secret(chance)
            } else {
                api_key
            }],
            apply_delay_ms: chance.below(3000),
            run_ms: chance.one_in(2).then(|| chance.below(3000)),
            dialect: chance.any_of(&[Dialect::Standard, Dialect::V8]),
            // If it refused invalid transitions, few schedules would execute anything.
            invalid_transition: if chance.one_in(8) {
                InvalidTransition::Refuse
            } else {
                InvalidTransition::Accept
            },
            ..Options::default()
        });
        if let (Operation::Signal { trigger }, true) = (&self.operation, chance.one_in(3)) {
            self.trigger_before(trigger, &mut campaign);
        }
        campaign
    }

    /// Triggers another signal, so that the one of the call comes too soon.
    fn trigger_before(&self, trigger: &str, campaign: &mut Campaign) {
        let url = format!("/{ORGANIZATION}/campaign/workflow/execution/{trigger}");
        let key = self.request.api_key.as_deref().unwrap_or(GATEWAY_KEY);
        let post = campaign_emulator::Request::new("POST", url)
            .header("Content-Type", "application/json")
            .header("Cache-Control", "no-cache")
            .header("Authorization", format!("Bearer {}", self.tokens[1]))
            .header("X-Api-Key", key)
            .body(SIGNAL_BODY);
        campaign.handle(&post, 0);
        campaign.clear_log();
    }
}

/// The API key of the gateway, if the caller has none.
pub const GATEWAY_KEY: &str = "gateways-own-key";

fn is_secret(name: &str) -> bool {
    ["X-Functions-Key", "Authorization"].contains(&name)
}

fn workflow(state: State) -> WorkflowSetup {
    WorkflowSetup {
        id: String::from(WORKFLOW),
        state,
        signals: vec![SignalSetup {
            name: String::from(SIGNAL),
            ..SignalSetup::default()
        }],
        ..WorkflowSetup::default()
    }
}

fn request(base: Base, is_page: bool, is_usual: bool, token: &str, chance: &mut Chance) -> Request {
    let time = |chance: &mut Chance, usual: u32| match chance.below(8) {
        0..=1 => 1 + chance.below(40_000) as u32,
        2..=3 => chance.any_of(&TIMES),
        _ => usual,
    };
    let is_adobe = base == Base::Adobe;
    let base_urls: &[&str] = match (is_adobe, is_page) {
        (true, _) => &["", "", "https://mc.adobe.io", "HTTPS://MC.adobe.IO:443/"],
        (false, true) => &["/api", "campaign/", "https://gateway.example"],
        (false, false) => &["https://gateway.example/camp/", "http://localhost:8787"],
    };
    let base_url = chance.any_of(base_urls);
    let mut headers = Vec::new();
    if chance.one_in(3) {
        headers.push((String::from("X-Functions-Key"), secret(chance)));
    }
    if chance.one_in(6) {
        headers.push((String::from("X-Trace"), String::from("a b\tc")));
    }
    let access_token = match chance.below(8) {
        0 if !is_adobe => {
            let basic = format!("Basic {}", secret(chance));
            headers.push((String::from("Authorization"), basic));
            AccessToken::None
        }
        1..=2 if !is_adobe => AccessToken::None,
        0..=4 => AccessToken::Fixed(String::from(token)),
        _ => AccessToken::Function,
    };
    let organization = if chance.one_in(30) {
        "acme"
    } else {
        ORGANIZATION
    };
    let workflow_id = if chance.one_in(30) {
        "WKF 43/é"
    } else {
        WORKFLOW
    };
    Request {
        access_token,
        api_key: (is_adobe || chance.one_in(2)).then(|| secret(chance)),
        base_url: (!base_url.is_empty()).then(|| String::from(base_url)),
        headers,
        idempotency_key: (!is_adobe && chance.one_in(2)).then(|| String::from("order-42")),
        timeout_ms: if is_usual {
            30_000
        } else {
            time(chance, 30_000)
        },
        attempt_timeout_ms: (!is_usual).then(|| time(chance, 10_000)),
        max_retries: if is_usual { 2 } else { chance.below(11) as u32 },
        ..Request::new(organization, workflow_id)
    }
}

fn operation(organization: &str, chance: &mut Chance) -> Operation {
    let commands = [
        Command::Start,
        Command::Pause,
        Command::Resume,
        Command::Stop,
    ];
    match chance.below(10) {
        0 => Operation::Read,
        1 => Operation::Signal {
            trigger: trigger(organization),
        },
        _ => Operation::Command(chance.any_of(&commands)),
    }
}

/// The address of the signal's trigger, relative to the workflow's, as Campaign shows it.
fn trigger(organization: &str) -> String {
    thread_local! {
        static KEY: String = signal_key();
    }
    let key = KEY.with(Clone::clone);
    let path = format!("{WORKFLOW}/activities/activity/{key}/trigger/");
    if organization == ORGANIZATION {
        path
    } else {
        path.replace(WORKFLOW, "WKF1")
    }
}

/// Reads the workflow from Campaign, as a caller does before it triggers a signal.
fn signal_key() -> String {
    let mut campaign = Campaign::new(Options {
        workflows: vec![workflow(State::Started)],
        ..Options::default()
    });
    let url = format!("/{ORGANIZATION}/campaign/workflow/execution/{WORKFLOW}");
    let get = campaign_emulator::Request::new("GET", url)
        .header("Authorization", "Bearer local-token")
        .header("Cache-Control", "no-cache")
        .header("X-Api-Key", "local-key");
    let campaign_emulator::ReplyPlan::Respond(response) = campaign.handle(&get, 0).plan else {
        panic!("no answer");
    };
    let workflow: Value = serde_json::from_slice(&response.body).unwrap();
    let key = &workflow["activities"]["activity"][SIGNAL]["PKey"];
    String::from(key.as_str().unwrap())
}

/// Visible ASCII, as a credential must be. Usually the characters of real tokens and keys.
pub fn secret(chance: &mut Chance) -> String {
    const USUAL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    let is_usual = !chance.one_in(4);
    let length = 10 + chance.index(30);
    let byte = |_| match is_usual {
        true => chance.any_of(USUAL),
        false => b'!' + chance.below(94) as u8,
    };
    (0..length).map(byte).map(char::from).collect()
}
