//! Passwords: from a file or a terminal, never from arguments or the environment.

use std::io::{IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::KeystoreError;
use super::disk::{failed, read_private};

/// Bytes of the longest password.
const LONGEST: u64 = 4 * 1024;

/// A password, wiped from memory when dropped. [K5]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password made elsewhere.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The first line of a file; its end of line is not part of the password.
    ///
    /// # Errors
    /// The file can't be read, or its first line is empty.
    pub fn from_file(path: &Path) -> Result<Self, KeystoreError> {
        let mut text = Zeroizing::new(String::new());
        let file = std::fs::File::open(path).map_err(|source| failed("open", path, source))?;
        file.take(LONGEST)
            .read_to_string(&mut text)
            .map_err(|source| failed("read", path, source))?;
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(KeystoreError::EmptyPassword);
        }
        Ok(Self::new(line.to_owned()))
    }

    /// The same of a file that neither group nor others may read; for what lies beside secrets.
    ///
    /// # Errors
    /// As [`Self::from_file`], or others may read it.
    pub fn from_private_file(path: &Path) -> Result<Self, KeystoreError> {
        drop(Zeroizing::new(read_private(path, LONGEST)?));
        Self::from_file(path)
    }

    /// Asks at the terminal, without showing what is typed.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn ask(prompt: &str) -> Result<Self, KeystoreError> {
        if !std::io::stdin().is_terminal() {
            return Err(KeystoreError::NoTerminal);
        }
        let typed = rpassword::prompt_password(prompt);
        typed.map(Self::new).map_err(|_| KeystoreError::NoTerminal)
    }

    /// Asks twice, for a new password.
    ///
    /// # Errors
    /// There is no terminal, or the two differ.
    pub fn ask_new() -> Result<Self, KeystoreError> {
        let first = Self::ask("New password: ")?;
        let second = Self::ask("The same again: ")?;
        if first.0 == second.0 {
            Ok(first)
        } else {
            Err(KeystoreError::PasswordsDiffer)
        }
    }

    /// Whether it has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}
