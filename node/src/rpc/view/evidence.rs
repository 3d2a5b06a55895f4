//! Evidence, as the root judges it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::ChainId;

use super::{AddressText, U64};

/// Evidence that the root would convict somebody for, read from the newest final root block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConvictionView {
    /// The chain whose committee it is about.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// The committee's term.
    pub epoch: U64,
    /// The round in which they lied.
    pub round: U64,
    /// What they did, in words.
    pub crime: String,
    /// Whom it convicts.
    pub convicts: Vec<ConvictView>,
    /// The staker whose duties the node does, if it is one that is paid for reporting; null else:
    /// then the reporter's part is burned as well.
    pub reporter: Option<AddressText>,
    /// The root height that this is read from.
    pub root_height: U64,
}

/// A member that is convicted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConvictView {
    /// Its number in the committee.
    pub member: u16,
    /// Whose seats they are; null where nobody has staked for them.
    pub staker: Option<AddressText>,
}
