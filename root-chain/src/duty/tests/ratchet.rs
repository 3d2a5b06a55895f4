use types::{ChainId, Epoch};

use super::World;
use crate::committees;
use crate::duty::Effect;
use crate::duty::ratchet::{Ratchet, Seating};

const DRAW: Seating = (ChainId(1), 9, 0);

#[test]
fn the_same_seed_makes_the_same_keys_and_each_its_own() {
    let ratchet = Ratchet::new([7; 32]);
    let key = |ratchet: &Ratchet, epoch, draw| {
        let key = ratchet.consensus_key(epoch, draw);
        key.map(|key| key.public().to_bytes())
    };
    let first = key(&ratchet, 3, DRAW).unwrap();
    assert_eq!(key(&Ratchet::new([7; 32]), 3, DRAW), Some(first));
    let others = [
        key(&ratchet, 4, DRAW),
        key(&ratchet, 3, (ChainId(1), 9, 1)),
        key(&ratchet, 3, (ChainId(1), 8, 0)),
        key(&ratchet, 3, (ChainId(2), 9, 0)),
        key(&Ratchet::new([8; 32]), 3, DRAW),
    ];
    for (at, other) in others.iter().enumerate() {
        assert_ne!(*other, Some(first), "{at}");
    }
}

/// [D3] What was moved past is gone, what comes later is the same as before.
#[test]
fn a_ratchet_never_turns_back() {
    let mut moved = Ratchet::new([7; 32]);
    assert!(moved.advance(5));
    assert!(!moved.advance(5));
    assert!(!moved.advance(2));
    assert_eq!(moved.epoch(), 5);
    assert!(moved.consensus_key(4, DRAW).is_none());
    assert!(moved.decryption_key(4, DRAW).is_none());
    let later = |ratchet: &Ratchet| ratchet.consensus_key(6, DRAW).unwrap().public();
    assert_eq!(later(&moved), later(&Ratchet::new([7; 32])));
    let bytes = borsh::to_vec(&moved).unwrap();
    assert!(borsh::from_slice::<Ratchet>(&bytes).unwrap() == moved);
}

/// The root's terms whose keys a node was told to erase.
fn erased(world: &World, number: usize) -> Vec<Epoch> {
    let own = world.left.iter().filter(|(from, ..)| *from == number);
    let done = own.filter_map(|(_, _, effect)| match effect {
        Effect::Done { chain, epoch } if chain.is_root() => Some(*epoch),
        _ => None,
    });
    done.collect()
}

/// [D3] A member signs for its term until every height of it has a seed. Then its key is erased,
/// once, and that of the term that serves stays.
#[test]
fn the_key_of_a_term_is_erased_when_nothing_is_owed_under_it() {
    let mut world = World::new(4);
    world.run_until(200, |world| world.epoch == 1);
    for number in 0..4 {
        assert!(erased(&world, number).is_empty(), "seeds are missing");
    }
    let closed = committees::ended(&world.state, ChainId::ROOT, 0).unwrap();
    world.run_until(80, |world| world.head().height > closed + 4);
    for number in 0..4 {
        assert_eq!(erased(&world, number), [0], "node {number}");
    }
}
