//! What a block's execution depends on besides state and inputs.

use std::sync::Arc;

use crypto::Hash;
use types::{AccountId, ChainId, Epoch, Height, NetworkId, Phase, RoutingTable, Time};

use crate::{Registry, System};

/// Where and when a block runs, and its limits. The same for proposer and verifier.
#[derive(Clone)]
pub struct Context {
    /// The network.
    pub network: NetworkId,
    /// The chain.
    pub chain: ChainId,
    /// The block's height.
    pub height: Height,
    /// The block's time.
    pub time: Time,
    /// The term of the committee that makes the block.
    pub epoch: Epoch,
    /// Where the block stands in it.
    pub phase: Phase,
    /// The root height that the block cites: the clock of expiries and deadlines.
    pub root_height: Height,
    /// The newest seed of the beacon that the root had at `root_height`, and at which of its
    /// heights; `None` before the first one. Whoever proposes the block knows it.
    pub seed: Option<(Height, Hash)>,
    /// Which chain each account lives on.
    pub routing: Arc<RoutingTable>,
    /// Code of accounts.
    pub behaviours: Arc<Registry>,
    /// What records anchors.
    pub system: Arc<dyn System>,
    /// Gas of all steps of the block together.
    pub gas_limit: u64,
    /// The least gas price of an external message.
    pub min_gas_price: u64,
    /// Messages that one account may consume before others have their turn.
    pub quota: u32,
    /// The account whose turn comes first, or the next one above it.
    pub rotation: AccountId,
}

impl Context {
    /// The chain that answers for an account.
    ///
    /// A system account of a chain that does not exist is answered for here, where nobody has it,
    /// so that what is sent to it returns instead of opening a lane to nowhere.
    pub fn home(&self, account: &AccountId) -> ChainId {
        match account.system_chain() {
            Some(chain) if !self.routing.chains().contains(&chain) => self.chain,
            _ => self.routing.home(account),
        }
    }

    /// Whether this chain answers for an account.
    pub fn is_home(&self, account: &AccountId) -> bool {
        self.home(account) == self.chain
    }

    /// Gas that one call may use: half a block, so that every message fits in some block.
    pub const fn call_limit(&self) -> u64 {
        self.gas_limit / 2
    }

    /// Sorts accounts by whose turn comes first.
    pub(crate) fn turn(&self, account: &AccountId) -> (bool, AccountId) {
        (*account < self.rotation, *account)
    }
}

/// How many threads may work. The result is the same for any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallelism {
    /// The caller's alone.
    One,
    /// Those of the caller's rayon pool.
    #[default]
    Pool,
    /// Those of the caller's rayon pool, however little there is to do: to compare results.
    Always,
}

impl Parallelism {
    /// Below this many items threads cost more than they bring.
    const WORTH: usize = 64;

    /// How many items one thread takes at least; none for the caller's alone.
    const fn least(self, items: usize) -> Option<usize> {
        match self {
            Self::Pool if items >= Self::WORTH => Some(16),
            Self::One | Self::Pool => None,
            Self::Always => Some(1),
        }
    }

    pub(crate) fn each<T: Send>(self, items: &mut [T], run: impl Fn(&mut T) + Sync + Send) {
        use rayon::prelude::*;
        if let Some(least) = self.least(items.len()) {
            items.par_iter_mut().with_min_len(least).for_each(run);
        } else {
            items.iter_mut().for_each(run);
        }
    }

    pub(crate) fn map<T: Sync, R: Send>(
        self,
        items: &[T],
        run: impl Fn(&T) -> R + Sync + Send,
    ) -> Vec<R> {
        use rayon::prelude::*;
        if let Some(least) = self.least(items.len()) {
            items.par_iter().with_min_len(least).map(run).collect()
        } else {
            items.iter().map(run).collect()
        }
    }
}
