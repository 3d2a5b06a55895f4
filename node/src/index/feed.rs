//! What the chains report, in the order in which they report it. [X1]

use std::sync::Arc;

use borsh::BorshDeserialize;
use store::Batch;
use tx_chain::transition::{filings, input_tree};
use tx_chain::{ExecutedBlock, FinalBlock};
use types::{
    BlockHash, Body, ChainId, ExternalMessage, Header, Height, MessageId, RootBlock, Time,
};

use super::line::TermEnd;
use super::record::{AnchorRow, Content, Head, Row, Spot, Submission, Times};
use super::{Index, IndexError, tables};
use crate::rpc::view::{Anchored, Event, Head as HeadEvent, U64};

impl Index {
    /// A message was handed in at this node. Events to tell.
    pub fn submitted(&mut self, message: &ExternalMessage, now: Time) -> Vec<Event> {
        let id = message.id(self.network.id);
        let call = message.call.clone();
        let most = (self.limits.pending, self.limits.pending_bytes);
        let fresh = self.pending.insert(id, call, now, most);
        fresh.then_some(Event::Trace(id)).into_iter().collect()
    }

    /// A message that was handed in was refused. What was handed in as often as it was refused is
    /// not known any more.
    pub fn refused(&mut self, id: &MessageId) -> Vec<Event> {
        let gone = self.pending.refuse(id);
        gone.then_some(Event::Trace(*id)).into_iter().collect()
    }

    /// Messages left the mempool for good because their time was over.
    ///
    /// # Errors
    /// When the database fails.
    pub fn expired(&mut self, ids: &[MessageId]) -> Result<Vec<Event>, IndexError> {
        let mut batch = Batch::new();
        let mut events = Vec::new();
        for id in ids {
            if let Some(pending) = self.pending.take(id) {
                let submission = Submission {
                    expired: true,
                    ..pending
                };
                tables::put_submission(&mut batch, id, &submission);
                events.push(Event::Trace(*id));
            }
        }
        self.tables.commit(batch)?;
        Ok(events)
    }

    /// A proposal was executed and found valid. On the root, what it records counts as
    /// anchored. [X3]
    ///
    /// # Errors
    /// When the database fails.
    pub fn proposed(&mut self, block: &ExecutedBlock, now: Time) -> Result<Vec<Event>, IndexError> {
        let header = block.header();
        let head = self.chain(header.chain)?.head.height;
        if header.height <= head || self.candidates.has(&block.hash) {
            return Ok(Vec::new());
        }
        let content = self.read(block)?;
        let mut events = traces(&content);
        let cap = self.limits.candidates;
        self.candidates.insert(block.hash, content, now, cap);
        for record in &block.recorded.records {
            let seen = self.seen_anchored(record.tip.chain, record.tip.height, now)?;
            events.extend(seen);
        }
        Ok(events)
    }

    /// A block reached early consensus of so many of the committee's seats. [X8]
    ///
    /// # Errors
    /// When the chain is unknown.
    pub fn early(
        &mut self,
        header: &Header,
        (seats, of): (u64, u64),
        now: Time,
    ) -> Result<Vec<Event>, IndexError> {
        let (hash, spot) = (header.hash(), Spot::of(header));
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            let grown = candidate.growth.grow(seats, of, now);
            let news = grown.then(|| traces(&candidate.content));
            return Ok(news.unwrap_or_default());
        }
        if spot.height > self.chain(spot.chain)?.head.height {
            let cap = self.limits.candidates;
            let growth = self.candidates.herald(spot, hash, cap);
            growth.grow(seats, of, now);
        }
        Ok(Vec::new())
    }

    /// Blocks of a chain became final, lowest first. Those known already change nothing. [X1]
    ///
    /// # Errors
    /// When a block is missing before these, another one is final at a height, or the database
    /// fails.
    pub fn finalized(
        &mut self,
        blocks: &[FinalBlock],
        now: Time,
    ) -> Result<Vec<Event>, IndexError> {
        let mut batch = Batch::new();
        let mut events = Vec::new();
        for block in blocks {
            self.add(block, now, &mut batch, &mut events)?;
        }
        if let Some(last) = blocks.last() {
            let chain = last.executed.header().chain;
            tables::put_head(&mut batch, chain, self.head_of(chain)?);
        }
        self.tables.commit(batch)?;
        self.advance(now, &mut events)?;
        Ok(events)
    }

    /// A root block is final; for nodes that do not report the root's own blocks with
    /// [`Index::finalized`]. Harmless for others.
    ///
    /// # Errors
    /// When the database fails.
    pub fn root_final(&mut self, block: &RootBlock, now: Time) -> Result<Vec<Event>, IndexError> {
        let mut events = Vec::new();
        for record in &block.records {
            let (id, height) = (record.tip.chain, record.tip.height);
            let known = self.chains.get(&id).is_none_or(|chain| chain.tip >= height);
            if !known {
                events.push(anchored(id, height, record.tip.hash, block.height()));
                self.raise_tip(id, height);
            }
        }
        self.advance(now, &mut events)?;
        Ok(events)
    }

    fn add(
        &mut self,
        block: &FinalBlock,
        now: Time,
        batch: &mut Batch,
        events: &mut Vec<Event>,
    ) -> Result<(), IndexError> {
        let executed = &block.executed;
        let header = executed.header();
        let spot = Spot::of(header);
        if let (true, Some(finality)) = (spot.chain.is_root(), &block.finality) {
            tables::put_certified(batch, spot.height, finality);
        }
        if spot.chain.is_root()
            && let Some(end) = TermEnd::of(block)
        {
            tables::put_term_end(batch, &end);
        }
        if !self.is_next(spot, &executed.hash)? {
            return Ok(());
        }
        let (content, mut times, growth) = match self.candidates.take(&executed.hash) {
            Some(candidate) => (
                candidate.content.clone(),
                candidate.times(),
                candidate.growth,
            ),
            None => {
                let growth = self.candidates.early(&executed.hash);
                (self.read(executed)?, Times::default(), growth)
            }
        };
        times.committed = Some(now);
        let anchored = self.chain(spot.chain)?.anchored;
        times.anchored = Some(now).filter(|_| spot.height <= anchored);
        if spot.chain.is_root() {
            (times.anchored, times.root_final) = (Some(now), Some(now));
            self.record_anchors(executed, batch, events)?;
        }
        let hash = executed.hash;
        let row = Row {
            hash,
            times,
            growth,
        };
        tables::put_row(batch, spot, &row);
        let bytes = tables::put_content(batch, &hash, &content);
        self.close_submissions(&content, batch);
        events.push(head_event(header, hash, content.externals.len()));
        events.extend(traces(&content));
        self.recent
            .push(spot, content, bytes, self.limits.cache_bytes);
        self.candidates.forget(spot);
        self.grow(header, hash);
        Ok(())
    }

    /// Whether a block is the next of its chain; false when it is known.
    fn is_next(&self, spot: Spot, hash: &BlockHash) -> Result<bool, IndexError> {
        let chain = self.chain(spot.chain)?;
        let (last, Spot { chain: id, height }) = (chain.head.height, spot);
        if height > last + 1 {
            return Err(IndexError::Gap {
                chain: id,
                expected: last + 1,
                found: height,
            });
        }
        if height == last + 1 {
            return Ok(true);
        }
        let known = if height == last {
            Some(chain.head.hash())
        } else {
            self.tables.row(spot)?.map(|row| row.hash)
        };
        if known.is_some_and(|known| known != *hash) {
            return Err(IndexError::Fork { chain: id, height });
        }
        Ok(false)
    }

    /// Keeps each anchor of a final root block with its place in the block.
    fn record_anchors(
        &mut self,
        block: &ExecutedBlock,
        batch: &mut Batch,
        events: &mut Vec<Event>,
    ) -> Result<(), IndexError> {
        if block.recorded.records.is_empty() {
            return Ok(());
        }
        let root = block.header();
        let height = root.height;
        let body =
            Body::try_from_slice(&block.block.body).map_err(|_| IndexError::Body { height })?;
        let ids: Vec<_> = block.externals.iter().map(|signed| signed.id()).collect();
        let tree = input_tree(&ids, &body.imports, filings(&body));
        let filed = body.anchors.len() + body.declarations.len();
        let first = tree.len() - filed as u64;
        for (at, anchor) in (first..).zip(body.anchors) {
            let (id, tip) = (anchor.tip.chain, anchor.tip.height);
            events.push(anchored(id, tip, anchor.tip.hash(), height));
            self.raise_tip(id, tip);
            let input = tree.prove(at).ok_or(IndexError::Body { height })?;
            let root = root.clone();
            tables::put_anchor(
                batch,
                &AnchorRow {
                    anchor,
                    input,
                    root,
                },
            );
        }
        Ok(())
    }

    /// Marks blocks that a final root block's records have reached.
    fn advance(&mut self, now: Time, events: &mut Vec<Event>) -> Result<(), IndexError> {
        let mut batch = Batch::new();
        let ids: Vec<_> = self.chains.keys().copied().collect();
        for id in ids.into_iter().filter(|id| !id.is_root()) {
            let chain = self.chain(id)?;
            let (from, to) = (chain.root_final + 1, chain.tip.min(chain.head.height));
            if from > to {
                continue;
            }
            for height in from..=to {
                let spot = Spot { chain: id, height };
                let changed = self.mark(spot, &mut batch, |times| {
                    times.anchored.get_or_insert(now);
                    times.root_final.get_or_insert(now);
                })?;
                events.extend(changed);
            }
            if let Some(chain) = self.chains.get_mut(&id) {
                chain.root_final = to;
                chain.anchored = chain.anchored.max(to);
            }
            tables::put_head(&mut batch, id, self.head_of(id)?);
        }
        self.tables.commit(batch)
    }

    fn seen_anchored(
        &mut self,
        id: ChainId,
        tip: Height,
        now: Time,
    ) -> Result<Vec<Event>, IndexError> {
        let Some(chain) = self.chains.get_mut(&id) else {
            return Ok(Vec::new());
        };
        let (from, to) = (chain.anchored + 1, tip.min(chain.head.height));
        chain.anchored = chain.anchored.max(tip);
        let mut batch = Batch::new();
        let mut events = Vec::new();
        for height in from..=to {
            let spot = Spot { chain: id, height };
            let changed = self.mark(spot, &mut batch, |times| {
                times.anchored.get_or_insert(now);
            })?;
            events.extend(changed);
        }
        self.tables.commit(batch)?;
        Ok(events)
    }

    /// Changes a block's times; returns the traces to tell of.
    fn mark(
        &self,
        spot: Spot,
        batch: &mut Batch,
        change: impl FnOnce(&mut Times),
    ) -> Result<Vec<Event>, IndexError> {
        if let Some(mut row) = self.tables.row(spot)? {
            change(&mut row.times);
            tables::put_row(batch, spot, &row);
        }
        let content = self.content(spot)?;
        Ok(content.map_or_else(Vec::new, |content| traces(&content)))
    }

    /// What a block contains, with all its traces: those of messages that waited in mailboxes
    /// are looked up.
    fn read(&self, block: &ExecutedBlock) -> Result<Arc<Content>, IndexError> {
        let mut content = Content::of(block);
        let mut traces = content.named_traces();
        let marks = content.marks();
        for receipt in &content.receipts {
            let named = marks.get(&receipt.message).is_some_and(|marks| {
                marks.external.is_some() || marks.imported.is_some() || marks.produced.is_some()
            });
            if !named && let Some(found) = self.find(&receipt.message)? {
                traces.insert(found.trace);
            }
        }
        content.traces = traces.into_iter().collect();
        Ok(Arc::new(content))
    }

    fn close_submissions(&mut self, content: &Content, batch: &mut Batch) {
        for (id, _) in &content.externals {
            if let Some(pending) = self.pending.take(id) {
                let submission = Submission {
                    call: None,
                    ..pending
                };
                tables::put_submission(batch, id, &submission);
            }
        }
    }

    fn grow(&mut self, header: &Header, hash: BlockHash) {
        let Some(chain) = self.chains.get_mut(&header.chain) else {
            return;
        };
        chain.head = header.clone();
        if let Some(history) = &mut chain.history {
            history.append(hash);
        }
        if header.chain.is_root() {
            (chain.anchored, chain.tip) = (header.height, header.height);
            chain.root_final = header.height;
        }
    }

    fn raise_tip(&mut self, id: ChainId, height: Height) {
        if let Some(chain) = self.chains.get_mut(&id) {
            chain.tip = chain.tip.max(height);
        }
    }

    fn head_of(&self, id: ChainId) -> Result<Head, IndexError> {
        let chain = self.chain(id)?;
        Ok(Head {
            committed: chain.head.height,
            root_final: chain.root_final,
        })
    }

    pub(super) fn chain(&self, id: ChainId) -> Result<&super::Chain, IndexError> {
        let chain = self.chains.get(&id);
        chain.ok_or(IndexError::UnknownChain { chain: id })
    }
}

fn traces(content: &Content) -> Vec<Event> {
    content.traces.iter().copied().map(Event::Trace).collect()
}

fn head_event(header: &Header, hash: BlockHash, messages: usize) -> Event {
    Event::Head(HeadEvent {
        chain: header.chain,
        height: U64(header.height),
        hash,
        time: U64(header.time.0),
        messages: u32::try_from(messages).unwrap_or(u32::MAX),
    })
}

const fn anchored(chain: ChainId, tip: Height, hash: BlockHash, root: Height) -> Event {
    Event::Anchor(Anchored {
        chain,
        height: U64(tip),
        hash,
        root_height: U64(root),
    })
}
