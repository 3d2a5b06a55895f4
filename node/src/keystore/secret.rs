//! Secrets of a validator, encrypted as account keys are. [K1] to [K5]

use std::path::Path;

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    CIPHER, Cipher, Cost, FILE_BYTES, Kdf, KeystoreError, Password, VERSION, disk, random,
};

const KIND: &str = "thinkey-validator-secret";

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// The seed of the stake key: draws tickets and signs declarations.
    Stake,
    /// The seed that the keys of later terms are derived from.
    Ratchet,
}

/// 32 secret bytes, encrypted under a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    kind: String,
    version: u16,
    purpose: SecretKind,
    kdf: Kdf,
    cipher: Cipher,
}

impl SecretFile {
    /// Makes a secret and encrypts it.
    ///
    /// # Errors
    /// An empty password, or no randomness.
    pub fn generate(
        purpose: SecretKind,
        password: &Password,
        cost: Cost,
    ) -> Result<(Self, Zeroizing<[u8; 32]>), KeystoreError> {
        let secret = Zeroizing::new(random::<32>()?);
        let file = Self::seal(purpose, &secret, password, cost)?;
        Ok((file, secret))
    }

    /// Encrypts a secret that was made elsewhere.
    ///
    /// # Errors
    /// An empty password, or no randomness.
    pub fn seal(
        purpose: SecretKind,
        secret: &[u8; 32],
        password: &Password,
        cost: Cost,
    ) -> Result<Self, KeystoreError> {
        if password.is_empty() {
            return Err(KeystoreError::EmptyPassword);
        }
        let nonce = random::<24>()?;
        let mut file = Self {
            kind: KIND.to_owned(),
            version: VERSION,
            purpose,
            kdf: Kdf::new(cost)?,
            cipher: Cipher {
                name: CIPHER.to_owned(),
                nonce: hex::encode(nonce),
                text: String::new(),
            },
        };
        let payload = Payload {
            msg: secret.as_slice(),
            aad: &file.bound(),
        };
        let cipher = file.kdf.cipher(password)?;
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        file.cipher.text = hex::encode(sealed.map_err(|_| KeystoreError::Random)?);
        Ok(file)
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    /// [`KeystoreError::WrongPassword`] also when any field was changed. [K1]
    pub fn open(&self, password: &Password) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
        self.check()?;
        let wrong = |_| KeystoreError::WrongPassword;
        let text = hex::decode(&self.cipher.text).map_err(wrong)?;
        let mut nonce = [0; 24];
        hex::decode_to_slice(&self.cipher.nonce, &mut nonce).map_err(wrong)?;
        let payload = Payload {
            msg: &text,
            aad: &self.bound(),
        };
        let opened = self
            .kdf
            .cipher(password)?
            .decrypt(&XNonce::from(nonce), payload);
        let opened = Zeroizing::new(opened.map_err(|_| KeystoreError::WrongPassword)?);
        let mut secret = Zeroizing::new([0; 32]);
        if opened.len() != secret.len() {
            return Err(KeystoreError::WrongPassword);
        }
        secret.copy_from_slice(&opened);
        Ok(secret)
    }

    /// What it is for.
    pub const fn purpose(&self) -> SecretKind {
        self.purpose
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
    /// There is none, others may read it, or it is no secret of a known version.
    pub fn read(path: &Path) -> Result<Self, KeystoreError> {
        let foreign = || KeystoreError::NotAKeyFile {
            path: path.to_owned(),
        };
        let bytes = disk::read_private(path, FILE_BYTES)?;
        let file: Self = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
        if file.kind != KIND {
            return Err(foreign());
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

    fn bound(&self) -> Vec<u8> {
        let purpose = self.purpose as u8;
        let fields = (
            &self.kind,
            self.version,
            purpose,
            &self.kdf,
            &self.cipher.name,
        );
        borsh::to_vec(&fields).unwrap_or_default()
    }
}
