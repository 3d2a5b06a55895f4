//! Staking: who may be drawn into committees, and what they have to lose.
//!
//! All stake lies as balance of system account 3.

mod index;
mod record;
mod rules;
mod snapshot;

pub use index::{staker, staker_ids, staker_of_key, stakers};
pub use record::{Addition, Leaving, Staker, StakerId};
pub use rules::{RootEpoch, StakingRules, WAIT};
pub use snapshot::Snapshot;

use types::{AccountId, ChainId};

/// The system account that holds all stake.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 3)
}
