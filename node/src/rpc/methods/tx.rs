//! `tx_`: external messages.

use borsh::BorshDeserialize;
use crypto::{Hash, ed25519};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::{AccountId, Amount, ExternalCall, ExternalMessage, Gas, Input, NetworkId, limits};

use super::Method;
use crate::rpc::early;
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Node;
use crate::rpc::view::Submitted;

/// Hexadecimal digits of the largest external message: its data, and some for the rest.
const LONGEST: usize = 2 * (limits::MESSAGE_DATA + 1_024);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfSubmission {
    /// The id of the network that the message is signed for.
    #[schemars(with = "String")]
    network: NetworkId,
    /// The signed message: borsh, hexadecimal.
    message: String,
    /// Seats that are to make it early: the message is refused if its chain has no such number.
    #[serde(default)]
    early_seats: Option<u32>,
}

pub(super) fn methods() -> Vec<Method> {
    vec![Method::call(
        "tx_submit",
        "Hands in a signed external message; answers its id, with which to ask for its trace",
        2,
        json!({ "network": Hash::new([7; 32]).to_string(), "message": example() }),
        submit,
    )]
}

async fn submit(node: Node, params: OfSubmission) -> Result<Submitted, RpcError> {
    let message = decode(&params.message)?;
    let network = node.read(|backend| backend.network()).await?;
    if network.id != params.network {
        let (theirs, ours) = (params.network, network.id);
        let message = format!("signed for network {theirs}, this is {ours}");
        return Err(RpcError::new(Reason::WrongNetwork, message));
    }
    if let (Some(seats), Some(routing)) = (params.early_seats, network.routing()) {
        let home = routing.home(&message.call.from);
        let checked = node.read(move |backend| early::check(backend, home, seats));
        checked.await??;
    }
    let id = node.backend.submit(message).await?;
    Ok(Submitted { id })
}

fn decode(text: &str) -> Result<ExternalMessage, RpcError> {
    let invalid = |message| RpcError::new(Reason::InvalidParams, message);
    if text.len() > LONGEST {
        return Err(invalid("message: longer than any external message"));
    }
    let bytes = hex::decode(text).map_err(|_| invalid("message: not hexadecimal"))?;
    ExternalMessage::try_from_slice(&bytes).map_err(|_| invalid("message: not a signed message"))
}

/// A message that is well formed; whether it is accepted depends on the network.
fn example() -> String {
    let key = ed25519::SecretKey::from_seed([1; 32]);
    let call = ExternalCall {
        from: AccountId::of_key(&key.public()),
        to: AccountId::default(),
        nonce: 0,
        value: Amount(1),
        gas: Gas::default(),
        expiry: 100,
        input: Input::Transfer,
    };
    let message = call.sign(NetworkId(Hash::new([7; 32])), &key);
    hex::encode(borsh::to_vec(&message).unwrap_or_default())
}
