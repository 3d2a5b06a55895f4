//! `evidence_`: what proves that members of a committee lied.

use consensus::Evidence;
use crypto::{Hash, bls};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::{BlockHash, ChainId, NetworkId, Statement, Vote, VoteKind};

use super::Method;
use crate::evidence::{decode, encode};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Node;
use crate::rpc::view::ConvictionView;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfEvidence {
    /// The id of the network that its signatures are of.
    #[schemars(with = "String")]
    network: NetworkId,
    /// The evidence: borsh, hexadecimal.
    evidence: String,
}

pub(super) fn methods() -> Vec<Method> {
    vec![Method::call(
        "evidence_report",
        "Hands evidence to the root if it convicts somebody, and tells whom; may be repeated until \
         the root has recorded it, which refuses it then as evidence_known",
        20,
        json!({ "network": Hash::new([7; 32]).to_string(), "evidence": encode(&example()) }),
        report,
    )]
}

async fn report(node: Node, params: OfEvidence) -> Result<ConvictionView, RpcError> {
    let invalid = || {
        let message = "evidence: too long, not hexadecimal, or no evidence";
        RpcError::new(Reason::InvalidParams, message)
    };
    let evidence = decode(&params.evidence).ok_or_else(invalid)?;
    let network = node.read(|backend| backend.network().id).await?;
    if network != params.network {
        let message = format!("evidence of network {}, this is {network}", params.network);
        return Err(RpcError::new(Reason::WrongNetwork, message));
    }
    Ok(node.read(move |backend| backend.report(evidence)).await??)
}

/// Two votes that are well formed; whether they convict anybody depends on the network.
fn example() -> Evidence {
    let key = bls::SecretKey::from_seed(&EXAMPLE_SEED);
    let vote = |block| {
        let statement = Statement {
            network: NetworkId(Hash::new([7; 32])),
            chain: ChainId(1),
            epoch: 0,
            round: 9,
            kind: VoteKind::Prepare,
            value: Some(BlockHash(Hash::new([block; 32]))),
        };
        Vote::sign(&statement, 0, &key)
    };
    let (first, second) = (vote(1), vote(2));
    Evidence::Votes { first, second }
}

/// Of the consensus key of chain 1's first member in the devnet of seed 07…07, which nobody runs.
const EXAMPLE_SEED: [u8; 32] = [
    0x67, 0x4d, 0xb7, 0xd8, 0x4a, 0xb0, 0xe4, 0x49, 0xd9, 0x98, 0xa3, 0x83, 0x6b, 0x52, 0xb6, 0xd6,
    0xe6, 0x4c, 0x41, 0xb7, 0x52, 0xa8, 0xd9, 0x3f, 0x1a, 0x68, 0x0d, 0xe7, 0xdc, 0xfc, 0x52, 0xcb,
];
