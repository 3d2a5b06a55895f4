//! All that an index answers, to compare one index with another.

use light::proof::ProofFile;
use types::{ChainId, MessageId};

use super::world::World;
use crate::index::{Heads, Index};
use crate::rpc::ProveError;
use crate::rpc::view::{BlockId, BlockView, Level, Trace};

#[derive(Debug, PartialEq)]
pub(super) struct Answers {
    traces: Vec<Option<Trace>>,
    proofs: Vec<Result<ProofFile, ProveError>>,
    heads: Vec<Option<Heads>>,
    blocks: Vec<BlockView>,
}

pub(super) fn answers(index: &Index, ids: &[MessageId]) -> Answers {
    let heads: Vec<_> = (0..4).map(|chain| index.heads(ChainId(chain))).collect();
    let mut blocks = Vec::new();
    for chain in index.chains() {
        for height in 0.. {
            match index.block(chain, BlockId::Height(height)).unwrap() {
                Some(block) => blocks.push(block),
                None => break,
            }
        }
    }
    Answers {
        traces: ids
            .iter()
            .map(|id| index.trace(id, None).unwrap())
            .collect(),
        proofs: ids.iter().map(|id| index.prove(id, 0)).collect(),
        heads,
        blocks,
    }
}

#[test]
fn blocks_are_found_by_height_by_hash_and_as_the_latest() {
    let mut world = World::new(30);
    let id = world.pay(1, 0, world.account(2, 1).id);
    let index = world.index();
    for (number, chain) in [0, 1, 2].map(|number| (number, ChainId(number))) {
        let finals = world.finals(number);
        for block in &finals {
            let header = block.executed.header();
            let by_height = index.block(chain, BlockId::Height(header.height)).unwrap();
            let by_hash = index
                .block(chain, BlockId::Hash(block.executed.hash))
                .unwrap();
            assert!(by_height.is_some());
            assert_eq!(by_height, by_hash);
        }
        let latest = index.block(chain, BlockId::Latest).unwrap().unwrap();
        assert_eq!(latest.hash, finals.last().unwrap().executed.hash);
        assert_eq!(latest.height.0, finals.len() as u64);
        let other = BlockId::Hash(latest.hash);
        assert_eq!(index.block(ChainId(number + 1), other).unwrap(), None);
    }
    let heads = index.heads(ChainId(1)).unwrap();
    assert!(heads.root_final > 0 && heads.root_final <= heads.anchored);
    let found = super::trace(&index, &id);
    let at = BlockId::Height(found.root.height.unwrap().0);
    let holding = index.block(ChainId(1), at).unwrap().unwrap();
    assert_eq!(
        (holding.messages, holding.level),
        (vec![id], Level::RootFinal)
    );
    let all = answers(&index, &[id]);
    let importing = all.blocks.iter().find(|block| !block.imports.is_empty());
    assert_eq!(importing.unwrap().chain, ChainId(2));
    assert!(
        all.blocks
            .iter()
            .any(|block| block.anchors.contains(&ChainId(1)))
    );
}
