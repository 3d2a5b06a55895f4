//! Stakers, terms and seeds, as the root's state shows them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::{Amount, ChainId};

use super::{AddressText, U64};

/// An account as a staker, read from the newest final root block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorView {
    /// The account.
    pub address: AddressText,
    /// Its record; null when it is not registered.
    pub staker: Option<StakerView>,
    /// What it does in committees, now and next.
    pub duties: Vec<DutyView>,
    /// The root height that this is read from.
    pub root_height: U64,
    /// The root epoch of that height.
    pub root_epoch: U64,
    /// Stake of one ticket.
    #[schemars(with = "String")]
    pub ticket: Amount,
    /// All tickets that count now.
    pub all_tickets: U64,
}

/// A staker's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StakerView {
    /// Where it stands, for people.
    pub stage: String,
    /// All its stake, bonded or unbonding.
    #[schemars(with = "String")]
    pub stake: Amount,
    /// Tickets that count in elections that open now.
    pub tickets: U64,
    /// What it earned and did not claim.
    #[schemars(with = "String")]
    pub rewards: Amount,
    /// It wins no election of a root epoch below this; null when it is not in jail.
    pub jailed_until: Option<U64>,
    /// Whether it was convicted and may never stake again.
    pub tombstoned: bool,
    /// The root height at which it quit.
    pub quit_at: Option<U64>,
    /// The root height from which it may withdraw; null before it quit and its terms ended.
    pub free_at: Option<U64>,
    /// The node that serves, hexadecimal.
    pub node: String,
    /// The stake key, hexadecimal.
    pub key: String,
}

/// When a duty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyWhen {
    /// The committee serves.
    Now,
    /// It is elected and waits for the end of the term before.
    Next,
}

/// Seats in one committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DutyView {
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// The term.
    pub epoch: U64,
    /// Now or next.
    pub when: DutyWhen,
    /// Its seats.
    pub seats: u32,
    /// All seats.
    pub of: u32,
    /// Whether it follows the chain, so that the term may begin; always true once it serves.
    pub ready: bool,
    /// The root height from which the term may end, for a committee that serves; null when first
    /// committees serve forever.
    pub until: Option<U64>,
    /// How far the handover to this committee is, while it waits; null once it serves.
    pub handover: Option<HandoverView>,
}

/// How far a committee that waits is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandoverView {
    /// Seats that follow the chain closely.
    pub ready: u32,
    /// Seats that must.
    pub quorum: u32,
    /// Whether all were told that the term before may end.
    pub told: bool,
}

/// A page of the list of stakers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorList {
    /// The root height that this is read from.
    pub root_height: U64,
    /// All stakers.
    pub total: u32,
    /// Pages that there are.
    pub pages: u32,
    /// The stakers of this page, at most 64.
    pub validators: Vec<ValidatorRow>,
}

/// One staker in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorRow {
    /// The account.
    pub address: AddressText,
    /// Where it stands, for people.
    pub stage: String,
    /// All its stake.
    #[schemars(with = "String")]
    pub stake: Amount,
    /// Tickets that count in elections that open now.
    pub tickets: U64,
    /// Committees that it is in.
    pub duties: u32,
}

/// A chain's term and what comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TermView {
    /// The chain.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// The term's number.
    pub epoch: U64,
    /// The root height at which it began.
    pub since: U64,
    /// The root height from which it may end; null when first committees serve forever.
    pub end: Option<U64>,
    /// The root height at which the next election opens, or opened; null as for `end`.
    pub election_at: Option<U64>,
    /// How far the next committee is.
    pub stage: TermStage,
    /// The root height at which the chain was frozen, while it waits for a rescue.
    pub frozen_at: Option<U64>,
    /// Seats of the committee.
    pub seats: u32,
    /// The committee.
    pub members: Vec<MemberView>,
    /// The election under way.
    pub election: Option<ElectionView>,
    /// The committee that waits.
    pub next: Option<NextView>,
}

/// How far the next committee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermStage {
    /// First committees serve forever.
    Fixed,
    /// It is not time yet.
    Serving,
    /// It is being elected.
    Electing,
    /// It is elected and gets ready.
    Elected,
    /// All were told that the term may end.
    Closing,
}

/// A member of a committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberView {
    /// Its node, hexadecimal.
    pub node: String,
    /// Its seats.
    pub seats: u32,
    /// Whose stake answers for it; null for members that genesis named without stake.
    pub staker: Option<AddressText>,
}

/// An election under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ElectionView {
    /// 0 at first.
    pub attempt: u32,
    /// The root height whose seed draws.
    pub opened: U64,
    /// The root height at which the seed became known.
    pub seed_known: Option<U64>,
    /// Stakers that declared themselves.
    pub candidates: u32,
    /// All tickets.
    pub tickets: U64,
}

/// The committee that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextView {
    /// Its term.
    pub epoch: U64,
    /// The root height that recorded it.
    pub elected: U64,
    /// Its seats.
    pub seats: u32,
    /// Seats that must be ready.
    pub quorum: u32,
    /// Seats that are.
    pub ready: u32,
    /// The root height at which all were told that the term before may end.
    pub told: Option<U64>,
    /// Its members.
    pub members: Vec<MemberView>,
}

/// Seeds of the beacon, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedsView {
    /// The root height that this is read from.
    pub root_height: U64,
    /// The beacon runs at root heights that are multiples of this.
    pub every: U64,
    /// Seeds, the newest first; none where no beacon runs or it has not begun.
    pub seeds: Vec<SeedView>,
    /// The keys under which they verify, the newest first.
    pub groups: Vec<GroupView>,
}

/// The beacon's key of a term of the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// The term.
    pub epoch: U64,
    /// The key, hexadecimal.
    pub key: String,
}

/// One seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedView {
    /// Its root height.
    pub height: U64,
    /// The seed, hexadecimal.
    #[schemars(with = "String")]
    pub seed: crypto::Hash,
    /// The group's signature that gives it, hexadecimal.
    pub signature: String,
}

/// What the root would say to a call of the staking account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckView {
    /// Whether it would be accepted, but for gas.
    pub accepted: bool,
    /// Why not, as one stable word.
    pub reason: Option<String>,
    /// Why not, as a sentence.
    pub message: Option<String>,
    /// The staking account, to which calls go.
    pub account: AddressText,
    /// Gas that is enough where the call is executed.
    pub gas: U64,
}
