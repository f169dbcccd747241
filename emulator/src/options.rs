//! How a campaign is set up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::state::State;

/// Which product's answers are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Campaign Standard's.
    #[default]
    Standard,
    /// Campaign v8's: another text in the 404, and no parameter names in the GET of a workflow.
    V8,
}

/// What becomes of a command that does not fit the state. Adobe documents neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Misfit {
    /// A 500 answer with an `RST-` text; nothing is queued.
    #[default]
    Refuse,
    /// Answered like any other; it comes to nothing when it is due.
    Accept,
}

/// All that can be chosen. As JSON the fields are in camel case; unknown ones are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// The one tenant that is known; any other gets the 500 "Oops" answer. Default `acme-mkt-stage`.
    pub organization: String,
    /// The workflows that exist. Default: `WKF101` to `WKF106`, in different states.
    pub workflows: Vec<WorkflowSetup>,
    /// The access tokens that are valid. Default: `local-token`.
    pub access_tokens: Vec<String>,
    /// The API keys that are valid. Default: `local-key`.
    pub api_keys: Vec<String>,
    /// How long an accepted command waits before it is applied, in milliseconds. Default 1500.
    pub apply_delay_ms: u64,
    /// How long a started workflow runs before it finishes by itself, in milliseconds; `None`: until it is stopped.
    /// For one that is set up as started, counted from the first moment that the campaign is told of. Default `None`.
    pub run_ms: Option<u64>,
    /// Which product's answers are given. Default: Campaign Standard's.
    pub dialect: Dialect,
    /// What becomes of a command that does not fit. Default: refused.
    pub misfit: Misfit,
    /// Refuses a request that is not as documented even where Campaign lets it pass; the log's `problem` names it
    /// in either case. Default: false.
    pub strict: bool,
    /// How many logged requests, and executions of each workflow, are kept; the oldest go first. Default 10000.
    pub history_limit: usize,
    /// The origins whose pages may read the answers; `*` allows every origin. Default: none, as Adobe promises none.
    pub allowed_origins: Vec<String>,
}

/// One workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowSetup {
    /// The id, such as `WKF101`.
    pub id: String,
    /// The name for people. Default: the id.
    #[serde(default)]
    pub label: Option<String>,
    /// The key that can stand in for the id. Default: made from the id.
    #[serde(default)]
    pub pkey: Option<String>,
    /// The state at the beginning. Default: editing.
    #[serde(default)]
    pub state: State,
    /// The external signal activities. Default: none.
    #[serde(default)]
    pub signals: Vec<SignalSetup>,
}

/// One external signal activity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalSetup {
    /// Its name in the workflow, such as `signal1`.
    pub name: String,
    /// The name for people. Default: the name.
    #[serde(default)]
    pub label: Option<String>,
    /// The names of the parameters that it declares. Default: none.
    #[serde(default)]
    pub parameters: Vec<String>,
}

/// What is wrong with options that came as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOptions(String);

impl fmt::Display for InvalidOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the emulator's options: {}", self.0)
    }
}

impl std::error::Error for InvalidOptions {}

impl Options {
    /// Reads options that crossed from another language.
    ///
    /// # Errors
    /// Says which field is unknown or of a wrong type, or which workflow cannot be told from another.
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
                        "workflows: \"{name}\" is there twice"
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
            misfit: Misfit::default(),
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
