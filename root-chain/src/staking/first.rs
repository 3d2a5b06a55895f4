//! The staking account in the root's first state.

use std::collections::BTreeMap;

use actors::{Account, Slot};
use crypto::bls::PublicKey;
use types::{Amount, NodeId};

use super::index::{PAGE, Totals, encode, owner_key, page_key, staker_key, totals_key};
use super::{Staker, StakerId};

/// A staker of genesis. Its key proved its possession when the chain spec was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstStaker {
    /// The account that owns the stake.
    pub id: StakerId,
    /// Its node.
    pub node: NodeId,
    /// Its stake key.
    pub key: PublicKey,
    /// Its stake, which counts from the first election on.
    pub stake: Amount,
    /// Committees of genesis that it is a member of.
    pub duties: u32,
}

/// The account with the stakers and the reward pool of genesis; `None` when an account or a key
/// is there twice, or the sum overflows.
pub fn first_account(
    stakers: impl IntoIterator<Item = FirstStaker>,
    pool: Amount,
) -> Option<Account> {
    let mut slots = BTreeMap::new();
    let mut ids: Vec<StakerId> = Vec::new();
    let mut owed = Amount::ZERO;
    for first in stakers {
        let key = first.key.to_bytes();
        let place = u32::try_from(ids.len()).ok()?;
        let mut staker = Staker::new(first.id, first.node, key, place);
        staker.stake = first.stake;
        staker.duties = first.duties;
        owed = owed.plus(first.stake)?;
        ids.push(first.id);
        let old = slots.insert(staker_key(&first.id), encode(&staker));
        let taken = slots.insert(owner_key(&key), encode(&first.id));
        if old.is_some() || taken.is_some() {
            return None;
        }
    }
    for (page, ids) in (0..).zip(ids.chunks(PAGE as usize)) {
        slots.insert(page_key(page), encode(&ids.to_vec()));
    }
    let totals = Totals {
        stakers: u32::try_from(ids.len()).ok()?,
        owed,
        ..Totals::default()
    };
    slots.insert(totals_key(), encode(&totals));
    let slots = slots.into_iter();
    Some(Account {
        balance: owed.plus(pool)?,
        storage: slots
            .map(|(key, bytes)| (key, Slot(bytes.into())))
            .collect(),
        ..Account::default()
    })
}
