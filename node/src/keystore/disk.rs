//! Files that only their owner may read. [K2] [K3]

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::KeystoreError;

/// Creates a file with mode 0600 and makes it durable. Never opens one that exists.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeystoreError> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => KeystoreError::Exists {
            path: path.to_owned(),
        },
        _ => failed("create", path, source),
    })?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|source| failed("write", path, source))
}

/// Reads a file of at most `most` bytes that neither group nor others may read.
pub(super) fn read_private(path: &Path, most: u64) -> Result<Vec<u8>, KeystoreError> {
    let file = File::open(path).map_err(|source| failed("open", path, source))?;
    let metadata = file.metadata();
    let metadata = metadata.map_err(|source| failed("read", path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeystoreError::Readable {
            path: path.to_owned(),
            mode,
        });
    }
    let mut bytes = Vec::new();
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|source| failed("read", path, source))?;
    Ok(bytes)
}

pub(super) fn failed(action: &'static str, path: &Path, source: std::io::Error) -> KeystoreError {
    KeystoreError::File {
        action,
        path: path.to_owned(),
        source,
    }
}
