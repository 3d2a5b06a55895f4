//! The files of a devnet: its seed, its genesis, and key files for its funded accounts.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use genesis::{AccountSecret, ChainSpec, Secrets};
use types::{Address, Time};

use super::secret;
use crate::cli::args::DevnetArgs;
use crate::exit::Failure;
use crate::keystore::{Cost, KeyFile, Password};
use crate::services::clock::Clock;

/// The password of all key files; it stands beside them.
pub(super) const PASSWORD: &str = "devnet";

/// A devnet's directory.
pub struct DevnetFiles {
    /// Where all of it is.
    pub data_dir: PathBuf,
    /// The network.
    pub spec: ChainSpec,
    /// The text of its genesis file.
    pub genesis_text: String,
    /// All its keys.
    pub secrets: Secrets,
}

impl DevnetFiles {
    /// Opens a devnet's directory, or makes it for a new network.
    ///
    /// # Errors
    /// A directory of a network with other numbers, or one that can't be written.
    pub fn open(data_dir: &Path, args: &DevnetArgs) -> Result<Self, Failure> {
        std::fs::create_dir_all(data_dir).map_err(|error| disk(data_dir, &error))?;
        let seed = seed(&data_dir.join("devnet-seed"))?;
        let make = if args.terms {
            genesis::devnet_with_terms
        } else {
            genesis::devnet
        };
        Self::of(data_dir, make(args.validators, args.chains, seed))
    }

    /// Makes the directory of a network for the rehearsal of a stake's life.
    ///
    /// # Errors
    /// A directory that can't be written.
    pub fn for_rehearsal(data_dir: &Path, validators: u32, chains: u32) -> Result<Self, Failure> {
        std::fs::create_dir_all(data_dir).map_err(|error| disk(data_dir, &error))?;
        let seed = seed(&data_dir.join("devnet-seed"))?;
        let made = genesis::devnet_for_rehearsal(validators, chains, seed);
        Self::of(data_dir, made)
    }

    fn of(data_dir: &Path, made: (ChainSpec, Secrets)) -> Result<Self, Failure> {
        let (mut spec, secrets) = made;
        let path = data_dir.join("genesis.toml");
        if path.exists() {
            let stored = ChainSpec::load(&path)
                .map_err(|error| Failure::new("genesis", error, "restore the genesis file"))?;
            spec.start = stored.start;
            check_same(&spec, &stored, data_dir)?;
        } else {
            spec.start = Time(Clock::new().now().0);
            spec.save(&path)
                .map_err(|error| Failure::new("disk", error, "free space or choose --data-dir"))?;
        }
        let genesis_text = std::fs::read_to_string(&path).map_err(|error| disk(&path, &error))?;
        let files = Self {
            data_dir: data_dir.to_owned(),
            spec,
            genesis_text,
            secrets,
        };
        files.write_keys()?;
        Ok(files)
    }

    /// The genesis file.
    pub fn genesis(&self) -> PathBuf {
        self.data_dir.join("genesis.toml")
    }

    /// The file with the password of all key files.
    pub fn password(&self) -> PathBuf {
        self.data_dir.join("accounts/password")
    }

    /// The key file of a funded account.
    pub fn key_file(&self, account: &AccountSecret) -> PathBuf {
        let name = format!("chain-{}-{}.json", account.chain, account.number + 1);
        self.data_dir.join("accounts").join(name)
    }

    /// The address of a funded account.
    pub fn address(&self, account: &AccountSecret) -> Address {
        Address::new(&self.spec.name, account.id)
    }

    fn write_keys(&self) -> Result<(), Failure> {
        let folder = self.data_dir.join("accounts");
        std::fs::create_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
        write_secret(&self.password(), PASSWORD)?;
        let password = Password::new(PASSWORD.to_owned());
        for account in &self.secrets.accounts {
            let path = self.key_file(account);
            if path.exists() {
                continue;
            }
            let network = Some(self.spec.network_id());
            let sealed = KeyFile::seal(
                &account.key(),
                &self.spec.name,
                network,
                &password,
                Cost::DEVNET,
            );
            sealed
                .and_then(|file| file.write_new(&path))
                .map_err(Failure::from)?;
        }
        Ok(())
    }
}

fn check_same(made: &ChainSpec, stored: &ChainSpec, data_dir: &Path) -> Result<(), Failure> {
    if made.network_id() == stored.network_id() {
        return Ok(());
    }
    let chains = stored.chains.len().saturating_sub(1);
    let validators = stored.chains.first().map_or(0, |chain| chain.members.len());
    let terms = if stored.terms.is_fixed() {
        ""
    } else {
        " --terms"
    };
    Err(Failure::new(
        "other_network",
        format!(
            "{} holds another network: {chains} chains with {validators} validators each",
            data_dir.display()
        ),
        format!(
            "give --chains {chains} --validators {validators}{terms}, or choose another --data-dir"
        ),
    ))
}

/// Reads the seed, or makes one that only the owner can read.
fn seed(path: &Path) -> Result<[u8; 32], Failure> {
    if path.exists() {
        let text = std::fs::read_to_string(path).map_err(|error| disk(path, &error))?;
        let mut seed = [0; 32];
        return match hex::decode_to_slice(text.trim(), &mut seed) {
            Ok(()) => Ok(seed),
            Err(_) => Err(Failure::new(
                "seed",
                format!("{} is not a seed of 64 hexadecimal digits", path.display()),
                "restore the file, or choose another --data-dir",
            )),
        };
    }
    let seed = secret()?;
    write_secret(path, &hex::encode(seed))?;
    Ok(seed)
}

/// Writes a file that only the owner can read.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| disk(path, &error))
}

/// A file that can't be read or written.
pub(super) fn disk(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        "disk",
        format!("{}: {error}", path.display()),
        "check the rights and the free space, or choose another --data-dir",
    )
}
