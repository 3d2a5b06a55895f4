//! The words of the RPC: what requests and answers look like as JSON.
//!
//! One set of types for the node that answers and for the client that reads. Whole numbers of 64
//! bits and more are strings, because JavaScript would round them; ids and hashes are
//! hexadecimal; accounts are addresses (bech32m with the network's name).

use std::fmt;
use std::str::FromStr;

use crypto::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use types::{Address, Amount, BlockHash, ChainId, Gas, MessageId, NetworkId, RoutingTable};

mod event;
mod evidence;
mod trace;
mod validator;

pub use event::{Anchored, Event, Head};
pub use evidence::{ConvictView, ConvictionView};
pub use trace::{
    EarlySeats, Latencies, Level, MessageKind, NodeStatus, RunEntry, RunView, Trace, TraceNode,
    Word,
};
pub use validator::{
    CheckView, DutyView, DutyWhen, ElectionView, GroupView, HandoverView, MemberView, NextView,
    SeedView, SeedsView, StakerView, TermStage, TermView, ValidatorList, ValidatorRow,
    ValidatorView,
};

/// A `u64` that is a string in JSON; a plain number is read as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct U64(pub u64);

impl Serialize for U64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for U64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<'a> {
            Text(std::borrow::Cow<'a, str>),
            Number(u64),
        }
        match Either::deserialize(deserializer)? {
            Either::Text(text) => text.parse().map(Self).map_err(de::Error::custom),
            Either::Number(number) => Ok(Self(number)),
        }
    }
}

impl fmt::Display for U64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for U64 {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// An [`Address`] that is its text in JSON.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct AddressText(pub Address);

impl Serialize for AddressText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AddressText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = Deserialize::deserialize(deserializer)?;
        Address::from_str(&text)
            .map(Self)
            .map_err(de::Error::custom)
    }
}

impl fmt::Display for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Address> for AddressText {
    fn from(address: Address) -> Self {
        Self(address)
    }
}

/// What kind of network this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkKind {
    /// For development: committees too small to be safe, keys that others know.
    Devnet,
    /// For everyone, with sizes that the chain spec proves safe.
    Public,
}

/// One stretch of account ids and the chain that they live on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteView {
    /// First two bytes of the lowest id.
    pub start: u16,
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
}

/// The network that a node belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkInfo {
    /// Its name: what addresses begin with.
    pub name: String,
    /// Its id: the hash of its chain spec.
    #[schemars(with = "String")]
    pub id: NetworkId,
    /// What kind it is.
    pub kind: NetworkKind,
    /// All its chains, the root (0) among them.
    #[schemars(with = "Vec<u32>")]
    pub chains: Vec<ChainId>,
    /// Where accounts live.
    pub routes: Vec<RouteView>,
    /// Gas that a transfer uses at most, wherever its recipient lives.
    pub transfer_gas: U64,
    /// Price of a unit of gas that gets a message in.
    pub gas_price: U64,
    /// What this node does not do for real, in words; empty on a real network.
    pub simulated: Vec<String>,
    /// The node's version.
    pub version: String,
}

impl NetworkInfo {
    /// The routes of a table, as they are told.
    pub fn routes_of(starts: &[types::Route]) -> Vec<RouteView> {
        let told = starts.iter();
        told.map(|route| RouteView {
            start: route.start,
            chain: route.chain,
        })
        .collect()
    }

    /// The routing table, `None` when the node's answer is none.
    pub fn routing(&self) -> Option<RoutingTable> {
        let routes = self.routes.iter();
        let routes = routes.map(|route| types::Route {
            start: route.start,
            chain: route.chain,
        });
        RoutingTable::new(routes.collect()).ok()
    }

    /// The gas to prepay for a transfer.
    pub const fn gas(&self) -> Gas {
        Gas {
            limit: self.transfer_gas.0,
            price: self.gas_price.0,
        }
    }
}

/// The genesis file of the network, against which proofs are verified offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GenesisView {
    /// The file's text.
    pub text: String,
}

/// A checkpoint, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointView {
    /// The root height of its block.
    pub height: U64,
    /// The term of the root blocks above.
    pub epoch: U64,
    /// What to compare with what others say.
    #[schemars(with = "String")]
    pub digest: Hash,
    /// The file's text, JSON.
    pub text: String,
}

impl CheckpointView {
    /// How a checkpoint is shown.
    pub fn of(checkpoint: &light::Checkpoint) -> Self {
        Self {
            height: U64(checkpoint.root.height),
            epoch: U64(checkpoint.committee.epoch),
            digest: checkpoint.digest(),
            text: serde_json::to_string_pretty(checkpoint).unwrap_or_default(),
        }
    }
}

/// A page of handovers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandoversView {
    /// The encoded page, hexadecimal.
    pub page: String,
}

/// Where a chain stands, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainStatus {
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// Newest committed height.
    pub committed: U64,
    /// Newest height that a root block has anchored; on the root the committed one.
    pub anchored: U64,
    /// Newest height whose anchor is root-final; on the root the newest root-final height.
    pub root_final: U64,
    /// The committee's round.
    pub round: U64,
    /// The committee's term.
    pub epoch: U64,
    /// Members of its committee.
    pub members: u32,
    /// Seats of its committee.
    pub seats: u32,
    /// Seats of a quorum: the fewest that early consensus can be asked of.
    pub quorum: u32,
    /// Messages that wait to be included.
    pub mempool: U64,
    /// Hash of the newest committed block.
    #[schemars(with = "String")]
    pub hash: BlockHash,
    /// Time of the newest committed block, milliseconds since 1970.
    pub block_time: U64,
}

/// Which block is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub enum BlockId {
    /// The newest committed one: `latest`.
    Latest,
    /// By height: decimal digits.
    Height(u64),
    /// By hash: 64 hexadecimal digits.
    Hash(BlockHash),
}

/// A text that names no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a block: write \"latest\", a height, or a hash of 64 hexadecimal digits")]
pub struct NoBlockId;

impl FromStr for BlockId {
    type Err = NoBlockId;

    fn from_str(text: &str) -> Result<Self, NoBlockId> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if text.len() == 64 {
            return text.parse().map(Self::Hash).map_err(|_| NoBlockId);
        }
        let decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let height = text.parse().ok().filter(|_| decimal);
        height.map(Self::Height).ok_or(NoBlockId)
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Height(height) => height.fmt(f),
            Self::Hash(hash) => hash.fmt(f),
        }
    }
}

impl Serialize for BlockId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlockId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = Deserialize::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A committed block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockView {
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// Its height.
    pub height: U64,
    /// Its hash.
    #[schemars(with = "String")]
    pub hash: BlockHash,
    /// The block before.
    #[schemars(with = "String")]
    pub parent: BlockHash,
    /// The committee's term.
    pub epoch: U64,
    /// The round that proposed it.
    pub round: U64,
    /// Its time, milliseconds since 1970.
    pub time: U64,
    /// The leader's number in the committee.
    pub proposer: u16,
    /// The root height in whose light it was made.
    pub root_height: U64,
    /// How final it is.
    pub level: Level,
    /// Gas used.
    pub gas: U64,
    /// Bytes of its body.
    pub body_bytes: u32,
    /// Root of the state after it, hexadecimal.
    #[schemars(with = "String")]
    pub state_root: crypto::Hash,
    /// External messages that it includes.
    #[schemars(with = "Vec<String>")]
    pub messages: Vec<MessageId>,
    /// Relay messages that it imported.
    #[schemars(with = "Vec<String>")]
    pub imports: Vec<MessageId>,
    /// Chains that it anchored, on the root only.
    #[schemars(with = "Vec<u32>")]
    pub anchors: Vec<ChainId>,
}

/// An account, at a committed height of its home chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountView {
    /// Its address.
    pub address: AddressText,
    /// Its home chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// Whether it is there. The first credit makes an account.
    pub exists: bool,
    /// What it owns.
    #[schemars(with = "String")]
    pub balance: Amount,
    /// External messages that it has sent.
    pub nonce: U64,
    /// The nonce that its next message needs, those that wait in the mempool counted.
    pub next_nonce: U64,
    /// The height of the state that this is read from.
    pub height: U64,
    /// How final that state is.
    pub level: Level,
    /// The newest root-final height: expiries count from it.
    pub root_height: U64,
    /// Hash of its code, if it has some.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub code: Option<Hash>,
}

/// What an account's code answered to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViewAnswer {
    /// The answer, hexadecimal.
    pub answer: String,
    /// What the code logged.
    pub logs: Vec<LogView>,
    /// Gas that it took; nobody pays for it.
    pub gas: U64,
    /// The height of the state that was asked.
    pub height: U64,
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogView {
    /// What it is about: text, if it is some, and hexadecimal digits if not.
    pub topic: String,
    /// The rest, hexadecimal.
    pub data: String,
    /// The rest, where the topic tells its types: `sold(u64,u128)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<serde_json::Value>,
}

/// The code of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeView {
    /// The account.
    pub account: AddressText,
    /// Hash of its code, if it has some.
    #[schemars(with = "Option<String>")]
    pub code: Option<Hash>,
    /// The code's bytes.
    pub bytes: u32,
    /// Who may give it other code.
    pub owner: Option<AddressText>,
    /// The part of its balance that can't be spent: the deposit for its storage, and gas that is
    /// set aside for answers.
    #[schemars(with = "String")]
    pub locked: Amount,
    /// How its code describes its methods: one JSON object in each line.
    pub abi: Option<String>,
}

impl From<types::Log> for LogView {
    fn from(log: types::Log) -> Self {
        let topic = String::from_utf8(log.topic);
        Self {
            topic: topic.unwrap_or_else(|error| hex::encode(error.into_bytes())),
            data: hex::encode(log.data),
            values: None,
        }
    }
}

/// That a message was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Submitted {
    /// The message.
    #[schemars(with = "String")]
    pub id: MessageId,
}

/// A proof file, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofView {
    /// The message that it is about.
    #[schemars(with = "String")]
    pub id: MessageId,
    /// The file's bytes, hexadecimal.
    pub file: String,
}

#[cfg(test)]
mod tests;
