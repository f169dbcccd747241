//! The alarm of an object. The platform runs it at its time, late or a little early, one at a time, and again if the
//! object could not finish it.

use std::rc::Rc;

use campaign_gateway::writer::StoreResult;

use super::Object;

/// When the platform repeats an alarm that the object did not finish, in milliseconds.
const ALARM_AGAIN_MS: u64 = 2000;

impl Object {
    pub fn set_alarm(&self, at: u64) -> StoreResult<()> {
        self.0.table.set_alarm(at)?;
        self.schedule_alarm();
        Ok(())
    }

    /// Schedules the alarm at its time, or late.
    pub fn schedule_alarm(&self) {
        if let Some(event) = self.0.alarm.take() {
            self.0.simulation.cancel(event);
        }
        let Some(at) = self.0.table.alarm() else {
            return;
        };
        let (late, early) = {
            let mut chance = self.0.simulation.chance();
            match chance.below(8) {
                0..=1 => (chance.below(5000), 0),
                // The platform's clock differs a little from the object's.
                2 if self.0.setup.clock_jumps => (0, chance.below(50)),
                _ => (0, 0),
            }
        };
        let object = self.clone();
        let after = (at + late).saturating_sub(self.0.clock.now_ms() + early);
        let event = self.0.simulation.after(after, move || {
            object.0.alarm.set(None);
            object.run_alarm();
        });
        self.0.alarm.set(Some(event));
    }

    pub fn repeat_alarm(&self) {
        let object = self.clone();
        self.0
            .simulation
            .after(ALARM_AGAIN_MS, move || object.run_alarm());
    }

    fn run_alarm(&self) {
        if self.0.is_alarm_running.get() {
            // It runs again when this one has finished.
            return;
        }
        self.0.table.take_alarm();
        self.schedule_alarm();
        self.0.is_alarm_running.set(true);
        self.0
            .simulation
            .trace(|| format!("object {}: its alarm rings", self.0.workflow));
        let instance = self.instance();
        let (object, of) = (self.clone(), Rc::clone(&instance));
        self.spawn(&instance, async move {
            let result = of.writer.alarm().await;
            let is_on_disk = object
                .0
                .table
                .flush(&of.writer.runtime().node)
                .await
                .is_ok();
            if !is_on_disk {
                object.lose_soon(0);
            }
            object.0.is_alarm_running.set(false);
            if result.is_err() || !is_on_disk {
                object.repeat_alarm();
            }
            object.schedule_alarm();
        });
    }
}
