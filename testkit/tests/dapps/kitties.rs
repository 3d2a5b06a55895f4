use testkit::{User, Word, World, args};
use types::AccountId;

use crate::{FUNDS, GAS, call, free, module, number};

const SALE: u64 = 1;
const KITTY: u64 = 1;

struct Bench {
    world: World,
    founder: User,
    collector: AccountId,
    recorder: AccountId,
    houses: Vec<AccountId>,
}

impl Bench {
    /// Collector and Recorder on chain 1, an Auctioneer on each of the others; the hot kitty is
    /// for sale with all of them.
    fn new(seed: u64, chains: u32) -> Self {
        let world = World::new(chains).seed(seed);
        let founder = world.user(1, FUNDS);
        let init = args(&(founder.id(),));
        let recorder = founder.deploy(&module("recorder")).init(init).on(1);
        let init = args(&(founder.id(), recorder));
        let collector = founder.deploy(&module("collector")).init(init).on(1);
        call(&founder, recorder, "set_collector", &args(&(collector,)), 0);
        let init = args(&(collector, recorder));
        let code = module("auctioneer");
        let houses = (2..=chains).map(|chain| founder.deploy(&code).init(&init).on(chain));
        let houses: Vec<_> = houses.collect();
        call(&founder, collector, "birth", &args(&(founder.id(),)), 0);
        let closes = world.root_height() + 1_000;
        let most = houses.len() as u8;
        let price = number(&world, collector, "price", &args(&(most,)));
        call(
            &founder,
            collector,
            "sell",
            &args(&(KITTY, 10u128, closes, most)),
            price,
        );
        for &house in &houses {
            call(
                &founder,
                collector,
                "set_auctioneer",
                &args(&(house, true)),
                0,
            );
            call(&founder, house, "fetch", &args(&(SALE,)), 0);
        }
        Self {
            world,
            founder,
            collector,
            recorder,
            houses,
        }
    }

    fn owner(&self) -> AccountId {
        let answer = self.world.view(self.collector, "owner_of", args(&(KITTY,)));
        borsh::from_slice(&answer).expect("an account")
    }
}

/// [A1] [A2] Bidders on all chains at once, in every order that the seed makes of it.
#[test]
fn a_hot_kitty_has_one_winner_and_losers_are_refunded() {
    for seed in 0..3 {
        let bench = Bench::new(seed, 4);
        let held = |house: &AccountId| bench.world.balance(*house);
        let deposits: u128 = bench.houses.iter().map(held).sum();
        let bidders: Vec<_> = (0..9).map(|n| bench.world.user(1 + n % 4, FUNDS)).collect();
        let price =
            |n: usize| 1_000_000_000 + ((n as u128 * 7 + u128::from(seed) * 3) % 11) * 1_000_000;
        for (n, bidder) in bidders.iter().enumerate() {
            let house = bench.houses[(n + seed as usize) % 3];
            bidder
                .call(house, "bid", args(&(SALE,)))
                .value(price(n))
                .send();
            bench.world.run(3);
        }
        bench.world.settle();
        bench.world.pass(1_000);
        let before = bench.founder.balance();
        let close = bench
            .founder
            .call(bench.collector, "close", args(&(SALE,)))
            .gas(GAS);
        let trace = close.settle();
        trace.assert(Word::Settled);
        let (best, winner) = (0..9)
            .map(|n| (price(n), bidders[n].id()))
            .max()
            .expect("bidders");
        assert_eq!(bench.owner(), winner, "seed {seed}\n{trace}");
        let earned = bench.founder.balance() + u128::from(GAS) - before;
        let range = best..best + u128::from(GAS);
        assert!(range.contains(&earned), "the price, less gas");
        let left: u128 = bench.houses.iter().map(held).sum();
        assert_eq!(left, deposits, "all bids are paid out or back");
        for bidder in bidders.iter().filter(|bidder| bidder.id() != winner) {
            assert!(bidder.balance() > FUNDS - 100_000_000, "only gas is gone");
        }
    }
}

/// [A3] The Recorder can't tell an Auctioneer, until somebody lets it tell again.
#[test]
fn a_verdict_that_bounced_is_told_again() {
    let bench = Bench::new(1, 3);
    let bidder = bench.world.user(1, FUNDS);
    let bid = bidder
        .call(bench.houses[0], "bid", args(&(SALE,)))
        .value(5_000_000_000);
    bid.settle().assert(Word::Settled);
    bench.world.pass(1_000);
    // The first call is `finish`, the second `settle`.
    bench.world.refuse(bench.houses[0], 2);
    let close = bench
        .founder
        .call(bench.collector, "close", args(&(SALE,)))
        .gas(GAS);
    close.settle().assert(Word::PartlyFailed);
    assert_eq!(bench.owner(), bidder.id());
    let held = bench.world.balance(bench.houses[0]);
    call(&bench.founder, bench.recorder, "repeat", &args(&(SALE,)), 0);
    assert!(bench.world.balance(bench.houses[0]) < held - 4_000_000_000);
}

/// [A5] Whoever has a kitty sells it to nobody, again and again.
#[test]
fn sales_never_use_up_what_the_recorder_may_store() {
    let bench = Bench::new(4, 2);
    let world = &bench.world;
    let [collector, recorder] = [bench.collector, bench.recorder];
    let price = number(world, collector, "price", &args(&(8u8,)));
    let before = free(world, recorder);
    call(
        &bench.founder,
        collector,
        "birth",
        &args(&(bench.founder.id(),)),
        0,
    );
    for sale in 2..12u64 {
        let closes = world.root_height() + 1_000;
        let sell = args(&(2u64, 0u128, closes, 8u8));
        call(&bench.founder, collector, "sell", &sell, price);
        world.pass(1_000);
        let spent = free(world, collector);
        call(&bench.founder, collector, "close", &args(&(sale,)), 0);
        assert!(free(world, recorder) >= before, "{sale}");
        assert!(free(world, collector) >= spent, "{sale}");
    }
}
