//! Why the mempool does not take a message.

use types::{Amount, Blame, Height};

/// Why a message is not taken; each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is here already.
    #[error("the message is already waiting; follow it with `thinkey trace`")]
    Known,
    /// Its sender lives on another chain.
    #[error("the sender's account lives on another chain; send the message there")]
    OtherChain,
    /// The signing key does not control the sender's account.
    #[error("this key does not control the sender's account; sign with the account's key")]
    Key,
    /// Its nonce was used.
    #[error("nonce {nonce} is used; the next is {next}")]
    NonceUsed {
        /// The message's nonce.
        nonce: u64,
        /// The account's next nonce.
        next: u64,
    },
    /// Its nonce is too far past the first one that is missing.
    #[error("nonce {nonce} is too far ahead; send the message with nonce {next} first")]
    NonceGap {
        /// The message's nonce.
        nonce: u64,
        /// The first nonce that is neither used nor waiting.
        next: u64,
    },
    /// A nonce before its own is missing, and no more such messages are kept.
    #[error("nonce {nonce} has to wait for nonce {next}; send the message with nonce {next} first")]
    Stranded {
        /// The message's nonce.
        nonce: u64,
        /// The first nonce that is neither used nor waiting.
        next: u64,
    },
    /// It may no longer be included.
    #[error("expired at root height {expiry}, now {root_height}; sign it again")]
    Expired {
        /// The message's expiry.
        expiry: Height,
        /// The root height.
        root_height: Height,
    },
    /// It would stay for too long.
    #[error("expires too late; set the expiry to root height {most} or less")]
    ExpiryTooFar {
        /// The latest expiry taken.
        most: Height,
    },
    /// The sender can't pay it and what it has waiting.
    #[error("balance {balance} does not cover this message and those already waiting")]
    Balance {
        /// The sender's balance.
        balance: Amount,
    },
    /// Too little gas even to begin.
    #[error("gas limit {limit} is below the {least} that the message needs")]
    Gas {
        /// The message's limit.
        limit: u64,
        /// The least that works.
        least: u64,
    },
    /// Another message of the same nonce waits and pays more.
    #[error("a message with this nonce is waiting; replace it with gas price {least} or more")]
    Underpriced {
        /// The least price that replaces.
        least: u64,
    },
    /// The sender has too many waiting.
    #[error("{most} messages of this sender are waiting; send more when some are included")]
    SenderFull {
        /// The limit.
        most: usize,
    },
    /// The mempool is full.
    #[error("the mempool is full; try again shortly")]
    Full,
}

impl Refusal {
    /// Only a key that does not fit and a foreign sender are lies; the rest are races.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::OtherChain | Self::Key => Blame::Sender,
            Self::Full => Blame::Ourselves,
            _ => Blame::Nobody,
        }
    }
}
