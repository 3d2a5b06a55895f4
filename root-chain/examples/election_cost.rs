//! What elections cost a node per root block: 1,000 stakers, 16 chains, 100 seats each.
//!
//! ```text
//! cargo run --release -p thinkey-root-chain --example election_cost
//! ```
//!
//! Prints the CPU time of the root's system for each kind of root block, on one thread, and next
//! to it what one signature costs in the same run. All chains elect at once, which
//! staggered first terms avoid.

use std::sync::Arc;
use std::time::Duration;

use actors::{Context, Edit, Filings, Registry, State, System};
use crypto::{Hash, bls};
use root_chain::elections::{
    self, Beacon, Candidacy, CandidateKeys, ElectionRules, SeedError, Stage,
};
use root_chain::staking::{self, FirstStaker, StakingRules};
use root_chain::{
    Anchors, CommitteeCache, Committees, RootDeclaration, RootSystem, Seated, Seed, SharedHistory,
};
use types::{
    AccountId, Amount, ChainId, Committee, Declaration, Epoch, Height, Member, NetworkId, NodeId,
    Phase, RoutingTable, Time,
};

const STAKERS: u32 = 1_000;
const CHAINS: u32 = 16;
const SEATS: u32 = 100;
const TICKETS: u64 = 10;

const RULES: ElectionRules = ElectionRules {
    chain_epoch: 1_000,
    root_epoch: 100_000,
    // All of a term, so that all chains elect from the first root block on.
    lead: 1_000,
    root_lead: 10,
    window: 420,
    stall: 10_000,
    late: 600,
    rescue: 420,
    kept: 200_000,
    seats: SEATS,
    root_seats: SEATS,
    auditors: 16,
};

const STAKING: StakingRules = StakingRules {
    ticket: Amount(1_000),
    epoch_length: RULES.root_epoch,
    unbonding: 300_000,
    evidence_window: 100_000,
    reward_per_block: Amount(0),
    presence_percent: 0,
};

/// Takes any signature for a seed: the beacon's cost is not an election's.
struct AnySeed;

impl Beacon for AnySeed {
    fn seed(
        &self,
        _: &mut Edit<'_>,
        _: Height,
        signature: &bls::Signature,
        _: Height,
        _: bool,
    ) -> Result<Hash, SeedError> {
        let domain = crypto::Domain::new("election-cost/seed");
        Ok(crypto::hash_borsh(domain, signature))
    }

    fn keys_ready(&self, _: &Edit<'_>, _: Epoch) -> bool {
        true
    }
}

struct Staker {
    id: AccountId,
    stake: bls::SecretKey,
    consensus: bls::SecretKey,
}

struct Run {
    state: State,
    system: RootSystem,
    height: Height,
    /// The slowest block of each kind, how many there were, and their sum.
    kinds: Vec<(&'static str, Duration, u32, Duration)>,
}

impl Run {
    fn block(&mut self, kind: &'static str, declarations: &[Declaration]) {
        let ctx = context(self.height, &self.system);
        let filings = Filings {
            anchors: &[],
            declarations,
            parent: None,
        };
        let begin = cpu();
        let mut edit = Edit::new(&self.state);
        let recorded = self.system.record(&mut edit, filings, &ctx);
        let next = edit.finish();
        let took = cpu() - begin;
        if let Err(error) = recorded {
            panic!("root block {}: {error}", self.height);
        }
        self.state = next;
        self.height += 1;
        match self.kinds.iter_mut().find(|(known, ..)| *known == kind) {
            Some((_, most, count, sum)) => {
                (*most, *count, *sum) = ((*most).max(took), *count + 1, *sum + took);
            }
            None => self.kinds.push((kind, took, 1, took)),
        }
    }

    fn run_to(&mut self, kind: &'static str, height: Height) {
        while self.height <= height {
            self.block(kind, &[]);
        }
    }
}

fn main() {
    let stakers: Vec<_> = (0..STAKERS).map(staker).collect();
    let mut run = Run {
        state: first_state(&stakers),
        system: system(),
        height: 1,
        kinds: Vec::new(),
    };
    run.block("16 elections open", &[]);
    run.run_to("nothing due", 9);
    let signature = stakers[0].stake.sign(b"seed");
    let seed = RootDeclaration::Seed(Seed {
        height: 1,
        signature,
    });
    run.block("a seed", &[seed.encode().expect("a seed is small")]);
    let known = run.height - 1;

    let begin = cpu();
    let waiting = candidacies(&run.state, &stakers);
    let bytes: usize = waiting.iter().map(|d| d.as_bytes().len()).sum();
    println!(
        "{} candidacies of {} bytes each, drawn in {:.1?}",
        waiting.len(),
        bytes / waiting.len().max(1),
        cpu() - begin
    );
    declare(&mut run, waiting);
    run.run_to("nothing due", known + RULES.window - 1);
    run.run_to("a cut-off", known + RULES.window + u64::from(CHAINS) - 1);
    let elected = (1..=CHAINS).filter(|chain| {
        let term = elections::term(&run.state, ChainId(*chain));
        term.is_some_and(|term| matches!(term.stage, Stage::Elected(_)))
    });
    println!(
        "{} of {CHAINS} chains have elected a committee",
        elected.count()
    );
    print(&run, &stakers[0]);
}

/// Declares all that wait, as much as a block holds at a time. Every second block's candidates
/// were met before, as a node meets them that took them in from gossip.
fn declare(run: &mut Run, mut waiting: Vec<Declaration>) {
    let mut met = false;
    while !waiting.is_empty() {
        let mut block = waiting.clone();
        run.system.fit(&mut block);
        waiting.drain(..block.len());
        if met {
            let ctx = context(run.height, &run.system);
            let mut edit = Edit::new(&run.state);
            let filings = Filings {
                anchors: &[],
                declarations: &block,
                parent: None,
            };
            let first = run.system.record(&mut edit, filings, &ctx);
            assert!(first.is_ok(), "the block is valid");
        }
        let kind = match met {
            true => "20 candidates, met before",
            false => "20 candidates, new",
        };
        run.block(kind, &block);
        met = !met;
    }
}

fn candidacies(state: &State, stakers: &[Staker]) -> Vec<Declaration> {
    let mut all = Vec::new();
    for chain in (1..=CHAINS).map(ChainId) {
        let term = elections::term(state, chain).expect("the chain has a term");
        let drawing = term.drawing(chain).expect("the seed is known");
        for staker in stakers {
            let own = Candidacy {
                staker: staker.id,
                tickets: TICKETS,
                keys: CandidateKeys {
                    stake: &staker.stake,
                    consensus: &staker.consensus,
                },
                node: NodeId(staker.id.0),
                decryption: None,
            };
            let Some(elected) = drawing.candidacy(network(), SEATS, &own) else {
                continue;
            };
            let elected = Box::new(elected);
            let declared = RootDeclaration::Elected(elected).encode();
            all.push(declared.expect("a candidacy is small"));
        }
    }
    all
}

fn print(run: &Run, staker: &Staker) {
    let key = staker.stake.public();
    let signature = staker.stake.sign(b"one");
    let begin = cpu();
    let rounds = 50;
    let held = (0..rounds).filter(|_| key.verify(b"one", &signature).is_ok());
    assert_eq!(held.count(), rounds);
    let single = (cpu() - begin) / rounds as u32;
    println!("one signature: {single:.2?}");
    println!(
        "{:<28} {:>7} {:>12} {:>12}",
        "root block with", "blocks", "mean", "slowest"
    );
    for (kind, most, count, sum) in &run.kinds {
        let mean = *sum / *count;
        println!("{kind:<28} {count:>7} {mean:>12.2?} {most:>12.2?}");
    }
}

/// Time that this thread has worked: what others do on the machine does not count.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat");
    let worked = stat
        .ok()
        .and_then(|line| line.split(' ').next()?.parse().ok());
    Duration::from_nanos(worked.expect("the kernel counts how long a thread has worked"))
}

fn network() -> NetworkId {
    NetworkId(Hash::from([9; 32]))
}

fn staker(number: u32) -> Staker {
    let secret = |kind: u32| {
        let domain = crypto::Domain::new("election-cost/key");
        bls::SecretKey::from_seed(crypto::hash_borsh(domain, &(kind, number)).as_bytes())
    };
    let domain = crypto::Domain::new("election-cost/id");
    Staker {
        id: AccountId(crypto::hash_borsh(domain, &number)),
        stake: secret(0),
        consensus: secret(1),
    }
}

fn first_state(stakers: &[Staker]) -> State {
    let committees = (0..=CHAINS).map(|chain| {
        let member = Member {
            node: NodeId::default(),
            key: stakers[chain as usize].consensus.public(),
            seats: 1,
        };
        Seated::unstaked(Committee {
            chain: ChainId(chain),
            epoch: 0,
            members: vec![member],
        })
    });
    let committees = Committees::genesis(committees).expect("the committees are valid");
    let table = RoutingTable::even(CHAINS);
    let mut accounts = root_chain::first_accounts([], &table, &committees, &RULES);
    let first = stakers.iter().map(|staker| FirstStaker {
        id: staker.id,
        node: NodeId(staker.id.0),
        key: staker.stake.public(),
        stake: Amount(u128::from(TICKETS) * STAKING.ticket.0),
        duties: 0,
    });
    let stake = staking::first_account(first, Amount(0)).expect("the stakes are valid");
    accounts.push((staking::account_id(), stake));
    State::genesis(accounts).expect("the sums do not overflow")
}

fn system() -> RootSystem {
    let anchors = Anchors {
        network: network(),
        committees: CommitteeCache::default(),
        history: Arc::new(SharedHistory::default()),
        per_block: 128,
        trust_certificates: false,
    };
    let mut system = RootSystem::new(anchors, RULES, STAKING);
    system.beacon = Arc::new(AnySeed);
    system
}

fn context(height: Height, system: &RootSystem) -> Context {
    Context {
        network: network(),
        chain: ChainId::ROOT,
        height,
        time: Time(height),
        epoch: 0,
        phase: Phase::Ordinary,
        root_height: height - 1,
        seed: None,
        routing: Arc::new(RoutingTable::even(CHAINS)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(system.clone()),
        gas_limit: 0,
        min_gas_price: 0,
        quota: 1,
        rotation: AccountId::default(),
    }
}
