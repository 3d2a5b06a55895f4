//! `node.toml`: what an operator says of one node. Unknown keys are refused.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::rpc::RpcConfig;

/// A node's configuration. Paths are relative to the file's folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// The genesis file of the network.
    pub genesis: PathBuf,
    /// Where the node keeps its data.
    pub data_dir: PathBuf,
    /// A file with the 64 hexadecimal digits from which the node's transport key is made.
    pub node_seed: PathBuf,
    /// Addresses to listen on, such as `/ip4/127.0.0.1/tcp/9000`.
    pub listen: Vec<String>,
    /// Nodes to connect to; each ends in `/p2p/…`.
    #[serde(default)]
    pub bootstrap: Vec<String>,
    /// Seats in committees.
    #[serde(default)]
    pub seats: Vec<SeatConfig>,
    /// Chains to follow without a seat; the root is followed anyway.
    #[serde(default)]
    pub follow: Vec<u32>,
    /// The RPC server; none when left out. A node that serves RPC follows every chain.
    #[serde(default)]
    pub rpc: Option<RpcConfig>,
}

/// A seat in a committee.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatConfig {
    /// The chain.
    pub chain: u32,
    /// A file with the 64 hexadecimal digits from which the consensus key is made.
    pub key_seed: PathBuf,
}

impl NodeConfig {
    /// Reads a configuration and makes its paths absolute.
    ///
    /// # Errors
    /// A file that can't be read, an unknown key, a value of the wrong kind.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let hint = "give the path of a node.toml with --config";
            Failure::new("config", format!("{}: {error}", path.display()), hint)
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            let hint = "correct the file; `thinkey node --help` names an example";
            Failure::new("config", format!("{}: {error}", path.display()), hint)
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let paths = [
            &mut config.genesis,
            &mut config.data_dir,
            &mut config.node_seed,
        ];
        let seats = config.seats.iter_mut().map(|seat| &mut seat.key_seed);
        for path in paths.into_iter().chain(seats) {
            *path = folder.join(&*path);
        }
        Ok(config)
    }
}
