//! Starting and starting again. [W2]

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{Block, Certificate, Finality, Header, Height, Time, Vote};

use super::{Consensus, Last};
use crate::debts::Debts;
use crate::leader::Leaders;
use crate::round::{Proposal, RoundState};
use crate::tree::{State, Tree, is_whole};
use crate::{Config, Restored};

impl Consensus {
    pub(super) fn restore(config: Config, restored: Restored, now: Time) -> Self {
        let mut machine = Self::on(config, restored.last, now);
        machine.resuming = !restored.votes.is_empty() || !restored.blocks.is_empty();
        for block in restored.blocks {
            machine.restore_block(block);
        }
        for certificate in restored.certificates {
            machine.restore_certificate(certificate);
        }
        for vote in restored.votes {
            machine.restore_vote(vote);
        }
        machine.want_again();
        machine.resume_round();
        machine
    }

    /// Takes up the round in which what was restored leaves the node.
    pub(super) fn resume_round(&mut self) {
        let members = self.config.committee.size();
        self.leading = self.leaders.of(self.round);
        self.heard = vec![self.round; members];
        if !self.rounds.is_empty() {
            self.wake();
        }
    }

    /// Asks again for what was missing: blocks that certificates name, and parents of blocks.
    /// What was fetched and not prepared was never written down, so a crash may have lost it. [B2]
    fn want_again(&mut self) {
        let members = self.config.committee.members.iter();
        let holders: Vec<_> = members.map(|member| member.node).collect();
        let parents = self.tree.unchecked().map(|(_, node)| {
            let header = &node.block.header;
            (header.parent, header.parent_round)
        });
        let committee = &self.config.committee;
        let certified = self.rounds.values().flat_map(RoundState::certificates);
        let named = certified.filter_map(|certificate| {
            let hash = certificate
                .block()
                .or_else(|| certificate.pinned(committee))?;
            Some((hash, certificate.round))
        });
        let missing: Vec<_> = parents.chain(named).collect();
        for (hash, round) in missing {
            self.want(hash, round, holders.clone(), 0);
        }
    }

    fn on(config: Config, last: Option<(Header, Finality)>, now: Time) -> Self {
        let thresholds = config.committee.thresholds();
        let leaders = Leaders::new(config.leader_seed, &config.committee);
        let (header, finality) = match last {
            Some((header, finality)) => (header, Some(finality)),
            None => (config.genesis.clone(), None),
        };
        Self {
            thresholds,
            early: config
                .early_seats
                .clamp(thresholds.quorum, thresholds.seats),
            leaders,
            now,
            round: header.round + 1,
            entered: now,
            leading: 0,
            woken: None,
            work: None,
            rounds: BTreeMap::new(),
            tree: Tree::default(),
            wanted: BTreeMap::new(),
            building: None,
            rebuild: None,
            repeated: now,
            asked: 0,
            asked_in: 0,
            debts: Debts::new(config.committee.size()),
            helped: BTreeMap::new(),
            heard: Vec::new(),
            forked: false,
            root: Height::MAX,
            dirty: true,
            resuming: false,
            recalls: false,
            last: Last {
                hash: header.hash(),
                header,
                finality,
                at: now,
            },
            config,
        }
    }

    const fn is_above(&self, round: u64) -> bool {
        round > self.last.header.round
    }

    // A vote of a round was cast in it or later, so this node had entered it.
    pub(super) fn restore_vote(&mut self, vote: Vote) {
        let own = vote.epoch == self.config.committee.epoch && Some(vote.member) == self.member();
        if !self.is_above(vote.round) || !own || cfg!(feature = "plant-forgotten-vote") {
            return;
        }
        let seats = self.config.committee.seats(vote.member.into());
        let state = self.state(vote.round);
        state.own.note(vote);
        state.tally_mut(vote.kind).insert(vote, true, seats);
        self.round = self.round.max(vote.round);
    }

    fn restore_certificate(&mut self, certificate: Certificate) {
        let own = certificate.epoch == self.config.committee.epoch;
        if !self.is_above(certificate.round) || !own {
            return;
        }
        self.round = self.round.max(certificate.round + 1);
        let committee = Arc::clone(&self.config.committee);
        let state = self.state(certificate.round);
        state
            .slot(&certificate, &committee)
            .get_or_insert(certificate);
    }

    // An own block is this node's proposal whether or not it was sent: another one would be
    // equivocation. [R3]
    fn restore_block(&mut self, block: Arc<Block>) {
        let header = &block.header;
        let own = header.epoch == self.config.committee.epoch;
        if !self.is_above(header.round) || !own || !is_whole(&block) {
            return;
        }
        let (hash, round) = (header.hash(), header.round);
        let own = Some(header.proposer) == self.member();
        self.tree.insert(hash, Arc::clone(&block), State::Unchecked);
        if own {
            self.round = self.round.max(round);
            self.state(round).proposal = Some(Proposal { hash, block });
        }
    }
}
