//! Where calls work: in the account itself, or on a copy to see what would become of them.

use std::collections::BTreeMap;

use actors::{Own, Send};
use borsh::{BorshDeserialize, BorshSerialize};
use types::{AccountId, Amount, FailureCode};

use super::index::encode;
use super::{StakingError, account_id};
use crate::slots::Slots;

/// What a call does to the account.
pub(super) trait Desk {
    fn get(&mut self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StakingError>;
    fn put(&mut self, key: [u8; 32], value: Option<Vec<u8>>) -> Result<(), StakingError>;
    fn charge(&mut self, gas: u64) -> Result<(), StakingError>;
    fn pay(&mut self, to: AccountId, value: Amount) -> Result<(), StakingError>;

    fn read<T: BorshDeserialize>(&mut self, key: &[u8; 32]) -> Result<Option<T>, StakingError> {
        let bytes = self.get(key)?;
        Ok(bytes.and_then(|bytes| borsh::from_slice(&bytes).ok()))
    }

    fn write(&mut self, key: [u8; 32], value: &impl BorshSerialize) -> Result<(), StakingError> {
        self.put(key, Some(encode(value)))
    }
}

const fn failed(code: FailureCode) -> StakingError {
    StakingError::Execution { code }
}

impl Desk for Own<'_> {
    fn get(&mut self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StakingError> {
        let bytes = Own::get(self, key).map_err(failed)?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    fn put(&mut self, key: [u8; 32], value: Option<Vec<u8>>) -> Result<(), StakingError> {
        Own::put(self, key, value).map_err(failed)
    }

    fn charge(&mut self, gas: u64) -> Result<(), StakingError> {
        Own::charge(self, gas).map_err(failed)
    }

    fn pay(&mut self, to: AccountId, value: Amount) -> Result<(), StakingError> {
        self.send(Send::Credit { to, value }).map_err(failed)
    }
}

/// A copy that is thrown away.
pub(super) struct Trial<'a, S> {
    slots: &'a S,
    writes: BTreeMap<[u8; 32], Option<Vec<u8>>>,
}

impl<'a, S> Trial<'a, S> {
    pub(super) const fn of(slots: &'a S) -> Self {
        let writes = BTreeMap::new();
        Self { slots, writes }
    }
}

impl<S: Slots> Desk for Trial<'_, S> {
    fn get(&mut self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StakingError> {
        if let Some(written) = self.writes.get(key) {
            return Ok(written.clone());
        }
        Ok(self.slots.slot(&account_id(), key).map(<[u8]>::to_vec))
    }

    fn put(&mut self, key: [u8; 32], value: Option<Vec<u8>>) -> Result<(), StakingError> {
        self.writes.insert(key, value);
        Ok(())
    }

    fn charge(&mut self, _: u64) -> Result<(), StakingError> {
        Ok(())
    }

    fn pay(&mut self, _: AccountId, _: Amount) -> Result<(), StakingError> {
        Ok(())
    }
}
