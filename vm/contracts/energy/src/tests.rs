use thinkey_sdk::mock::World;

use super::*;
use crate::book::meet;
use crate::home::Trade;
use thinkey_sdk::prelude::*;

const LENGTH: u64 = 100;
const FUNDS: Amount = 10_000;
const SLOT: u64 = 3;

struct Bench {
    world: World,
    owner: AccountId,
    meter: AccountId,
    market: MarketHandle,
    homes: Vec<HomeHandle>,
}

impl Bench {
    fn new(mut world: World, homes: u32) -> Self {
        let [owner, meter, grid] = ["owner", "meter", "grid"].map(|name| world.user(name, 0));
        let market = Market::at(world.deploy::<Market>("market", 0, 0, &(grid, LENGTH)));
        let init = (owner, meter, market.0);
        let homes = (0..homes).map(|n| {
            let id = world.deploy::<Home>(&format!("home {n}"), n % 5, FUNDS, &init);
            world
                .call(grid, market.admit(id, true))
                .expect("the grid may");
            Home::at(id)
        });
        let homes = homes.collect();
        Self {
            world,
            owner,
            meter,
            market,
            homes,
        }
    }

    fn owner<R>(&mut self, call: Call<R>) {
        self.world.send(self.owner, call);
    }

    fn at(&mut self, slot: u64, call: Call) -> Result<(), String> {
        self.world.run();
        self.world.root_height = slot * LENGTH;
        self.world.call(self.owner, call)
    }

    fn balances(&self) -> Vec<Amount> {
        self.homes
            .iter()
            .map(|home| self.world.balance(home.0))
            .collect()
    }
}

#[test]
fn neighbours_trade_and_pay_what_is_delivered() {
    let mut bench = Bench::new(World::new(), 3);
    let [roof, flat, shop] = bench.homes[..] else {
        unreachable!()
    };
    bench.owner(roof.offer(SLOT, 10, 20));
    bench.owner(flat.want(SLOT, 4, 25));
    bench.owner(shop.want(SLOT, 4, 30));
    bench.at(SLOT, bench.market.clear(SLOT)).expect("begun");
    assert_eq!(
        bench.balances(),
        [FUNDS, FUNDS - 80, FUNDS - 80],
        "at one price"
    );
    let trade = bench.world.ask(roof.trade(SLOT));
    assert_eq!(
        trade,
        Trade {
            sold: 8,
            bought: 0,
            price: 20
        }
    );
    assert!(
        bench.at(SLOT, bench.market.settle(SLOT)).is_err(),
        "it may still deliver"
    );
    bench.world.root_height = (SLOT + 1) * LENGTH;
    bench
        .world
        .call(bench.meter, roof.reading(SLOT, 6))
        .expect("the meter");
    bench
        .world
        .call(bench.owner, bench.market.settle(SLOT))
        .expect("all reported");
    assert_eq!(bench.balances(), [FUNDS + 120, FUNDS - 60, FUNDS - 60]);
    assert_eq!(bench.world.balance(bench.market.0), 0);
}

#[test]
fn who_says_nothing_delivered_nothing() {
    let mut bench = Bench::new(World::new(), 2);
    let [roof, flat] = bench.homes[..] else {
        unreachable!()
    };
    bench.owner(roof.offer(SLOT, 10, 20));
    bench.owner(flat.want(SLOT, 10, 20));
    bench.at(SLOT, bench.market.clear(SLOT)).expect("begun");
    bench.at(SLOT + 2, bench.market.settle(SLOT)).expect("over");
    assert_eq!(bench.balances(), [FUNDS, FUNDS]);
}

#[test]
fn orders_that_are_late_or_foreign_come_back() {
    let mut bench = Bench::new(World::new(), 1);
    let flat = bench.homes[0];
    bench.at(SLOT, flat.want(SLOT, 1, 10)).expect("sent");
    assert_eq!(
        (bench.world.count("order refused"), bench.balances()),
        (1, vec![FUNDS])
    );
    let eve = bench.world.user("eve", 100);
    let refused = bench
        .world
        .call(eve, bench.market.buy(SLOT + 1, 1, 10).value(10));
    assert_eq!(refused, Err("not admitted".to_owned()));
    assert!(bench.world.call(eve, flat.withdraw(1)).is_err());
    assert!(bench.world.call(eve, flat.reading(SLOT, 1)).is_err());
    assert!(bench.world.call(eve, flat.matched(SLOT, 1, 1, 1)).is_err());
}

/// At a price of nothing anybody could bid for more than sums hold, and no slot would ever settle.
#[test]
fn orders_that_sums_could_not_hold_come_back() {
    let mut bench = Bench::new(World::new(), 1);
    let flat = bench.homes[0];
    for (kwh, refused) in [(u64::MAX, 1), (1 << 32, 1), ((1 << 32) + 1, 2)] {
        bench.owner(flat.want(SLOT, kwh, 0));
        bench.world.run();
        assert_eq!(bench.world.count("order refused"), refused);
    }
}

/// [E2] The cheapest and the highest first; nobody sells below or buys above what he said.
#[test]
fn orders_meet_at_one_price() {
    let order = |kwh, price| Order::new(AccountId::default(), kwh, price);
    let matched = |orders: &[Order]| orders.iter().map(|order| order.matched).collect::<Vec<_>>();
    let mut offers = [order(5, 30), order(5, 10), order(5, 20)];
    let mut bids = [order(4, 15), order(4, 40), order(4, 25)];
    assert_eq!(meet(&mut offers, &mut bids), Some(20));
    assert_eq!(
        (matched(&offers), matched(&bids)),
        (vec![0, 5, 3], vec![0, 4, 4])
    );
    assert_eq!(meet(&mut [order(1, 11)], &mut [order(1, 10)]), None);
    assert_eq!(meet(&mut [], &mut []), None);
}

/// [E3] [E4] Whatever is ordered and delivered, in any order of messages.
#[test]
fn value_is_conserved_and_nothing_stays() {
    for seed in 0..60u64 {
        let mut bench = Bench::new(World::seed(seed), 10);
        let total = bench.world.total();
        let homes = bench.homes.clone();
        for (n, home) in (0u64..).zip(&homes) {
            let (kwh, price) = (
                1 + (seed * 7 + n * 5) % 9,
                u128::from(5 + (seed + n * 3) % 11),
            );
            if n % 2 == 0 {
                bench.owner(home.offer(SLOT, kwh, price));
            } else {
                bench.owner(home.want(SLOT, kwh, price + 3));
            }
        }
        bench.at(SLOT, bench.market.clear(SLOT)).expect("begun");
        bench.world.root_height = (SLOT + 1) * LENGTH;
        for (n, home) in (0u64..).zip(&homes).filter(|(n, _)| (n + seed) % 3 > 0) {
            bench
                .world
                .send(bench.meter, home.reading(SLOT, (seed + n) % 7));
        }
        let settled = bench.at(SLOT + 2, bench.market.settle(SLOT));
        assert!(settled.is_ok() || bench.world.count("nothing matched") == 1);
        assert_eq!(bench.world.total(), total, "seed {seed}");
        assert_eq!(bench.world.balance(bench.market.0), 0, "seed {seed}");
        assert_eq!(bench.world.ask(bench.market.orders(SLOT)), None);
    }
}
