//! What became of a message and of all that followed from it.

use std::fmt;

use actors::Refusal;
use types::{
    AccountId, Amount, ChainId, FailureCode, Height, Log, MessageId, RelayBody, Status as Ended,
};

use crate::book::{Message, Record};
use crate::network::Network;

/// How a tree of messages ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Something is still under way.
    Pending,
    /// Every message did what it asked.
    Settled,
    /// Some did, some failed and gave their value back.
    PartlyFailed,
    /// Nothing was done; the value is back at, or never left, its sender.
    Refunded,
    /// No block takes the message; it cost nothing.
    Dropped,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Settled => "settled",
            Self::PartlyFailed => "partly failed",
            Self::Refunded => "refunded",
            Self::Dropped => "dropped",
        })
    }
}

/// How one message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits on the chain that it is sent from or goes to.
    Waiting,
    /// It is on a lane, or waits for room on it.
    Travelling,
    /// It did what it asked.
    Done,
    /// It did nothing.
    Failed(FailureCode),
    /// No block takes it.
    Dropped(Refusal),
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From a user.
    External,
    /// Value alone.
    Credit,
    /// A call of a method.
    Call(String),
    /// An account's beginning.
    Deploy,
    /// Other code.
    Upgrade,
    /// The answer to a call.
    Reply,
    /// A failed message's value on its way back.
    Bounce(FailureCode),
    /// Unused gas on its way back.
    Refund,
}

impl Kind {
    pub(crate) fn of(message: &Message) -> Self {
        match message {
            Message::External(_) => Self::External,
            Message::Relay(relay) => match &relay.body {
                RelayBody::Credit => Self::Credit,
                RelayBody::Call { method, .. } => Self::Call(method.clone()),
                RelayBody::Bounce(bounce) => Self::Bounce(bounce.code),
                RelayBody::Refund => Self::Refund,
                RelayBody::Deploy { .. } => Self::Deploy,
                RelayBody::Upgrade { .. } => Self::Upgrade,
                RelayBody::Reply { .. } => Self::Reply,
            },
        }
    }

    /// Whether it is on its way back from where another message was executed.
    pub const fn returns(&self) -> bool {
        matches!(self, Self::Bounce(_) | Self::Refund | Self::Reply)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External => f.pad("message"),
            Self::Credit => f.pad("credit"),
            Self::Call(method) => f.pad(method),
            Self::Deploy => f.pad("(deploy)"),
            Self::Upgrade => f.pad("(upgrade)"),
            Self::Reply => f.pad("(reply)"),
            Self::Bounce(_) => f.pad("(bounce)"),
            Self::Refund => f.pad("(refund)"),
        }
    }
}

/// A message in a trace.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub kind: Kind,
    /// Who sent it.
    pub from: AccountId,
    /// Where it goes; for an external message, what it is about.
    pub to: AccountId,
    /// Its value.
    pub value: u128,
    /// How it ended.
    pub status: Status,
    /// The block that executed it.
    pub block: Option<(ChainId, Height)>,
    /// Gas that it took.
    pub gas: u64,
    /// What the code answered.
    pub answer: Vec<u8>,
    /// What the code logged.
    pub logs: Vec<Log>,
    /// Why it failed, in the code's words.
    pub text: String,
    /// What it sent.
    pub children: Vec<Self>,
    /// What sender and recipient are called.
    names: (String, String),
}

/// A tree of messages.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The message from a user at the top, or wherever the trace was asked to begin.
    pub root: Node,
}

impl Trace {
    pub(crate) fn of(network: &Network, id: &MessageId) -> Option<Self> {
        let root = Node::of(network, id)?;
        Some(Self { root })
    }

    /// How it ended.
    pub fn word(&self) -> Word {
        let nodes = self.nodes();
        let has = |is: fn(&Node) -> bool| nodes.iter().any(|node| is(node));
        if has(|node| matches!(node.status, Status::Dropped(_))) {
            return Word::Dropped;
        }
        let open = has(|node| matches!(node.status, Status::Waiting | Status::Travelling));
        let failed = has(|node| matches!(node.status, Status::Failed(_)));
        let useful = has(Node::is_useful);
        match (open, failed, useful) {
            (true, ..) => Word::Pending,
            (_, false, _) => Word::Settled,
            (_, true, false) => Word::Refunded,
            (_, true, true) => Word::PartlyFailed,
        }
    }

    /// Asserts how it ended; the tree is printed when it ended otherwise.
    #[track_caller]
    pub fn assert(&self, word: Word) -> &Self {
        assert!(self.word() == word, "not {word}:\n{self}");
        self
    }

    /// All messages, parents before children.
    pub fn nodes(&self) -> Vec<&Node> {
        let mut nodes = Vec::new();
        self.root.walk(&mut nodes);
        nodes
    }

    /// The calls of a method.
    pub fn calls(&self, method: &str) -> Vec<&Node> {
        let mut nodes = self.nodes();
        nodes.retain(|node| matches!(&node.kind, Kind::Call(name) if name == method));
        nodes
    }

    /// How messages failed, parents before children.
    pub fn failures(&self) -> Vec<FailureCode> {
        let nodes = self.nodes().into_iter();
        let codes = nodes.filter_map(|node| match node.status {
            Status::Failed(code) => Some(code),
            _ => None,
        });
        codes.collect()
    }

    /// What all code logged: topic and data.
    pub fn logs(&self) -> Vec<(String, Vec<u8>)> {
        let nodes = self.nodes().into_iter();
        let logs = nodes.flat_map(|node| &node.logs);
        logs.map(|log| (String::from_utf8_lossy(&log.topic).into(), log.data.clone()))
            .collect()
    }

    /// Gas of all messages.
    pub fn gas(&self) -> u64 {
        self.nodes().iter().map(|node| node.gas).sum()
    }

    /// Chains that executed a part of it.
    pub fn chains(&self) -> Vec<u32> {
        let nodes = self.nodes().into_iter();
        let mut chains: Vec<_> = nodes.filter_map(|node| Some(node.block?.0.0)).collect();
        chains.sort_unstable();
        chains.dedup();
        chains
    }
}

impl Node {
    fn of(network: &Network, id: &MessageId) -> Option<Self> {
        let record = network.book.get(id)?;
        let (from, to, Amount(value)) = match &record.message {
            Message::External(call) => (call.from, call.to, call.value),
            Message::Relay(relay) => (relay.from, relay.to, relay.value),
        };
        let mut node = Self {
            id: *id,
            kind: Kind::of(&record.message),
            from,
            to,
            value,
            status: status(network, record),
            block: None,
            gas: 0,
            answer: Vec::new(),
            logs: Vec::new(),
            text: String::new(),
            children: Vec::new(),
            names: (network.name_of(&from), network.name_of(&to)),
        };
        if let Some((chain, height, receipt)) = &record.ended {
            node.block = Some((*chain, *height));
            node.gas = receipt.gas;
            if let Some(notes) = &receipt.notes {
                node.answer.clone_from(&notes.answer);
                node.logs.clone_from(&notes.logs);
                node.text.clone_from(&notes.text);
            }
            let outputs = receipt.outputs.iter();
            node.children = outputs.filter_map(|id| Self::of(network, id)).collect();
        }
        Some(node)
    }

    fn is_useful(&self) -> bool {
        let sent = self.kind != Kind::External && !self.kind.returns();
        sent && self.status == Status::Done
    }

    fn walk<'a>(&'a self, nodes: &mut Vec<&'a Self>) {
        nodes.push(self);
        for child in &self.children {
            child.walk(nodes);
        }
    }

    fn draw(&self, first: &str, rest: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{first}{self}")?;
        let last = self.children.len().saturating_sub(1);
        for (at, child) in self.children.iter().enumerate() {
            let (branch, below) = match at == last {
                true => ("└─ ", "   "),
                false => ("├─ ", "│  "),
            };
            child.draw(&format!("{rest}{branch}"), &format!("{rest}{below}"), f)?;
        }
        Ok(())
    }
}

fn status(network: &Network, record: &Record) -> Status {
    if let Some(refusal) = record.refused {
        return Status::Dropped(refusal);
    }
    if let Some((_, _, receipt)) = &record.ended {
        return match receipt.status {
            Ended::Done => Status::Done,
            Ended::Failed(code) => Status::Failed(code),
        };
    }
    match &record.message {
        Message::Relay(relay) => {
            let home = |id| network.routing.home(id);
            match home(&relay.from) == home(&relay.to) {
                true => Status::Waiting,
                false => Status::Travelling,
            }
        }
        Message::External(_) => Status::Waiting,
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = &self.names;
        write!(f, "{} {from} → {to}", self.kind)?;
        if self.value > 0 {
            write!(f, ", value {}", self.value)?;
        }
        match self.status {
            Status::Waiting => f.write_str(": waiting")?,
            Status::Travelling => f.write_str(": travelling")?,
            Status::Done => f.write_str(": done")?,
            Status::Failed(code) => write!(f, ": failed ({code:?})")?,
            Status::Dropped(refusal) => write!(f, ": dropped ({refusal})")?,
        }
        if let Some((chain, height)) = self.block {
            write!(f, " on chain {chain} at {height}, {} gas", self.gas)?;
        }
        if !self.text.is_empty() {
            write!(f, ", {:?}", self.text)?;
        }
        for log in &self.logs {
            write!(f, ", log {}", String::from_utf8_lossy(&log.topic))?;
        }
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.draw("", "", f)?;
        self.word().fmt(f)
    }
}
