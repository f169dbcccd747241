//! An object as its writer sees it.

use campaign_gateway::CallRuntime;
use campaign_gateway::ims::Ims;
use campaign_gateway::writer::{LogLine, StoreResult, WriterRuntime};
use campaign_workflow::platform::TokenError;

use super::Object;
use crate::platform::Node;
use crate::table::Table;

/// Provides the table, the alarm, the log and the network.
pub struct ObjectRuntime {
    pub object: Object,
    pub node: Node,
    pub ims: Ims,
}

impl CallRuntime for ObjectRuntime {
    type Platform = Node;

    fn platform(&self) -> &Node {
        &self.node
    }

    async fn token(&self, refresh: bool) -> Result<String, TokenError> {
        let clock = || self.object.0.clock.now_ms() as f64;
        let token = self.ims.token(&self.node, clock, refresh).await;
        token.map_err(|_| TokenError)
    }
}

impl WriterRuntime for ObjectRuntime {
    type Table = Table;
    type AuditTrail = Table;

    fn audit_trail(&self) -> Option<&Table> {
        Some(&self.object.0.table)
    }

    fn table(&self) -> &Table {
        &self.object.0.table
    }

    fn clock_ms(&self) -> u64 {
        self.object.0.clock.now_ms()
    }

    async fn flush(&self) -> StoreResult<()> {
        self.object.0.table.flush(&self.node).await
    }

    fn set_alarm(&self, at: u64) -> StoreResult<()> {
        self.object.set_alarm(at)
    }

    fn log(&self, line: &LogLine<'_>) {
        self.node
            .simulation
            .trace(|| serde_json::to_string(line).unwrap());
    }
}
