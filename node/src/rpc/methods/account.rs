//! `account_`: accounts.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::{AccountId, Address};

use super::Method;
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Node;
use crate::rpc::view::{AccountView, AddressText};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfAccount {
    /// The account's address on this network.
    address: AddressText,
}

pub(super) fn methods() -> Vec<Method> {
    // System account 0 of the root: an address on every network of the example's name.
    let example = Address::new("thinkeydev", AccountId::default()).to_string();
    vec![Method::call(
        "account_get",
        "An account: home chain, balance, nonce, the nonce to use next, and at which height",
        1,
        json!({ "address": example }),
        get,
    )]
}

async fn get(node: Node, params: OfAccount) -> Result<AccountView, RpcError> {
    let AddressText(address) = params.address;
    let read = node.read(move |backend| {
        let network = backend.network().name;
        if network != address.network {
            let message = format!("{address} is not of network \"{network}\"");
            return Err(RpcError::new(Reason::WrongNetwork, message));
        }
        Ok(backend.account(address.account)?)
    });
    read.await?
}
