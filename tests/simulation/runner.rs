//! The parts that the simulations share: settings, output and workers. Each run uses new seeds, so
//! it tests new schedules.

use std::env;
use std::io::{self, Write};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::chance::Chance;

/// Reads a number from the environment.
pub fn number_from_env(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
    )
}

/// Prints a line to stderr, which the test harness does not capture.
pub fn print_line(line: &str) {
    let mut stderr = io::stderr();
    writeln!(stderr, "{line}").unwrap();
}

/// Distributes the schedules over the processor's cores. `work` gets the seed of its seeds and its
/// number of schedules.
pub fn in_parallel<T: Send>(schedules: u64, work: impl Fn(u64, u64) -> T + Sync) -> Vec<T> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut seeds = Chance::new(since.map_or(0, |since| since.as_nanos() as u64));
    let workers = thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = schedules.div_ceil(workers);
    let bases: Vec<u64> = (0..workers).map(|_| seeds.next()).collect();
    let work = &work;
    thread::scope(|scope| {
        let spawn = |base| scope.spawn(move || work(base, share));
        let threads: Vec<_> = bases.into_iter().map(spawn).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
