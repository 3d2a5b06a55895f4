//! The node from outside: its RPC server, its command line, its proof files.

mod abuse;
mod cli;
mod evidence;
mod fake;
mod fixture;
mod late;
mod proof;
mod rpc;
