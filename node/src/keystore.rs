//! Key files: an account's secret key, encrypted under a password.
//!
//! ```json
//! {"kind":"thinkey-account-key","version":1,"address":"…","network":"…",
//!  "kdf":{"name":"scrypt","log_n":15,"r":8,"p":1,"salt":"…"},
//!  "cipher":{"name":"xchacha20-poly1305","nonce":"…","text":"…"}}
//! ```
//!
//! # Rules
//!
//! * **[K1]** The key encrypting the secret is scrypt(password, salt); the cipher authenticates
//!   everything else in the file, so no field can be changed unseen.
//! * **[K2]** A file is readable by its owner only: written so, and refused otherwise.
//! * **[K3]** A file is never written over: a lost key is lost value.
//! * **[K4]** The work that a file asks for is bounded before it is done.
//! * **[K5]** Secrets are wiped from memory when they are dropped.

use std::path::{Path, PathBuf};

use borsh::BorshSerialize;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use crypto::ed25519::SecretKey;
use serde::{Deserialize, Serialize};
use types::{AccountId, Address, NetworkId};
use zeroize::{Zeroize, Zeroizing};

mod disk;
mod password;
mod secret;
mod seed;
#[cfg(test)]
mod tests;

pub use password::Password;
pub use secret::{SecretFile, SecretKind};
pub use seed::{read_seed, write_new_seed};

const KIND: &str = "thinkey-account-key";
const VERSION: u16 = 1;
const KDF: &str = "scrypt";
const CIPHER: &str = "xchacha20-poly1305";
/// Bytes of the largest key file that is read.
const FILE_BYTES: u64 = 16 * 1024;

/// How hard guessing the password is: scrypt with r = 8, p = 1 and this log2 of N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost(u8);

impl Cost {
    /// 32 MiB and some 60 ms a guess.
    pub const STRONG: Self = Self(15);
    /// 1 MiB and 2 ms a guess: for keys of a devnet, whose passwords lie beside them.
    pub const DEVNET: Self = Self(10);
    /// The most that a file may ask of its reader: 1 GiB. [K4]
    const MOST: u8 = 20;
}

/// An encrypted key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    kind: String,
    version: u16,
    /// The key's account, with the network's name.
    address: String,
    /// The network that the key is for, when that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    network: Option<NetworkId>,
    kdf: Kdf,
    cipher: Cipher,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, BorshSerialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    name: String,
    log_n: u8,
    r: u32,
    p: u32,
    salt: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cipher {
    name: String,
    nonce: String,
    text: String,
}

/// Why a key can't be stored or used.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The system refuses.
    #[error("can't {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// [K3]
    #[error(
        "{} exists already; key files are never written over: choose another name or move it away",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// [K2]
    #[error("others may read {0} (mode {mode:o}); run: chmod 600 {0}", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not JSON of the right form.
    #[error("{} is not a Thinkey key file", path.display())]
    NotAKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// Not 64 hexadecimal digits.
    #[error("{} holds no seed: it must be 64 hexadecimal digits", path.display())]
    NotASeed {
        /// The file.
        path: PathBuf,
    },
    /// A newer or older form.
    #[error("key file of version {found}; this program reads version 1")]
    Version {
        /// Its version.
        found: u16,
    },
    /// [K4]
    #[error("the key file asks for more work than any password is worth; it was tampered with")]
    Cost,
    /// The password is not the one, or the file was changed. [K1]
    #[error("wrong password (or the key file was changed); nothing was done, try again")]
    WrongPassword,
    /// An empty password protects nothing.
    #[error("the password is empty; use at least one character")]
    EmptyPassword,
    /// There is no terminal to ask at.
    #[error("no terminal to ask for the password at; use --password-file FILE")]
    NoTerminal,
    /// Two inputs that differ.
    #[error("the two passwords differ; nothing was written, try again")]
    PasswordsDiffer,
    /// The system's source of randomness fails.
    #[error("the operating system gives no random numbers")]
    Random,
}

/// A new secret key from the system's randomness.
///
/// # Errors
/// [`KeystoreError::Random`].
pub fn generate() -> Result<SecretKey, KeystoreError> {
    Ok(SecretKey::from_seed(random()?))
}

fn random<const N: usize>() -> Result<[u8; N], KeystoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeystoreError::Random)?;
    Ok(bytes)
}

impl KeyFile {
    /// Encrypts `key` for the network called `name`, bound to its id when that is known.
    ///
    /// # Errors
    /// An empty password, or no randomness.
    pub fn seal(
        key: &SecretKey,
        name: &str,
        network: Option<NetworkId>,
        password: &Password,
        cost: Cost,
    ) -> Result<Self, KeystoreError> {
        if password.is_empty() {
            return Err(KeystoreError::EmptyPassword);
        }
        let account = AccountId::of_key(&key.public());
        let nonce = random::<24>()?;
        let mut file = Self {
            kind: KIND.to_owned(),
            version: VERSION,
            address: Address::new(name, account).to_string(),
            network,
            kdf: Kdf::new(cost)?,
            cipher: Cipher {
                name: CIPHER.to_owned(),
                nonce: hex::encode(nonce),
                text: String::new(),
            },
        };
        let seed = Zeroizing::new(key.seed());
        let payload = Payload {
            msg: seed.as_slice(),
            aad: &file.bound(),
        };
        let sealed = file
            .cipher_under(password)?
            .encrypt(&XNonce::from(nonce), payload);
        file.cipher.text = hex::encode(sealed.map_err(|_| KeystoreError::Random)?);
        Ok(file)
    }

    /// Decrypts the key.
    ///
    /// # Errors
    /// [`KeystoreError::WrongPassword`] also when any field was changed. [K1]
    pub fn open(&self, password: &Password) -> Result<SecretKey, KeystoreError> {
        self.check()?;
        let text = hex::decode(&self.cipher.text).map_err(|_| KeystoreError::WrongPassword)?;
        let mut nonce = [0; 24];
        hex::decode_to_slice(&self.cipher.nonce, &mut nonce)
            .map_err(|_| KeystoreError::WrongPassword)?;
        let payload = Payload {
            msg: &text,
            aad: &self.bound(),
        };
        let cipher = self.cipher_under(password)?;
        let opened = cipher.decrypt(&XNonce::from(nonce), payload);
        let seed = Zeroizing::new(opened.map_err(|_| KeystoreError::WrongPassword)?);
        let mut bytes = [0; 32];
        if seed.len() != bytes.len() {
            return Err(KeystoreError::WrongPassword);
        }
        bytes.copy_from_slice(&seed);
        let key = SecretKey::from_seed(bytes);
        bytes.zeroize();
        let account = AccountId::of_key(&key.public());
        let same = self
            .address()
            .is_some_and(|address| address.account == account);
        same.then_some(key).ok_or(KeystoreError::WrongPassword)
    }

    /// The account, readable without the password; `None` when the file was tampered with.
    pub fn address(&self) -> Option<Address> {
        self.address.parse().ok()
    }

    /// The network that the key is bound to, if any.
    pub const fn network(&self) -> Option<NetworkId> {
        self.network
    }

    /// Writes a new file that only its owner can read. [K2] [K3]
    ///
    /// # Errors
    /// The file exists, or the system refuses.
    pub fn write_new(&self, path: &Path) -> Result<(), KeystoreError> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        disk::write_new(path, text.as_bytes())
    }

    /// Reads a file that only its owner can read. [K2]
    ///
    /// # Errors
    /// There is none, others may read it, or it is no key file of a known version.
    pub fn read(path: &Path) -> Result<Self, KeystoreError> {
        let bytes = disk::read_private(path, FILE_BYTES)?;
        let file: Self =
            serde_json::from_slice(&bytes).map_err(|_| KeystoreError::NotAKeyFile {
                path: path.to_owned(),
            })?;
        let known = file.kind == KIND && file.address().is_some();
        if !known {
            return Err(KeystoreError::NotAKeyFile {
                path: path.to_owned(),
            });
        }
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), KeystoreError> {
        if self.version != VERSION {
            return Err(KeystoreError::Version {
                found: self.version,
            });
        }
        let known = self.kdf.is_bounded() && self.cipher.name == CIPHER;
        known.then_some(()).ok_or(KeystoreError::Cost)
    }

    /// What the cipher authenticates beside the secret. [K1]
    fn bound(&self) -> Vec<u8> {
        let fields = (
            &self.kind,
            self.version,
            &self.address,
            self.network,
            &self.kdf,
            &self.cipher.name,
        );
        borsh::to_vec(&fields).unwrap_or_default()
    }

    fn cipher_under(&self, password: &Password) -> Result<XChaCha20Poly1305, KeystoreError> {
        self.kdf.cipher(password)
    }
}

impl Kdf {
    fn new(cost: Cost) -> Result<Self, KeystoreError> {
        Ok(Self {
            name: KDF.to_owned(),
            log_n: cost.0,
            r: 8,
            p: 1,
            salt: hex::encode(random::<32>()?),
        })
    }

    /// [K4]
    fn is_bounded(&self) -> bool {
        let bounded = (1..=Cost::MOST).contains(&self.log_n) && self.r == 8 && self.p == 1;
        bounded && self.name == KDF
    }

    fn cipher(&self, password: &Password) -> Result<XChaCha20Poly1305, KeystoreError> {
        let Self {
            log_n, r, p, salt, ..
        } = self;
        let salt = hex::decode(salt).map_err(|_| KeystoreError::WrongPassword)?;
        let params = scrypt::Params::new(*log_n, *r, *p, 32).map_err(|_| KeystoreError::Cost)?;
        let mut key = Zeroizing::new([0; 32]);
        scrypt::scrypt(password.as_bytes(), &salt, &params, key.as_mut_slice())
            .map_err(|_| KeystoreError::Cost)?;
        Ok(XChaCha20Poly1305::new(key.as_slice().into()))
    }
}
