//! Why a text or a file is no chain spec.

use std::path::PathBuf;

use types::{AccountId, ChainId, CommitteeError};

/// Why a spec can't be read, written or understood. Each names the field and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file can't be read.
    #[error("can't read the chain spec {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file can't be written.
    #[error("can't write the chain spec {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No TOML, or a field is missing, unknown or of another type; names line and field.
    #[error("the chain spec is not valid: {0}")]
    Toml(#[from] toml::de::Error),
    /// No JSON, or a field is missing, unknown or of another type; names line and field.
    #[error("the chain spec is not valid: {0}")]
    Json(#[from] serde_json::Error),
    /// A number is too large for TOML.
    #[error("the chain spec can't be written as TOML: {0}; write JSON")]
    TomlOut(#[from] toml::ser::Error),
    /// `name` is not usable in addresses.
    #[error(
        "name: it must begin with a lowercase letter and have at most {max} lowercase letters \
         and digits",
        max = super::NAME_LENGTH
    )]
    Name,
    /// `chains` is empty.
    #[error("chains: there is none; add the root chain with id 0")]
    NoChains,
    /// `chains` repeats an id or leaves one out.
    #[error("chains: found id {found} where {expected} is due; number them 0, 1, 2, … once each")]
    ChainIds {
        /// The id found.
        found: ChainId,
        /// The id that must be there.
        expected: u32,
    },
    /// A committee can't work.
    #[error("chains, id {chain}, members: {source}")]
    Committee {
        /// Its chain.
        chain: ChainId,
        /// What is wrong with it.
        source: CommitteeError,
    },
    /// `routing` leads to a chain that is not there.
    #[error("routing: a route leads to chain {chain}, which is not in chains; add it or remove it")]
    UnknownRoute {
        /// The chain.
        chain: ChainId,
    },
    /// `routing` gives a chain no accounts.
    #[error("routing: no route leads to chain {chain}; add one, or remove the chain")]
    Unrouted {
        /// The chain.
        chain: ChainId,
    },
    /// `accounts` has an id twice.
    #[error("accounts: {id} is there twice; add the balances up in one entry")]
    RepeatedAccount {
        /// The account.
        id: AccountId,
    },
    /// `accounts` funds an account of the protocol itself.
    #[error("accounts: {id} is a system account, which the protocol makes; remove it")]
    SystemAccount {
        /// The account.
        id: AccountId,
    },
    /// The balances overflow. [S6]
    #[error(
        "accounts, staking: the balances, stakes and rewards add up to 2^128 or more; lower them"
    )]
    Supply,
}
