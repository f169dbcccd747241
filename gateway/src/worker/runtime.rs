//! What a request to the Worker needs of its platform.

use super::objects::Objects;
use crate::host::{AuthorizeError, Host};
use crate::operation::Asked;

/// The runtime of one request.
#[allow(async_fn_in_trait)] // No bound on the futures is wanted.
pub trait WorkerHost: Host + Objects {
    /// Counts a request of a caller; `false`: it is one too many.
    async fn is_within_limit(&self, caller: &str) -> bool;
}

/// Whether the caller may do it, and has not made too many requests. Only who may do something is counted, so that nobody uses up
/// what is another's.
pub async fn authorize<H: WorkerHost>(host: &H, asked: &Asked) -> Result<bool, AuthorizeError> {
    let may = host.authorize(asked).await?;
    if may
        && !host
            .is_within_limit(&host.caller().unwrap_or_default())
            .await
    {
        return Err(AuthorizeError::RateLimited);
    }
    Ok(may)
}
