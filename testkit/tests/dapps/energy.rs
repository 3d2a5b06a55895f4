use testkit::{Word, World, args};

use crate::{FUNDS, GAS, call, module};

const LENGTH: u64 = 2_000;

/// Two households on chains of their own trade on a market on a third.
#[test]
fn neighbours_trade_over_chains() {
    let world = World::new(3).seed(2);
    let owner = world.user(1, FUNDS);
    let init = args(&(owner.id(), LENGTH));
    let market = owner.deploy(&module("market")).init(init).on(1);
    let init = args(&(owner.id(), owner.id(), market));
    let code = module("home");
    let [roof, flat] = [2, 3].map(|chain| owner.deploy(&code).init(&init).on(chain));
    for home in [roof, flat] {
        call(&owner, market, "admit", &args(&(home, true)), 0);
    }
    let slot = world.root_height() / LENGTH + 1;
    let price = 100_000_000u128;
    call(&owner, flat, "deposit", &args(&()), 10 * price);
    call(&owner, roof, "offer", &args(&(slot, 10u64, price)), 0);
    call(&owner, flat, "want", &args(&(slot, 4u64, 2 * price)), 0);
    let free = world.balance(market) - 8 * price;
    world.pass(slot * LENGTH - world.root_height());
    call(&owner, market, "clear", &args(&(slot,)), 0);
    assert_eq!(world.balance(market), free + 4 * price, "change went back");
    world.pass((slot + 1) * LENGTH - world.root_height());
    call(&owner, roof, "reading", &args(&(slot, 3u64)), 0);
    let before = [roof, flat].map(|home| world.balance(home));
    let settle = owner
        .call(market, "settle", args(&(slot,)))
        .gas(GAS)
        .settle();
    settle.assert(Word::Settled);
    let after = [roof, flat].map(|home| world.balance(home));
    assert_eq!(after, [before[0] + 3 * price, before[1] + price]);
    assert_eq!(world.balance(market), free, "nothing of the slot stays");
}
