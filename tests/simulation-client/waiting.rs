//! Waiting for a workflow: when it is looked at.

use campaign_workflow::poll;

use crate::chance::Chance;

pub fn wait(mut chance: Chance) -> Vec<&'static str> {
    let timeout = chance.any_of(&[1, 50, 1000, 30_000, 300_000, 2_147_483_647_u64]);
    let interval = chance.any_of(&[1, 100, 2000, 60_000, 2_147_483_647]);
    let quick = chance.one_in(2);
    let mut now = 0;
    let mut last = false;
    for looks in 1..=100_000 {
        assert!(now < timeout, "a look at {now} of {timeout} ms");
        let asked = if chance.one_in(9) {
            chance.below(20_000) as u32
        } else {
            0
        };
        // The request of a look is over with the wait at the latest.
        now = (now + chance.below(if quick { 50 } else { 12_000 })).min(timeout);
        let left = (timeout - now) as u32;
        if last || left == 0 {
            now += u64::from(left);
        } else {
            let look = poll::next(looks, interval, asked, left, chance.unit());
            let least = (f64::from(interval) * 0.8) as u32;
            assert!(
                look.last || look.after_ms >= least.max(asked).max(1),
                "too soon: {look:?}"
            );
            assert!(
                look.last || look.after_ms <= (interval.max(30_000) as f64 * 1.2) as u32 + asked
            );
            assert!(
                look.after_ms >= asked.min(left),
                "before the server wants it: {look:?}"
            );
            last = look.last;
            now += u64::from(look.after_ms);
        }
        assert!(now <= timeout, "a wait past the deadline");
        if now == timeout {
            return Vec::new();
        }
        // Nobody waits for 25 days with an interval of a millisecond; it grows to 30 seconds.
        if looks > 2000 {
            assert!(timeout > 10_000_000);
            return Vec::new();
        }
    }
    panic!("it goes on for ever");
}
