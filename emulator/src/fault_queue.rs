//! The active faults, and the choice of the one that applies to a request.

use serde::Serialize;

use crate::command::Command;
use crate::fault::{Fault, FaultTarget};
use crate::route::{Endpoint, Resource};

/// A fault that still applies to requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActiveFault {
    /// Its number, unique in this campaign.
    pub id: u64,
    /// How many requests it has been applied to.
    pub met: u64,
    /// The fault; its `times` counts down.
    #[serde(flatten)]
    pub fault: Fault,
}

/// The active faults, oldest first.
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

    /// Returns the oldest fault that matches the request and counts the use. `names` are the workflow's id and PKey.
    pub(crate) fn take_match(
        &mut self,
        resource: &Resource,
        names: &[&str],
        command: Option<Command>,
    ) -> Option<Fault> {
        let found = self
            .active
            .iter_mut()
            .find(|active| active.fault.matches(resource, names, command))?;
        found.met += 1;
        found.fault.times = found.fault.times.map(|left| left.saturating_sub(1));
        let fault = found.fault.clone();
        self.active.retain(|active| active.fault.times != Some(0));
        Some(fault)
    }
}

impl Fault {
    fn matches(&self, resource: &Resource, names: &[&str], command: Option<Command>) -> bool {
        let is_target = match self.on {
            FaultTarget::Any => true,
            FaultTarget::Command => resource.endpoint == Endpoint::Commands,
            FaultTarget::Read => resource.endpoint == Endpoint::Read,
            FaultTarget::Trigger => matches!(resource.endpoint, Endpoint::Trigger(_)),
        };
        is_target
            && self.times != Some(0)
            && self
                .workflow_id
                .as_deref()
                .is_none_or(|wanted| wanted == resource.workflow || names.contains(&wanted))
            && self.command.is_none_or(|wanted| command == Some(wanted))
    }
}
