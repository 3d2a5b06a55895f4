//! A deterministic network of machines: virtual time, one seeded source of chance, one thread.
//!
//! The world keeps every node's disk (records with the time at which they become durable), its
//! network (delay, loss, duplication, partitions) and a toy chain, and checks after every effect:
//!
//! * agreement: one final block per height, for ever, across crashes;
//! * every final block is valid;
//! * evidence is accepted by its own check and names Byzantine members only; nobody honest is
//!   penalized.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test file uses its part"
)]

pub mod byzantine;
pub mod chain;
pub mod disk;
pub mod plan;
pub mod random;
pub mod world;
