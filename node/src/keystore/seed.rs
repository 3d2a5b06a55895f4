//! Bare seeds: 64 hexadecimal digits in a private file. [K2] [K3]

use std::path::Path;

use zeroize::Zeroizing;

use super::{KeystoreError, disk, random};

/// Bytes of the largest seed file: the digits and white space.
const FILE_BYTES: u64 = 256;

/// Reads a seed that nobody else may read.
///
/// # Errors
/// There is none, others may read it, or it is no seed.
pub fn read_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let text = Zeroizing::new(disk::read_private(path, FILE_BYTES)?);
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), seed.as_mut_slice()).map_err(|_| {
        KeystoreError::NotASeed {
            path: path.to_owned(),
        }
    })?;
    Ok(seed)
}

/// Makes a seed and writes it to a new private file.
///
/// # Errors
/// The file exists, or the system refuses.
pub fn write_new_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let seed = Zeroizing::new(random::<32>()?);
    let text = Zeroizing::new(format!("{}\n", hex::encode(seed.as_slice())));
    disk::write_new(path, text.as_bytes())?;
    Ok(seed)
}
