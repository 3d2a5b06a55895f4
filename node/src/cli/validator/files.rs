//! The files of a validator: one public, the others secret.
//!
//! ```text
//! DIR/validator.json   public: what registers it
//!     stake.json       encrypted: seed of the stake key
//!     ratchet.json     encrypted: seed of the keys of later terms
//!     node.seed        64 hexadecimal digits, as `node.toml` wants them: the transport's key
//! ```

use std::path::Path;

use crypto::bls::{PublicKey, SecretKey};
use root_chain::staking::Registration;
use serde::{Deserialize, Serialize};
use types::NodeId;

use crate::cli::proof::file_failure;
use crate::exit::Failure;

/// The public file.
pub(super) const PUBLIC: &str = "validator.json";
/// The stake key's seed.
pub(super) const STAKE: &str = "stake.json";
/// The later keys' seed.
pub(super) const RATCHET: &str = "ratchet.json";
/// The node's seed.
pub(super) const NODE: &str = "node.seed";

const KIND: &str = "thinkey-validator";
/// Bytes of the largest public file that is read.
const FILE_BYTES: u64 = 16 * 1024;

/// What anybody may know of a validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublicFile {
    kind: String,
    /// The node's id.
    pub(super) node: NodeId,
    /// The stake key, hexadecimal.
    pub(super) stake_key: String,
    /// That the stake key's secret is known, hexadecimal.
    possession: String,
}

impl PublicFile {
    /// The file of a stake key and a node.
    pub(super) fn of(stake: &SecretKey, node: NodeId) -> Self {
        let possession = borsh::to_vec(&stake.prove_possession()).unwrap_or_default();
        Self {
            kind: KIND.to_owned(),
            node,
            stake_key: hex::encode(stake.public().to_bytes()),
            possession: hex::encode(possession),
        }
    }

    /// Reads the file in a validator's folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        use std::io::Read;
        let path = folder.join(PUBLIC);
        let opened = std::fs::File::open(&path);
        let file = opened.map_err(|error| file_failure("open", &path, &error))?;
        let mut text = String::new();
        let read = file.take(FILE_BYTES).read_to_string(&mut text);
        read.map_err(|error| file_failure("read", &path, &error))?;
        let file = serde_json::from_str(&text).ok();
        let file = file.filter(|file: &Self| file.kind == KIND);
        file.ok_or_else(|| damaged(&path))
    }

    /// What registers it; checks the proof, so that a damaged file costs no gas.
    pub(super) fn registration(&self, folder: &Path) -> Result<Registration, Failure> {
        let decoded = || {
            let mut key = [0; 96];
            hex::decode_to_slice(&self.stake_key, &mut key).ok()?;
            let possession = hex::decode(&self.possession).ok()?;
            let possession = borsh::from_slice(&possession).ok()?;
            let public = PublicKey::from_bytes(&key).ok()?;
            public.verify_possession(&possession).ok()?;
            let node = self.node;
            Some(Registration {
                key,
                possession,
                node,
            })
        };
        decoded().ok_or_else(|| damaged(&folder.join(PUBLIC)))
    }
}

fn damaged(path: &Path) -> Failure {
    let message = format!(
        "{} is no validator's public file, or damaged",
        path.display()
    );
    let hint = "`thinkey validator keygen --offline --out DIR` makes one";
    Failure::new("not_a_validator", message, hint)
}
