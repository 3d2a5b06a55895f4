//! Why a call to the staking account is refused.

use crypto::bls::SignatureError;
use types::{Amount, Blame, FailureCode, Height};

/// Why a call is refused. Nothing changed and its value goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StakingError {
    /// No such method.
    #[error("no such method; there are register, add_stake, quit, withdraw and claim_rewards")]
    Method,
    /// The arguments are not the method's encoding.
    #[error("the arguments are not those of the method")]
    Arguments,
    /// Value comes with a method that takes none.
    #[error("{value} came along, and this method takes no value; send 0")]
    Value {
        /// What came.
        value: Amount,
    },
    /// Nothing comes with a method that needs value.
    #[error("no value came along; send the stake that is to be added")]
    Nothing,
    /// Less than a ticket.
    #[error("{value} is below the {ticket} of one ticket; send that or more")]
    BelowTicket {
        /// What came.
        value: Amount,
        /// What one ticket takes.
        ticket: Amount,
    },
    /// The account has registered. [S1]
    #[error("this account has registered; add stake to it, or use another account")]
    AccountTaken,
    /// The key is registered. [S1]
    #[error("this stake key is registered already; generate another one")]
    KeyTaken,
    /// The key is no key.
    #[error("the stake key is bad: {reason}")]
    Key {
        /// What is wrong with it.
        reason: SignatureError,
    },
    /// The proof of possession does not hold.
    #[error("the proof of possession is bad: {reason}; make it with the stake key's secret")]
    Possession {
        /// What is wrong with it.
        reason: SignatureError,
    },
    /// The account never registered, or has withdrawn.
    #[error("this account has no stake; register it first")]
    NotRegistered,
    /// It has quit.
    #[error("this staker has quit; it can only withdraw, and register again after that")]
    HasQuit,
    /// It has not quit.
    #[error("this staker has not quit; quit first, then wait for the end of unbonding")]
    HasNotQuit,
    /// A term of it is not over.
    #[error("this staker is in {duties} committees; unbonding starts when their terms end")]
    OnDuty {
        /// Committees.
        duties: u32,
    },
    /// Unbonding is not over.
    #[error("unbonding lasts until root height {free}, and this is {height}; withdraw then")]
    TooEarly {
        /// The root height now.
        height: Height,
        /// The root height from which it works.
        free: Height,
    },
    /// It signed what nobody may sign.
    #[error("this staker was convicted of misbehaviour and can never stake again")]
    Tombstoned,
    /// There are no rewards.
    #[error("there are no rewards to claim yet; they are paid when a term ends")]
    NoRewards,
    /// What is to be paid might not arrive in time.
    #[error("the message comes too late for a payment to return in time; send it again")]
    Late,
    /// The numbers do not fit.
    #[error("the stakes add up to 2^128 or more")]
    Overflow,
    /// Too little gas, or the tree of messages too deep.
    #[error("the call could not be executed to its end; send it with more gas")]
    Execution {
        /// How the execution failed.
        code: FailureCode,
    },
}

impl StakingError {
    /// A word for programs; never changes for the same cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Method => "unknown_method",
            Self::Arguments => "bad_arguments",
            Self::Value { .. } => "takes_no_value",
            Self::Nothing => "needs_value",
            Self::BelowTicket { .. } => "below_ticket",
            Self::AccountTaken => "account_taken",
            Self::KeyTaken => "key_taken",
            Self::Key { .. } => "bad_key",
            Self::Possession { .. } => "bad_possession",
            Self::NotRegistered => "not_registered",
            Self::HasQuit => "has_quit",
            Self::HasNotQuit => "has_not_quit",
            Self::OnDuty { .. } => "on_duty",
            Self::TooEarly { .. } => "too_early",
            Self::Tombstoned => "tombstoned",
            Self::NoRewards => "no_rewards",
            Self::Late => "too_late",
            Self::Overflow => "overflow",
            Self::Execution { .. } => "execution",
        }
    }

    /// The word of [`Self::code`] that a text is; `refused` for any other text.
    pub fn known(text: &str) -> &'static str {
        const WORDS: [&str; 19] = [
            "unknown_method",
            "bad_arguments",
            "takes_no_value",
            "needs_value",
            "below_ticket",
            "account_taken",
            "key_taken",
            "bad_key",
            "bad_possession",
            "not_registered",
            "has_quit",
            "has_not_quit",
            "on_duty",
            "too_early",
            "tombstoned",
            "no_rewards",
            "too_late",
            "overflow",
            "execution",
        ];
        let known = WORDS.into_iter().find(|word| *word == text);
        known.unwrap_or("refused")
    }

    /// What the call's receipt and bounce say.
    pub const fn failure(&self) -> FailureCode {
        match self {
            Self::Execution { code } => *code,
            _ => FailureCode::Rejected,
        }
    }

    /// Whoever sends a call can ask first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}
