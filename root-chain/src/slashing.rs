//! Slashing: what misbehaviour costs.
//!
//! ```text
//!  evidence ──► convict(case of a committee's term) ──┐
//!                                                     ├──► stake: fee to the reporter, rest burned
//!  what the root itself saw ──► punish(one staker) ───┘
//! ```
//!
//! # Rules
//!
//! * **[P1] Correlation.** Contradicting statements (E1 to E6) cost max(5 %, min(100 %, 3x)), with
//!   x the part of the committee's seats that are convicted in the term. A lone misconfiguration
//!   costs 5 %, an attack on safety, which takes a third of the seats, everything.
//! * **[P2] Topping up.** x only grows while evidence about the same term arrives, and with it what
//!   all who were convicted before must pay: the order of reports makes no difference to the sum.
//! * **[P3] Once.** A member is convicted once a term for contradictions, however many rounds they
//!   are in, and once for what costs everything (E7, E8). Other faults are punished once for each
//!   thing they are about. Account 6 remembers.
//! * **[P4] The whole stake is the measure**: what it was when the member was convicted first, what
//!   does not count in elections yet and what is unbonding included.
//! * **[P5] Tombstone.** Who is convicted under E1 to E8 never stakes again.
//! * **[P6] The reporter's share.** A twentieth of what a report makes stakers lose goes to a
//!   reporter that holds stake, is not convicted itself and promised the report before
//!   ([`crate::evidence`]); the rest is burned. It is small enough that nobody gains by reporting
//!   itself under another name.
//! * **[P7] Forgotten in time.** A case, a fault or a promise leaves account 6 once no evidence
//!   about it counts any more, so the account does not grow for ever and nobody pays twice.

mod case;
mod memory;
#[cfg(test)]
mod tests;

use actors::{Account, Edit};
use crypto::{Domain, hash_borsh};
use types::{AccountId, Amount, ChainId, Committee, Epoch};

use crate::slots::Slots;
use crate::staking::{self, StakerId, part, put_staker, staker};
use case::Case;
pub(crate) use memory::{Note, remember, tick};

/// The reporter's part of what is taken, in percent.
const FEE: u64 = 5;

const SLOT: Domain = Domain::new("thinkey/slashing");

/// The system account that remembers what was punished, and promised reports.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 6)
}

/// The account in the root's first state.
pub fn first_account() -> Account {
    Account::default()
}

/// What a member of a committee is convicted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crime {
    /// E1 to E6: statements that contradict each other.
    Contradiction,
    /// E7, E8: it certified what is invalid. Costs everything.
    Invalid,
}

/// What the root itself saw a staker do or miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// E9: two different ballots in one election.
    TwoBallots,
    /// E10: a dealing that an upheld complaint refutes.
    BadDealing,
    /// A complaint that does not hold.
    FalseComplaint,
    /// Absent when a chain called for rescue.
    RescueAbsence,
    /// Absent from a term.
    Absence,
}

impl Fault {
    /// What it costs, in thousandths of the stake.
    pub const fn permille(self) -> u64 {
        match self {
            Self::TwoBallots => 50,
            Self::BadDealing | Self::FalseComplaint => 20,
            Self::RescueAbsence => 10,
            Self::Absence => 1,
        }
    }
}

/// What a fault is about; with the fault and the staker, what is punished once. [P3]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The chain.
    pub chain: ChainId,
    /// The term, or the election's.
    pub epoch: Epoch,
    /// The attempt, the round or whatever tells such faults of a term apart.
    pub number: u64,
}

/// What became of stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slashed {
    /// What stakers lost.
    pub taken: Amount,
    /// The reporter's part of it.
    pub paid: Amount,
    /// The rest.
    pub burned: Amount,
}

/// It was punished before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this was punished before")]
pub struct AlreadyPunished;

/// Convicts members of a committee, in whose member order `holders` are. Members without a staker
/// count in x and lose nothing.
///
/// # Errors
/// When all of them are convicted of it already; then nothing changes.
pub fn convict(
    edit: &mut Edit<'_>,
    committee: &Committee,
    holders: &[Option<StakerId>],
    members: &[u16],
    crime: Crime,
    reporter: Option<StakerId>,
) -> Result<Slashed, AlreadyPunished> {
    let mut case = Case::of(edit, committee.chain, committee.epoch);
    let mut is_new = false;
    for member in members {
        let id = holders.get(usize::from(*member)).copied().flatten();
        let stake = id.and_then(|id| staker(edit, &id)).map(|found| found.stake);
        is_new |= case.accuse(*member, id, stake.unwrap_or_default(), crime);
    }
    if !is_new {
        return Err(AlreadyPunished);
    }
    let reporter = reporter.filter(|id| !case.has(id));
    let mut slashed = Slashed::default();
    let mut due = case.collect(committee);
    for (id, owed) in &mut due {
        let taken = execute(edit, id, owed.amount, true, reporter, &mut slashed);
        case.note(owed.place, taken);
    }
    case.save(edit);
    remember(edit, Note::Case(committee.chain, committee.epoch));
    Ok(slashed)
}

/// Another committee is seated for a term: its members are convicted of nothing, whatever those of
/// one that never came to office did.
pub(crate) fn acquit(edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch) {
    edit.put(account_id(), slot(0, &(chain.0, epoch)), None);
}

/// Whether a conviction of any of these members would change anything.
pub fn is_news(
    slots: &impl Slots,
    (chain, epoch): (ChainId, Epoch),
    members: impl IntoIterator<Item = u16>,
    crime: Crime,
) -> bool {
    let case = Case::of(slots, chain, epoch);
    members.into_iter().any(|member| !case.knows(member, crime))
}

/// Seats of a committee whose members are convicted.
pub(crate) fn guilty_seats(slots: &impl Slots, committee: &Committee) -> u64 {
    Case::of(slots, committee.chain, committee.epoch).guilty(committee)
}

/// Punishes one staker for a fault of the lesser kind.
///
/// # Errors
/// When it was punished for this before; then nothing changes.
pub fn punish(
    edit: &mut Edit<'_>,
    id: &StakerId,
    fault: Fault,
    about: About,
    reporter: Option<StakerId>,
) -> Result<Slashed, AlreadyPunished> {
    if is_punished(edit, id, fault, about) && !cfg!(feature = "plant-slash-twice") {
        return Err(AlreadyPunished);
    }
    let key = fault_key(id, fault, about);
    edit.put(account_id(), key, Some(vec![1]));
    remember(edit, Note::Fault(key));
    let mut slashed = Slashed::default();
    let Some(found) = staker(edit, id) else {
        return Ok(slashed);
    };
    let amount = part(found.stake, fault.permille(), 1_000);
    execute(edit, id, amount, false, reporter, &mut slashed);
    Ok(slashed)
}

/// Whether a staker was punished for a fault, as far as account 6 remembers.
pub(crate) fn is_punished(slots: &impl Slots, id: &StakerId, fault: Fault, about: About) -> bool {
    let key = fault_key(id, fault, about);
    slots
        .slot(&account_id(), &key)
        .is_some_and(|value| !value.is_empty())
}

fn fault_key(id: &StakerId, fault: Fault, about: About) -> [u8; 32] {
    let name = (id, about.chain.0, about.epoch, about.number);
    slot(1, &(fault as u8, name))
}

/// Takes up to `amount` from a staker; gives what was taken.
fn execute(
    edit: &mut Edit<'_>,
    id: &StakerId,
    amount: Amount,
    tombstone: bool,
    reporter: Option<StakerId>,
    slashed: &mut Slashed,
) -> Amount {
    let Some(mut record) = staker(edit, id) else {
        return Amount::ZERO;
    };
    if tombstone && !record.tombstoned {
        record.tombstoned = true;
        put_staker(edit, &record);
    }
    let amount = amount.min(record.stake);
    if amount.is_zero() {
        return amount;
    }
    let reporter = reporter.filter(|reporter| reporter != id);
    let reporter = reporter.and_then(|id| staker(edit, &id));
    let reporter = reporter.filter(|found| !found.tombstoned);
    let fee = reporter.map(|found| (found, part(amount, FEE, 100)));
    let paid = fee.as_ref().map_or(Amount::ZERO, |(_, fee)| *fee);
    let burned = staking::take(edit, &mut record, amount, fee);
    let sum = |a: Amount, b: Amount| a.plus(b).unwrap_or(a);
    slashed.taken = sum(slashed.taken, amount);
    slashed.paid = sum(slashed.paid, paid);
    slashed.burned = sum(slashed.burned, burned);
    amount
}

/// A slot of the account: kinds are 0 cases, 1 faults, 2 promises, 3 and 4 what is to be forgotten.
pub(crate) fn slot(kind: u8, name: &impl borsh::BorshSerialize) -> [u8; 32] {
    *hash_borsh(SLOT, &(kind, name)).as_bytes()
}
