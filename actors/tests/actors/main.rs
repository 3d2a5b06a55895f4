//! The account model from outside: what the paper shows, what the rules promise, what liars try.

mod bounds;
mod budget;
mod common;
mod contracts;
mod crowd;
mod failure;
mod figure_8;
mod lanes;
mod net;
mod order;
mod payment;
mod puppet;
mod puppets;
mod replies;
mod system;
mod workload;
