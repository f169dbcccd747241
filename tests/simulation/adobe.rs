//! Adobe's host: Campaign, with the faults in front of it.

use campaign_emulator::{Campaign, Fault, FaultKind, ReplyPlan as Reply, Request};

use serde_json::Value;

use crate::chance::Chance;
use crate::faults::fault;

/// Handles a request that arrives now.
pub fn handle(
    campaign: &mut Campaign,
    request: &Request,
    (now, wall_clock): (u64, i64),
    secrets: &[String],
    chance: &mut Chance,
) -> Reply {
    campaign.clear_faults();
    if let Some(fault) = fault(chance, secrets, wall_clock)
        && is_honest(campaign, &fault, request, now)
    {
        campaign.add_fault(fault);
    }
    campaign.handle(request, now).plan
}

/// Whether a fault could really happen: no server responds with 2xx to a request that Campaign
/// would refuse, or in plain text to a signal, because that means that the signal was not
/// triggered.
fn is_honest(campaign: &Campaign, fault: &Fault, request: &Request, now: u64) -> bool {
    let FaultKind::Response {
        status: 200..=299,
        body_bytes,
        ..
    } = &fault.kind
    else {
        return true;
    };
    if request.method == "GET" {
        return true;
    }
    let body = body_bytes.as_deref().unwrap_or_default();
    let is_json = serde_json::from_slice::<Value>(body).is_ok();
    let is_plain = !is_json && !body.starts_with(b"<");
    if is_plain && request.url.contains("/trigger") {
        return false;
    }
    let mut trial = campaign.clone();
    trial.handle(request, now);
    trial.log().back().is_some_and(|request| request.executed)
}
