//! What a sender may do wrong.

use types::{Blame, CertificateError};

/// Why a message was refused. Costs the sender its standing, not its stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A vote sent by someone other than its signer.
    #[error("not signed by its sender")]
    NotTheSigner,
    /// A proposal of someone who does not lead its round.
    #[error("not the leader of its round")]
    NotTheLeader,
    /// A message of another chain or epoch.
    #[error("belongs to another committee")]
    OtherCommittee,
    /// A vote without a member, or without a value where one is needed.
    #[error("malformed vote")]
    Malformed,
    /// A vote or proposal whose signature is wrong.
    #[error("wrong signature")]
    Signature,
    /// A certificate that proves nothing.
    #[error("bad certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// A leader's proposal that no honest leader makes.
    #[error("invalid proposal")]
    Proposal,
}

impl Fault {
    /// Whom to hold to account.
    pub const fn blame(&self) -> Blame {
        match self {
            // An epoch ago it was right.
            Self::OtherCommittee => Blame::Nobody,
            _ => Blame::Sender,
        }
    }
}
