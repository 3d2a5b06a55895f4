//! What nodes send each other.

use borsh::{BorshDeserialize, BorshSerialize};
use consensus::Message;
use root_chain::duty::SeedShares;
use tx_chain::Pull;
use types::{
    Anchor, Block, BlockHash, ChainId, Declaration, ExternalMessage, Height, Import, NodeId,
    VoteKind,
};

/// One message between two nodes.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Wire {
    /// A consensus message; `from` made it, and the transport vouches for that.
    Consensus {
        chain: ChainId,
        from: NodeId,
        message: Message,
    },
    /// "Send me this block and what is below it."
    Fetch {
        chain: ChainId,
        hash: BlockHash,
        above: Height,
    },
    Blocks {
        chain: ChainId,
        blocks: Vec<Block>,
    },
    /// "Send me bundles."
    Pull(Pull),
    Bundles {
        chain: ChainId,
        imports: Vec<Import>,
    },
    Anchor(Box<Anchor>),
    Declaration(Declaration),
    Shares {
        from: NodeId,
        shares: SeedShares,
    },
    Externals {
        chain: ChainId,
        messages: Vec<ExternalMessage>,
    },
}

impl Wire {
    /// The chain whose machine takes it in.
    pub(crate) const fn chain(&self) -> ChainId {
        match self {
            Self::Consensus { chain, .. }
            | Self::Fetch { chain, .. }
            | Self::Blocks { chain, .. }
            | Self::Bundles { chain, .. }
            | Self::Externals { chain, .. } => *chain,
            Self::Pull(pull) => pull.source,
            Self::Anchor(_) | Self::Declaration(_) | Self::Shares { .. } => ChainId::ROOT,
        }
    }

    pub(crate) const fn is_vote(&self) -> bool {
        let Self::Consensus { message, .. } = self else {
            return false;
        };
        matches!(message, Message::Vote(_))
    }

    /// One line about it, for people.
    pub(crate) fn line(&self) -> String {
        let chain = self.chain();
        match self {
            Self::Consensus { message, .. } => match message {
                Message::Proposal(block) => {
                    let (header, hash) = (&block.header, block.header.hash());
                    let (round, height) = (header.round, header.height);
                    format!(
                        "chain {chain} proposal r{round} h{height} {:.8}",
                        hash.to_string()
                    )
                }
                Message::Vote(vote) => {
                    let value = vote.value.map_or_else(String::new, |v| v.to_string());
                    let (kind, round) = (vote.kind, vote.round);
                    format!("chain {chain} {kind:?} r{round} {value:.8}")
                }
                Message::Certificate(certificate) => {
                    let (kind, round) = (certificate.kind, certificate.round);
                    let groups = certificate.groups.len();
                    format!("chain {chain} certificate {kind:?} r{round} {groups} groups")
                }
                Message::Finality(finality) => {
                    format!("chain {chain} finality r{}", finality.confirm.round)
                }
                Message::Ask { above, .. } => format!("chain {chain} ask above r{above}"),
                Message::Closed(_) => format!("chain {chain} term closed"),
            },
            Self::Fetch { hash, above, .. } => {
                format!("chain {chain} fetch {:.8} above h{above}", hash.to_string())
            }
            Self::Blocks { blocks, .. } => format!("chain {chain} {} blocks", blocks.len()),
            Self::Pull(pull) => format!("{pull:?}"),
            Self::Bundles { imports, .. } => format!("chain {chain} {} bundles", imports.len()),
            Self::Anchor(anchor) => {
                let (of, first, last) = (anchor.tip.chain, anchor.first, anchor.tip.height);
                format!("anchor of chain {of} h{first} to h{last}")
            }
            Self::Declaration(declaration) => {
                let bytes = declaration.as_bytes();
                format!("declaration {:?} of {} bytes", bytes.first(), bytes.len())
            }
            Self::Shares { shares, .. } => {
                format!("shares of seed {} of term {}", shares.height, shares.epoch)
            }
            Self::Externals { messages, .. } => {
                format!("chain {chain} {} externals", messages.len())
            }
        }
    }

    /// A few bytes that tell it from most others, for the event log.
    pub(crate) fn mark(&self) -> [u8; 12] {
        let (kind, number, head) = match self {
            Self::Consensus { message, .. } => match message {
                Message::Proposal(block) => (1, block.header.round, head(&block.header.hash())),
                Message::Vote(vote) => {
                    let kind = match vote.kind {
                        VoteKind::Prepare => 2,
                        VoteKind::Skip => 3,
                        VoteKind::Confirm => 4,
                    };
                    (kind, vote.round, vote.value.map_or(0, |value| head(&value)))
                }
                Message::Certificate(certificate) => (5, certificate.round, 0),
                Message::Finality(finality) => (6, finality.confirm.round, 0),
                Message::Ask { above, .. } => (7, *above, 0),
                Message::Closed(closed) => (14, closed.finality.confirm.round, 0),
            },
            Self::Fetch { hash, above, .. } => (8, *above, head(hash)),
            Self::Blocks { blocks, .. } => (9, blocks.len() as u64, 0),
            Self::Pull(pull) => (10, pull.from, pull.tip as u16),
            Self::Bundles { imports, .. } => (11, imports.len() as u64, 0),
            Self::Anchor(anchor) => (12, anchor.first, head(&anchor.tip.hash())),
            Self::Declaration(declaration) => (15, declaration.as_bytes().len() as u64, 0),
            Self::Shares { shares, .. } => (16, shares.height, 0),
            Self::Externals { messages, .. } => (13, messages.len() as u64, 0),
        };
        let mut mark = [kind; 12];
        mark[1] = self.chain().0 as u8;
        mark[2..10].copy_from_slice(&number.to_le_bytes());
        mark[10..].copy_from_slice(&head.to_le_bytes());
        mark
    }
}

fn head(hash: &BlockHash) -> u16 {
    let [a, b, ..] = *hash.as_bytes();
    u16::from_le_bytes([a, b])
}
