//! What contracts can rely on, and what they can't do.

mod bombs;
mod calls;
mod far;
mod gas;
mod refused;
mod same;
mod sdk;
mod support;
mod traps;
