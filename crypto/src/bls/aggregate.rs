//! Certificates: many keys, few messages, one signature.

use blst::{BLST_ERROR, min_sig};

use super::{
    AggregateError, IDENTITY_FLAG, MESSAGE_DST, PublicKey, Signature, SignatureError, proved,
};
use crate::hash::Hash;

/// Checks that `signature` is the sum of one signature by every key of every group on the
/// group's message: FastAggregateVerify for each group, in one multi-pairing with one pairing per
/// group and one more.
///
/// A key that stands twice in a group must have signed twice in the sum; the keys' proofs of
/// possession were checked before. A sum that holds proves that the members together made it,
/// not that each vote in it is good: see the module page.
///
/// # Errors
/// No groups or an empty group, two groups with one message, keys that add up to the identity,
/// or a signature that does not hold.
pub fn verify_aggregate<'a, K: AsRef<[&'a PublicKey]>>(
    groups: &[(K, &[u8])],
    signature: &Signature,
) -> Result<(), AggregateError> {
    let statement = statement(groups, signature);
    if proved::holds(statement.as_ref()) {
        return Ok(());
    }
    // [B3] One group per message, then no empty group and no zero sum.
    let messages: Vec<&[u8]> = groups.iter().map(|(_, message)| *message).collect();
    refuse_duplicates(&messages)?;
    let keys = sum_groups(groups)?;
    if signature.is_identity() || !proved::is_sum(groups, signature) {
        let keys: Vec<_> = keys.iter().collect();
        verify_sums(&messages, &keys, &signature.decode()?)?;
    }
    proved::note(statement);
    Ok(())
}

/// What an aggregate says, for [`proved`]: all keys and messages, group by group.
fn statement<'a, K: AsRef<[&'a PublicKey]>>(
    groups: &[(K, &[u8])],
    signature: &Signature,
) -> Option<Hash> {
    if !proved::is_on() {
        return None;
    }
    let mut encoded = Vec::new();
    for (keys, message) in groups {
        let keys = keys.as_ref();
        encoded.push((keys.len() as u64).to_le_bytes().to_vec());
        encoded.extend(keys.iter().map(|key| key.to_bytes().to_vec()));
        encoded.push(message.to_vec());
    }
    encoded.push(signature.as_bytes().to_vec());
    let parts: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
    proved::aggregate(&parts)
}

/// One multi-pairing over validated keys, one per message, and a validated signature.
pub(super) fn verify_sums(
    messages: &[&[u8]],
    keys: &[&min_sig::PublicKey],
    signature: &min_sig::Signature,
) -> Result<(), SignatureError> {
    match signature.aggregate_verify(false, messages, MESSAGE_DST, keys, false) {
        BLST_ERROR::BLST_SUCCESS => Ok(()),
        error => Err(error.into()),
    }
}

fn refuse_duplicates(messages: &[&[u8]]) -> Result<(), AggregateError> {
    let mut sorted = messages.to_vec();
    sorted.sort_unstable();
    let duplicate = sorted.windows(2).any(|pair| pair.first() == pair.last());
    if duplicate {
        Err(AggregateError::DuplicateMessage)
    } else {
        Ok(())
    }
}

fn sum_groups<'a, K: AsRef<[&'a PublicKey]>>(
    groups: &[(K, &[u8])],
) -> Result<Vec<min_sig::PublicKey>, AggregateError> {
    if groups.is_empty() {
        return Err(AggregateError::Empty);
    }
    let sums = groups.iter().enumerate();
    sums.map(|(group, (keys, _))| sum_keys(group, keys.as_ref()))
        .collect()
}

fn sum_keys(group: usize, keys: &[&PublicKey]) -> Result<min_sig::PublicKey, AggregateError> {
    let points: Vec<_> = keys.iter().map(|key| key.point()).collect();
    let sum = min_sig::AggregatePublicKey::aggregate(&points, false)
        .map_err(|_| AggregateError::Empty)?
        .to_public_key();
    if sum.to_bytes()[0] & IDENTITY_FLAG != 0 {
        return Err(AggregateError::IdentityKey { group });
    }
    Ok(sum)
}
