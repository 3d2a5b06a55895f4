//! Proof files: what became of a message, checkable on a machine with no node.
//!
//! ```text
//!  relay message ─ bundle ─ outbox ─┐
//!                                   ├─ header ─ history ─ anchor ─ root block ─ history ─┐
//!            receipt ───────────────┘                                                    │
//!                               checkpoint ─ handover ─ handover ─ … ─ certificate ──── line
//! ```
//!
//! A file holds evidence of one message and of messages that it sent, oldest first. Each piece is
//! a receipt ("this was executed, so it ended, these it sent") or a relay message ("this left
//! that chain"). All lead to root blocks in the history of a [`Line`](crate::Line), which the file
//! carries from a checkpoint on. The checkpoint is the reader's, never the file's.
//!
//! # Rules
//!
//! * **[F1]** One encoding: magic, version, borsh, then a hash of all bytes before it; no
//!   trailing bytes. The hash stops accidents, not liars; it is checked last, so that a damaged
//!   file is reported by the step that its damage breaks.
//! * **[F2]** Nothing in the file is believed: every step derives its claim from the step before
//!   or from the checkpoint.
//! * **[F3]** Evidence is about the file's message, or about an output of a receipt proven
//!   before it. A valid proof of something else proves nothing here.
//! * **[F4]** Positions are checked against every size that some digest states: a message's
//!   against its bundle, a block's against its descendant's height. The sizes of the outbox, the
//!   receipts and the inputs are stated nowhere and prove nothing but membership.
//! * **[F5]** The line starts exactly at the reader's checkpoint: a file made for another one says
//!   so and is refused.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::InclusionProof;
use types::{Anchor, Bundle, Header, Height, MessageId, NetworkId, Receipt, RelayMessage};

use crate::{Handover, Head};

mod file;
mod report;
#[cfg(test)]
mod tests;
mod verify;

pub use file::{FILE_BYTES, FileError, MAX_EVIDENCE, MAX_HANDOVERS};
pub use report::{FailedStep, StepError, StepName, StepReport};
pub use verify::{verify, verify_bytes};

/// Evidence of what became of a message.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProofFile {
    /// The network.
    pub network: NetworkId,
    /// The message that the file is about.
    pub message: MessageId,
    /// The root height of the checkpoint that the line starts from. [F5]
    pub from: Height,
    /// The line: one step for each term of the root that ended since the checkpoint.
    pub handovers: Vec<Handover>,
    /// The end of the line, if a handover does not lie above all evidence.
    pub head: Option<Head>,
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
    /// The root block's place in the history of the lowest block of the line above it; none when
    /// it is one of the line itself.
    pub place: Option<InclusionProof>,
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
