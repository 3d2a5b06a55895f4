//! The one place where a node reads a clock.
#![allow(clippy::disallowed_methods, reason = "this is the clock")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use types::Time;

/// Wall time at the start, monotonic from then on: a step of the system's clock moves nothing.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    base: u64,
}

impl Clock {
    /// A clock that starts at the system's time.
    pub fn new() -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            start: Instant::now(),
            base: wall.as_millis() as u64,
        }
    }

    /// Now.
    pub fn now(&self) -> Time {
        Time(self.base + self.start.elapsed().as_millis() as u64)
    }

    /// How long until a time; nothing if it has passed.
    pub fn until(&self, time: Time) -> Duration {
        Duration::from_millis(time.since(self.now()))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
