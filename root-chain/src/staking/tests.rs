//! Staking as users and the root's system see it.

mod away;
mod duties;
mod life;
mod list;
mod money;
mod refusals;
