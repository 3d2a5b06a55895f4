//! Code on its way into an account.

use std::fmt;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Hash, hash};
use serde::{Deserialize, Serialize};

use crate::{AccountId, domain, limits};

/// The bytes of some code. Copies share them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u8>", into = "Vec<u8>")]
pub struct CodeBytes(Arc<[u8]>);

impl CodeBytes {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to share.
    pub const fn shared(&self) -> &Arc<[u8]> {
        &self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hash of the code.
    pub fn hash(&self) -> Hash {
        hash(domain::CODE, &[&self.0])
    }
}

impl From<Arc<[u8]>> for CodeBytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for CodeBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<CodeBytes> for Vec<u8> {
    fn from(code: CodeBytes) -> Self {
        code.0.to_vec()
    }
}

impl fmt::Debug for CodeBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeBytes({} bytes)", self.len())
    }
}

impl BorshSerialize for CodeBytes {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(self.0.as_ref(), writer)
    }
}

impl BorshDeserialize for CodeBytes {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        Ok(Vec::deserialize_reader(reader)?.into())
    }
}

/// An account to be made with code. Its id says who makes it and which code it begins with, see
/// [`AccountId::of_code`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Deploy {
    /// Tells accounts of one creator and code apart, and so chooses the chain.
    pub salt: [u8; 32],
    /// The code.
    pub code: CodeBytes,
    /// Input of the code's first run.
    pub init: Vec<u8>,
    /// Who may change the code from outside; `None`: nobody ever.
    pub owner: Option<AccountId>,
}

impl Deploy {
    /// Id of the account when `creator` makes it.
    pub fn account(&self, creator: &AccountId) -> AccountId {
        AccountId::of_code(creator, &self.salt, &self.code.hash())
    }

    pub(crate) fn is_bounded(&self) -> bool {
        self.code.len() <= limits::CODE && self.init.len() <= limits::INIT
    }
}
