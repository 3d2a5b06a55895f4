use thinkey_sdk::Encode;
use thinkey_sdk::mock::World;

use super::*;

fn program(acts: &[Act]) -> Vec<u8> {
    acts.iter().flat_map(Encode::to_bytes).collect()
}

fn order(to: AccountId, acts: &[Act], then: &[Act]) -> Order {
    Order {
        to,
        value: 5,
        gas: 100_000,
        deadline: 0,
        handler: 50_000,
        program: program(acts),
        then: program(then),
    }
}

#[test]
fn does_what_it_is_told_and_counts() {
    let mut world = World::new();
    let alice = world.user("alice", 1_000);
    let empty = (Vec::<u8>::new(),);
    let one = world.deploy::<Puppet>("one", 1, 100, &empty);
    let other = world.deploy::<Puppet>("other", 2, 100, &empty);
    let told = program(&[
        Act::Send(order(other, &[Act::Set(1, 9)], &[Act::Set(2, 1)])),
        Act::Send(order(other, &[Act::Fail], &[Act::Pay(alice, 3)])),
        Act::Spread(3, [one, other].into(), order(one, &[Act::Answer(4)], &[])),
    ]);
    world
        .call(alice, Puppet::at(one).act(told))
        .expect("it may");
    // Told once, called twice by itself; what failed does not count.
    assert_eq!(world.ask(Puppet::at(one).runs()), (4, 4, 1, 0));
    assert_eq!(world.ask(Puppet::at(other).runs()), (3, 0, 0, 0));
    assert_eq!(world.balance(alice), 1_003);
}

#[test]
fn refuses_what_it_does_not_understand() {
    let mut world = World::new();
    let alice = world.user("alice", 0);
    let one = world.deploy::<Puppet>("one", 1, 0, &(Vec::<u8>::new(),));
    let refused = world.call(alice, Puppet::at(one).act([99].into()));
    assert_eq!(refused, Err("no such act".to_owned()));
    assert_eq!(world.ask(Puppet::at(one).runs()).0, 1);
}
