//! What a request to the Worker needs of its platform.

use super::objects::Objects;
use crate::operation::RequestedOperation;
use crate::runtime::{AuthorizeError, RequestRuntime};

/// The runtime of one request.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait WorkerRuntime: RequestRuntime + Objects {
    /// Counts a request of a caller; `false`: it is one too many.
    async fn is_within_limit(&self, caller: &str) -> bool;
}

/// Whether the caller may do it, and has not made too many requests. Only who may do something is counted, so that nobody uses up
/// what is another's.
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
