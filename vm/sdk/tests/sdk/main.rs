//! What the attributes make of a contract, run in a mock world.

mod codec;
mod payment;
mod storage;
mod upgrade;
