//! Where records stand in the account's storage, and the list of all stakers.
//!
//! The list has pages of [`PAGE`] ids without gaps: a staker that goes gives its place to the last.

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Domain, hash};
use types::Amount;

use super::{Staker, StakerId, account_id};
use crate::slots::Slots;

/// Ids on a page.
pub(super) const PAGE: u32 = 64;

const SLOT: Domain = Domain::new("thinkey/staking");

/// What does not belong to one staker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Totals {
    /// Stakers in the list.
    pub(super) stakers: u32,
    /// Stake and rewards of all stakers. [S6]
    pub(super) owed: Amount,
    /// The part of the pool that running terms earned. [S7]
    pub(super) promised: Amount,
    /// All that slashing ever burned.
    pub(super) burned: Amount,
}

fn key(kind: u8, name: &[u8]) -> [u8; 32] {
    *hash(SLOT, &[&[kind], name]).as_bytes()
}

pub(super) fn totals_key() -> [u8; 32] {
    key(0, &[])
}

pub(super) fn staker_key(id: &StakerId) -> [u8; 32] {
    key(1, id.as_bytes())
}

/// Whose a stake key is.
pub(super) fn owner_key(stake_key: &[u8; 96]) -> [u8; 32] {
    key(2, stake_key)
}

pub(super) fn page_key(page: u32) -> [u8; 32] {
    key(3, &page.to_be_bytes())
}

pub(super) fn term_key(chain: types::ChainId, epoch: types::Epoch) -> [u8; 32] {
    key(
        4,
        &[&chain.0.to_be_bytes()[..], &epoch.to_be_bytes()].concat(),
    )
}

/// What a slot of the account holds.
pub(super) fn read<T: BorshDeserialize>(slots: &impl Slots, key: &[u8; 32]) -> Option<T> {
    borsh::from_slice(slots.slot(&account_id(), key)?).ok()
}

pub(super) fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}

/// One staker's record.
pub fn staker(slots: &impl Slots, id: &StakerId) -> Option<Staker> {
    read(slots, &staker_key(id))
}

/// Whose a stake key is.
pub fn staker_of_key(slots: &impl Slots, stake_key: &[u8; 96]) -> Option<StakerId> {
    read(slots, &owner_key(stake_key))
}

/// The ids of all stakers, in the order of the list.
pub fn staker_ids(slots: &impl Slots) -> Vec<StakerId> {
    let count = totals(slots).stakers;
    let pages = (0..count.div_ceil(PAGE)).map(|page| read::<Vec<_>>(slots, &page_key(page)));
    pages.flatten().flatten().collect()
}

/// All stakers, in the order of the list.
pub fn stakers<S: Slots>(slots: &S) -> impl Iterator<Item = Staker> + '_ {
    let ids = staker_ids(slots).into_iter();
    ids.filter_map(|id| staker(slots, &id))
}

pub(super) fn totals(slots: &impl Slots) -> Totals {
    read(slots, &totals_key()).unwrap_or_default()
}

pub(super) fn put(edit: &mut Edit<'_>, key: [u8; 32], value: &impl BorshSerialize) {
    edit.put(account_id(), key, Some(encode(value)));
}

/// Writes a record back.
pub(crate) fn put_staker(edit: &mut Edit<'_>, staker: &Staker) {
    put(edit, staker_key(&staker.id), staker);
}
