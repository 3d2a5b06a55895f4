//! What the RPC server needs from a node: one narrow port.

use actors::State;
use consensus::Evidence;
use futures::future::BoxFuture;
use genesis::Terms;
use light::proof::ProofFile;
use light::{Checkpoint, line::Page};
use root_chain::evidence::ReportError;
use root_chain::staking::StakingRules;
use tokio::sync::broadcast;
use types::{AccountId, Amount, ChainId, ExternalMessage, FailureCode, Height, MessageId};

use super::view::{
    AccountView, BlockId, BlockView, ChainStatus, CodeView, ConvictionView, Event, NetworkInfo,
    Trace, ViewAnswer,
};

/// A node, as its RPC server sees it. Implemented by the node's services, and by fakes in tests.
///
/// Plain methods may read from disk; the server calls them on a bounded number of threads of
/// their own. None of them may wait for the network.
pub trait Backend: Send + Sync + 'static {
    /// The network, its chains and its routing.
    fn network(&self) -> NetworkInfo;

    /// The text of the genesis file.
    fn genesis(&self) -> String;

    /// Where a chain stands; `None` when the network has no such chain or this node does not
    /// follow it.
    fn chain(&self, chain: ChainId) -> Option<ChainStatus>;

    /// A committed block.
    fn block(&self, chain: ChainId, block: BlockId) -> Option<BlockView>;

    /// An account, also one that does not exist yet.
    fn account(&self, account: AccountId) -> Result<AccountView, AccountError>;

    /// An account's code and how it describes itself.
    fn code(&self, account: AccountId) -> Result<CodeView, AccountError>;

    /// Asks an account's code in the newest committed state; changes nothing.
    fn view(&self, account: AccountId, question: Question) -> Result<ViewAnswer, ViewError>;

    /// Takes a signed message in and passes it on.
    fn submit(&self, message: ExternalMessage) -> BoxFuture<'_, Result<MessageId, SubmitError>>;

    /// The tree of an external message, or of the tree that a relay message belongs to. `early`
    /// is how many seats make the external message early; the usual number without it.
    fn trace(&self, message: MessageId, early: Option<u32>) -> Option<Trace>;

    /// A proof of what became of a message, for a reader whose checkpoint is the root block of
    /// height `from`; it needs no node to be verified.
    fn prove(
        &self,
        message: MessageId,
        from: Height,
    ) -> BoxFuture<'_, Result<ProofFile, ProveError>>;

    /// The newest certified root block and the committee of the blocks above it.
    fn checkpoint(&self) -> Result<Checkpoint, ProveError>;

    /// How the root's committees handed over above a root height: a page of it.
    fn handovers(&self, from: Height) -> Result<Page, ProveError>;

    /// What the newest final block of the root left behind; `None` when this node does not follow
    /// the root.
    fn root(&self) -> Option<RootReading>;

    /// Hands evidence to the root if the root would convict somebody for it now.
    fn report(&self, evidence: Evidence) -> Result<ConvictionView, ReportRefusal>;

    /// The metrics in Prometheus text format.
    fn metrics(&self) -> String;

    /// Whether the node works at all; false asks a supervisor to restart it.
    fn live(&self) -> bool;

    /// Whether the node should be given requests.
    fn ready(&self) -> Result<(), NotReady>;

    /// What happens from now on. A receiver that falls behind misses events and reads again.
    fn events(&self) -> broadcast::Receiver<Event>;
}

/// The root's state after a final block, and the numbers by which it is to be read.
#[derive(Clone, Debug)]
pub struct RootReading {
    /// The network's name.
    pub network: String,
    /// The state.
    pub state: State,
    /// The block's height.
    pub height: Height,
    /// The newest root-final height known.
    pub root_final: Height,
    /// Prices and delays of staking.
    pub staking: StakingRules,
    /// Lengths of terms.
    pub terms: Terms,
    /// The beacon runs at root heights that are multiples of this.
    pub beacon_every: u64,
}

/// Why an account can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// It lives on a chain that this node does not follow.
    #[error("the account lives on chain {chain}, which this node does not follow")]
    ChainNotServed {
        /// Its home chain.
        chain: ChainId,
    },
}

/// A question to an account's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Method's name.
    pub method: String,
    /// Encoded arguments.
    pub data: Vec<u8>,
    /// Gas at most.
    pub gas: u64,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// It can't be read.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The code failed, or there is none.
    #[error("the view failed: {fault}")]
    Failed {
        /// How.
        fault: actors::Fault,
    },
}

/// Why a message was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The signature is not of the account's key over this message on this network.
    #[error("the signature does not fit the message, its sender and this network")]
    BadSignature,
    /// No such account: nothing was ever credited to it.
    #[error("the sending account does not exist")]
    UnknownAccount,
    /// The nonce is below the account's.
    #[error("nonce {nonce} was used already, the next is {next}")]
    NonceUsed {
        /// The message's.
        nonce: u64,
        /// The account's next.
        next: u64,
    },
    /// A nonce before it is missing, and it is too far past that one, or the mempool has no room
    /// for more such messages.
    #[error("nonce {nonce} leaves a gap, the next is {next}")]
    NonceGap {
        /// The message's.
        nonce: u64,
        /// The first that is neither used nor waiting.
        next: u64,
    },
    /// The balance does not cover value and gas, what waits in the mempool counted.
    #[error("the account has {available}, the message needs {needed} with its gas")]
    Balance {
        /// What it can spend.
        available: Amount,
        /// Value and gas.
        needed: Amount,
    },
    /// The expiry is a root height in the past.
    #[error("the message expired at root height {expiry}, the root is at {root_height}")]
    Expired {
        /// The message's.
        expiry: Height,
        /// The newest root-final height.
        root_height: Height,
    },
    /// The expiry is further ahead than the network lets messages wait.
    #[error("expiry {expiry} is too far ahead, root height {latest} is the last allowed")]
    ExpiryTooFar {
        /// The message's.
        expiry: Height,
        /// The last allowed.
        latest: Height,
    },
    /// The gas can't pay for what the message asks, or is more than a block holds.
    #[error("gas limit {limit} at price {price} is refused")]
    Gas {
        /// The message's limit.
        limit: u64,
        /// The message's price.
        price: u64,
    },
    /// Executing it now would fail.
    #[error("the message would fail: {code:?}")]
    WouldFail {
        /// How.
        code: FailureCode,
    },
    /// The sender's chain is not followed here.
    #[error("the sender lives on chain {chain}, which this node does not serve")]
    ChainNotServed {
        /// The sender's home chain.
        chain: ChainId,
    },
    /// Another message with this nonce waits already and this one does not pay enough more.
    #[error("another message with nonce {nonce} waits already")]
    Replacement {
        /// The nonce.
        nonce: u64,
    },
    /// The mempool is full, or holds as many messages of the sender as it may.
    #[error("the mempool is full")]
    MempoolFull,
    /// The node does not know the present state.
    #[error("the node is not in sync with the network")]
    NotSynced,
    /// The node is overloaded or stopping.
    #[error("the node is busy")]
    Busy,
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The node has not heard of the message.
    #[error("this node does not know the message")]
    Unknown,
    /// It was not executed, or what it became is not root-final.
    #[error("the message is not root-final yet")]
    NotFinal,
    /// It happened on a chain that this node does not follow.
    #[error("the message was executed on chain {chain}, which this node does not follow")]
    ChainNotServed {
        /// That chain.
        chain: ChainId,
    },
    /// The proof can't start there: the root has no such block yet.
    #[error("this node knows no root block of height {height}")]
    UnknownRoot {
        /// The height.
        height: Height,
    },
    /// More handovers than a file holds.
    #[error("too many terms of the root ended since that height; start from a newer checkpoint")]
    TooLong,
    /// The blocks that it needs were thrown away.
    #[error("this node no longer keeps the blocks that prove it")]
    Pruned,
    /// The node is overloaded or stopping.
    #[error("the node is busy")]
    Busy,
}

/// Why evidence is not handed to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefusal {
    /// The root would refuse it.
    #[error(transparent)]
    Root(#[from] ReportError),
    /// This node does not follow the root.
    #[error("this node follows no root")]
    NoRoot,
    /// The node is overloaded or stopping.
    #[error("the node is busy")]
    Busy,
}

/// Why a node should not be given requests now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It is starting.
    #[error("starting")]
    Starting,
    /// It is behind the network.
    #[error("chain {chain} is behind the network")]
    Syncing {
        /// The chain furthest behind.
        chain: ChainId,
    },
    /// No new block for too long.
    #[error("chain {chain} makes no progress")]
    Stalled {
        /// The chain.
        chain: ChainId,
    },
    /// Its disk fails or is full.
    #[error("the store can't be written")]
    Store,
    /// It is stopping.
    #[error("stopping")]
    Stopping,
}
