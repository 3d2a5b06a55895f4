use thinkey_sdk::mock::World;

use super::*;

const FUNDS: Amount = 1_000;
const CLOSES: u64 = 100;

struct Bench {
    world: World,
    founder: AccountId,
    seller: AccountId,
    collector: CollectorHandle,
    recorder: RecorderHandle,
    houses: Vec<AuctioneerHandle>,
}

impl Bench {
    /// A Collector, a Recorder, and so many Auctioneers, each on a chain of its own. The seller has
    /// what a sale costs.
    fn new(mut world: World, houses: u32) -> Self {
        let founder = world.user("founder", 0);
        let seller = world.user("seller", crate::price(houses as u8));
        let recorder = world.deploy::<Recorder>("recorder", 1, 0, &(founder,));
        let collector = world.deploy::<Collector>("collector", 0, 0, &(founder, recorder));
        let (collector, recorder) = (Collector::at(collector), Recorder::at(recorder));
        world
            .call(founder, recorder.set_collector(collector.0))
            .expect("first");
        let init = (collector.0, recorder.0);
        let houses = (0..houses).map(|chain| {
            let id = world.deploy::<Auctioneer>(&format!("house {chain}"), chain + 2, 0, &init);
            world
                .call(founder, collector.set_auctioneer(id, true))
                .expect("founder");
            Auctioneer::at(id)
        });
        let houses = houses.collect();
        Self {
            world,
            founder,
            seller,
            collector,
            recorder,
            houses,
        }
    }

    /// A kitty of the seller's that all Auctioneers hold.
    fn sale(&mut self) -> (u64, u64) {
        let kitty = self
            .world
            .call(self.founder, self.collector.birth(self.seller));
        let kitty = kitty.expect("founder");
        let most = self.houses.len() as u8;
        let call = self
            .collector
            .sell(kitty, 10, CLOSES, most)
            .value(crate::price(most));
        let sale = self.world.call(self.seller, call).expect("owner");
        for house in self.houses.clone() {
            self.world
                .call(self.seller, house.fetch(sale))
                .expect("anybody");
        }
        (kitty, sale)
    }

    fn close(&mut self, sale: u64) {
        self.world.root_height = CLOSES;
        self.world.send(self.seller, self.collector.close(sale));
        self.world.run();
    }
}

#[test]
fn the_highest_bid_has_the_kitty_and_the_seller_the_price() {
    let mut bench = Bench::new(World::new(), 1);
    let (kitty, sale) = bench.sale();
    let house = bench.houses[0];
    let [alice, bob] = ["alice", "bob"].map(|name| bench.world.user(name, FUNDS));
    let low = bench.world.call(alice, house.bid(sale).value(9));
    assert_eq!(low, Err("below the floor".to_owned()));
    bench
        .world
        .call(alice, house.bid(sale).value(50))
        .expect("first");
    let same = bench.world.call(bob, house.bid(sale).value(50));
    assert_eq!(same, Err("not more than the best bid".to_owned()));
    bench
        .world
        .call(bob, house.bid(sale).value(60))
        .expect("more");
    bench.close(sale);
    assert_eq!(bench.world.ask(bench.collector.owner_of(kitty)), bob);
    let have = [alice, bob, bench.seller].map(|id| bench.world.balance(id));
    assert_eq!(have, [FUNDS, FUNDS - 60, 60]);
}

#[test]
fn without_bids_the_seller_keeps_it() {
    let mut bench = Bench::new(World::new(), 3);
    let (kitty, sale) = bench.sale();
    bench.close(sale);
    assert_eq!(
        bench.world.ask(bench.collector.owner_of(kitty)),
        bench.seller
    );
    assert!(!bench.world.ask(bench.collector.is_open(sale)));
    bench
        .world
        .call(bench.seller, bench.collector.give(kitty, bench.founder))
        .expect("free");
}

/// [A1] [A2] The hot kitty: many bidders, several Auctioneers, every order of delivery.
#[test]
fn a_hot_kitty_has_exactly_one_winner_and_losers_are_refunded() {
    for seed in 0..100 {
        let mut bench = Bench::new(World::seed(seed), 4);
        let (kitty, sale) = bench.sale();
        let bidders: Vec<_> = (0..16)
            .map(|n| bench.world.user(&format!("b{n}"), FUNDS))
            .collect();
        for (n, &bidder) in bidders.iter().enumerate() {
            let house = bench.houses[(n + seed as usize) % 4];
            let price = 10 + ((n as u128 * 37 + u128::from(seed) * 11) % 50);
            bench.world.send(bidder, house.bid(sale).value(price));
        }
        bench.world.run();
        bench.close(sale);
        let owner = bench.world.ask(bench.collector.owner_of(kitty));
        let paid = bidders
            .iter()
            .filter(|&&id| bench.world.balance(id) < FUNDS);
        assert_eq!(
            paid.collect::<Vec<_>>(),
            [&owner],
            "seed {seed}: one pays, and has it"
        );
        let price = FUNDS - bench.world.balance(owner);
        assert_eq!(bench.world.balance(bench.seller), price);
        let best = bench
            .world
            .ask(bench.recorder.winner(sale))
            .expect("a winner");
        assert_eq!((best.bidder, best.price), (owner, price));
        let held: Amount = bench
            .houses
            .iter()
            .map(|house| bench.world.balance(house.0))
            .sum();
        assert_eq!(held, 0, "no auctioneer keeps anything");
        assert_eq!(bench.world.count("sold"), 1);
    }
}

/// [A5] The seller pays what the Recorder keeps of the sale, and no more.
#[test]
fn a_sale_costs_what_its_record_locks() {
    let mut bench = Bench::new(World::new(), 3);
    let [recorder, seller] = [bench.recorder.0, bench.seller];
    let (before, price) = (bench.world.deposit(recorder), crate::price(3));
    assert_eq!(bench.world.ask(bench.collector.price(3)), price);
    bench.world.user("seller", price + 9);
    let kitty = bench
        .world
        .call(bench.founder, bench.collector.birth(seller));
    let sell = |value| {
        bench
            .collector
            .sell(kitty.clone().expect("founder"), 10, CLOSES, 3)
            .value(value)
    };
    let poor = bench.world.call(seller, sell(price - 1));
    assert_eq!(poor, Err("it costs 278000".to_owned()));
    let sale = bench.world.call(seller, sell(price + 9)).expect("paid");
    assert_eq!(bench.world.balance(seller), 9);
    let alice = bench.world.user("alice", FUNDS);
    for house in bench.houses.clone() {
        bench.world.call(alice, house.fetch(sale)).expect("anybody");
    }
    let bid = bench.houses[0].bid(sale).value(50);
    bench.world.call(alice, bid).expect("first");
    bench.close(sale);
    assert_eq!(bench.world.deposit(recorder) - before, price);
    assert_eq!(bench.world.balance(recorder), price);
}

/// [A3] Verdicts that bounce are told again, and count once.
#[test]
fn an_auctioneer_that_was_away_settles_later() {
    let mut bench = Bench::new(World::new(), 2);
    let (kitty, sale) = bench.sale();
    let [alice, bob] = ["alice", "bob"].map(|name| bench.world.user(name, FUNDS));
    let (first, second) = (bench.houses[0], bench.houses[1]);
    bench
        .world
        .call(alice, first.bid(sale).value(70))
        .expect("bids");
    bench
        .world
        .call(bob, second.bid(sale).value(80))
        .expect("bids");
    bench.world.root_height = CLOSES;
    bench.world.break_down(first.0, true);
    bench
        .world
        .call(alice, bench.collector.close(sale))
        .expect("closed");
    assert_eq!(
        bench.world.ask(bench.recorder.winner(sale)),
        None,
        "one did not say"
    );
    bench.world.break_down(first.0, false);
    bench.world.break_down(second.0, true);
    bench.world.call(alice, first.finish(sale)).expect("closed");
    assert_eq!(bench.world.balance(alice), FUNDS);
    assert_eq!(
        bench.world.balance(bench.seller),
        0,
        "who won could not be told"
    );
    bench.world.break_down(second.0, false);
    for _ in 0..3 {
        bench
            .world
            .call(alice, bench.recorder.repeat(sale))
            .expect("anybody");
    }
    assert_eq!(bench.world.balance(alice), FUNDS);
    assert_eq!(bench.world.balance(bench.seller), 80);
    assert_eq!(bench.world.ask(bench.collector.owner_of(kitty)), bob);
}

#[test]
fn strangers_decide_nothing() {
    let mut bench = Bench::new(World::new(), 1);
    let (kitty, sale) = bench.sale();
    let eve = bench.world.user("eve", FUNDS);
    let bid = Bid {
        bidder: eve,
        price: 1_000,
    };
    let house = bench.houses[0];
    let refused = [
        bench
            .world
            .call(eve, bench.collector.decided(sale, Some(bid.clone()))),
        bench
            .world
            .call(eve, bench.recorder.decide(sale, eve, vec![eve])),
        bench.world.call(eve, house.settle(sale, eve, true)),
        bench.world.call(eve, bench.collector.give(kitty, eve)),
        bench
            .world
            .call(eve, bench.collector.request(sale))
            .map(|_| ()),
        bench.world.call(eve, house.finish(sale)),
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    bench.close(sale);
    let late = bench
        .world
        .call(eve, bench.recorder.result(sale, Some(bid)));
    assert_eq!(late, Err("not closed, or not yours".to_owned()));
    assert_eq!(
        bench.world.ask(bench.collector.owner_of(kitty)),
        bench.seller
    );
}
