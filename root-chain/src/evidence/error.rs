//! Why a report or a promise changes nothing.

use consensus::EvidenceError;
use crypto::bls::SignatureError;
use types::{Blame, ChainId, Epoch, Height};

/// Why a report or a promise is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// About a term that the root does not know, or no longer.
    #[error("the root knows no committee of chain {chain} for epoch {epoch}")]
    UnknownTerm {
        /// The chain.
        chain: ChainId,
        /// The epoch.
        epoch: Epoch,
    },
    /// Too late. [V2]
    #[error("the term ended at root height {ended}; evidence about it counted until {last}")]
    TooOld {
        /// When it ended.
        ended: Height,
        /// The last height at which evidence counted.
        last: Height,
    },
    /// All whom it could convict are convicted. [V3]
    #[error("those whom this could convict are convicted already")]
    Known,
    /// It proves nothing.
    #[error("the evidence proves nothing: {0}")]
    Evidence(#[from] EvidenceError),
    /// A promise of somebody who has no stake. [V5]
    #[error("only stakers promise reports")]
    NoStaker,
    /// A promise too soon after the one before. [V5]
    #[error("the promise before is too young; promise again at root height {free}")]
    PromiseTooSoon {
        /// When the next one is accepted.
        free: Height,
    },
    /// A promise that is over, or lasts too long. [V5]
    #[error("a promise is recorded until root height {until} at most, and made shortly before")]
    PromiseExpired {
        /// Its last height.
        until: Height,
    },
    /// A promise of the same report, or an older one, sent again. [V5]
    #[error("the staker has promised this, or something later")]
    Promised,
    /// A promise that its staker did not sign.
    #[error("the stake key did not sign this promise: {0}")]
    Signature(#[from] SignatureError),
}

impl ReportError {
    /// Whoever files it could check it first, but others may have been faster.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Evidence(_) | Self::Signature(_) | Self::NoStaker => Blame::Sender,
            Self::UnknownTerm { .. } | Self::TooOld { .. } => Blame::Sender,
            Self::Known | Self::Promised => Blame::Nobody,
            Self::PromiseTooSoon { .. } | Self::PromiseExpired { .. } => Blame::Nobody,
        }
    }
}
