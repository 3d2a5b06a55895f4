use thinkey_sdk::mock::World;

use super::*;

const FEE: Amount = 5;
const FUNDS: Amount = 1_000_000;
/// What a record locks.
const RECORD: Amount = 136_000;
/// What a name costs for a term.
const PRICE: Amount = FEE + RECORD;

fn world() -> (World, NamesHandle, AccountId, AccountId) {
    let mut world = World::new();
    let [treasury, alice] = [("treasury", 0), ("alice", FUNDS)].map(|(n, v)| world.user(n, v));
    let names = world.deploy::<Names>("names", 0, 0, &(treasury, FEE, 100u64));
    (world, Names::at(names), treasury, alice)
}

#[test]
fn a_name_is_taken_paid_and_free_again() {
    let (mut world, names, treasury, alice) = world();
    let bob = world.user("bob", FUNDS);
    let name = || "alice".to_owned();
    let price = RECORD + 2 * FEE;
    assert_eq!(world.ask(names.price(2)), price);
    let poor = world.call(alice, names.register(name(), 2).value(price - 1));
    assert_eq!(poor, Err("it costs 136010".to_owned()));
    world
        .call(alice, names.register(name(), 2).value(price + 15))
        .expect("paid");
    assert_eq!(
        (world.balance(treasury), world.balance(alice)),
        (10, FUNDS - price),
        "the rest went back"
    );
    let taken = world.call(bob, names.register(name(), 1).value(PRICE));
    assert_eq!(taken, Err("taken".to_owned()));
    assert_eq!(world.call(bob, names.resolve(name())), Ok(Some(alice)));
    world.root_height = 201;
    assert_eq!(world.call(bob, names.resolve(name())), Ok(None));
    world
        .call(bob, names.register(name(), 1).value(PRICE))
        .expect("free");
    assert_eq!(
        world.ask(names.lookup(name())).map(|record| record.owner),
        Some(bob)
    );
}

#[test]
fn only_the_owner_changes_a_name() {
    let (mut world, names, _, alice) = world();
    let bob = world.user("bob", FUNDS);
    let name = || "a-name-that-has-32-bytes-exactly".to_owned();
    world
        .call(alice, names.register(name(), 1).value(PRICE))
        .expect("paid");
    let not_his = [
        names.point(name(), bob),
        names.hand_over(name(), bob),
        names.release(name()),
    ];
    for call in not_his {
        assert_eq!(world.call(bob, call), Err("not your name".to_owned()));
    }
    world.call(alice, names.point(name(), bob)).expect("hers");
    assert_eq!(world.call(bob, names.resolve(name())), Ok(Some(bob)));
    world
        .call(bob, names.renew(name(), 3).value(3 * FEE))
        .expect("anybody");
    world.root_height = 399;
    world
        .call(alice, names.hand_over(name(), bob))
        .expect("hers still");
    world.call(bob, names.release(name())).expect("his");
    assert_eq!(world.ask(names.lookup(name())), None);
}

#[test]
fn what_is_no_name_is_refused() {
    let (mut world, names, _, alice) = world();
    for name in ["", "ab", "Alice", "with space", "ä-name", &"x".repeat(33)] {
        let refused = world.call(alice, names.register(name.to_owned(), 1).value(PRICE));
        assert_eq!(refused, Err("not a name".to_owned()), "{name:?}");
    }
    for terms in [0, 101, u32::MAX] {
        let refused = world.call(
            alice,
            names.register("alice".to_owned(), terms).value(FUNDS),
        );
        assert_eq!(refused, Err("1 to 100 terms".to_owned()));
    }
    assert_eq!(world.balance(alice), FUNDS);
}

/// [N4] Whoever has the record last gets what it cost, once; the registry gains and loses nothing.
#[test]
fn a_record_gives_back_what_it_cost() {
    let (mut world, names, _, alice) = world();
    let bob = world.user("bob", FUNDS);
    let id = names.0;
    let (balance, deposit) = (world.balance(id), world.deposit(id));
    let has = |world: &World| {
        let locked = world.deposit(id) - deposit;
        assert_eq!(world.balance(id), balance + locked, "what it locks is paid");
        [alice, bob].map(|who| world.balance(who))
    };
    let name = || "alice".to_owned();
    let register = |terms| names.register(name(), terms).value(FUNDS / 2);
    world.call(alice, register(1)).expect("paid");
    assert_eq!(has(&world), [FUNDS - PRICE, FUNDS]);
    // Her term is over, and Bob takes it: she gets hers, he pays his.
    world.root_height = 101;
    world.call(bob, register(1)).expect("free");
    assert_eq!(has(&world), [FUNDS - FEE, FUNDS - PRICE]);
    let hers = world.call(alice, names.release(name()));
    assert_eq!(hers, Err("not your name".to_owned()));
    // Handed over, the deposit is hers; after its term too, as long as nobody takes it.
    world
        .call(bob, names.hand_over(name(), alice))
        .expect("his");
    world.root_height = 301;
    assert_eq!(world.ask(names.lookup(name())), None);
    world.call(alice, names.release(name())).expect("hers");
    assert_eq!(has(&world), [FUNDS - FEE + RECORD, FUNDS - PRICE]);
    let again = world.call(alice, names.release(name()));
    assert_eq!(again, Err("no such name".to_owned()));
    // Whoever takes over his own name pays nothing but the fee.
    world.call(bob, register(1)).expect("free");
    let before = has(&world);
    world.root_height = 501;
    world.call(bob, register(1)).expect("free");
    assert_eq!(has(&world), [before[0], before[1] - FEE]);
}
