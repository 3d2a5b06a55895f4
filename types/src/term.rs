//! Terms: which committee answers for a chain, as root blocks tell it.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;
use serde::{Deserialize, Serialize};

use crate::{ChainId, Committee, Epoch, Height, Tip};

/// Where a block stands in the term of its committee.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[borsh(use_discriminant = true)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Phase {
    /// Before the end of the term.
    #[default]
    Ordinary = 0,
    /// The term's last block: the next committee builds on it.
    Closing = 1,
    /// Above a closing block, only to make that one final; holds nothing and is dropped.
    Tail = 2,
}

/// What a root block tells every chain besides anchors.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub enum News {
    /// A committee was elected for its chain's next term.
    Elected(Committee),
    /// Enough members of the next committee follow the chain: the term may end.
    Ready {
        /// The chain.
        chain: ChainId,
        /// The term that may begin.
        epoch: Epoch,
    },
    /// Nothing of the chain is recorded until a new committee has taken over: it forked or stood
    /// still.
    Frozen {
        /// The chain.
        chain: ChainId,
        /// Its cursors stay where the last record shows them until then.
        until: Epoch,
    },
    /// A new committee takes over, without the word of the old one.
    Rescued {
        /// The new committee.
        committee: Committee,
        /// The block that it builds on.
        base: Tip,
    },
    /// A seed of the beacon became known.
    Seed {
        /// The root height that it belongs to.
        height: Height,
        /// The seed.
        seed: Hash,
    },
}
