//! The faults that wait for requests, and which request each of them meets.

use serde::Serialize;

use crate::address::{Endpoint, Place};
use crate::command::Command;
use crate::fault::{Fault, Meets};

/// A fault that waits for requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActiveFault {
    /// Its number, unique in this campaign.
    pub id: u64,
    /// How many requests it has met.
    pub met: u64,
    /// The fault; its `times` counts down.
    #[serde(flatten)]
    pub fault: Fault,
}

/// The faults that are not spent, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    active: Vec<ActiveFault>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.active.push(ActiveFault {
            id: self.last_id,
            met: 0,
            fault,
        });
        self.last_id
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn active(&self) -> &[ActiveFault] {
        &self.active
    }

    /// The oldest fault that fits the request; it has met one request more. `names` are the workflow's id and PKey.
    pub(crate) fn meet(
        &mut self,
        place: &Place,
        names: &[&str],
        command: Option<Command>,
    ) -> Option<Fault> {
        let found = self
            .active
            .iter_mut()
            .find(|active| active.fault.meets(place, names, command))?;
        found.met += 1;
        found.fault.times = found.fault.times.map(|left| left.saturating_sub(1));
        let fault = found.fault.clone();
        self.active.retain(|active| active.fault.times != Some(0));
        Some(fault)
    }
}

impl Fault {
    fn meets(&self, place: &Place, names: &[&str], command: Option<Command>) -> bool {
        let here = match self.on {
            Meets::Any => true,
            Meets::Command => place.endpoint == Endpoint::Commands,
            Meets::Read => place.endpoint == Endpoint::Read,
            Meets::Trigger => matches!(place.endpoint, Endpoint::Trigger(_)),
        };
        here && self.times != Some(0)
            && self
                .workflow_id
                .as_deref()
                .is_none_or(|wanted| wanted == place.workflow || names.contains(&wanted))
            && self.command.is_none_or(|wanted| command == Some(wanted))
    }
}
