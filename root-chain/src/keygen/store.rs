//! Where a key generation stands in the storage of its account.

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::threshold::{EncryptionKey, KeptDealing};
use crypto::{Domain, Hash, hash};
use types::{Epoch, Signers};

use super::{DEALER_SEATS, Run, account_id};
use crate::elections;
use crate::slots::Slots;

const SLOT: Domain = Domain::new("thinkey/keygen/slot");

const RUN: u8 = 0;
const DEALING: u8 = 1;
const FIRST_KEYS: u8 = 2;
const QUALIFIED: u8 = 3;

/// The newest key generation.
pub fn run(slots: &impl Slots) -> Option<Run> {
    read(slots, key(RUN, 0, 0))
}

/// What a member dealt for a term, and the digest that names it.
pub fn dealing(slots: &impl Slots, epoch: Epoch, member: u16) -> Option<(Hash, KeptDealing)> {
    read(slots, key(DEALING, epoch, member))
}

/// The digest alone.
pub(super) fn digest(slots: &impl Slots, epoch: Epoch, member: u16) -> Option<Hash> {
    let stored = slots.slot(&account_id(), &key(DEALING, epoch, member))?;
    borsh::from_slice(stored.get(..32)?).ok()
}

/// Whose dealings make up the key of a term, and the context that they were dealt in.
pub fn qualified(slots: &impl Slots, epoch: Epoch) -> Option<(Hash, Signers)> {
    read(slots, key(QUALIFIED, epoch, 0))
}

/// To which shares of a term's key are encrypted, encoded.
pub(super) fn encryption_keys(slots: &impl Slots, epoch: Epoch) -> Option<&[u8]> {
    match epoch {
        0 => slots.slot(&account_id(), &key(FIRST_KEYS, 0, 0)),
        _ => elections::encoded_encryption_keys(slots, epoch),
    }
}

pub(super) fn put_run(edit: &mut Edit<'_>, run: &Run) {
    write(edit, key(RUN, 0, 0), run);
}

pub(super) fn put_dealing(
    edit: &mut Edit<'_>,
    epoch: Epoch,
    member: u16,
    digest: &Hash,
    kept: &KeptDealing,
) {
    write(edit, key(DEALING, epoch, member), &(digest, kept));
}

pub(super) fn put_qualified(edit: &mut Edit<'_>, epoch: Epoch, context: &Hash, who: &Signers) {
    write(edit, key(QUALIFIED, epoch, 0), &(context, who));
}

/// Forgets all that was dealt for a term.
pub(super) fn remove_dealings(edit: &mut Edit<'_>, epoch: Epoch) {
    let dealers = 0..DEALER_SEATS as u16;
    let keys = dealers.map(|member| key(DEALING, epoch, member));
    for key in keys.chain([key(QUALIFIED, epoch, 0)]) {
        if edit.get(&account_id(), &key).is_some() {
            edit.put(account_id(), key, None);
        }
    }
}

/// The account's slots in the root's first state.
pub(super) fn first_slots(keys: &[EncryptionKey]) -> Vec<([u8; 32], Vec<u8>)> {
    vec![(key(FIRST_KEYS, 0, 0), encode(&keys))]
}

fn key(kind: u8, epoch: Epoch, member: u16) -> [u8; 32] {
    let name: [&[u8]; 3] = [&[kind], &epoch.to_be_bytes(), &member.to_be_bytes()];
    *hash(SLOT, &name).as_bytes()
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
