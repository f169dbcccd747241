//! Reads a workflow.

use crate::call::{Body, Receipt};
use crate::error::{Code, Error};
use crate::operation::{self, Operation};
use crate::platform::Platform;
use crate::request::Request;

/// Reads a workflow. The receipt's body is a JSON object. A read executes nothing, so it is retried
/// after any transient failure, and every error has the outcome `not-executed`.
///
/// # Errors
///
/// As for [`send`](crate::send), and [`Code::BadResponse`] if the response is not a JSON object.
pub async fn read<P: Platform>(platform: &P, request: &Request) -> Result<Receipt<P::Json>, Error> {
    operation::run(platform, request, Operation::ReadWorkflow).await
}

/// Reads a workflow, and returns it with the number of attempts.
///
/// # Errors
///
/// As for [`read`], and [`Code::BadResponse`] if the response is not JSON any more after the
/// credentials in it are masked.
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
