//! Admission: checks signatures of external messages in batches, before anything else sees them.
//!
//! Whatever arrives while a batch is being checked makes the next one: under load batches grow
//! and a check gets cheaper, when idle a message waits for nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::Recipient;
use tokio::sync::mpsc;
use tx_chain::SignedMessage;
use types::{ChainId, ExternalMessage, NetworkId, RoutingTable};

use super::chain::{AdmissionError, Answer, Submitted, ToChain, refuse};

/// Lots that wait to be checked; more are refused.
const WAITING: usize = 4_096;
/// Lots that make one batch at most.
const BATCH: usize = 512;

/// Where a lot of messages comes from.
pub enum Origin {
    /// Handed in here: a single message, and somebody waits.
    Local(Answer),
    /// Gossip; the judgement decides whether it is passed on.
    Gossip(Box<dyn FnOnce(bool) + Send>),
}

/// Messages that came together.
pub struct Lot {
    /// The messages.
    pub messages: Vec<ExternalMessage>,
    /// Where they come from.
    pub origin: Origin,
}

/// Checks signatures and hands good messages to the chains of their senders.
#[derive(Clone)]
pub struct Admission {
    lots: mpsc::Sender<Lot>,
}

/// What admission needs to know.
pub struct Setup {
    /// The network that signatures cover.
    pub network: NetworkId,
    /// Which chain each sender lives on.
    pub routing: Arc<RoutingTable>,
    /// The chains of this node.
    pub chains: BTreeMap<ChainId, Recipient<ToChain>>,
    /// Blinds the batches.
    pub secret: [u8; 32],
}

impl Admission {
    /// Starts admission on the current runtime; it ends when all handles are dropped.
    pub fn start(setup: Setup) -> Self {
        let (lots, mut waiting) = mpsc::channel(WAITING);
        let setup = Arc::new(setup);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let (lots, setup) = (std::mem::take(&mut batch), setup.clone());
                let checked = tokio::task::spawn_blocking(move || setup.admit(lots)).await;
                if checked.is_err() {
                    break;
                }
            }
        });
        Self { lots }
    }

    /// Hands a lot in; when too many wait, a local sender is told and gossip is forgotten.
    pub fn offer(&self, lot: Lot) {
        if let Err(refused) = self.lots.try_send(lot) {
            match refused.into_inner().origin {
                Origin::Local(answer) => {
                    let _ = answer.send(Err(AdmissionError::Busy));
                }
                Origin::Gossip(_) => {}
            }
        }
    }
}

impl Setup {
    fn admit(&self, lots: Vec<Lot>) {
        let all = lots
            .iter()
            .flat_map(|lot| lot.messages.iter().cloned())
            .collect();
        let mut checked = SignedMessage::check(self.network, all, self.secret).into_iter();
        let mut by_chain: BTreeMap<ChainId, Vec<Submitted>> = BTreeMap::new();
        for lot in lots {
            let verdicts: Vec<_> = checked.by_ref().take(lot.messages.len()).collect();
            for submitted in judge(lot.origin, verdicts) {
                let home = self.routing.home(&submitted.message.message().call.from);
                by_chain.entry(home).or_default().push(submitted);
            }
        }
        for (chain, messages) in by_chain {
            self.deliver(chain, messages);
        }
    }

    fn deliver(&self, chain: ChainId, messages: Vec<Submitted>) {
        let Some(recipient) = self.chains.get(&chain) else {
            return refuse(messages, AdmissionError::NotServed { chain });
        };
        if let Err(actix::prelude::SendError::Full(ToChain::Externals(messages))) =
            recipient.try_send(ToChain::Externals(messages))
        {
            refuse(messages, AdmissionError::Busy);
        }
    }
}

/// Answers for a lot's origin; returns its good messages.
fn judge(origin: Origin, verdicts: Vec<Option<SignedMessage>>) -> Vec<Submitted> {
    let good = verdicts.iter().all(Option::is_some);
    let mut messages = verdicts.into_iter().flatten();
    match origin {
        Origin::Gossip(judgement) => {
            judgement(good);
            messages
                .map(|message| Submitted {
                    message,
                    answer: None,
                })
                .collect()
        }
        Origin::Local(answer) => match messages.next() {
            Some(message) if good => vec![Submitted {
                message,
                answer: Some(answer),
            }],
            _ => {
                let _ = answer.send(Err(AdmissionError::Signature));
                Vec::new()
            }
        },
    }
}
