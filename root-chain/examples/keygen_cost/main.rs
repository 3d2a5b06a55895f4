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
use std::time::Duration;

use actors::{Edit, State, System, SystemError};
use crypto::Hash;
use crypto::threshold::{Dealing, EncryptionKey, Seat};
use root_chain::duty::{Duty, Effect, Input};
use root_chain::keygen::{Dealt, Stage};
use root_chain::staking::FirstStaker;
use root_chain::{
    Committees, RootDeclaration, RootSystem, Seated, beacon, first_accounts, keygen, staking,
};
use types::{
    Amount, ChainId, Committee, Declaration, Height, Lanes, RootBlock, RoutingTable, Time,
};

mod network;
mod work;

use network::{
    RULES, context, filings, header, identity, key, member, network, node, share_key, staker,
    system,
};
use work::{account_bytes, cpu, kind, ms, primitives};

const MEMBERS: usize = 100;
/// Gives seat 1 a bad share.
const CHEAT: usize = 1;
/// Whose duty is measured.
const OWN: usize = 0;
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
