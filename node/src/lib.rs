//! The `thinkey` binary as a library.

pub mod proof;
pub mod rpc;
