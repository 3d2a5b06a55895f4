//! Elections on the real staking account: duties, jail, and money.

use actors::State;
use types::{AccountId, Amount, News, NodeId};

use super::{RULES, World, boxed};
use crate::staking::{self, FirstStaker, staker};
use crate::testing::ONE;

/// A world whose stakers have their tickets in the staking account, at ten units each.
fn staked(tickets: &[u64]) -> World {
    let mut world = World::new(tickets);
    world.root.stakes = None;
    let first = world.stakers.0.values().map(|own| FirstStaker {
        id: own.id,
        node: NodeId(own.id.0),
        key: own.stake.public(),
        stake: Amount(10 * u128::from(own.tickets)),
        duties: 0,
    });
    let account = staking::first_account(first, Amount(1_000)).unwrap();
    let others = world.root.state.accounts().iter();
    let others = others.map(|(key, account)| (AccountId((*key).into()), account.clone()));
    let all: Vec<_> = others.chain([(staking::account_id(), account)]).collect();
    world.root.state = State::genesis(all).unwrap();
    world
}

fn duties(world: &World) -> Vec<u32> {
    let all = world.stakers.0.keys();
    all.map(|id| staker(&world.root.state, id).unwrap().duties)
        .collect()
}

#[test]
fn members_have_a_duty_from_their_election_to_the_end_of_their_term() {
    let mut world = staked(&[10; 6]);
    let committee = world.elect();
    for (id, duties) in world.stakers.0.keys().zip(duties(&world)) {
        let nodes = committee.members.iter().map(|member| member.node);
        assert_eq!(duties as usize, nodes.filter(|node| node.0 == id.0).count());
    }
    world.run_to(71);
    assert!(world.term(ONE).election().is_some(), "nobody was ready");
    assert_eq!(duties(&world), [0; 6]);
    assert!(world.root.state.conserves());
}

/// Members that do not show up for a rescue are slashed and jailed; no unit is lost.
#[test]
fn absence_from_a_rescue_costs_stake_and_the_next_elections() {
    let mut world = staked(&[100; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee);
    world.block(&ready);
    world.run_to(60);
    let mut closing = world.one.next(60);
    closing.phase = types::Phase::Closing;
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    while world.term(ONE).frozen.is_none() {
        world.block(&[]);
    }
    let answer = world.present(&committee).remove(0);
    world.block(&[answer]);
    let opened = world.term(ONE).election().unwrap().opened;
    let seed = world.seed(opened);
    world.block(&[seed]);
    let known = world.root.height - 1;
    let declared: Vec<_> = world.all_elected(ONE).into_iter().map(boxed).collect();
    world.block(&declared);
    let news = world.run_to(known + RULES.window + RULES.rescue);
    assert!(news.iter().any(|news| matches!(news, News::Rescued { .. })));
    for (number, member) in committee.members.iter().enumerate() {
        let record = staker(&world.root.state, &AccountId(member.node.0)).unwrap();
        let shown = number == 0;
        let left = if shown { 1_000 } else { 990 };
        assert_eq!(record.stake, Amount(left), "1 % for absence");
        assert_eq!(record.jailed_until > 0, !shown);
    }
    assert!(world.root.state.conserves());
    let books = staking::books(&world.root.state).unwrap();
    let balance = world.root.state.balance(&staking::account_id());
    assert_eq!(books.sum(), Some(balance));
}
