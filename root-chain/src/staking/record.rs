//! What the root remembers of a staker.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::{PublicKey, SignatureError};
use types::{AccountId, Amount, Height, NodeId};

use super::rules::{RootEpoch, StakingRules, WAIT};

/// A staker: the account that registered it, to which stake and rewards go back.
pub type StakerId = AccountId;

/// Root epochs that an addition stays apart after it began to count, so that an election is
/// counted the same for as long as it may take.
const KEPT: RootEpoch = 6;

/// Stake that came later than the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Addition {
    /// The root epoch in which it came.
    pub epoch: RootEpoch,
    /// How much.
    pub amount: Amount,
}

/// A staker that quit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Leaving {
    /// The root epoch in which it quit: the last whose elections it may win.
    pub epoch: RootEpoch,
    /// The root height at which it quit.
    pub height: Height,
}

/// One staker's record.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Staker {
    /// The account that registered.
    pub id: StakerId,
    /// Where its node is reached.
    pub node: NodeId,
    /// The stake key, compressed; it was checked at registration and proved its possession.
    pub key: [u8; 96],
    /// All its stake that was not slashed, bonded or unbonding.
    pub stake: Amount,
    /// The newest parts of `stake`, epochs ascending.
    pub recent: Vec<Addition>,
    /// Set once it quit.
    pub leaving: Option<Leaving>,
    /// Committees that it is a member of and whose terms have not ended.
    pub duties: u32,
    /// The root height at which the last of its terms ended.
    pub last_duty: Height,
    /// It wins no election of a root epoch below this.
    pub jailed_until: RootEpoch,
    /// It wins no election ever again.
    pub tombstoned: bool,
    /// Tombstoned and withdrawn: only its name is left.
    pub withdrawn: bool,
    /// What it earned and did not claim.
    pub rewards: Amount,
    /// Its place in the index.
    pub place: u32,
}

impl Staker {
    /// A staker without stake.
    pub(super) const fn new(id: StakerId, node: NodeId, key: [u8; 96], place: u32) -> Self {
        Self {
            id,
            node,
            key,
            stake: Amount::ZERO,
            recent: Vec::new(),
            leaving: None,
            duties: 0,
            last_duty: 0,
            jailed_until: 0,
            tombstoned: false,
            withdrawn: false,
            rewards: Amount::ZERO,
            place,
        }
    }

    /// The stake key, decoded: costs a subgroup check.
    ///
    /// # Errors
    /// Never for a record of the root.
    pub fn public_key(&self) -> Result<PublicKey, SignatureError> {
        PublicKey::from_bytes(&self.key)
    }

    /// Whether it may win elections that open in a root epoch. [S3] [S4]
    pub fn is_eligible(&self, epoch: RootEpoch) -> bool {
        let stays = self.leaving.is_none_or(|leaving| epoch <= leaving.epoch);
        stays && !self.tombstoned && epoch >= self.jailed_until
    }

    /// The stake that counts in elections that open in a root epoch, eligible or not. [S3]
    pub fn counted(&self, epoch: RootEpoch) -> Amount {
        let wait = if cfg!(feature = "plant-late-stake") {
            0
        } else {
            WAIT
        };
        let waits = |addition: &&Addition| addition.epoch.saturating_add(wait) > epoch;
        let waiting = self.recent.iter().filter(waits);
        let waiting = waiting.fold(0_u128, |sum, part| sum.saturating_add(part.amount.0));
        // A slash takes from what counts first.
        Amount(self.stake.0.saturating_sub(waiting))
    }

    /// Its tickets in elections that open in a root epoch.
    pub fn tickets(&self, epoch: RootEpoch, rules: &StakingRules) -> u64 {
        if !self.is_eligible(epoch) {
            return 0;
        }
        rules.tickets(self.counted(epoch))
    }

    /// The root height from which it may withdraw; `None` before it quit and its duties ended. [S5]
    pub fn free_at(&self, rules: &StakingRules) -> Option<Height> {
        let leaving = self.leaving.filter(|_| self.duties == 0)?;
        let bound = leaving.height.max(self.last_duty);
        Some(bound.saturating_add(rules.unbonding))
    }

    /// Adds stake that came in a root epoch; `None` when the sum overflows.
    pub(super) fn add(&mut self, amount: Amount, now: RootEpoch) -> Option<()> {
        self.stake = self.stake.plus(amount)?;
        let old = |part: &Addition| part.epoch.saturating_add(WAIT + KEPT) <= now;
        self.recent.retain(|part| !old(part));
        match self.recent.last_mut().filter(|part| part.epoch == now) {
            Some(part) => part.amount = part.amount.plus(amount)?,
            None => self.recent.push(Addition { epoch: now, amount }),
        }
        Some(())
    }
}
