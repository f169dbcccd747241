//! The audit trail of one workflow's commands. In some schedules, sending its lines fails before or after they arrive.

use campaign_gateway::writer::{AuditTrail, LogLine, StoreError, StoreResult};

use super::Table;
use crate::mailbox::Mailbox;

impl AuditTrail for Table {
    fn add(&self, at: u64, line: &LogLine<'_>) -> StoreResult<()> {
        self.check_write()?;
        let line = serde_json::to_string(line).map_err(|_| StoreError)?;
        let mut memory = self.0.memory.borrow_mut();
        memory.last_line += 1;
        let number = memory.last_line;
        memory.lines.insert(number, (at, line));
        drop(memory);
        self.written();
        Ok(())
    }

    fn first(&self) -> StoreResult<Option<u64>> {
        let memory = self.0.memory.borrow();
        Ok(memory.lines.values().next().map(|(at, _)| *at))
    }

    async fn send(&self) -> StoreResult<()> {
        let lines = self.0.memory.borrow().lines.clone();
        let [ms, fails] = [30, 4].map(|most| self.0.simulation.chance().below(most));
        let reply = Mailbox::new();
        let back = reply.clone();
        self.0.simulation.after(ms, move || {
            back.post(());
        });
        reply.receive().await;
        let is_faulty =
            self.0.setup.fails_flushes && self.0.simulation.now() < self.0.setup.faults_until;
        if is_faulty && fails == 0 {
            return Err(StoreError);
        }
        for (number, (_, line)) in &lines {
            let mut database = self.0.database.borrow_mut();
            database.entry(*number).or_insert_with(|| line.clone());
        }
        if is_faulty && fails == 1 {
            return Err(StoreError);
        }
        self.0
            .memory
            .borrow_mut()
            .lines
            .retain(|number, _| !lines.contains_key(number));
        self.written();
        Ok(())
    }
}
