use thinkey_sdk::mock::World;

use super::*;

const SUPPLY: Amount = 1_000;

struct Bench {
    world: World,
    issuer: AccountId,
    ledgers: Vec<AccountId>,
}

impl Bench {
    fn new(world: World, chains: u32) -> Self {
        let mut world = world;
        let issuer = world.user("issuer", 0);
        let ledgers = (0..chains).map(|chain| {
            let supply = if chain == 0 { SUPPLY } else { 0 };
            world.deploy::<Ledger>(&format!("ledger {chain}"), chain, 0, &(issuer, supply))
        });
        let ledgers: Vec<_> = ledgers.collect();
        for &ledger in &ledgers {
            for &other in &ledgers {
                let call = Ledger::at(ledger).set_member(other, true);
                world.call(issuer, call).expect("the issuer may");
            }
        }
        Self {
            world,
            issuer,
            ledgers,
        }
    }

    fn sum(&mut self, what: fn(&LedgerHandle) -> thinkey_sdk::call::Question<Amount>) -> Amount {
        let ledgers = self.ledgers.clone();
        ledgers
            .iter()
            .map(|&id| self.world.ask(what(&Ledger::at(id))))
            .sum()
    }
}

#[test]
fn pays_on_one_chain() {
    let mut bench = Bench::new(World::new(), 1);
    let (ledger, bob) = (Ledger::at(bench.ledgers[0]), bench.world.user("bob", 0));
    bench
        .world
        .call(bench.issuer, ledger.transfer(bob, 400))
        .expect("has it");
    let refused = bench.world.call(bob, ledger.transfer(bench.issuer, 401));
    assert_eq!(refused, Err("not enough tokens".to_owned()));
    assert_eq!(bench.world.ask(ledger.balance_of(bob)), 400);
    assert_eq!(bench.world.ask(ledger.balance_of(bench.issuer)), 600);
}

#[test]
fn pays_over_chains() {
    let mut bench = Bench::new(World::new(), 2);
    let (first, second) = (bench.ledgers[0], bench.ledgers[1]);
    let bob = bench.world.user("bob", 0);
    bench
        .world
        .call(
            bench.issuer,
            Ledger::at(first).transfer_to(second, bob, 250),
        )
        .expect("may");
    assert_eq!(bench.world.ask(Ledger::at(second).balance_of(bob)), 250);
    assert_eq!(bench.world.ask(Ledger::at(first).held()), 750);
    assert_eq!(bench.world.ask(Ledger::at(first).leaving()), 0);
}

#[test]
fn what_bounces_or_is_late_is_back() {
    for late in [false, true] {
        let mut bench = Bench::new(World::new(), 2);
        let (first, second) = (bench.ledgers[0], bench.ledgers[1]);
        bench.world.break_down(second, !late);
        bench.world.lose(second, late);
        let call = Ledger::at(first).transfer_to(second, bench.issuer, 250);
        bench.world.call(bench.issuer, call).expect("sent");
        assert_eq!(bench.world.count("returned"), 1);
        assert_eq!(
            bench.world.ask(Ledger::at(first).balance_of(bench.issuer)),
            SUPPLY
        );
        assert_eq!(bench.world.ask(Ledger::at(first).leaving()), 0);
    }
}

#[test]
fn strangers_credit_nothing() {
    let mut bench = Bench::new(World::new(), 1);
    let eve = bench.world.user("eve", 0);
    let ledger = Ledger::at(bench.ledgers[0]);
    let forged = bench.world.call(eve, ledger.credit(eve, 1_000_000));
    assert_eq!(forged, Err("only ledgers credit".to_owned()));
    let named = bench.world.call(eve, ledger.set_member(eve, true));
    assert_eq!(named, Err("only the issuer names members".to_owned()));
    let value = bench.world.user("rich", 9);
    let tip = bench.world.call(value, ledger.transfer(eve, 0).value(9));
    assert_eq!(tip, Err("takes no value".to_owned()));
}

/// [L1] In any order of delivery, and while one ledger comes and goes.
#[test]
fn supply_is_conserved() {
    for seed in 0..60 {
        let mut bench = Bench::new(World::seed(seed), 3);
        let ledgers = bench.ledgers.clone();
        for round in 0..20u64 {
            let pick = |salt: u64| ((seed * 31 + round * 7 + salt * 13) % 3) as usize;
            let (from, to) = (ledgers[pick(1)], ledgers[pick(2)]);
            let call = Ledger::at(from).transfer_to(to, bench.issuer, u128::from(round) * 7);
            bench.world.send(bench.issuer, call);
            bench.world.break_down(ledgers[2], round % 5 == 3);
            bench.world.step();
            let held = bench.sum(LedgerHandle::held);
            assert!(held <= SUPPLY && held + bench.sum(LedgerHandle::leaving) >= SUPPLY);
        }
        bench.world.run();
        assert_eq!(bench.sum(LedgerHandle::held), SUPPLY, "seed {seed}");
        assert_eq!(bench.sum(LedgerHandle::leaving), 0, "seed {seed}");
        assert!(bench.world.count("received") > 0);
    }
}
