//! The exports to JavaScript. They convert requests, options and responses, and decide nothing.

mod bindings;
mod log;
mod objects;
mod options;
mod response;
mod runtime;
#[cfg(feature = "worker")]
mod table;
mod user_send;
#[cfg(feature = "worker")]
mod worker;
#[cfg(feature = "worker")]
mod writer;

use campaign_workflow::wasm::bindings as client;
use js_sys::Math;
use wasm_bindgen::prelude::*;

use crate::gateway::Trap;
use crate::handler::handle;
use crate::ims::Ims;
use crate::operation::Operation;
use crate::runtime::LogEntry;
use crate::{credentials, gateway};
use bindings::RequestProgress;
use runtime::{Functions, JsRuntime, TokenRuntime};

/// The gateway.
#[wasm_bindgen]
pub struct Gateway {
    gateway: gateway::Gateway,
    functions: Functions,
    tokens: Option<(Ims, TokenRuntime)>,
}

#[wasm_bindgen]
impl Gateway {
    /// Throws a `TypeError` that names the invalid option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Gateway, JsValue> {
        let (gateway, credentials) =
            options::check(&options).map_err(|problem| type_error("createGateway", &problem))?;
        let options: options::Options = options.unchecked_into();
        let tokens = credentials.map(|credentials| {
            let runtime = TokenRuntime::of(&options.credentials().unchecked_into());
            (Ims::new(credentials), runtime)
        });
        Ok(Gateway {
            gateway,
            functions: Functions::of(&options),
            tokens,
        })
    }

    /// Responds to a request and writes its progress to `progress`.
    pub async fn fetch(
        &self,
        request: web_sys::Request,
        progress: RequestProgress,
    ) -> Result<web_sys::Response, JsValue> {
        progress.set_started_ms(client::now());
        let head = runtime::head(&request)?;
        let runtime = JsRuntime::new(
            &self.functions,
            self.tokens.as_ref().map(|(ims, runtime)| (ims, runtime)),
            request,
            head,
            progress,
        );
        response::reply(handle(&self.gateway, &runtime).await)
    }

    /// The response to a request whose instance has trapped.
    #[wasm_bindgen(js_name = trapResponse)]
    pub fn trap_response(
        &self,
        request: web_sys::Request,
        progress: RequestProgress,
    ) -> Result<web_sys::Response, JsValue> {
        let head = runtime::head(&request)?;
        let started_ms = progress.started_ms().unwrap_or_else(client::now);
        let trap = Trap {
            is_sent: progress.sent() == Some(true),
            operation: progress.command().and_then(|word| Operation::parse(&word)),
            // The cast saturates.
            ms: (client::now() - started_ms) as u32,
        };
        let write = |entry: &LogEntry<'_>| {
            log::write(&self.functions, entry, progress.requested().as_ref());
        };
        response::response(
            self.gateway
                .trap_response(&head, &trap, Math::random, write),
        )
    }
}

/// A credential and its token.
#[wasm_bindgen]
pub struct TokenProvider {
    ims: Ims,
    runtime: TokenRuntime,
}

#[wasm_bindgen]
impl TokenProvider {
    /// Throws a `TypeError` that names the invalid field.
    #[wasm_bindgen(constructor)]
    pub fn new(fields: JsValue) -> Result<TokenProvider, JsValue> {
        let raw_options = options::raw_options(&fields);
        let credentials = raw_options
            .and_then(|raw_options| credentials::check(raw_options, &options::parse_absolute));
        let credentials =
            credentials.map_err(|problem| type_error("imsTokenProvider", &problem))?;
        Ok(TokenProvider {
            ims: Ims::new(credentials),
            runtime: TokenRuntime::of(&fields.unchecked_into()),
        })
    }

    /// Returns a token. `refresh`: Adobe refused the last one.
    pub async fn token(&self, refresh: bool) -> Result<String, JsValue> {
        let token = self.runtime.token(&self.ims, refresh).await;
        token.map_err(|failure| js_sys::Error::new(&failure.0).into())
    }
}

fn type_error(function: &str, problem: &str) -> JsValue {
    js_sys::TypeError::new(&[function, ": ", problem].concat()).into()
}
