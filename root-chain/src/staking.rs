//! Staking: who may be drawn into committees, and what they have to lose.
//!
//! All stake lies as balance of system account 3. Stakers reach it with calls from any chain; the
//! root's system counts duties, pays and slashes.
//!
//! ```text
//!  owner's account, any chain ── call ──► Staking::handle ──► record of the staker
//!        ▲                               (messages of a block)         ▲
//!        └──── credit: stake, rewards ◄──────────┘                     │
//!                                                                      │
//!  elections ── Snapshot::at, begin_term, end_term ────────────────────┤ (before messages)
//!  anchors ──── reward ────────────────────────────────────────────────┤
//!  evidence ─── slashing::convict, slashing::punish ───────────────────┘
//!
//!  register ──2 epochs──► counted ──quit──► unbonding ──U after the last duty──► withdrawn
//!                            │                  │
//!                            └──── slashed, jailed, tombstoned ────┘
//! ```
//!
//! # Rules
//!
//! * **[S1] One owner, one key.** An account registers once, a stake key too, with a proof of
//!   possession and one ticket's stake or more. Only the account that registered commands the
//!   stake, and only to it stake and rewards go back.
//! * **[S2] Time is the root's own height.** Root epoch E is the heights from E·length on.
//! * **[S3] Stake counts late.** In an election that opens in root epoch E counts what came in
//!   epoch E-2 or before: it was there before anybody could know the election's seed.
//! * **[S4] Out at the next snapshot.** Who quits in root epoch E wins no election that opens in
//!   E+1 or later. A jailed staker wins none below its epoch, a tombstoned one none ever.
//! * **[S5] Slashable until withdrawn.** Stake is withdrawn as a whole: after quitting, with no
//!   duty left, U root heights after both. Until then all of it can be slashed. The chain spec
//!   makes sure that U ≥ evidence window + longest term + rescue window + margin, so no evidence
//!   that counts finds its offender gone.
//! * **[S6] Every unit has an owner.** The account's balance is stakes + rewards + pool: what the
//!   stakers are owed is summed in the records, the rest is the pool. Whatever comes to the account
//!   without being owed to somebody, a gift or a payment that could not be delivered, is the
//!   pool's.
//! * **[S7] Nothing is issued.** Rewards come from the pool, which genesis fills, and end with it.
//!   An anchored block promises each member that signed its share, and so does each root block
//!   whose child shows its certificate: 70 % among all seats, 20 % to the proposer (on the root:
//!   of the child, which chose the certificate) in proportion to the seats that signed, so that
//!   leaving signatures out gains nothing. The rest, with what those who did not sign miss, stays
//!   in the pool. The promise is kept at the end of the term, to those who were present.
//! * **[S8] Absence.** A member that signed less than half of a term's certificates gets nothing
//!   for it, loses a thousandth and is jailed for two root epochs. Certificates hold only what
//!   arrived in time, so terms with few certificates judge nobody, and a spec may switch it off.
//! * **[S9] Evidence has its time**: it counts until `evidence_window` heights after the end of the
//!   term that it is about. Rules of punishment: [`crate::slashing`].
//!
//! # Refusing
//!
//! A call that is refused changes nothing and its value bounces; its sender pays the gas of what
//! it had done, a key's check at the price of what that costs. The receipt on the root has the
//! reason's word; for its sentence, or before they send at all, wallets ask [`would_accept`], which
//! runs the same code on a copy.
//!
//! A payment goes out only while its message has half of its time left, so that it arrives.

mod books;
mod calls;
mod desk;
mod error;
mod first;
mod index;
mod record;
mod rewards;
mod rules;
mod snapshot;
mod stage;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use books::{Books, books, burned};
pub use calls::{Call, Registration, Staking, When, method, would_accept};
pub use error::StakingError;
pub use first::{FirstStaker, first_account};
pub use index::{staker, staker_ids, staker_of_key, stakers};
pub use record::{Addition, Leaving, Staker, StakerId};
pub use rewards::{Certified, begin_term, end_term, pool, reward};
pub use rules::{RootEpoch, StakingRules, WAIT};
pub use snapshot::Snapshot;
pub use stage::Stage;

pub(crate) use books::take;
pub(crate) use index::put_staker;
pub(crate) use rewards::{jail, part};

use types::{AccountId, ChainId};

/// The system account that holds all stake.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 3)
}
