//! What every chain is told of a final root block.

use actors::State;
use types::{AnchorRecord, Blame, Header, RootBlock};

use crate::{anchors, elections};

#[cfg(test)]
mod tests;

/// Why a header and a state give no root block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// A block of another chain.
    #[error("the block is not of the root chain")]
    NotRoot,
    /// The header commits to another state.
    #[error("the state is not the one after the block")]
    State,
    /// The header commits to other lanes.
    #[error("the lanes are not those after the block")]
    Lanes,
}

impl ViewError {
    /// The state came from whoever handed it over.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

/// The root block of `header`, given the state after it: for nodes that have a state and did not
/// execute the block. Whether the block is final is the caller's knowledge.
///
/// The records are those that the block made: by [R9] at most one a chain, chains ascending. The
/// news stand in the elections' account until another block has some.
pub fn root_block(header: &Header, state: &State) -> Result<RootBlock, ViewError> {
    if !header.chain.is_root() {
        return Err(ViewError::NotRoot);
    }
    if header.state_root != state.root() {
        return Err(ViewError::State);
    }
    if header.lanes_root != state.lanes().root() {
        return Err(ViewError::Lanes);
    }
    let new = |record: &AnchorRecord| record.recorded == header.height;
    Ok(RootBlock {
        header: header.clone(),
        lanes: state.lanes().clone(),
        records: anchors::records(state).into_iter().filter(new).collect(),
        news: elections::news(state, header.height),
    })
}
