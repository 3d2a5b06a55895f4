//! All who were convicted of one committee's term. [P1] [P2]

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use types::{Amount, ChainId, Committee, Epoch};

use super::{Crime, account_id, slot};
use crate::slots::Slots;
use crate::staking::{StakerId, part};

/// The least penalty of a conviction, in percent.
const LEAST: u64 = 5;
/// What the part of the convicted seats is multiplied with.
const CORRELATION: u64 = 3;

/// The convicted members of a term, ascending.
pub(super) struct Case {
    key: [u8; 32],
    convicts: Vec<Convict>,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Convict {
    member: u16,
    /// None for a seat without stake, and for a staker's second seat in the committee.
    staker: Option<StakerId>,
    /// Its stake when it was convicted first. [P4]
    stake: Amount,
    /// What it has lost for this.
    taken: Amount,
    /// Whether it costs everything.
    all: bool,
}

/// What a convict still has to pay.
pub(super) struct Due {
    pub(super) place: usize,
    pub(super) amount: Amount,
}

impl Case {
    pub(super) fn of(slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Self {
        let key = slot(0, &(chain.0, epoch));
        let bytes = slots.slot(&account_id(), &key);
        let convicts = bytes.and_then(|bytes| borsh::from_slice(bytes).ok());
        let convicts = convicts.unwrap_or_default();
        Self { key, convicts }
    }

    /// Whether a staker is among the convicted.
    pub(super) fn has(&self, id: &StakerId) -> bool {
        let is = |convict: &Convict| convict.staker.as_ref() == Some(id);
        self.convicts.iter().any(is)
    }

    /// Whether a member is convicted of this or of worse.
    pub(super) fn knows(&self, member: u16, crime: Crime) -> bool {
        let is = |convict: &&Convict| convict.member == member;
        let convict = self.convicts.iter().find(is);
        convict.is_some_and(|convict| convict.all || crime == Crime::Contradiction)
    }

    /// Adds a member; false when nothing new is said.
    pub(super) fn accuse(
        &mut self,
        member: u16,
        staker: Option<StakerId>,
        stake: Amount,
        crime: Crime,
    ) -> bool {
        if self.knows(member, crime) {
            return false;
        }
        if let Err(at) = self.convicts.binary_search_by_key(&member, |c| c.member) {
            let convict = Convict {
                member,
                staker: staker.filter(|id| !self.has(id)),
                stake,
                taken: Amount::ZERO,
                all: false,
            };
            self.convicts.insert(at, convict);
        }
        if crime == Crime::Invalid {
            // A staker pays everything whichever of its seats it is for.
            let same =
                |c: &&mut Convict| c.member == member || (c.staker == staker && staker.is_some());
            self.convicts
                .iter_mut()
                .filter(same)
                .for_each(|convict| convict.all = true);
        }
        true
    }

    /// The convicts' seats in their committee.
    pub(super) fn guilty(&self, committee: &Committee) -> u64 {
        let members = self.convicts.iter().map(|c| usize::from(c.member));
        members.map(|member| committee.seats(member)).sum()
    }

    /// What each convict still has to pay. [P1] [P2]
    pub(super) fn collect(&self, committee: &Committee) -> Vec<(StakerId, Due)> {
        let seats = committee.thresholds().seats;
        let guilty = self.guilty(committee);
        let due = |(place, convict): (usize, &Convict)| {
            let penalty = match convict.all {
                true => convict.stake,
                false => penalty(convict.stake, guilty, seats),
            };
            let amount = penalty.minus(convict.taken)?;
            Some((convict.staker?, Due { place, amount }))
        };
        self.convicts.iter().enumerate().filter_map(due).collect()
    }

    /// Notes what a convict paid.
    pub(super) fn note(&mut self, place: usize, taken: Amount) {
        if let Some(convict) = self.convicts.get_mut(place) {
            convict.taken = convict.taken.plus(taken).unwrap_or(convict.taken);
        }
    }

    pub(super) fn save(&self, edit: &mut Edit<'_>) {
        let bytes = borsh::to_vec(&self.convicts).unwrap_or_default();
        edit.put(account_id(), self.key, Some(bytes));
    }
}

/// max(5 %, min(100 %, 3x)) of a stake, with x = guilty seats / all seats.
fn penalty(stake: Amount, guilty: u64, seats: u64) -> Amount {
    let correlated = part(stake, (CORRELATION * guilty).min(seats), seats);
    correlated.max(part(stake, LEAST, 100))
}
