//! Why BLS verification fails. All of these are the sender's fault.

use blst::BLST_ERROR;

/// A signature or proof of possession that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not the compressed encoding of a point on the curve.
    #[error("not an encoded point")]
    Encoding,
    /// The identity, which would "sign" for a sum of keys that is zero.
    #[error("the identity is not a signature")]
    Identity,
    /// A point outside the group of prime order.
    #[error("point outside the prime-order group")]
    NotInGroup,
    /// A well-formed signature of something else.
    #[error("signature does not match")]
    Mismatch,
}

impl From<BLST_ERROR> for SignatureError {
    fn from(error: BLST_ERROR) -> Self {
        match error {
            BLST_ERROR::BLST_BAD_ENCODING | BLST_ERROR::BLST_POINT_NOT_ON_CURVE => Self::Encoding,
            BLST_ERROR::BLST_PK_IS_INFINITY => Self::Identity,
            BLST_ERROR::BLST_POINT_NOT_IN_GROUP => Self::NotInGroup,
            _ => Self::Mismatch,
        }
    }
}

/// An aggregate that can't be formed or does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AggregateError {
    /// No signatures, no groups, or a group without keys.
    #[error("nothing to aggregate")]
    Empty,
    /// Two groups sign the same message; one certificate has one group per message.
    #[error("two groups have the same message")]
    DuplicateMessage,
    /// The keys of a group add up to the identity, so that anyone could sign for them.
    #[error("the keys of group {group} add up to the identity")]
    IdentityKey {
        /// Position of the group.
        group: usize,
    },
    /// The aggregate signature, or one of its parts, is bad.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}
