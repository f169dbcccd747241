//! Token requests of many callers, with requests that fail, are late or end silently.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use campaign_gateway::ims::{Credentials, Ims, TokenFailure};
use support::{Network, ServerBehavior, all, json, late, text};

const SECRET: &str = "s3cr3t & more";

fn ims() -> Ims {
    Ims::new(Credentials {
        client_id: "id".into(),
        client_secret: SECRET.into(),
        scope: "openid,AdobeID".into(),
        token_url: "https://ims.example/token".into(),
        timeout_ms: 8000,
    })
}

/// A token endpoint with these responses, in order.
fn network(behaviors: Vec<ServerBehavior>) -> Network {
    let behaviors = Cell::new(behaviors.into_iter());
    Network::new(move |_| {
        let mut left = behaviors.take();
        let next = left.next().expect("no more requests");
        behaviors.set(left);
        next
    })
}

fn granted(token: &str) -> ServerBehavior {
    json(
        200,
        &format!(r#"{{"access_token":"{token}","expires_in":86399}}"#),
    )
}

type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<String, TokenFailure>> + 'a>>;

fn request_token<'a>(ims: &'a Ims, network: &'a Network) -> TokenFuture<'a> {
    Box::pin(ims.token(network, || network.clock.now_ms(), false))
}

#[test]
fn sends_the_secret_only_in_the_body() {
    let network = network(vec![granted("one")]);
    let ims = ims();
    assert_eq!(
        network.clock.run(request_token(&ims, &network)).unwrap(),
        "one"
    );
    let form = "grant_type=client_credentials&client_id=id&client_secret=s3cr3t+%26+more&scope=openid%2CAdobeID";
    assert_eq!(
        network.seen.borrow()[..],
        [format!("POST https://ims.example/token {form}")]
    );
}

#[test]
fn one_request_serves_all_callers() {
    let network = network(vec![late(500, granted("one"))]);
    let ims = ims();
    let callers = (0..50).map(|_| request_token(&ims, &network)).collect();
    let tokens = network.clock.run(all(callers));
    assert!(tokens.iter().all(|token| token.as_deref() == Ok("one")));
    assert_eq!(network.seen.borrow().len(), 1);
    assert!(
        network.clock.now_ms() <= 520.0,
        "{}",
        network.clock.now_ms()
    );
}

#[test]
fn a_request_that_ends_with_its_caller_delays_the_others_by_three_seconds() {
    let network = network(vec![ServerBehavior::Never, late(100, granted("two"))]);
    let ims = ims();
    // It sends its request, and is never polled again.
    let mut stalled = request_token(&ims, &network);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(stalled.as_mut().poll(&mut context).is_pending());
    let _kept = Rc::new(stalled);
    let callers = (0..50).map(|_| request_token(&ims, &network)).collect();
    let tokens = network.clock.run(all(callers));
    assert!(tokens.iter().all(|token| token.as_deref() == Ok("two")));
    assert_eq!(network.seen.borrow().len(), 2);
    assert!(
        network.clock.now_ms() <= 3200.0,
        "{}",
        network.clock.now_ms()
    );
}

#[test]
fn all_callers_get_the_same_failure_without_the_secret() {
    for (behavior, failure) in [
        (
            text(
                400,
                r#"{"error":"invalid_client","error_description":"s3cr3t"}"#,
            ),
            "The token endpoint responded with 400: invalid_client",
        ),
        (
            text(401, r#"{"error":"s3cr3t"}"#),
            "The token endpoint responded with 401",
        ),
        (
            text(302, ""),
            "The token endpoint redirects; redirects are not followed",
        ),
        (
            text(200, "no JSON"),
            "The token endpoint's response has no usable token",
        ),
        (
            json(200, r#"{"access_token":"Bearer x"}"#),
            "The token endpoint's response has no usable token",
        ),
        (
            json(
                200,
                &format!(r#"{{"access_token":"{}"}}"#, "x".repeat(70_000)),
            ),
            "The token endpoint's response (200) is too long",
        ),
        (
            ServerBehavior::Refused,
            "The token endpoint could not be reached",
        ),
    ] {
        let network = network(vec![late(50, behavior)]);
        let ims = ims();
        let callers = (0..5).map(|_| request_token(&ims, &network)).collect();
        let failure = Err(TokenFailure(failure.into()));
        assert!(
            network
                .clock
                .run(all(callers))
                .iter()
                .all(|result| *result == failure),
            "{failure:?}"
        );
        assert_eq!(
            network.clock.run(request_token(&ims, &network)),
            failure,
            "the same failure at once"
        );
        assert_eq!(network.seen.borrow().len(), 1);
    }
}

#[test]
fn a_request_without_a_response_ends_at_its_timeout() {
    let network = network((0..9).map(|_| ServerBehavior::Never).collect());
    let ims = ims();
    let failure = network
        .clock
        .run(request_token(&ims, &network))
        .unwrap_err();
    assert_eq!(
        failure.0,
        "The token endpoint did not respond within 8000 ms"
    );
    assert_eq!(network.clock.now_ms(), 8000.0);
}
