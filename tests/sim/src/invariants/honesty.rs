//! I7: no honest member ever signs what convicts it, and no evidence names one.

use std::collections::{BTreeMap, BTreeSet};

use consensus::{Evidence, Message};
use root_chain::elections::{Draw, Elected};
use root_chain::evidence::Report;
use types::{AccountId, BlockHash, ChainId, Epoch, NodeId, Round, VoteKind};

use super::Seating;
use crate::report::Violations;
use crate::setup::Setup;
use crate::wire::Wire;

/// What a member signed in a round.
#[derive(Default)]
struct Said {
    proposed: BTreeSet<BlockHash>,
    prepared: BTreeSet<Option<BlockHash>>,
    skipped: BTreeSet<Option<BlockHash>>,
    confirmed: BTreeSet<Option<BlockHash>>,
}

impl Said {
    /// Whether no third party could hold it against the member.
    fn is_clean(&self) -> bool {
        let once = [&self.prepared, &self.skipped, &self.confirmed];
        let single = self.proposed.len() <= 1 && once.iter().all(|said| said.len() <= 1);
        let decided = self.confirmed.is_empty() || self.skipped.is_empty();
        // Whoever prepared and skips must declare what it prepared.
        let declared = match (self.prepared.first(), self.skipped.first()) {
            (Some(prepared), Some(skipped)) => prepared == skipped,
            (None, Some(skipped)) => skipped.is_none(),
            _ => true,
        };
        single && decided && declared
    }
}

/// Everything that honest members signed and sent.
pub(crate) struct Honesty {
    traitors: BTreeSet<usize>,
    said: BTreeMap<(ChainId, Epoch, Round, usize), Said>,
    /// What honest stakers declared in each drawing.
    elected: BTreeMap<(AccountId, Draw), Elected>,
    nodes: BTreeMap<NodeId, usize>,
}

impl Honesty {
    pub(crate) fn new(setup: &Setup, traitors: BTreeSet<usize>) -> Self {
        let nodes = setup.nodes.iter().enumerate();
        Self {
            traitors,
            said: BTreeMap::new(),
            elected: BTreeMap::new(),
            nodes: nodes.map(|(number, own)| (own.node, number)).collect(),
        }
    }

    /// A node is honest no more.
    pub(crate) fn corrupt(&mut self, node: usize) {
        self.traitors.insert(node);
    }

    pub(crate) fn is_traitor(&self, node: usize) -> bool {
        self.traitors.contains(&node)
    }

    /// An honest node sent this; also what it lost in the next crash.
    pub(crate) fn sent(&mut self, node: usize, wire: &Wire, bad: &mut Violations) {
        let Wire::Consensus { chain, message, .. } = wire else {
            return;
        };
        let round = match message {
            Message::Proposal(block) => block.header.round,
            Message::Vote(vote) => vote.round,
            _ => return,
        };
        let place = (*chain, message.epoch(), round, node);
        let said = self.said.entry(place).or_default();
        match message {
            Message::Proposal(block) => said.proposed.insert(block.header.hash()),
            Message::Vote(vote) => match vote.kind {
                VoteKind::Prepare => said.prepared.insert(vote.value),
                VoteKind::Skip => said.skipped.insert(vote.value),
                VoteKind::Confirm => said.confirmed.insert(vote.value),
            },
            _ => false,
        };
        if !said.is_clean() {
            bad.add(
                "I7",
                format!("node {node} convicts itself in round {round} of chain {chain}"),
            );
        }
    }

    /// Someone passes on what a staker declared: an honest one says one thing in a drawing. E9
    pub(crate) fn elected(&mut self, elected: &Elected, bad: &mut Violations) {
        let node = self.nodes.get(&elected.node);
        if node.is_none_or(|node| self.is_traitor(*node)) {
            return;
        }
        let place = (elected.staker, elected.draw);
        let first = self.elected.entry(place).or_insert_with(|| elected.clone());
        if first != elected {
            let what = format!("staker {} declares itself twice", elected.staker);
            bad.add("I7", what);
        }
    }

    /// An honest node holds evidence about a term.
    pub(crate) fn blamed(
        &self,
        setup: &Setup,
        by: usize,
        evidence: &Evidence,
        seating: &Seating,
        bad: &mut Violations,
    ) {
        let (evidence, reporter) = (evidence.clone(), AccountId::default());
        let report = Report { evidence, reporter };
        let (chain, epoch) = report.place();
        let evidence = &report.evidence;
        let Some(committee) = seating.of(chain, epoch) else {
            let what = format!("node {by} holds evidence about no committee: {evidence:?}");
            return bad.add("I7", what);
        };
        match evidence.check(committee, setup.network.id()) {
            Err(error) => bad.add(
                "I7",
                format!("node {by} holds evidence of nothing: {error}: {evidence:?}"),
            ),
            Ok(members) => {
                for member in members {
                    let named = committee.members.get(usize::from(member));
                    let node = named.and_then(|named| self.nodes.get(&named.node)).copied();
                    if let Some(node) = node.filter(|node| !self.is_traitor(*node)) {
                        bad.add(
                            "I7",
                            format!("node {by} blames honest node {node}: {evidence:?}"),
                        );
                    }
                }
            }
        }
    }

    /// An honest node says that another one sent what honest nodes don't send.
    pub(crate) fn offended(
        &self,
        by: usize,
        chain: ChainId,
        node: Option<usize>,
        bad: &mut Violations,
    ) {
        let Some(node) = node.filter(|node| !self.is_traitor(*node)) else {
            return;
        };
        bad.add(
            "I7",
            format!("node {by} calls honest node {node} an offender on chain {chain}"),
        );
    }
}
