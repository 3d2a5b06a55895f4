//! The random beacon: one threshold signature after the other, each of which gives a seed.
//!
//! ```text
//!  R_0 ── spec        σ_k = group signature over H(network, root epoch, k, R_k-1)
//!   │                                      │
//!   └──► σ_1 ─ H ─► R_1 ──► σ_2 ─ H ─► R_2 ┴──► …  declared in order, kept for a while
//! ```
//!
//! # Rules
//!
//! * **[B1] Unique.** A group has one signature per message, whoever of it signs, and no content
//!   of any block enters the message: there is nothing to choose, so nothing to grind.
//! * **[B2] After finality.** Members release their shares for root height k once k is final, and
//!   f + 1 seats are needed: while honest members hold back, the f Byzantine ones know nothing.
//!   A block declares the seed of k only if it cites k or a later block as final.
//! * **[B3] In order, none skipped.** The message for k holds the seed before it, so seeds are
//!   declared in order of k. One may be late; then all behind it are, and only elections wait.
//! * **[B4] The group of the height.** k is signed by the key of the root committee in whose term
//!   block k was made, its closing block included. So members keep their shares until the last
//!   height of their term has its seed, and the next committee can't choose between two seeds.
//! * **[B5] A fresh key each term.** The seeds chain across keys; a key whose shares leak later
//!   says nothing of what came after it.
//! * **[B6] Bounded work.** A seed costs a pairing, once on each node. A spec may let the beacon
//!   run only at every n-th root height; elections use the first seed at or above the height at
//!   which they opened.
//! * **[B7] Degraded, not stuck.** When the root's own election has waited for `late` heights and
//!   the group is silent, or its key failed to be made [`crate::keygen::ATTEMPTS`] times, the
//!   committee's members draw a lot each with their consensus keys; from a quorum of them a seed is
//!   made that elects the root's next committee and nothing else. The m members who draw last can
//!   choose among 2^m seeds, so no other election uses it, and the state says that it was used
//!   ([`degraded`]). The next group goes on from there; heights of the lost group stay without a
//!   seed.
//!
//! Where the first group generates its key on the root, no height has a seed until it has done so:
//! the chain begins there, with the spec's seed.

use actors::{Account, Edit, Slot};
use crypto::bls::{PublicKey, Signature, SignatureError};
use crypto::threshold::{GroupCommitment, MAX_SEATS};
use crypto::{Domain, Hash, hash_borsh};
use types::{AccountId, ChainId, Committee, Epoch, Height, NetworkId};

use crate::committees;
use crate::elections::{Beacon, Checked, SeedError};
use crate::slots::Slots;

pub(crate) mod degraded;
mod store;
#[cfg(test)]
mod tests;

pub use degraded::{Degraded, Lot, LotError, degraded};
pub use store::{KEPT, commitment, head, is_ready, public_key, seed};
pub(crate) use store::{forget_key, put_key, put_ready};

/// The longest run of signatures in one declaration.
pub const RUN: usize = 16;

const MESSAGE: Domain = Domain::new("thinkey/beacon");
const SEED: Domain = Domain::new("thinkey/beacon/seed");
/// What [`Checked`] remembers of a seed.
const CHECKED: Domain = Domain::new("thinkey/checked/seed");

/// The newest seed that the root has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Head {
    /// Its root height.
    pub height: Height,
    /// The seed.
    pub seed: Hash,
    /// The root's term in which the height lies.
    pub epoch: Epoch,
}

/// The system account that holds group keys and seeds.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 8)
}

/// The account in the root's first state: the spec's seed, and the first group's commitment where
/// a trusted dealer made it.
pub fn first_account(seed: Hash, dealt: Option<&GroupCommitment>) -> Account {
    let stored = store::first_slots(seed, dealt).into_iter();
    Account {
        storage: stored
            .map(|(key, bytes)| (key, Slot(bytes.into())))
            .collect(),
        ..Account::default()
    }
}

/// What the group signs for a root height, given the seed before it.
pub fn message(network: NetworkId, epoch: Epoch, height: Height, previous: &Hash) -> Hash {
    hash_borsh(MESSAGE, &(network, epoch, height, previous))
}

/// The seed of a signature, which is not checked here.
pub fn seed_of(signature: &Signature) -> Hash {
    hash_borsh(SEED, signature)
}

/// Checks the beacon's signature for a root height under the key of its group, and gives the seed.
/// Anyone can: the message needs no more than the seed before.
///
/// # Errors
/// What is wrong with the signature.
pub fn verify_seed(
    group: &PublicKey,
    network: NetworkId,
    epoch: Epoch,
    height: Height,
    previous: &Hash,
    signature: &Signature,
) -> Result<Hash, SignatureError> {
    let message = message(network, epoch, height, previous);
    group.verify(message.as_bytes(), signature)?;
    Ok(seed_of(signature))
}

/// The first height above `height` at which the beacon runs.
pub const fn after(height: Height, every: u64) -> Height {
    at_or_above(height.saturating_add(1), every)
}

/// The first height at or above `height` at which the beacon runs.
pub const fn at_or_above(height: Height, every: u64) -> Height {
    let every = if every == 0 { 1 } else { every };
    height.div_ceil(every).saturating_mul(every)
}

/// The last height at or below `height` at which the beacon runs.
pub const fn at_or_below(height: Height, every: u64) -> Height {
    match height.checked_rem(every) {
        Some(rest) => height - rest,
        None => height,
    }
}

/// Threshold and seats of the group that a root committee makes: f + 1 of n. None where a group
/// can't have so many seats.
pub fn group_size(committee: &Committee) -> Option<(u16, u16)> {
    let thresholds = committee.thresholds();
    let seats = u16::try_from(thresholds.seats).ok()?;
    let threshold = u16::try_from(thresholds.faulty + 1).ok()?;
    (1..=MAX_SEATS)
        .contains(&seats)
        .then_some((threshold, seats))
}

/// The root's term in which a height above the newest seed's lies, as far as the state tells. [B4]
pub fn epoch_at(slots: &impl Slots, head: &Head, height: Height) -> Epoch {
    let mut epoch = head.epoch;
    while committees::ended(slots, ChainId::ROOT, epoch).is_some_and(|ended| ended < height) {
        epoch += 1;
    }
    epoch
}

/// How many heights at or below a final root height have no recorded seed. An idle root lets
/// [`RUN`] of them wait; more, or any for long while an election is open, means that too few
/// members release their shares.
pub fn missing(slots: &impl Slots, height: Height, every: u64) -> u64 {
    let last = at_or_below(height, every);
    let known = head(slots).map_or(last, |head| head.height);
    last.saturating_sub(known).checked_div(every).unwrap_or(0)
}

/// The beacon as the root's system sees it.
#[derive(Clone, Debug)]
pub struct ThresholdBeacon {
    /// The network that messages are of.
    pub network: NetworkId,
    /// It runs at root heights that are multiples of this; above 0. [B6]
    pub every: u64,
    checked: Checked,
}

impl ThresholdBeacon {
    /// A beacon of a network that runs at every so many heights.
    pub fn new(network: NetworkId, every: u64) -> Self {
        Self {
            network,
            every,
            checked: Checked::default(),
        }
    }

    /// The height whose seed is due, and the term that it lies in.
    fn due(&self, edit: &Edit<'_>) -> Option<(Head, Height, Epoch)> {
        let head = head(edit)?;
        let due = after(head.height, self.every);
        Some((head, due, epoch_at(edit, &head, due)))
    }
}

impl Beacon for ThresholdBeacon {
    fn seed(
        &self,
        edit: &mut Edit<'_>,
        height: Height,
        signature: &Signature,
        _: Height,
        trusted: bool,
    ) -> Result<Hash, SeedError> {
        let (head, due, epoch) = self.due(edit).ok_or(SeedError::NoBeacon)?;
        // [B3]
        if height != due {
            let found = height;
            return Err(SeedError::Height { found, due });
        }
        let key = public_key(edit, epoch).filter(|_| is_ready(edit, epoch));
        let key = key.ok_or(SeedError::NoBeacon)?;
        let message = message(self.network, epoch, height, &head.seed);
        if !trusted {
            let statement = hash_borsh(CHECKED, &(key, message, signature));
            let check = || PublicKey::from_bytes(&key)?.verify(message.as_bytes(), signature);
            let holds = self.checked.holds(statement, check);
            holds.map_err(|_| SeedError::Signature)?;
        }
        let seed = seed_of(signature);
        let head = Head {
            height,
            seed,
            epoch,
        };
        store::put_seed(edit, &head, self.every, signature);
        Ok(seed)
    }

    fn keys_ready(&self, edit: &Edit<'_>, epoch: Epoch) -> bool {
        is_ready(edit, epoch)
    }
}
