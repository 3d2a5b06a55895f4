//! What all nodes of a chain agree on beforehand.

use std::sync::Arc;

use actors::{Context, Registry, State, System, gas};
use types::{AccountId, ChainId, Header, Height, NetworkId, RootRef, RoutingTable};

use crate::mempool::{MempoolLimits, Refusal, Sender};
use crate::signed::SignedMessage;
use crate::transition::Frame;

/// Is told of root-final blocks.
pub type RootFinal = Arc<dyn Fn(&RootRef) + Send + Sync>;

/// Rules of a chain and limits of this node.
#[derive(Clone)]
pub struct Rules {
    /// The network.
    pub network: NetworkId,
    /// The chain.
    pub chain: ChainId,
    /// Which chain each account lives on.
    pub routing: Arc<RoutingTable>,
    /// Code of accounts.
    pub behaviours: Arc<Registry>,
    /// What records anchors, checking everything.
    pub system: Arc<dyn System>,
    /// The same for anchors whose certificates were checked before.
    pub certified: Arc<dyn System>,
    /// Reads the last anchored height of a chain from the root's state.
    pub recorded: fn(&State, ChainId) -> Option<Height>,
    /// Is told of every root-final block before anything is judged by it.
    pub root_final: RootFinal,
    /// Gas of one block.
    pub gas_limit: u64,
    /// The least gas price.
    pub min_gas_price: u64,
    /// Messages that one account may consume in a block before others have their turn.
    pub quota: u32,
    /// Bytes of one block's encoded body.
    pub body_bytes: usize,
    /// External messages of one block.
    pub block_messages: usize,
    /// Milliseconds that a block's time may be ahead of a voter's clock.
    pub drift_ms: u64,
    /// Bounds of the mempool.
    pub mempool: MempoolLimits,
    /// Unknown to others; blinds batches of signature checks.
    pub secret: [u8; 32],
    /// How many threads execution may use.
    pub parallelism: actors::Parallelism,
}

impl Rules {
    /// The context of a block on `parent`.
    pub(crate) fn context(&self, parent: &Header, frame: Frame, certified: bool) -> Context {
        let system = if certified {
            &self.certified
        } else {
            &self.system
        };
        Context {
            network: self.network,
            chain: self.chain,
            height: parent.height + 1,
            time: frame.time,
            epoch: frame.epoch,
            phase: frame.phase,
            root_height: frame.root_ref.height,
            seed: None,
            routing: self.routing.clone(),
            behaviours: self.behaviours.clone(),
            system: system.clone(),
            gas_limit: self.gas_limit,
            min_gas_price: self.min_gas_price,
            quota: self.quota,
            // The parent's hash is known to nobody before its content is; so is the turn. [C6]
            rotation: self.routing.point(self.chain, parent.hash().0),
        }
    }

    /// What the mempool must know of a message's sender, or why the message is refused at once.
    pub(crate) fn sender_of(
        &self,
        state: &State,
        message: &SignedMessage,
    ) -> Result<Sender, Refusal> {
        let (call, key) = (&message.message().call, &message.message().key);
        if self.routing.home(&call.from) != self.chain {
            return Err(Refusal::OtherChain);
        }
        let account = state.account(&call.from);
        let controlled = match account {
            Some(account) => account.is_controlled_by(&call.from, key),
            None => AccountId::of_key(key) == call.from,
        };
        if !controlled {
            return Err(Refusal::Key);
        }
        let least = gas::least(call);
        if call.gas.limit < least {
            return Err(Refusal::Gas {
                limit: call.gas.limit,
                least,
            });
        }
        if call.gas.price < self.min_gas_price {
            return Err(Refusal::Underpriced {
                least: self.min_gas_price,
            });
        }
        let (balance, nonce) = account.map_or_else(Default::default, |account| {
            let all = account
                .balance
                .plus(account.claimable)
                .unwrap_or(account.balance);
            (all, account.nonce)
        });
        Ok(Sender { balance, nonce })
    }

    /// The last anchored height of a chain, as a state of the root says.
    pub(crate) fn recorded_height(&self, state: &State, chain: ChainId) -> Option<Height> {
        (self.recorded)(state, chain)
    }
}
