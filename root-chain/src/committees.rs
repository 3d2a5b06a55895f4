//! The committees that the root knows. [R1]

use std::collections::BTreeMap;

use types::{ChainId, Committee, CommitteeError, Epoch};

#[cfg(test)]
mod tests;

/// The committee of each chain, the root's among them. So far those of epoch 0.
#[derive(Clone, Debug, Default)]
pub struct Committees {
    current: BTreeMap<ChainId, Committee>,
}

/// Why committees can't be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitteesError {
    /// A committee can't work.
    #[error("the committee of chain {chain}: {source}")]
    Invalid {
        /// Its chain.
        chain: ChainId,
        /// What is wrong.
        source: CommitteeError,
    },
    /// Two for one chain.
    #[error("chain {chain} has two committees")]
    Repeated {
        /// The chain.
        chain: ChainId,
    },
}

impl Committees {
    /// The committees of genesis. Their proofs of possession were checked with the chain spec.
    pub fn genesis(all: impl IntoIterator<Item = Committee>) -> Result<Self, CommitteesError> {
        let mut current = BTreeMap::new();
        for committee in all {
            let chain = committee.chain;
            let valid = committee.validate();
            valid.map_err(|source| CommitteesError::Invalid { chain, source })?;
            if current.insert(chain, committee).is_some() {
                return Err(CommitteesError::Repeated { chain });
            }
        }
        Ok(Self { current })
    }

    /// The committee that certifies a chain's blocks now.
    pub fn current(&self, chain: ChainId) -> Option<&Committee> {
        self.current.get(&chain)
    }

    /// The committee of a chain's epoch.
    pub fn of(&self, chain: ChainId, epoch: Epoch) -> Option<&Committee> {
        self.current(chain).filter(|known| known.epoch == epoch)
    }
}
