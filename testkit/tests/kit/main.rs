//! What authors of contracts can do with a world, and that it shows what chains do.

mod counter;
mod faults;
mod reports;
mod traces;
mod upgrades;
mod worlds;
