//! Whole networks from outside, as people and scripts use them: the program `thinkey` is started,
//! used, stopped, killed and started again.
//!
//! `cargo nextest run -p thinkey-node --test e2e` runs them all; the program is built with them.
//! Each test has a network of its own in a temporary directory, on ports that the system picks,
//! and every wait has an end.
#![allow(
    clippy::disallowed_methods,
    reason = "waits for processes, by the clock of the wall"
)]

mod bad_data;
mod bad_input;
mod contract;
mod crash;
mod devnet;
mod early;
mod evidence;
mod idle;
mod light;
mod logs;
mod newcomer;
mod processes;
mod refunded;
mod rehearse;
mod restart;
mod run;
mod twins;
mod validator;
