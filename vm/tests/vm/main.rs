//! What contracts can rely on, and what they can't do.

mod calls;
mod support;
mod traps;
