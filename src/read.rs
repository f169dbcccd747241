//! Reads a workflow.

use crate::call::{self, Receipt};
use crate::error::Error;
use crate::platform::Platform;
use crate::request::Request;

/// Reads a workflow. The answer is a JSON object, else the call fails. Reading executes nothing, so
/// it is repeated after any failure that may pass, and every error says `not-executed`.
///
/// # Errors
///
/// As for [`send`](crate::send).
pub async fn read<P: Platform>(platform: &P, request: &Request) -> Result<Receipt<P::Json>, Error> {
    request.check(platform)?;
    // A key is one of a command. No server keeps keys of reading, and a gateway refuses them.
    let request = Request {
        idempotency_key: None,
        ..request.clone()
    };
    let mut checked = request.check(platform)?;
    checked.plan.is_safe = true;
    let url = checked.workflow_url();
    let ended = call::run(platform, &mut checked, "GET", &url, None).await;
    ended.result(platform, &checked)
}
