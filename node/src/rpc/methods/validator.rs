//! `validator_`, `chain_term` and `root_seed`: what the root's state says of stakers and terms.

use root_chain::staking::{Call, When, account_id, method, would_accept};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::{AccountId, Address, Amount, ChainId, limits};

use super::Method;
use crate::rpc::backend::RootReading;
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Node;
use crate::rpc::view::{
    AddressText, CheckView, SeedsView, TermView, U64, ValidatorList, ValidatorView,
};

/// Hexadecimal digits of the longest arguments.
const LONGEST: usize = 1_024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfStaker {
    /// The account that registered, as an address of this network.
    account: AddressText,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfPage {
    /// Which page, from 0; the first without it.
    #[serde(default)]
    page: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfSeeds {
    /// The root height of the first seed that is told; the newest without it.
    #[serde(default)]
    height: Option<U64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfTerm {
    /// The chain; the root is 0.
    #[schemars(with = "u32")]
    chain: ChainId,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfCheck {
    /// The account that would call.
    account: AddressText,
    /// The method: register, add_stake, quit, withdraw or claim_rewards.
    method: String,
    /// The value that would come along.
    #[schemars(with = "String")]
    value: Amount,
    /// The arguments, hexadecimal; none without it.
    #[serde(default)]
    data: String,
}

pub(super) fn methods() -> Vec<Method> {
    // System account 0 of the root: an address on every network of the example's name.
    let example = Address::new("thinkeydev", AccountId::default()).to_string();
    vec![
        Method::call(
            "validator_status",
            "An account as a staker: stake, stage, tickets, duties, rewards, jail, unbonding",
            5,
            json!({ "account": example }),
            status,
        ),
        Method::call(
            "validator_list",
            "The stakers, 64 a page",
            5,
            json!({ "page": 0 }),
            |node, OfPage { page }: OfPage| async move {
                read(node, move |root| Ok(ValidatorList::of(root, page))).await
            },
        ),
        Method::call(
            "validator_check",
            "What the root would say to a call of the staking account now, but for gas",
            5,
            json!({ "account": example, "method": "quit", "value": "0", "data": "" }),
            check,
        ),
        Method::call(
            "chain_term",
            "A chain's term: its committee, the next election, and how ready the next one is",
            5,
            json!({ "chain": 1 }),
            |node, OfTerm { chain }: OfTerm| async move {
                let of = move |root: &RootReading| TermView::of(root, chain);
                let unknown = move || {
                    let message = format!("the root knows no committee of chain {chain}");
                    RpcError::new(Reason::UnknownChain, message)
                };
                read(node, move |root| of(root).ok_or_else(unknown)).await
            },
        ),
        Method::call(
            "root_seed",
            "Seeds of the random beacon, newest first, with the signatures that give them",
            2,
            json!({}),
            |node, OfSeeds { height }: OfSeeds| async move {
                let from = height.map(|height| height.0);
                read(node, move |root| Ok(SeedsView::of(root, from))).await
            },
        ),
    ]
}

/// Reads from the root's newest final state.
async fn read<T: Send + 'static>(
    node: Node,
    of: impl FnOnce(&RootReading) -> Result<T, RpcError> + Send + 'static,
) -> Result<T, RpcError> {
    let reading = node.read(move |backend| {
        let root = backend.root();
        let missing = || RpcError::new(Reason::UnknownChain, "this node follows no root");
        of(&root.ok_or_else(missing)?)
    });
    reading.await?
}

fn of_network(root: &RootReading, address: &Address) -> Result<AccountId, RpcError> {
    if root.network == address.network {
        return Ok(address.account);
    }
    let message = format!("{address} is not of network \"{}\"", root.network);
    Err(RpcError::new(Reason::WrongNetwork, message))
}

async fn status(node: Node, params: OfStaker) -> Result<ValidatorView, RpcError> {
    let AddressText(address) = params.account;
    read(node, move |root| {
        let id = of_network(root, &address)?;
        Ok(ValidatorView::of(root, id))
    })
    .await
}

async fn check(node: Node, params: OfCheck) -> Result<CheckView, RpcError> {
    let invalid = |message| RpcError::new(Reason::InvalidParams, message);
    if params.data.len() > LONGEST {
        return Err(invalid(
            "data: longer than any arguments of the staking account",
        ));
    }
    let data = hex::decode(&params.data).map_err(|_| invalid("data: not hexadecimal"))?;
    let AddressText(address) = params.account;
    let (name, value) = (params.method, params.value);
    read(node, move |root| {
        let call = Call {
            from: of_network(root, &address)?,
            value,
            deadline: root.root_final.saturating_add(limits::DEADLINE_HEIGHTS),
            method: &name,
            data: &data,
        };
        let when = When {
            height: root.height.saturating_add(1),
            cited: root.root_final,
        };
        let said = would_accept(&root.state, &root.staking, when, &call);
        let refused = said.err();
        Ok(CheckView {
            accepted: refused.is_none(),
            reason: refused.map(|error| error.code().to_owned()),
            message: refused.map(|error| error.to_string()),
            account: Address::new(&root.network, account_id()).into(),
            gas: method::GAS.into(),
        })
    })
    .await
}
