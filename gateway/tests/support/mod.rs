//! A runtime with a simulated network and a virtual clock.

#![allow(dead_code, unused_imports)] // Each test crate uses a part of it.

mod clock;
mod network;

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;

use campaign_gateway::{
    AllowList, AuthorizeError, CallRuntime, Campaign, Gateway, GatewayResponse, LogEntry,
    Operations, Origins, OutgoingCommand, Reply, RequestBody, RequestHead, RequestRuntime,
    RequestedOperation, SendResult, handle,
};
use campaign_workflow::address::Base;
use campaign_workflow::platform::{HttpRequest, Progress, ReadError, TokenError};
use campaign_workflow::{AccessToken, Error};
use serde_json::Value;

pub use clock::{Clock, all};
use network::take;
pub use network::{Network, ServerBehavior, json, late, text};

pub const PAGE: &str = "https://app.example";
pub const CAMPAIGN: &str = "https://campaign.example";
pub const GATEWAY: &str = "https://gateway.example/api";
pub const BELOW: &str = "/acme/campaign/workflow/execution/";

/// What `authorize` does.
#[derive(Clone, Copy)]
pub enum Decision {
    Yes,
    No,
    Fails,
    Never,
    /// Returns true after this time in milliseconds.
    Late(u32),
}

/// The runtime of one request.
pub struct TestRuntime {
    pub network: Network,
    pub head: RequestHead,
    pub body: Vec<u8>,
    /// When the body arrives, in milliseconds.
    pub body_ms: u32,
    pub decision: Decision,
    /// The result of the user's own `send`; `None`: it never ends.
    pub sends: Option<Result<campaign_gateway::AcceptedResponse, Error>>,
    /// The events in order, requests included.
    pub seen: Rc<RefCell<Vec<String>>>,
    pub log: RefCell<Vec<Value>>,
}

pub struct Body {
    clock: Rc<Clock>,
    bytes: Vec<u8>,
    after_ms: u32,
}

impl RequestBody for Body {
    async fn read(&mut self, body: &mut Vec<u8>, limit: usize) -> Result<Progress, ReadError> {
        if self.after_ms > 0 {
            self.clock.sleep(self.after_ms).await;
            self.after_ms = 0;
        }
        take(&mut self.bytes, body, limit)?;
        Ok(Progress::End)
    }
}

impl CallRuntime for TestRuntime {
    type Platform = Network;

    fn platform(&self) -> &Network {
        &self.network
    }

    async fn token(&self, _: bool) -> Result<String, TokenError> {
        Ok("a-token".into())
    }
}

impl RequestRuntime for TestRuntime {
    type Body = Body;
    type Response = ();

    fn head(&self) -> &RequestHead {
        &self.head
    }

    fn body(&self) -> Body {
        Body {
            clock: Rc::clone(&self.network.clock),
            bytes: self.body.clone(),
            after_ms: self.body_ms,
        }
    }

    async fn authorize(&self, requested: &RequestedOperation) -> Result<bool, AuthorizeError> {
        let line = [requested.operation.as_str(), " ", &requested.workflow_id];
        self.seen
            .borrow_mut()
            .push(["authorize ", &line.concat()].concat());
        match self.decision {
            Decision::Yes => Ok(true),
            Decision::No => Ok(false),
            Decision::Fails => Err(AuthorizeError::Failed),
            Decision::Never => pending().await,
            Decision::Late(ms) => {
                self.network.clock.sleep(ms).await;
                Ok(true)
            }
        }
    }

    fn caller(&self) -> Option<String> {
        None
    }

    async fn send(&self, command: &OutgoingCommand<'_>) -> SendResult<()> {
        let key = command.idempotency_key.unwrap_or("no key");
        let line = format!(
            "send {} {key} {}",
            command.requested.operation.as_str(),
            command.timeout_ms
        );
        self.seen.borrow_mut().push(line);
        match &self.sends {
            Some(Ok(accepted)) => SendResult::Receipt(accepted.clone()),
            Some(Err(error)) => SendResult::Error(Box::new(error.clone())),
            None => pending().await,
        }
    }

    fn sending(&self) {
        self.seen.borrow_mut().push("sending".into());
    }

    fn log(&self, entry: &LogEntry<'_>) {
        self.log
            .borrow_mut()
            .push(serde_json::to_value(entry).unwrap());
    }
}

impl TestRuntime {
    /// A caller with all rights, and a server with these responses.
    pub fn new(
        method: &str,
        path: &str,
        body: &str,
        behavior: impl Fn(&HttpRequest<'_>) -> ServerBehavior + 'static,
    ) -> Self {
        let network = Network::new(behavior);
        Self {
            seen: Rc::clone(&network.seen),
            network,
            head: RequestHead {
                method: method.into(),
                url: [GATEWAY, path].concat(),
                content_type: Some("application/json".into()),
                ..RequestHead::default()
            },
            body: body.into(),
            body_ms: 0,
            decision: Decision::Yes,
            sends: None,
            log: RefCell::default(),
        }
    }

    pub fn handle(&self, gateway: &Gateway) -> GatewayResponse {
        match self.network.clock.run(handle(gateway, self)) {
            Reply::Own(response) => response,
            Reply::Forwarded { .. } => panic!("nobody made a response"),
        }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    pub fn now_ms(&self) -> f64 {
        self.network.clock.now_ms()
    }
}

/// A gateway below `/api`, for one workflow and one origin.
pub fn gateway() -> Gateway {
    let url = [CAMPAIGN, "/"].concat();
    Gateway {
        base_path: "/api".into(),
        origins: Origins {
            listed: vec![PAGE.into()],
            includes_own_origin: false,
        },
        allow_list: AllowList {
            organization: "acme".into(),
            workflows: Some(vec![("WKF1".into(), Operations::All)]),
        },
        max_body_bytes: 64,
        timeout_ms: 1000,
        has_custom_send: false,
        campaign: Some(Campaign {
            base: Base::check(&url, Some(&url)).unwrap(),
            base_url: Some(url),
            access_token: AccessToken::Function,
            api_key: "a-key".into(),
            attempt_timeout_ms: 10_000,
            max_retries: 0,
        }),
    }
}

pub fn document(response: &GatewayResponse) -> Value {
    serde_json::from_str(response.body.as_deref().unwrap()).unwrap()
}
