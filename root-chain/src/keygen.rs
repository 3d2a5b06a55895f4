//! Key generation: the next root committee makes the key of its beacon, on the root itself.
//!
//! ```text
//!  elected ── DEAL, Wd ── COMPLAIN, Wc ──┬─ key = Σ of the qualified ── READY, Wc ──┬─ done
//!     ▲      encrypted     proofs of bad │                                          │
//!     │      shares        shares        │ half of the dealers or more are out      │ no quorum
//!     └────────── again, windows doubled ┴──────────────────────────────────────────┘
//! ```
//!
//! # Rules
//!
//! * **[K1] Who deals.** Members in the order of their best tickets, until they have
//!   [`DEALER_SEATS`] seats together; one dealing a member. All members get shares, one a seat, and
//!   f + 1 seats make a signature.
//! * **[K2] One dealing each**, signed with the member's consensus key. What is malformed is
//!   refused and counts as silence. Two different ones, both signed, exclude their dealer and cost
//!   it E10.
//! * **[K3] Complaints prove themselves** ([`crypto::threshold::Complaint`]): who dealt a bad share
//!   is out and slashed, who complains of a good one is slashed. So there is no third round in
//!   which anybody would have to defend itself, and nothing to argue about.
//! * **[K4] Qualified** is who dealt and was not caught. More than half of the dealers' seats must
//!   be. The key is secret as long as one honest member is among them.
//! * **[K5] Shown to work.** The key is ready when a quorum of seats has signed a test message with
//!   it; the old committee's term does not end before.
//! * **[K6] It ends.** What fails is tried again with windows twice as long, at most [`ATTEMPTS`]
//!   times as long as that; from then on the generation is marked as degraded. Meanwhile the old
//!   committee goes on, its beacon too, until another one is elected; where there is no beacon
//!   either, by the members' own lots ([`crate::beacon`], B7).
//! * **[K7] Bounded work.** A dealing takes milliseconds to check: each node does it once. State
//!   keeps it in a form that costs nothing to read back, until the term after next is dealt, so
//!   that members that restart find their shares again.

use std::sync::Arc;

use actors::{Account, Edit, Slot};
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::threshold::{
    CheckedDealing, EncryptionKey, GroupCommitment, GroupKey, KeptDealing, Seat, Terms,
};
use crypto::{Domain, Hash, hash_borsh};
use types::{AccountId, ChainId, Committee, Epoch, Height, NetworkId, Signers};

use crate::beacon;
use crate::committees::CommitteeCache;
use crate::elections::{self, Stage as TermStage};
use crate::slots::Slots;

mod error;
mod judge;
mod memo;
mod said;
mod store;

pub use error::KeygenError;
use memo::Memo;
pub use said::{Complained, Dealt, KeyReady};
pub use store::{dealing, qualified, run};

/// Seats whose members deal, at least; all members where there are no more.
pub const DEALER_SEATS: u64 = 128;
/// Attempts of which each has windows twice as long as the one before.
pub const ATTEMPTS: u32 = 5;

const CONTEXT: Domain = Domain::new("thinkey/keygen");
const TEST: Domain = Domain::new("thinkey/keygen/test");
const ROSTER: Domain = Domain::new("thinkey/keygen/roster");

/// The system account that holds the key generation under way.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 9)
}

/// The account in the root's first state: to which shares of the first key are encrypted, in the
/// order of the first root committee's members.
pub fn first_account(keys: &[EncryptionKey]) -> Account {
    let stored = store::first_slots(keys).into_iter();
    Account {
        storage: stored
            .map(|(key, bytes)| (key, Slot(bytes.into())))
            .collect(),
        ..Account::default()
    }
}

/// A key generation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Run {
    /// The root's term whose key it makes.
    pub epoch: Epoch,
    /// The root height at which its committee was elected.
    pub elected: Height,
    /// Counts from 0.
    pub attempt: u32,
    /// The root height at which the attempt began.
    pub start: Height,
    /// How far it is.
    pub stage: Stage,
    /// Members that dealt.
    pub dealt: Signers,
    /// Dealers that were caught.
    pub guilty: Signers,
    /// Members that signed with the key.
    pub ready: Signers,
    /// It failed [`ATTEMPTS`] times.
    pub degraded: bool,
}

/// How far a key generation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// Dealings are taken.
    Dealing,
    /// Complaints are taken.
    Complaining,
    /// The key is there; members show that they hold shares.
    Trying,
    /// Enough of them have.
    Done,
}

impl Run {
    fn begin(epoch: Epoch, elected: Height, start: Height, members: usize) -> Self {
        Self {
            epoch,
            elected,
            attempt: 0,
            start,
            stage: Stage::Dealing,
            dealt: Signers::none(members),
            guilty: Signers::none(members),
            ready: Signers::none(members),
            degraded: false,
        }
    }

    /// [K6] The next attempt.
    fn again(&self, now: Height) -> Self {
        let fresh = Self::begin(self.epoch, self.elected, now, self.dealt.committee_size());
        Self {
            attempt: self.attempt.saturating_add(1),
            degraded: self.degraded || self.attempt + 1 >= ATTEMPTS,
            ..fresh
        }
    }

    /// What names the attempt; no two ever have the same.
    pub fn context(&self, network: NetworkId) -> Hash {
        let when = (self.epoch, self.elected, self.attempt);
        hash_borsh(CONTEXT, &(network, when, self.start))
    }

    /// Dealers that were not caught. [K4]
    pub fn qualified(&self) -> Signers {
        let mut qualified = Signers::none(self.dealt.committee_size());
        for member in self.dealt.iter().filter(|m| !self.guilty.contains(*m)) {
            qualified.insert(member);
        }
        qualified
    }
}

/// What members sign with a new key to show that they can. [K5]
pub fn test_message(context: &Hash, key: &[u8; 96]) -> Hash {
    hash_borsh(TEST, &(context, key))
}

/// The windows of the first attempt, in root heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeygenRules {
    /// Wd: how long dealings are taken.
    pub dealing: Height,
    /// Wc: how long complaints are taken, and then signatures.
    pub complaints: Height,
}

impl KeygenRules {
    /// When the stage of a run ends.
    fn end(&self, run: &Run) -> Height {
        let longer = 1 << run.attempt.min(ATTEMPTS - 1);
        let windows = match run.stage {
            Stage::Dealing => self.dealing,
            Stage::Complaining => self.dealing + self.complaints,
            Stage::Trying | Stage::Done => self.dealing + 2 * self.complaints,
        };
        run.start.saturating_add(windows.saturating_mul(longer))
    }
}

/// Who takes part in a key generation.
#[derive(Debug)]
pub struct Roster {
    /// The committee.
    pub committee: Arc<Committee>,
    /// Seats that make a signature.
    pub threshold: u16,
    /// The key of each seat.
    pub keys: Vec<EncryptionKey>,
    /// The member of each seat.
    pub owners: Vec<u16>,
    /// Members that deal: the first so many.
    pub dealers: u16,
    /// A hash of all that.
    name: Hash,
}

impl Roster {
    /// None where a committee can't make a key.
    fn new(committee: Arc<Committee>, encoded: &[u8], name: Hash) -> Option<Self> {
        let own: Vec<EncryptionKey> = borsh::from_slice(encoded).ok()?;
        let (threshold, _) = beacon::group_size(&committee)?;
        if own.len() != committee.size() {
            return None;
        }
        let (mut keys, mut owners) = (Vec::new(), Vec::new());
        let (mut dealers, mut dealing) = (0, 0);
        for (member, (record, key)) in (0_u16..).zip(committee.members.iter().zip(own)) {
            let seats = record.seats as usize;
            keys.extend(std::iter::repeat_n(key, seats));
            owners.extend(std::iter::repeat_n(member, seats));
            if dealing < DEALER_SEATS {
                dealing += u64::from(record.seats);
                dealers = member + 1;
            }
        }
        Some(Self {
            committee,
            threshold,
            keys,
            owners,
            dealers,
            name,
        })
    }

    /// The terms of a member's dealing.
    pub fn terms<'a>(&'a self, context: &'a Hash, dealer: u16) -> Terms<'a> {
        Terms {
            context,
            dealer,
            threshold: self.threshold,
            keys: &self.keys,
        }
    }

    /// The seats of a member.
    pub fn seats(&self, member: u16) -> impl Iterator<Item = Seat> + '_ {
        let own = self.owners.iter().enumerate();
        own.filter(move |(_, owner)| **owner == member)
            .filter_map(|(at, _)| Seat::at(at))
    }
}

/// Key generation as the root's system sees it.
#[derive(Clone, Debug)]
pub struct Keygen {
    /// The network.
    pub network: NetworkId,
    /// The windows.
    pub rules: KeygenRules,
    committees: CommitteeCache,
    rosters: Memo<Roster>,
    dealings: Memo<CheckedDealing>,
    groups: Memo<GroupKey>,
    sums: Memo<GroupCommitment>,
}

impl Keygen {
    /// Key generations of a network.
    pub fn new(network: NetworkId, rules: KeygenRules, committees: CommitteeCache) -> Self {
        Self {
            network,
            rules,
            committees,
            rosters: Memo::holding(8),
            dealings: Memo::holding(512),
            groups: Memo::holding(8),
            sums: Memo::holding(8),
        }
    }

    /// Who takes part in the generation of a term's key.
    pub fn roster(&self, slots: &impl Slots, epoch: Epoch) -> Option<Arc<Roster>> {
        let committee = self.committees.get(slots, ChainId::ROOT, epoch)?;
        let encoded = store::encryption_keys(slots, epoch)?;
        let name = hash_borsh(ROSTER, &(&*committee, encoded));
        let made = || Roster::new(committee.clone(), encoded, name).ok_or(());
        self.rosters.get(name, made).ok()
    }

    /// The key of a term's group, with those of its seats.
    pub fn group(&self, slots: &impl Slots, epoch: Epoch) -> Option<Arc<GroupKey>> {
        let roster = self.roster(slots, epoch)?;
        let public = beacon::public_key(slots, epoch)?;
        let name = hash_borsh(ROSTER, &(roster.name, &public[..]));
        let made = || {
            let commitment = beacon::commitment(slots, epoch).ok_or(())?;
            GroupKey::new(&commitment, roster.keys.len() as u16).map_err(drop)
        };
        self.groups.get(name, made).ok()
    }

    /// Does what is due at a root height.
    pub(crate) fn tick(&self, edit: &mut Edit<'_>, now: Height) {
        let Some((epoch, elected)) = wanted(edit) else {
            return;
        };
        let known = run(edit).filter(|run| (run.epoch, run.elected) == (epoch, elected));
        match known {
            None => self.begin(edit, epoch, elected, now),
            Some(run) if run.stage != Stage::Done && now >= self.rules.end(&run) => {
                self.go_on(edit, run, now);
            }
            Some(_) => {}
        }
    }

    fn begin(&self, edit: &mut Edit<'_>, epoch: Epoch, elected: Height, now: Height) {
        let Some(roster) = self.roster(edit, epoch) else {
            return;
        };
        beacon::forget_key(edit, epoch);
        // [K7] What the term that serves was dealt stays.
        store::remove_dealings(edit, epoch);
        if let Some(old) = epoch.checked_sub(2) {
            store::remove_dealings(edit, old);
        }
        let members = roster.committee.size();
        store::put_run(edit, &Run::begin(epoch, elected, now, members));
    }

    fn go_on(&self, edit: &mut Edit<'_>, mut run: Run, now: Height) {
        match run.stage {
            Stage::Dealing => {
                run.stage = Stage::Complaining;
                store::put_run(edit, &run);
            }
            Stage::Complaining => match self.sum(edit, &run) {
                Some(group) => {
                    run.stage = Stage::Trying;
                    beacon::put_key(edit, run.epoch, &group);
                    let context = run.context(self.network);
                    store::put_qualified(edit, run.epoch, &context, &run.qualified());
                    store::put_run(edit, &run);
                }
                None => self.retry(edit, &run, now),
            },
            Stage::Trying => self.retry(edit, &run, now),
            Stage::Done => {}
        }
    }

    fn retry(&self, edit: &mut Edit<'_>, run: &Run, now: Height) {
        beacon::forget_key(edit, run.epoch);
        store::remove_dealings(edit, run.epoch);
        store::put_run(edit, &run.again(now));
    }

    /// [K4] The sum of the qualified dealers' commitments, if there are enough of them.
    fn sum(&self, edit: &Edit<'_>, run: &Run) -> Option<Arc<GroupCommitment>> {
        let roster = self.roster(edit, run.epoch)?;
        let (committee, qualified) = (&roster.committee, run.qualified());
        let dealers = (0..usize::from(roster.dealers)).map(|member| committee.seats(member));
        if 2 * committee.seats_of(&qualified) <= dealers.sum() {
            return None;
        }
        // Blocks are tried several times over before one is made; one sum will do.
        let digests = qualified
            .iter()
            .map(|member| store::digest(edit, run.epoch, member as u16));
        let digests: Vec<Hash> = digests.collect::<Option<_>>()?;
        let name = hash_borsh(ROSTER, &(roster.name, run.context(self.network), digests));
        let made = || {
            let kept = qualified.iter().map(|member| {
                let (_, kept): (Hash, KeptDealing) = dealing(edit, run.epoch, member as u16)?;
                kept.commitment().ok()
            });
            let commitments: Vec<_> = kept.collect::<Option<_>>().ok_or(())?;
            GroupCommitment::sum(&commitments.iter().collect::<Vec<_>>()).map_err(drop)
        };
        self.sums.get(name, made).ok()
    }
}

/// The term whose key is to be made, and when its committee was elected: the next one's, once it
/// is elected; before that the first one's where no dealer made it.
fn wanted(slots: &impl Slots) -> Option<(Epoch, Height)> {
    let term = elections::term(slots, ChainId::ROOT)?;
    match &term.stage {
        TermStage::Elected(successor) => Some((term.next(), successor.elected)),
        _ if term.epoch == 0 && !beacon::is_ready(slots, 0) => Some((0, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
