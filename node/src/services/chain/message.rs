//! What a chain's actor is told, and what happens when its mailbox is full.

use std::sync::Arc;
use std::time::Duration;

use consensus::Evidence;
use tokio::sync::oneshot;
use tx_chain::journal::CheckpointDone;
use tx_chain::{Input, JournalError, Pull, Refusal, SignedMessage};
use types::{AccountId, Anchor, Block, BlockHash, ChainId, Height, Import, MessageId, RootBlock};

/// An external message on its way in; a local one has somebody who waits for the answer.
#[derive(Debug)]
pub struct Submitted {
    /// The message, its signature checked.
    pub message: SignedMessage,
    /// Who waits; `None` for gossip.
    pub answer: Option<Answer>,
}

/// Where the answer to a message that was handed in here goes.
pub type Answer = oneshot::Sender<Result<MessageId, AdmissionError>>;

/// Why a message that was handed in here is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// Its signature is wrong.
    #[error("the signature does not fit the message, its sender and this network")]
    Signature,
    /// Its sender's chain is not followed here, or no more.
    #[error("the sender lives on chain {chain}, which this node does not follow")]
    NotServed {
        /// The sender's chain.
        chain: ChainId,
    },
    /// The node has too much to do.
    #[error("the node is busy; try again shortly")]
    Busy,
    /// The mempool refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Tells those who wait why nothing of this is taken.
pub fn refuse(messages: impl IntoIterator<Item = Submitted>, why: AdmissionError) {
    for answer in messages.into_iter().filter_map(|message| message.answer) {
        // Who no longer waits needs no answer.
        let _ = answer.send(Err(why));
    }
}

/// An answer, and how long the chain worked on it.
#[derive(Debug)]
pub struct Timed<T> {
    /// The answer.
    pub value: T,
    /// The chain's own time, without that in its mailbox.
    pub took: Duration,
}

impl<T> Timed<T> {
    /// The same with the answer changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Timed<U> {
        Timed {
            value: change(self.value),
            took: self.took,
        }
    }
}

/// What a chain's actor is told.
///
/// | message | when the mailbox is full |
/// |---|---|
/// | `Input` | dropped and counted: consensus repairs what it misses |
/// | `Externals` | refused: the sender is told to try again |
/// | `Root` | waits: a chain must see every root-final block, in order |
/// | `Evidence` | refused: whoever hands it in is told |
/// | `Tick` | tried again a moment later |
/// | `Pull`, `Blocks` | of peers: waits, one at a time; of this node: dropped and asked again |
/// | `NextNonce`, `NewestAnchor` | dropped: who asked asks again |
/// | `Checkpointed`, `Stop` | waits |
pub enum ToChain {
    /// Something for the machine.
    Input(Input),
    /// External messages.
    Externals(Vec<Submitted>),
    /// The next root-final block.
    Root(Arc<RootBlock>),
    /// Evidence from outside that was checked.
    Evidence(Box<Evidence>),
    /// The machine's deadline passed.
    Tick,
    /// A node asks for bundles.
    Pull(Pull, oneshot::Sender<Timed<Vec<Import>>>),
    /// A node asks for blocks, newest first, down to above a height.
    Blocks(BlockHash, Height, oneshot::Sender<Timed<Vec<Block>>>),
    /// What nonce does an account's next message need?
    NextNonce(AccountId, oneshot::Sender<u64>),
    /// What is the newest certified block that the root has not recorded?
    NewestAnchor(oneshot::Sender<Option<Anchor>>),
    /// A checkpoint was written.
    Checkpointed(Result<CheckpointDone, JournalError>),
    /// Make everything durable and end.
    Stop(oneshot::Sender<()>),
}

impl actix::Message for ToChain {
    type Result = ();
}
