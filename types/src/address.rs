//! Addresses: account ids as text that people copy.

use bech32::{Bech32m, Hrp};

use crate::AccountId;

/// An account id with the name of its network, as bech32m text (BIP 350).
///
/// Which chain the account lives on is not written: the routing table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The network's name: lowercase letters and digits.
    pub network: String,
    /// The account.
    pub account: AccountId,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A typing mistake, or no address at all.
    #[error("not an address: the checksum or a character is wrong; copy it again")]
    Text,
    /// The text is whole but not 32 bytes long.
    #[error("not an account address: it must hold 32 bytes")]
    Length,
}

impl Address {
    /// The address of `account` on the network called `network`.
    pub fn new(network: &str, account: AccountId) -> Self {
        Self {
            network: network.to_owned(),
            account,
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hrp = Hrp::parse(&self.network).map_err(|_| std::fmt::Error)?;
        let text = bech32::encode::<Bech32m>(hrp, self.account.as_bytes());
        f.write_str(&text.map_err(|_| std::fmt::Error)?)
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|_| AddressError::Text)?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let id: [u8; 32] = bytes.try_into().map_err(|_| AddressError::Length)?;
        Ok(Self {
            network: checked.hrp().to_lowercase(),
            account: AccountId(id.into()),
        })
    }
}
