//! Checkpoints: where a line starts, and for how long that counts. [L1] [L4]

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Domain, Hash, hash_borsh};
use serde::{Deserialize, Serialize};
use types::{ChainId, Committee, CommitteeError, Epoch, Header, Height, NetworkId, Phase, Time};

use crate::certified::{CertifiedError, check_root};

#[cfg(test)]
mod tests;

const CHECKPOINT: Domain = Domain::new("thinkey/checkpoint");

/// A root block and who answers for the blocks above it. Believed, so get it from someone whom
/// you trust, and compare its [digest](Self::digest) with others'.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The network.
    pub network: NetworkId,
    /// A final block of the root.
    pub root: Header,
    /// The committee of the root blocks above: that of the block's term, or of the next one when
    /// the block closes its term.
    pub committee: Committee,
}

/// Why a checkpoint has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The block is none of the root, or of an unknown version.
    #[error(transparent)]
    Block(#[from] CertifiedError),
    /// The committee can't be that of the blocks above.
    #[error("a committee of chain {chain} epoch {found} where epoch {expected} of the root is due")]
    Epoch {
        /// Its chain.
        chain: ChainId,
        /// Its term.
        found: Epoch,
        /// The term of the blocks above.
        expected: Epoch,
    },
    /// The committee can't work.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
}

/// The checkpoint is older than unbonding. [L4]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the checkpoint at root height {height} is {age} root heights old and unbonding takes \
     {unbonding}: its committee may have its stake back, so its word proves nothing"
)]
pub struct TooOld {
    /// Its height.
    pub height: Height,
    /// Root heights above it.
    pub age: u64,
    /// U.
    pub unbonding: u64,
}

impl Checkpoint {
    /// What two people compare to see whether they believe the same.
    pub fn digest(&self) -> Hash {
        hash_borsh(CHECKPOINT, self)
    }

    /// Checks that block and committee go together.
    ///
    /// # Errors
    /// When they don't; no proof can be based on it.
    pub fn check(&self) -> Result<(), CheckpointError> {
        check_root(&self.root)?;
        let (chain, found) = (self.committee.chain, self.committee.epoch);
        let closes = u64::from(self.root.phase == Phase::Closing);
        let expected = self.root.epoch.saturating_add(closes);
        if !chain.is_root() || found != expected || self.root.phase == Phase::Tail {
            return Err(CheckpointError::Epoch {
                chain,
                found,
                expected,
            });
        }
        Ok(self.committee.validate()?)
    }

    /// The highest that the root may be at `time`, if it makes at most one block in `fastest_ms`:
    /// for callers that have a clock and nobody to ask.
    pub const fn highest_at(&self, time: Time, fastest_ms: u64) -> Height {
        let passed = time.0.saturating_sub(self.root.time.0);
        let blocks = match passed.checked_div(fastest_ms) {
            Some(blocks) => blocks,
            None => u64::MAX,
        };
        self.root.height.saturating_add(blocks)
    }
}

/// What a verifier believes before it reads a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The start.
    pub checkpoint: Checkpoint,
    /// The root's height at present, as far as the caller knows; 0 when it does not.
    pub now: Height,
    /// U: root heights that stake stays slashable; none when nobody ever unbonds.
    pub unbonding: Option<u64>,
}

impl Trust {
    /// Checks that the checkpoint still counts when the root is at `seen` or at what the caller
    /// says, whichever is higher. [L4]
    ///
    /// # Errors
    /// When the stake behind the checkpoint may be gone.
    pub fn check_age(&self, seen: Height) -> Result<(), TooOld> {
        let height = self.checkpoint.root.height;
        let age = self.now.max(seen).saturating_sub(height);
        match self.unbonding {
            Some(unbonding) if age >= unbonding => Err(TooOld {
                height,
                age,
                unbonding,
            }),
            _ => Ok(()),
        }
    }
}
