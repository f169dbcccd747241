//! The options of an emulated Campaign.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::state::State;

/// The product whose responses are emulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Campaign Standard.
    #[default]
    Standard,
    /// Campaign v8: a different text in the 404, and no parameter names in the GET of a workflow.
    V8,
}

/// How a command is handled that the workflow's state does not allow. Adobe documents neither behaviour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvalidTransition {
    /// Responds with 500 and an `RST-` text; the command is not queued.
    #[default]
    Refuse,
    /// Responds as to any other command; it has no effect when it is due.
    Accept,
}

/// All options. In JSON the fields are in camel case; unknown ones are rejected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// The only known organization; any other gets the 500 "Oops" response. Default `acme-mkt-stage`.
    pub organization: String,
    /// The workflows. Default: `WKF101` to `WKF106`, in different states.
    pub workflows: Vec<WorkflowSetup>,
    /// The valid access tokens. Default: `local-token`.
    pub access_tokens: Vec<String>,
    /// The valid API keys. Default: `local-key`.
    pub api_keys: Vec<String>,
    /// Delay before an accepted command is applied, in milliseconds. Default 1500.
    pub apply_delay_ms: u64,
    /// How long a started workflow runs before it finishes, in milliseconds; `None`: until it is stopped.
    /// For a workflow that is set up as started, the run begins with the first call that passes a time. Default `None`.
    pub run_ms: Option<u64>,
    /// The product whose responses are emulated. Default: Campaign Standard's.
    pub dialect: Dialect,
    /// How a command is handled that the state does not allow. Default: refused.
    pub invalid_transition: InvalidTransition,
    /// Also refuses undocumented requests that Campaign tolerates; the log's `problem` names the deviation either way.
    /// Default: false.
    pub strict: bool,
    /// How many logged requests, and executions of each workflow, are kept; the oldest are dropped. Default 10000.
    pub history_limit: usize,
    /// The origins whose pages may read the responses; `*` allows every origin. Default: none, because Adobe documents none.
    pub allowed_origins: Vec<String>,
}

/// A workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowSetup {
    /// The id, such as `WKF101`.
    pub id: String,
    /// The display name. Default: the id.
    #[serde(default)]
    pub label: Option<String>,
    /// The key that can be used instead of the id. Default: derived from the id.
    #[serde(default)]
    pub pkey: Option<String>,
    /// The initial state. Default: editing.
    #[serde(default)]
    pub state: State,
    /// The External signal activities. Default: none.
    #[serde(default)]
    pub signals: Vec<SignalSetup>,
}

/// An External signal activity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalSetup {
    /// The name in the workflow, such as `signal1`.
    pub name: String,
    /// The display name. Default: the name.
    #[serde(default)]
    pub label: Option<String>,
    /// The names of the declared parameters. Default: none.
    #[serde(default)]
    pub parameters: Vec<String>,
}

/// The reason why the options' JSON is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOptions(String);

impl fmt::Display for InvalidOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the emulator's options: {}", self.0)
    }
}

impl std::error::Error for InvalidOptions {}

impl Options {
    /// Parses options from JSON.
    ///
    /// # Errors
    /// Names the field that is unknown or of the wrong type, or the workflow id that is empty or used twice.
    pub fn from_json(json: &str) -> Result<Self, InvalidOptions> {
        let options: Options =
            serde_json::from_str(json).map_err(|error| InvalidOptions(error.to_string()))?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), InvalidOptions> {
        let mut names: Vec<&str> = Vec::new();
        for workflow in &self.workflows {
            for name in std::iter::once(&workflow.id).chain(&workflow.pkey) {
                if name.is_empty() {
                    return Err(InvalidOptions(
                        "workflows: an id or pkey is empty".to_owned(),
                    ));
                }
                if names.contains(&name.as_str()) {
                    return Err(InvalidOptions(format!(
                        "workflows: \"{name}\" is used twice"
                    )));
                }
                names.push(name);
            }
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            organization: "acme-mkt-stage".to_owned(),
            workflows: default_workflows(),
            access_tokens: vec!["local-token".to_owned()],
            api_keys: vec!["local-key".to_owned()],
            apply_delay_ms: 1500,
            run_ms: None,
            dialect: Dialect::default(),
            invalid_transition: InvalidTransition::default(),
            strict: false,
            history_limit: 10_000,
            allowed_origins: Vec::new(),
        }
    }
}

fn default_workflows() -> Vec<WorkflowSetup> {
    let workflow = |id: &str, label: &str, state| WorkflowSetup {
        id: id.to_owned(),
        label: Some(label.to_owned()),
        state,
        ..WorkflowSetup::default()
    };
    vec![
        workflow("WKF101", "Welcome e-mails", State::Editing),
        workflow("WKF102", "Weekly newsletter", State::Started),
        workflow("WKF103", "Birthday offers", State::Paused),
        workflow("WKF104", "Spring sale", State::Finished),
        workflow("WKF105", "Import of new contacts", State::Erroneous),
        WorkflowSetup {
            signals: vec![SignalSetup {
                name: "signal1".to_owned(),
                label: Some("Order placed".to_owned()),
                parameters: vec!["audience".to_owned(), "email".to_owned()],
            }],
            ..workflow("WKF106", "Order confirmations", State::Started)
        },
    ]
}
