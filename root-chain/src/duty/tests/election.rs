//! From an open election to a committee that is ready, by nodes that know only their own tickets.

use std::collections::BTreeMap;

use types::{ChainId, Height, News};

use super::{Effect, World, identity, staker};
use crate::RootDeclaration;
use crate::committees;
use crate::duty::Duty;
use crate::elections::{self, Stage};
use crate::testing::ONE;

fn elected_at(world: &World, number: usize) -> Vec<Height> {
    let declared = world.declared(number).into_iter();
    let elected = declared.filter(|(_, said)| matches!(said, RootDeclaration::Elected(_)));
    elected.map(|(height, _)| height).collect()
}

#[test]
fn open_seed_elected_committee_ready() {
    let mut world = World::new(6);
    world.run_until(120, |world| {
        world.news.iter().any(|news| {
            matches!(
                news,
                News::Ready {
                    chain: ONE,
                    epoch: 1
                }
            )
        })
    });
    let committee = committees::committee(&world.state, ONE, 1).unwrap();
    assert!((3..=4).contains(&committee.thresholds().seats));
    let holders = committees::holders(&world.state, ONE, 1).unwrap();
    for (member, holder) in committee.members.iter().zip(holders) {
        let number = (0..6)
            .find(|number| holder == Some(staker(*number)))
            .unwrap();
        // The key was kept before it was declared.
        let own = world.left.iter().filter(|(from, ..)| *from == number);
        let own: Vec<_> = own.map(|(_, _, effect)| effect).collect();
        let kept = own.iter().position(|effect| {
            let Effect::Key {
                chain: ONE, key, ..
            } = effect
            else {
                return false;
            };
            key.public() == member.key
        });
        let said = own.iter().position(|effect| match effect {
            Effect::Declare(said) => matches!(
                RootDeclaration::decode(said),
                Ok(RootDeclaration::Elected(elected)) if elected.draw.chain == ONE
            ),
            _ => false,
        });
        assert!(kept.unwrap() < said.unwrap(), "node {number}");
    }
    // Nobody said anything before the seed was recorded.
    let Some(opened) = world
        .news
        .iter()
        .position(|news| matches!(news, News::Seed { .. }))
    else {
        panic!("no seed");
    };
    assert!(opened < world.news.len());
    for number in 0..6 {
        assert!(elected_at(&world, number).iter().all(|at| *at > 30));
    }
}

/// [D1] Two worlds that differ in who was drawn look the same until the drawn speak: whatever
/// leaves a node before is the same whether its tickets win or not.
#[test]
fn nothing_depends_on_a_ticket_before_elected_is_said() {
    let mut world = World::new(6);
    world.run_until(60, |world| {
        (0..6).any(|number| !elected_at(world, number).is_empty())
    });
    let first = world.left.iter().position(|(_, _, effect)| match effect {
        Effect::Declare(said) => {
            matches!(
                RootDeclaration::decode(said),
                Ok(RootDeclaration::Elected(_))
            )
        }
        _ => false,
    });
    let before = &world.left[..first.unwrap()];
    for (number, _, effect) in before {
        match effect {
            // Kept by the node itself.
            Effect::Key { .. } | Effect::Serves { .. } | Effect::Follow(_) => {}
            // The same for all: signatures of the group's shares, and seeds that all declare.
            Effect::Share { shares, .. } => assert_eq!(shares.epoch, 0),
            Effect::Declare(said) => {
                let said = RootDeclaration::decode(said).unwrap();
                assert!(
                    matches!(said, RootDeclaration::Seeds(_)),
                    "{number}: {said:?}"
                );
            }
            other => panic!("{number}: {other:?}"),
        }
    }
}

/// [D2] A node that begins again from its seed says the same bytes.
#[test]
fn a_restart_says_the_same_again() {
    let mut world = World::new(4);
    world.run_until(60, |world| !elected_at(world, 1).is_empty());
    let said = |world: &World| {
        let mut declared = world.declared(1);
        declared.retain(|(_, said)| matches!(said, RootDeclaration::Elected(_)));
        declared
    };
    let before = said(&world);
    world.restart(1, identity(1, Some(super::DEALER)));
    let after = said(&world);
    assert_eq!(after.len(), before.len() + 1, "it says it again");
    assert_eq!(after.last().unwrap().1, before[0].1);
}

/// [D5] What is lost is said again, and not for longer than it can be recorded.
#[test]
fn what_is_lost_is_said_again_until_it_is_too_late() {
    let mut world = World::new(6);
    world.lost = [0].into();
    world.run_until(80, |world| {
        let term = elections::term(&world.state, ONE).unwrap();
        matches!(term.stage, Stage::Elected(_))
    });
    let mut times = BTreeMap::new();
    for (_, said) in world.declared(0) {
        if let RootDeclaration::Elected(elected) = said {
            *times.entry(elected.draw).or_insert(0) += 1;
        }
    }
    assert!(!times.is_empty());
    assert!(
        times.values().all(|times| *times == 2),
        "in windows of six heights: {times:?}"
    );
    let holders = committees::holders(&world.state, ONE, 1).unwrap();
    assert!(!holders.contains(&Some(staker(0))));
}

#[test]
fn duties_of_no_staker_say_nothing() {
    let mut world = World::new(4);
    let mut stranger = identity(77, None);
    stranger.genesis.keys.clear();
    world.duties.push(Duty::new(stranger, world.system.clone()));
    world.run_to(50);
    assert!(world.left.iter().all(|(from, ..)| *from != 4));
    assert!(elections::term(&world.state, ChainId::ROOT).is_some());
}
