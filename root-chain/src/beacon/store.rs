//! Where keys and seeds stand in the storage of the beacon's account.

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::Signature;
use crypto::threshold::GroupCommitment;
use crypto::{Domain, Hash, hash};
use types::{Epoch, Height};

use super::{Degraded, Head, account_id};
use crate::slots::Slots;

/// Seeds that are kept: those of the last so many heights at which the beacon ran.
pub const KEPT: u64 = 4_096;

/// Terms for which commitments are kept: the one that serves, and the one before, whose last
/// seeds may be missing.
const COMMITMENTS: u64 = 2;

const SLOT: Domain = Domain::new("thinkey/beacon/slot");

const HEAD: u8 = 0;
const SEED: u8 = 1;
const KEY: u8 = 2;
const COMMITMENT: u8 = 3;
const READY: u8 = 4;
const DEGRADED: u8 = 5;

/// A recorded seed with its signature.
type Recorded = (Height, Hash, Signature);

/// The newest seed; none where no beacon is planned.
pub fn head(slots: &impl Slots) -> Option<Head> {
    read(slots, key(HEAD, 0))
}

/// The seed of a root height and its signature, while it is kept.
pub fn seed(slots: &impl Slots, height: Height, every: u64) -> Option<(Hash, Signature)> {
    let found: Recorded = read(slots, seed_key(height, every))?;
    let (at, seed, signature) = found;
    (at == height).then_some((seed, signature))
}

/// The compressed key of the group of a root term.
pub fn public_key(slots: &impl Slots, epoch: Epoch) -> Option<[u8; 96]> {
    read(slots, key(KEY, epoch))
}

/// What binds to the shares of a term's group, while it is kept; decoding checks all its points.
pub fn commitment(slots: &impl Slots, epoch: Epoch) -> Option<GroupCommitment> {
    read(slots, key(COMMITMENT, epoch))
}

/// Whether enough members of a term's group have shown that they hold their shares.
pub fn is_ready(slots: &impl Slots, epoch: Epoch) -> bool {
    slots
        .slot(&account_id(), &key(READY, epoch))
        .is_some_and(|value| !value.is_empty())
}

/// Records the key of a term's group, which nobody has tried yet.
pub(crate) fn put_key(edit: &mut Edit<'_>, epoch: Epoch, group: &GroupCommitment) {
    write(edit, key(KEY, epoch), &group.public_key());
    write(edit, key(COMMITMENT, epoch), group);
    if let Some(old) = epoch.checked_sub(COMMITMENTS) {
        edit.put(account_id(), key(COMMITMENT, old), None);
    }
}

/// Takes back the key of a term's group.
pub(crate) fn forget_key(edit: &mut Edit<'_>, epoch: Epoch) {
    for kind in [KEY, COMMITMENT, READY] {
        if edit.get(&account_id(), &key(kind, epoch)).is_some() {
            edit.put(account_id(), key(kind, epoch), None);
        }
    }
}

/// A term's group is ready. The first of all begins the chain of seeds at this root height.
pub(crate) fn put_ready(edit: &mut Edit<'_>, epoch: Epoch, now: Height) {
    edit.put(account_id(), key(READY, epoch), Some(vec![1]));
    if let Some(head) = head(edit).filter(|_| epoch == 0) {
        let height = now;
        write(edit, key(HEAD, 0), &Head { height, ..head });
    }
}

pub(super) fn put_seed(edit: &mut Edit<'_>, head: &Head, every: u64, signature: &Signature) {
    let recorded: Recorded = (head.height, head.seed, *signature);
    write(edit, key(HEAD, 0), head);
    write(edit, seed_key(head.height, every), &recorded);
}

pub(super) fn put_head(edit: &mut Edit<'_>, head: &Head) {
    write(edit, key(HEAD, 0), head);
}

pub(super) fn degraded(slots: &impl Slots) -> Option<Degraded> {
    read(slots, key(DEGRADED, 0))
}

pub(super) fn put_degraded(edit: &mut Edit<'_>, degraded: &Degraded) {
    write(edit, key(DEGRADED, 0), degraded);
}

/// The account's slots in the root's first state.
pub(super) fn first_slots(seed: Hash, dealt: Option<&GroupCommitment>) -> Vec<([u8; 32], Vec<u8>)> {
    let head = Head {
        height: 0,
        seed,
        epoch: 0,
    };
    let mut slots = vec![(key(HEAD, 0), encode(&head))];
    if let Some(group) = dealt {
        slots.push((key(KEY, 0), encode(&group.public_key())));
        slots.push((key(COMMITMENT, 0), encode(group)));
        slots.push((key(READY, 0), vec![1]));
    }
    slots
}

/// Seeds stand in a ring of [`KEPT`] slots.
fn seed_key(height: Height, every: u64) -> [u8; 32] {
    let run = height.checked_div(every).unwrap_or(height);
    key(SEED, run % KEPT)
}

fn key(kind: u8, number: u64) -> [u8; 32] {
    *hash(SLOT, &[&[kind], &number.to_be_bytes()]).as_bytes()
}

fn read<T: BorshDeserialize>(slots: &impl Slots, key: [u8; 32]) -> Option<T> {
    borsh::from_slice(slots.slot(&account_id(), &key)?).ok()
}

fn write(edit: &mut Edit<'_>, key: [u8; 32], value: &impl BorshSerialize) {
    edit.put(account_id(), key, Some(encode(value)));
}

fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}
