//! Where chains stand, and their blocks.

use types::{BlockHash, ChainId, Header, Height};

use super::record::Spot;
use super::{Index, IndexError};
use crate::rpc::view::{BlockId, BlockView, U64};

/// Where a chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// The newest final block.
    pub header: Header,
    /// Its hash.
    pub hash: BlockHash,
    /// The newest height that an executed root block records.
    pub anchored: Height,
    /// The newest height that a final root block records; on the root the newest final one.
    pub root_final: Height,
}

impl Index {
    /// The chains of the index, ascending.
    pub fn chains(&self) -> impl Iterator<Item = ChainId> + '_ {
        self.chains.keys().copied()
    }

    /// Where a chain stands.
    pub fn heads(&self, chain: ChainId) -> Option<Heads> {
        let chain = self.chains.get(&chain)?;
        let height = chain.head.height;
        Some(Heads {
            header: chain.head.clone(),
            hash: chain.head.hash(),
            anchored: chain.anchored.min(height),
            root_final: chain.root_final,
        })
    }

    /// A final block.
    ///
    /// # Errors
    /// When the database fails.
    pub fn block(&self, chain: ChainId, block: BlockId) -> Result<Option<BlockView>, IndexError> {
        let spot = match block {
            BlockId::Latest => self.chains.get(&chain).map(|chain| Spot::of(&chain.head)),
            BlockId::Height(height) => Some(Spot { chain, height }),
            BlockId::Hash(hash) => self.tables.spot_of(&hash)?,
        };
        match spot.filter(|spot| spot.chain == chain) {
            Some(spot) => self.view(spot),
            None => Ok(None),
        }
    }

    fn view(&self, spot: Spot) -> Result<Option<BlockView>, IndexError> {
        let Some(content) = self.content(spot)? else {
            return Ok(None);
        };
        let header = &content.header;
        Ok(Some(BlockView {
            chain: header.chain,
            height: U64(header.height),
            hash: header.hash(),
            parent: header.parent,
            epoch: U64(header.epoch),
            round: U64(header.round),
            time: U64(header.time.0),
            proposer: header.proposer,
            root_height: U64(header.root_ref.height),
            level: self.level(spot),
            gas: U64(header.gas),
            body_bytes: header.body_bytes,
            state_root: header.state_root,
            messages: content.externals.iter().map(|(id, _)| *id).collect(),
            imports: content.imported.iter().map(|relay| relay.id()).collect(),
            anchors: content.anchors.clone(),
        }))
    }
}
