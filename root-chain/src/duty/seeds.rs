//! A member's part in the beacon: releasing shares, combining those of others, declaring seeds.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::Hash;
use crypto::bls::Signature;
use crypto::threshold::{GroupKey, MAX_SEATS, PartialSignature, Seat, Share, deal_trusted};
use types::{ChainId, Committee, Epoch, Height, NodeId};

use super::{Duty, Effect, REPEAT, Saying};
use crate::beacon::{self, Degraded, Head, Lot, RUN};
use crate::committees;
use crate::declaration::{self, RootDeclaration};
use crate::elections;

/// Shares are taken for so many heights above the last final one.
const AHEAD: Height = 64;

/// Shares of groups that are not known yet, at most.
const EARLY: usize = 1_024;

/// A member's signatures with all its shares for the seed of one root height.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct SeedShares {
    /// The root's term.
    pub epoch: Epoch,
    /// The root height.
    pub height: Height,
    /// One signature for each of the member's seats.
    pub signatures: Vec<PartialSignature>,
}

impl BorshDeserialize for SeedShares {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let (epoch, height) = BorshDeserialize::deserialize_reader(reader)?;
        let count = u32::deserialize_reader(reader)?;
        if count > u32::from(MAX_SEATS) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too many seats"));
        }
        let signatures = (0..count).map(|_| PartialSignature::deserialize_reader(reader));
        Ok(Self {
            epoch,
            height,
            signatures: signatures.collect::<io::Result<_>>()?,
        })
    }
}

/// A group that this node is a member of.
struct Group {
    key: GroupKey,
    shares: Vec<Share>,
    /// The node of each seat.
    nodes: Vec<NodeId>,
}

/// Where the beacon is, as this node knows.
pub(super) struct Seeds {
    /// By term; none where the node has no share of the key.
    groups: BTreeMap<Epoch, Option<Group>>,
    /// The newest seed that is recorded or follows from `combined`.
    tip: Option<Head>,
    /// The newest seed that is recorded.
    recorded: Option<Head>,
    /// Signatures that are not recorded yet, without a gap.
    combined: BTreeMap<Height, Signature>,
    /// What members released, own ones too. By term also: a seat is another member's in the next,
    /// who must not answer for what is said of a height in the wrong one.
    shares: BTreeMap<(Height, Epoch), BTreeMap<Seat, PartialSignature>>,
    /// What this node released, for those whom it did not reach.
    released: BTreeMap<Height, SeedShares>,
    /// What came before the node knew the group.
    early: Vec<(NodeId, SeedShares)>,
    blinding: [u8; 32],
}

impl Seeds {
    pub(super) const fn new(blinding: [u8; 32]) -> Self {
        Self {
            groups: BTreeMap::new(),
            tip: None,
            recorded: None,
            combined: BTreeMap::new(),
            shares: BTreeMap::new(),
            released: BTreeMap::new(),
            early: Vec::new(),
            blinding,
        }
    }

    /// Catches up with what the root has recorded.
    fn record(&mut self, head: Head) {
        let own = self.combined.get(&head.height).map(beacon::seed_of);
        let known = own == Some(head.seed) || self.recorded == Some(head);
        if self.tip.is_none_or(|tip| tip.height < head.height) {
            self.tip = Some(head);
        } else if !known {
            // The beacon goes on from lots: what was combined here beyond them belongs to nothing.
            self.tip = Some(head);
            self.combined.clear();
            self.shares.clear();
            self.released.clear();
        }
        self.recorded = Some(head);
        let above = head.height.saturating_add(1);
        self.combined = self.combined.split_off(&above);
        self.shares = self.shares.split_off(&(above, 0));
        self.released = self.released.split_off(&above);
        self.groups = self.groups.split_off(&head.epoch);
    }
}

/// Whom to send to: each node once, in order.
fn recipients(group: &Group, but: NodeId) -> Vec<NodeId> {
    let nodes: BTreeSet<_> = group.nodes.iter().copied().collect();
    nodes.into_iter().filter(|node| *node != but).collect()
}

impl Duty {
    /// After a root block: releases what may be known now. [D4]
    pub(super) fn release_shares(&mut self, out: &mut Vec<Effect>) {
        let Some(head) = beacon::head(&self.state) else {
            return;
        };
        self.seeds.record(head);
        if let Some(term) = elections::term(&self.state, ChainId::ROOT) {
            self.load_group(term.epoch);
        }
        for (from, shares) in std::mem::take(&mut self.seeds.early) {
            self.keep_shares(from, shares);
        }
        self.advance(out);
        if self.height.is_multiple_of(REPEAT) {
            self.release_again(out);
        }
        self.declare_seeds(out);
    }

    /// Takes what another member released.
    pub(super) fn take_shares(&mut self, from: NodeId, shares: SeedShares, out: &mut Vec<Effect>) {
        self.keep_shares(from, shares);
        self.advance(out);
        self.declare_seeds(out);
    }

    fn keep_shares(&mut self, from: NodeId, shares: SeedShares) {
        let known = self.seeds.tip.map_or(0, |tip| tip.height);
        if known >= shares.height || shares.height > self.height + AHEAD {
            return;
        }
        let Some(group) = self.seeds.groups.get(&shares.epoch) else {
            if self.seeds.early.len() < EARLY {
                self.seeds.early.push((from, shares));
            }
            return;
        };
        let Some(group) = group else { return };
        // A seat's shares come from its own node, so nobody keeps out another's.
        let own =
            |partial: &&PartialSignature| group.nodes.get(partial.seat.position()) == Some(&from);
        let good: Vec<_> = shares.signatures.iter().filter(own).copied().collect();
        let place = (shares.height, shares.epoch);
        let round = self.seeds.shares.entry(place).or_default();
        for partial in good {
            round.entry(partial.seat).or_insert(partial);
        }
    }

    /// Whether heights of a root term that is over have no recorded seed.
    pub(super) fn owes_seeds(&self, epoch: Epoch) -> bool {
        let head = beacon::head(&self.state);
        head.is_some_and(|head| {
            let due = beacon::after(head.height, self.system.beacon_every);
            beacon::epoch_at(&self.state, &head, due) <= epoch
        })
    }

    /// Signs and combines height by height, as far as root blocks are final. [D4]
    fn advance(&mut self, out: &mut Vec<Effect>) {
        while let Some(tip) = self.seeds.tip {
            let due = beacon::after(tip.height, self.system.beacon_every);
            let early = if cfg!(feature = "plant-early-share") {
                1
            } else {
                0
            };
            if due > self.height + early {
                return;
            }
            let epoch = beacon::epoch_at(&self.state, &tip, due);
            self.load_group(epoch);
            let network = self.system.anchors.network;
            let message = beacon::message(network, epoch, due, &tip.seed);
            self.release((epoch, due), &message, out);
            let Some(signature) = self.combine((epoch, due), &message, out) else {
                return;
            };
            self.seeds.combined.insert(due, signature);
            self.seeds.tip = Some(Head {
                height: due,
                seed: beacon::seed_of(&signature),
                epoch,
            });
        }
    }

    fn release(&mut self, (epoch, height): (Epoch, Height), message: &Hash, out: &mut Vec<Effect>) {
        let Some(Some(group)) = self.seeds.groups.get(&epoch) else {
            return;
        };
        if self.seeds.released.contains_key(&height) {
            return;
        }
        let signed = group
            .shares
            .iter()
            .map(|share| share.sign(message.as_bytes()));
        let shares = SeedShares {
            epoch,
            height,
            signatures: signed.collect(),
        };
        let round = self.seeds.shares.entry((height, epoch)).or_default();
        round.extend(
            shares
                .signatures
                .iter()
                .map(|partial| (partial.seat, *partial)),
        );
        out.push(Effect::Share {
            to: recipients(group, self.who.node),
            shares: shares.clone(),
        });
        self.seeds.released.insert(height, shares);
    }

    /// What is not recorded may not have reached everybody.
    fn release_again(&self, out: &mut Vec<Effect>) {
        let old = self.height.saturating_sub(REPEAT);
        let waiting = self.seeds.released.range(..=old).take(RUN);
        for (_, shares) in waiting {
            if let Some(Some(group)) = self.seeds.groups.get(&shares.epoch) {
                out.push(Effect::Share {
                    to: recipients(group, self.who.node),
                    shares: shares.clone(),
                });
            }
        }
    }

    /// The group's signature, once enough shares are there. Those that do not hold are dropped.
    fn combine(
        &mut self,
        (epoch, height): (Epoch, Height),
        message: &Hash,
        out: &mut Vec<Effect>,
    ) -> Option<Signature> {
        let group = self.seeds.groups.get(&epoch)?.as_ref()?;
        let round = self.seeds.shares.get_mut(&(height, epoch))?;
        if round.len() < usize::from(group.key.threshold()) {
            return None;
        }
        let partials: Vec<_> = round.values().copied().collect();
        let (message, blinding) = (message.as_bytes(), self.seeds.blinding);
        let combined = group.key.combine(message, &partials, blinding);
        let bad: Vec<Seat> = match &combined {
            Ok(combined) => combined.bad.clone(),
            Err(_) => {
                let verdicts = group.key.verify_each(message, &partials, blinding);
                let judged = partials.iter().zip(verdicts);
                judged
                    .filter(|(_, good)| !good)
                    .map(|(p, _)| p.seat)
                    .collect()
            }
        };
        for seat in bad {
            round.remove(&seat);
            if let Some(node) = group.nodes.get(seat.position()) {
                out.push(Effect::Offence { node: *node });
            }
        }
        combined.ok().map(|combined| combined.signature)
    }

    /// Declares seeds where somebody waits for them. All members find the same bytes. [D6]
    fn declare_seeds(&mut self, out: &mut Vec<Effect>) {
        let every = self.system.beacon_every;
        let Some(head) = beacon::head(&self.state) else {
            return;
        };
        let first = beacon::after(head.height, every);
        let run = (RUN as u64 - 1).saturating_mul(every.max(1));
        let full = first.saturating_add(run);
        let wanted = self.wanted_seed(&head, first).unwrap_or(full).min(full);
        let mut signatures = Vec::new();
        let mut height = first;
        while height <= wanted {
            match self.seeds.combined.get(&height) {
                Some(signature) => signatures.push(*signature),
                None => return,
            }
            height = beacon::after(height, every);
        }
        let seeds = declaration::Seeds { first, signatures };
        self.declare(Saying::Seeds(wanted), &RootDeclaration::Seeds(seeds), out);
    }

    /// Draws a lot where the root's election waits for one. Nothing secret: it is the same whenever
    /// it is drawn.
    pub(super) fn draw_lot(&mut self, out: &mut Vec<Effect>) {
        let open = beacon::degraded(&self.state).filter(Degraded::is_open);
        let Some(open) = open else { return };
        let Some(seat) = self.seats.get(ChainId::ROOT, open.epoch) else {
            return;
        };
        let member = seat.member;
        if open.lots.contains_key(&member) {
            return;
        }
        let lot = Lot::draw(&open, self.system.anchors.network, member, &seat.key);
        let what = Saying::Lot(open.epoch, open.opened);
        self.declare(what, &RootDeclaration::Lot(lot), out);
    }

    /// The height whose seed an election waits for, or the last of a term that is over.
    fn wanted_seed(&self, head: &Head, due: Height) -> Option<Height> {
        let every = self.system.beacon_every;
        let chains = elections::chains(&self.state).into_iter();
        let waiting = chains.filter_map(|chain| {
            let term = elections::term(&self.state, chain)?;
            let election = term.election().filter(|election| election.seed.is_none())?;
            Some(beacon::at_or_above(election.opened.max(due), every))
        });
        let epoch = beacon::epoch_at(&self.state, head, due);
        let ended = committees::ended(&self.state, ChainId::ROOT, epoch);
        let last = ended.map(|ended| beacon::at_or_below(ended, every).max(due));
        waiting.chain(last).min()
    }

    /// Finds out the group of a term and the node's shares in it, once.
    fn load_group(&mut self, epoch: Epoch) {
        if self.seeds.groups.contains_key(&epoch) || !beacon::is_ready(&self.state, epoch) {
            return;
        }
        let committee = self
            .system
            .anchors
            .committees
            .get(&self.state, ChainId::ROOT, epoch);
        // Decoding a commitment is dear: only whoever has a seat needs it.
        let Some(seat) = self.seats.get(ChainId::ROOT, epoch) else {
            return;
        };
        let commitment = beacon::commitment(&self.state, epoch);
        let (Some(committee), Some(commitment)) = (committee, commitment) else {
            return;
        };
        let own = seats_of(&committee, seat.member);
        let (_, seats) = beacon::group_size(&committee).unwrap_or_default();
        let key = GroupKey::new(&commitment, seats).ok();
        let group = key.and_then(|key| {
            Some(Group {
                shares: self.own_shares(epoch, &key, &own)?,
                nodes: nodes(&committee),
                key,
            })
        });
        self.seeds.groups.insert(epoch, group);
    }

    /// The node's shares of a term's key, each checked against the group's commitment.
    fn own_shares(&self, epoch: Epoch, key: &GroupKey, own: &[Seat]) -> Option<Vec<Share>> {
        let shares = match self.who.genesis.dealer.filter(|_| epoch == 0) {
            Some(seed) => {
                let seats = u16::try_from(key.size()).ok()?;
                let (_, all) = deal_trusted(&seed, key.threshold(), seats).ok()?;
                all.into_iter()
                    .filter(|share| own.contains(&share.seat()))
                    .collect()
            }
            None => self.dealt_shares(epoch)?,
        };
        let complete = own
            .iter()
            .all(|seat| shares.iter().any(|share| share.seat() == *seat));
        complete.then_some(shares)
    }
}

/// The node of each seat of a committee, in order.
fn nodes(committee: &Committee) -> Vec<NodeId> {
    let members = committee.members.iter();
    let nodes = members.flat_map(|member| (0..member.seats).map(|_| member.node));
    nodes.collect()
}

/// The seats of one member.
pub(super) fn seats_of(committee: &Committee, member: u16) -> Vec<Seat> {
    let before = committee.members.iter().take(member.into());
    let first: usize = before.map(|member| member.seats as usize).sum();
    let count = committee.seats(member.into()) as usize;
    (first..first + count).filter_map(Seat::at).collect()
}
