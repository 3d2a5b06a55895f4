//! Evidence that a node came across finds its way to the root.

use consensus::Evidence;
use crypto::bls::SecretKey;
use types::{Amount, BlockHash, Statement, Time, Vote, VoteKind};

use super::{World, secret, staker};
use crate::RootDeclaration;
use crate::duty::Input;
use crate::evidence::PROMISE_AGE;
use crate::staking;
use crate::testing::{ONE, network};

/// Member 1 of chain 1 prepared two blocks in a round.
fn two_votes() -> Evidence {
    let key = SecretKey::from_seed(&secret(4, 1));
    let vote = |block: u8| {
        let statement = Statement {
            network: network(),
            chain: ONE,
            epoch: 0,
            round: 7,
            kind: VoteKind::Prepare,
            value: Some(BlockHash([block; 32].into())),
        };
        Vote::sign(&statement, 1, &key)
    };
    Evidence::Votes {
        first: vote(1),
        second: vote(2),
    }
}

fn find(world: &mut World, number: usize) {
    let mut out = Vec::new();
    let input = Input::Evidence(Box::new(two_votes()));
    world.duties[number].handle(Time(0), input, &mut out);
    world.apply(number, out);
}

/// Promised first, then reported, and the one who promised is paid: one convict of four seats
/// pays 3/4 of its stake, and the reporter gets a twentieth of that.
#[test]
fn evidence_is_promised_then_reported_and_paid() {
    let mut world = World::new(4);
    world.run_to(2);
    find(&mut world, 0);
    world.run_to(2 + PROMISE_AGE + 4);
    let said = world.declared(0);
    let promised = said
        .iter()
        .find(|(_, said)| matches!(said, RootDeclaration::Promise(_)));
    let reported = said
        .iter()
        .find(|(_, said)| matches!(said, RootDeclaration::Evidence(_)));
    let (promised, reported) = (promised.unwrap().0, reported.unwrap().0);
    assert!(promised + PROMISE_AGE <= reported + 1);
    let record = |number| staking::staker(&world.state, &staker(number)).unwrap();
    assert_eq!(record(1).stake, Amount(25));
    assert!(record(1).tombstoned);
    assert_eq!(record(0).rewards, Amount(3));
    let times = said
        .iter()
        .filter(|(_, said)| matches!(said, RootDeclaration::Evidence(_)));
    assert_eq!(times.count(), 1);
}

/// What the root knows already, and what proves nothing, is not declared at all.
#[test]
fn old_news_and_nonsense_are_dropped() {
    let mut world = World::new(4);
    world.run_to(2);
    find(&mut world, 0);
    world.run_to(20);
    find(&mut world, 2);
    let Evidence::Votes { first, .. } = two_votes() else {
        unreachable!()
    };
    let mut out = Vec::new();
    let nonsense = Evidence::Votes {
        first,
        second: first,
    };
    let input = Input::Evidence(Box::new(nonsense));
    world.duties[3].handle(Time(0), input, &mut out);
    assert!(out.is_empty());
    world.run_to(25);
    for number in [2, 3] {
        let said = world.declared(number);
        let about = |said: &RootDeclaration| {
            matches!(
                said,
                RootDeclaration::Promise(_) | RootDeclaration::Evidence(_)
            )
        };
        assert!(!said.iter().any(|(_, said)| about(said)), "node {number}");
    }
}
