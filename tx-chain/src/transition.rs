//! From a parent and a body to a header: one function for proposer, verifier and replay. [C9]

use actors::{Context, Executed, Filings, Incoming, Inputs, Recorded, Shown};
use crypto::Hash;
use crypto::merkle::{MerkleTree, leaf_hash};
use types::{
    Ack, Anchor, Block, BlockHash, Body, CertificateKind, Declaration, Epoch, ExternalMessage,
    Header, Height, Import, Justification, Lane, MessageId, Order, Phase, RootRef, Round, Time,
};

use crate::root_view::RootView;
use crate::rules::Rules;
use crate::signed::SignedMessage;
use crate::tree::ExecutedBlock;

#[cfg(test)]
mod tests;

/// The version of the header that this code makes and understands.
const VERSION: u16 = 1;

/// The parts of a header that do not follow from execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) round: Round,
    pub(crate) justification: Hash,
    pub(crate) root_ref: RootRef,
    pub(crate) time: Time,
    pub(crate) proposer: u16,
    pub(crate) epoch: Epoch,
    pub(crate) phase: Phase,
}

impl Frame {
    pub(crate) const fn of(header: &Header) -> Self {
        Self {
            round: header.round,
            justification: header.justification,
            root_ref: header.root_ref,
            time: header.time,
            proposer: header.proposer,
            epoch: header.epoch,
            phase: header.phase,
        }
    }
}

/// The inputs of a body for execution.
pub(crate) fn inputs<'a>(
    externals: Vec<(MessageId, &'a ExternalMessage)>,
    imports: &'a [Import],
    filings: Filings<'a>,
    acks: &[Ack],
) -> Inputs<'a> {
    Inputs {
        externals,
        imports: imports.iter().map(Incoming::from).collect(),
        filings,
        acks: acks.to_vec(),
    }
}

/// The header that a body gives on a parent.
pub(crate) fn seal(
    rules: &Rules,
    parent: &ExecutedBlock,
    frame: Frame,
    body: (&Body, &[u8]),
    ids: &[MessageId],
    executed: &Executed,
) -> Header {
    let (body, encoded) = body;
    let above = parent.header();
    Header {
        version: VERSION,
        chain: rules.chain,
        epoch: frame.epoch,
        height: above.height + 1,
        round: frame.round,
        parent: parent.hash,
        parent_round: above.round,
        justification: frame.justification,
        root_ref: frame.root_ref,
        time: frame.time,
        proposer: frame.proposer,
        phase: frame.phase,
        state_root: executed.state.root(),
        input_root: input_tree(ids, &body.imports, filings(body)).root(),
        order_root: body.order.root(),
        message_root: executed.message_root(),
        outbox_root: executed.outbox_root(),
        receipt_root: executed.receipt_root(),
        history_root: parent.history.root(),
        lanes_root: executed.state.lanes().root(),
        body: Body::hash_of(encoded),
        body_bytes: encoded.len() as u32,
        gas: executed.gas,
    }
}

/// What a body files.
pub fn filings(body: &Body) -> Filings<'_> {
    Filings {
        anchors: &body.anchors,
        declarations: &body.declarations,
        parent: None,
    }
}

/// What a block's proposer shows of the block's parent.
pub(crate) fn shown(justification: &Justification, by: u16) -> Option<Shown<'_>> {
    let certificate = justification.parent.as_ref()?;
    let prepares = certificate.kind == CertificateKind::Prepare;
    prepares.then_some(Shown { certificate, by })
}

/// The block that follows a closing block in the same term: it holds and changes nothing.
pub(crate) fn tail(
    rules: &Rules,
    parent: &ExecutedBlock,
    frame: Frame,
    justification: Justification,
) -> ExecutedBlock {
    let body = Body::default();
    let encoded = body.encode();
    let executed = unchanged(parent);
    let header = seal(rules, parent, frame, (&body, &encoded[..]), &[], &executed);
    let hash = header.hash();
    let block = Block {
        header,
        justification,
        signature: consensus::unsigned(),
        body: encoded,
    };
    executed_block(parent, block, hash, Vec::new(), &[], executed)
}

/// What a block gives that runs nothing.
pub(crate) fn unchanged(parent: &ExecutedBlock) -> Executed {
    Executed {
        state: parent.state.clone(),
        order: Order::default(),
        externals: Vec::new(),
        refused: Vec::new(),
        receipts: Vec::new(),
        messages: Vec::new(),
        outbox: Vec::new(),
        recorded: Recorded::default(),
        gas: 0,
    }
}

/// The tree under a header's input root: externals, then imported messages, then anchors, then
/// declarations.
pub fn input_tree(externals: &[MessageId], imports: &[Import], filings: Filings<'_>) -> MerkleTree {
    let relays = imports
        .iter()
        .flat_map(|import| &import.messages)
        .map(|m| m.id());
    let messages = externals
        .iter()
        .copied()
        .chain(relays)
        .map(|id| leaf_hash(id.as_bytes()));
    let anchors = filings.anchors.iter().map(Anchor::hash);
    let declarations = filings.declarations.iter().map(Declaration::hash);
    let filed = anchors
        .chain(declarations)
        .map(|hash| leaf_hash(hash.as_bytes()));
    MerkleTree::from_leaf_hashes(messages.chain(filed).collect())
}

/// Joins a block with what its execution made.
pub(crate) fn executed_block(
    parent: &ExecutedBlock,
    block: Block,
    hash: BlockHash,
    externals: Vec<SignedMessage>,
    imports: &[Import],
    executed: Executed,
) -> ExecutedBlock {
    let mut history = parent.history.clone();
    history.append(leaf_hash(hash.as_bytes()));
    ExecutedBlock {
        hash,
        block,
        externals,
        imported: imports
            .iter()
            .flat_map(|import| import.messages.clone())
            .collect(),
        state: executed.state,
        receipts: executed.receipts,
        produced: executed.messages,
        outbox: executed.outbox,
        recorded: executed.recorded,
        history,
    }
}

/// What other chains have newly taken of this chain's messages, as the root shows at `at`.
pub(crate) fn acks(rules: &Rules, parent: &ExecutedBlock, view: &RootView, at: Height) -> Vec<Ack> {
    let lanes = parent
        .state
        .lanes()
        .lanes
        .iter()
        .filter(|lane| lane.acked < lane.next_index);
    let shown = lanes.filter_map(|lane| {
        let taken = view.lanes_at(lane.peer, at)?.lane(rules.chain);
        news(lane, &taken)
    });
    shown.collect()
}

/// What the other end of a lane has newly taken. Nothing when it took more than was sent here:
/// then the block's parent is older than what the root shows, as on a node that lags behind.
fn news(lane: &Lane, taken: &Lane) -> Option<Ack> {
    let messages = lane.acked + 1..=lane.next_index;
    // A committee that lied may have counted too few bytes, and its successors go on from there.
    let bytes = taken.bytes_in.max(lane.acked_bytes);
    let fits = messages.contains(&taken.next_import) && bytes <= lane.bytes_out;
    fits.then_some(Ack {
        peer: lane.peer,
        messages: taken.next_import,
        bytes,
    })
}

/// Executes a body whose order is given.
pub(crate) fn check_body(
    rules: &Rules,
    parent: &ExecutedBlock,
    ctx: &Context,
    (body, shown): (&Body, Option<Shown<'_>>),
    externals: &[SignedMessage],
) -> Result<Executed, actors::CheckError> {
    let messages = externals
        .iter()
        .map(|signed| (signed.id(), signed.message()))
        .collect();
    let filings = Filings {
        parent: shown,
        ..filings(body)
    };
    let inputs = inputs(messages, &body.imports, filings, &body.acks);
    actors::check(&parent.state, &inputs, &body.order, ctx, rules.parallelism)
}
