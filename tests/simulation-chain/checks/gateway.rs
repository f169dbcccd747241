//! What the gateway says to its callers, and what it leaves in its log.

use campaign_workflow::error::Code;

use super::{Evidence, Violation, expect};
use crate::campaign::{API_KEY, CLIENT_SECRET};
use crate::observations::{GatewayRequest, SeenResponse};
use crate::setup::{BASE_PATH, GATEWAY, Role};

/// A gateway's whole answer takes no longer, in milliseconds.
const GATEWAY_MS: u64 = 25_000;

impl Evidence<'_> {
    pub fn check_gateway(&self) -> Result<(), Violation> {
        for asked in &self.observations.asked {
            self.check_answer(asked)?;
        }
        self.check_refusals()?;
        self.check_lines()?;
        self.check_tokens()
    }

    /// What the gateway says, on every route.
    fn check_answer(&self, asked: &GatewayRequest) -> Result<(), Violation> {
        let Some((at, answer)) = &asked.answer else {
            return Ok(());
        };
        let SeenResponse { status, .. } = answer;
        let how = || {
            format!(
                "{} {}: {status} {:?} {}",
                asked.method, asked.url, answer.headers, answer.body
            )
        };
        expect(
            "a gateway answers within its deadline",
            at - asked.begun <= GATEWAY_MS,
            || format!("{} ms: {}", at - asked.begun, how()),
        )?;
        let is = |name, value| answer.header(name) == Some(value);
        expect(
            "every answer is for its caller alone",
            is("cache-control", "no-store")
                && is("x-content-type-options", "nosniff")
                && answer.header("vary").is_some(),
            how,
        )?;
        for secret in [CLIENT_SECRET, API_KEY, "ims-token-"] {
            let is_shown = answer.body.contains(secret)
                || answer
                    .headers
                    .iter()
                    .any(|(_, value)| value.contains(secret));
            expect("no credential leaves the gateway", !is_shown, how)?;
        }
        let triggers = answer.body.matches("/trigger/").count();
        let own = [GATEWAY, BASE_PATH, "/"].concat();
        let own = answer.body.matches(&own).count();
        expect(
            "triggers are at the gateway itself",
            *status != 200 || asked.method != "GET" || triggers == own,
            how,
        )?;
        if *status < 400 {
            return Ok(());
        }
        let Some(problem) = answer.problem() else {
            // What Campaign says of a signal that comes too soon passes as it is.
            let is_too_soon = *status == 400 && asked.url.contains("/trigger");
            return expect("an error is a problem document", is_too_soon, how);
        };
        // That of a repeated key is waited for: whoever repeats it again executes nothing twice.
        let is_pending = *status == 409 && asked.key.is_some() && answer.is_passed;
        let may_be_repeated = matches!(status, 429 | 503) || answer.header("retry-after").is_some();
        expect(
            "an unknown outcome invites no repetition",
            problem["outcome"] != "unknown"
                || is_pending
                || (!may_be_repeated && matches!(status, 502 | 504)),
            how,
        )
    }

    /// Who may do nothing learns nothing: every refusal is the same to the byte.
    fn check_refusals(&self) -> Result<(), Violation> {
        let answers = self
            .observations
            .asked
            .iter()
            .filter(|asked| asked.role == Role::Nobody && !self.setup.is_authorize_faulty);
        let mut answers = answers.filter_map(|asked| Some(&asked.answer.as_ref()?.1));
        let Some(first) = answers.next() else {
            return Ok(());
        };
        for other in answers {
            let is_same = first.status == other.status
                && first.body == other.body
                && first.headers == other.headers;
            expect(
                "nobody is refused in one way",
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

    /// Every request that was answered has one line, which says what the answer says.
    fn check_lines(&self) -> Result<(), Violation> {
        for (number, asked) in self.observations.asked.iter().enumerate() {
            let Some((_, answer)) = &asked.answer else {
                continue;
            };
            let lines: Vec<_> = self.observations.lines.iter().collect();
            let lines: Vec<_> = lines
                .into_iter()
                .filter(|line| line.asked == number)
                .collect();
            let how = || {
                let texts: Vec<_> = lines.iter().map(|line| &line.text).collect();
                format!("{} {}: {texts:?}", asked.method, asked.url)
            };
            expect("each request leaves one line", lines.len() == 1, how)?;
            let line = lines[0];
            let outcome = match answer.problem() {
                // What an object says is not read.
                Some(_) if answer.is_passed => String::from("unknown"),
                Some(problem) => String::from(problem["outcome"].as_str().unwrap_or_default()),
                None if answer.status < 400 => String::from("accepted"),
                None => String::from("not-executed"),
            };
            expect(
                "the line says what the answer says",
                line.status == answer.status && line.outcome == outcome,
                how,
            )?;
            for secret in [CLIENT_SECRET, API_KEY, "ims-token-", "page-token-"] {
                expect("no credential is logged", !line.text.contains(secret), how)?;
            }
        }
        Ok(())
    }

    /// A token host that works gives every command its token, whoever has left meanwhile.
    fn check_tokens(&self) -> Result<(), Violation> {
        let setup = self.setup;
        let is_sound = !setup.is_token_server_faulty && !setup.is_back_faulty;
        if !setup.has_credentials || !is_sound {
            return Ok(());
        }
        let code = Code::TokenUnavailable.as_str();
        let without = self.observations.asked.iter().find(|asked| {
            let answer = asked.answer.as_ref();
            let problem = answer.and_then(|(_, answer)| answer.problem());
            problem.is_some_and(|problem| problem["code"] == code)
        });
        expect(
            "no request for a token blocks another",
            without.is_none(),
            || {
                let url = without.map(|asked| &asked.url);
                format!("{url:?}: {} tokens given", self.token_server.given())
            },
        )
    }
}
