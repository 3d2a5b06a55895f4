//! Step tables: one input, the effects it has, for each rule.
//!
//! Effects read as in the crate page: `P(1,a)` is a prepare vote sent, `log P(1,a)` is it written.

mod bench;
mod debts;
mod early;
mod finality;
mod leading;
mod memory;
mod proposals;
mod time;
mod votes;
