use super::*;

const OPTIONS: CallOptions = CallOptions {
    timeout_ms: 30_000,
    attempt_timeout_ms: 10_000,
    max_retries: 2,
    has_token_function: true,
    has_custom_fetch: false,
    may_be_gateway: true,
    has_key: false,
    effect: Effect::Executes,
};

const WITH_KEY: CallOptions = CallOptions {
    has_key: true,
    ..OPTIONS
};

/// An exchange after a response head, and its next action.
fn after_head(options: CallOptions, status: u16, is_problem: bool) -> (Exchange, Action) {
    let (mut exchange, action) = Exchange::start(options, false);
    assert_eq!(action, Action::GetToken { refresh: false });
    assert_eq!(exchange.on(Event::Token, 0, 0.5), Action::Send);
    let action = exchange.on(head(status, is_problem), 0, 0.5);
    (exchange, action)
}

fn head(status: u16, is_problem: bool) -> Event {
    Event::Head(Head {
        status,
        is_opaque_redirect: false,
        retry_after_ms: matches!(status, 409 | 429 | 503).then_some(1000),
        is_problem,
    })
}

fn document(outcome: Option<Outcome>, is_stored: bool) -> Event {
    Event::Body {
        end: BodyEnd::Complete,
        is_unknown_uri: false,
        reported: Some(ReportedOutcome {
            code: None,
            outcome,
            is_stored,
        }),
    }
}

/// The code and outcome of a failed call.
fn failure(action: Action) -> (Code, Outcome) {
    let Action::Finish(CallResult::Failed { code, outcome, .. }) = action else {
        panic!("{action:?}")
    };
    (code, outcome)
}

const REPEATABLE: [(u16, Code, Action); 3] = [
    (
        401,
        Code::Unauthenticated,
        Action::GetToken { refresh: true },
    ),
    (429, Code::RateLimited, Action::Wait { for_ms: 1000 }),
    (503, Code::ServerError, Action::Wait { for_ms: 1000 }),
];

#[test]
fn a_problem_document_is_read_before_a_repetition() {
    for (status, _, repetition) in REPEATABLE {
        assert_eq!(after_head(OPTIONS, status, false).1, repetition);
        let (mut exchange, action) = after_head(OPTIONS, status, true);
        assert_eq!(action, Action::ReadBody { is_problem: true });
        assert_eq!(exchange.on(document(None, false), 0, 0.5), repetition);
    }
}

#[test]
fn an_unknown_outcome_in_a_problem_document_forbids_the_repetition() {
    for (status, code, _) in REPEATABLE {
        let (mut exchange, _) = after_head(OPTIONS, status, true);
        let action = exchange.on(document(Some(Outcome::Unknown), false), 0, 0.5);
        assert_eq!(failure(action), (code, Outcome::Unknown));
    }
}

#[test]
fn a_wait_past_the_deadline_is_not_started() {
    let (mut exchange, _) = after_head(OPTIONS, 429, true);
    let result = CallResult::Failed {
        code: Code::RateLimited,
        outcome: Outcome::NotExecuted,
        retry_after_ms: Some(1000),
        from_problem_document: false,
    };
    let action = exchange.on(document(None, false), 29_000, 0.5);
    assert_eq!(action, Action::Finish(result));
}

#[test]
fn a_call_that_gives_up_reports_the_delay_it_had_no_time_for() {
    let (mut exchange, _) = Exchange::start(OPTIONS, false);
    exchange.on(Event::Token, 0, 0.5);
    let throttled = Event::Head(Head {
        status: 429,
        is_opaque_redirect: false,
        retry_after_ms: None,
        is_problem: false,
    });
    let read = Action::ReadBody { is_problem: false };
    assert_eq!(exchange.on(throttled, 29_900, 0.5), read);
    let complete = Event::Body {
        end: BodyEnd::Complete,
        is_unknown_uri: false,
        reported: None,
    };
    let result = CallResult::Failed {
        code: Code::RateLimited,
        outcome: Outcome::NotExecuted,
        retry_after_ms: Some(250),
        from_problem_document: false,
    };
    let action = exchange.on(complete, 29_900, 0.5);
    assert_eq!(action, Action::Finish(result));
}

#[test]
fn a_problem_document_that_cannot_be_read_proves_nothing() {
    let broken = Event::Body {
        end: BodyEnd::Broken,
        is_unknown_uri: false,
        reported: None,
    };
    for (event, code) in [
        (broken, Code::BadResponse),
        (Event::StepTimeout, Code::Timeout),
        (Event::CallTimeout, Code::Timeout),
        (Event::Aborted, Code::Aborted),
    ] {
        let (mut exchange, _) = after_head(OPTIONS, 429, true);
        let action = exchange.on(event, 0, 0.5);
        assert_eq!(failure(action), (code, Outcome::Unknown));
    }
}

#[test]
fn only_a_command_with_a_key_is_sent_again_in_doubt() {
    let lost = Event::FetchFailed {
        never_connected: false,
    };
    for event in [lost, Event::StepTimeout, head(502, false), head(504, false)] {
        for options in [OPTIONS, WITH_KEY] {
            let (mut exchange, _) = Exchange::start(options, false);
            exchange.on(Event::Token, 0, 0.5);
            let waits = matches!(exchange.on(event, 0, 0.5), Action::Wait { .. });
            assert_eq!(waits, options.has_key, "{event:?}");
        }
    }
    // "Still pending" leads to a wait only with a key.
    assert!(matches!(
        after_head(OPTIONS, 409, false).1,
        Action::ReadBody { .. }
    ));
    let (_, action) = after_head(WITH_KEY, 409, false);
    assert_eq!(action, Action::Wait { for_ms: 1000 });
}

#[test]
fn a_refusal_after_a_lost_response_proves_nothing_unless_it_is_stored() {
    for (is_stored, outcome) in [(false, Outcome::Unknown), (true, Outcome::NotExecuted)] {
        let (mut exchange, _) = Exchange::start(WITH_KEY, false);
        exchange.on(Event::Token, 0, 0.5);
        exchange.on(Event::StepTimeout, 0, 0.5);
        assert_eq!(exchange.on(Event::StepTimeout, 0, 0.5), Action::Send);
        let read = Action::ReadBody { is_problem: true };
        assert_eq!(exchange.on(head(404, true), 0, 0.5), read);
        let action = exchange.on(document(Some(Outcome::NotExecuted), is_stored), 0, 0.5);
        assert_eq!(failure(action), (Code::NotFound, outcome));
    }
}

#[test]
fn a_pending_command_is_never_reported_as_not_executed() {
    let options = CallOptions {
        max_retries: 0,
        ..WITH_KEY
    };
    let (mut exchange, action) = after_head(options, 409, false);
    assert_eq!(action, Action::ReadBody { is_problem: false });
    let complete = Event::Body {
        end: BodyEnd::Complete,
        is_unknown_uri: false,
        reported: None,
    };
    let action = exchange.on(complete, 0, 0.5);
    assert_eq!(failure(action), (Code::Rejected, Outcome::Unknown));
}

const fn with(effect: Effect) -> CallOptions {
    CallOptions {
        has_token_function: false,
        effect,
        ..OPTIONS
    }
}

/// An exchange after a response with this status, without a token function.
fn at(options: CallOptions, status: u16) -> (Exchange, Action) {
    let (mut exchange, _) = Exchange::start(options, false);
    let action = exchange.on(head(status, false), 0, 0.5);
    (exchange, action)
}

const BROKEN: Event = Event::Body {
    end: BodyEnd::Broken,
    is_unknown_uri: false,
    reported: None,
};

#[test]
fn enqueueing_succeeds_only_with_the_whole_body_of_a_202() {
    let options = with(Effect::Enqueues);
    let (mut exchange, _) = at(options, 202);
    let doubt = (Code::BadResponse, Outcome::Unknown);
    assert_eq!(failure(exchange.on(BROKEN, 0, 0.5)), doubt);
    let keyed = CallOptions {
        has_key: true,
        ..options
    };
    let (mut exchange, _) = at(keyed, 202);
    assert_eq!(exchange.on(BROKEN, 0, 0.5), Action::Wait { for_ms: 250 });
    // Any other 2xx comes from a server without a queue, which has executed the command.
    for options in [options, keyed, with(Effect::Executes)] {
        let (mut exchange, _) = at(options, 200);
        let accepted = Action::Finish(CallResult::Accepted);
        assert_eq!(exchange.on(BROKEN, 0, 0.5), accepted);
    }
}

#[test]
fn cancelling_is_retried_like_reading_but_a_later_refusal_leaves_it_unknown() {
    for (effect, outcome) in [
        (Effect::Cancels, Outcome::Unknown),
        (Effect::Reads, Outcome::NotExecuted),
    ] {
        let (mut exchange, action) = at(with(effect), 500);
        assert_eq!(action, Action::Wait { for_ms: 250 });
        assert_eq!(exchange.on(Event::StepTimeout, 0, 0.5), Action::Send);
        exchange.on(head(404, false), 0, 0.5);
        let body = Event::Body {
            end: BodyEnd::Complete,
            is_unknown_uri: false,
            reported: None,
        };
        assert_eq!(
            failure(exchange.on(body, 0, 0.5)),
            (Code::NotFound, outcome)
        );
    }
    let (mut exchange, _) = Exchange::start(with(Effect::Cancels), false);
    let over = failure(exchange.on(Event::CallTimeout, 0, 0.5));
    assert_eq!(over, (Code::Timeout, Outcome::Unknown));
}
