//! The table of all methods. [R1]

use schemars::JsonSchema;
use serde::Deserialize;
use types::MessageId;

use super::method::{Action, Method, NoParams};

mod account;
mod chain;
mod evidence;
mod proof;
mod root;
mod trace;
mod tx;
mod validator;

pub(super) use chain::OfHeads;

/// A message, and how many seats make it early.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfTrace {
    /// The message, 64 hexadecimal digits.
    #[schemars(with = "String")]
    pub(in crate::rpc) id: MessageId,
    /// Seats of the committee of the message's chain that must have prepared its block for level
    /// "early": from the quorum to all seats. Without it n − ⌊f/2⌋ of n, where f = ⌊(n−1)/3⌋.
    #[serde(default)]
    pub(in crate::rpc) early_seats: Option<u32>,
}

/// Ends a subscription.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSubscription {
    /// What the subscribing call answered.
    pub(super) subscription: String,
}

/// A message's id in examples.
const EXAMPLE_ID: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// The table, sorted by name.
pub(super) fn table() -> Vec<Method> {
    let discover = Method::of::<NoParams, serde_json::Value>(
        "rpc.discover",
        "This document: every method with its parameters, result, errors and an example",
        5,
        serde_json::json!({}),
        Action::Discover,
    );
    let mut table: Vec<_> = std::iter::once(discover)
        .chain(root::methods())
        .chain(chain::methods())
        .chain(account::methods())
        .chain(tx::methods())
        .chain(trace::methods())
        .chain(proof::methods())
        .chain(validator::methods())
        .chain(evidence::methods())
        .collect();
    table.sort_by_key(|method| method.name);
    table
}
