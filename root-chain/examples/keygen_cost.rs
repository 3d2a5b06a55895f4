//! What the beacon's key and its seeds cost a node of the root: 100 members of one seat, key
//! generation and seeds among them, all in this process.
//!
//! ```text
//! cargo run --release -p thinkey-root-chain --example keygen_cost [MEMBERS]
//! ```
//!
//! The duties of all members run as they do in nodes, and every root block is recorded twice: by
//! its proposer, and by a verifier that shares no memory with it and is the one that is measured.
//! One dealer cheats, so that there is something to complain about. Times are of processors, summed
//! over all threads, next to those of what the stage is made of, measured in the same run. How long
//! a seed takes after its height is final is counted in the milliseconds of a network in which a
//! message takes 25 to 75 of them.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it measures and prints"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use actors::{Account, Context, Edit, Filings, Registry, State, System, SystemError};
use crypto::threshold::{
    Complaint, Dealing, DecryptionKey, EncryptionKey, GroupKey, PartialSignature, Seat, Share,
    Terms, combine, deal_trusted,
};
use crypto::{Hash, bls};
use root_chain::duty::{Duty, Effect, Genesis, Identity, Input, Ratchet};
use root_chain::elections::ElectionRules;
use root_chain::keygen::{Dealt, Stage};
use root_chain::staking::{FirstStaker, StakingRules};
use root_chain::{
    Anchors, CommitteeCache, Committees, KeygenRules, RootDeclaration, RootSystem, Seated,
    SharedHistory, ThresholdBeacon, beacon, first_accounts, keygen, staking,
};
use types::{
    AccountId, Amount, ChainId, Committee, Declaration, Height, Lanes, Member, NetworkId, NodeId,
    Phase, RootBlock, RoutingTable, Time,
};

const MEMBERS: usize = 100;
/// Gives seat 1 a bad share.
const CHEAT: usize = 1;
/// Whose duty is measured.
const OWN: usize = 0;
const WINDOWS: KeygenRules = KeygenRules {
    dealing: 24,
    complaints: 8,
};
const RULES: ElectionRules = ElectionRules {
    chain_epoch: 10_000,
    root_epoch: 10_000,
    lead: 1_000,
    root_lead: 1_000,
    window: 8,
    stall: 10_000,
    late: 600,
    rescue: 8,
    kept: 20_000,
    seats: 4,
    root_seats: MEMBERS as u32,
    auditors: 0,
};
const STAKING: StakingRules = StakingRules {
    ticket: Amount(10),
    epoch_length: 10_000,
    unbonding: 50_000,
    evidence_window: 10_000,
    reward_per_block: Amount(0),
    presence_percent: 0,
};

/// Stages with the time that each took, how often and at most.
#[derive(Default)]
struct Stages(BTreeMap<&'static str, (Duration, u32, Duration)>);

impl Stages {
    fn add(&mut self, stage: &'static str, took: Duration, parts: u32) {
        let (sum, count, most) = self.0.entry(stage).or_default();
        *sum += took;
        *count += parts;
        *most = (*most).max(took);
    }

    fn each(&self, stage: &str) -> Duration {
        let found = self.0.get(stage);
        found.map_or(Duration::ZERO, |(sum, count, _)| *sum / (*count).max(1))
    }
}

struct World {
    proposer: RootSystem,
    verifier: RootSystem,
    state: State,
    height: Height,
    duties: Vec<Duty>,
    pool: BTreeMap<Hash, Declaration>,
    shares: Vec<(usize, Effect)>,
    stages: Stages,
    /// Bytes of declarations that blocks hold, by what they are.
    recorded: BTreeMap<&'static str, (u64, u64)>,
}

fn main() {
    let members = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let mut world = World::new(members.unwrap_or(MEMBERS));
    println!(
        "{} members of one seat, one of whom cheats",
        world.duties.len()
    );
    world.generate_key();
    let (virtual_ms, real) = world.seed();
    let costs = primitives(world.duties.len());
    world.print(&costs);
    println!("\nseed after the finality of its height, virtual ms at 25 to 75 a message:");
    println!(
        "  first node {}, median {}, last {}",
        virtual_ms[0], virtual_ms[1], virtual_ms[2]
    );
    println!("  and of each node's processor {:.1} ms", ms(real));
}

impl World {
    fn new(members: usize) -> Self {
        let committee = Committee {
            chain: ChainId::ROOT,
            epoch: 0,
            members: (0..members).map(member).collect(),
        };
        let holders = (0..members).map(|number| Some(staker(number))).collect();
        let seated = Seated { committee, holders };
        let committees = Committees::genesis([seated]).expect("the committee is valid");
        let mut accounts = first_accounts([], &RoutingTable::even(1), &committees, &RULES);
        let first = (0..members).map(|number| FirstStaker {
            id: staker(number),
            node: node(number),
            key: key(1, number).public(),
            stake: Amount(100),
            duties: 1,
        });
        let stakes = staking::first_account(first, Amount(1_000)).expect("the stakes are valid");
        accounts.push((staking::account_id(), stakes));
        accounts.push((
            beacon::account_id(),
            beacon::first_account(Hash::ZERO, None),
        ));
        let keys: Vec<EncryptionKey> = (0..members).map(|n| *share_key(n).public()).collect();
        accounts.push((keygen::account_id(), keygen::first_account(&keys)));
        let (proposer, verifier) = (system(), system());
        let duties = (0..members).map(|number| Duty::new(identity(number), proposer.clone()));
        Self {
            duties: duties.collect(),
            proposer,
            verifier,
            state: State::genesis(accounts).expect("the sums do not overflow"),
            height: 1,
            pool: BTreeMap::new(),
            shares: Vec::new(),
            stages: Stages::default(),
            recorded: BTreeMap::new(),
        }
    }

    /// Blocks until the key is there.
    fn generate_key(&mut self) {
        self.block();
        self.cheat();
        while keygen::run(&self.state).is_none_or(|run| run.stage != Stage::Done) {
            self.block();
            assert!(self.height < 200, "the key is not made");
        }
        let run = keygen::run(&self.state).expect("it is done");
        assert!(run.guilty.contains(CHEAT) && run.guilty.iter().count() == 1);
    }

    /// The cheat's dealing in the place of the honest one.
    fn cheat(&mut self) {
        let run = keygen::run(&self.state).expect("it has begun");
        let context = run.context(network());
        let machine = self.proposer.keygen.as_ref().expect("there is a beacon");
        let roster = machine.roster(&self.state, 0).expect("it is known");
        let terms = roster.terms(&context, CHEAT as u16);
        let victim = Seat::at(OWN).expect("a seat");
        let dealing = Dealing::create_cheating(&[7; 32], &terms, victim).expect("sizes fit");
        let own = Dealt::sign((0, 0, CHEAT as u16), dealing, &context, &key(3, CHEAT));
        self.pool.retain(|_, declared| {
            !matches!(RootDeclaration::decode(declared), Ok(RootDeclaration::Dealt(dealt))
                if usize::from(dealt.member) == CHEAT)
        });
        let said = RootDeclaration::Dealt(Box::new(own));
        let said = said.encode().expect("a dealing fits");
        self.pool.insert(said.hash(), said);
    }

    /// Makes the next block of what was declared; all duties hear of it.
    fn block(&mut self) {
        let declared = self.pick();
        let took = self.verify(&declared);
        self.attribute(&declared, took);
        self.height += 1;
        let block = self.root_block();
        for number in 0..self.duties.len() {
            let out = self.tell(number, &block);
            self.carry(number, out);
        }
    }

    /// What the proposer takes into a block.
    fn pick(&mut self) -> Vec<Declaration> {
        let mut declared: Vec<_> = self.pool.values().cloned().collect();
        self.proposer.fit(&mut declared);
        loop {
            let mut edit = Edit::new(&self.state);
            let ctx = context(self.height, &self.proposer);
            match self.proposer.record(&mut edit, filings(&declared), &ctx) {
                Ok(_) => break,
                Err(SystemError::Declaration { at, .. }) => {
                    let gone = declared.remove(at);
                    self.pool.remove(&gone.hash());
                }
                Err(error) => panic!("{error}"),
            }
        }
        declared
            .iter()
            .for_each(|done| drop(self.pool.remove(&done.hash())));
        declared
    }

    /// Another node records the block.
    fn verify(&mut self, declared: &[Declaration]) -> Duration {
        let ctx = context(self.height, &self.verifier);
        let begin = cpu();
        let mut edit = Edit::new(&self.state);
        let recorded = self.verifier.record(&mut edit, filings(declared), &ctx);
        recorded.expect("what the proposer took in is good");
        let next = edit.finish();
        let took = cpu() - begin;
        self.state = next;
        took
    }

    fn attribute(&mut self, declared: &[Declaration], took: Duration) {
        let kinds: BTreeSet<_> = declared.iter().map(kind).collect();
        for declaration in declared {
            let bytes = declaration.as_bytes().len() as u64;
            let (count, sum) = self.recorded.entry(kind(declaration)).or_default();
            (*count, *sum) = (*count + 1, *sum + bytes);
        }
        let stage = match (kinds.len(), kinds.first()) {
            (1, Some(kind)) => kind,
            (0, _) if took > Duration::from_millis(1) => "qualify",
            _ => return,
        };
        self.stages.add(stage, took, declared.len().max(1) as u32);
    }

    fn tell(&mut self, number: usize, block: &RootBlock) -> Vec<Effect> {
        let mut out = Vec::new();
        let state = &self.state;
        let begin = (number == OWN).then(cpu);
        self.duties[number].handle(Time(0), Input::Root { block, state }, &mut out);
        let Some(begin) = begin else { return out };
        let took = cpu() - begin;
        let said = |wanted| {
            out.iter().any(|effect| {
                matches!(effect, Effect::Declare(declaration) if kind(declaration) == wanted)
            })
        };
        let shares = out
            .iter()
            .any(|effect| matches!(effect, Effect::Share { .. }));
        let stage = if said("check dealings") {
            "deal"
        } else if said("judge complaints") {
            "open all shares, complain"
        } else if said("check readiness") {
            "sum shares, sign the test"
        } else if shares && self.shares.is_empty() {
            "release a share"
        } else {
            return out;
        };
        self.stages.add(stage, took, 1);
        out
    }

    fn carry(&mut self, from: usize, out: Vec<Effect>) {
        for effect in out {
            match effect {
                // The cheat's honest dealing is not wanted again.
                Effect::Declare(declaration)
                    if from != CHEAT || kind(&declaration) != "check dealings" =>
                {
                    self.pool.insert(declaration.hash(), declaration);
                }
                share @ Effect::Share { .. } => self.shares.push((from, share)),
                _ => {}
            }
        }
    }

    /// One seed over a network with delays: the milliseconds from a height's finality at a node
    /// until the node knows its seed (least, median, most), and the processor time of the measured
    /// node.
    fn seed(&mut self) -> ([u64; 3], Duration) {
        self.shares.clear();
        let dice = |a: usize, b: usize| {
            let domain = crypto::Domain::new("keygen-cost/delay");
            u64::from(crypto::hash_borsh(domain, &(a as u64, b as u64)).as_bytes()[0]) % 51 + 25
        };
        // Enough heights without a recorded seed that it is declared as soon as it is known.
        for _ in 1..beacon::RUN {
            self.block();
            self.deliver_all();
        }
        let declared = self.pick();
        self.verify(&declared);
        self.height += 1;
        let block = self.root_block();
        let finals: Vec<u64> = (0..self.duties.len()).map(|n| dice(n, n)).collect();
        let mut wires = Vec::new();
        let mut known = vec![None; self.duties.len()];
        let mut order: Vec<_> = (0..self.duties.len()).collect();
        order.sort_by_key(|number| finals[*number]);
        let mut spent = Duration::ZERO;
        let mut queue: BTreeSet<(u64, usize, usize)> = BTreeSet::new();
        queue.extend(order.iter().map(|n| (finals[*n], *n, usize::MAX)));
        while let Some((at, to, wire)) = queue.pop_first() {
            let begin = (to == OWN).then(cpu);
            let out = match wire {
                usize::MAX => self.tell(to, &block),
                wire => self.hear(to, &wires[wire]),
            };
            spent += begin.map_or(Duration::ZERO, |begin| cpu() - begin);
            for effect in out {
                match effect {
                    Effect::Declare(said) if kind(&said) == "verify seeds" => {
                        known[to].get_or_insert(at - finals[to]);
                        self.pool.insert(said.hash(), said);
                    }
                    Effect::Share { .. } => {
                        wires.push((to, effect));
                        let others = (0..self.duties.len()).filter(|other| *other != to);
                        for other in others {
                            queue.insert((at + dice(to, other), other, wires.len() - 1));
                        }
                    }
                    _ => {}
                }
            }
        }
        self.block();
        let mut known: Vec<u64> = known.into_iter().flatten().collect();
        known.sort_unstable();
        assert_eq!(known.len(), self.duties.len(), "everybody knows the seed");
        (
            [known[0], known[known.len() / 2], known[known.len() - 1]],
            spent,
        )
    }

    fn hear(&mut self, to: usize, (from, effect): &(usize, Effect)) -> Vec<Effect> {
        let mut out = Vec::new();
        if let Effect::Share { shares, .. } = effect {
            let (from, shares) = (node(*from), shares.clone());
            let begin = (to == OWN).then(cpu);
            self.duties[to].handle(Time(0), Input::Share { from, shares }, &mut out);
            let took = begin.map_or(Duration::ZERO, |begin| cpu() - begin);
            // The share that completes a threshold makes the node combine.
            if took > Duration::from_micros(300) {
                self.stages.add("combine and check", took, 1);
            }
        }
        out
    }

    fn deliver_all(&mut self) {
        for wire in std::mem::take(&mut self.shares) {
            for to in (0..self.duties.len()).filter(|to| *to != wire.0) {
                let out = self.hear(to, &wire);
                self.carry(to, out);
            }
        }
    }

    fn root_block(&self) -> RootBlock {
        let header = types::Header {
            height: self.height - 1,
            ..header()
        };
        RootBlock {
            header,
            lanes: Lanes::default(),
            records: Vec::new(),
            news: Vec::new(),
        }
    }

    fn print(&self, costs: &BTreeMap<&'static str, Duration>) {
        let n = self.duties.len() as u32;
        let rows = [
            ("deal", "create a dealing", 1),
            ("check dealings", "verify a dealing", 1),
            ("open all shares, complain", "open a share", n),
            ("judge complaints", "judge a complaint", 1),
            ("qualify", "restore a dealing", n),
            ("sum shares, sign the test", "open a share", n),
            ("check readiness", "verify a signature", 1),
            ("release a share", "sign with a share", 1),
            ("combine and check", "combine and check a group's", 1),
            ("verify seeds", "verify a signature", 16),
        ];
        println!("\nprocessor ms of a node        each        sum   made of, times = ms   ratio");
        for (stage, primitive, times) in rows {
            let (sum, _, _) = self.stages.0.get(stage).copied().unwrap_or_default();
            let each = self.stages.each(stage);
            let own = costs[primitive] * times;
            println!(
                "  {stage:<26} {:>8.2} {:>10.1}   {primitive} × {times} = {:.2}   {:.2}",
                ms(each),
                ms(sum),
                ms(own),
                each.as_secs_f64() / own.as_secs_f64().max(1e-9)
            );
        }
        println!("\nbytes on the chain            each     number        sum");
        for (kind, (count, sum)) in &self.recorded {
            println!("  {kind:<26} {:>8} {count:>8} {sum:>10}", sum / count);
        }
        let kept: usize = account_bytes(&self.state, keygen::account_id());
        println!("  kept in state: {kept} for shares that restart, until the term after next");
    }
}

/// The same work without a chain around it.
fn primitives(members: usize) -> BTreeMap<&'static str, Duration> {
    let threshold = (members - 1) as u16 / 3 + 1;
    let seats = members as u16;
    let context = Hash::from([1; 32]);
    let secrets: Vec<_> = (0..members).map(share_key).collect();
    let keys: Vec<EncryptionKey> = secrets.iter().map(|secret| *secret.public()).collect();
    let terms = Terms {
        context: &context,
        dealer: 1,
        threshold,
        keys: &keys,
    };
    let dealing = Dealing::create(&[1; 32], &terms).expect("sizes fit");
    let checked = dealing.verify(&terms).expect("an honest dealing");
    let seat = Seat::at(0).expect("a seat");
    let complaint = Complaint::create(&checked, &secrets[0], seat);
    let (commitment, shares): (_, Vec<Share>) =
        deal_trusted(&[2; 32], threshold, seats).expect("sizes fit");
    let group = GroupKey::new(&commitment, seats).expect("a group");
    let signed = |share: &Share| share.sign(b"seed");
    let partials: Vec<PartialSignature> =
        shares.iter().take(threshold.into()).map(signed).collect();
    let signature = combine(threshold, &partials).expect("enough of them");
    let kept = checked.keep();
    let public = group.public();
    BTreeMap::from([
        (
            "create a dealing",
            time(|| Dealing::create(&[1; 32], &terms).is_ok()),
        ),
        ("verify a dealing", time(|| dealing.verify(&terms).is_ok())),
        (
            "open a share",
            time(|| checked.open(&secrets[0], seat).is_ok()),
        ),
        (
            "judge a complaint",
            time(|| complaint.judge(&checked, secrets[0].public(), seat).is_ok()),
        ),
        ("restore a dealing", time(|| kept.restore().is_ok())),
        (
            "sign with a share",
            time(|| shares[0].sign(b"seed").seat == seat),
        ),
        (
            "combine and check a group's",
            time(|| group.combine(b"seed", &partials, [3; 32]).is_ok()),
        ),
        (
            "verify a signature",
            time(|| public.verify(b"seed", &signature).is_ok()),
        ),
    ])
}

/// The processor time of one run of some work.
fn time(mut work: impl FnMut() -> bool) -> Duration {
    let begin = cpu();
    let mut runs = 0;
    while runs == 0 || cpu() - begin < Duration::from_millis(200) {
        assert!(black_box(work()));
        runs += 1;
    }
    (cpu() - begin) / runs
}

/// Time that all threads of this process have worked. The kernel counts when a thread makes room
/// for another, so it is asked to.
fn cpu() -> Duration {
    std::thread::yield_now();
    let tasks = std::fs::read_dir("/proc/self/task").expect("the kernel lists threads");
    let worked = tasks.flatten().filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(worked.sum())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// What a declaration makes a verifier do.
fn kind(declaration: &Declaration) -> &'static str {
    match declaration.as_bytes().first() {
        Some(2 | 8) => "verify seeds",
        Some(9) => "check dealings",
        Some(10) => "judge complaints",
        Some(11) => "check readiness",
        _ => "other",
    }
}

fn account_bytes(state: &State, id: AccountId) -> usize {
    let slots = state.account(&id).into_iter();
    slots
        .flat_map(|account: &Account| account.storage.iter())
        .map(|(_, slot)| slot.0.len())
        .sum()
}

fn network() -> NetworkId {
    NetworkId(Hash::from([9; 32]))
}

fn secret(kind: u8, number: usize) -> [u8; 32] {
    let domain = crypto::Domain::new("keygen-cost/secret");
    *crypto::hash_borsh(domain, &(kind, number as u64)).as_bytes()
}

fn key(kind: u8, number: usize) -> bls::SecretKey {
    bls::SecretKey::from_seed(&secret(kind, number))
}

fn share_key(number: usize) -> DecryptionKey {
    DecryptionKey::from_seed(&secret(5, number))
}

fn node(number: usize) -> NodeId {
    NodeId(Hash::from(secret(6, number)))
}

fn staker(number: usize) -> AccountId {
    AccountId(Hash::from(secret(7, number)))
}

fn member(number: usize) -> Member {
    Member {
        node: node(number),
        key: key(3, number).public(),
        seats: 1,
    }
}

fn identity(number: usize) -> Identity {
    Identity {
        staker: staker(number),
        node: node(number),
        stake: key(1, number),
        ratchet: Ratchet::new(secret(2, number)),
        genesis: Genesis {
            keys: BTreeMap::from([(ChainId::ROOT, key(3, number))]),
            shares: Some(share_key(number)),
            dealer: None,
        },
    }
}

fn system() -> RootSystem {
    let anchors = Anchors {
        network: network(),
        committees: CommitteeCache::default(),
        history: Arc::new(SharedHistory::default()),
        per_block: 8,
        trust_certificates: false,
    };
    let system = RootSystem::new(anchors, RULES, STAKING);
    system.with_beacon(ThresholdBeacon::new(network(), 1), WINDOWS)
}

const fn filings(declarations: &[Declaration]) -> Filings<'_> {
    Filings {
        anchors: &[],
        declarations,
        parent: None,
    }
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
        routing: Arc::new(RoutingTable::even(1)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(system.clone()),
        gas_limit: 0,
        min_gas_price: 0,
        quota: 1,
        rotation: AccountId::default(),
    }
}

fn header() -> types::Header {
    types::Header {
        version: 1,
        chain: ChainId::ROOT,
        epoch: 0,
        height: 0,
        round: 0,
        parent: types::BlockHash(Hash::ZERO),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: types::RootRef::default(),
        time: Time(0),
        proposer: 0,
        phase: Phase::Ordinary,
        state_root: Hash::ZERO,
        input_root: Hash::ZERO,
        order_root: Hash::ZERO,
        message_root: Hash::ZERO,
        outbox_root: Hash::ZERO,
        receipt_root: Hash::ZERO,
        history_root: Hash::ZERO,
        lanes_root: Hash::ZERO,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}
