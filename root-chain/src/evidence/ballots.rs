//! E9: two different words of one staker in one election.

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::PublicKey;
use crypto::{Domain, Hash, hash_borsh};
use types::AccountId;

use super::Court;
use crate::elections::{Elected, ElectionError};
use crate::slashing::{self, About, Fault, Slashed};
use crate::slots::Slots;
use crate::staking;

const PROMISE: Domain = Domain::new("thinkey/ballots-promise");

/// Two different words of one staker in one attempt.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ballots {
    /// One.
    pub first: Elected,
    /// The other.
    pub second: Elected,
    /// The staker that is to be paid for it.
    pub reporter: AccountId,
}

impl Ballots {
    /// What a promise of this report says.
    pub fn promised(&self) -> Hash {
        hash_borsh(PROMISE, self)
    }

    fn about(&self) -> About {
        let draw = &self.first.draw;
        About {
            chain: draw.chain,
            epoch: draw.epoch,
            number: (draw.opened << 3) | u64::from(draw.attempt),
        }
    }
}

impl Court<'_> {
    /// Checks that a staker declared itself twice, differently: cheap things first. Signatures
    /// are verified always.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn check_ballots(
        &self,
        slots: &impl Slots,
        ballots: &Ballots,
    ) -> Result<(), ElectionError> {
        let staker = ballots.first.staker;
        let last = ballots.first.draw.opened;
        let last = last.saturating_add(self.rules.evidence_window);
        if self.height > last {
            return Err(ElectionError::BallotsTooOld { last });
        }
        if slashing::is_punished(slots, &staker, Fault::TwoBallots, ballots.about()) {
            return Err(ElectionError::Punished);
        }
        let found = staking::staker(slots, &staker);
        let key = found.and_then(|found| PublicKey::from_bytes(&found.key).ok());
        let key = key.ok_or(ElectionError::NoStake { staker })?;
        let proved = ballots
            .first
            .contradicts(&ballots.second, self.network, &key);
        proved.then_some(()).ok_or(ElectionError::NoBallots)
    }

    /// Punishes a staker that declared itself twice, differently.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn ballots(
        &self,
        edit: &mut Edit<'_>,
        ballots: &Ballots,
    ) -> Result<Slashed, ElectionError> {
        self.check_ballots(edit, ballots)?;
        let reporter = self.redeem(edit, &ballots.reporter, &ballots.promised());
        let (staker, about) = (ballots.first.staker, ballots.about());
        let punished = slashing::punish(edit, &staker, Fault::TwoBallots, about, reporter);
        punished.map_err(|_| ElectionError::Punished)
    }
}
