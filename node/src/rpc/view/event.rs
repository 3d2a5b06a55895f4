//! What subscribers are told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::{BlockHash, ChainId, MessageId};

use super::U64;

/// A new committed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// Its height.
    pub height: U64,
    /// Its hash.
    #[schemars(with = "String")]
    pub hash: BlockHash,
    /// Its time, milliseconds since 1970.
    pub time: U64,
    /// External messages that it includes.
    pub messages: u32,
}

/// An anchor that a final root block recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anchored {
    /// The anchored chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// Its newest anchored height.
    pub height: U64,
    /// Hash of the block there.
    #[schemars(with = "String")]
    pub hash: BlockHash,
    /// The root height that recorded it.
    pub root_height: U64,
}

/// What a node tells its RPC server, which tells subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A block was committed.
    Head(Head),
    /// An anchor became root-final.
    Anchor(Anchored),
    /// The trace of this external message changed. The server reads the trace itself, once for
    /// any number of changes, so that a burst costs the node nothing but ids.
    Trace(MessageId),
}
