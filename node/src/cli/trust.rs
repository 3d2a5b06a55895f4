//! What a reader believes: a genesis file, and a checkpoint that is young enough.

use std::path::{Path, PathBuf};

use ::genesis::{ChainSpec, NetworkKind};
use clap::Args;
use light::{Checkpoint, Trust};
use types::{ChainId, Height, Time};

use super::proof::file_failure;
use crate::exit::Failure;

/// Bytes of the largest checkpoint that is read.
const CHECKPOINT_BYTES: u64 = 4 << 20;

/// What to believe before anything is checked.
#[derive(Clone, Debug, Args)]
pub(super) struct TrustArgs {
    /// The genesis file of the network.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// Where to start: a file of `thinkey checkpoint`, or "genesis".
    #[arg(long, value_name = "FILE", default_value = "genesis")]
    pub checkpoint: Start,
    /// The root's height at present, from whoever you believe: a checkpoint as far below it as
    /// unbonding takes is refused. Without it a public network's root is taken to make a block
    /// every Δ since the checkpoint; on a devnet only the heights in the file count.
    #[arg(long, value_name = "HEIGHT")]
    pub now: Option<Height>,
    /// Believe the checkpoint however old it is: only if you know by other means that it is true.
    #[arg(long)]
    pub unsafe_any_age: bool,
}

/// Where a line starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The first block of the root.
    Genesis,
    /// A checkpoint file.
    File(PathBuf),
}

impl std::str::FromStr for Start {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "genesis" => Self::Genesis,
            path => Self::File(path.into()),
        })
    }
}

impl TrustArgs {
    /// Reads the files.
    pub(super) fn load(&self) -> Result<Trust, Failure> {
        let spec = ChainSpec::load(&self.genesis)?;
        let checkpoint = match &self.checkpoint {
            Start::Genesis => first(&spec)?,
            Start::File(path) => read_of(path, &spec)?,
        };
        // Where committees are fixed, stake that stands behind them never unbonds. [L4]
        let bounded = !spec.terms.is_fixed() && !self.unsafe_any_age;
        Ok(Trust {
            now: self.now.unwrap_or_else(|| latest(&checkpoint, &spec)),
            unbonding: bounded.then_some(spec.staking.unbonding),
            checkpoint,
        })
    }
}

/// The root's first block and committee, as the genesis file gives them.
fn first(spec: &ChainSpec) -> Result<Checkpoint, Failure> {
    let hint = "use the genesis file that the network was started with";
    let network = assembly::Network::new(spec.clone());
    let network = network.map_err(|error| Failure::new("genesis", error, hint))?;
    let root = network.first(ChainId::ROOT);
    let committee = network.committee(ChainId::ROOT);
    let (Some(root), Some(committee)) = (root, committee) else {
        return Err(Failure::new("genesis", "the network has no root", hint));
    };
    Ok(Checkpoint {
        network: network.id(),
        root: root.header.clone(),
        committee: committee.clone(),
    })
}

/// A checkpoint of the genesis file's network.
fn read_of(path: &Path, spec: &ChainSpec) -> Result<Checkpoint, Failure> {
    let checkpoint = read(path)?;
    if checkpoint.network != spec.network_id() {
        let message = format!("{} is of another network", path.display());
        let hint = "use the genesis file of its network";
        return Err(Failure::new("wrong_network", message, hint));
    }
    Ok(checkpoint)
}

/// Reads a checkpoint file.
pub(super) fn read(path: &Path) -> Result<Checkpoint, Failure> {
    let size = std::fs::metadata(path).map_err(|error| file_failure("open", path, &error))?;
    let hint = "use a file of thinkey checkpoint";
    if size.len() > CHECKPOINT_BYTES {
        let message = format!("{} is too large for a checkpoint", path.display());
        return Err(Failure::new("checkpoint", message, hint));
    }
    let text = std::fs::read_to_string(path).map_err(|error| file_failure("read", path, &error))?;
    parse(&text).map_err(|why| {
        let message = format!("{} is no checkpoint: {why}", path.display());
        Failure::new("checkpoint", message, hint)
    })
}

/// Reads a checkpoint's text.
pub(super) fn parse(text: &str) -> eyre::Result<Checkpoint> {
    let checkpoint: Checkpoint = serde_json::from_str(text)?;
    checkpoint.check()?;
    Ok(checkpoint)
}

/// The highest that the root may be by this machine's clock. A devnet's delays are a machine's and
/// say nothing about its root, and nothing of worth is on it: there only what is shown counts.
fn latest(checkpoint: &Checkpoint, spec: &ChainSpec) -> Height {
    match spec.kind {
        NetworkKind::Devnet => 0,
        NetworkKind::Public => checkpoint.highest_at(wall_clock(), spec.timing.delta_ms),
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a command line asks what time it is"
)]
fn wall_clock() -> Time {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
