//! Gas that goes with what code sends. A test of the virtual machine compares it with the chain's.

/// Gas of a call that does not say, or half of what is left if that is less: enough for code that
/// touches a dozen slots and sends a message or two. [K6]
pub const CALL: u64 = 1_000_000;
/// Gas that a handler of an answer gets when its call does not say, reply, bounce and time-out
/// alike; `env::gas_left` tells it how much remains.
pub const HANDLER: u64 = 500_000;
/// What gas for a handler is counted in.
pub const HANDLER_UNIT: u64 = 1_000;
