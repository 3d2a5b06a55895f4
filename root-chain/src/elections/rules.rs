//! The numbers of elections, and what they take from the beacon.

use actors::Edit;
use crypto::{Hash, bls};
use types::{ChainId, Epoch, Height};

/// The numbers of terms and elections, as the chain spec says them. All lengths in root heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElectionRules {
    /// Length of a term on a transaction chain; 0: first committees serve forever.
    pub chain_epoch: Height,
    /// Length of a term on the root; 0 as above.
    pub root_epoch: Height,
    /// How long before the end of a transaction chain's term the next election opens.
    pub lead: Height,
    /// The same for the root.
    pub root_lead: Height,
    /// W: how long candidates may declare themselves once the seed is known.
    pub window: Height,
    /// Without an anchor for so long a chain counts as stalled.
    pub stall: Height,
    /// How long a term may outlast its end once the next committee is due.
    pub late: Height,
    /// Wr: how long certified blocks of a frozen chain may be brought in.
    pub rescue: Height,
    /// How long a committee is remembered after it was elected.
    pub kept: Height,
    /// n of a transaction chain.
    pub seats: u32,
    /// n of the root.
    pub root_seats: u32,
    /// Runners-up that are recorded as auditors.
    pub auditors: u32,
}

impl ElectionRules {
    /// First committees serve forever.
    pub const FIXED: Self = Self {
        chain_epoch: 0,
        root_epoch: 0,
        lead: 0,
        root_lead: 0,
        window: 0,
        stall: 0,
        late: 0,
        rescue: 0,
        kept: 0,
        seats: 0,
        root_seats: 0,
        auditors: 0,
    };

    /// Whether nothing is ever elected.
    pub const fn is_fixed(&self) -> bool {
        self.chain_epoch == 0 || self.root_epoch == 0
    }

    /// Length of a chain's term.
    pub const fn length(&self, chain: ChainId) -> Height {
        if chain.is_root() {
            self.root_epoch
        } else {
            self.chain_epoch
        }
    }

    /// How long before a term's end the election opens.
    pub const fn lead(&self, chain: ChainId) -> Height {
        if chain.is_root() {
            self.root_lead
        } else {
            self.lead
        }
    }

    /// n of a chain's committee.
    pub const fn seats(&self, chain: ChainId) -> u32 {
        if chain.is_root() {
            self.root_seats
        } else {
            self.seats
        }
    }
}

/// Why a seed is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// No group key is in office.
    #[error("no beacon is running")]
    NoBeacon,
    /// The block that declares it does not cite its height as final.
    #[error("root height {height} is not final yet")]
    NotFinal {
        /// The height.
        height: Height,
    },
    /// Not the next height.
    #[error("the seed of height {found}, due is {due}")]
    Height {
        /// The height found.
        found: Height,
        /// The height whose seed is due.
        due: Height,
    },
    /// None at once, or more than a declaration may hold.
    #[error("{found} signatures in a row; 1 to 16 are allowed")]
    Run {
        /// How many there are.
        found: usize,
    },
    /// The signature is not the group's.
    #[error("the seed's signature is not that of the group")]
    Signature,
}

/// The threshold beacon.
pub trait Beacon: Send + Sync {
    /// Checks the group's signature for a root height, unless it was checked before, keeps what
    /// the next one needs, and gives the seed.
    fn seed(
        &self,
        edit: &mut Edit<'_>,
        height: Height,
        signature: &bls::Signature,
        now: Height,
        trusted: bool,
    ) -> Result<Hash, SeedError>;

    /// Whether the root's committee of an epoch has generated its key.
    fn keys_ready(&self, edit: &Edit<'_>, epoch: Epoch) -> bool;
}

/// No seed is ever known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBeacon;

impl Beacon for NoBeacon {
    fn seed(
        &self,
        _: &mut Edit<'_>,
        _: Height,
        _: &bls::Signature,
        _: Height,
        _: bool,
    ) -> Result<Hash, SeedError> {
        Err(SeedError::NoBeacon)
    }

    fn keys_ready(&self, _: &Edit<'_>, _: Epoch) -> bool {
        false
    }
}
