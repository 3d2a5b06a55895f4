//! What a chain's actor needs from its neighbours.

use std::sync::Arc;

use consensus::Message;
use tx_chain::{ExecutedBlock, FinalBlock, History, Pull};
use types::{
    Anchor, BlockHash, ChainId, Committee, Declaration, ExternalMessage, Header, Height, MessageId,
    NodeId, RootBlock,
};

/// The way out of the node. Nothing here waits.
pub trait Outlet: Send {
    /// To everyone who follows the chain; votes to the committee only.
    fn broadcast(&self, chain: ChainId, message: &Message);
    /// To one node.
    fn send(&self, chain: ChainId, to: NodeId, message: &Message);
    /// Another committee took over: votes go to its members from now on.
    fn committee(&self, committee: &Committee);
    /// Ask for blocks; the answer comes back as an input.
    fn fetch(&self, chain: ChainId, hash: BlockHash, above: Height, from: Vec<NodeId>);
    /// Ask for bundles; the answer comes back as an input.
    fn pull(&self, pull: Pull);
    /// Hand an anchor to the root.
    fn submit(&self, anchor: Box<Anchor>);
    /// Pass a declaration on to whoever follows the root.
    fn declare(&self, declaration: Declaration);
    /// Pass external messages on that were handed in here.
    fn pass_on(&self, chain: ChainId, messages: Vec<ExternalMessage>);
    /// Tell the other chains of this node of a root-final block.
    fn root_final(&self, block: Arc<RootBlock>);
    /// A node sent what honest nodes don't send.
    fn offence(&self, node: NodeId);
}

/// Whoever watches a chain: the index, a benchmark.
pub trait Observer: Send {
    /// The chain starts from this block; `history` holds all blocks up to and with it.
    fn starts(&self, last: &Header, history: &History);
    /// A proposal was executed.
    fn proposed(&self, chain: ChainId, block: &Arc<ExecutedBlock>);
    /// A block reached early consensus of `seats` of the committee's `of`; told again when there
    /// are more.
    fn early(&self, chain: ChainId, header: &Header, seats: u64, of: u64);
    /// Blocks became final.
    fn finals(&self, chain: ChainId, lot: &[FinalBlock]);
    /// A root block became final.
    fn root_final(&self, block: &Arc<RootBlock>);
    /// Messages expired while waiting.
    fn expired(&self, chain: ChainId, messages: &[MessageId]);
}
