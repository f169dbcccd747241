//! Compares the state machine with a model that is too simple to be wrong: it steps through every millisecond.

use campaign_emulator::{Campaign, Command, InvalidTransition, Options, State, WorkflowSetup};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert_eq, proptest};
use proptest::sample::select;

use crate::send;

const TABLE: [(State, Command, State); 8] = [
    (State::Editing, Command::Start, State::Started),
    (State::Finished, Command::Start, State::Started),
    (State::Erroneous, Command::Start, State::Started),
    (State::Paused, Command::Start, State::Started),
    (State::Paused, Command::Resume, State::Started),
    (State::Started, Command::Pause, State::Paused),
    (State::Started, Command::Stop, State::Finished),
    (State::Paused, Command::Stop, State::Finished),
];

fn next(state: State, command: Command) -> Option<State> {
    TABLE
        .iter()
        .find(|(from, by, _)| (*from, *by) == (state, command))
        .map(|(_, _, to)| *to)
}

struct Model {
    now: u64,
    state: State,
    /// The remaining milliseconds of the run.
    left: Option<u64>,
    /// Command, due time, time of application, resulting state.
    accepted: Vec<(Command, u64, Option<u64>, Option<State>)>,
    delay: u64,
    run: Option<u64>,
    invalid_transition: InvalidTransition,
}

impl Model {
    fn send(&mut self, command: Command) -> bool {
        let waiting = self.accepted.iter().filter(|entry| entry.2.is_none());
        let expected = waiting.fold(self.state, |state, entry| {
            next(state, entry.0).unwrap_or(state)
        });
        let is_accepted = self.invalid_transition == InvalidTransition::Accept
            || next(expected, command).is_some();
        if is_accepted {
            self.accepted
                .push((command, self.now + self.delay, None, None));
            self.apply_due();
        }
        is_accepted
    }

    fn tick(&mut self) {
        self.now += 1;
        if self.state == State::Started {
            self.left = self.left.map(|left| left - 1);
        }
        self.apply_due();
    }

    fn apply_due(&mut self) {
        loop {
            let now = self.now;
            if let Some(due) = self
                .accepted
                .iter_mut()
                .find(|entry| entry.2.is_none() && entry.1 <= now)
            {
                let to = next(self.state, due.0);
                (due.2, due.3) = (Some(now), to);
                if to == Some(State::Started) && self.state != State::Paused {
                    self.left = self.run;
                }
                self.state = to.unwrap_or(self.state);
            } else if self.state == State::Started && self.left == Some(0) {
                self.state = State::Finished;
            } else {
                return;
            }
        }
    }
}

/// A wait, then a command.
fn steps() -> impl Strategy<Value = Vec<(u64, Command, bool)>> {
    prop::collection::vec(
        (0..30u64, select(Command::ALL.to_vec()), any::<bool>()),
        1..40,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_workflow_matches_the_model(
        state in select(State::ALL.to_vec()),
        delay in 0..20u64,
        run in prop::option::of(1..60u64),
        accept in any::<bool>(),
        steps in steps(),
    ) {
        let invalid_transition = if accept { InvalidTransition::Accept } else { InvalidTransition::Refuse };
        let mut campaign = Campaign::new(Options {
            workflows: vec![WorkflowSetup { id: "W".to_owned(), state, ..WorkflowSetup::default() }],
            apply_delay_ms: delay,
            run_ms: run,
            invalid_transition,
            ..Options::default()
        });
        campaign.advance_to(0);
        // A workflow that is set up as paused still has its whole run left.
        let mut model = Model { now: 0, state, left: run, accepted: Vec::new(), delay, run, invalid_transition };

        for (wait, command, read_state) in steps {
            for _ in 0..wait {
                model.tick();
                // Reading the state in between must not matter.
                if read_state {
                    campaign.advance_to(model.now);
                    prop_assert_eq!(campaign.workflow("W").unwrap().state(), model.state);
                }
            }
            let status = send(&mut campaign, "W", command, model.now).status;
            prop_assert_eq!(status == 200, model.send(command));

            let workflow = campaign.workflow("W").unwrap();
            prop_assert_eq!(workflow.state(), model.state);
            let accepted: Vec<_> = workflow
                .executions()
                .map(|execution| (execution.command, execution.accepted_at + delay, execution.applied_at, execution.led_to))
                .collect();
            prop_assert_eq!(&accepted, &model.accepted);
            let pending: Vec<_> = workflow.pending().iter().map(|pending| (pending.command, pending.applies_at)).collect();
            let waiting: Vec<_> = model.accepted.iter().filter(|entry| entry.2.is_none()).map(|entry| (entry.0, entry.1)).collect();
            prop_assert_eq!(pending, waiting);
        }
        let executed = campaign.log().iter().filter(|entry| entry.executed).count();
        prop_assert_eq!(executed, model.accepted.len());
    }
}
