//! A node that comes back listens to the root before it signs anything new in another chain. [H6]
//!
//! While it was away the root may have ended the term in which it left off. Who signs there without
//! knowing can make a block final that counts for nothing: some members voted for it before they
//! heard that the term was over, and with their votes few more are needed.

use types::Time;

/// Patience is over after so many times what the root may need to say something.
const MOST: u64 = 64;

/// How far a node is that came back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listening {
    /// When it came back; `None` once it has heard of a root block that is not older.
    since: Option<Time>,
    until: Time,
}

impl Listening {
    /// A node comes back; `patience` is how long the root may say nothing before the node goes on,
    /// and a 64th of how long it listens at most: its own clock may be ahead of all others.
    pub(crate) fn from(now: Time, patience: u64) -> Self {
        Self {
            since: Some(now),
            until: now.after(patience),
        }
    }

    /// A root block became final that was made at `at`, by a clock that is off by `drift` at most.
    pub(crate) fn hears(&mut self, at: Time, drift: u64, now: Time, patience: u64) {
        let Some(since) = self.since else { return };
        if at.after(drift) >= since {
            *self = Self::default();
        } else {
            let most = since.after(MOST.saturating_mul(patience));
            self.until = now.after(patience).min(most);
        }
    }

    /// Nothing new is signed before.
    pub(crate) const fn until(&self) -> Time {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: when the root block was made and heard of, and until when the node keeps quiet
    /// then. It came back at 1,000, clocks are off by 100, patience is 800.
    #[test]
    fn old_root_blocks_prolong_it_and_a_new_one_ends_it() {
        let mut listening = Listening::from(Time(1_000), 800);
        assert_eq!(listening.until(), Time(1_800));
        let rows = [(500, 1_500, 2_300), (899, 2_200, 3_000), (900, 2_210, 0)];
        for (made, heard, until) in rows {
            listening.hears(Time(made), 100, Time(heard), 800);
            assert_eq!(listening.until(), Time(until), "made at {made}");
        }
        listening.hears(Time(500), 100, Time(2_220), 800);
        assert_eq!(listening.until(), Time(0), "it is over for good");
        let mut ahead = Listening::from(Time(1_000), 800);
        ahead.hears(Time(500), 100, Time(90_000), 800);
        assert_eq!(ahead.until(), Time(1_000 + 64 * 800));
    }
}
