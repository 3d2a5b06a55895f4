//! How early consensus on a block grew. [X8]

use borsh::{BorshDeserialize, BorshSerialize};
use types::{Thresholds, Time};

use crate::rpc::view::EarlySeats;

/// The seats that were seen behind a block before it was final, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Growth {
    /// All seats of the committee.
    of: u64,
    /// Seats and since when, both ascending.
    steps: Vec<(u64, Time)>,
}

impl Growth {
    /// So many seats of the committee's; false when that is no news.
    pub(super) fn grow(&mut self, seats: u64, of: u64, now: Time) -> bool {
        let news = self.seats() < seats;
        if news {
            self.of = of;
            self.steps.push((seats, now));
        }
        news
    }

    /// The most seats seen.
    pub(super) fn seats(&self) -> u64 {
        self.steps.last().map_or(0, |(seats, _)| *seats)
    }

    /// Since when so many seats are behind the block; without a number, the usual one. Fewer than
    /// a quorum are no early consensus, whoever asks for them.
    pub(super) fn since(&self, wanted: Option<u64>) -> Option<Time> {
        let thresholds = Thresholds::of(self.of);
        let wanted = wanted.unwrap_or_else(|| thresholds.early());
        let needed = wanted.max(thresholds.quorum);
        let found = self.steps.iter().find(|(seats, _)| *seats >= needed);
        found.map(|(_, since)| *since)
    }

    /// The seats as they are told; nothing before a quorum.
    pub(super) fn view(&self) -> Option<EarlySeats> {
        EarlySeats::of(self.seats(), self.of)
    }
}
