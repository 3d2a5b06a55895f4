//! `proof_`: proofs that need no node.

use serde_json::json;

use super::{EXAMPLE_ID, Method, OfMessage};
use crate::rpc::view::ProofView;

pub(super) fn methods() -> Vec<Method> {
    vec![Method::call(
        "proof_get",
        "A proof file of what became of a message; `thinkey verify` checks it without a node",
        20,
        json!({ "id": EXAMPLE_ID }),
        |node, params: OfMessage| async move {
            let proof = node.backend.prove(params.id).await?;
            Ok(ProofView {
                id: params.id,
                file: hex::encode(proof.encode()),
            })
        },
    )]
}
