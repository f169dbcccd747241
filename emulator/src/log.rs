//! The request log: one entry for each request that reached the emulator.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::command::Command;
use crate::http::Request;
use crate::route::{Route, Url};

/// A request and its result. The entry holds the request exactly as it was sent, including credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedRequest {
    /// The request's number since the start or the last reset, from 0; clearing the log does not restart it.
    pub index: u64,
    /// Arrival time, in milliseconds.
    pub at: u64,
    /// The method.
    pub method: String,
    /// The URL as sent.
    pub url: String,
    /// The path of the URL, still percent-encoded.
    pub path: String,
    /// The headers by lower-case name; repeated ones are joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The organization in the path, decoded.
    pub organization: Option<String>,
    /// The id or PKey in the path, decoded; the workflow may not exist.
    pub workflow_id: Option<String>,
    /// The command in the body.
    pub command: Option<Command>,
    /// The status of the response; `None`: no response was sent.
    pub status: Option<u16>,
    /// The fault that was applied to this request.
    pub fault: Option<&'static str>,
    /// How the request deviates from Adobe's documents; set even when a fault responds.
    pub problem: Option<String>,
    /// Whether the command was queued, or the signal triggered.
    pub executed: bool,
}

impl LoggedRequest {
    pub(crate) fn new(request: &Request, route: &Route, index: u64, at: u64) -> Self {
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
        let resource = match route {
            Route::Campaign(resource) => Some(resource),
            Route::Control { .. } | Route::Unknown => None,
        };
        LoggedRequest {
            index,
            at,
            method: request.method.clone(),
            url: request.url.clone(),
            path: Url::parse(&request.url).path.to_owned(),
            headers,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            organization: resource.map(|resource| resource.organization.clone()),
            workflow_id: resource.map(|resource| resource.workflow.clone()),
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

    /// Reserves the index of the next request.
    pub(crate) fn next_index(&mut self) -> u64 {
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
