//! The machine.

use types::Time;

use crate::{Config, Effect, Input, Restored};

/// One node's part in the consensus of one committee.
pub struct Consensus {
    config: Config,
    wake: Option<Time>,
}

impl Consensus {
    /// Starts, or starts again from what was restored.
    pub fn new(config: Config, _restored: Restored, now: Time) -> Self {
        Self {
            config,
            wake: Some(now),
        }
    }

    /// Takes an input in and appends what is to be done.
    pub fn handle(&mut self, _now: Time, _input: Input, _out: &mut Vec<Effect>) {
        let _ = &self.config;
        self.wake = None;
    }

    /// When to call [`handle`](Self::handle) with [`Input::Tick`] at the latest.
    pub const fn deadline(&self) -> Option<Time> {
        self.wake
    }
}
