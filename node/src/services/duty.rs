//! What a staker's node does by itself: a thread that runs its duty beside the chains' actors.
//!
//! ```text
//!  root's actor: final blocks, evidence ─┐           ┌─▶ vault (durable before all else)
//!  network: shares of seeds ─────────────┴─▶ Duty ───┼─▶ root's actor: declarations
//!  heads of all chains: how far they are ────────────┴─▶ network: shares of seeds
//! ```
//!
//! Nothing is dropped on the way in: a root block that is missed could cost a seat.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::Addr;
use actors::State;
use borsh::BorshDeserialize;
use consensus::Evidence;
use crypto::bls;
use p2p::{NetworkHandle, Topic, TopicKind};
use root_chain::duty::{Duty, Effect, Input, SeedShares};
use root_chain::{committees, elections};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{debug, error, info, warn};
use tx_chain::{ExecutedBlock, Keys};
use types::{Body, Certificate, ChainId, Declaration, Epoch, Height, NodeId, Rival};

use super::chain::{ChainActor, Head, ToChain};
use super::clock::Clock;
use super::network::peer;
use super::staker::{Record, key_name};
use super::vault::{Vault, VaultError};
use crate::evidence::Folder;

/// What a duty is told.
#[derive(Debug)]
pub enum ToDuty {
    /// A root-final block.
    Root(Arc<ExecutedBlock>),
    /// Shares of a seed, from a node that the transport authenticated.
    Shares(NodeId, SeedShares),
    /// Members of a committee were seen to lie.
    Evidence(Box<Evidence>),
    /// Declarations to the root, as they come in.
    Heard(Vec<Declaration>),
    /// A certified block that contradicts what the root has recorded, and what its ancestors show.
    Rival(Box<Rival>, Vec<Certificate>),
}

/// The way to a node's duty. Never blocks, never drops.
pub type DutySender = mpsc::UnboundedSender<ToDuty>;

/// Where shares of seeds travel.
pub const SHARES: Topic = Topic {
    chain: 0,
    kind: TopicKind::Anchors,
};

/// Heights without a seed from which on a beacon counts as stalled: more than an idle root leaves.
const STALLED: u64 = 4 * root_chain::beacon::RUN as u64;

/// What a duty's thread is made of.
pub struct Setup {
    /// The machine.
    pub duty: Duty,
    /// What the root should say of its staker.
    pub record: Record,
    /// Where secrets are kept.
    pub vault: Vault,
    /// The consensus keys that the chains vote with.
    pub keys: Arc<Keys>,
    /// What the chains show.
    pub heads: BTreeMap<ChainId, watch::Receiver<Head>>,
    /// The chains' actors.
    pub chains: BTreeMap<ChainId, Addr<ChainActor>>,
    /// Commands the network.
    pub network: NetworkHandle,
    /// The clock.
    pub clock: Clock,
    /// Where evidence is kept.
    pub evidence: Folder,
}

struct Service {
    setup: Setup,
    /// The public keys of kept terms.
    terms: BTreeMap<(ChainId, Epoch), bls::PublicKey>,
}

/// Starts the thread. It ends when nobody can tell it anything any more.
///
/// # Errors
/// The system has no thread to give.
pub fn start(
    setup: Setup,
    terms: BTreeMap<(ChainId, Epoch), bls::PublicKey>,
    mut told: mpsc::UnboundedReceiver<ToDuty>,
) -> std::io::Result<()> {
    let mut service = Service { setup, terms };
    let thread = std::thread::Builder::new().name("duty".to_owned());
    thread.spawn(move || {
        service.resume();
        while let Some(message) = told.blocking_recv() {
            service.take(message);
        }
    })?;
    Ok(())
}

impl Service {
    /// The root as it was when the node started, and what the node had to report.
    fn resume(&mut self) {
        let root = self.setup.heads.get(&ChainId::ROOT);
        let block = root.map(|head| head.borrow().block.clone());
        block.into_iter().for_each(|block| self.root(&block));
        let kept = self.setup.evidence.all();
        let kept = kept.unwrap_or_else(|cause| {
            warn!(%cause, "kept evidence can't be read: it is not reported");
            Vec::new()
        });
        for evidence in kept {
            self.handle(Input::Evidence(Box::new(evidence)));
        }
    }

    fn take(&mut self, message: ToDuty) {
        match message {
            ToDuty::Root(block) => self.root(&block),
            ToDuty::Shares(from, shares) => self.handle(Input::Share { from, shares }),
            ToDuty::Evidence(evidence) => self.handle(Input::Evidence(evidence)),
            ToDuty::Heard(declarations) => self.listen(&declarations, false),
            ToDuty::Rival(rival, shown) => self.handle(Input::Rival { rival, shown }),
        }
    }

    fn listen(&mut self, declarations: &[Declaration], recorded: bool) {
        self.handle(Input::Declared {
            declarations,
            recorded,
        });
    }

    fn root(&mut self, block: &ExecutedBlock) {
        if let Ok(body) = borsh::from_slice::<Body>(&block.block.body) {
            self.listen(&body.declarations, true);
        }
        let told = block.root_block();
        let state = &block.state;
        self.setup.record.compare(state);
        self.handle(Input::Root {
            block: &told,
            state,
        });
        self.watch_beacon(told.height());
        self.forget_lost(state);
        // A chain is followed closely when nothing is anchored that the node does not have.
        let close = self.setup.heads.iter().filter(|(chain, head)| {
            let recorded = root_chain::recorded_height(state, **chain);
            let head = head.borrow();
            let own = head.block.header().height;
            let reaches = recorded.is_some_and(|recorded| recorded <= own);
            chain.is_root() || (reaches && !head.diverged)
        });
        let close: Vec<ChainId> = close.map(|(chain, _)| *chain).collect();
        for chain in close {
            self.handle(Input::Synced { chain });
        }
    }

    /// A beacon that stands still is said loudly, and not at every block.
    fn watch_beacon(&self, height: Height) {
        let (missing, drawing) = self.setup.duty.beacon();
        if missing >= STALLED && height.is_multiple_of(STALLED) {
            error!(
                missing,
                "the beacon stands still: too few members of its group release their shares"
            );
        }
        if let Some(drawing) = drawing.filter(|drawing| drawing.until == height + 1) {
            let (opened, lots) = (drawing.opened, drawing.lots.len());
            error!(
                opened,
                lots, "the root's election goes on without the beacon, by lots"
            );
        }
    }

    /// Erases keys of terms that the staker was drawn for and has no seat in: others were drawn
    /// before it.
    fn forget_lost(&mut self, state: &State) {
        let staker = Some(self.setup.record.staker());
        let lost = self.terms.keys().filter(|(chain, epoch)| {
            // Who is drawn again may have a seat yet, whatever the committee before was.
            let term = elections::term(state, *chain);
            if term.is_none_or(|term| term.election().is_some() || term.frozen.is_some()) {
                return false;
            }
            let holders = committees::holders(state, *chain, *epoch);
            holders.is_some_and(|holders| holders.iter().all(|holder| *holder != staker))
        });
        let lost: Vec<_> = lost.copied().collect();
        for (chain, epoch) in lost {
            self.run(Effect::Done { chain, epoch });
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        let mut effects = Vec::new();
        let now = self.setup.clock.now();
        self.setup.duty.handle(now, input, &mut effects);
        effects.into_iter().for_each(|effect| self.run(effect));
    }

    fn run(&mut self, effect: Effect) {
        if let Err(cause) = self.perform(effect) {
            error!(%cause, "a secret can't be kept; stopping before it is used");
            eprintln!("thinkey: {cause}");
            std::process::exit(1);
        }
    }

    fn perform(&mut self, effect: Effect) -> Result<(), VaultError> {
        match effect {
            Effect::Ratchet(ratchet) => return self.setup.vault.keep_ratchet(&ratchet),
            Effect::Key { chain, epoch, key } => {
                self.setup.vault.keep_key(chain, epoch, &key)?;
                info!(chain = chain.0, epoch, "drawn for a term: its key is kept");
                self.terms.insert((chain, epoch), key.public());
                self.setup.keys.add(key);
            }
            Effect::Done { chain, epoch } => {
                if let Some(key) = self.terms.remove(&(chain, epoch)) {
                    self.setup.keys.erase(&key);
                    self.setup.vault.erase_key(chain, epoch)?;
                    self.setup.vault.forget_use(&key_name(&key).0)?;
                    info!(chain = chain.0, epoch, "a term is over: its key is erased");
                }
            }
            Effect::Declare(declaration) => {
                let input = tx_chain::Input::Declare(declaration);
                self.tell(ChainId::ROOT, ToChain::Input(input));
            }
            Effect::Share { to, shares } => self.share(&to, &shares),
            Effect::Serves {
                chain,
                epoch,
                member,
                ..
            } => info!(chain = chain.0, epoch, member, "serves in a committee"),
            Effect::Rescue(chain) => self.rescue(chain),
            Effect::Keep(evidence) => {
                if let Err(cause) = self.setup.evidence.keep(&evidence) {
                    warn!(%cause, "evidence can't be kept: a restart would forget it");
                }
            }
            Effect::Offence { node } => debug!(%node, "sent shares that do not hold"),
            // A node with duties follows every chain.
            Effect::Follow(_) | Effect::Leave(_) => {}
        }
        Ok(())
    }

    fn share(&self, to: &[NodeId], shares: &SeedShares) {
        let bytes = bytes::Bytes::from(borsh::to_vec(shares).unwrap_or_default());
        for node in to.iter().map(|node| peer(*node)) {
            if node != self.setup.network.id()
                && let Err(cause) = self.setup.network.try_direct(node, SHARES, bytes.clone())
            {
                debug!(%cause, "shares of a seed are not sent; they are asked of others");
            }
        }
    }

    /// Hands the newest certified block of a frozen chain to the duty.
    fn rescue(&mut self, chain: ChainId) {
        let (answer, found) = oneshot::channel();
        self.tell(chain, ToChain::NewestAnchor(answer));
        if let Ok(Some(anchor)) = found.blocking_recv() {
            self.handle(Input::Certified(Box::new(anchor)));
        }
    }

    fn tell(&self, chain: ChainId, message: ToChain) {
        let Some(address) = self.setup.chains.get(&chain) else {
            return;
        };
        if address.try_send(message).is_err() {
            // What matters is said again until the root shows it.
            warn!(
                chain = chain.0,
                "the chain is too busy to hear its node's duty"
            );
        }
    }
}

/// Shares from the network.
pub fn shares(bytes: &[u8]) -> Option<SeedShares> {
    SeedShares::try_from_slice(bytes).ok()
}
