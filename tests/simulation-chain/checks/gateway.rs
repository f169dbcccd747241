//! Checks the gateway's responses and its log.

use campaign_workflow::error::Code;

use super::{Evidence, Violation, expect};
use crate::campaign::{API_KEY, CLIENT_SECRET};
use crate::observations::{GatewayRequest, SeenResponse};
use crate::setup::{BASE_PATH, GATEWAY, Role};

/// The longest time to a response, in milliseconds.
const GATEWAY_MS: u64 = 25_000;

impl Evidence<'_> {
    pub fn check_gateway(&self) -> Result<(), Violation> {
        for request in &self.observations.gateway_requests {
            self.check_answer(request)?;
        }
        self.check_refusals()?;
        self.check_lines()?;
        self.check_tokens()
    }

    /// Checks a response, on every route.
    fn check_answer(&self, request: &GatewayRequest) -> Result<(), Violation> {
        let Some((at, response)) = &request.response else {
            return Ok(());
        };
        let SeenResponse { status, .. } = response;
        let details = || {
            format!(
                "{} {}: {status} {:?} {}",
                request.method, request.url, response.headers, response.body
            )
        };
        expect(
            "the gateway responds within its deadline",
            at - request.started_at <= GATEWAY_MS,
            || format!("{} ms: {}", at - request.started_at, details()),
        )?;
        let is = |name, value| response.header(name) == Some(value);
        expect(
            "no response may be cached or sniffed",
            is("cache-control", "no-store")
                && is("x-content-type-options", "nosniff")
                && response.header("vary").is_some(),
            details,
        )?;
        for secret in [CLIENT_SECRET, API_KEY, "ims-token-"] {
            let is_shown = response.body.contains(secret)
                || response
                    .headers
                    .iter()
                    .any(|(_, value)| value.contains(secret));
            expect("no credential leaves the gateway", !is_shown, details)?;
        }
        let triggers = response.body.matches("/trigger/").count();
        let own = [GATEWAY, BASE_PATH, "/"].concat();
        let own = response.body.matches(&own).count();
        expect(
            "trigger addresses are the gateway's own",
            *status != 200 || request.method != "GET" || triggers == own,
            details,
        )?;
        if *status < 400 {
            return Ok(());
        }
        let Some(problem) = response.problem() else {
            // Campaign's response to a signal that comes too soon is forwarded unchanged.
            let is_too_soon = *status == 400 && request.url.contains("/trigger");
            return expect("an error is a problem document", is_too_soon, details);
        };
        // A repeat of a pending command's key waits for its result. It is not executed again.
        let is_pending = *status == 409 && request.key.is_some() && response.is_from_object;
        let may_be_repeated =
            matches!(status, 429 | 503) || response.header("retry-after").is_some();
        expect(
            "an unknown outcome has no Retry-After",
            problem["outcome"] != "unknown"
                || is_pending
                || (!may_be_repeated && matches!(status, 502 | 504)),
            details,
        )
    }

    /// A caller without rights learns nothing: all refusals are equal, byte by byte.
    fn check_refusals(&self) -> Result<(), Violation> {
        let responses = self
            .observations
            .gateway_requests
            .iter()
            .filter(|request| request.role == Role::Nobody && !self.setup.is_authorize_faulty);
        let mut responses = responses.filter_map(|request| Some(&request.response.as_ref()?.1));
        let Some(first) = responses.next() else {
            return Ok(());
        };
        for other in responses {
            let is_same = first.status == other.status
                && first.body == other.body
                && first.headers == other.headers;
            expect(
                "all refusals of a caller without rights are equal",
                is_same && first.status == 403,
                || {
                    format!(
                        "{} {}\n{} {}",
                        first.status, first.body, other.status, other.body
                    )
                },
            )?;
        }
        Ok(())
    }

    /// Every request with a response has one log entry, which agrees with the response.
    fn check_lines(&self) -> Result<(), Violation> {
        for (number, request) in self.observations.gateway_requests.iter().enumerate() {
            let Some((_, response)) = &request.response else {
                continue;
            };
            let lines: Vec<_> = self.observations.lines.iter().collect();
            let lines: Vec<_> = lines
                .into_iter()
                .filter(|line| line.request_index == number)
                .collect();
            let details = || {
                let texts: Vec<_> = lines.iter().map(|line| &line.text).collect();
                format!("{} {}: {texts:?}", request.method, request.url)
            };
            expect("each request has one log entry", lines.len() == 1, details)?;
            let line = lines[0];
            let outcome = match response.problem() {
                // The gateway does not read an object's response.
                Some(_) if response.is_from_object => String::from("unknown"),
                Some(problem) => String::from(problem["outcome"].as_str().unwrap_or_default()),
                None if response.status < 400 => String::from("accepted"),
                None => String::from("not-executed"),
            };
            expect(
                "the log entry agrees with the response",
                line.status == response.status && line.outcome == outcome,
                details,
            )?;
            for secret in [CLIENT_SECRET, API_KEY, "ims-token-", "page-token-"] {
                expect(
                    "no credential is logged",
                    !line.text.contains(secret),
                    details,
                )?;
            }
        }
        Ok(())
    }

    /// If the token endpoint works, every command gets a token, whichever callers have disconnected.
    fn check_tokens(&self) -> Result<(), Violation> {
        let setup = self.setup;
        let is_sound = !setup.is_token_server_faulty && !setup.is_back_faulty;
        if !setup.has_credentials || !is_sound {
            return Ok(());
        }
        let code = Code::TokenUnavailable.as_str();
        let without = self.observations.gateway_requests.iter().find(|request| {
            let response = request.response.as_ref();
            let problem = response.and_then(|(_, response)| response.problem());
            problem.is_some_and(|problem| problem["code"] == code)
        });
        expect("no token request blocks another", without.is_none(), || {
            let url = without.map(|request| &request.url);
            format!("{url:?}: {} tokens given", self.token_server.issued())
        })
    }
}
