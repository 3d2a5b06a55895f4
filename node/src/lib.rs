//! The `thinkey` binary as a library.

pub mod client;
pub mod keystore;
pub mod proof;
pub mod rpc;
