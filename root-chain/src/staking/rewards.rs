//! Duties, and what they earn. [S7] [S8]

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use types::{Amount, Committee, Height, Signers};

use super::index::{put, read, staker, term_key, totals, totals_key};
use super::{RootEpoch, StakerId, StakingRules, account_id, put_staker};
use crate::slashing::{self, About, Fault};

/// What the proposer gets, in percent, when all seats signed.
const PROPOSER: u64 = 20;
/// What all seats together get, in percent, when all signed.
const SIGNERS: u64 = 70;
/// Root epochs in jail after an absence.
const JAIL: RootEpoch = 2;
/// Certificates that a term must have before it says who was absent.
const LEAST_CERTIFICATES: u64 = 8;

/// Blocks that their committee certified.
#[derive(Clone, Copy, Debug)]
pub struct Certified<'a> {
    /// The committee.
    pub committee: &'a Committee,
    /// Whose seats they are, in member order.
    pub holders: &'a [Option<StakerId>],
    /// Who signed for them.
    pub signers: &'a Signers,
    /// The member that proposed the newest.
    pub proposer: u16,
    /// How many blocks.
    pub blocks: u64,
}

/// What a running term has seen of its members.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
struct Attendance {
    certificates: u64,
    members: Vec<Presence>,
}

#[derive(Clone, Copy, Debug, Default, BorshSerialize, BorshDeserialize)]
struct Presence {
    signed: u64,
    earned: Amount,
}

/// The members of a committee have a duty from now on: call it when the committee is elected.
pub fn begin_term(edit: &mut Edit<'_>, holders: &[Option<StakerId>]) {
    for id in holders.iter().flatten() {
        if let Some(mut record) = staker(edit, id) {
            record.duties = record.duties.saturating_add(1);
            put_staker(edit, &record);
        }
    }
}

/// Promises the shares of certified blocks and notes who signed. What the pool can't pay is not
/// promised.
pub fn reward(edit: &mut Edit<'_>, rules: &StakingRules, certified: &Certified<'_>) {
    let committee = certified.committee;
    let key = term_key(committee.chain, committee.epoch);
    let mut seen: Attendance = read(edit, &key).unwrap_or_default();
    seen.members.resize(committee.size(), Presence::default());
    seen.certificates = seen.certificates.saturating_add(1);

    let left = pool(edit).minus(totals(edit).promised).unwrap_or_default();
    let wanted = rules.reward_per_block.times(certified.blocks);
    let whole = wanted.unwrap_or(left).min(left);
    let seats = committee.thresholds().seats;
    let signed = committee.seats_of(certified.signers);
    let mut promised = Amount::ZERO;
    for (member, presence) in seen.members.iter_mut().enumerate() {
        let mut share = Amount::ZERO;
        if certified.signers.contains(member) {
            presence.signed = presence.signed.saturating_add(1);
            share = part(whole, SIGNERS * committee.seats(member), 100 * seats);
        }
        if member == usize::from(certified.proposer) {
            let proposed = part(whole, PROPOSER * signed, 100 * seats);
            share = share.plus(proposed).unwrap_or(share);
        }
        // A seat that no staker holds earns nothing.
        if certified.holders.get(member).copied().flatten().is_some() {
            presence.earned = presence.earned.plus(share).unwrap_or(presence.earned);
            promised = promised.plus(share).unwrap_or(promised);
        }
    }
    put(edit, key, &seen);
    let mut totals = totals(edit);
    totals.promised = totals.promised.plus(promised).unwrap_or(totals.promised);
    put(edit, totals_key(), &totals);
}

/// Ends a committee's term at a root height, closed or replaced: pays those who were present, jails
/// those who were not, and ends the duty of all. Gives who was absent.
pub fn end_term(
    edit: &mut Edit<'_>,
    rules: &StakingRules,
    committee: &Committee,
    holders: &[Option<StakerId>],
    height: Height,
) -> Vec<StakerId> {
    let key = term_key(committee.chain, committee.epoch);
    let seen: Attendance = read(edit, &key).unwrap_or_default();
    edit.put(account_id(), key, None);
    let mut absent = Vec::new();
    for (member, id) in holders.iter().enumerate() {
        let presence = seen.members.get(member).copied().unwrap_or_default();
        let Some(id) = id else { continue };
        let missed = is_absent(rules, &presence, seen.certificates);
        settle(edit, id, &presence, missed, height);
        if missed && staker(edit, id).is_some() {
            jail(edit, rules, id, height);
            let about = About {
                chain: committee.chain,
                epoch: committee.epoch,
                number: 0,
            };
            // Each term ends once.
            let _ = slashing::punish(edit, id, Fault::Absence, about, None);
            absent.push(*id);
        }
    }
    absent
}

/// What is left for rewards, promised ones included, while the root's system works.
pub fn pool(edit: &Edit<'_>) -> Amount {
    let (before, now) = (totals(edit.before()), totals(edit));
    let balance = edit.before().balance(&account_id());
    let burned = now.burned.minus(before.burned).unwrap_or_default();
    let left = balance.minus(burned);
    left.and_then(|left| left.minus(now.owed))
        .unwrap_or_default()
}

fn is_absent(rules: &StakingRules, presence: &Presence, certificates: u64) -> bool {
    let signed = presence.signed.saturating_mul(100);
    let needed = certificates.saturating_mul(rules.presence_percent);
    certificates >= LEAST_CERTIFICATES && signed < needed
}

/// Keeps or drops the promise to a member, and ends its duty.
fn settle(edit: &mut Edit<'_>, id: &StakerId, presence: &Presence, missed: bool, height: Height) {
    let mut totals = totals(edit);
    totals.promised = totals.promised.minus(presence.earned).unwrap_or_default();
    if let Some(mut record) = staker(edit, id) {
        record.duties = record.duties.saturating_sub(1);
        record.last_duty = record.last_duty.max(height);
        let paid = (!missed && !record.tombstoned).then_some(presence.earned);
        let paid = paid.unwrap_or_default();
        let sums = (record.rewards.plus(paid), totals.owed.plus(paid));
        if let (Some(rewards), Some(owed)) = sums {
            (record.rewards, totals.owed) = (rewards, owed);
        }
        put_staker(edit, &record);
    }
    put(edit, totals_key(), &totals);
}

/// Keeps a staker out of elections for two root epochs.
pub(crate) fn jail(edit: &mut Edit<'_>, rules: &StakingRules, id: &StakerId, height: Height) {
    if let Some(mut record) = staker(edit, id) {
        let until = rules.epoch(height).saturating_add(1 + JAIL);
        record.jailed_until = record.jailed_until.max(until);
        put_staker(edit, &record);
    }
}

/// `amount`·`numerator`/`denominator`, rounded down, for a numerator not above the denominator.
pub(crate) fn part(amount: Amount, numerator: u64, denominator: u64) -> Amount {
    let (n, d) = (u128::from(numerator), u128::from(denominator.max(1)));
    let (whole, rest) = (amount.0 / d, amount.0 % d);
    Amount(
        whole
            .saturating_mul(n)
            .saturating_add(rest.saturating_mul(n) / d),
    )
}
