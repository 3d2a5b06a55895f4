use thinkey_sdk::mock::World;

use super::*;

const SUPPLY: Amount = 1_000;
const FUNDS: Amount = 1_000_000;
/// What a place costs.
const PRICE: Amount = 96_000;
/// What a payment to another ledger locks until it is answered.
const ON_THE_WAY: Amount = 158_000;

struct Bench {
    world: World,
    issuer: AccountId,
    ledgers: Vec<AccountId>,
}

impl Bench {
    fn new(world: World, chains: u32) -> Self {
        let mut world = world;
        let issuer = world.user("issuer", FUNDS);
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

    fn holder(&mut self, name: &str, ledger: usize) -> AccountId {
        let holder = self.world.user(name, FUNDS);
        let open = Ledger::at(self.ledgers[ledger]).open(holder).value(PRICE);
        self.world.call(holder, open).expect("paid");
        holder
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
    let (ledger, bob) = (Ledger::at(bench.ledgers[0]), bench.holder("bob", 0));
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
    let bob = bench.holder("bob", 1);
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
    let tip = bench.world.call(value, ledger.transfer(eve, 1).value(9));
    assert_eq!(tip, Err("takes no value".to_owned()));
}

/// [L4] What the deposit grows by comes from whoever opens, and goes to whoever closes.
#[test]
fn a_place_costs_its_deposit_and_gives_it_back() {
    let mut bench = Bench::new(World::new(), 1);
    let (id, bob) = (bench.ledgers[0], bench.world.user("bob", FUNDS));
    let (ledger, eve) = (Ledger::at(id), bench.world.user("eve", FUNDS));
    let free = |world: &World| (world.balance(id), world.deposit(id));
    let before = free(&bench.world);
    assert_eq!(bench.world.ask(ledger.price()), PRICE);
    for value in [0, PRICE - 1] {
        let short = bench.world.call(eve, ledger.open(bob).value(value));
        assert_eq!(short, Err("it costs 96000".to_owned()));
    }
    let open = ledger.open(bob).value(PRICE + 7);
    bench.world.call(eve, open).expect("paid");
    assert_eq!(
        free(&bench.world),
        (before.0 + PRICE, before.1 + PRICE),
        "no more and no less"
    );
    assert_eq!(bench.world.balance(eve), FUNDS - PRICE);
    let twice = bench.world.call(eve, ledger.open(bob).value(PRICE));
    assert_eq!(twice, Err("there is a place already".to_owned()));
    bench.world.call(bob, ledger.close()).expect("empty");
    assert_eq!(free(&bench.world), before);
    assert_eq!(bench.world.balance(bob), FUNDS + PRICE);
    let twice = bench.world.call(bob, ledger.close());
    assert_eq!(twice, Err("no place here: open one".to_owned()));
}

/// [L4] Here and from other ledgers, with nothing too.
#[test]
fn only_who_has_a_place_is_paid() {
    let mut bench = Bench::new(World::new(), 2);
    let (issuer, eve) = (bench.issuer, bench.world.user("eve", 0));
    let [first, second] = [bench.ledgers[0], bench.ledgers[1]];
    let ledger = Ledger::at(first);
    assert!(!bench.world.ask(ledger.has_place(eve)));
    let deposits = [first, second].map(|id| bench.world.deposit(id));
    let paid = bench.world.call(issuer, ledger.transfer(eve, 1));
    let no_place = "the recipient has no place here: open one";
    assert_eq!(paid, Err(no_place.to_owned()));
    let sent = ledger.transfer_to(second, eve, 1);
    bench.world.call(issuer, sent).expect("sent");
    assert_eq!(bench.world.count("returned"), 1);
    for to in [issuer, eve] {
        let calls = [ledger.transfer(to, 0), ledger.transfer_to(second, to, 0)];
        for call in calls {
            let nothing = bench.world.call(issuer, call);
            assert_eq!(nothing, Err("nothing to pay".to_owned()));
        }
    }
    let after = [first, second].map(|id| bench.world.deposit(id));
    assert_eq!(after, deposits);
}

/// [L5] What left and may come back keeps its place.
#[test]
fn a_place_is_closed_when_nothing_is_left_or_on_its_way() {
    let mut bench = Bench::new(World::new(), 2);
    let (issuer, bob) = (bench.issuer, bench.holder("bob", 0));
    let [first, second] = [bench.ledgers[0], bench.ledgers[1]];
    let ledger = Ledger::at(first);
    let fund = ledger.transfer(bob, 50);
    bench.world.call(issuer, fund).expect("has it");
    let rich = bench.world.call(bob, ledger.close());
    assert_eq!(rich, Err("there are tokens left".to_owned()));
    for bounces in [true, false] {
        bench.world.break_down(second, bounces);
        let pay = ledger.transfer_to(second, issuer, 50);
        bench.world.send(bob, pay);
        let before = bench.world.deposit(first);
        assert!(bench.world.step(), "it left");
        assert_eq!(bench.world.deposit(first), before + ON_THE_WAY);
        let close = bench.world.send(bob, ledger.close());
        bench.world.run();
        let result = bench.world.result::<()>(&close);
        assert_eq!(result, Err("a payment is on its way".to_owned()));
        assert_eq!(bench.world.deposit(first), before);
        let back = if bounces { 50 } else { 0 };
        assert_eq!(bench.world.ask(ledger.balance_of(bob)), back);
    }
    bench.world.call(bob, ledger.close()).expect("all answered");
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
            let call = Ledger::at(from).transfer_to(to, bench.issuer, u128::from(round) * 7 + 1);
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
