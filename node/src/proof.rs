//! Proof files: what became of a message, checkable on a machine with no node.
//!
//! ```text
//!  relay message ─ bundle ─ outbox ─┐
//!                                   ├─ header ─ history ─ anchor ─ root block ─ certificate
//!            receipt ───────────────┘                               (history)       │
//!                                                                        a committee of the root
//! ```
//!
//! A file holds evidence of one message and of messages that it sent, oldest first. Each piece is
//! a receipt ("this was executed, so it ended, these it sent") or a relay message ("this left
//! that chain"). All lead to a root block that the root committee confirmed; who that committee
//! is comes from the genesis file, never from the proof.
//!
//! # Rules
//!
//! * **[F1]** One encoding: magic, version, borsh, then a hash of all bytes before it; no
//!   trailing bytes. The hash stops accidents, not liars; it is checked last, so that a damaged
//!   file is reported by the step that its damage breaks.
//! * **[F2]** Nothing in the file is believed: every step derives its claim from the step before
//!   or from the genesis file.
//! * **[F3]** Evidence is about the file's message, or about an output of a receipt proven
//!   before it. A valid proof of something else proves nothing here.
//! * **[F4]** Positions are checked against every size that some digest states: a message's
//!   against its bundle, a block's against its descendant's height. The sizes of the outbox, the
//!   receipts and the inputs are stated nowhere and prove nothing but membership.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::InclusionProof;
use types::{
    Anchor, Bundle, Committee, Finality, Header, MessageId, NetworkId, Receipt, RelayMessage,
};

mod file;
mod report;
mod verify;

pub use file::{FILE_BYTES, FileError, MAX_EVIDENCE};
pub use report::{FailedStep, StepError, StepName, StepReport};
pub use verify::{verify, verify_bytes};

/// What a verifier believes before it reads a proof: from the genesis file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRoot {
    /// The network.
    pub network: NetworkId,
    /// Committees of the root chain, one per epoch.
    pub committees: Vec<Committee>,
}

impl TrustedRoot {
    /// What a genesis file says.
    pub fn of(spec: &genesis::ChainSpec) -> Self {
        Self {
            network: spec.network_id(),
            committees: spec
                .committee(types::ChainId::ROOT, 0)
                .into_iter()
                .collect(),
        }
    }
}

/// Evidence of what became of a message.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProofFile {
    /// The network.
    pub network: NetworkId,
    /// The message that the file is about.
    pub message: MessageId,
    /// Evidence, oldest first; see [F3].
    pub evidence: Vec<Evidence>,
}

/// One proven fact.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Evidence {
    /// The fact.
    pub fact: Fact,
    /// The block that it happened in.
    pub header: Header,
    /// From that block to a root block; none when the block is of the root itself.
    pub anchored: Option<Anchored>,
    /// From the root block to a certificate.
    pub certified: Certified,
}

/// What a block is proven to contain.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[allow(clippy::large_enum_variant, reason = "a proof holds a few")]
pub enum Fact {
    /// A relay message left the chain.
    Left {
        /// The message.
        message: RelayMessage,
        /// Its place under the bundle's root.
        position: InclusionProof,
        /// The bundle.
        bundle: Bundle,
        /// The bundle's place under the header's outbox root.
        outbox: InclusionProof,
    },
    /// A message was executed.
    Executed {
        /// The receipt.
        receipt: Receipt,
        /// Its place under the header's receipt root.
        position: InclusionProof,
    },
}

/// The way from a chain's block to a root block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Anchored {
    /// The block's place under the anchored tip's history root; none when it is the tip.
    pub history: Option<InclusionProof>,
    /// The anchor.
    pub anchor: Anchor,
    /// The anchor's place under the root block's input root.
    pub input: InclusionProof,
    /// The root block.
    pub root: Header,
}

/// The way from a root block to the committee that answers for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Certified {
    /// A later root block that has certificates, and the root block's place under its history
    /// root; none when the root block has certificates itself.
    pub later: Option<(Header, InclusionProof)>,
    /// The certificates.
    pub finality: Finality,
}
