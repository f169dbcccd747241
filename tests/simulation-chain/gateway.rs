//! The gateway that ships, at its address: each request is a task in a context of its own, which the
//! runtime may end when its caller leaves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use campaign_gateway::ims::{Credentials, Ims, TOKEN_URL};
use campaign_gateway::writer::{Answered as Outcome, Ending, Order};
use campaign_gateway::{
    Allowed, Answer, Asked, AuthorizeError, CallHost, Campaign, Gateway, Head, Host, LogEntry,
    Operation, Operations, Origins, Problem, Reply, RequestBody, SendResult, SentCommand, handle,
};
use campaign_workflow::AccessToken;
use campaign_workflow::address::Base;
use campaign_workflow::error::{Code, Outcome as Known};
use campaign_workflow::platform::{Platform, Progress, ReadError, TokenError};

use crate::campaign::{API_KEY, CLIENT_SECRET, CampaignServer, ORGANIZATION, token, workflow_id};
use crate::network::{Exchange, Network, Server, WireAnswer, WireRequest};
use crate::object::{Ask, Object, Told};
use crate::platform::Node;
use crate::record::{Answered, Line, Record};
use crate::setup::{BASE_PATH, Role, Setup};
use crate::world::World;

/// The contexts of requests are numbered from here; those of the page's calls are below.
const FIRST_CONTEXT: usize = 1000;

/// What of the gateway's time an object does not get, so that its answer comes in time.
const WAY_BACK_MS: u32 = 1000;

/// How the gateway and the objects reach Campaign.
pub fn campaign_of(setup: &Setup) -> Campaign {
    Campaign {
        base: Base::adobe(),
        base_url: None,
        access_token: match setup.has_credentials {
            true => AccessToken::Function,
            false => AccessToken::Fixed(token(0)),
        },
        api_key: String::from(API_KEY),
        attempt_timeout_ms: 10_000,
        max_retries: 0,
    }
}

pub fn ims() -> Ims {
    Ims::new(Credentials {
        client_id: String::from(API_KEY),
        client_secret: String::from(CLIENT_SECRET),
        scope: String::from("openid"),
        token_url: String::from(TOKEN_URL),
        timeout_ms: 8000,
    })
}

pub struct GatewayServer(Rc<State>);

struct State {
    world: World,
    back: Network,
    setup: Rc<Setup>,
    record: Rc<RefCell<Record>>,
    gateway: Gateway,
    ims: Ims,
    campaign: CampaignServer,
    /// By the number of their workflow; none where the gateway sends commands itself.
    objects: Vec<Object>,
}

impl GatewayServer {
    pub fn new(
        world: &World,
        back: &Network,
        setup: &Rc<Setup>,
        record: &Rc<RefCell<Record>>,
        campaign: &CampaignServer,
        objects: &[Object],
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
            has_own_send: setup.object.is_some(),
            campaign: Some(campaign_of(setup)),
        };
        Self(Rc::new(State {
            world: world.clone(),
            back: back.clone(),
            setup: Rc::clone(setup),
            record: Rc::clone(record),
            gateway,
            ims: ims(),
            campaign: campaign.clone(),
            objects: objects.to_vec(),
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
                traffic: None,
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
            let (answer, is_passed) = match reply {
                Reply::Answer(answer) => (wire(answer), false),
                Reply::Passed { response, headers } => {
                    let mut answer: WireAnswer = response;
                    answer.headers.extend(headers.into_iter().map(owned));
                    (answer, true)
                }
            };
            let at = served.state.world.now();
            let State {
                record, campaign, ..
            } = &*served.state;
            let seen = Answered::new(&answer, is_passed);
            let mut record = record.borrow_mut();
            record.answered(asked, at, seen, &campaign.campaign());
            drop(record);
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
    type Response = WireAnswer;

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
            0 => return Err(AuthorizeError::Failed),
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

    /// By the object of the workflow.
    async fn send(&self, command: &SentCommand<'_>) -> SendResult<WireAnswer> {
        let Operation::Command(word) = command.asked.operation else {
            panic!("only commands are sent: {command:?}");
        };
        let given = command.idempotency_key;
        let order = Order {
            key: given.map_or_else(|| format!("made up {}", self.asked), String::from),
            command: word,
            who: String::from(self.role.token()),
        };
        let mut objects = self.state.objects.iter();
        let is_it = |object: &&Object| workflow_id(object.workflow()) == command.asked.workflow_id;
        let Some(object) = objects.find(is_it) else {
            panic!("{command:?} has no object");
        };
        let timeout_ms = command.timeout_ms.saturating_sub(WAY_BACK_MS).max(1);
        match object.ask(Ask::Send(order, timeout_ms)).await.told {
            Told::Sent(Outcome { ending, is_stored }) => match ending {
                Ending::Receipt(receipt) => SendResult::Receipt(receipt.into()),
                Ending::Problem(problem) => passed(&problem, is_stored && given.is_some()),
            },
            Told::Lost => passed(&lost(), false),
            told => panic!("{told:?}"),
        }
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

/// What the Worker says of an object that is lost.
fn lost() -> Problem<'static> {
    let detail = "The workflow's object did not answer.";
    Problem::new(502, Code::ServerError, Known::Unknown, detail)
}

/// A problem as an answer, which says whether the key answers it again.
fn passed(problem: &Problem<'_>, is_stored: bool) -> SendResult<WireAnswer> {
    let mut response = wire(problem.answer());
    if is_stored {
        let mut document: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        document["stored"] = true.into();
        response.body = document.to_string().into_bytes();
    }
    SendResult::Response {
        status: response.status,
        response,
    }
}

fn owned((name, value): (&str, String)) -> (String, String) {
    (String::from(name), value)
}

fn wire(answer: Answer) -> WireAnswer {
    WireAnswer {
        status: answer.status,
        headers: answer.headers.into_iter().map(owned).collect(),
        body: answer.body.unwrap_or_default().into_bytes(),
        cut: None,
    }
}
