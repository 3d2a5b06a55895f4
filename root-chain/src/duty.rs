//! What one staker's node does by itself, from root block to root block.
//!
//! ```text
//!  root-final block, state ─┐           ┌─► Key, Ratchet    kept before anything else leaves
//!  shares of others ────────┼─► Duty ───┼─► Declare         elected, ready, seeds, keys, reports
//!  synced, evidence, blocks ┘           ├─► Share           to the root committee
//!                                       └─► Follow, Serves, Done, Leave
//! ```
//!
//! # Rules
//!
//! * **[D1] Alone.** Whether its staker was drawn, a node finds out with its stake key and what the
//!   root has recorded. The first thing that leaves it and depends on that is [`Effect::Declare`].
//! * **[D2] Nothing twice, differently.** Every secret is derived from the identity's seed and what
//!   it is for, every signature is the only one of its key and message. So whatever a node says
//!   again after a restart, it says with the same bytes.
//! * **[D3] Erased.** Secrets of a term are derived from a [`Ratchet`], which moves on once all
//!   terms drawn in an earlier root epoch have ended. Then their keys can't be derived again.
//! * **[D4] After finality.** Shares of the beacon are released for root heights that are final
//!   here and in order only.
//! * **[D5] Until recorded.** What is declared is declared again every [`REPEAT`] root heights,
//!   until the root shows it or does not want it any more.
//! * **[D7] Forks are shown.** Who holds a certified block that contradicts the recorded one shows
//!   it to the root; once the chain is frozen, every node brings what convicts the liars: pairs of
//!   the two blocks' certificates, or one of them and what its own blocks show of that round.
//! * **[D8] Ears open.** A node remembers what candidates say of themselves; of two words of one
//!   staker in one drawing, one of them recorded, it makes a report.
//! * **[D6] An idle root stays idle.** A seed is declared when an election waits for it, when
//!   [`crate::beacon::RUN`] of them are missing, or when the term that it belongs to is over.
//!
//! Height is the only clock: time plays no part, so there is no deadline either.

use std::collections::{BTreeMap, BTreeSet};

use actors::State;
use consensus::Evidence;
use crypto::bls;
use crypto::threshold::DecryptionKey;
use types::{
    AccountId, Anchor, Certificate, ChainId, Declaration, Epoch, Height, NodeId, Rival, RootBlock,
    Time,
};

use crate::RootSystem;
use crate::beacon::{self, Degraded};
use crate::declaration::RootDeclaration;

mod ballots;
mod dealing;
mod heard;
mod ratchet;
mod reports;
mod seats;
mod seeds;
mod terms;
#[cfg(test)]
mod tests;

use ballots::Ballots;
use dealing::Part;
use heard::Heard;
pub use ratchet::{Ratchet, Seating};
use reports::Reports;
use seats::Seats;
pub use seeds::SeedShares;
use seeds::Seeds;

/// Root heights after which something is said again that the root does not show.
pub const REPEAT: Height = 4;

/// Who the node is, with all its secrets.
pub struct Identity {
    /// The staker.
    pub staker: AccountId,
    /// Its node, as committees name it.
    pub node: NodeId,
    /// The stake key.
    pub stake: bls::SecretKey,
    /// What the keys of elected terms are derived from.
    pub ratchet: Ratchet,
    /// What it has for committees of genesis.
    pub genesis: Genesis,
}

/// Secrets for the committees of genesis.
#[derive(Default)]
pub struct Genesis {
    /// The consensus keys of epoch 0.
    pub keys: BTreeMap<ChainId, bls::SecretKey>,
    /// Opens what is dealt in the root's first key generation.
    pub shares: Option<DecryptionKey>,
    /// The seed of the trusted dealer, on networks of no worth.
    pub dealer: Option<[u8; 32]>,
}

/// What a duty is told.
pub enum Input<'a> {
    /// A root-final block and the state after it; each height once, ascending.
    Root {
        /// The block.
        block: &'a RootBlock,
        /// The state after it.
        state: &'a State,
    },
    /// A member of the root's committee releases its shares of a seed.
    Share {
        /// The node that it comes from, as the transport proved.
        from: NodeId,
        /// What it sends.
        shares: SeedShares,
    },
    /// The node follows a chain closely enough to vote.
    Synced {
        /// The chain.
        chain: ChainId,
    },
    /// Members of a committee were seen to lie.
    Evidence(Box<Evidence>),
    /// What was declared to the root, as the node hears it or, before the block's
    /// [`Input::Root`], as a final block holds it.
    Declared {
        /// The declarations.
        declarations: &'a [Declaration],
        /// Whether a final block holds them.
        recorded: bool,
    },
    /// The highest certified block that the node has of a frozen chain.
    Certified(Box<Anchor>),
    /// The node holds a certified block that contradicts what the root has recorded.
    Rival {
        /// The block.
        rival: Box<Rival>,
        /// What its ancestors show of the rounds before them.
        shown: Vec<Certificate>,
    },
}

/// What a duty wants done, in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Keep this in the place of the ratchet before. Older secrets are to be erased.
    Ratchet(Ratchet),
    /// Keep a consensus key for a term, before anything later leaves the node.
    Key {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
        /// The key.
        key: bls::SecretKey,
    },
    /// Hand a declaration to the root.
    Declare(Declaration),
    /// Send shares of a seed to all members of the root's committee of a term.
    Share {
        /// Whom to.
        to: Vec<NodeId>,
        /// What.
        shares: SeedShares,
    },
    /// Follow a chain, and say when it is [`Input::Synced`].
    Follow(ChainId),
    /// No committee of this node needs the chain any more.
    Leave(ChainId),
    /// The node is a member of the committee that serves now.
    Serves {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
        /// Its number in the committee.
        member: u16,
        /// Its consensus key.
        key: bls::SecretKey,
    },
    /// The term has ended, or will never begin: its key is to be erased.
    Done {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
    },
    /// A chain is frozen: answer with [`Input::Certified`] if the node has something of it.
    Rescue(ChainId),
    /// Evidence that is reported until the root knows it: to be kept, and given again as
    /// [`Input::Evidence`] after a restart.
    Keep(Box<Evidence>),
    /// A node sent shares that do not hold.
    Offence {
        /// The node.
        node: NodeId,
    },
}

/// The duties of one staker's node. Pure: root blocks in, effects out.
pub struct Duty {
    who: Identity,
    system: RootSystem,
    /// The state after the last root block.
    state: State,
    height: Height,
    said: Said,
    seats: Seats,
    ballots: Ballots,
    seeds: Seeds,
    reports: Reports,
    heard: Heard,
    /// In the key generation under way.
    part: Option<Part>,
    followed: BTreeSet<ChainId>,
    synced: BTreeSet<ChainId>,
}

impl Duty {
    /// The duties of an identity under the root's rules.
    pub fn new(who: Identity, system: RootSystem) -> Self {
        Self {
            seeds: Seeds::new(who.ratchet.blinding()),
            who,
            system,
            state: State::default(),
            height: 0,
            said: Said::default(),
            seats: Seats::default(),
            ballots: Ballots::default(),
            reports: Reports::default(),
            heard: Heard::default(),
            part: None,
            followed: BTreeSet::new(),
            synced: BTreeSet::new(),
        }
    }

    /// Takes one input; appends what it wants done.
    pub fn handle(&mut self, _: Time, input: Input<'_>, out: &mut Vec<Effect>) {
        match input {
            Input::Root { block, state } => self.root(block.height(), state, out),
            Input::Share { from, shares } => self.take_shares(from, shares, out),
            Input::Synced { chain } => {
                if self.followed.contains(&chain) && self.synced.insert(chain) {
                    self.terms(out);
                }
            }
            Input::Evidence(evidence) => self.take_evidence(*evidence, out),
            Input::Certified(anchor) => self.take_certified(*anchor, out),
            Input::Declared {
                declarations,
                recorded,
            } => self.listen(declarations, recorded, out),
            Input::Rival { rival, shown } => self.take_rival(*rival, shown, out),
        }
    }

    /// How the beacon is: how many final heights have no recorded seed, and the election that
    /// waits for lots, if one does. For those who watch a node.
    pub fn beacon(&self) -> (u64, Option<Degraded>) {
        let missing = beacon::missing(&self.state, self.height, self.system.beacon_every);
        let drawing = beacon::degraded(&self.state).filter(Degraded::is_open);
        (missing, drawing)
    }

    fn root(&mut self, height: Height, state: &State, out: &mut Vec<Effect>) {
        if height < self.height {
            return;
        }
        self.height = height;
        self.state = state.clone();
        self.said.forget(height);
        self.forget_heard();
        self.terms(out);
        self.generate_key(out);
        self.release_shares(out);
        self.draw_lot(out);
        self.report(out);
        self.turn_ratchet(out);
    }

    /// [D3] The earliest root epoch whose secrets are still needed.
    fn turn_ratchet(&mut self, out: &mut Vec<Effect>) {
        let now = self.system.staking.epoch(self.height);
        let needed = [Some(now), self.seats.earliest(), self.electing()];
        let needed = needed.into_iter().flatten().min().unwrap_or(now);
        if self.who.ratchet.advance(needed) {
            out.push(Effect::Ratchet(self.who.ratchet.clone()));
        }
    }

    /// Declares, unless it was said lately. [D5]
    fn declare(&mut self, what: Saying, declaration: &RootDeclaration, out: &mut Vec<Effect>) {
        if !self.said.is_due(what, self.height) {
            return;
        }
        // What does not fit into a declaration was refused by the spec's checks.
        if let Ok(encoded) = declaration.encode() {
            out.push(Effect::Declare(encoded));
        }
    }
}

/// What is said to the root until it shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Saying {
    Elected(ChainId, Epoch, u32, Height),
    Ready(ChainId, Epoch),
    Seeds(Height),
    Lot(Epoch, Height),
    Dealt(Height),
    Complained(Height, u16, u16),
    KeyReady(Height),
    Rival(ChainId),
    Promise(crypto::Hash),
    Report(crypto::Hash),
}

/// When each thing was said last.
#[derive(Default)]
struct Said(BTreeMap<Saying, Height>);

impl Said {
    /// Whether it was not said for so long; notes that it is now.
    fn is_due(&mut self, what: Saying, now: Height) -> bool {
        let last = self.0.get(&what);
        let due = last.is_none_or(|last| now >= last.saturating_add(REPEAT));
        if due {
            self.0.insert(what, now);
        }
        due
    }

    /// What was not said again for long is not said any more.
    fn forget(&mut self, now: Height) {
        let bound = now.saturating_sub(8 * REPEAT);
        self.0.retain(|_, last| *last >= bound);
    }
}
