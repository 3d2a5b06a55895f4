//! What goes into a chain's machine and what comes out.

use std::sync::Arc;

use consensus::{Evidence, Message, Record, Seat};
use types::{
    Anchor, Block, BlockHash, Certificate, Declaration, Epoch, Finality, Header, Height, Import,
    MessageId, NodeId, Rival, RootBlock, Tip, Vote,
};

use crate::handover::Opening;
use crate::mempool::Refusal;
use crate::outbox::Pull;
use crate::signed::SignedMessage;
use crate::tree::{ExecutedBlock, FinalBlock};
use crate::verifier::Flaw;

/// What happens to a chain.
#[derive(Debug)]
pub enum Input {
    /// Time passed.
    Tick,
    /// A consensus message of the chain's committee; `from` is authenticated.
    Consensus {
        /// Who made it.
        from: NodeId,
        /// The message.
        message: Message,
    },
    /// External messages whose signatures were checked.
    Externals(Vec<SignedMessage>),
    /// A chain's digest; for the root only.
    Anchor(Box<Anchor>),
    /// What validators declare; for the root only.
    Declarations(Vec<Declaration>),
    /// A declaration of this node's own staker. It is passed on each time that it is said: those
    /// who heard it before may have forgotten it.
    Declare(Declaration),
    /// What this node's key has signed in a term before that term began here: the answer to
    /// [`Effect::Handover`].
    Recalled {
        /// The term.
        epoch: Epoch,
        /// All votes of the key's log.
        votes: Vec<Vote>,
    },
    /// The next root-final root block.
    Root(Arc<RootBlock>),
    /// Bundles that were asked for, or pushed by anyone.
    Imports(Vec<Import>),
    /// Blocks that were asked for, newest first.
    Blocks(Vec<Block>),
}

/// What the chain wants done. Effects run in order; nothing leaves the node until every earlier
/// [`Effect::Persist`] is durable. [C1]
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "handovers are rare, and effects are moved once"
)]
pub enum Effect {
    /// Make durable.
    Persist(Record),
    /// Send to everyone who follows the chain.
    Broadcast(Message),
    /// Send to one node.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: Message,
    },
    /// Get a block and its ancestors down to above a height, from any of these.
    Fetch {
        /// The newest block wanted.
        hash: BlockHash,
        /// The height already known.
        above: Height,
        /// Who should have it.
        from: Vec<NodeId>,
    },
    /// Get bundles from whoever serves their source chain.
    Pull(Pull),
    /// Hand an anchor to the root.
    Submit(Box<Anchor>),
    /// Pass a declaration on to all nodes that follow the root.
    Declare(Declaration),
    /// Another committee takes over. What this node signs from now on it signs with another key,
    /// which has a vote log of its own.
    Handover {
        /// How the term begins; to be written down before anything is signed in it. The answer is
        /// [`Input::Recalled`].
        opening: Opening,
        /// This node's seat in it.
        seat: Option<Seat>,
    },
    /// What became of external messages that were handed in.
    Admitted(Vec<(MessageId, Result<(), Refusal>)>),
    /// External messages that waited and can never be included: they expired, or another message
    /// used their nonce.
    Expired(Vec<MessageId>),
    /// A proposal was executed and found valid.
    Proposed(Arc<ExecutedBlock>),
    /// A block reached early consensus, of some seats or of more than before.
    Early {
        /// The block.
        header: Header,
        /// Its prepare signatures.
        certificate: Certificate,
        /// Seats that signed it; told again when there are more.
        seats: u64,
        /// All seats of the committee.
        of: u64,
    },
    /// Blocks became final, lowest first.
    Final(Vec<FinalBlock>),
    /// A block of this chain, the root, became final.
    RootFinal(Arc<RootBlock>),
    /// The root told who runs a later term of this chain, or much else. It tells that once, so a
    /// checkpoint is due.
    Checkpoint,
    /// The chain goes on from this block, which is not above the last final one of this node: what
    /// that node holds for final does not count, and it must get the chain's data anew.
    Orphaned(Tip),
    /// Somebody misbehaved, provably.
    Blame(Evidence),
    /// Two final blocks exist of which neither extends the other: more than f seats lie.
    Fork {
        /// What is final here.
        ours: Option<Finality>,
        /// What is final elsewhere.
        theirs: Finality,
    },
    /// The root has recorded another block than the one that is final here: it is to be shown
    /// this one.
    Rival {
        /// The newest certified block here.
        rival: Box<Rival>,
        /// What final blocks here show of the rounds before them; it may convict.
        shown: Vec<Certificate>,
    },
    /// The chain's committee certified a block that does not execute as its header says: more than
    /// f seats lie, or this code errs. It is the machine's last word. [C14]
    Diverged {
        /// The block's header.
        header: Header,
        /// What is wrong with the block.
        flaw: Flaw,
    },
    /// A node sent something that honest nodes don't.
    Offence {
        /// The node.
        node: NodeId,
    },
}
