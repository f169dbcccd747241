//! The shipped gateway as a server. Each request is a task in its own context, which the runtime may end when the
//! caller disconnects.

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
use crate::network::{Exchange, Network, Server, WireRequest, WireResponse};
use crate::object::{Object, ObjectReply, ObjectRequest};
use crate::observations::{LogLine, Observations, SeenResponse};
use crate::platform::Node;
use crate::setup::{BASE_PATH, Role, Setup};
use crate::simulation::Simulation;

/// The first context of requests; the page's calls have lower ones.
const FIRST_CONTEXT: usize = 1000;

/// The time that is kept for the object's reply to get back, in milliseconds.
const RETURN_MARGIN_MS: u32 = 1000;

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
    back_network: Network,
    setup: Rc<Setup>,
    observations: Rc<RefCell<Observations>>,
    gateway: Gateway,
    ims: Ims,
    campaign: CampaignServer,
    /// The objects by workflow number; none if the gateway sends commands itself.
    objects: Vec<Object>,
}

impl GatewayServer {
    pub fn new(
        simulation: &Simulation,
        back_network: &Network,
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
            back_network: back_network.clone(),
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
        let index = state
            .observations
            .borrow_mut()
            .record_request(&request, state.simulation.now());
        let call = GatewayCall {
            state: Rc::clone(state),
            index,
            node: Node {
                simulation: state.simulation.clone(),
                network: state.back_network.clone(),
                signal: None,
                traffic: None,
            },
            role: Role::of(request.header("authorization")),
            head: head_of(&request),
            body: request.body,
        };
        let (simulation, observations) = (state.simulation.clone(), Rc::clone(&state.observations));
        let is_responded = Rc::new(Cell::new(false));
        let (has_responded, responder) = (Rc::clone(&is_responded), exchange.clone());
        let task = simulation.spawn((FIRST_CONTEXT + index) as u32, async move {
            let reply = handle(&call.state.gateway, &call).await;
            let (response, is_from_object) = match reply {
                Reply::Own(response) => (wire(response), false),
                Reply::Forwarded { response, headers } => {
                    let mut response: WireResponse = response;
                    response.headers.extend(headers.into_iter().map(owned));
                    (response, true)
                }
            };
            let at = call.state.simulation.now();
            let State {
                observations,
                campaign,
                ..
            } = &*call.state;
            let seen = SeenResponse::new(&response, is_from_object);
            let mut observations = observations.borrow_mut();
            observations.record_response(index, at, seen, &campaign.campaign());
            drop(observations);
            has_responded.set(true);
            responder.respond(response);
        });
        let ends = state.setup.ends_with_caller;
        exchange.on_disconnect(move || {
            if is_responded.get() {
                return;
            }
            observations.borrow_mut().gateway_requests[index].has_disconnected = true;
            if ends {
                simulation.trace(|| format!("the runtime ends request {index}"));
                simulation.freeze(task);
            }
        });
    }
}

/// One request to the gateway.
struct GatewayCall {
    state: Rc<State>,
    /// Its index in [`Observations::index`].
    index: usize,
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
    type Response = WireResponse;

    fn head(&self) -> &RequestHead {
        &self.head
    }

    fn body(&self) -> WholeBody {
        WholeBody(Some(self.body.clone()))
    }

    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError> {
        let simulation = &self.state.simulation;
        let roll = match self.state.setup.is_authorize_faulty {
            true => simulation.chance().below(20),
            false => 20,
        };
        match roll {
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

    /// Sends a command through the workflow's object.
    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<WireResponse> {
        let Operation::Command(word) = command.requested.operation else {
            panic!("only commands are sent: {command:?}");
        };
        let given = command.idempotency_key;
        let order = CommandOrder {
            key: given.map_or_else(|| format!("made up {}", self.index), String::from),
            command: word,
            who: String::from(self.role.token()),
        };
        let mut objects = self.state.objects.iter();
        let is_it =
            |object: &&Object| workflow_id(object.workflow()) == command.requested.workflow_id;
        let Some(object) = objects.find(is_it) else {
            panic!("{command:?} has no object");
        };
        let timeout_ms = command.timeout_ms.saturating_sub(RETURN_MARGIN_MS).max(1);
        match object
            .call(ObjectRequest::Send(order, timeout_ms))
            .await
            .reply
        {
            ObjectReply::Sent(CommandReply { result, is_stored }) => match result {
                CommandResult::Receipt(receipt) => SendResult::Receipt(receipt.into()),
                CommandResult::Problem(problem) => {
                    forwarded(&problem, is_stored && given.is_some())
                }
            },
            ObjectReply::Lost => forwarded(&lost(), false),
            reply => panic!("{reply:?}"),
        }
    }

    fn sending(&self) {}

    fn log(&self, entry: &LogEntry<'_>) {
        let text = serde_json::to_string(entry).unwrap();
        self.state.simulation.trace(|| format!("log: {text}"));
        self.state.observations.borrow_mut().lines.push(LogLine {
            request_index: self.index,
            text,
            outcome: String::from(entry.outcome),
            status: entry.status,
        });
    }
}

/// A body that arrives in one chunk.
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

/// The Worker's problem for an object that was lost.
fn lost() -> Problem<'static> {
    let detail = "The workflow's object did not answer.";
    Problem::new(502, Code::ServerError, Outcome::Unknown, detail)
}

/// A problem as a response, which says whether a repeat of the key gets it again.
fn forwarded(problem: &Problem<'_>, is_stored: bool) -> SendResult<WireResponse> {
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

fn wire(response: GatewayResponse) -> WireResponse {
    WireResponse {
        status: response.status,
        headers: response.headers.into_iter().map(owned).collect(),
        body: response.body.unwrap_or_default().into_bytes(),
        cut: None,
    }
}
