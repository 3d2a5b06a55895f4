//! Without a group: a seed of the members' own draws, for the root's next election only. [B7]
//!
//! ```text
//!  election of the root, no seed for `late` heights ──► members' lots, a window at a time
//!       │                                                        │ a quorum of seats
//!       └── any seed of the beacon ends it                       ▼
//!                              R = H(R_before ‖ lots), for this election and nothing else
//!                                                                │
//!  the root's term ends ──► the beacon goes on from R under the next group's key
//! ```

use std::collections::BTreeMap;

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::vrf::{self, Proof};
use crypto::{Domain, Hash, bls, hash_borsh};
use types::{Blame, ChainId, Committee, Epoch, Height, NetworkId};

use super::store;
use super::{Head, at_or_below, head, is_ready};
use crate::elections;
use crate::keygen;
use crate::slots::Slots;

const INPUT: Domain = Domain::new("thinkey/beacon/lot");
const SEED: Domain = Domain::new("thinkey/beacon/degraded");

/// A member's draw for a seed that no group makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Lot {
    /// The root's term.
    pub epoch: Epoch,
    /// The root height at which the election opened that waits.
    pub opened: Height,
    /// The member's number.
    pub member: u16,
    /// What its consensus key draws, which is only ever one thing.
    pub proof: Proof,
}

/// The last seed that was, or is being, made without a group.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Degraded {
    /// The root's term whose members draw.
    pub epoch: Epoch,
    /// The root height at which the election opened that waits.
    pub opened: Height,
    /// The beacon's last seed.
    pub previous: Hash,
    /// The root height at which lots are counted next.
    pub until: Height,
    /// What members drew.
    pub lots: BTreeMap<u16, Hash>,
    /// What came of it.
    pub seed: Option<Hash>,
}

/// Why a lot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LotError {
    /// No election waits for it.
    #[error("no lots are drawn for the election of height {opened}")]
    Closed {
        /// The height.
        opened: Height,
    },
    /// The committee has no such member.
    #[error("the root's committee has no member {member}")]
    NoMember {
        /// The number.
        member: u16,
    },
    /// It drew before.
    #[error("member {member} has drawn its lot")]
    Repeated {
        /// The number.
        member: u16,
    },
    /// The proof is not that of the member's key.
    #[error("the lot is not what the key of member {member} draws")]
    Proof {
        /// The number.
        member: u16,
    },
}

impl LotError {
    /// What depends on how far the root is, is nobody's fault.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Closed { .. } | Self::Repeated { .. } => Blame::Nobody,
            Self::NoMember { .. } | Self::Proof { .. } => Blame::Sender,
        }
    }
}

/// How long members draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Root heights that an election waits for the beacon.
    pub(crate) late: Height,
    /// Root heights in which lots are taken, again and again until there are enough.
    pub(crate) window: Height,
}

/// The last seed without a group: being made, or the one that the root's committee was elected by.
pub fn degraded(slots: &impl Slots) -> Option<Degraded> {
    store::degraded(slots)
}

impl Degraded {
    /// What every member's key draws for.
    pub fn input(&self, network: NetworkId) -> Hash {
        hash_borsh(INPUT, &(network, self.epoch, self.opened, self.previous))
    }

    /// Whether an election waits for lots.
    pub const fn is_open(&self) -> bool {
        self.seed.is_none()
    }

    fn draw(&self) -> Hash {
        let name = (self.epoch, self.opened, self.previous);
        hash_borsh(SEED, &(name, &self.lots))
    }
}

impl Lot {
    /// What a member draws.
    pub fn draw(of: &Degraded, network: NetworkId, member: u16, key: &bls::SecretKey) -> Self {
        let (_, proof) = vrf::prove(key, &of.input(network));
        Self {
            epoch: of.epoch,
            opened: of.opened,
            member,
            proof,
        }
    }
}

/// Takes a lot in; the pairing comes last.
pub(crate) fn take(
    edit: &mut Edit<'_>,
    lot: &Lot,
    committee: Option<&Committee>,
    network: NetworkId,
    trusted: bool,
) -> Result<(), LotError> {
    let Lot { opened, member, .. } = *lot;
    let known = degraded(edit).filter(Degraded::is_open);
    let known = known.filter(|known| (known.epoch, known.opened) == (lot.epoch, opened));
    let waiting = awaited(edit) == Some((lot.epoch, opened));
    let mut known = known
        .filter(|_| waiting)
        .ok_or(LotError::Closed { opened })?;
    if known.lots.contains_key(&member) {
        return Err(LotError::Repeated { member });
    }
    let found = committee.and_then(|committee| committee.members.get(usize::from(member)));
    let found = found.ok_or(LotError::NoMember { member })?;
    let drawn = match trusted {
        true => vrf::Output::claimed(&lot.proof),
        false => vrf::verify(&found.key, &known.input(network), &lot.proof)
            .map_err(|_| LotError::Proof { member })?,
    };
    known.lots.insert(member, *drawn.as_hash());
    store::put_degraded(edit, &known);
    Ok(())
}

/// Does what is due at a root height. Gives the seed once it is there.
pub(crate) fn tick(
    edit: &mut Edit<'_>,
    now: Height,
    patience: Patience,
    committee: impl FnOnce(&Edit<'_>, Epoch) -> Option<std::sync::Arc<Committee>>,
) -> Option<Hash> {
    let (epoch, opened) = awaited(edit)?;
    let known = degraded(edit).filter(|known| (known.epoch, known.opened) == (epoch, opened));
    let Some(mut known) = known else {
        if now > opened.saturating_add(patience.late) && is_lost(edit, epoch) {
            begin(edit, (epoch, opened), now.saturating_add(patience.window));
        }
        return None;
    };
    if now < known.until || !known.is_open() {
        return None;
    }
    let committee = committee(edit, epoch)?;
    let members = known.lots.keys().map(|member| usize::from(*member));
    let drawn: u64 = members.map(|member| committee.seats(member)).sum();
    if drawn >= committee.thresholds().quorum {
        known.seed = Some(known.draw());
    } else {
        known.until = now.saturating_add(patience.window);
    }
    store::put_degraded(edit, &known);
    known.seed
}

/// The root's term ends: where its next committee was drawn without a group, the beacon goes on
/// from that seed under the next group's key, and the heights before have none.
pub(crate) fn end(edit: &mut Edit<'_>, ended: Epoch, now: Height, every: u64) {
    let known = degraded(edit).filter(|known| known.epoch == ended);
    let (Some(head), Some(seed)) = (head(edit), known.and_then(|known| known.seed)) else {
        return;
    };
    let height = at_or_below(now, every);
    if head.height < height {
        let epoch = ended.saturating_add(1);
        let head = Head {
            height,
            seed,
            epoch,
        };
        store::put_head(edit, &head);
    }
}

fn begin(edit: &mut Edit<'_>, (epoch, opened): (Epoch, Height), until: Height) {
    let Some(head) = head(edit) else { return };
    let fresh = Degraded {
        epoch,
        opened,
        previous: head.seed,
        until,
        lots: BTreeMap::new(),
        seed: None,
    };
    store::put_degraded(edit, &fresh);
}

/// The root's term and its election that waits for a seed.
fn awaited(slots: &impl Slots) -> Option<(Epoch, Height)> {
    let term = elections::term(slots, ChainId::ROOT)?;
    let election = term.election().filter(|election| election.seed.is_none())?;
    Some((term.epoch, election.opened))
}

/// Whether a group that might still make the seed is nowhere: there is one and it is silent, or its
/// key failed to be made so often that nobody waits for it.
fn is_lost(slots: &impl Slots, epoch: Epoch) -> bool {
    is_ready(slots, epoch) || keygen::run(slots).is_some_and(|run| run.degraded)
}
