//! The gateway that ships, at its address: each request is a task in a context of its own, which the
//! runtime may end when its caller leaves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use campaign_gateway::ims::{Credentials, Ims, TOKEN_URL};
use campaign_gateway::writer::{CommandOrder, CommandReply, CommandResult};
use campaign_gateway::{
    AllowList, AuthorizeError, CallRuntime, Campaign, Gateway, GatewayResponse, LogEntry,
    Operation, Operations, Origins, OutgoingCommand, Problem, Reply, RequestBody, RequestHead,
    RequestRuntime, RequestedOperation, SendResult, handle,
};
use campaign_workflow::AccessToken;
use campaign_workflow::address::Base;
use campaign_workflow::error::{Code, Outcome};
use campaign_workflow::platform::{Platform, Progress, ReadError, TokenError};

use crate::campaign::{API_KEY, CLIENT_SECRET, CampaignServer, ORGANIZATION, token, workflow_id};
use crate::network::{Exchange, Network, Server, WireAnswer, WireRequest};
use crate::object::{Object, ObjectReply, ObjectRequest};
use crate::observations::{LogLine, Observations, SeenResponse};
use crate::platform::Node;
use crate::setup::{BASE_PATH, Role, Setup};
use crate::simulation::Simulation;

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
    simulation: Simulation,
    back: Network,
    setup: Rc<Setup>,
    observations: Rc<RefCell<Observations>>,
    gateway: Gateway,
    ims: Ims,
    campaign: CampaignServer,
    /// By the number of their workflow; none where the gateway sends commands itself.
    objects: Vec<Object>,
}

impl GatewayServer {
    pub fn new(
        simulation: &Simulation,
        back: &Network,
        setup: &Rc<Setup>,
        observations: &Rc<RefCell<Observations>>,
        campaign: &CampaignServer,
        objects: &[Object],
    ) -> Self {
        let listed = (0..setup.workflows).filter(|workflow| setup.is_listed(*workflow));
        let gateway = Gateway {
            base_path: String::from(BASE_PATH),
            origins: Origins::default(),
            allow_list: AllowList {
                organization: String::from(ORGANIZATION),
                workflows: setup.has_list.then(|| {
                    listed
                        .map(|workflow| (workflow_id(workflow), Operations::All))
                        .collect()
                }),
            },
            max_body_bytes: 4096,
            timeout_ms: 25_000,
            has_custom_send: setup.object.is_some(),
            campaign: Some(campaign_of(setup)),
        };
        Self(Rc::new(State {
            simulation: simulation.clone(),
            back: back.clone(),
            setup: Rc::clone(setup),
            observations: Rc::clone(observations),
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
        let asked = state
            .observations
            .borrow_mut()
            .asked(&request, state.simulation.now());
        let served = GatewayCall {
            state: Rc::clone(state),
            asked,
            node: Node {
                simulation: state.simulation.clone(),
                network: state.back.clone(),
                signal: None,
                traffic: None,
            },
            role: Role::of(request.header("authorization")),
            head: head_of(&request),
            body: request.body,
        };
        let (simulation, observations) = (state.simulation.clone(), Rc::clone(&state.observations));
        let is_answered = Rc::new(Cell::new(false));
        let (answered, answering) = (Rc::clone(&is_answered), exchange.clone());
        let task = simulation.spawn((FIRST_CONTEXT + asked) as u32, async move {
            let reply = handle(&served.state.gateway, &served).await;
            let (answer, is_passed) = match reply {
                Reply::Own(answer) => (wire(answer), false),
                Reply::Forwarded { response, headers } => {
                    let mut answer: WireAnswer = response;
                    answer.headers.extend(headers.into_iter().map(owned));
                    (answer, true)
                }
            };
            let at = served.state.simulation.now();
            let State {
                observations,
                campaign,
                ..
            } = &*served.state;
            let seen = SeenResponse::new(&answer, is_passed);
            let mut observations = observations.borrow_mut();
            observations.answered(asked, at, seen, &campaign.campaign());
            drop(observations);
            answered.set(true);
            answering.answer(answer);
        });
        let ends = state.setup.ends_with_caller;
        exchange.on_leave(move || {
            if is_answered.get() {
                return;
            }
            observations.borrow_mut().asked[asked].is_left = true;
            if ends {
                simulation.trace(|| format!("the runtime ends request {asked}"));
                simulation.freeze(task);
            }
        });
    }
}

/// One request at the gateway.
struct GatewayCall {
    state: Rc<State>,
    /// Its number in [`Observations::asked`].
    asked: usize,
    node: Node,
    role: Role,
    head: RequestHead,
    body: Vec<u8>,
}

impl CallRuntime for GatewayCall {
    type Platform = Node;

    fn platform(&self) -> &Node {
        &self.node
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let clock = || self.state.simulation.now() as f64;
        let token = self.state.ims.token(&self.node, clock, refresh).await;
        token.map_err(|_| TokenError)
    }
}

impl RequestRuntime for GatewayCall {
    type Body = WholeBody;
    type Response = WireAnswer;

    fn head(&self) -> &RequestHead {
        &self.head
    }

    fn body(&self) -> WholeBody {
        WholeBody(Some(self.body.clone()))
    }

    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError> {
        let simulation = &self.state.simulation;
        let fate = match self.state.setup.is_authorize_faulty {
            true => simulation.chance().below(20),
            false => 20,
        };
        match fate {
            0 => return Err(AuthorizeError::Failed),
            1 => self.node.sleep(60_000).await,
            2..=6 => {
                let ms = simulation.chance().below(2000);
                self.node.sleep(ms as u32).await;
            }
            _ => {}
        }
        Ok(self.role.may(requested.operation == Operation::Read))
    }

    fn caller(&self) -> Option<String> {
        None
    }

    /// By the object of the workflow.
    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<WireAnswer> {
        let Operation::Command(word) = command.requested.operation else {
            panic!("only commands are sent: {command:?}");
        };
        let given = command.idempotency_key;
        let order = CommandOrder {
            key: given.map_or_else(|| format!("made up {}", self.asked), String::from),
            command: word,
            who: String::from(self.role.token()),
        };
        let mut objects = self.state.objects.iter();
        let is_it =
            |object: &&Object| workflow_id(object.workflow()) == command.requested.workflow_id;
        let Some(object) = objects.find(is_it) else {
            panic!("{command:?} has no object");
        };
        let timeout_ms = command.timeout_ms.saturating_sub(WAY_BACK_MS).max(1);
        match object
            .call(ObjectRequest::Send(order, timeout_ms))
            .await
            .reply
        {
            ObjectReply::Sent(CommandReply { result, is_stored }) => match result {
                CommandResult::Receipt(receipt) => SendResult::Receipt(receipt.into()),
                CommandResult::Problem(problem) => passed(&problem, is_stored && given.is_some()),
            },
            ObjectReply::Lost => passed(&lost(), false),
            reply => panic!("{reply:?}"),
        }
    }

    fn sending(&self) {}

    fn log(&self, entry: &LogEntry<'_>) {
        let text = serde_json::to_string(entry).unwrap();
        self.state.simulation.trace(|| format!("log: {text}"));
        self.state.observations.borrow_mut().lines.push(LogLine {
            asked: self.asked,
            text,
            outcome: String::from(entry.outcome),
            status: entry.status,
        });
    }
}

/// A body that has arrived as a whole.
struct WholeBody(Option<Vec<u8>>);

impl RequestBody for WholeBody {
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

fn head_of(request: &WireRequest) -> RequestHead {
    let header = |name| request.header(name).map(String::from);
    RequestHead {
        method: request.method.clone(),
        url: request.url.clone(),
        origin: header("origin"),
        content_type: header("content-type"),
        content_length: header("content-length"),
        idempotency_key: header("idempotency-key"),
        prefer: header("prefer"),
        delay_seconds: header("delay-seconds"),
        has_request_method: false,
    }
}

/// What the Worker says of an object that is lost.
fn lost() -> Problem<'static> {
    let detail = "The workflow's object did not answer.";
    Problem::new(502, Code::ServerError, Outcome::Unknown, detail)
}

/// A problem as an answer, which says whether the key answers it again.
fn passed(problem: &Problem<'_>, is_stored: bool) -> SendResult<WireAnswer> {
    let mut response = wire(problem.response());
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

fn wire(answer: GatewayResponse) -> WireAnswer {
    WireAnswer {
        status: answer.status,
        headers: answer.headers.into_iter().map(owned).collect(),
        body: answer.body.unwrap_or_default().into_bytes(),
        cut: None,
    }
}
