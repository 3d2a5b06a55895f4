//! The committees that the root knows, in a system account of the root. [R1]
//!
//! Those of genesis stand there as epoch 0, each elected one as the next epoch of its chain. Old
//! ones stay for evidence and proofs until [`prune`] forgets them.

use std::collections::BTreeMap;

use actors::{Account, Edit, Slot};
use borsh::{BorshDeserialize, BorshSerialize};
use types::{AccountId, ChainId, Committee, CommitteeError, Epoch, Height};

use crate::slots::Slots;

mod cache;
#[cfg(test)]
mod tests;

pub use cache::CommitteeCache;

/// The staker behind each member, by member number; none for members that genesis named.
pub type SeatHolders = Vec<Option<AccountId>>;

/// A committee and who answers for its members.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Seated {
    /// The committee.
    pub committee: Committee,
    /// One entry for each member.
    pub holders: SeatHolders,
}

impl Seated {
    /// A committee that nobody's stake answers for.
    pub fn unstaked(committee: Committee) -> Self {
        Self {
            holders: vec![None; committee.size()],
            committee,
        }
    }
}

/// The committees of genesis, one a chain.
#[derive(Clone, Debug, Default)]
pub struct Committees {
    first: BTreeMap<ChainId, Seated>,
}

/// Why committees can't be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitteesError {
    /// A committee can't work.
    #[error("the committee of chain {chain}: {source}")]
    Invalid {
        /// Its chain.
        chain: ChainId,
        /// What is wrong.
        source: CommitteeError,
    },
    /// Two for one chain.
    #[error("chain {chain} has two committees")]
    Repeated {
        /// The chain.
        chain: ChainId,
    },
    /// Not one holder, or none, for each member.
    #[error("the committee of chain {chain} has {members} members and {holders} holders")]
    Holders {
        /// Its chain.
        chain: ChainId,
        /// Its members.
        members: usize,
        /// The holders named.
        holders: usize,
    },
}

impl Committees {
    /// The committees of genesis. Their proofs of possession were checked with the chain spec.
    pub fn genesis(all: impl IntoIterator<Item = Seated>) -> Result<Self, CommitteesError> {
        let mut first = BTreeMap::new();
        for seated in all {
            let chain = seated.committee.chain;
            let valid = seated.committee.validate();
            valid.map_err(|source| CommitteesError::Invalid { chain, source })?;
            let (members, holders) = (seated.committee.size(), seated.holders.len());
            if members != holders {
                return Err(CommitteesError::Holders {
                    chain,
                    members,
                    holders,
                });
            }
            if first.insert(chain, seated).is_some() {
                return Err(CommitteesError::Repeated { chain });
            }
        }
        Ok(Self { first })
    }

    /// The first committee of a chain.
    pub fn first(&self, chain: ChainId) -> Option<&Committee> {
        self.first.get(&chain).map(|seated| &seated.committee)
    }

    /// The chains, ascending.
    pub fn chains(&self) -> impl Iterator<Item = ChainId> + '_ {
        self.first.keys().copied()
    }

    /// The account in the root's first state.
    pub fn first_account(&self) -> Account {
        let mut slots = Vec::new();
        for (chain, seated) in &self.first {
            let epoch = seated.committee.epoch;
            let written = [
                (key(MEMBERS, *chain, epoch), encode(&seated.committee)),
                (key(HOLDERS, *chain, epoch), encode(&seated.holders)),
                (key(KEPT, *chain, 0), encode(&vec![(epoch, 0_u64)])),
            ];
            slots.extend(written.map(|(key, bytes)| (key, Slot(bytes.into()))));
        }
        Account {
            storage: slots.into_iter().collect(),
            ..Account::default()
        }
    }
}

/// The system account that holds the committees.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 4)
}

/// The committee of a chain's epoch; decodes all its keys. See [`CommitteeCache`].
pub fn committee(slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Option<Committee> {
    read(slots, key(MEMBERS, chain, epoch))
}

/// The slot of [`account_id`] that holds the committee of a chain's epoch, borsh-encoded: what a
/// light client is shown.
pub fn slot_key(chain: ChainId, epoch: Epoch) -> [u8; 32] {
    key(MEMBERS, chain, epoch)
}

/// Who answers for the members of that committee.
pub fn holders(slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Option<SeatHolders> {
    read(slots, key(HOLDERS, chain, epoch))
}

/// Records a committee that was elected at a root height.
pub fn put(edit: &mut Edit<'_>, seated: &Seated, elected: Height) {
    let (chain, epoch) = (seated.committee.chain, seated.committee.epoch);
    let mut kept = kept(edit, chain);
    kept.retain(|(known, _)| *known != epoch);
    kept.push((epoch, elected));
    write(edit, key(MEMBERS, chain, epoch), &seated.committee);
    write(edit, key(HOLDERS, chain, epoch), &seated.holders);
    write(edit, key(KEPT, chain, 0), &kept);
}

/// The root height at which a committee's term ended; none while it lasts.
pub fn ended(slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Option<Height> {
    read(slots, key(ENDED, chain, epoch))
}

/// Notes that a committee's term has ended.
pub(crate) fn put_end(edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch, height: Height) {
    write(edit, key(ENDED, chain, epoch), &height);
}

/// Forgets a chain's committees of epochs below `serving` that were elected below a root height.
pub fn prune(edit: &mut Edit<'_>, chain: ChainId, serving: Epoch, below: Height) {
    let all = kept(edit, chain);
    let old = |(epoch, elected): &&(Epoch, Height)| *epoch < serving && *elected < below;
    let gone: Vec<Epoch> = all.iter().filter(old).map(|(epoch, _)| *epoch).collect();
    if gone.is_empty() {
        return;
    }
    for epoch in &gone {
        edit.put(account_id(), key(MEMBERS, chain, *epoch), None);
        edit.put(account_id(), key(HOLDERS, chain, *epoch), None);
        edit.put(account_id(), key(ENDED, chain, *epoch), None);
    }
    let left: Vec<_> = all
        .iter()
        .filter(|(epoch, _)| !gone.contains(epoch))
        .collect();
    write(edit, key(KEPT, chain, 0), &left);
}

/// The epochs of a chain's committees that are remembered, and when each was elected.
pub fn kept(slots: &impl Slots, chain: ChainId) -> Vec<(Epoch, Height)> {
    read(slots, key(KEPT, chain, 0)).unwrap_or_default()
}

const MEMBERS: u8 = 0;
const HOLDERS: u8 = 1;
const KEPT: u8 = 2;
const ENDED: u8 = 3;

/// Kind, chain and epoch, big-endian, so that a chain's committees stand in order.
fn key(kind: u8, chain: ChainId, epoch: Epoch) -> [u8; 32] {
    let mut key = [0; 32];
    key[0] = kind;
    key[20..24].copy_from_slice(&chain.0.to_be_bytes());
    key[24..].copy_from_slice(&epoch.to_be_bytes());
    key
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
