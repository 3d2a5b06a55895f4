//! The seats that a node holds in committees: found in the root's state, with their keys.

use std::collections::BTreeMap;

use actors::State;
use crypto::bls;
use crypto::threshold::DecryptionKey;
use types::{ChainId, Committee, Epoch};

use super::{Identity, ratchet};
use crate::RootSystem;
use crate::committees;
use crate::elections::ATTEMPTS;
use crate::staking::RootEpoch;

/// A member of a committee that this node is.
pub(super) struct Seat {
    pub(super) member: u16,
    pub(super) key: bls::SecretKey,
    /// Whether its term has begun.
    pub(super) serving: bool,
    /// What its keys were derived for; none at genesis.
    drawn: Option<(RootEpoch, ratchet::Seating)>,
    public: bls::PublicKey,
}

impl Seat {
    /// Opens what is dealt to this seat, on the root.
    pub(super) fn decryption_key(&self, who: &Identity) -> Option<DecryptionKey> {
        match self.drawn {
            Some((epoch, draw)) => who.ratchet.decryption_key(epoch, draw),
            None => who.genesis.shares.clone(),
        }
    }

    /// The root epoch that its secrets are of.
    pub(super) const fn root_epoch(&self) -> RootEpoch {
        match self.drawn {
            Some((epoch, _)) => epoch,
            None => 0,
        }
    }
}

/// All of them, by chain and term.
#[derive(Default)]
pub(super) struct Seats(BTreeMap<(ChainId, Epoch), Seat>);

impl Seats {
    pub(super) fn get(&self, chain: ChainId, epoch: Epoch) -> Option<&Seat> {
        self.0.get(&(chain, epoch))
    }

    pub(super) fn get_mut(&mut self, chain: ChainId, epoch: Epoch) -> Option<&mut Seat> {
        self.0.get_mut(&(chain, epoch))
    }

    /// The terms of a chain.
    pub(super) fn epochs(&self, chain: ChainId) -> Vec<Epoch> {
        let all = self.0.keys().filter(|(of, _)| *of == chain);
        all.map(|(_, epoch)| *epoch).collect()
    }

    pub(super) fn remove(&mut self, chain: ChainId, epoch: Epoch) -> Option<Seat> {
        self.0.remove(&(chain, epoch))
    }

    /// The earliest root epoch whose secrets are in use.
    pub(super) fn earliest(&self) -> Option<RootEpoch> {
        self.0.values().map(Seat::root_epoch).min()
    }

    /// Looks whether the node is a member of a term's committee; drops a seat that it has lost
    /// there, and says so.
    pub(super) fn find(
        &mut self,
        who: &Identity,
        system: &RootSystem,
        state: &State,
        (chain, epoch): (ChainId, Epoch),
    ) -> Found {
        let committee = system.anchors.committees.get(state, chain, epoch);
        let holders = committees::holders(state, chain, epoch);
        let (Some(committee), Some(holders)) = (committee, holders) else {
            return Found::None;
        };
        let had = self.0.get(&(chain, epoch));
        if had.is_some_and(|seat| holds(&committee, seat.member, &seat.public)) {
            return Found::Seat;
        }
        let lost = self.0.remove(&(chain, epoch)).is_some();
        let Some(member) = place(who, &committee, &holders) else {
            return if lost { Found::Lost } else { Found::None };
        };
        let now = system.staking.epoch(committee_height(state, chain, epoch));
        match own_key(who, &committee, member, now) {
            Some(seat) => {
                self.0.insert((chain, epoch), seat);
                Found::Seat
            }
            None if lost => Found::Lost,
            None => Found::None,
        }
    }
}

/// What a look at a committee showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The node is no member, or lacks the key.
    None,
    /// It was a member of another committee for this term.
    Lost,
    /// It is a member.
    Seat,
}

fn holds(committee: &Committee, member: u16, public: &bls::PublicKey) -> bool {
    let found = committee.members.get(usize::from(member));
    found.is_some_and(|found| found.key == *public)
}

/// The staker's number; where no staker stands behind members, the node's.
fn place(who: &Identity, committee: &Committee, holders: &committees::SeatHolders) -> Option<u16> {
    let mine = |(at, member): (usize, &types::Member)| match holders.get(at).copied().flatten() {
        Some(staker) => staker == who.staker,
        None => member.node == who.node,
    };
    let at = committee.members.iter().enumerate().position(mine)?;
    u16::try_from(at).ok()
}

/// The root height at which a committee was elected.
fn committee_height(state: &State, chain: ChainId, epoch: Epoch) -> types::Height {
    let kept = committees::kept(state, chain);
    let found = kept.iter().find(|(known, _)| *known == epoch);
    found.map_or(0, |(_, height)| *height)
}

/// Derives the key that the committee names. Its election counted stake in the root epoch in which
/// it was seated, or not long before.
fn own_key(who: &Identity, committee: &Committee, member: u16, now: RootEpoch) -> Option<Seat> {
    let named = committee.members.get(usize::from(member))?;
    let (chain, epoch) = (committee.chain, committee.epoch);
    let seat = |key: bls::SecretKey, drawn| {
        let public = key.public();
        (public == named.key).then_some(Seat {
            member,
            key,
            serving: false,
            drawn,
            public,
        })
    };
    if let Some(key) = who.genesis.keys.get(&chain).filter(|_| epoch == 0) {
        return seat(key.clone(), None);
    }
    let root_epochs = (who.ratchet.epoch()..=now).rev();
    let draws = root_epochs.flat_map(|root_epoch| {
        let attempts = 0..=ATTEMPTS;
        attempts.map(move |attempt| (root_epoch, (chain, epoch, attempt)))
    });
    draws.into_iter().find_map(|(root_epoch, draw)| {
        let key = who.ratchet.consensus_key(root_epoch, draw)?;
        seat(key, Some((root_epoch, draw)))
    })
}
