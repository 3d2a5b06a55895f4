//! Byzantine members: an honest node whose words are twisted on their way out.
//!
//! One file per fault. A traitor holds its own keys, so it may sign whatever it likes. Where
//! committees change, its seats follow its duty: each chain and term has a number and a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::State;
use consensus::{Message, Seat};
use crypto::{Domain, Hash, bls};
use root_chain::RootDeclaration;
use tx_chain::{ExecutedBlock, Keys};
use types::{
    Block, BlockHash, Body, ChainId, Declaration, Epoch, NetworkId, NodeId, Statement, Time, Vote,
    VoteKind,
};

use deal::{Dealer, Kind};
pub(crate) use knowledge::{Knowledge, Secrets};

use crate::dice::Dice;
use crate::plan::Plan;
use crate::report::Counters;
use crate::setup::Setup;
use crate::wire::Wire;

mod censor;
mod complain;
mod deal;
mod elect;
mod equivocate;
mod forge_anchor;
mod forge_block;
mod forge_import;
mod garbage;
mod knowledge;
mod lie;
mod mint;
mod shares;
mod stale;
mod withhold;

/// All Byzantine faults by name, as [`Options::fault`](crate::Options::fault) takes them.
pub const NAMES: &[&str] = &[
    "equivocating leader",
    "equivocating voter",
    "withheld votes",
    "withheld proposals",
    "withheld answers",
    "forged block",
    "minted value",
    "forged import",
    "forged anchor",
    "garbage",
    "stale messages",
    "false answers",
    "censorship",
];

/// What those lie about who are drawn, by name: in elections, key generations and the beacon.
pub const LIARS: &[&str] = &[
    "wrong degree",
    "wrong share",
    "two dealings",
    "silent dealer",
    "false complaint",
    "withheld shares",
    "false shares",
    "two ballots",
    "forged tickets",
    "never serves",
];

fn make(name: &str) -> Option<Box<dyn Fault>> {
    Some(match name {
        "equivocating leader" => Box::new(equivocate::Leader),
        "equivocating voter" => Box::new(equivocate::Voter),
        "withheld votes" => Box::new(withhold::Withhold::Votes),
        "withheld proposals" => Box::new(withhold::Withhold::Proposals),
        "withheld answers" => Box::new(withhold::Withhold::Answers),
        "forged block" => Box::new(forge_block::ForgeBlock),
        "minted value" => Box::new(mint::Mint),
        "forged import" => Box::new(forge_import::ForgeImport),
        "forged anchor" => Box::new(forge_anchor::ForgeAnchor),
        "garbage" => Box::new(garbage::Garbage),
        "stale messages" => Box::new(stale::Stale::default()),
        "false answers" => Box::new(lie::Lie),
        "censorship" => Box::new(censor::Censor),
        "wrong degree" => Box::new(Dealer::new(Kind::Degree)),
        "wrong share" => Box::new(Dealer::new(Kind::Share)),
        "two dealings" => Box::new(Dealer::new(Kind::Two)),
        "silent dealer" => Box::new(Dealer::new(Kind::Silence)),
        "false complaint" => Box::new(complain::FalseComplaints::default()),
        "withheld shares" => Box::new(shares::Withheld),
        "false shares" => Box::new(shares::False::default()),
        "two ballots" => Box::new(elect::TwoBallots::default()),
        "forged tickets" => Box::new(elect::ForgedTickets::default()),
        "never serves" => Box::new(elect::Idle),
        _ => return None,
    })
}

/// A message for several nodes.
pub(crate) type Letter = (Vec<usize>, Arc<Wire>);

/// A declaration to the root, for several nodes.
pub(crate) type Speech = (Vec<usize>, RootDeclaration);

/// One way to misbehave.
pub(crate) trait Fault {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// What leaves instead of a message; nothing, the same, or other things.
    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let _ = hands;
        vec![letter]
    }

    /// What its duty declares instead of something.
    fn declare(&mut self, hands: &mut Hands, knows: &Knowledge<'_>, speech: Speech) -> Vec<Speech> {
        let _ = (hands, knows);
        vec![speech]
    }

    /// What it declares besides after a root block.
    fn root(&mut self, hands: &mut Hands, knows: &Knowledge<'_>) -> Vec<RootDeclaration> {
        let _ = (hands, knows);
        Vec::new()
    }

    /// Whether its own machine is told of a message that arrives.
    fn hear(&mut self, hands: &mut Hands, wire: &Wire) -> bool {
        let _ = (hands, wire);
        true
    }
}

const WHIM: Domain = Domain::new("thinkey/sim/whim");

/// Choices that are made once about each thing, however often it is said again.
#[derive(Default)]
struct Whim(BTreeMap<Hash, u64>);

impl Whim {
    fn about(&mut self, hands: &mut Hands, name: Hash) -> u64 {
        let dice = &mut hands.dice;
        *self.0.entry(name).or_insert_with(|| dice.number())
    }
}

/// What a traitor can work with.
pub(crate) struct Hands {
    pub(crate) dice: Dice,
    /// The chain of the message that is twisted, with the seat that it is sent from; of the last
    /// such message where it is sent from none.
    pub(crate) chain: ChainId,
    pub(crate) member: u16,
    pub(crate) node: NodeId,
    pub(crate) network: NetworkId,
    pub(crate) key: bls::SecretKey,
    /// All seats that it ever had.
    seats: BTreeMap<(ChainId, Epoch), Seat>,
    /// Blocks that it has executed.
    pub(crate) blocks: BTreeMap<BlockHash, Arc<ExecutedBlock>>,
    /// How its own machines execute.
    configs: BTreeMap<ChainId, tx_chain::Config>,
    pub(crate) now: Time,
    /// How often it has misbehaved since it was last asked.
    pub(crate) fired: u64,
}

impl Hands {
    /// The same header and body under its signature, after some change.
    pub(crate) fn sign(&self, block: &mut Block) {
        block.header.body = Body::hash_of(&block.body);
        block.header.body_bytes = block.body.len() as u32;
        let digest = block.header.proposal_digest(self.network);
        block.signature = self.key.sign(digest.as_bytes());
    }

    /// A vote of its own for anything.
    pub(crate) fn vote(&self, like: &Vote, kind: VoteKind, value: Option<BlockHash>) -> Vote {
        let statement = Statement {
            kind,
            value,
            ..like.statement(self.network)
        };
        Vote::sign(&statement, self.member, &self.key)
    }

    /// Its own consensus message.
    pub(crate) fn wire(&self, message: Message) -> Arc<Wire> {
        Arc::new(Wire::Consensus {
            chain: self.chain,
            from: self.node,
            message,
        })
    }

    /// How the chain at hand is executed.
    pub(crate) fn rules(&self) -> Option<&tx_chain::Rules> {
        self.configs.get(&self.chain).map(|config| &config.rules)
    }

    /// Takes the seat from which a message is sent.
    fn turn_to(&mut self, wire: &Wire) {
        let seat = match place(wire) {
            Some(place) => self.seats.get_key_value(&place),
            None => {
                let terms = (wire.chain(), 0)..=(wire.chain(), Epoch::MAX);
                self.seats.range(terms).next_back()
            }
        };
        match seat {
            Some(((chain, _), seat)) => {
                (self.chain, self.member) = (*chain, seat.member);
                self.key = seat.key.clone();
            }
            None => self.chain = NOWHERE,
        }
    }

    /// Half of the receivers, and the others.
    pub(crate) fn halves(&mut self, mut to: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        self.dice.shuffle(&mut to);
        let rest = to.split_off(to.len() / 2);
        (to, rest)
    }
}

/// No chain.
const NOWHERE: ChainId = ChainId(u32::MAX);

/// The committee in whose name a message is sent, where only members send such.
pub(crate) fn place(wire: &Wire) -> Option<(ChainId, Epoch)> {
    match wire {
        Wire::Consensus { chain, message, .. } => Some((*chain, message.epoch())),
        Wire::Shares { shares, .. } => Some((ChainId::ROOT, shares.epoch)),
        Wire::Declaration(declaration) => match RootDeclaration::decode(declaration).ok()? {
            RootDeclaration::Ready(ready) => Some((ready.chain, ready.epoch)),
            RootDeclaration::Dealt(dealt) => Some((ChainId::ROOT, dealt.epoch)),
            RootDeclaration::Complained(said) => Some((ChainId::ROOT, said.epoch)),
            RootDeclaration::KeyReady(said) => Some((ChainId::ROOT, said.epoch)),
            _ => None,
        },
        _ => None,
    }
}

/// The block that a message of its own chain proposes.
pub(crate) fn proposal<'a>(hands: &Hands, wire: &'a Wire) -> Option<&'a Block> {
    match wire {
        Wire::Consensus {
            chain,
            message: Message::Proposal(block),
            ..
        } if *chain == hands.chain => Some(block),
        _ => None,
    }
}

/// The vote that a message of its own chain holds.
pub(crate) fn vote<'a>(hands: &Hands, wire: &'a Wire) -> Option<&'a Vote> {
    match wire {
        Wire::Consensus {
            chain,
            message: Message::Vote(vote),
            ..
        } if *chain == hands.chain => Some(vote),
        _ => None,
    }
}

/// A node that misbehaves.
pub(crate) struct Traitor {
    faults: Vec<Box<dyn Fault>>,
    hands: Hands,
    /// Of its duty, where there are any.
    secrets: Option<Secrets>,
}

impl Traitor {
    pub(crate) fn new(
        node: usize,
        names: &[&'static str],
        setup: &Setup,
        plan: &Plan,
        seed: u64,
    ) -> Self {
        let secret = &setup.secrets.validators[node];
        let hands = Hands {
            dice: Dice::new(seed, &format!("traitor {node}")),
            chain: secret.chain,
            member: secret.member,
            node: secret.node_id(),
            network: setup.network.id(),
            key: secret.bls_key(),
            seats: BTreeMap::from([(
                (secret.chain, 0),
                Seat {
                    member: secret.member,
                    key: secret.bls_key(),
                },
            )]),
            blocks: BTreeMap::new(),
            configs: {
                let keys = Arc::new(Keys::of(setup.first_keys(node)));
                let mut chains = setup.nodes[node].follows.clone();
                chains.retain(|chain| setup.terms || *chain == secret.chain);
                let config = |chain| setup.config(node, chain, plan, keys.clone());
                chains.into_iter().map(|c| (c, config(c))).collect()
            },
            now: Time(0),
            fired: 0,
        };
        Self {
            faults: names.iter().filter_map(|name| make(name)).collect(),
            hands,
            secrets: setup.terms.then(|| Secrets::new(node, setup)),
        }
    }

    /// A term begins in which it has a seat.
    pub(crate) fn sit(&mut self, place: (ChainId, Epoch), seat: &Seat) {
        self.hands.seats.insert(place, seat.clone());
    }

    /// A block that it has executed.
    pub(crate) fn learn(&mut self, block: &Arc<ExecutedBlock>) {
        let (chain, height) = (block.header().chain, block.header().height);
        if !self.hands.configs.contains_key(&chain) {
            return;
        }
        let blocks = &mut self.hands.blocks;
        blocks.retain(|_, old| old.header().chain != chain || old.header().height + 8 > height);
        blocks.insert(block.hash, block.clone());
    }

    /// Its duty made a key.
    pub(crate) fn keep(&mut self, place: (ChainId, Epoch), key: &bls::SecretKey) {
        if let Some(secrets) = &mut self.secrets {
            secrets.keep(place, key.clone());
        }
    }

    /// What its duty declares instead; none where that is what it would declare if it were honest.
    pub(crate) fn declare(
        &mut self,
        to: &[usize],
        declaration: &Declaration,
        state: &State,
        counters: &mut Counters,
    ) -> Option<Vec<(Vec<usize>, Declaration)>> {
        let secrets = self.secrets.as_ref()?;
        let knows = Knowledge { secrets, state };
        let said = RootDeclaration::decode(declaration).ok()?;
        let mut speeches = vec![(to.to_vec(), said)];
        let mut lied = false;
        for fault in &mut self.faults {
            let taken = std::mem::take(&mut speeches);
            for speech in taken {
                speeches.extend(fault.declare(&mut self.hands, &knows, speech));
            }
            lied |= count(&mut self.hands, fault.name(), counters);
        }
        let encode = |(to, said): Speech| Some((to, said.encode().ok()?));
        lied.then(|| speeches.into_iter().filter_map(encode).collect())
    }

    /// What it declares besides after a root block.
    pub(crate) fn root(&mut self, state: &State, counters: &mut Counters) -> Vec<Declaration> {
        let Some(secrets) = &self.secrets else {
            return Vec::new();
        };
        let knows = Knowledge { secrets, state };
        let mut said = Vec::new();
        for fault in &mut self.faults {
            said.extend(fault.root(&mut self.hands, &knows));
            count(&mut self.hands, fault.name(), counters);
        }
        said.iter().filter_map(|said| said.encode().ok()).collect()
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
                self.hands.turn_to(&letter.1);
                letters.extend(fault.send(&mut self.hands, letter));
            }
            count(&mut self.hands, fault.name(), counters);
        }
        letters
    }

    /// Whether its machine is told.
    pub(crate) fn hears(&mut self, wire: &Wire, counters: &mut Counters) -> bool {
        let mut hears = true;
        self.hands.turn_to(wire);
        for fault in &mut self.faults {
            hears &= fault.hear(&mut self.hands, wire);
            count(&mut self.hands, fault.name(), counters);
        }
        hears
    }
}

/// Counts how often a fault has fired since the last time; whether it has.
fn count(hands: &mut Hands, name: &'static str, counters: &mut Counters) -> bool {
    let fired = std::mem::take(&mut hands.fired);
    if fired > 0 {
        *counters.entry(name).or_default() += fired;
    }
    fired > 0
}
