//! `thinkey protection`: what a node's keys have signed, on its way to another machine.
//!
//! A key that signs twice for one place is slashed. A node therefore signs only with the log of
//! all that the key signed before; whoever moves a validator moves that log.
//!
//! ```text
//! old machine, stopped for good ── export ──► one file ── import ──► new machine, not yet started
//! ```
//!
//! * **[T1]** Only a data directory that no node runs on is read or written.
//! * **[T2]** A file is imported into its own network only, and every vote in it must be what it
//!   says.
//! * **[T3]** Knowledge only grows: what the directory knows beyond the file stays, and where both
//!   say something of one vote they must say the same, or the key has signed on two machines.
//! * **[T4]** A file that ends before what the key is known to have signed is refused.

use std::path::{Path, PathBuf};

use ::genesis::ChainSpec;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DataDir, DataDirError, VoteLogError};
use types::NetworkId;

use super::Context;
use super::proof::file_failure;
use crate::exit::{Exit, Failure};

mod carry;

/// Bytes of the largest file that is read.
const FILE_BYTES: u64 = 256 << 20;
const KIND: &str = "thinkey-protection";
const VERSION: u16 = 1;

/// Take what a node's keys have signed from one machine to another.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Write what the keys of a stopped node have signed to a file.
    #[command(after_help = "Example:\n  thinkey protection export --data-dir data \
        --genesis genesis.toml --out protection.json\n\n\
        Export after the old node was stopped for good: what it signs later is not in the file.")]
    Export(ExportArgs),
    /// Bring such a file into the data directory of a node that is not running.
    #[command(
        after_help = "Example:\n  thinkey protection import protection.json --data-dir data \
        --genesis genesis.toml"
    )]
    Import(ImportArgs),
}

/// Whose keys.
#[derive(Clone, Debug, Args)]
struct Place {
    /// The node's data directory, as in its `node.toml`; no node may run on it.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// The network's genesis file.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
}

/// Where from and where to.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    place: Place,
    /// The file to write; never written over.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Where from and where to.
#[derive(Clone, Debug, Args)]
pub struct ImportArgs {
    /// What `protection export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// The file: JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectionFile {
    kind: String,
    version: u16,
    network: NetworkId,
    keys: Vec<carry::KeyRecord>,
}

/// Why what keys have signed can't be carried.
#[derive(Debug, thiserror::Error)]
enum CarryError {
    /// The log refuses.
    #[error("chain {chain}: {source}")]
    Log { chain: u32, source: VoteLogError },
    /// A vote is not what the file says of it. [T2]
    #[error("vote {sequence} of chain {chain} in the file is damaged")]
    Vote { chain: u32, sequence: u64 },
    /// [T3]
    #[error(
        "vote {sequence} of chain {chain} is another one here than in the file: the key has signed \
         on two machines. Do not run it again; exit with this validator and make new keys"
    )]
    TwoMachines { chain: u32, sequence: u64 },
    /// Not what `protection export` writes.
    #[error("not a protection file of version 1")]
    Form,
    /// [T2]
    #[error("the file is of network {found}, this is {expected}")]
    OtherNetwork {
        found: NetworkId,
        expected: NetworkId,
    },
}

pub(super) fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Export(args) => export(context, args),
        Command::Import(args) => import(context, args),
    }
}

fn export(context: &Context, args: &ExportArgs) -> Result<Exit, Failure> {
    let network = ChainSpec::load(&args.place.genesis)?.network_id();
    if !args.place.data_dir.is_dir() {
        let message = format!("{} is no directory", args.place.data_dir.display());
        return Err(Failure::new(
            "no_data",
            message,
            "name the data_dir of the node's node.toml",
        ));
    }
    let data = open(&args.place.data_dir, network)?;
    let keys = carry::read(data.path(), network)?;
    let told: Vec<_> = keys.iter().map(carry::KeyRecord::summary).collect();
    let file = ProtectionFile {
        kind: KIND.to_owned(),
        version: VERSION,
        network,
        keys,
    };
    write(&args.out, &serde_json::to_vec(&file).unwrap_or_default())?;
    let result = json!({ "file": args.out, "network": network, "keys": told });
    context.output.result(&result, || {
        format!(
            "wrote what {} keys have signed to {}\n\
             do not start the old node again\n\
             next, on the new machine: thinkey protection import FILE --data-dir DIR \
             --genesis FILE",
            told.len(),
            args.out.display()
        )
    });
    Ok(Exit::Done)
}

fn import(context: &Context, args: &ImportArgs) -> Result<Exit, Failure> {
    let network = ChainSpec::load(&args.place.genesis)?.network_id();
    let file = parse(&args.file)?;
    if file.network != network {
        let (found, expected) = (file.network, network);
        return Err(CarryError::OtherNetwork { found, expected }.into());
    }
    // All of it is checked before anything is written.
    for key in &file.keys {
        key.check()?;
    }
    let data = open(&args.place.data_dir, network)?;
    let plans = file.keys.iter();
    let plans = plans.map(|key| carry::plan(data.path(), network, key));
    let plans = plans.collect::<Result<Vec<_>, _>>()?;
    let told: Vec<_> = plans.iter().map(carry::Plan::summary).collect();
    for plan in plans {
        plan.write()?;
    }
    let result = json!({ "network": network, "keys": told });
    context.output.result(&result, || {
        let dir = args.place.data_dir.display();
        format!(
            "{dir} knows what {} keys have signed; the node may be started",
            told.len()
        )
    });
    Ok(Exit::Done)
}

/// [T1]
fn open(path: &Path, network: NetworkId) -> Result<DataDir, Failure> {
    DataDir::open(path, &network.0).map_err(|error| {
        let (reason, hint) = match &error {
            DataDirError::Locked { .. } => ("data_dir_in_use", "stop the node first"),
            DataDirError::OtherNetwork { .. } => ("wrong_network", "use its own genesis file"),
            _ => ("data_dir", "name the data_dir of the node's node.toml"),
        };
        Failure::new(reason, error, hint)
    })
}

fn parse(path: &Path) -> Result<ProtectionFile, Failure> {
    use std::io::Read;
    let opened = std::fs::File::open(path);
    let file = opened.map_err(|error| file_failure("open", path, &error))?;
    let mut bytes = Vec::new();
    let read = file.take(FILE_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| file_failure("read", path, &error))?;
    let file: Option<ProtectionFile> = serde_json::from_slice(&bytes).ok();
    let file = file.filter(|file| file.kind == KIND && file.version == VERSION);
    file.ok_or_else(|| CarryError::Form.into())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| file_failure("write", path, &error))
}

impl From<CarryError> for Failure {
    fn from(error: CarryError) -> Self {
        let (reason, hint) = match &error {
            CarryError::Log { .. } => ("vote_log", ""),
            CarryError::Vote { .. } => ("damaged", "export it again"),
            CarryError::TwoMachines { .. } => ("two_machines", ""),
            CarryError::Form => (
                "not_a_protection_file",
                "`thinkey protection export` makes one",
            ),
            CarryError::OtherNetwork { .. } => ("wrong_network", "use the file of this network"),
        };
        Self::new(reason, error, hint)
    }
}
