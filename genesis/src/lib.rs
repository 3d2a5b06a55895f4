//! The chain spec, its safety checks, the first state of every chain, and presets.
//!
//! ```text
//! file ── ChainSpec::load ──► ChainSpec ── network_id ──► NetworkId, in everything signed
//!                                │
//!                                ├── safety::check ──► Report: refused, warned, risks
//!                                ├── committee ──► Committee of epoch 0
//!                                └── first_block ──► State and Header of height 0
//! preset::devnet ──► ChainSpec and its Secrets
//! ```
//!
//! # Rules
//!
//! * **[S1]** Everything that two nodes must agree on before the first block is in the spec, and
//!   the network's id is the hash of the spec. So nodes of different specs share no signature, no
//!   first block and no message. The hash covers the canonical form: chains and accounts
//!   ascending, so the order in the file does not matter; members keep theirs, as bitmaps count
//!   by it.
//! * **[S2]** All numbers are integers. Probabilities are exact fractions of big integers, so the
//!   same spec gets the same answer on every machine.
//! * **[S3]** A committee fails when more than f = ⌊(n-1)/3⌋ of its n seats are Byzantine. Seats
//!   are drawn from N tickets of which λN are Byzantine: the tail of the hypergeometric
//!   distribution (Thinkey, equation 6.1). Over m chains with E elections each, the union bound
//!   (6.2) holds when every chain's m·E·Pr stays within the target: the sum over m chains then
//!   does as well.
//! * **[S4]** A key is aggregated only after its proof of possession held; the spec is where
//!   genesis keys enter, so [`safety::check`] is where this is checked.
//! * **[S5]** What a public network must not have is refused, and a devnet is warned of it. What
//!   can't work on any network is refused on both.
//! * **[S6]** Minting happens at genesis only: the first ledger of a chain has
//!   minted = held = the sum of its balances, which fits a `u128` over all chains together. So no
//!   sum of honest balances overflows later.
//! * **[S7]** A first header's parent is the network's id: chains of different networks have
//!   different blocks from height 0 on, though their states may be equal. It cites no root
//!   block, since the root's own first state may hold what the others' first blocks are.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod failure;
pub mod first_state;
mod natural;
pub mod preset;
pub mod safety;
pub mod spec;

pub use failure::{Draw, Probability, fewest_seats};
pub use first_state::{FirstBlock, FirstBlockError, first_block};
pub use preset::{
    AccountSecret, Secrets, ValidatorSecret, devnet, devnet_for_rehearsal, devnet_with_terms,
};
pub use safety::{Finding, Problem, Report, Risk, Severity, Size, check, sizes};
pub use spec::{
    AccountEntry, Anchoring, Beacon, BlockLimits, ChainEntry, ChainSpec, MemberEntry, NetworkKind,
    Security, ShareKey, SpecError, StakerEntry, Staking, Terms, Timing,
};
