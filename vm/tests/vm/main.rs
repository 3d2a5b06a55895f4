//! What contracts can rely on, and what they can't do.

mod bombs;
mod calls;
mod refused;
mod support;
mod traps;
