//! I7: no honest member ever signs what convicts it, and no evidence names one.

use std::collections::{BTreeMap, BTreeSet};

use consensus::{Evidence, Message};
use types::{BlockHash, ChainId, Epoch, Round, VoteKind};

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
    members: BTreeMap<ChainId, usize>,
}

impl Honesty {
    pub(crate) fn new(setup: &Setup, traitors: BTreeSet<usize>) -> Self {
        let members = setup
            .chain_ids()
            .map(|chain| (chain, setup.members(chain).start));
        Self {
            traitors,
            said: BTreeMap::new(),
            members: members.collect(),
        }
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

    /// An honest node holds evidence.
    pub(crate) fn blamed(
        &self,
        setup: &Setup,
        by: usize,
        chain: ChainId,
        evidence: &Evidence,
        bad: &mut Violations,
    ) {
        let Some(committee) = setup.network.committee(chain) else {
            return;
        };
        if setup.terms {
            // Nobody lies where committees change.
            let what = format!("node {by} holds evidence against honest nodes: {evidence:?}");
            return bad.add("I7", what);
        }
        match evidence.check(committee, setup.network.id()) {
            Err(error) => bad.add(
                "I7",
                format!("node {by} holds evidence of nothing: {error}: {evidence:?}"),
            ),
            Ok(members) => {
                for member in members {
                    let node = self.members[&chain] + usize::from(member);
                    if !self.is_traitor(node) {
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
