//! `node.toml`: what an operator says of one node. Unknown keys are refused.
//!
//! ```text
//!  node.toml ── load ──▶ NodeConfig ── Prepared::of ──▶ secrets and seats ──▶ the node
//!                                            └──▶ `thinkey config check`: all mistakes at once
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::rpc::RpcConfig;
use crate::rpc::view::AddressText;

mod prepared;

pub(crate) use prepared::NO_RATCHET;
pub use prepared::Prepared;

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
    /// Seats in committees of genesis.
    #[serde(default)]
    pub seats: Vec<SeatConfig>,
    /// Chains to follow without a seat; the root is followed anyway.
    #[serde(default)]
    pub follow: Vec<u32>,
    /// Seconds after a start in which a node that has voted before signs nothing new and listens
    /// whether another one signs with its keys. Three heartbeats and two seconds when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_seconds: Option<u64>,
    /// The staker whose duties the node does; none when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staker: Option<StakerConfig>,
    /// The RPC server; none when left out. A node that serves RPC follows every chain.
    #[serde(default)]
    pub rpc: Option<RpcConfig>,
}

/// A seat in a committee of genesis.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatConfig {
    /// The chain.
    pub chain: u32,
    /// A file with the 64 hexadecimal digits from which the consensus key is made.
    pub key_seed: PathBuf,
}

/// A staker: with it a node draws tickets, declares what it won, and serves where it was elected.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakerConfig {
    /// The account that registered, or will: its address.
    pub account: AddressText,
    /// `stake.json`, as `thinkey validator keygen` wrote it.
    pub stake: PathBuf,
    /// `ratchet.json`, as `thinkey validator keygen` wrote it. The first start moves it into the
    /// data directory: from then on there must be no such file.
    pub ratchet: PathBuf,
    /// A file whose first line is the password of both, readable by its owner only.
    pub password_file: PathBuf,
    /// For members of the root's first committee: a file with the 64 hexadecimal digits from which
    /// the key is made that opens its shares in the first key generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_seed: Option<PathBuf>,
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
        for path in config.paths() {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    /// All paths in it.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![&mut self.genesis, &mut self.data_dir, &mut self.node_seed];
        paths.extend(self.seats.iter_mut().map(|seat| &mut seat.key_seed));
        if let Some(staker) = &mut self.staker {
            let StakerConfig {
                stake,
                ratchet,
                password_file,
                share_seed,
                ..
            } = staker;
            paths.extend([stake, ratchet, password_file]);
            paths.extend(share_seed);
        }
        paths
    }
}
