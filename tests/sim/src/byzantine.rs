//! Byzantine members: an honest node whose words are twisted on their way out.
//!
//! One file per fault. A traitor holds its own key, so it may sign whatever it likes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::bls;
use tx_chain::ExecutedBlock;
use types::{BlockHash, ChainId, NetworkId, NodeId, Time};

use crate::dice::Dice;
use crate::report::Counters;
use crate::setup::Setup;
use crate::wire::Wire;

/// All faults by name.
pub(crate) const NAMES: &[&str] = &[];

/// A message for several nodes.
pub(crate) type Letter = (Vec<usize>, Arc<Wire>);

/// One way to misbehave.
pub(crate) trait Fault {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// What leaves instead of a message; nothing, the same, or other things.
    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let _ = hands;
        vec![letter]
    }

    /// Whether its own machine is told of a message that arrives.
    fn hear(&mut self, hands: &mut Hands, wire: &Wire) -> bool {
        let _ = (hands, wire);
        true
    }
}

/// What a traitor can work with.
pub(crate) struct Hands {
    pub(crate) dice: Dice,
    pub(crate) chain: ChainId,
    pub(crate) member: u16,
    pub(crate) node: NodeId,
    pub(crate) network: NetworkId,
    pub(crate) key: bls::SecretKey,
    /// Blocks that it has executed.
    pub(crate) blocks: BTreeMap<BlockHash, Arc<ExecutedBlock>>,
    pub(crate) now: Time,
    /// How often it has misbehaved since it was last asked.
    pub(crate) fired: u64,
}

/// A node that misbehaves.
pub(crate) struct Traitor {
    faults: Vec<Box<dyn Fault>>,
    hands: Hands,
}

impl Traitor {
    pub(crate) fn new(node: usize, names: &[&'static str], setup: &Setup, seed: u64) -> Self {
        let secret = &setup.secrets.validators[node];
        let hands = Hands {
            dice: Dice::new(seed, &format!("traitor {node}")),
            chain: secret.chain,
            member: secret.member,
            node: secret.node_id(),
            network: setup.network.id(),
            key: secret.bls_key(),
            blocks: BTreeMap::new(),
            now: Time(0),
            fired: 0,
        };
        Self {
            faults: names.iter().filter_map(|name| make(name)).collect(),
            hands,
        }
    }

    /// A block that it has executed.
    pub(crate) fn learn(&mut self, block: &Arc<ExecutedBlock>) {
        self.hands.blocks.insert(block.hash, block.clone());
        while self.hands.blocks.len() > 64 {
            self.hands.blocks.pop_first();
        }
    }

    /// What leaves instead.
    pub(crate) fn distort(
        &mut self,
        to: Vec<usize>,
        wire: Arc<Wire>,
        now: Time,
        counters: &mut Counters,
    ) -> Vec<Letter> {
        self.hands.now = now;
        let mut letters = vec![(to, wire)];
        for fault in &mut self.faults {
            let taken = std::mem::take(&mut letters);
            for letter in taken {
                letters.extend(fault.send(&mut self.hands, letter));
            }
            let fired = std::mem::take(&mut self.hands.fired);
            if fired > 0 {
                *counters.entry(fault.name()).or_default() += fired;
            }
        }
        letters
    }

    /// Whether its machine is told.
    pub(crate) fn hears(&mut self, wire: &Wire, counters: &mut Counters) -> bool {
        let mut hears = true;
        for fault in &mut self.faults {
            hears &= fault.hear(&mut self.hands, wire);
            let fired = std::mem::take(&mut self.hands.fired);
            if fired > 0 {
                *counters.entry(fault.name()).or_default() += fired;
            }
        }
        hears
    }
}

fn make(_name: &str) -> Option<Box<dyn Fault>> {
    None
}
