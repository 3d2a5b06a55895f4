//! Proof files: what became of a message, from its block up to the line of root blocks.

use std::collections::VecDeque;

use actors::executed::receipt_tree;
use borsh::to_vec;
use crypto::merkle::MerkleTree;
use light::proof::{Anchored, Evidence, FILE_BYTES, Fact, MAX_EVIDENCE, ProofFile};
use types::{Bundle, ChainId, Header, Height, MessageId};

use super::find::{Found, Standing};
use super::record::Spot;
use super::{Index, IndexError};
use crate::rpc::ProveError;
use crate::rpc::view::Level;

/// Bytes of a file that are left to evidence; the rest is for the line and what surrounds both.
const EVIDENCE_BYTES: usize = FILE_BYTES / 2;
/// What a place in the line takes at most.
const PLACE_BYTES: usize = 64 * 32 + 32;

impl Index {
    /// A proof of all that is root-final of a message and of the messages that followed from it,
    /// oldest first, as far as one file holds: that it left its chain, its receipt, and the
    /// same for each message that the receipt names. For a reader whose checkpoint is the root
    /// block of height `from`.
    ///
    /// # Errors
    /// When the message or the height is unknown, nothing of it is root-final yet, blocks are
    /// missing, too many terms ended since the checkpoint, or the database fails.
    pub fn prove(&self, id: &MessageId, from: Height) -> Result<ProofFile, ProveError> {
        let mut evidence = self.evidence_from(id)?;
        let top = evidence.iter().map(|piece| root_of(piece).height).max();
        let top = top.ok_or(ProveError::NotFinal)?;
        let way = self.way(from, top)?;
        for piece in &mut evidence {
            let height = root_of(piece).height;
            let over = way.over(height).ok_or(ProveError::NotFinal)?;
            piece.place = self.path(ChainId::ROOT, height, over.height)?;
        }
        Ok(ProofFile {
            network: self.network.id,
            message: *id,
            from,
            handovers: way.handovers,
            head: way.head,
            evidence,
        })
    }

    /// All evidence that fits, without its places in the line.
    fn evidence_from(&self, id: &MessageId) -> Result<Vec<Evidence>, ProveError> {
        if self.find(id).map_err(broken)?.is_none() {
            let known = self.submission(id).map_err(broken)?.is_some();
            return Err(if known {
                ProveError::NotFinal
            } else {
                ProveError::Unknown
            });
        }
        let mut all = Vec::new();
        let mut room = EVIDENCE_BYTES;
        let mut queue = VecDeque::from([*id]);
        while let Some(next) = queue.pop_front() {
            let Some(found) = self.find(&next).map_err(broken)? else {
                continue;
            };
            let evidence = self.evidence_of(&found)?;
            let bytes = evidence.iter().map(borsh::object_length);
            let bytes: usize = bytes
                .map(|length| length.map_or(FILE_BYTES, |length| length + PLACE_BYTES))
                .sum();
            if bytes > room || all.len() + evidence.len() > MAX_EVIDENCE {
                break;
            }
            room -= bytes;
            all.extend(evidence);
            if is_root_final(found.executed.as_ref().map(|(at, _)| at)) {
                queue.extend(found.receipt().into_iter().flat_map(|r| &r.outputs));
            }
        }
        Ok(all)
    }

    /// What is root-final of one message.
    fn evidence_of(&self, found: &Found) -> Result<Vec<Evidence>, ProveError> {
        let mut evidence = Vec::new();
        if let Some((standing, bundle, at)) = &found.left
            && is_root_final(Some(standing))
        {
            let fact = left(standing, *bundle, *at).ok_or(ProveError::Pruned)?;
            evidence.push(self.evidence(standing, fact)?);
        }
        if let Some((standing, at)) = &found.executed
            && is_root_final(Some(standing))
        {
            let fact = executed(standing, *at).ok_or(ProveError::Pruned)?;
            evidence.push(self.evidence(standing, fact)?);
        }
        Ok(evidence)
    }

    /// A fact of a root-final block with the way from the block to the root.
    fn evidence(&self, standing: &Standing, fact: Fact) -> Result<Evidence, ProveError> {
        let header = standing.content.header.clone();
        let anchored = match header.chain.is_root() {
            true => None,
            false => Some(self.anchored(&header)?),
        };
        Ok(Evidence {
            fact,
            header,
            anchored,
            place: None,
        })
    }

    fn anchored(&self, header: &Header) -> Result<Anchored, ProveError> {
        let over = self.tables.anchor_over(Spot::of(header)).map_err(broken)?;
        let row = over.ok_or(ProveError::Pruned)?;
        let tip = row.anchor.tip.height;
        Ok(Anchored {
            history: self.path(header.chain, header.height, tip)?,
            anchor: row.anchor,
            input: row.input,
            root: row.root,
        })
    }

    /// A block's place in the history below a later one; `None` when it is the same.
    pub(super) fn path(
        &self,
        chain: ChainId,
        height: Height,
        below: Height,
    ) -> Result<Option<crypto::merkle::InclusionProof>, ProveError> {
        if height == below {
            return Ok(None);
        }
        let chain = self.chain(chain).map_err(broken)?;
        let history = chain.history.as_ref().ok_or(ProveError::Pruned)?;
        let path = history.prove(height, below).ok_or(ProveError::Pruned)?;
        Ok(Some(path))
    }
}

/// The root block that answers for a piece of evidence.
fn root_of(evidence: &Evidence) -> &Header {
    let anchored = evidence.anchored.as_ref();
    anchored.map_or(&evidence.header, |anchored| &anchored.root)
}

fn is_root_final(standing: Option<&Standing>) -> bool {
    standing.is_some_and(|standing| standing.level == Level::RootFinal)
}

fn left(standing: &Standing, bundle: u32, at: u32) -> Option<Fact> {
    let outbox = &standing.content.outbox;
    let (found, messages) = outbox.get(bundle as usize)?;
    let encoded = messages.iter().map(|m| to_vec(m).unwrap_or_default());
    let leaves = outbox.iter().map(|(bundle, _)| Bundle::leaf(bundle));
    Some(Fact::Left {
        message: messages.get(at as usize)?.clone(),
        position: MerkleTree::from_leaves(encoded).prove(at.into())?,
        bundle: *found,
        outbox: MerkleTree::from_leaf_hashes(leaves.collect()).prove(bundle.into())?,
    })
}

fn executed(standing: &Standing, at: u32) -> Option<Fact> {
    let receipts = &standing.content.receipts;
    Some(Fact::Executed {
        receipt: receipts.get(at as usize)?.clone(),
        position: receipt_tree(receipts).prove(at.into())?,
    })
}

/// A client is told that the node can't answer now; the log says why.
pub(super) fn broken(error: IndexError) -> ProveError {
    tracing::error!(%error, "the index failed");
    ProveError::Busy
}
