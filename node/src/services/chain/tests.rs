//! Two chains' actors in one process, of which one has a captured committee. [C14 of tx-chain]

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr};
use actors::Parallelism;
use assembly::{Network, Options};
use consensus::Message;
use crypto::{Hash, bls};
use genesis::Secrets;
use store::{MemoryDb, SimDisk};
use tokio::sync::{oneshot, watch};
use tx_chain::journal::{Beginning, Parts as Disks};
use tx_chain::{Chain, Config, Effect, Input, Journal, Keys, Pull, SignedMessage};
use types::{
    Amount, Anchor, Block, BlockHash, Certificate, CertificateKind, ChainId, Committee,
    Declaration, ExternalCall, ExternalMessage, Finality, Gas, Group, Height, MessageId, NodeId,
    RootBlock, Signers, Statement, Vote,
};

use super::{AdmissionError, ChainActor, Head, Outlet, Parts, Submitted, ToChain, Twin};
use crate::evidence::Folder;
use crate::services::clock::Clock;

/// Nobody hears what these nodes say.
struct Silence;

impl Outlet for Silence {
    fn broadcast(&self, _: ChainId, _: &Message) {}
    fn send(&self, _: ChainId, _: NodeId, _: &Message) {}
    fn committee(&self, _: &Committee) {}
    fn fetch(&self, _: ChainId, _: BlockHash, _: Height, _: Vec<NodeId>) {}
    fn pull(&self, _: Pull) {}
    fn submit(&self, _: Box<Anchor>) {}
    fn declare(&self, _: Declaration) {}
    fn pass_on(&self, _: ChainId, _: Vec<ExternalMessage>) {}
    fn root_final(&self, _: Arc<RootBlock>) {}
    fn offence(&self, _: NodeId) {}
}

/// A network of one validator for each chain.
struct World {
    network: Network,
    secrets: Secrets,
    clock: Clock,
    folder: tempfile::TempDir,
}

/// A node that follows a chain.
struct Follower {
    actor: Addr<ChainActor>,
    head: watch::Receiver<Head>,
}

impl World {
    fn new() -> Self {
        let (spec, secrets) = genesis::devnet(1, 2, [7; 32]);
        Self {
            network: Network::new(spec).unwrap(),
            secrets,
            clock: Clock::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn key(&self, chain: ChainId) -> bls::SecretKey {
        let mut validators = self.secrets.validators.iter();
        let found = validators.find(|found| found.chain == chain);
        found.unwrap().bls_key()
    }

    fn config(&self, chain: ChainId, keys: Vec<bls::SecretKey>) -> Config {
        let options = Options {
            secret: [5; 32],
            parallelism: Parallelism::One,
            always_work: false,
        };
        let keys = Arc::new(Keys::of(keys));
        self.network.config(chain, keys, options).unwrap()
    }

    fn machine(&self, chain: ChainId, keys: Vec<bls::SecretKey>) -> (Chain, Journal, Vec<Effect>) {
        let disks = Disks {
            blocks: Box::new(SimDisk::new()),
            db: Arc::new(MemoryDb::new()),
            nonce: 7,
        };
        let first = self.network.first(chain).unwrap();
        let beginning = Beginning {
            network: self.network.id(),
            header: first.header.clone(),
            state: first.state.clone(),
            root: self.network.first_root().clone(),
        };
        let (journal, start) = Journal::open(disks, beginning).unwrap();
        let (config, mut effects) = (self.config(chain, keys), Vec::new());
        let chain = Chain::new(config, start, self.clock.now(), &mut effects);
        (chain, journal, effects)
    }

    fn follow(&self, id: ChainId) -> Follower {
        let (chain, journal, effects) = self.machine(id, Vec::new());
        let (shown, head) = watch::channel(Head {
            block: chain.last_final().clone(),
            root_height: 0,
            waiting: 0,
            diverged: false,
        });
        let parts = Parts {
            chain,
            journal,
            votes: Box::new(|_| unreachable!("a follower has no seat")),
            effects,
            twin: Twin::default(),
            outlet: Box::new(Silence),
            observer: None,
            clock: self.clock,
            evidence: Folder::of(self.folder.path(), self.network.id()),
            duty: None,
            deadline: watch::channel(None).0,
            head: shown,
        };
        let actor = ChainActor::new(parts).start();
        Follower { actor, head }
    }

    /// A payment of a chain's first account to itself.
    fn payment(&self, chain: ChainId, nonce: u64) -> SignedMessage {
        let mut accounts = self.secrets.accounts.iter();
        let sender = accounts.find(|found| found.chain == chain).unwrap();
        let call = ExternalCall {
            from: sender.id,
            to: sender.id,
            nonce,
            value: Amount(10),
            gas: Gas {
                limit: 500_000,
                price: 1,
            },
            expiry: 1_000,
            input: types::Input::Transfer,
        };
        let message = call.sign(self.network.id(), &sender.key());
        let checked = SignedMessage::check(self.network.id(), vec![message], [1; 32]);
        checked.into_iter().flatten().next().unwrap()
    }

    /// The first block that a chain's committee makes.
    fn first_block(&self, id: ChainId) -> Block {
        let (mut chain, _, mut out) = self.machine(id, vec![self.key(id)]);
        let payment = Input::Externals(vec![self.payment(id, 0)]);
        chain.handle(self.clock.now(), payment, &mut out);
        let finals = out.into_iter().find_map(|effect| match effect {
            Effect::Final(lot) => lot.first().map(|block| block.executed.block.clone()),
            _ => None,
        });
        finals.unwrap()
    }

    fn certify(&self, kind: CertificateKind, block: &Block, id: ChainId) -> Certificate {
        let (epoch, round) = (block.header.epoch, block.header.round);
        let statement = Statement {
            network: self.network.id(),
            chain: id,
            epoch,
            round,
            kind: kind.vote(),
            value: Some(block.header.hash()),
        };
        let mut signers = Signers::none(1);
        signers.insert(0);
        Certificate {
            kind,
            chain: id,
            epoch,
            round,
            groups: vec![Group {
                value: statement.value,
                signers,
            }],
            signature: Vote::sign(&statement, 0, &self.key(id)).signature,
        }
    }

    /// Tells a follower that a block is final, and what it is.
    async fn tell(&self, to: &Follower, id: ChainId, block: Block) {
        let finality = Finality {
            confirm: self.certify(CertificateKind::Confirm, &block, id),
            prepare: self.certify(CertificateKind::Prepare, &block, id),
        };
        let from = self.network.committee(id).unwrap().members[0].node;
        let message = Message::Finality(Box::new(finality));
        to.input(Input::Consensus { from, message }).await;
        to.input(Input::Blocks(vec![block])).await;
    }
}

impl Follower {
    async fn input(&self, input: Input) {
        self.actor.send(ToChain::Input(input)).await.unwrap();
    }

    async fn hand_in(&self, message: SignedMessage) -> Result<MessageId, AdmissionError> {
        let (answer, answered) = oneshot::channel();
        let answer = Some(answer);
        let submitted = vec![Submitted { message, answer }];
        let told = ToChain::Externals(submitted);
        self.actor.send(told).await.unwrap();
        let answered = tokio::time::timeout(Duration::from_secs(5), answered).await;
        answered.expect("an answer").unwrap()
    }

    fn shows(&self) -> (Height, bool) {
        let head = self.head.borrow();
        (head.block.header().height, head.diverged)
    }
}

#[test]
fn a_committee_that_lies_ends_its_chain_on_a_node_and_no_other() {
    let (one, two) = (ChainId(1), ChainId(2));
    actix::System::new().block_on(async {
        let world = World::new();
        let (captured, honest) = (world.follow(one), world.follow(two));
        let mut lie = world.first_block(one);
        lie.header.state_root = Hash::new([7; 32]);
        world.tell(&captured, one, lie).await;
        assert_eq!(captured.shows(), (0, true));
        let refused = captured.hand_in(world.payment(one, 0)).await;
        assert_eq!(refused, Err(AdmissionError::NotServed { chain: one }));
        world.tell(&honest, two, world.first_block(two)).await;
        assert_eq!(honest.shows(), (1, false));
        let payment = world.payment(two, 1);
        assert_eq!(honest.hand_in(payment.clone()).await, Ok(payment.id()));
    });
}
