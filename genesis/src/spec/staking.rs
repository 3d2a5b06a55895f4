//! What stake is, and who has some from the start.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls;
use serde::{Deserialize, Serialize};
use types::{AccountId, Amount, NodeId};

use super::Terms;

/// Staking: its prices, its delays in root heights, and the stakers of genesis.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staking {
    /// Stake of one ticket.
    pub ticket: Amount,
    /// U: root heights between the end of the last duty and the withdrawal.
    pub unbonding: u64,
    /// Root heights after the end of a term in which evidence about it counts.
    pub evidence_window: u64,
    /// Root heights that it may take until a report is recorded.
    pub margin: u64,
    /// Whoever signs less than this percentage of a term's certificates is punished for absence;
    /// 0 switches it off.
    pub presence_percent: u32,
    /// What rewards are paid from.
    pub reward_pool: Amount,
    /// What one anchored block pays as long as the pool lasts.
    pub reward_per_block: Amount,
    /// Who has stake from the start.
    pub stakers: Vec<StakerEntry>,
}

/// A staker of genesis.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakerEntry {
    /// The account that owns the stake; the stake is not part of its balance.
    pub account: AccountId,
    /// The node that serves.
    pub node: NodeId,
    /// The stake key.
    pub key: bls::PublicKey,
    /// That its secret is known. [S4]
    pub possession: bls::ProofOfPossession,
    /// The stake, a ticket or more.
    pub stake: Amount,
}

impl Staking {
    /// Short delays that fit [`Terms::short`], for tests and devnets; nobody has stake.
    pub const fn short() -> Self {
        Self {
            ticket: Amount(1_000_000_000),
            unbonding: 1_000,
            evidence_window: 500,
            margin: 20,
            // A committee of four certifies with three, so its slowest member is always missing.
            presence_percent: 0,
            reward_pool: Amount(1_000_000_000_000_000),
            reward_per_block: Amount(1_000_000),
            stakers: Vec::new(),
        }
    }

    /// Root heights that a term lasts at most; 0 when committees are fixed.
    pub fn longest_term(terms: &Terms) -> u64 {
        match terms.is_fixed() {
            true => 0,
            false => terms
                .root_epoch
                .max(terms.chain_epoch)
                .saturating_add(terms.late),
        }
    }

    /// The least unbonding with which no evidence that counts finds its offender gone: evidence
    /// window + longest term + rescue window + margin.
    pub fn least_unbonding(&self, terms: &Terms) -> u64 {
        [Self::longest_term(terms), terms.rescue, self.margin]
            .into_iter()
            .fold(self.evidence_window, u64::saturating_add)
    }

    /// All stake and the pool; `None` on overflow.
    pub fn supply(&self) -> Option<Amount> {
        let stakes = self.stakers.iter().map(|entry| entry.stake);
        Amount::sum(stakes)?.plus(self.reward_pool)
    }
}

impl Default for Staking {
    /// 21 days of unbonding and 14 days for evidence, at 3 s a root height.
    fn default() -> Self {
        Self {
            ticket: Amount(1_000_000_000_000),
            unbonding: 604_800,
            evidence_window: 403_200,
            margin: 2_000,
            presence_percent: 50,
            reward_pool: Amount::ZERO,
            reward_per_block: Amount::ZERO,
            stakers: Vec::new(),
        }
    }
}
