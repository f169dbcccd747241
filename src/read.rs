//! Reads a workflow.

use crate::call::{self, Body, Receipt};
use crate::error::{Code, Error};
use crate::exchange::Effect;
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
    checked.plan.effect = Effect::Reads;
    let url = checked.workflow_url();
    let ended = call::run(platform, &mut checked, "GET", &url, None).await;
    ended.result(platform, &checked)
}

/// Reads a workflow, and gives it with the number of requests that it took.
///
/// # Errors
///
/// As for [`read`], and [`Code::BadResponse`] if the answer is no JSON any more once the credentials
/// in it are masked.
pub(crate) async fn read_workflow<P: Platform>(
    platform: &P,
    request: &Request,
) -> Result<(P::Json, u32), Error> {
    let receipt = read(platform, request).await?;
    match receipt.body {
        Body::Json(workflow) => Ok((workflow, receipt.attempts)),
        Body::Empty | Body::Text(_) => Err(Error {
            status: Some(receipt.status),
            request_id: receipt.request_id,
            attempts: receipt.attempts,
            ..Error::unsent(Code::BadResponse, Code::BadResponse.message())
        }),
    }
}
