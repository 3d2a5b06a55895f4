//! `account_`: accounts.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::{AccountId, Address, limits};

use super::Method;
use crate::rpc::backend::{Backend, Question};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Node;
use crate::rpc::view::{AccountView, AddressText, CodeView, U64, ViewAnswer};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfAccount {
    /// The account's address on this network.
    address: AddressText,
}

/// A question to an account's code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfView {
    /// The account's address on this network.
    address: AddressText,
    /// The method's name.
    method: String,
    /// The method's encoded arguments, hexadecimal; none without it.
    #[serde(default)]
    data: String,
    /// Gas that the code may use; without it, and at most, what a message may use.
    #[serde(default)]
    gas: Option<U64>,
}

pub(super) fn methods() -> Vec<Method> {
    // System account 0 of the root: an address on every network of the example's name.
    let example = Address::new("thinkeydev", AccountId::default()).to_string();
    vec![
        Method::call(
            "account_get",
            "An account: home chain, balance, nonce, the nonce to use next, and at which height",
            1,
            json!({ "address": example }),
            get,
        ),
        Method::call(
            "account_code",
            "The code of an account: its hash, its owner, and how it describes its methods",
            3,
            json!({ "address": example }),
            code,
        ),
        Method::call(
            "account_view",
            "Asks an account's code in the newest committed state; changes nothing, costs nothing",
            20,
            json!({ "address": example, "method": "balance", "data": "", "gas": "1000000" }),
            view,
        ),
    ]
}

async fn get(node: Node, params: OfAccount) -> Result<AccountView, RpcError> {
    let AddressText(address) = params.address;
    let read = node.read(move |backend| {
        check_network(backend, &address)?;
        Ok(backend.account(address.account)?)
    });
    read.await?
}

async fn code(node: Node, params: OfAccount) -> Result<CodeView, RpcError> {
    let AddressText(address) = params.address;
    let read = node.read(move |backend| {
        check_network(backend, &address)?;
        Ok(backend.code(address.account)?)
    });
    read.await?
}

async fn view(node: Node, params: OfView) -> Result<ViewAnswer, RpcError> {
    let AddressText(address) = params.address;
    let invalid = |message| RpcError::new(Reason::InvalidParams, message);
    if params.method.len() > limits::METHOD_NAME {
        return Err(invalid("method: longer than any method's name"));
    }
    if params.data.len() > 2 * limits::MESSAGE_DATA {
        return Err(invalid("data: longer than any message's"));
    }
    let question = Question {
        method: params.method,
        data: hex::decode(params.data).map_err(|_| invalid("data: not hexadecimal"))?,
        gas: params.gas.map_or(u64::MAX, |gas| gas.0),
    };
    let read = node.read(move |backend| {
        check_network(backend, &address)?;
        Ok(backend.view(address.account, question)?)
    });
    read.await?
}

fn check_network(backend: &dyn Backend, address: &Address) -> Result<(), RpcError> {
    let network = backend.network().name;
    if network == address.network {
        return Ok(());
    }
    let message = format!("{address} is not of network \"{network}\"");
    Err(RpcError::new(Reason::WrongNetwork, message))
}
