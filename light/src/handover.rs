//! The steps of a line: from one term's committee to the next, and to a certified block. [L2]

use actors::{SlotProof, SlotProofError};
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::{InclusionProof, ProofError, leaf_hash};
use root_chain::committees;
use types::{
    ChainId, Committee, CommitteeError, Epoch, Finality, Header, Height, NetworkId, Phase, limits,
};

use crate::certified::{CertifiedError, Signed, check_finality, check_form, check_root};

#[cfg(test)]
mod tests;

/// The end of one term of the root and the committee of the next.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Handover {
    /// The block that closes the term.
    pub closing: Header,
    /// The place of the line's last block in the closing block's history.
    pub link: InclusionProof,
    /// Descendants of the closing block up to the certified one; empty when it is itself.
    pub tails: Vec<Header>,
    /// Certificates of the closing block, or of the last of the tails.
    pub finality: Finality,
    /// The committee of the next term.
    pub next: Committee,
    /// Its place in the state after the closing block.
    pub place: SlotProof,
}

/// A certified block of the term that a line has come to.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Head {
    /// The block.
    pub block: Header,
    /// The place of the line's last block in its history.
    pub link: InclusionProof,
    /// Its certificates.
    pub finality: Finality,
}

/// Why a line does not go on, or does not hold a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The block is not final by the word of the line's committee.
    #[error(transparent)]
    Certified(#[from] CertifiedError),
    /// The block does not close its term, or is a tail.
    #[error("a block of phase {found:?} where one of phase {expected:?} must be")]
    Phase {
        /// Its phase.
        found: Phase,
        /// What it must be.
        expected: Phase,
    },
    /// The line's last block is not in the block's history: another history.
    #[error("root block {below} is not in the history of root block {height}: {source}")]
    History {
        /// The height that should lie below.
        below: Height,
        /// The block's height.
        height: Height,
        /// What is wrong with the path.
        source: ProofError,
    },
    /// A place in the history for another height than the block's.
    #[error("a place at height {found} of a history where one at {expected} must be")]
    Place {
        /// The path's index.
        found: Height,
        /// The height.
        expected: Height,
    },
    /// A block of the line's own height, and not the same.
    #[error("another root block of height {height} than the line's")]
    Rival {
        /// The height.
        height: Height,
    },
    /// The block lies above all blocks of the line.
    #[error("root block {height} lies above the last certified one, {last}")]
    Above {
        /// The block's height.
        height: Height,
        /// The line's last height.
        last: Height,
    },
    /// A tail that does not follow, or too many of them.
    #[error("tail {at} does not follow the closing block")]
    Tail {
        /// Which, from 0.
        at: usize,
    },
    /// The state after the closing block does not hold the committee.
    #[error("the closing block's state names another next committee: {0}")]
    State(#[from] SlotProofError),
    /// The committee is not that of the next term of the root.
    #[error("a committee of chain {chain} epoch {found} where epoch {expected} of the root is due")]
    Next {
        /// Its chain.
        chain: ChainId,
        /// Its term.
        found: Epoch,
        /// The term that begins.
        expected: Epoch,
    },
    /// The next committee can't work.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
}

impl Handover {
    /// Checks the step from `last`, the line's last block, and the committee above it.
    pub(crate) fn check(
        &self,
        last: &Header,
        committee: &Committee,
        network: NetworkId,
    ) -> Result<Signed, LineError> {
        check_form(&self.closing, committee)?;
        check_phase(&self.closing, Phase::Closing)?;
        check_below(last, &self.closing, &self.link)?;
        let certified = self.check_tails()?;
        let signed = check_finality(certified, &self.finality, committee, network)?;
        self.check_next()?;
        Ok(signed)
    }

    /// The block that the certificates must be of.
    fn check_tails(&self) -> Result<&Header, LineError> {
        let mut last = &self.closing;
        for (at, tail) in self.tails.iter().enumerate() {
            let follows = at < limits::ANCHOR_TAILS
                && check_root(tail).is_ok()
                && tail.phase == Phase::Tail
                && tail.epoch == self.closing.epoch
                && Some(tail.height) == last.height.checked_add(1)
                && tail.parent == last.hash();
            if !follows {
                return Err(LineError::Tail { at });
            }
            last = tail;
        }
        Ok(last)
    }

    fn check_next(&self) -> Result<(), LineError> {
        let (chain, found) = (self.next.chain, self.next.epoch);
        let expected = self.closing.epoch.saturating_add(1);
        if !chain.is_root() || found != expected {
            return Err(LineError::Next {
                chain,
                found,
                expected,
            });
        }
        let bytes = borsh::to_vec(&self.next).unwrap_or_default();
        let key = committees::slot_key(ChainId::ROOT, expected);
        let root = &self.closing.state_root;
        self.place
            .verify(root, &committees::account_id(), &key, &bytes)?;
        Ok(self.next.validate()?)
    }
}

impl Head {
    /// Checks that the block is final and lies above `last`.
    pub(crate) fn check(
        &self,
        last: &Header,
        committee: &Committee,
        network: NetworkId,
    ) -> Result<Signed, LineError> {
        check_form(&self.block, committee)?;
        check_phase(&self.block, Phase::Ordinary)?;
        check_below(last, &self.block, &self.link)?;
        let signed = check_finality(&self.block, &self.finality, committee, network)?;
        Ok(signed)
    }
}

fn check_phase(header: &Header, expected: Phase) -> Result<(), LineError> {
    let found = header.phase;
    if found != expected {
        return Err(LineError::Phase { found, expected });
    }
    Ok(())
}

/// That `below` lies in the history of `top`, at its height. [L3] [L5]
pub(crate) fn check_below(
    below: &Header,
    top: &Header,
    path: &InclusionProof,
) -> Result<(), LineError> {
    if path.index != below.height {
        return Err(LineError::Place {
            found: path.index,
            expected: below.height,
        });
    }
    let leaf = leaf_hash(below.hash().as_bytes());
    // The history of a block holds as many blocks as lie below it.
    let verified = path.verify_in(&top.history_root, top.height, &leaf);
    verified.map_err(|source| LineError::History {
        below: below.height,
        height: top.height,
        source,
    })
}
