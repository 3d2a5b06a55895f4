//! What is kept of blocks and messages.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::InclusionProof;
use tx_chain::ExecutedBlock;
use types::{
    Anchor, BlockHash, Bundle, ChainId, ExternalCall, Header, Height, MessageId, Receipt,
    RelayMessage, Time,
};

use super::growth::Growth;

/// A block's place. Keys in the database have this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) chain: ChainId,
    pub(super) height: Height,
}

impl Spot {
    pub(super) const fn of(header: &Header) -> Self {
        Self {
            chain: header.chain,
            height: header.height,
        }
    }
}

/// All that proofs and traces need of one block.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct Content {
    pub(super) header: Header,
    pub(super) externals: Vec<(MessageId, ExternalCall)>,
    pub(super) imported: Vec<RelayMessage>,
    pub(super) produced: Vec<RelayMessage>,
    pub(super) outbox: Vec<(Bundle, Vec<RelayMessage>)>,
    pub(super) receipts: Vec<Receipt>,
    /// Chains that it anchored.
    pub(super) anchors: Vec<ChainId>,
    /// External messages at the top of the trees that it changed, ascending.
    pub(super) traces: Vec<MessageId>,
}

/// What a block did with one message: places in its [`Content`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Marks {
    pub(super) external: Option<u32>,
    pub(super) produced: Option<u32>,
    /// Bundle, message in the bundle.
    pub(super) left: Option<(u32, u32)>,
    pub(super) imported: Option<u32>,
    pub(super) executed: Option<u32>,
}

/// When this node first saw a block at each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Times {
    pub(super) proposed: Option<Time>,
    pub(super) committed: Option<Time>,
    pub(super) anchored: Option<Time>,
    pub(super) root_final: Option<Time>,
}

/// The short record of a final block.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
pub(super) struct Row {
    pub(super) hash: BlockHash,
    pub(super) times: Times,
    pub(super) growth: Growth,
}

/// How far a chain is indexed.
#[derive(Clone, Copy, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct Head {
    pub(super) committed: Height,
    pub(super) root_final: Height,
}

/// An anchor in a final root block.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct AnchorRow {
    pub(super) anchor: Anchor,
    /// The anchor's place under the root block's input root.
    pub(super) input: InclusionProof,
    pub(super) root: Header,
}

/// An external message that was handed in at this node.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct Submission {
    pub(super) at: Time,
    pub(super) expired: bool,
    /// The message, unless a final block holds it.
    pub(super) call: Option<ExternalCall>,
}

impl Content {
    /// What genesis, or a block of which only the header is known, contains.
    pub(super) const fn bare(header: Header) -> Self {
        Self {
            header,
            externals: Vec::new(),
            imported: Vec::new(),
            produced: Vec::new(),
            outbox: Vec::new(),
            receipts: Vec::new(),
            anchors: Vec::new(),
            traces: Vec::new(),
        }
    }

    /// What an executed block contains; its traces are not looked up yet.
    pub(super) fn of(block: &ExecutedBlock) -> Self {
        let externals = block.externals.iter();
        let produced = block.produced.iter();
        let records = block.recorded.records.iter();
        Self {
            externals: externals
                .map(|signed| (signed.id(), signed.message().call.clone()))
                .collect(),
            imported: block.imported.clone(),
            produced: produced.map(|letter| letter.message().clone()).collect(),
            outbox: block.outbox.clone(),
            receipts: block.receipts.clone(),
            anchors: records.map(|record| record.tip.chain).collect(),
            ..Self::bare(block.header().clone())
        }
    }

    /// What the block did with each message that it has anything to do with.
    pub(super) fn marks(&self) -> BTreeMap<MessageId, Marks> {
        let mut all: BTreeMap<MessageId, Marks> = BTreeMap::new();
        for (at, (id, _)) in (0..).zip(&self.externals) {
            all.entry(*id).or_default().external = Some(at);
        }
        for (at, message) in (0..).zip(&self.imported) {
            all.entry(message.id()).or_default().imported = Some(at);
        }
        for (at, message) in (0..).zip(&self.produced) {
            all.entry(message.id()).or_default().produced = Some(at);
        }
        for (bundle, (_, messages)) in (0..).zip(&self.outbox) {
            for (at, message) in (0..).zip(messages) {
                all.entry(message.id()).or_default().left = Some((bundle, at));
            }
        }
        for (at, receipt) in (0..).zip(&self.receipts) {
            all.entry(receipt.message).or_default().executed = Some(at);
        }
        all
    }

    /// The traces of all messages that the block itself names.
    pub(super) fn named_traces(&self) -> BTreeSet<MessageId> {
        let externals = self.externals.iter().map(|(id, _)| *id);
        let left = self.outbox.iter().flat_map(|(_, messages)| messages);
        let relays = self.imported.iter().chain(&self.produced).chain(left);
        externals
            .chain(relays.map(|message| message.trace))
            .collect()
    }
}

impl Times {
    /// For each level, proposed first, when it or a higher one was first reached.
    pub(super) fn reached(&self, early: Option<Time>) -> [Option<Time>; 5] {
        let mut times = [
            self.proposed,
            early,
            self.committed,
            self.anchored,
            self.root_final,
        ];
        let mut above: Option<Time> = None;
        for time in times.iter_mut().rev() {
            *time = [*time, above].into_iter().flatten().min();
            above = *time;
        }
        times
    }
}
