//! How long committees serve and how the next ones are elected, in root heights.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// Terms of committees. Every length is counted in root heights; the clock of all chains.
///
/// With both epochs 0 the committees of genesis serve forever and nothing is elected.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Length of a term on a transaction chain.
    pub chain_epoch: u64,
    /// Length of a term on the root.
    pub root_epoch: u64,
    /// How long before the end of a transaction chain's term the next election opens.
    pub lead: u64,
    /// The same for the root, whose next committee also generates a key.
    pub root_lead: u64,
    /// W: how long candidates may declare themselves once the seed is known.
    pub window: u64,
    /// Wd: how long dealings of a key generation are taken.
    pub dealing: u64,
    /// Wc: how long complaints about them are taken.
    pub complaints: u64,
    /// Without an anchor for so long a chain counts as stalled.
    pub stall: u64,
    /// How long a term may outlast its end once the next committee is due.
    pub late: u64,
    /// Wr: how long certified blocks of a frozen chain may be brought in.
    pub rescue: u64,
    /// How long a committee is remembered after it was elected, for evidence and proofs.
    pub kept: u64,
    /// n of elected committees of transaction chains.
    pub seats: u32,
    /// n of elected committees of the root.
    pub root_seats: u32,
    /// Runners-up that are recorded as auditors.
    pub auditors: u32,
}

impl Terms {
    /// Committees of genesis that serve forever.
    pub const FIXED: Self = Self {
        chain_epoch: 0,
        root_epoch: 0,
        ..Self::PUBLIC
    };

    /// Terms of 6 hours and of a day on the root, at about 3 s a root block.
    const PUBLIC: Self = Self {
        chain_epoch: 7_200,
        root_epoch: 28_800,
        lead: 1_800,
        root_lead: 3_600,
        window: 420,
        dealing: 420,
        complaints: 420,
        stall: 600,
        late: 600,
        rescue: 420,
        kept: 604_800,
        seats: 505,
        root_seats: 601,
        auditors: 64,
    };

    /// Elections of a chain before the next committee is drawn publicly.
    pub const ATTEMPTS: u64 = 3;

    /// Whether the committees of genesis serve forever.
    pub const fn is_fixed(&self) -> bool {
        self.chain_epoch == 0 && self.root_epoch == 0
    }

    /// Short terms for tests and devnets: windows of 10 root heights, for a root of at most 15
    /// seats.
    pub const fn short(seats: u32) -> Self {
        Self {
            chain_epoch: 80,
            root_epoch: 160,
            lead: 45,
            root_lead: 80,
            window: 10,
            dealing: 10,
            complaints: 10,
            stall: 200,
            late: 40,
            rescue: 20,
            kept: 2_000,
            seats,
            root_seats: seats,
            auditors: 2,
        }
    }
}

impl Terms {
    /// Windows of 6 root heights, for rehearsals: a root of at most 9 seats.
    pub const fn shortest(seats: u32) -> Self {
        Self {
            chain_epoch: 30,
            root_epoch: 50,
            lead: 20,
            root_lead: 38,
            window: 6,
            dealing: 6,
            complaints: 6,
            late: 20,
            rescue: 6,
            kept: 400,
            ..Self::short(seats)
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self::PUBLIC
    }
}
