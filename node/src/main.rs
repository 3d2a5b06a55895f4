//! The `thinkey` binary.

fn main() {}
