use super::*;

const PLAN: Plan = Plan {
    timeout_ms: 30_000,
    attempt_timeout_ms: 10_000,
    max_retries: 2,
    asks_for_token: true,
    has_custom_fetch: false,
    may_be_gateway: true,
    has_key: false,
    effect: Effect::Executes,
};

const WITH_KEY: Plan = Plan {
    has_key: true,
    ..PLAN
};

/// An exchange that has received this head, and its next action.
fn answered(plan: Plan, status: u16, is_problem: bool) -> (Exchange, Action) {
    let (mut exchange, action) = Exchange::begin(plan, false);
    assert_eq!(action, Action::GetToken { refresh: false });
    assert_eq!(exchange.on(Event::Token, 0, 0.5), Action::Send);
    let action = exchange.on(head(status, is_problem), 0, 0.5);
    (exchange, action)
}

fn head(status: u16, is_problem: bool) -> Event {
    Event::Head(Head {
        status,
        opaque_redirect: false,
        retry_after_ms: matches!(status, 409 | 429 | 503).then_some(1000),
        is_problem,
    })
}

fn document(outcome: Option<Outcome>, is_stored: bool) -> Event {
    Event::Body {
        end: BodyEnd::Complete,
        unknown_uri: false,
        verdict: Some(Verdict {
            code: None,
            outcome,
            is_stored,
        }),
    }
}

/// How an exchange ended.
fn settled(action: Action) -> (Code, Outcome) {
    let Action::Settle(Settlement::Failed { code, outcome, .. }) = action else {
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
        assert_eq!(answered(PLAN, status, false).1, repetition);
        let (mut exchange, action) = answered(PLAN, status, true);
        assert_eq!(action, Action::Read { is_problem: true });
        assert_eq!(exchange.on(document(None, false), 0, 0.5), repetition);
    }
}

#[test]
fn an_unknown_outcome_in_a_problem_document_forbids_the_repetition() {
    for (status, code, _) in REPEATABLE {
        let (mut exchange, _) = answered(PLAN, status, true);
        let action = exchange.on(document(Some(Outcome::Unknown), false), 0, 0.5);
        assert_eq!(settled(action), (code, Outcome::Unknown));
    }
}

#[test]
fn a_wait_that_would_not_end_in_time_is_not_begun() {
    let (mut exchange, _) = answered(PLAN, 429, true);
    let settlement = Settlement::Failed {
        code: Code::RateLimited,
        outcome: Outcome::NotExecuted,
        retry_after_ms: Some(1000),
        by_document: false,
    };
    let action = exchange.on(document(None, false), 29_000, 0.5);
    assert_eq!(action, Action::Settle(settlement));
}

#[test]
fn who_gives_up_says_how_long_the_wait_would_have_been() {
    let (mut exchange, _) = Exchange::begin(PLAN, false);
    exchange.on(Event::Token, 0, 0.5);
    let throttled = Event::Head(Head {
        status: 429,
        opaque_redirect: false,
        retry_after_ms: None,
        is_problem: false,
    });
    let read = Action::Read { is_problem: false };
    assert_eq!(exchange.on(throttled, 29_900, 0.5), read);
    let complete = Event::Body {
        end: BodyEnd::Complete,
        unknown_uri: false,
        verdict: None,
    };
    let settlement = Settlement::Failed {
        code: Code::RateLimited,
        outcome: Outcome::NotExecuted,
        retry_after_ms: Some(250),
        by_document: false,
    };
    let action = exchange.on(complete, 29_900, 0.5);
    assert_eq!(action, Action::Settle(settlement));
}

#[test]
fn a_problem_document_that_cannot_be_read_proves_nothing() {
    let broken = Event::Body {
        end: BodyEnd::Broken,
        unknown_uri: false,
        verdict: None,
    };
    for (event, code) in [
        (broken, Code::BadResponse),
        (Event::StepOver, Code::Timeout),
        (Event::CallOver, Code::Timeout),
        (Event::Aborted, Code::Aborted),
    ] {
        let (mut exchange, _) = answered(PLAN, 429, true);
        let action = exchange.on(event, 0, 0.5);
        assert_eq!(settled(action), (code, Outcome::Unknown));
    }
}

#[test]
fn only_a_command_with_a_key_is_sent_again_in_doubt() {
    let lost = Event::Failed {
        never_connected: false,
    };
    for event in [lost, Event::StepOver, head(502, false), head(504, false)] {
        for plan in [PLAN, WITH_KEY] {
            let (mut exchange, _) = Exchange::begin(plan, false);
            exchange.on(Event::Token, 0, 0.5);
            let waits = matches!(exchange.on(event, 0, 0.5), Action::Wait { .. });
            assert_eq!(waits, plan.has_key, "{event:?}");
        }
    }
    // "Still pending" is waited for.
    assert!(matches!(answered(PLAN, 409, false).1, Action::Read { .. }));
    let (_, action) = answered(WITH_KEY, 409, false);
    assert_eq!(action, Action::Wait { for_ms: 1000 });
}

#[test]
fn a_refusal_after_a_doubt_proves_nothing_unless_it_is_stored() {
    for (is_stored, outcome) in [(false, Outcome::Unknown), (true, Outcome::NotExecuted)] {
        let (mut exchange, _) = Exchange::begin(WITH_KEY, false);
        exchange.on(Event::Token, 0, 0.5);
        exchange.on(Event::StepOver, 0, 0.5);
        assert_eq!(exchange.on(Event::StepOver, 0, 0.5), Action::Send);
        let read = Action::Read { is_problem: true };
        assert_eq!(exchange.on(head(404, true), 0, 0.5), read);
        let action = exchange.on(document(Some(Outcome::NotExecuted), is_stored), 0, 0.5);
        assert_eq!(settled(action), (Code::NotFound, outcome));
    }
}

#[test]
fn a_pending_command_is_never_called_not_executed() {
    let plan = Plan {
        max_retries: 0,
        ..WITH_KEY
    };
    let (mut exchange, action) = answered(plan, 409, false);
    assert_eq!(action, Action::Read { is_problem: false });
    let complete = Event::Body {
        end: BodyEnd::Complete,
        unknown_uri: false,
        verdict: None,
    };
    let action = exchange.on(complete, 0, 0.5);
    assert_eq!(settled(action), (Code::Rejected, Outcome::Unknown));
}

const fn with(effect: Effect) -> Plan {
    Plan {
        asks_for_token: false,
        effect,
        ..PLAN
    }
}

/// An exchange that has received this status.
fn at(plan: Plan, status: u16) -> (Exchange, Action) {
    let (mut exchange, _) = Exchange::begin(plan, false);
    let action = exchange.on(head(status, false), 0, 0.5);
    (exchange, action)
}

const BROKEN: Event = Event::Body {
    end: BodyEnd::Broken,
    unknown_uri: false,
    verdict: None,
};

#[test]
fn a_queued_command_is_accepted_once_the_body_of_its_202_is_there() {
    let plan = with(Effect::Enqueues);
    let (mut exchange, _) = at(plan, 202);
    let doubt = (Code::BadResponse, Outcome::Unknown);
    assert_eq!(settled(exchange.on(BROKEN, 0, 0.5)), doubt);
    let keyed = Plan {
        has_key: true,
        ..plan
    };
    let (mut exchange, _) = at(keyed, 202);
    assert_eq!(exchange.on(BROKEN, 0, 0.5), Action::Wait { for_ms: 250 });
    // Any other 2xx is none of a queue, which has decided all by itself.
    for plan in [plan, keyed, with(Effect::Executes)] {
        let (mut exchange, _) = at(plan, 200);
        let accepted = Action::Settle(Settlement::Accepted);
        assert_eq!(exchange.on(BROKEN, 0, 0.5), accepted);
    }
}

#[test]
fn cancelling_is_repeated_like_reading_and_a_later_refusal_proves_nothing() {
    for (effect, outcome) in [
        (Effect::Cancels, Outcome::Unknown),
        (Effect::Reads, Outcome::NotExecuted),
    ] {
        let (mut exchange, action) = at(with(effect), 500);
        assert_eq!(action, Action::Wait { for_ms: 250 });
        assert_eq!(exchange.on(Event::StepOver, 0, 0.5), Action::Send);
        exchange.on(head(404, false), 0, 0.5);
        let body = Event::Body {
            end: BodyEnd::Complete,
            unknown_uri: false,
            verdict: None,
        };
        assert_eq!(
            settled(exchange.on(body, 0, 0.5)),
            (Code::NotFound, outcome)
        );
    }
    let (mut exchange, _) = Exchange::begin(with(Effect::Cancels), false);
    let over = settled(exchange.on(Event::CallOver, 0, 0.5));
    assert_eq!(over, (Code::Timeout, Outcome::Unknown));
}
