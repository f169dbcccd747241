//! What the Worker needs from its runtime for one request.

use super::objects::Objects;
use crate::operation::RequestedOperation;
use crate::runtime::{AuthorizeError, RequestRuntime};

/// The runtime of one request.
#[allow(async_fn_in_trait)] // The futures need no `Send` bound.
pub trait WorkerRuntime: RequestRuntime + Objects {
    /// Counts a request of a caller. `false`: the caller is over the limit.
    async fn is_within_limit(&self, caller: &str) -> bool;
}

/// Whether the caller may do this and is within the rate limit. Only authorized requests are counted, so that no one
/// can use up another caller's limit.
pub async fn authorize<H: WorkerRuntime>(
    runtime: &H,
    requested: &RequestedOperation,
) -> Result<bool, AuthorizeError> {
    let may = runtime.authorize(requested).await?;
    if may
        && !runtime
            .is_within_limit(&runtime.caller().unwrap_or_default())
            .await
    {
        return Err(AuthorizeError::RateLimited);
    }
    Ok(may)
}
