//! What the machine wants done.

use std::sync::Arc;

use types::{
    Block, BlockHash, Certificate, Finality, Header, Height, Justification, NodeId, Round, Vote,
};

use crate::{Evidence, Fault, Message};

/// One thing to do. Effects are done in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write down. Nothing after it may leave the node until it is durable. [W1]
    Persist(Record),
    /// Send to all members and to whoever follows the chain.
    Broadcast(Message),
    /// Send to one node.
    Send {
        /// Whom.
        to: NodeId,
        /// What.
        message: Message,
    },
    /// Make a block and answer with [`Input::Built`](crate::Input::Built).
    Build {
        /// The round that this node leads.
        round: Round,
        /// The parent: checked and found valid, or final.
        parent: BlockHash,
        /// Goes into the block unchanged.
        justification: Justification,
    },
    /// Validate and execute a block and answer with [`Input::Checked`](crate::Input::Checked).
    /// Its parent was found valid, or is final.
    Check {
        /// The block, body included. Its justification was checked, or a certificate covers it.
        block: Arc<Block>,
    },
    /// Get blocks from others and answer with [`Input::Blocks`](crate::Input::Blocks).
    Fetch {
        /// The first block wanted.
        hash: BlockHash,
        /// Its ancestors above this height are wanted too.
        above: Height,
        /// Who should have it; try in this order.
        from: Vec<NodeId>,
    },
    /// Early consensus on a block and so on its ancestors; told again whenever more seats stand
    /// behind it. [F2]
    Early {
        /// The block's header.
        header: Header,
        /// FC(v,h), of at least the configured early seats.
        certificate: Certificate,
        /// Seats that signed it, F: it holds if at most F − q of them lie.
        seats: u64,
        /// All seats of the committee, n.
        of: u64,
    },
    /// Blocks became final, for ever.
    Finalize {
        /// Newly final blocks, heights ascending and without gap. Those never checked before are
        /// to be executed now: a certificate is proof enough that they are valid.
        blocks: Vec<Arc<Block>>,
        /// The proof, of the last of them.
        finality: Finality,
    },
    /// Members proved to be liars.
    Blame(Evidence),
    /// A sender broke the protocol in a way that proves nothing to third parties.
    Penalize {
        /// The sender.
        node: NodeId,
        /// What it did.
        fault: Fault,
    },
    /// Two final blocks of which neither extends the other, or one that is not of its
    /// certificate's round and term: more than f seats lie. The machine stays with its own; people
    /// have to act.
    Fork {
        /// What is final here.
        ours: Option<Finality>,
        /// What is final elsewhere.
        theirs: Finality,
    },
}

/// Something that must survive a crash.
///
/// May be dropped when its round is not above the last final block's, once that block's finality
/// is durable: no vote is ever cast in such a round again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An own vote, before it is sent.
    Vote(Vote),
    /// A block with its body, before the vote that prepares it.
    Block(Arc<Block>),
    /// A certificate that moved the round or will make something final.
    Certificate(Certificate),
}
