//! Proof files: what became of a message, from its block up to a root certificate.

use std::collections::VecDeque;

use actors::executed::receipt_tree;
use borsh::to_vec;
use crypto::merkle::MerkleTree;
use types::{Bundle, ChainId, Header, Height, MessageId};

use super::find::{Found, Standing};
use super::record::Spot;
use super::{Index, IndexError};
use crate::proof::{Anchored, Certified, Evidence, FILE_BYTES, Fact, MAX_EVIDENCE, ProofFile};
use crate::rpc::ProveError;
use crate::rpc::view::Level;

/// Bytes left free for what surrounds the evidence.
const MARGIN: usize = 1_024;

impl Index {
    /// A proof of all that is root-final of a message and of the messages that followed from it,
    /// oldest first, as far as one file holds: that it left its chain, its receipt, and the
    /// same for each message that the receipt names.
    ///
    /// # Errors
    /// When the message is unknown, nothing of it is root-final yet, blocks are missing, or the
    /// database fails.
    pub fn prove(&self, id: &MessageId) -> Result<ProofFile, ProveError> {
        let mut file = ProofFile {
            network: self.network.id,
            message: *id,
            evidence: Vec::new(),
        };
        if self.find(id).map_err(broken)?.is_none() {
            let known = self.submission(id).map_err(broken)?.is_some();
            return Err(if known {
                ProveError::NotFinal
            } else {
                ProveError::Unknown
            });
        }
        let mut room = FILE_BYTES - MARGIN;
        let mut queue = VecDeque::from([*id]);
        while let Some(next) = queue.pop_front() {
            let Some(found) = self.find(&next).map_err(broken)? else {
                continue;
            };
            let evidence = self.evidence_of(&found)?;
            let bytes = evidence.iter().map(borsh::object_length);
            let bytes: usize = bytes.map(|length| length.unwrap_or(FILE_BYTES)).sum();
            if bytes > room || file.evidence.len() + evidence.len() > MAX_EVIDENCE {
                break;
            }
            room -= bytes;
            file.evidence.extend(evidence);
            if is_root_final(found.executed.as_ref().map(|(at, _)| at)) {
                queue.extend(found.receipt().into_iter().flat_map(|r| &r.outputs));
            }
        }
        if file.evidence.is_empty() {
            return Err(ProveError::NotFinal);
        }
        Ok(file)
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

    /// A fact of a root-final block with the way from the block to a certificate.
    fn evidence(&self, standing: &Standing, fact: Fact) -> Result<Evidence, ProveError> {
        let header = standing.content.header.clone();
        let (anchored, root) = if header.chain.is_root() {
            (None, header.height)
        } else {
            let anchored = self.anchored(&header)?;
            let root = anchored.root.height;
            (Some(anchored), root)
        };
        Ok(Evidence {
            fact,
            header,
            anchored,
            certified: self.certified(root)?,
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

    /// From a root block to the next one that has certificates of its own.
    fn certified(&self, root: Height) -> Result<Certified, ProveError> {
        let found = self.tables.certified(root).map_err(broken)?;
        let (height, finality) = found.ok_or(ProveError::NotFinal)?;
        let later = match self.path(ChainId::ROOT, root, height)? {
            None => None,
            Some(path) => {
                let chain = ChainId::ROOT;
                let top = self.content(Spot { chain, height }).map_err(broken)?;
                let header = top.ok_or(ProveError::Pruned)?.header.clone();
                Some((header, path))
            }
        };
        Ok(Certified { later, finality })
    }

    /// A block's place in the history below a later one; `None` when it is the same.
    fn path(
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
fn broken(error: IndexError) -> ProveError {
    tracing::error!(%error, "the index failed");
    ProveError::Busy
}
