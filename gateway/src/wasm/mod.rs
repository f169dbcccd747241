//! The host for JavaScript: it converts requests, options and answers, and decides nothing.

mod bindings;
mod host;
mod log;
mod objects;
mod options;
mod response;
mod send;
#[cfg(feature = "worker")]
mod table;
#[cfg(feature = "worker")]
mod worker;
#[cfg(feature = "worker")]
mod writer;

use campaign_workflow::wasm::bindings as client;
use js_sys::Math;
use wasm_bindgen::prelude::*;

use crate::gateway::Trap;
use crate::handler::handle;
use crate::host::LogEntry;
use crate::ims::Ims;
use crate::operation::Operation;
use crate::{credentials, gateway};
use bindings::RequestProgress;
use host::{Functions, JsHost, TokenHost};

/// A gateway that JavaScript holds.
#[wasm_bindgen]
pub struct Gateway {
    gateway: gateway::Gateway,
    functions: Functions,
    tokens: Option<(Ims, TokenHost)>,
}

#[wasm_bindgen]
impl Gateway {
    /// Throws a `TypeError` that names the option that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Gateway, JsValue> {
        let (gateway, credentials) =
            options::check(&options).map_err(|problem| type_error("createGateway", &problem))?;
        let options: options::Options = options.unchecked_into();
        let tokens = credentials.map(|credentials| {
            let host = TokenHost::of(&options.credentials().unchecked_into());
            (Ims::new(credentials), host)
        });
        Ok(Gateway {
            gateway,
            functions: Functions::of(&options),
            tokens,
        })
    }

    /// Answers a request. `progress` is an object that is told how far it has come.
    pub async fn fetch(
        &self,
        request: web_sys::Request,
        progress: RequestProgress,
    ) -> Result<web_sys::Response, JsValue> {
        progress.set_begun(client::now());
        let head = host::head(&request)?;
        let host = JsHost::new(
            &self.functions,
            self.tokens.as_ref().map(|(ims, host)| (ims, host)),
            request,
            head,
            progress,
        );
        response::reply(handle(&self.gateway, &host).await)
    }

    /// The answer to a request whose instance has trapped.
    pub fn trapped(
        &self,
        request: web_sys::Request,
        progress: RequestProgress,
    ) -> Result<web_sys::Response, JsValue> {
        let head = host::head(&request)?;
        let begun = progress.begun().unwrap_or_else(client::now);
        let trap = Trap {
            is_sent: progress.sent() == Some(true),
            operation: progress.command().and_then(|word| Operation::parse(&word)),
            // The cast saturates.
            ms: (client::now() - begun) as u32,
        };
        let write = |entry: &LogEntry<'_>| {
            log::write(&self.functions, entry, progress.asked().as_ref());
        };
        response::answer(self.gateway.trapped(&head, &trap, Math::random, write))
    }
}

/// One credential and its token.
#[wasm_bindgen]
pub struct Tokens {
    ims: Ims,
    host: TokenHost,
}

#[wasm_bindgen]
impl Tokens {
    /// Throws a `TypeError` that names the field that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(fields: JsValue) -> Result<Tokens, JsValue> {
        let given = options::given(&fields);
        let credentials =
            given.and_then(|given| credentials::check(given, &options::parse_absolute));
        let credentials =
            credentials.map_err(|problem| type_error("imsTokenProvider", &problem))?;
        Ok(Tokens {
            ims: Ims::new(credentials),
            host: TokenHost::of(&fields.unchecked_into()),
        })
    }

    /// A token; `refresh`: the last one was refused.
    pub async fn token(&self, refresh: bool) -> Result<String, JsValue> {
        let token = self.host.token(&self.ims, refresh).await;
        token.map_err(|failure| js_sys::Error::new(&failure.0).into())
    }
}

fn type_error(function: &str, problem: &str) -> JsValue {
    js_sys::TypeError::new(&[function, ": ", problem].concat()).into()
}
