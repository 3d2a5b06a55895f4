//! Names of accounts.

use alloc::vec::Vec;

use crate::codec::Name;
use crate::host;
use crate::{Decode, Encode};

/// An account's name, 32 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct AccountId(pub [u8; 32]);

impl AccountId {
    /// Whether it is nobody's: the value of a field that was never set.
    pub fn is_nobody(&self) -> bool {
        *self == Self::default()
    }

    /// Sends it value; if it can't be credited the value comes back.
    pub fn pay(&self, value: crate::Amount) {
        if value > 0 {
            host::send(&host::Send {
                to: &self.0,
                value,
                gas: 0,
                deadline: 0,
                method: "",
                data: &[],
                flags: 0,
            });
        }
    }
}

impl Encode for AccountId {
    const NAME: Name = Name::new("AccountId");

    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for AccountId {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        Decode::decode(from).map(Self)
    }
}
