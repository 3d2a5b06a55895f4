//! The tree of messages under an external message, its word and its times. [X4] [X5]

use types::{
    AccountId, Address, Amount, ChainId, ExternalCall, FailureCode, Input, MessageId, Receipt,
    RelayBody, RelayMessage, Status, Time,
};

use super::find::{Found, Message};
use super::record::{Spot, Submission};
use super::{Index, IndexError};
use crate::rpc::view::{
    Latencies, Level, MessageKind, NodeStatus, RunEntry, RunView, Trace, TraceNode, U64, Word,
};

/// Bytes of inputs, answers and logs that a trace shows.
const SHOWN: usize = 256 * 1024;

impl Index {
    /// The trace of an external message, or of the tree that a relay message belongs to; `None`
    /// when this node knows neither a block nor a submission that tells of it.
    ///
    /// `early` is how many seats of its own chain's committee make the external message early;
    /// none means the usual number, as on all other chains. [X8]
    ///
    /// # Errors
    /// When the database fails.
    pub fn trace(&self, id: &MessageId, early: Option<u64>) -> Result<Option<Trace>, IndexError> {
        let top = match self.find(id)? {
            Some(found) if found.trace != *id => {
                let top = found.trace;
                self.find(&top)?.map(|found| (top, found))
            }
            found => found.map(|found| (*id, found)),
        };
        let Some((top, found)) = top else {
            let submission = self.submission(id)?;
            return Ok(submission.and_then(|submission| self.waiting(*id, &submission)));
        };
        let home = self.home(&found);
        let mut walk = Walk {
            early: early.map(|seats| (home, seats)),
            left: self.limits.trace_messages,
            room: SHOWN,
            open: false,
            failed: false,
            useful: false,
            last: None,
        };
        let root = self.node(top, &found, None, &mut walk)?;
        let ended = !walk.open;
        Ok(Some(Trace {
            id: top,
            word: walk.word(),
            level: if ended { Level::Settled } else { root.level },
            latency_ms: self.latencies(&top, &found, early, walk.last.filter(|_| ended))?,
            root,
        }))
    }

    /// The chain that an external message lives on.
    fn home(&self, found: &Found) -> ChainId {
        let from = match &found.message {
            Message::External(call) => call.from,
            Message::Relay(relay) => relay.to,
        };
        self.network.routing.home(&from)
    }

    /// A message that no block holds.
    fn waiting(&self, id: MessageId, submission: &Submission) -> Option<Trace> {
        let call = submission.call.as_ref()?;
        let (word, status, level) = if submission.expired {
            (Word::Refunded, NodeStatus::Expired, Level::Settled)
        } else {
            (Word::Pending, NodeStatus::Waiting, Level::Pending)
        };
        Some(Trace {
            id,
            word,
            level,
            latency_ms: Latencies::new(),
            root: self.external(id, call, status),
        })
    }

    /// `parent` is the message whose execution sent it.
    fn node(
        &self,
        id: MessageId,
        found: &Found,
        parent: Option<&Message>,
        walk: &mut Walk,
    ) -> Result<TraceNode, IndexError> {
        walk.left = walk.left.saturating_sub(1);
        let status = self.status(found);
        let mut node = match &found.message {
            Message::External(call) => self.external(id, call, status),
            Message::Relay(relay) => self.relay(id, relay, status),
        };
        let Some((standing, _)) = &found.executed else {
            walk.open = true;
            return Ok(node);
        };
        let header = &standing.content.header;
        node.chain = header.chain;
        node.height = Some(U64(header.height));
        node.level = standing.level;
        walk.count(&found.message, node.status);
        if standing.level < Level::Committed {
            node.early = standing.growth.view();
            if standing.growth.since(walk.wanted(header.chain)).is_some() {
                node.level = Level::Early;
            }
        } else if let Some(row) = self.tables.row(Spot::of(header))? {
            node.early = row.growth.view();
            let ended = standing.level == Level::RootFinal;
            walk.last = walk.last.max(row.times.root_final.filter(|_| ended));
        }
        walk.open |= standing.level != Level::RootFinal;
        if let Some(receipt) = found.receipt() {
            node.gas = U64(receipt.gas);
            let said = receipt.notes.as_ref().map(|notes| notes.text.clone());
            node.said = said.filter(|text| !text.is_empty());
            if let Message::Relay(relay) = &found.message {
                node.run = walk.run(relay, parent, receipt);
            }
            node.children = self.children(&receipt.outputs, &found.message, walk)?;
        }
        Ok(node)
    }

    /// No deeper than messages are: a relay message's depth is bounded when it is made.
    fn children(
        &self,
        outputs: &[MessageId],
        parent: &Message,
        walk: &mut Walk,
    ) -> Result<Vec<TraceNode>, IndexError> {
        let mut children = Vec::with_capacity(outputs.len().min(walk.left));
        for id in outputs {
            match self.find(id)? {
                Some(found) if walk.left > 0 => {
                    children.push(self.node(*id, &found, Some(parent), walk)?);
                }
                _ => walk.open = true,
            }
        }
        Ok(children)
    }

    fn status(&self, found: &Found) -> NodeStatus {
        if let Some(receipt) = found.receipt() {
            return match receipt.status {
                Status::Done => NodeStatus::Done,
                Status::Failed(code) => NodeStatus::Failed(code),
            };
        }
        let Message::Relay(relay) = &found.message else {
            return NodeStatus::Waiting;
        };
        let routing = &self.network.routing;
        let stays = routing.home(&relay.from) == routing.home(&relay.to);
        let is_final = |level: Level| level >= Level::Committed;
        let produced = found.produced.as_ref().is_some_and(|at| is_final(at.level));
        if found.imported.as_ref().is_some_and(|at| is_final(at.level)) || (produced && stays) {
            NodeStatus::Arrived
        } else if found.left.as_ref().is_some_and(|at| is_final(at.0.level)) {
            NodeStatus::Travelling
        } else {
            NodeStatus::Waiting
        }
    }

    fn external(&self, id: MessageId, call: &ExternalCall, status: NodeStatus) -> TraceNode {
        let kind = match call.input {
            Input::Transfer => MessageKind::Transfer,
            Input::Call { .. } => MessageKind::Call,
            Input::RotateKey { .. } => MessageKind::RotateKey,
            Input::Deploy(_) => MessageKind::Deploy,
            Input::Upgrade { .. } => MessageKind::Upgrade,
        };
        TraceNode {
            gas_limit: Some(U64(call.gas.limit)),
            ..self.blank(
                id,
                (call.from, call.to, call.from),
                kind,
                call.value,
                status,
            )
        }
    }

    fn relay(&self, id: MessageId, relay: &RelayMessage, status: NodeStatus) -> TraceNode {
        let kind = match relay.body {
            RelayBody::Credit => MessageKind::Credit,
            RelayBody::Call { .. } => MessageKind::Call,
            RelayBody::Bounce(_) => MessageKind::Bounce,
            RelayBody::Refund => MessageKind::Refund,
            RelayBody::Deploy { .. } => MessageKind::Deploy,
            RelayBody::Upgrade { .. } => MessageKind::Upgrade,
            RelayBody::Reply { .. } => MessageKind::Reply,
        };
        let given = !relay.body.returns() && kind != MessageKind::Credit;
        TraceNode {
            gas_limit: given.then_some(U64(relay.gas.limit)),
            ..self.blank(
                id,
                (relay.from, relay.to, relay.to),
                kind,
                relay.value,
                status,
            )
        }
    }

    /// A node that nothing executed; `accounts` are sender, recipient and who executes.
    fn blank(
        &self,
        id: MessageId,
        accounts: (AccountId, AccountId, AccountId),
        kind: MessageKind,
        value: Amount,
        status: NodeStatus,
    ) -> TraceNode {
        let (from, to, executes) = accounts;
        let address = |account| Address::new(&self.network.name, account).into();
        TraceNode {
            id,
            from: address(from),
            to: address(to),
            chain: self.network.routing.home(&executes),
            kind,
            value,
            status,
            level: Level::Pending,
            early: None,
            height: None,
            gas: U64(0),
            gas_limit: None,
            run: None,
            said: None,
            children: Vec::new(),
        }
    }

    fn latencies(
        &self,
        id: &MessageId,
        found: &Found,
        early: Option<u64>,
        settled: Option<Time>,
    ) -> Result<Latencies, IndexError> {
        let Some(submission) = self.submission(id)? else {
            return Ok(Latencies::new());
        };
        let reached = self.reached(id, found, early)?;
        let levels = [
            Level::Proposed,
            Level::Early,
            Level::Committed,
            Level::Anchored,
            Level::RootFinal,
            Level::Settled,
        ];
        let times = levels.into_iter().zip(reached.into_iter().chain([settled]));
        let since = |time: Time| u32::try_from(time.since(submission.at)).unwrap_or(u32::MAX);
        Ok(times
            .filter_map(|(level, time)| Some((level, since(time?))))
            .collect())
    }

    /// When the block that executed a message reached each level.
    fn reached(
        &self,
        id: &MessageId,
        found: &Found,
        early: Option<u64>,
    ) -> Result<[Option<Time>; 5], IndexError> {
        let Some((standing, _)) = &found.executed else {
            return Ok([None; 5]);
        };
        if standing.level >= Level::Committed {
            let row = self.tables.row(Spot::of(&standing.content.header))?;
            let row = row.unwrap_or_default();
            return Ok(row.times.reached(row.growth.since(early)));
        }
        let candidates = self.candidates.of(id);
        let first = candidates.first();
        Ok(first.map_or([None; 5], |(candidate, _)| {
            let early = candidate.growth.since(early);
            candidate.times().reached(early)
        }))
    }
}

/// What a walk over a tree has seen.
struct Walk {
    /// Seats that were asked for of the first message's chain.
    early: Option<(ChainId, u64)>,
    /// Messages that the tree may still have.
    left: usize,
    /// Something has no root-final receipt, or was not looked at.
    open: bool,
    failed: bool,
    /// A credit or a call between accounts was done.
    useful: bool,
    /// When the last message became root-final.
    last: Option<Time>,
    /// Bytes of inputs, answers and logs that may still be shown.
    room: usize,
}

impl Walk {
    /// Seats that make a block of a chain early; none means the usual number.
    fn wanted(&self, chain: ChainId) -> Option<u64> {
        let early = self.early.filter(|(home, _)| *home == chain);
        early.map(|(_, seats)| seats)
    }

    /// What code was asked by a message and what it said; `None` where none was asked.
    fn run(
        &mut self,
        relay: &RelayMessage,
        parent: Option<&Message>,
        receipt: &Receipt,
    ) -> Option<RunView> {
        let (entry, method, input, failure) = asked(relay, parent)?;
        let mut run = RunView {
            entry,
            method: method.to_owned(),
            handler: None,
            failure,
            input: String::new(),
            args: None,
            answer: String::new(),
            returned: None,
            logs: Vec::new(),
            trap: None,
            cut: false,
        };
        let none = types::Notes::default();
        let notes = receipt.notes.as_deref().unwrap_or(&none);
        run.trap = notes.trap;
        run.input = self.show(input, &mut run.cut);
        run.answer = self.show(&notes.answer, &mut run.cut);
        for log in &notes.logs {
            let bytes = log.topic.len() + log.data.len();
            match self.room.checked_sub(bytes) {
                Some(room) => {
                    self.room = room;
                    run.logs.push(log.clone().into());
                }
                None => run.cut = true,
            }
        }
        Some(run)
    }

    /// Hexadecimal digits, if there is room.
    fn show(&mut self, bytes: &[u8], cut: &mut bool) -> String {
        match self.room.checked_sub(bytes.len()) {
            Some(room) => {
                self.room = room;
                hex::encode(bytes)
            }
            None => {
                *cut = true;
                String::new()
            }
        }
    }

    fn count(&mut self, message: &Message, status: NodeStatus) {
        let sent = matches!(message, Message::Relay(relay) if !relay.body.returns());
        match status {
            NodeStatus::Failed(_) => self.failed = true,
            NodeStatus::Done => self.useful |= sent,
            _ => {}
        }
    }

    const fn word(&self) -> Word {
        match (self.open, self.failed, self.useful) {
            (true, ..) => Word::Pending,
            (_, false, _) => Word::Settled,
            (_, true, false) => Word::Refunded,
            (_, true, true) => Word::PartlyFailed,
        }
    }
}

/// Which code a message runs, with what; `None` when it runs none.
fn asked<'a>(
    relay: &'a RelayMessage,
    parent: Option<&'a Message>,
) -> Option<(RunEntry, &'a str, &'a [u8], Option<FailureCode>)> {
    // Only calls whose sender wanted to hear of them have a handler.
    let waited = match parent {
        Some(Message::Relay(call)) => match &call.body {
            RelayBody::Call {
                method,
                reply: true,
                ..
            } => Some(&**method),
            _ => None,
        },
        _ => None,
    };
    match &relay.body {
        RelayBody::Call { method, data, .. } => Some((RunEntry::Message, method, data, None)),
        RelayBody::Deploy { deploy, .. } => Some((RunEntry::Init, "", &deploy.init, None)),
        RelayBody::Reply { data, .. } => Some((RunEntry::Reply, waited?, data, None)),
        RelayBody::Bounce(bounce) => {
            let entry = match bounce.code {
                FailureCode::Deadline => RunEntry::Timeout,
                _ => RunEntry::Bounce,
            };
            Some((entry, waited?, &[], Some(bounce.code)))
        }
        RelayBody::Credit | RelayBody::Refund | RelayBody::Upgrade { .. } => None,
    }
}
