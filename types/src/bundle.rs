//! Bundles: a block's relay messages to one destination, and the proof that they left.

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{
    Hash,
    merkle::{InclusionProof, MerkleTree, ProofError, leaf_hash},
};
use serde::{Deserialize, Serialize};

use crate::{Amount, Blame, ChainId, Header, RelayMessage, Tip, limits};

/// The leaf of a block's outbox tree for one destination.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Bundle {
    /// The chain that the messages go to.
    pub destination: ChainId,
    /// Index on the lane of the first message.
    pub first_index: u64,
    /// How many messages there are, never 0.
    pub count: u32,
    /// Bytes of all messages.
    pub bytes: u64,
    /// Value and prepaid gas of all messages.
    pub value: Amount,
    /// Merkle root over the messages in index order.
    pub root: Hash,
}

impl Bundle {
    /// The bundle of `messages`, or `None` when their value overflows or there are none.
    pub fn of(destination: ChainId, first_index: u64, messages: &[RelayMessage]) -> Option<Self> {
        let count = u32::try_from(messages.len())
            .ok()
            .filter(|count| *count > 0)?;
        let value = messages
            .iter()
            .try_fold(Amount::ZERO, |sum, message| sum.plus(message.carried()?))?;
        let encoded: Vec<_> = messages
            .iter()
            .map(|m| borsh::to_vec(m).unwrap_or_default())
            .collect();
        let bytes = encoded.iter().map(|message| message.len() as u64).sum();
        let root = MerkleTree::from_leaves(encoded.iter()).root();
        Some(Self {
            destination,
            first_index,
            count,
            bytes,
            value,
            root,
        })
    }

    /// The leaf in the outbox tree.
    pub fn leaf(&self) -> Hash {
        leaf_hash(&borsh::to_vec(self).unwrap_or_default())
    }

    /// The outbox root over bundles sorted by destination.
    pub fn outbox_root(bundles: &[Self]) -> Hash {
        MerkleTree::from_leaf_hashes(bundles.iter().map(Self::leaf).collect()).root()
    }
}

/// That a bundle left a chain: bundle → outbox root → header → history → tip.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct BundleProof {
    /// The block that the bundle left in.
    pub header: Header,
    /// From the bundle's leaf to the header's outbox root.
    pub outbox: InclusionProof,
    /// From the header's hash to the tip's history root; none when the header is the tip.
    pub history: Option<InclusionProof>,
}

/// At which step a bundle's proof fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleProofError {
    /// The messages are not the bundle's.
    #[error("the messages are not those of the bundle")]
    Messages,
    /// The bundle is not in the header's outbox.
    #[error("the bundle is not in the block's outbox: {0}")]
    Outbox(ProofError),
    /// The header is not of the tip's chain.
    #[error("the block is of another chain than the anchored tip")]
    Chain,
    /// The header is not in the tip's history.
    #[error("the block is not in the history of the anchored tip")]
    History,
}

impl BundleProofError {
    /// Whoever hands over a proof can check it first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

impl BundleProof {
    /// Checks that `bundle` left in a block at or below `tip`.
    pub fn verify(&self, bundle: &Bundle, tip: &Tip) -> Result<(), BundleProofError> {
        self.outbox
            .verify(&self.header.outbox_root, &bundle.leaf())
            .map_err(BundleProofError::Outbox)?;
        if self.header.chain != tip.chain {
            return Err(BundleProofError::Chain);
        }
        self.verify_history(tip)
    }

    /// Checks that the header is the tip or lies below it.
    pub fn verify_history(&self, tip: &Tip) -> Result<(), BundleProofError> {
        let hash = self.header.hash();
        let Some(history) = &self.history else {
            let is_tip = hash == tip.hash && self.header.height == tip.height;
            return if is_tip {
                Ok(())
            } else {
                Err(BundleProofError::History)
            };
        };
        let placed = history.index == self.header.height && history.size == tip.height;
        let leaf = leaf_hash(hash.as_bytes());
        match history.verify(&tip.history_root, &leaf) {
            Ok(()) if placed => Ok(()),
            _ => Err(BundleProofError::History),
        }
    }
}

/// A whole bundle as an input of a destination's block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
pub struct Import {
    /// The chain that it left.
    pub source: ChainId,
    /// What was committed there.
    pub bundle: Bundle,
    /// The messages in index order.
    pub messages: Vec<RelayMessage>,
    /// That the bundle left.
    pub proof: BundleProof,
}

impl Import {
    /// Checks messages and proof against the source's tip as the root shows it.
    pub fn verify(&self, tip: &Tip) -> Result<(), BundleProofError> {
        let bundle = Bundle::of(
            self.bundle.destination,
            self.bundle.first_index,
            &self.messages,
        );
        if bundle != Some(self.bundle) {
            return Err(BundleProofError::Messages);
        }
        if self.source != tip.chain {
            return Err(BundleProofError::Chain);
        }
        self.proof.verify(&self.bundle, tip)
    }
}

impl BorshDeserialize for Import {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let source = BorshDeserialize::deserialize_reader(reader)?;
        let bundle = BorshDeserialize::deserialize_reader(reader)?;
        let messages = Vec::<RelayMessage>::deserialize_reader(reader)?;
        let proof = BorshDeserialize::deserialize_reader(reader)?;
        if messages.is_empty() || messages.len() > limits::BUNDLE_MESSAGES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "bundle out of bounds",
            ));
        }
        Ok(Self {
            source,
            bundle,
            messages,
            proof,
        })
    }
}
