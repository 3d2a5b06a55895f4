//! One machine on a bench: its input is typed in, its effects are read off.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::{Hash, bls};
use types::{
    Block, BlockHash, Certificate, CertificateKind, Committee, Finality, Group, Header,
    Justification, Round, Signers, Statement, Time, Vote, VoteKind,
};

use crate::chain::{self, committee, key, network, node};
use crate::leader::Leaders;
use crate::{Config, Consensus, Effect, Input, Message, Record, Restored, Seat, Timing, Verdict};

pub(super) const DELTA: u64 = 100;
pub(super) const EXECUTION: u64 = 50;
/// T_v right after a final block.
pub(super) const TIMEOUT: u64 = 3 * DELTA + EXECUTION;
pub(super) const STANDSTILL: u64 = 10_000;

pub(super) fn leader(round: Round) -> u16 {
    Leaders::new(Hash::new([9; 32]), &committee(&[1; 4])).of(round)
}

/// Members other than the bench's own, in order.
pub(super) fn others(own: u16) -> Vec<u16> {
    (0..4).filter(|member| *member != own).collect()
}

pub(super) fn config(member: Option<u16>) -> Config {
    Config {
        network: network(),
        committee: Arc::new(committee(&[1; 4])),
        seat: member.map(|member| Seat {
            member,
            key: key(member),
        }),
        timing: Timing {
            delta_ms: DELTA,
            delta_max_ms: 1_000,
            execution_ms: EXECUTION,
            standstill_ms: STANDSTILL,
            heartbeat_ms: 0,
        },
        leader_seed: Hash::new([9; 32]),
        early_seats: 4,
        inline_body_bytes: 100,
        genesis: chain::genesis(),
        batch_secret: [1; 32],
        quiet_until: Time(0),
    }
}

pub(super) fn vote(member: u16, round: Round, kind: VoteKind, value: Option<BlockHash>) -> Vote {
    let committee = committee(&[1; 4]);
    let statement = Statement {
        network: network(),
        chain: committee.chain,
        epoch: committee.epoch,
        round,
        kind,
        value,
    };
    Vote::sign(&statement, member, &key(member))
}

/// A certificate of these groups.
pub(super) fn certificate(
    kind: CertificateKind,
    round: Round,
    groups: &[(Option<BlockHash>, &[u16])],
) -> Certificate {
    let committee = committee(&[1; 4]);
    let mut signatures = Vec::new();
    let mut made = BTreeMap::new();
    for (value, members) in groups {
        let mut signers = Signers::none(4);
        for member in *members {
            signers.insert((*member).into());
            signatures.push(vote(*member, round, kind.vote(), *value).signature);
        }
        made.insert(*value, signers);
    }
    Certificate {
        kind,
        chain: committee.chain,
        epoch: committee.epoch,
        round,
        groups: made
            .into_iter()
            .map(|(value, signers)| Group { value, signers })
            .collect(),
        signature: bls::Signature::aggregate(&signatures).expect("signatures add up"),
    }
}

pub(super) fn prepared(block: &Block, members: &[u16]) -> Certificate {
    let header = &block.header;
    let groups = [(Some(header.hash()), members)];
    certificate(CertificateKind::Prepare, header.round, &groups)
}

pub(super) fn confirmed(block: &Block, members: &[u16]) -> Certificate {
    let header = &block.header;
    let groups = [(Some(header.hash()), members)];
    certificate(CertificateKind::Confirm, header.round, &groups)
}

pub(super) fn skipped(round: Round, members: &[u16]) -> Certificate {
    certificate(CertificateKind::Skip, round, &[(None, members)])
}

pub(super) fn final_by(block: &Block, members: &[u16]) -> Message {
    Message::Finality(Box::new(Finality {
        confirm: confirmed(block, members),
        prepare: prepared(block, members),
    }))
}

/// A signed block of the round's leader.
pub(super) fn block(parent: &Header, round: Round, justification: Justification) -> Block {
    block_with(parent, round, justification, b"body")
}

pub(super) fn block_with(
    parent: &Header,
    round: Round,
    justification: Justification,
    body: &[u8],
) -> Block {
    let proposer = leader(round);
    let block = chain::block(parent, round, proposer, justification, body.to_vec());
    chain::sign(block)
}

/// The first block, in round 1.
pub(super) fn first() -> Block {
    block(&chain::genesis(), 1, Justification::default())
}

/// A block right above `parent`.
pub(super) fn next(parent: &Block, members: &[u16]) -> Block {
    let justification = Justification {
        parent: Some(prepared(parent, members)),
        skips: Vec::new(),
    };
    block(&parent.header, parent.header.round + 1, justification)
}

pub(super) fn proposal(block: &Block) -> Message {
    Message::Proposal(Box::new(block.clone()))
}

pub(super) struct Bench {
    pub(super) machine: Consensus,
    pub(super) now: u64,
    committee: Committee,
    names: BTreeMap<BlockHash, &'static str>,
}

impl Bench {
    pub(super) fn new(member: u16) -> Self {
        Self::restored(Some(member), Restored::default())
    }

    pub(super) fn restored(member: Option<u16>, restored: Restored) -> Self {
        Self::with(config(member), restored)
    }

    /// A member of a committee of single seats that reports early consensus from `early` on.
    pub(super) fn among(seats: usize, member: u16, early: u64) -> Self {
        let config = Config {
            committee: Arc::new(committee(&vec![1; seats])),
            early_seats: early,
            ..config(Some(member))
        };
        Self::with(config, Restored::default())
    }

    /// A member that signs nothing new before.
    pub(super) fn quiet(member: u16, restored: Restored, until: u64) -> Self {
        let config = Config {
            quiet_until: Time(until),
            ..config(Some(member))
        };
        Self::with(config, restored)
    }

    fn with(config: Config, restored: Restored) -> Self {
        Self {
            committee: (*config.committee).clone(),
            machine: Consensus::new(config, restored, Time(0)),
            now: 0,
            names: BTreeMap::from([(chain::genesis().hash(), "genesis")]),
        }
    }

    /// Gives a block a name for the tables.
    pub(super) fn name(&mut self, name: &'static str, block: &Block) {
        self.names.insert(block.header.hash(), name);
    }

    pub(super) fn input(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.machine.handle(Time(self.now), input, &mut out);
        out.iter().map(|effect| self.describe(effect)).collect()
    }

    pub(super) fn say(&mut self, from: u16, message: Message) -> Vec<String> {
        let from = node(from);
        self.input(Input::Message { from, message })
    }

    pub(super) fn propose(&mut self, block: &Block) -> Vec<String> {
        self.say(block.header.proposer, proposal(block))
    }

    pub(super) fn vote(
        &mut self,
        member: u16,
        round: Round,
        kind: VoteKind,
        block: Option<&Block>,
    ) -> Vec<String> {
        let value = block.map(|block| block.header.hash());
        self.say(member, Message::Vote(vote(member, round, kind, value)))
    }

    pub(super) fn checked(&mut self, block: &Block, verdict: Verdict) -> Vec<String> {
        let block = block.header.hash();
        self.input(Input::Checked { block, verdict })
    }

    /// Proposes a block and finds it valid.
    pub(super) fn prepare(&mut self, block: &Block) -> Vec<String> {
        self.propose(block);
        self.checked(block, Verdict::Valid)
    }

    pub(super) fn wait(&mut self, ms: u64) -> Vec<String> {
        self.now += ms;
        self.input(Input::Tick)
    }

    fn of(&self, value: Option<BlockHash>) -> String {
        let name = |hash| self.names.get(&hash).copied().unwrap_or("?");
        value.map_or("-", name).to_owned()
    }

    fn vote_text(&self, vote: &Vote) -> String {
        let kind = match vote.kind {
            VoteKind::Prepare => "P",
            VoteKind::Skip => "S",
            VoteKind::Confirm => "C",
        };
        format!("{kind}({},{})", vote.round, self.of(vote.value))
    }

    fn certificate_text(&self, certificate: &Certificate) -> String {
        let kind = match certificate.kind {
            CertificateKind::Prepare => "PC",
            CertificateKind::Skip => "SC",
            CertificateKind::Confirm => "CC",
            CertificateKind::Early => "FC",
        };
        let value = match certificate.kind {
            CertificateKind::Skip => certificate.pinned(&self.committee),
            _ => certificate.block(),
        };
        format!("{kind}({},{})", certificate.round, self.of(value))
    }

    fn message_text(&self, message: &Message) -> String {
        match message {
            Message::Proposal(block) => format!("propose {}", self.of(Some(block.header.hash()))),
            Message::Vote(vote) => self.vote_text(vote),
            Message::Certificate(certificate) => self.certificate_text(certificate),
            Message::Finality(finality) => self.certificate_text(&finality.confirm),
            Message::Ask { above, .. } => format!("ask {above}"),
            Message::Closed(_) => "closed".into(),
        }
    }

    fn describe(&self, effect: &Effect) -> String {
        let name = |block: &Block| self.of(Some(block.header.hash()));
        match effect {
            Effect::Persist(Record::Vote(vote)) => format!("log {}", self.vote_text(vote)),
            Effect::Persist(Record::Block(block)) => format!("log {}", name(block)),
            Effect::Persist(Record::Certificate(certificate)) => {
                format!("log {}", self.certificate_text(certificate))
            }
            Effect::Broadcast(message) => self.message_text(message),
            Effect::Send { message, .. } => format!("send {}", self.message_text(message)),
            Effect::Build { round, parent, .. } => {
                format!("build {round} on {}", self.of(Some(*parent)))
            }
            Effect::Check { block } => format!("check {}", name(block)),
            Effect::Fetch { hash, .. } => format!("fetch {}", self.of(Some(*hash))),
            Effect::Early {
                header,
                certificate,
                seats,
                of,
            } => {
                let all = &self.committee;
                let held = certificate.verify(all, network(), *seats);
                held.expect("an early certificate holds");
                assert_eq!(certificate.seats(all), *seats);
                assert_eq!(*of, all.thresholds().seats);
                format!("early {} by {seats}", self.of(Some(header.hash())))
            }
            Effect::Finalize { blocks, .. } => {
                let names: Vec<_> = blocks.iter().map(|block| name(block)).collect();
                format!("final {}", names.join(" "))
            }
            Effect::Blame(evidence) => {
                let members = evidence.check(&self.committee, network());
                format!("blame {:?}", members.expect("evidence holds"))
            }
            Effect::Penalize { fault, .. } => format!("penalize: {fault}"),
            Effect::Fork { .. } => "fork".to_owned(),
        }
    }
}
