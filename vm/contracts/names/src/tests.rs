use thinkey_sdk::mock::World;

use super::*;

const FEE: Amount = 5;

fn world() -> (World, NamesHandle, AccountId, AccountId) {
    let mut world = World::new();
    let [treasury, alice] = [("treasury", 0), ("alice", 1_000)].map(|(n, v)| world.user(n, v));
    let names = world.deploy::<Names>("names", 0, 0, &(treasury, FEE, 100u64));
    (world, Names::at(names), treasury, alice)
}

#[test]
fn a_name_is_taken_paid_and_free_again() {
    let (mut world, names, treasury, alice) = world();
    let bob = world.user("bob", 1_000);
    let name = || "alice".to_owned();
    let poor = world.call(alice, names.register(name(), 2).value(9));
    assert_eq!(poor, Err("the fee is higher".to_owned()));
    world
        .call(alice, names.register(name(), 2).value(25))
        .expect("paid");
    assert_eq!(
        (world.balance(treasury), world.balance(alice)),
        (10, 990),
        "the rest went back"
    );
    let taken = world.call(bob, names.register(name(), 1).value(5));
    assert_eq!(taken, Err("taken".to_owned()));
    assert_eq!(world.call(bob, names.resolve(name())), Ok(Some(alice)));
    world.root_height = 201;
    assert_eq!(world.call(bob, names.resolve(name())), Ok(None));
    world
        .call(bob, names.register(name(), 1).value(5))
        .expect("free");
    assert_eq!(
        world.ask(names.lookup(name())).map(|record| record.owner),
        Some(bob)
    );
}

#[test]
fn only_the_owner_changes_a_name() {
    let (mut world, names, _, alice) = world();
    let bob = world.user("bob", 1_000);
    let name = || "a-name-that-has-32-bytes-exactly".to_owned();
    world
        .call(alice, names.register(name(), 1).value(FEE))
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
        let refused = world.call(alice, names.register(name.to_owned(), 1).value(FEE));
        assert_eq!(refused, Err("not a name".to_owned()), "{name:?}");
    }
    for terms in [0, 101, u32::MAX] {
        let refused = world.call(
            alice,
            names.register("alice".to_owned(), terms).value(1_000),
        );
        assert_eq!(refused, Err("1 to 100 terms".to_owned()));
    }
    assert_eq!(world.balance(alice), 1_000);
}
