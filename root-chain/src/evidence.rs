//! Evidence on the root: who reports it, and what it proves.
//!
//! ```text
//!  a node or a file ── Promise ──► record_promise ──► account 6, under the reporter
//!          │            8 root heights later or more
//!          └────────── Report ──► check: cheap, then signatures ──► slashing::convict
//! ```
//!
//! # Rules
//!
//! * **[V1] The root's own words.** Evidence is checked against the committee that the root
//!   recorded for the chain's term, and nothing else. A member is convicted only by its own
//!   signatures, so an honest node can't be, whoever reports it and whatever else is in the report.
//! * **[V2] In time.** Reports about a term count until `evidence_window` root heights after its
//!   end.
//! * **[V3] News only.** A report all of whose possible convicts are convicted is refused before
//!   any signature is verified; the same evidence never counts twice.
//! * **[V4] Promised reports pay.** Whoever sees a report on its way could send it under its own
//!   name. So the reporter's share goes to the reporter only if a promise of exactly this report
//!   was recorded [`PROMISE_AGE`] root heights before: within that many blocks one honest proposer
//!   records the true report, while the thief's promise is still too young. Anybody may report
//!   without a promise; then all of it is burned.
//!   The same holds for two words in one election ([`Ballots`]), which anybody may have heard.
//! * **[V5] A promise costs a key.** It is signed with the stake key of a registered staker, each
//!   of which has one at a time, and another only after [`PROMISE_AGE`] heights. It may be recorded
//!   for [`PROMISE_LASTS`] heights and is not recorded again, neither itself nor one that ends no
//!   later: whoever sends others' old promises makes no promise younger and takes nobody's place.

mod ballots;
mod error;
#[cfg(test)]
mod tests;

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use consensus::Evidence;
use crypto::bls::{SecretKey, Signature};
use crypto::{Domain, Hash, hash_borsh};
use types::{AccountId, ChainId, Committee, Epoch, Height, NetworkId};

use crate::slashing::{self, Crime, Note, Slashed, account_id, convict, is_news, remember};
use crate::slots::Slots;
use crate::staking::{StakerId, StakingRules, staker};

pub use ballots::Ballots;
pub use error::ReportError;

/// Root heights between a promise and the report that it pays for. [V4]
pub const PROMISE_AGE: Height = 8;

/// Root heights in which a promise may be recorded, from when it is made.
pub const PROMISE_LASTS: Height = 16;

const PROMISE: Domain = Domain::new("thinkey/report-promise");

/// Evidence, and who brings it. For E9 there is [`Ballots`]; E10 needs no reporter, as only the
/// victim can complain and is paid for it, and two dealings prove themselves.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Report {
    /// What proves that members lied.
    pub evidence: Evidence,
    /// The staker that is to be paid for it.
    pub reporter: AccountId,
}

/// That a staker will report something. [V4]
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Promise {
    /// The staker.
    pub reporter: StakerId,
    /// [`Report::promised`] of the report.
    pub report: Hash,
    /// The last root height that may record it.
    pub until: Height,
    /// By its stake key.
    pub signature: Signature,
}

/// What the root knows of a staker's promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Promised {
    /// What it promised last; none once it was reported.
    pub report: Option<Hash>,
    /// The root height that recorded it.
    pub height: Height,
    /// Until when it could be recorded.
    pub until: Height,
}

/// The term that a report is about, as the root recorded it.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// The committee.
    pub committee: &'a Committee,
    /// Whose seats they are, in member order.
    pub holders: &'a [Option<StakerId>],
    /// The root height at which the term ended; `None` while it lasts.
    pub ended: Option<Height>,
}

/// Where reports are judged.
#[derive(Clone, Copy, Debug)]
pub struct Court<'a> {
    /// The network that signatures are of.
    pub network: NetworkId,
    /// Height of the root block that records.
    pub height: Height,
    /// The numbers of staking.
    pub rules: &'a StakingRules,
}

impl Report {
    /// The chain and the term that it is about.
    pub const fn place(&self) -> (ChainId, Epoch) {
        let (chain, epoch, _) = self.evidence.place();
        (chain, epoch)
    }

    /// What it convicts of, if it holds.
    pub const fn crime(&self) -> Crime {
        match &self.evidence {
            Evidence::Justification { .. } => Crime::Invalid,
            _ => Crime::Contradiction,
        }
    }

    /// What a promise of this report says.
    pub fn promised(&self) -> Hash {
        hash_borsh(PROMISE, &(0_u8, self))
    }
}

impl Promise {
    /// Signs the promise of whatever a hash names, to be recorded until a root height.
    pub fn of(
        reporter: StakerId,
        (report, until): (Hash, Height),
        network: NetworkId,
        stake_key: &SecretKey,
    ) -> Self {
        let digest = promise_digest(network, &reporter, &report, until);
        Self {
            reporter,
            report,
            until,
            signature: stake_key.sign(digest.as_bytes()),
        }
    }
}

impl Court<'_> {
    /// Checks a report, cheap things first; gives the convicted members, ascending. `term` is the
    /// one of [`Report::place`], `None` when the root does not know it.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn check(
        &self,
        slots: &impl Slots,
        report: &Report,
        term: Option<Term<'_>>,
    ) -> Result<Vec<u16>, ReportError> {
        let (chain, epoch) = report.place();
        let term = term.ok_or(ReportError::UnknownTerm { chain, epoch })?;
        let committee = term.committee;
        if (committee.chain, committee.epoch) != (chain, epoch) {
            return Err(ReportError::UnknownTerm { chain, epoch });
        }
        if let Some(ended) = term.ended {
            let last = ended.saturating_add(self.rules.evidence_window);
            if self.height > last {
                return Err(ReportError::TooOld { ended, last });
            }
        }
        // [V3] Members that do not exist are convicted of nothing, so they are no news either.
        let mut accused = report.evidence.accused();
        accused.retain(|member| usize::from(*member) < committee.size());
        if !is_news(slots, (chain, epoch), accused, report.crime()) {
            return Err(ReportError::Known);
        }
        let convicts = report.evidence.check(committee, self.network)?;
        let news = is_news(
            slots,
            (chain, epoch),
            convicts.iter().copied(),
            report.crime(),
        );
        news.then_some(convicts).ok_or(ReportError::Known)
    }

    /// Checks a report and slashes those whom it convicts. [V1]
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn record(
        &self,
        edit: &mut Edit<'_>,
        report: &Report,
        term: Option<Term<'_>>,
    ) -> Result<Slashed, ReportError> {
        let members = self.check(edit, report, term)?;
        let (chain, epoch) = report.place();
        let term = term.ok_or(ReportError::UnknownTerm { chain, epoch })?;
        let reporter = self.redeem(edit, &report.reporter, &report.promised());
        let (committee, holders) = (term.committee, term.holders);
        let slashed = convict(edit, committee, holders, &members, report.crime(), reporter);
        slashed.map_err(|_| ReportError::Known)
    }

    /// Checks a promise, its signature last. [V5]
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn check_promise(&self, slots: &impl Slots, promise: &Promise) -> Result<(), ReportError> {
        let reporter = staker(slots, &promise.reporter);
        let reporter = reporter.filter(|found| !found.tombstoned);
        let reporter = reporter.ok_or(ReportError::NoStaker)?;
        let last = self.height.saturating_add(PROMISE_LASTS);
        if !(self.height..=last).contains(&promise.until) {
            let until = promise.until;
            return Err(ReportError::PromiseExpired { until });
        }
        if let Some(known) = promise_of(slots, &promise.reporter) {
            if known.report == Some(promise.report) || promise.until <= known.until {
                return Err(ReportError::Promised);
            }
            let free = known.height.saturating_add(PROMISE_AGE);
            if known.report.is_some() && self.height < free {
                return Err(ReportError::PromiseTooSoon { free });
            }
        }
        let Promise {
            reporter: id,
            report,
            until,
            ..
        } = promise;
        let digest = promise_digest(self.network, id, report, *until);
        let key = reporter.public_key()?;
        Ok(key.verify(digest.as_bytes(), &promise.signature)?)
    }

    /// Checks and records a promise, in the place of the reporter's one before.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn record_promise(
        &self,
        edit: &mut Edit<'_>,
        promise: &Promise,
    ) -> Result<(), ReportError> {
        self.check_promise(edit, promise)?;
        let promised = Promised {
            report: Some(promise.report),
            height: self.height,
            until: promise.until,
        };
        put_promise(edit, &promise.reporter, &promised);
        remember(edit, Note::Promise(promise.reporter));
        Ok(())
    }

    /// The reporter, if it promised this report in time; uses the promise up. [V4]
    fn redeem(&self, edit: &mut Edit<'_>, reporter: &StakerId, report: &Hash) -> Option<StakerId> {
        let mut promised = promise_of(edit, reporter)?;
        let is_old = promised.height.saturating_add(PROMISE_AGE) <= self.height;
        if !is_old || promised.report != Some(*report) {
            return None;
        }
        promised.report = None;
        put_promise(edit, reporter, &promised);
        Some(*reporter)
    }
}

/// What a staker promised last, as far as account 6 remembers.
pub fn promise_of(slots: &impl Slots, reporter: &StakerId) -> Option<Promised> {
    let bytes = slots.slot(&account_id(), &promise_key(reporter))?;
    borsh::from_slice(bytes).ok()
}

fn put_promise(edit: &mut Edit<'_>, reporter: &StakerId, promised: &Promised) {
    let value = borsh::to_vec(promised).unwrap_or_default();
    edit.put(account_id(), promise_key(reporter), Some(value));
}

fn promise_key(reporter: &StakerId) -> [u8; 32] {
    slashing::slot(2, reporter)
}

fn promise_digest(network: NetworkId, reporter: &StakerId, report: &Hash, until: Height) -> Hash {
    hash_borsh(PROMISE, &(1_u8, network, reporter, report, until))
}
