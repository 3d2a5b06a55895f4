//! The whole network in one thread and virtual time: a seed gives the same run, bit for bit.
//!
//! ```text
//!  seed ─▶ Plan: weather, partitions, crashes, traitors ─────────────┐
//!                                                                    ▼
//!  users ─▶ events (time, number) ─▶ node: Chain + Journal ──▶ effects ──▶ traitor ──▶ network
//!              ▲                       │ SimDisk, FaultyDb                                │
//!              └───────────────────────┼──────────────── late, twice, never ◀─────────────┘
//!                                      ▼
//!                        oracle: I1 … I11 ─▶ Report
//! ```
//!
//! A simulated node runs the machines of the real one, from the same assembly, over a shell that
//! does what the real one does: effects in order, nothing leaves before what was written is
//! durable. Every node follows the root; members hold a seat on their chain; one observer without
//! a seat follows all chains, and the oracle reads what the observer holds final.
//!
//! # A run
//!
//! 1. Until the network heals: loss, delay, duplicates, partitions (symmetric, one-way, bridge;
//!    with terms not as long as the root takes to freeze and replace a committee that is cut off),
//!    crashes between inputs and in the middle of writes, whole committees down, full and broken
//!    disks, clocks apart, up to f Byzantine members in each committee.
//! 2. After that only the Byzantine members are left. All that honest users asked for must be
//!    done, all relay messages settled, all honest nodes at one tip, within a bound.
//!
//! # Rules
//!
//! * **[X1]** All chance comes from streams that follow from the seed; nothing else decides.
//! * **[X2]** What a crash keeps of unsynced writes is chance; what was synced stays.
//! * **[X3]** The oracle computes balances, fees, lanes and nonces itself. It shares no code with
//!   what it judges, only the types of what it reads.
//! * **[X4]** A violation names the seed; the seed is the reproduction.
//! * **[X5]** The calls that one run of a puppet sends set the same gas aside for their handlers:
//!   the oracle sees the sum in what comes back, and so knows each.
//!
//! # What is checked
//!
//! | | |
//! |---|---|
//! | I1 | one final block per height, the one that was early, on the one below, on all nodes |
//! | I2 | final blocks execute, also with cold caches and other threads; an own ledger agrees |
//! | I3 | held + burned + in flight = minted, per chain and in all, drift 0 |
//! | I4 | every message consumed once, nonce used once, failure and call answered once |
//! | I5 | what is taken on a lane left there, in that order, recorded by the root before |
//! | I6 | what the root records of a chain are its final blocks, ascending |
//! | I7 | no honest node signs what convicts it, none is blamed or slashed, whatever crashed |
//! | I8 | what was reported final is final after every crash |
//! | I9 | once the network is well, everything comes to rest within a bound |
//! | I10 | queues within bounds, machines don't spin |
//! | I11 | one seed per root height, the group's, and nobody's before the height is final |
//!
//! # Code
//!
//! In three of ten seeds users also deploy code, change it and call it: puppets, which do what a
//! message tells them (`vm/contracts/puppet`). So messages run back and forth between chains until
//! their gas ends, fan out by 64, pile up on one account, fail in storms, come too late. Code is
//! upgraded and becomes other code while answers are on their way, accounts are created, storage
//! is written until nothing is left for its deposit.
//!
//! The oracle does not know what a puppet was told. From receipts and outputs it computes where
//! each unit of gas went, what is set aside for handlers and which of them wait, and compares that
//! with what the account stores. What failed must have changed nothing, and a puppet's own count
//! of its runs must be the oracle's.
//!
//! # Terms
//!
//! With terms the beacon draws who serves, so it also draws where traitors sit. One or two stakers
//! are traitors in most seeds. What they do follows their duty: each chain and term has a seat and
//! a key of its own. A committee into which more of them are drawn than it can bear promises
//! nothing, so there, and only in its name, they do what a Byzantine node also may: behave. What
//! nodes see of each other's lies their duties report, and the root slashes for it.
//!
//! In some seeds more than f seats of a transaction chain's committee stop for good: the root must
//! replace it, and what was final stays so. Only what was early above the rescued block is void.
//! In others a quorum of such a committee certifies a second block at a recorded height: the chain
//! is frozen and goes on under others, nobody acts on the second block, and those who signed both
//! lose all stake. In some the beacon's first key is generated, with no dealer to trust. In some no
//! share of a seed leaves its node for a while: blocks go on, elections wait, and the seeds that
//! were due come afterwards, or the root's term ends first and the next group goes on from what
//! its members drew. In some newcomers register with the root and one staker quits, and the
//! run goes on for so many terms that newcomers may be drawn.

mod byzantine;
mod dice;
mod events;
mod invariants;
mod log;
mod modules;
mod network;
mod node;
mod options;
mod plan;
mod report;
mod run;
mod setup;
mod wire;
mod workload;
mod world;

pub use byzantine::{LIARS, NAMES as FAULTS};
pub use options::Options;
pub use report::{Counters, Failing, Report, Summary, Violation, replay};
pub use run::{run, run_many};
