//! Blocks: header, justification, body, and what makes them final.

use borsh::{BorshDeserialize, BorshSerialize};
use bytes::Bytes;
use crypto::{Hash, bls, hash, hash_borsh};
use serde::{Deserialize, Serialize};

use crate::{
    Ack, Anchor, BlockHash, Certificate, ChainId, Declaration, Epoch, ExternalMessage, Height,
    Import, NetworkId, Order, Phase, Round, Time, domain,
};

/// The root block that a block was made in the light of.
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
pub struct RootRef {
    /// Root height; never lower than the parent's.
    pub height: Height,
    /// Root block, root-final to whoever votes.
    pub hash: BlockHash,
}

/// A block's header: commits to everything in the block and to everything before it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Header {
    /// Format and rules; 1.
    pub version: u16,
    /// The chain.
    pub chain: ChainId,
    /// The committee's term.
    pub epoch: Epoch,
    /// Blocks before this one on its chain.
    pub height: Height,
    /// The round that proposed it.
    pub round: Round,
    /// The block before.
    pub parent: BlockHash,
    /// The round of the block before.
    pub parent_round: Round,
    /// Hash of the justification.
    pub justification: Hash,
    /// The root block in whose light it was made; on the root, a final block of its own.
    pub root_ref: RootRef,
    /// Above the parent's.
    pub time: Time,
    /// Number of the leader in the committee.
    pub proposer: u16,
    /// Where the block stands in the committee's term.
    pub phase: Phase,
    /// Root of the state tree after the block.
    pub state_root: Hash,
    /// Merkle root over the input messages' ids, then the hashes of anchors and declarations.
    pub input_root: Hash,
    /// Commitment to σ.
    pub order_root: Hash,
    /// Merkle root over all messages that the block's steps produced, in step order.
    pub message_root: Hash,
    /// Merkle root over the bundles, destinations ascending.
    pub outbox_root: Hash,
    /// Merkle root over the receipts, in step order.
    pub receipt_root: Hash,
    /// Merkle root over the hashes of blocks 0 to height - 1.
    pub history_root: Hash,
    /// Commitment to the ledger and lanes after the block.
    pub lanes_root: Hash,
    /// Hash of the encoded body.
    pub body: Hash,
    /// Bytes of the encoded body.
    pub body_bytes: u32,
    /// Gas used by all steps.
    pub gas: u64,
}

impl Header {
    /// The block's hash.
    pub fn hash(&self) -> BlockHash {
        BlockHash(hash_borsh(domain::HEADER, self))
    }

    /// What the leader signs.
    pub fn proposal_digest(&self, network: NetworkId) -> Hash {
        hash(
            domain::PROPOSAL,
            &[network.as_bytes(), self.hash().as_bytes()],
        )
    }
}

/// Why a block may extend its parent in its round: the parent's certificate and the rounds between.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Justification {
    /// Prepare certificate of the parent, or a skip certificate that pins it; none for genesis.
    pub parent: Option<Certificate>,
    /// An unpinned skip certificate for each round between the parent's and the block's, ascending.
    pub skips: Vec<Certificate>,
}

impl Justification {
    /// The hash in the header.
    pub fn hash(&self) -> Hash {
        hash_borsh(domain::JUSTIFICATION, self)
    }
}

/// What a block brings in, and the order in which it was consumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Body {
    /// External messages.
    pub externals: Vec<ExternalMessage>,
    /// Bundles from other chains.
    pub imports: Vec<Import>,
    /// Anchors of transaction chains; on the root only.
    pub anchors: Vec<Anchor>,
    /// What validators declare; on the root only.
    pub declarations: Vec<Declaration>,
    /// Progress of other chains on this chain's lanes, peers ascending.
    pub acks: Vec<Ack>,
    /// σ.
    pub order: Order,
}

impl Body {
    /// The encoding that the header's hash covers.
    pub fn encode(&self) -> Bytes {
        borsh::to_vec(self).unwrap_or_default().into()
    }

    /// Hash of an encoded body.
    pub fn hash_of(encoded: &[u8]) -> Hash {
        hash(domain::BODY, &[encoded])
    }
}

/// A block as it is stored and sent; its body stays encoded.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The justification that the header commits to.
    pub justification: Justification,
    /// The leader's signature over [`Header::proposal_digest`].
    pub signature: bls::Signature,
    /// The encoded body that the header commits to.
    pub body: Bytes,
}

/// That a block is final: its confirm certificate, kept with its prepare certificate.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Finality {
    /// CC(v,h).
    pub confirm: Certificate,
    /// PC(v,h).
    pub prepare: Certificate,
}
