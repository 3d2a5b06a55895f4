//! The node from outside: its RPC server, its command line, its proof files.

mod fake;
mod fixture;
mod proof;
