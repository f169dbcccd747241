//! Reads a workflow.

use crate::call::{Body, Receipt};
use crate::error::{Code, Error};
use crate::operation::{self, Operation};
use crate::platform::Platform;
use crate::request::Request;

/// Reads a workflow. The answer is a JSON object, else the call fails. Reading executes nothing, so
/// it is repeated after any failure that may pass, and every error says `not-executed`.
///
/// # Errors
///
/// As for [`send`](crate::send).
pub async fn read<P: Platform>(platform: &P, request: &Request) -> Result<Receipt<P::Json>, Error> {
    operation::run(platform, request, Operation::ReadWorkflow).await
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
        Body::Empty | Body::Text(_) => Err(receipt.into_bad_response(Code::BadResponse.message())),
    }
}
