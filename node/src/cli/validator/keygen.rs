//! `validator keygen`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use crypto::{Hash, bls, ed25519};
use serde_json::json;
use types::NodeId;

use super::files::{NODE, PUBLIC, PublicFile, RATCHET, STAKE};
use crate::cli::Context;
use crate::cli::proof::file_failure;
use crate::cli::wallet::{PasswordArgs, make_folder};
use crate::exit::{Exit, Failure};
use crate::keystore::{Cost, KeystoreError, SecretFile, SecretKind, write_new_seed};

/// Make the keys of a validator: its stake key, its node's key, and the secret of later keys.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  thinkey validator keygen --offline --out my-validator\n\n\
    Never writes over a file. The account that will own the stake is a wallet key of its own:\n\
    keep that one away from the node."
)]
pub(crate) struct KeygenArgs {
    /// Say that this asks no network; keys are always made without one.
    #[arg(long, required = true)]
    offline: bool,
    /// The folder to write to; made when it is missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Make only a new secret of later keys, for a validator whose data directory was lost.
    #[arg(long)]
    new_ratchet: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

pub(super) fn keygen(context: &Context, args: &KeygenArgs) -> Result<Exit, Failure> {
    let folder = &args.out;
    if args.new_ratchet {
        return new_ratchet(context, args);
    }
    for name in [PUBLIC, STAKE, RATCHET, NODE] {
        let path = folder.join(name);
        if path.exists() {
            return Err(KeystoreError::Exists { path }.into());
        }
    }
    let password = args.password.fresh()?;
    let make = |kind| SecretFile::generate(kind, &password, Cost::STRONG);
    let (stake_file, stake) = make(SecretKind::Stake)?;
    let (ratchet_file, _) = make(SecretKind::Ratchet)?;
    make_folder(folder)?;
    let node = write_new_seed(&folder.join(NODE))?;
    stake_file.write_new(&folder.join(STAKE))?;
    ratchet_file.write_new(&folder.join(RATCHET))?;
    let node = ed25519::SecretKey::from_seed(*node).public();
    let node = NodeId(Hash::from(*node.as_bytes()));
    let public = PublicFile::of(&bls::SecretKey::from_seed(&stake), node);
    write_public(&folder.join(PUBLIC), &public)?;
    let made = json!({
        "dir": folder,
        "node": public.node,
        "stake_key": public.stake_key,
        "files": [PUBLIC, STAKE, RATCHET, NODE],
    });
    context.output.result(&made, || told(folder, &public));
    Ok(Exit::Done)
}

/// Keys of terms that the validator was elected for are lost with the old secret; its stake is not.
fn new_ratchet(context: &Context, args: &KeygenArgs) -> Result<Exit, Failure> {
    let folder = &args.out;
    let public = PublicFile::read(folder)?;
    let path = folder.join(RATCHET);
    if path.exists() {
        return Err(KeystoreError::Exists { path }.into());
    }
    let password = args.password.existing()?;
    // One password opens both; this says so before the node is started.
    SecretFile::read(&folder.join(STAKE))?.open(&password)?;
    let (file, _) = SecretFile::generate(SecretKind::Ratchet, &password, Cost::STRONG)?;
    file.write_new(&path)?;
    let made = json!({ "dir": folder, "node": public.node, "files": [RATCHET] });
    context.output.result(&made, || {
        let path = path.display();
        format!(
            "wrote {path}\n\
             start the node with it when the terms of the old one have ended:\n\
             `thinkey validator status` shows them"
        )
    });
    Ok(Exit::Done)
}

fn write_public(path: &Path, public: &PublicFile) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(public).unwrap_or_default();
    text.push('\n');
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| file_failure("write", path, &error))
}

fn told(folder: &Path, public: &PublicFile) -> String {
    let dir = folder.display();
    format!(
        "wrote {dir}\n\
         node {}\n\
         {PUBLIC}   public: take it to where you register\n\
         {STAKE}       the node's machine and one offline copy; whoever has it and the password\n\
         \x20                can get the stake slashed\n\
         {RATCHET}     the node's machine only: an old copy would give away later keys\n\
         {NODE}        the node's machine: `node_seed` of its node.toml\n\
         the account that registers owns the stake: keep its key away from the node\n\
         next: thinkey validator register --stake N --key WALLETKEY --validator {dir}",
        public.node
    )
}
