//! The numbers of a spec, with defaults for a public network.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// When consensus waits, in milliseconds.
///
/// A round's timer is 3Δ + execution (three message delays: proposal, votes, certificate); Δ grows
/// by half with every round since the last final block, from `delta_ms` up to `delta_max_ms`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Δ at first: the delay that a message should not exceed.
    pub delta_ms: u64,
    /// Δ at most.
    pub delta_max_ms: u64,
    /// Time to execute a full block.
    pub execution_ms: u64,
    /// Time without a final block, though one is due, after which votes and certificates are
    /// sent again.
    pub standstill_ms: u64,
    /// Time after which a chain with nothing to do makes an empty block. Never 0: root heights
    /// are the clock of all chains, which must not stop.
    pub heartbeat_ms: u64,
    /// How far ahead of a voter's clock a block's time may be.
    pub drift_ms: u64,
}

impl Timing {
    /// The timer of a round at first, `None` when it overflows.
    pub fn round_ms(&self) -> Option<u64> {
        self.delta_ms.checked_mul(3)?.checked_add(self.execution_ms)
    }

    /// The time from a block being due to its being final under an honest leader, at most: the
    /// round's timer and one more delay for the confirm votes.
    pub fn final_ms(&self) -> Option<u64> {
        self.round_ms()?.checked_add(self.delta_ms)
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            delta_ms: 1_000,
            delta_max_ms: 60_000,
            execution_ms: 500,
            standstill_ms: 10_000,
            heartbeat_ms: 3_000,
            drift_ms: 1_000,
        }
    }
}

/// How much fits into a block of any chain.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct BlockLimits {
    /// Gas of all steps.
    pub gas: u64,
    /// Bytes of the encoded body.
    pub bytes: u32,
    /// Messages that a block may bring in, external and relay.
    pub messages: u32,
    /// The lowest price of a unit of gas.
    pub gas_price: u64,
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self {
            gas: 100_000_000,
            bytes: 2 * 1024 * 1024,
            messages: 8_192,
            gas_price: 1,
        }
    }
}

/// When chains anchor on the root, and how long others wait for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Anchoring {
    /// Final blocks after which a chain sends an anchor.
    pub every: u64,
    /// Anchors in a root block at most.
    pub per_block: u32,
    /// Root blocks after which members refuse proposals that ignore a waiting lane.
    pub overdue: u64,
}

impl Default for Anchoring {
    fn default() -> Self {
        Self {
            every: 1,
            per_block: 128,
            overdue: 8,
        }
    }
}

/// What the committees are meant to withstand over the network's life. [S3]
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// N: stake tickets that committees are drawn from.
    pub tickets: u64,
    /// λ: the adversary's tickets in a thousand.
    pub adversary_permille: u32,
    /// E: elections of each chain.
    pub elections: u64,
    /// k: some committee may fail with a chance of 10^-k at most.
    pub target: u32,
}

impl Default for Security {
    /// Ten years with four elections a day, at a fifth of the stake, one in a million.
    fn default() -> Self {
        Self {
            tickets: 10_000,
            adversary_permille: 200,
            elections: 14_610,
            target: 6,
        }
    }
}
