//! What reached the emulator, one entry for each request.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::address::{Address, Url};
use crate::command::Command;
use crate::http::Request;

/// One request, and what became of it. It holds what was sent as it was sent, credentials too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedRequest {
    /// The request's number since the start or the last reset, from 0; clearing the log does not begin again.
    pub index: u64,
    /// When it came, in milliseconds.
    pub at: u64,
    /// The method.
    pub method: String,
    /// The URL as sent.
    pub url: String,
    /// The URL's path, still percent-encoded.
    pub path: String,
    /// The headers by lower-case name; where one came twice, both values with a comma between.
    pub headers: BTreeMap<String, String>,
    /// The body as text; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// The organization in the path, decoded.
    pub organization: Option<String>,
    /// The workflow's id in the path, decoded: an id or a PKey, also one that does not exist.
    pub workflow_id: Option<String>,
    /// The command in the body.
    pub command: Option<Command>,
    /// The status of the answer; `None` when none was given.
    pub status: Option<u16>,
    /// The fault that met this request.
    pub fault: Option<&'static str>,
    /// How the request departs from Adobe's documents; noted also when a fault answers.
    pub problem: Option<String>,
    /// Whether the command was taken into the queue (or the signal triggered).
    pub executed: bool,
}

impl LoggedRequest {
    pub(crate) fn of(request: &Request, address: &Address, index: u64, at: u64) -> Self {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &request.headers {
            headers
                .entry(name.to_ascii_lowercase())
                .and_modify(|values| {
                    values.push_str(", ");
                    values.push_str(value);
                })
                .or_insert_with(|| value.clone());
        }
        let place = match address {
            Address::Campaign(place) => Some(place),
            Address::Control { .. } | Address::Unknown => None,
        };
        LoggedRequest {
            index,
            at,
            method: request.method.clone(),
            url: request.url.clone(),
            path: Url::of(&request.url).path.to_owned(),
            headers,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            organization: place.map(|place| place.organization.clone()),
            workflow_id: place.map(|place| place.workflow.clone()),
            command: None,
            status: None,
            fault: None,
            problem: None,
            executed: false,
        }
    }
}

/// The newest requests, up to a limit.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    entries: VecDeque<LoggedRequest>,
    next: u64,
    limit: usize,
}

impl Log {
    pub(crate) fn new(limit: usize) -> Self {
        Log {
            entries: VecDeque::new(),
            next: 0,
            limit,
        }
    }

    /// The number for the next request.
    pub(crate) fn number(&mut self) -> u64 {
        let index = self.next;
        self.next += 1;
        index
    }

    pub(crate) fn add(&mut self, entry: LoggedRequest) {
        self.entries.push_back(entry);
        while self.entries.len() > self.limit {
            self.entries.pop_front();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn entries(&self) -> &VecDeque<LoggedRequest> {
        &self.entries
    }
}
