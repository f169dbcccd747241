//! Commands are accepted now and applied later.

use campaign_emulator::{Campaign, Command, InvalidTransition, Options, State, WorkflowSetup};

use crate::{campaign, documented, json, send, text};

fn one(state: State, options: Options) -> Campaign {
    let workflows = vec![WorkflowSetup {
        id: "W".to_owned(),
        state,
        ..WorkflowSetup::default()
    }];
    Campaign::new(Options {
        workflows,
        ..options
    })
}

fn state(campaign: &Campaign) -> State {
    campaign.workflow("W").unwrap().state()
}

#[test]
fn an_accepted_command_is_applied_after_the_delay() {
    let mut campaign = campaign();
    let response = send(&mut campaign, "WKF101", Command::Start, 1000);
    assert_eq!(response.status, 200);
    assert_eq!(response.get("x-request-id"), Some("local-0"));
    let pkey = campaign.workflow("WKF101").unwrap().pkey().to_owned();
    assert_eq!(
        json(&response),
        serde_json::json!({ "PKey": pkey, "method": "start" })
    );

    for (now, expected) in [
        (1000, State::Editing),
        (2499, State::Editing),
        (2500, State::Started),
    ] {
        campaign.advance_to(now);
        assert_eq!(
            campaign.workflow("WKF101").unwrap().state(),
            expected,
            "at {now}"
        );
    }
    let workflow = campaign.workflow("WKF101").unwrap();
    let execution = workflow.executions().next().unwrap();
    assert_eq!(execution.accepted_at, 1000);
    assert_eq!(execution.applied_at, Some(2500));
    assert_eq!(execution.led_to, Some(State::Started));
    assert_eq!(execution.request_index, 0);
}

#[test]
fn a_delay_of_zero_applies_a_command_at_once() {
    let mut campaign = one(
        State::Started,
        Options {
            apply_delay_ms: 0,
            ..Options::default()
        },
    );
    send(&mut campaign, "W", Command::Pause, 7);
    assert_eq!(state(&campaign), State::Paused);
}

#[test]
fn every_command_has_the_documented_effect_in_every_state() {
    use Command::{Pause, Resume, Start, Stop};
    use State::{Editing, Erroneous, Finished, Paused, Started};
    let fits = [
        (Editing, Start, Started),
        (Finished, Start, Started),
        (Paused, Start, Started),
        (Erroneous, Start, Started),
        (Started, Pause, Paused),
        (Paused, Resume, Started),
        (Started, Stop, Finished),
        (Paused, Stop, Finished),
    ];
    for from in State::ALL {
        for command in Command::ALL {
            let expected = fits.iter().find(|(a, b, _)| (*a, *b) == (from, command));
            let mut campaign = one(from, Options::default());
            let response = send(&mut campaign, "W", command, 0);
            campaign.advance_to(1500);
            assert_eq!(
                response.status,
                if expected.is_some() { 200 } else { 500 },
                "{from:?} {command:?}"
            );
            assert_eq!(
                state(&campaign),
                expected.map_or(from, |(_, _, to)| *to),
                "{from:?} {command:?}"
            );
            let executed = usize::from(expected.is_some());
            assert_eq!(
                campaign.workflow("W").unwrap().times_executed(command),
                executed
            );
            assert_eq!(campaign.log()[0].executed, expected.is_some());
        }
    }
}

#[test]
fn a_command_must_be_allowed_after_all_pending_commands() {
    let mut campaign = one(State::Started, Options::default());
    assert_eq!(send(&mut campaign, "W", Command::Pause, 0).status, 200);
    assert_eq!(send(&mut campaign, "W", Command::Resume, 100).status, 200);
    assert_eq!(send(&mut campaign, "W", Command::Stop, 200).status, 200);

    let second = send(&mut campaign, "W", Command::Stop, 300);
    assert_eq!(second.status, 500);
    assert_eq!(
        text(&second),
        "RST-360011 An error has occurred - please contact your administrator.\n\
         The command 'stop' does not fit the state 'Finished' (it will be once the pending commands are applied) of the workflow 'W'."
    );

    let mut seen = Vec::new();
    for now in [1499, 1500, 1600, 1700] {
        campaign.advance_to(now);
        seen.push(state(&campaign));
    }
    assert_eq!(
        seen,
        [
            State::Started,
            State::Paused,
            State::Started,
            State::Finished
        ]
    );
}

#[test]
fn a_disallowed_command_can_be_accepted_without_effect() {
    let mut campaign = one(
        State::Finished,
        Options {
            invalid_transition: InvalidTransition::Accept,
            ..Options::default()
        },
    );
    assert_eq!(send(&mut campaign, "W", Command::Pause, 0).status, 200);
    campaign.advance_to(1500);
    assert_eq!(state(&campaign), State::Finished);
    let workflow = campaign.workflow("W").unwrap();
    let execution = workflow.executions().next().unwrap();
    assert_eq!((execution.applied_at, execution.led_to), (Some(1500), None));
    assert!(campaign.log()[0].executed);
}

#[test]
fn a_run_finishes_by_itself_and_a_pause_interrupts_it() {
    let options = Options {
        apply_delay_ms: 0,
        run_ms: Some(1000),
        ..Options::default()
    };
    let mut campaign = one(State::Started, options);
    campaign.advance_to(5000); // the run of a started workflow begins with the first call that passes a time
    send(&mut campaign, "W", Command::Pause, 5400);
    campaign.advance_to(90_000);
    assert_eq!(state(&campaign), State::Paused);
    send(&mut campaign, "W", Command::Resume, 100_000);
    campaign.advance_to(100_599);
    assert_eq!(state(&campaign), State::Started);
    campaign.advance_to(100_600);
    assert_eq!(state(&campaign), State::Finished);
}

#[test]
fn a_command_that_is_due_after_the_run_finished_has_no_effect() {
    let mut campaign = one(
        State::Started,
        Options {
            run_ms: Some(1000),
            ..Options::default()
        },
    );
    campaign.advance_to(0);
    assert_eq!(send(&mut campaign, "W", Command::Pause, 500).status, 200);
    campaign.advance_to(2000);
    assert_eq!(state(&campaign), State::Finished);
    let workflow = campaign.workflow("W").unwrap();
    let execution = workflow.executions().next().unwrap();
    assert_eq!((execution.applied_at, execution.led_to), (Some(2000), None));
}

#[test]
fn a_request_that_arrives_twice_is_executed_and_logged_twice() {
    let mut campaign = one(
        State::Editing,
        Options {
            invalid_transition: InvalidTransition::Accept,
            ..Options::default()
        },
    );
    let request = documented("W", Command::Start);
    let indices = [
        campaign.handle(&request, 0).index,
        campaign.handle(&request, 1).index,
    ];
    let workflow = campaign.workflow("W").unwrap();
    assert_eq!(workflow.times_executed(Command::Start), 2);
    let by: Vec<_> = workflow
        .executions()
        .map(|execution| Some(execution.request_index))
        .collect();
    assert_eq!(by, indices);
}

#[test]
fn a_pkey_can_be_used_instead_of_the_id() {
    let mut campaign = campaign();
    let pkey = campaign.workflow("WKF101").unwrap().pkey().to_owned();
    assert!(pkey.starts_with('@') && pkey.len() == 23, "{pkey}");
    assert_eq!(send(&mut campaign, &pkey, Command::Start, 0).status, 200);
    assert_eq!(campaign.workflow("WKF101").unwrap().pending().len(), 1);
    assert_eq!(
        campaign.log()[0].workflow_id.as_deref(),
        Some(pkey.as_str())
    );
}

#[test]
fn time_never_runs_backwards() {
    let mut campaign = campaign();
    send(&mut campaign, "WKF101", Command::Start, 5000);
    assert_eq!(campaign.advance_to(10), 5000);
    assert_eq!(campaign.advance(1500), 6500);
    assert_eq!(campaign.workflow("WKF101").unwrap().state(), State::Started);
    assert_eq!(campaign.advance_to(5100), 6600);
    assert_eq!(campaign.advance_to(u64::MAX), u64::MAX);
    assert_eq!(
        send(&mut campaign, "WKF101", Command::Stop, u64::MAX).status,
        200
    );
}

#[test]
fn history_is_limited_but_pending_commands_are_kept() {
    let options = Options {
        history_limit: 3,
        apply_delay_ms: 0,
        invalid_transition: InvalidTransition::Accept,
        ..Options::default()
    };
    let mut campaign = one(State::Editing, options);
    for now in 0..10 {
        send(&mut campaign, "W", Command::Start, now);
    }
    let indices: Vec<u64> = campaign.log().iter().map(|entry| entry.index).collect();
    assert_eq!(indices, [7, 8, 9]);
    assert_eq!(campaign.workflow("W").unwrap().executions().count(), 3);
    assert_eq!(state(&campaign), State::Started);

    // Pending commands are never dropped, or they would not be applied.
    let options = Options {
        history_limit: 1,
        ..Options::default()
    };
    let mut campaign = one(State::Editing, options);
    for (now, command) in [(0, Command::Start), (1, Command::Pause), (2, Command::Stop)] {
        send(&mut campaign, "W", command, now);
    }
    campaign.advance_to(1502);
    assert_eq!(state(&campaign), State::Finished);
}
