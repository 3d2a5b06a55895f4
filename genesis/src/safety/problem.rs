//! The problems that a spec can have.

use types::{Amount, ChainId, NodeId};

use crate::failure::Probability;
use crate::spec::SpecError;

/// `security.target` at most: 10^-100 is less than anybody asks for.
pub(super) const MAX_TARGET: u32 = 100;

/// What is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The spec has no meaning.
    #[error("{0}")]
    Form(SpecError),
    /// The key is not known to be the member's own, so it could cancel others out. [S4]
    #[error(
        "chains, id {chain}, member {member}, possession: it does not prove the key; make it with \
         the key's secret"
    )]
    Possession {
        /// The chain.
        chain: ChainId,
        /// The member's number.
        member: usize,
    },
    /// A consensus key on two seats.
    #[error(
        "chains, id {chain}, member {member}, key: it is on chain {first} already; generate a key \
         for each seat"
    )]
    RepeatedKey {
        /// The chain.
        chain: ChainId,
        /// The member's number.
        member: usize,
        /// Where it is already.
        first: ChainId,
    },
    /// A node that is two members of one committee.
    #[error(
        "chains, id {chain}, member {member}: node {node} is a member already; give it more seats \
         instead"
    )]
    RepeatedNode {
        /// The chain.
        chain: ChainId,
        /// The member's number.
        member: usize,
        /// The node.
        node: NodeId,
    },
    /// A node in two committees: one failure hits both.
    #[error("chains: node {node} is a member of chain {first} and of chain {chain}; use two nodes")]
    SharedNode {
        /// The node.
        node: NodeId,
        /// Where it is already.
        first: ChainId,
        /// Where it is as well.
        chain: ChainId,
    },
    /// A wait of no time.
    #[error("timing.{field}: it must be above 0")]
    ZeroTiming {
        /// The field.
        field: &'static str,
    },
    /// Δ can't start above its maximum.
    #[error("timing.delta_max_ms: {max} is below delta_ms {delta}; raise it")]
    DeltaOrder {
        /// Δ at first.
        delta: u64,
        /// Δ at most.
        max: u64,
    },
    /// A healthy chain would count as standing still.
    #[error(
        "timing.standstill_ms: {standstill} must be above 4·delta_ms + execution_ms = {needed}; \
         raise it"
    )]
    Standstill {
        /// What it is.
        standstill: u64,
        /// What it must exceed.
        needed: u64,
    },
    /// A number outside its bounds.
    #[error("{field}: {value} must be from {least} to {most}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// What it is.
        value: u64,
        /// The least allowed.
        least: u64,
        /// The most allowed.
        most: u64,
    },
    /// Work that costs nothing is an invitation to flood.
    #[error("limits.gas_price: it is 0, so blocks can be filled for nothing; set 1 or more")]
    FreeGas,
    /// No draws or an absurd target.
    #[error("security: elections must be 1 or more and target at most 100")]
    Security,
    /// Nothing can be drawn like that.
    #[error(
        "security: {seats} seats of chain {chain} can't be drawn; tickets must be from the seats \
         to 2^32, adversary_permille at most 1000"
    )]
    Draw {
        /// The chain.
        chain: ChainId,
        /// Its seats.
        seats: u64,
    },
    /// The committee is too small. [S3]
    #[error(
        "chains, id {chain}: committees of {seats} seats fail with up to {ever}, more than \
         10^-{target}; give it more seats"
    )]
    Risky {
        /// The chain.
        chain: ChainId,
        /// Its seats.
        seats: u64,
        /// m·E·Pr[A].
        ever: Box<Probability>,
        /// k of the target 10^-k.
        target: u32,
    },
    /// Terms of which one kind ends and the other does not.
    #[error("terms: chain_epoch and root_epoch must both be 0 or both be above 0")]
    HalfFixed,
    /// A public network whose committees nobody can follow.
    #[error("terms: both epochs are 0, so the committees of genesis serve forever; set them")]
    FixedCommittees,
    /// The root may have no honest leader for as long as the window lasts.
    #[error(
        "terms.{field}: {value} is below 2f + 2 = {needed} for the root's seats, so liars who lead \
         could keep everybody out; raise it"
    )]
    ShortWindow {
        /// The field.
        field: &'static str,
        /// What it is.
        value: u64,
        /// What it must be at least.
        needed: u64,
    },
    /// What must happen before the end of a term does not fit.
    #[error("terms.{field}: {value} must be above {needed}, the sum of {what}; raise it")]
    ShortTerm {
        /// The field.
        field: &'static str,
        /// What it is.
        value: u64,
        /// What it must exceed.
        needed: u64,
        /// What has to fit.
        what: &'static str,
    },
    /// An idle chain would count as stalled.
    #[error(
        "terms.stall: {stall} root heights of delta_ms each are less than two heartbeats of \
         {heartbeat} ms; raise it, or lower timing.heartbeat_ms"
    )]
    IdleStall {
        /// The stall, in root heights.
        stall: u64,
        /// A heartbeat in milliseconds.
        heartbeat: u64,
    },
    /// Whoever wrote the spec would know who is drawn.
    #[error(
        "beacon.insecure_dealer_seed: whoever reads it knows every seed beforehand; remove it and \
         give share_keys"
    )]
    InsecureDealer,
    /// The first root committee can't generate its key.
    #[error(
        "beacon.share_keys: {found} keys for the {members} members of the root's first committee; \
         give one for each, in their order"
    )]
    ShareKeys {
        /// Keys found.
        found: usize,
        /// Members.
        members: usize,
    },
    /// The key for shares is not known to be the member's own. [S4]
    #[error(
        "beacon.share_keys, {member}: it does not prove the key; make it with the key's secret"
    )]
    ShareKeyPossession {
        /// The member's number.
        member: usize,
    },
    /// Offenders could be gone before evidence about them counts no more.
    #[error(
        "staking.unbonding: {unbonding} is below {needed} = evidence_window {evidence} + longest \
         term {term} + terms.rescue {rescue} + margin {margin}, so offenders could withdraw in \
         time; raise it"
    )]
    Unbonding {
        /// U.
        unbonding: u64,
        /// The sum.
        needed: u64,
        /// The evidence window.
        evidence: u64,
        /// The longest term.
        term: u64,
        /// The rescue window.
        rescue: u64,
        /// The margin until a report is recorded.
        margin: u64,
    },
    /// Evidence about a committee that the root has forgotten counts for nothing.
    #[error(
        "terms.kept: {kept} is below {needed}, the sum of the longest lead, the longest term and \
         staking.evidence_window; raise it"
    )]
    Forgotten {
        /// How long committees are remembered.
        kept: u64,
        /// How long they must be.
        needed: u64,
    },
    /// The stake key is not known to be the staker's own. [S4]
    #[error(
        "staking.stakers, {staker}, possession: it does not prove the key; make it with the key's \
         secret"
    )]
    StakerPossession {
        /// The staker's number.
        staker: usize,
    },
    /// An account or a stake key twice.
    #[error("staking.stakers, {staker}: its account or key is there already; each stakes once")]
    RepeatedStaker {
        /// The staker's number.
        staker: usize,
    },
    /// Too little for a ticket.
    #[error("staking.stakers, {staker}, stake: {stake} is below the {ticket} of one ticket")]
    SmallStake {
        /// The staker's number.
        staker: usize,
        /// Its stake.
        stake: Amount,
        /// What one ticket takes.
        ticket: Amount,
    },
}
