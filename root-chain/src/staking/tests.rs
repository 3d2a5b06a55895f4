//! Staking as users and the root's system see it.

mod duties;
mod life;
mod list;
mod money;
mod refusals;
