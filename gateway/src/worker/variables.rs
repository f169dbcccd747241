//! Checks the Worker's variables. An error names the invalid variable and never its value.

use campaign_workflow::{Command, address};
use serde::Deserialize;

use super::handler::Worker;
use super::route::BASE_PATH;
use super::schedule::{Schedule, ScheduledCommand};
use crate::allow_list::AllowList;
use crate::cors::Origins;
use crate::gateway::{DEFAULT_MAX_BODY_BYTES, Gateway};
use crate::ims::Credentials;
use crate::operation::{Operation, RequestedOperation};
use crate::options;
use crate::raw_options::{Field, OptionError, ParseUrl, Workflows, text, value};
use crate::writer::{Settings, variables};

/// The variables of the Worker apart from the writer's, with their names in `wrangler.jsonc`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)] // They are documented in the README, for users.
pub struct Variables {
    pub campaign_organization: Field<String>,
    pub workflows: Field<Workflows>,
    pub allowed_origins: Field<Vec<String>>,
    pub schedule: Field<Vec<ScheduleEntry>>,
}

/// An entry of `SCHEDULE`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ScheduleEntry {
    pub cron: String,
    pub workflow_id: String,
    pub command: String,
}

/// Checks the variables. If one of the writer's variables is invalid, its object reports that for each command, and the
/// Worker reads no workflow.
///
/// # Errors
///
/// The name of the invalid variable, and what it must be.
pub fn check(
    own: Variables,
    writer_variables: variables::Variables,
    parse_url: ParseUrl<'_>,
) -> Result<(Worker, Schedule, Option<Credentials>), OptionError> {
    let organization = text(
        "CAMPAIGN_ORGANIZATION",
        own.campaign_organization,
        address::check_segment,
    )?
    .ok_or("CAMPAIGN_ORGANIZATION is required")?;
    let allow_list = AllowList {
        organization,
        workflows: options::workflows("WORKFLOWS", own.workflows)?,
    };
    let listed = options::origins("ALLOWED_ORIGINS", own.allowed_origins)?;
    let schedule = value(
        "SCHEDULE",
        "a list of {\"cron\", \"workflowId\", \"command\"}, all of which WORKFLOWS lists",
        own.schedule,
        |entries| {
            entries
                .into_iter()
                .map(|entry| scheduled(entry, &allow_list))
                .collect()
        },
    )?;
    let (settings, credentials) = variables::check(writer_variables, parse_url)
        .unwrap_or_else(|problem| (Settings::misconfigured(problem), None));
    let gateway = Gateway {
        base_path: BASE_PATH.to_owned(),
        origins: Origins {
            listed,
            includes_own_origin: true,
        },
        allow_list,
        max_body_bytes: DEFAULT_MAX_BODY_BYTES as usize,
        timeout_ms: settings.timeout_ms,
        has_custom_send: true,
        campaign: settings.campaign.ok(),
    };
    Ok((
        Worker { gateway },
        Schedule(schedule.unwrap_or_default()),
        credentials,
    ))
}

fn scheduled(entry: ScheduleEntry, allow_list: &AllowList) -> Option<ScheduledCommand> {
    let command = Command::parse(&entry.command)?;
    let requested = RequestedOperation {
        organization: allow_list.organization.clone(),
        workflow_id: entry.workflow_id.clone(),
        operation: Operation::Command(command),
    };
    let is_usable =
        address::check_segment(&entry.workflow_id).is_ok() && allow_list.permits(&requested);
    is_usable.then_some(ScheduledCommand {
        cron: entry.cron,
        workflow_id: entry.workflow_id,
        command,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(changes: &Value) -> Result<(Worker, Schedule, Option<Credentials>), OptionError> {
        let mut all = json!({ "CAMPAIGN_ORGANIZATION": "acme", "ACCESS_TOKEN": "a-token", "API_KEY": "a-key" });
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        let own = serde_json::from_value(all.clone()).unwrap();
        check(own, serde_json::from_value(all).unwrap(), &|url| {
            Some(url.to_owned())
        })
    }

    #[test]
    fn names_an_invalid_variable() {
        let entry = json!({ "cron": "0 6 * * *", "workflowId": "WKF1", "command": "start" });
        for (changes, name) in [
            (
                json!({ "CAMPAIGN_ORGANIZATION": 5 }),
                "CAMPAIGN_ORGANIZATION",
            ),
            (
                json!({ "CAMPAIGN_ORGANIZATION": "" }),
                "CAMPAIGN_ORGANIZATION",
            ),
            (json!({ "WORKFLOWS": "WKF1" }), "WORKFLOWS"),
            (json!({ "WORKFLOWS": { "WKF1": ["run"] } }), "WORKFLOWS"),
            (json!({ "ALLOWED_ORIGINS": ["*"] }), "ALLOWED_ORIGINS"),
            (json!({ "SCHEDULE": [{ "cron": "0 6 * * *" }] }), "SCHEDULE"),
            (
                json!({ "SCHEDULE": [entry], "WORKFLOWS": ["WKF2"] }),
                "SCHEDULE",
            ),
            (
                json!({ "SCHEDULE": [entry], "WORKFLOWS": { "WKF1": ["stop"] } }),
                "SCHEDULE",
            ),
        ] {
            let problem = checked(&changes).err().unwrap();
            assert!(
                problem.starts_with(&[name, " "].concat()),
                "{changes}: {problem}"
            );
        }
        let (worker, schedule, _) =
            checked(&json!({ "SCHEDULE": [entry], "WORKFLOWS": ["WKF1"] })).unwrap();
        assert_eq!(schedule.0.len(), 1);
        assert!(worker.gateway.campaign.is_some());
    }

    #[test]
    fn reads_no_workflow_without_credentials() {
        let (worker, ..) = checked(&json!({ "ACCESS_TOKEN": 5 })).unwrap();
        assert!(worker.gateway.campaign.is_none() && worker.gateway.has_custom_send);
    }
}
