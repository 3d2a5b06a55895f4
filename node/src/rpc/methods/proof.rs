//! `proof_`: proofs that need no node.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::MessageId;

use super::{EXAMPLE_ID, Method};
use crate::rpc::view::{ProofView, U64};

/// A message, and where the reader's checkpoint is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfProof {
    /// The message, 64 hexadecimal digits.
    #[schemars(with = "String")]
    id: MessageId,
    /// The root height of the checkpoint that the proof starts from; 0, which is genesis, without
    /// it.
    #[serde(default)]
    from: Option<U64>,
}

pub(super) fn methods() -> Vec<Method> {
    vec![Method::call(
        "proof_get",
        "A proof file of what became of a message; `thinkey verify` checks it without a node",
        20,
        json!({ "id": EXAMPLE_ID }),
        |node, params: OfProof| async move {
            let proof = node
                .backend
                .prove(params.id, params.from.unwrap_or_default().0)
                .await?;
            Ok(ProofView {
                id: params.id,
                file: hex::encode(proof.encode()),
            })
        },
    )]
}
