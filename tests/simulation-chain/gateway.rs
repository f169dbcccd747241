//! The gateway that ships, at its address: each request is a task in a context of its own, which the
//! runtime may end when its caller leaves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use campaign_gateway::ims::{Credentials, Ims, TOKEN_URL};
use campaign_gateway::{
    Allowed, Answer, Asked, AuthorizeError, CallHost, Campaign, Gateway, Head, Host, LogEntry,
    Operation, Operations, Origins, Reply, RequestBody, SendResult, SentCommand, handle,
};
use campaign_workflow::AccessToken;
use campaign_workflow::address::Base;
use campaign_workflow::platform::{Platform, Progress, ReadError, TokenError};

use crate::campaign::{API_KEY, CLIENT_SECRET, ORGANIZATION, token, workflow_id};
use crate::network::{Exchange, Network, Server, WireAnswer, WireRequest};
use crate::platform::Node;
use crate::record::{Answered, Line, Record};
use crate::setup::{BASE_PATH, Role, Setup};
use crate::world::World;

/// The contexts of requests are numbered from here; those of the page's calls are below.
const FIRST_CONTEXT: usize = 1000;

pub struct GatewayServer(Rc<State>);

struct State {
    world: World,
    back: Network,
    setup: Rc<Setup>,
    record: Rc<RefCell<Record>>,
    gateway: Gateway,
    ims: Ims,
}

impl GatewayServer {
    pub fn new(
        world: &World,
        back: &Network,
        setup: &Rc<Setup>,
        record: &Rc<RefCell<Record>>,
    ) -> Self {
        let listed = (0..setup.workflows).filter(|workflow| setup.is_listed(*workflow));
        let gateway = Gateway {
            base_path: String::from(BASE_PATH),
            origins: Origins::default(),
            allowed: Allowed {
                organization: String::from(ORGANIZATION),
                workflows: setup.has_list.then(|| {
                    listed
                        .map(|workflow| (workflow_id(workflow), Operations::All))
                        .collect()
                }),
            },
            max_body_bytes: 4096,
            timeout_ms: 25_000,
            has_own_send: false,
            campaign: Some(Campaign {
                base: Base::adobe(),
                base_url: None,
                access_token: match setup.has_credentials {
                    true => AccessToken::Function,
                    false => AccessToken::Fixed(token(0)),
                },
                api_key: String::from(API_KEY),
                attempt_timeout_ms: 10_000,
                max_retries: 0,
            }),
        };
        Self(Rc::new(State {
            world: world.clone(),
            back: back.clone(),
            setup: Rc::clone(setup),
            record: Rc::clone(record),
            gateway,
            ims: Ims::new(Credentials {
                client_id: String::from(API_KEY),
                client_secret: String::from(CLIENT_SECRET),
                scope: String::from("openid"),
                token_url: String::from(TOKEN_URL),
                timeout_ms: 8000,
            }),
        }))
    }
}

impl Server for GatewayServer {
    fn serve(&self, request: WireRequest, exchange: Exchange) {
        let state = &self.0;
        let asked = state.record.borrow_mut().asked(&request, state.world.now());
        let served = Served {
            state: Rc::clone(state),
            asked,
            node: Node {
                world: state.world.clone(),
                network: state.back.clone(),
                signal: None,
            },
            role: Role::of(request.header("authorization")),
            head: head_of(&request),
            body: request.body,
        };
        let (world, record) = (state.world.clone(), Rc::clone(&state.record));
        let is_answered = Rc::new(Cell::new(false));
        let (answered, answering) = (Rc::clone(&is_answered), exchange.clone());
        let task = world.spawn((FIRST_CONTEXT + asked) as u32, async move {
            let reply = handle(&served.state.gateway, &served).await;
            let Reply::Answer(answer) = reply else {
                panic!("there is no other send");
            };
            let answer = wire(answer);
            let at = served.state.world.now();
            served.state.record.borrow_mut().asked[asked].answer =
                Some((at, Answered::from(&answer)));
            answered.set(true);
            answering.answer(answer);
        });
        let ends = state.setup.ends_with_caller;
        exchange.on_leave(move || {
            if is_answered.get() {
                return;
            }
            record.borrow_mut().asked[asked].is_left = true;
            if ends {
                world.note(|| format!("the runtime ends request {asked}"));
                world.freeze(task);
            }
        });
    }
}

/// One request at the gateway.
struct Served {
    state: Rc<State>,
    /// Its number in [`Record::asked`].
    asked: usize,
    node: Node,
    role: Role,
    head: Head,
    body: Vec<u8>,
}

impl CallHost for Served {
    type Platform = Node;

    fn platform(&self) -> &Node {
        &self.node
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let clock = || self.state.world.now() as f64;
        let token = self.state.ims.token(&self.node, clock, refresh).await;
        token.map_err(|_| TokenError)
    }
}

impl Host for Served {
    type Body = Whole;
    type Response = ();

    fn head(&self) -> &Head {
        &self.head
    }

    fn body(&self) -> Whole {
        Whole(Some(self.body.clone()))
    }

    async fn authorize(&self, asked: &Asked) -> Result<bool, AuthorizeError> {
        let world = &self.state.world;
        let fate = match self.state.setup.is_authorize_faulty {
            true => world.chance().below(20),
            false => 20,
        };
        match fate {
            0 => return Err(AuthorizeError),
            1 => self.node.sleep(60_000).await,
            2..=6 => {
                let ms = world.chance().below(2000);
                self.node.sleep(ms as u32).await;
            }
            _ => {}
        }
        Ok(self.role.may(asked.operation == Operation::Read))
    }

    fn caller(&self) -> Option<String> {
        None
    }

    async fn send(&self, _command: &SentCommand<'_>) -> SendResult<()> {
        panic!("there is no other send");
    }

    fn sending(&self) {}

    fn log(&self, entry: &LogEntry<'_>) {
        let text = serde_json::to_string(entry).unwrap();
        self.state.world.note(|| format!("log: {text}"));
        self.state.record.borrow_mut().lines.push(Line {
            asked: self.asked,
            text,
            outcome: String::from(entry.outcome),
            status: entry.status,
        });
    }
}

/// A body that has arrived as a whole.
struct Whole(Option<Vec<u8>>);

impl RequestBody for Whole {
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        let bytes = self.0.take().unwrap_or_default();
        let room = limit - body.len();
        body.extend(bytes.iter().take(room));
        match bytes.len() > room {
            true => Err(ReadError),
            false => Ok(Progress::End),
        }
    }
}

fn head_of(request: &WireRequest) -> Head {
    let header = |name| request.header(name).map(String::from);
    Head {
        method: request.method.clone(),
        url: request.url.clone(),
        origin: header("origin"),
        content_type: header("content-type"),
        content_length: header("content-length"),
        idempotency_key: header("idempotency-key"),
        prefer: header("prefer"),
        delay_seconds: header("delay-seconds"),
        asks_method: false,
    }
}

fn wire(answer: Answer) -> WireAnswer {
    let own = |(name, value): (&str, String)| (String::from(name), value);
    WireAnswer {
        status: answer.status,
        headers: answer.headers.into_iter().map(own).collect(),
        body: answer.body.unwrap_or_default().into_bytes(),
        cut: None,
    }
}
