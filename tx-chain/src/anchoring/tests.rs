use types::{ChainId, Header, Time};

use super::{Anchoring, Certified, Turn};
use crate::testing;

/// A chain whose newest final block was proposed by a member of some number.
fn proposed_by(proposer: u16) -> Anchoring {
    let header = Header {
        proposer,
        ..testing::header(ChainId(1), 5)
    };
    let mut anchoring = Anchoring::default();
    let certified = Certified {
        finality: testing::finality(&header),
        header,
        tails: Vec::new(),
        lanes: Default::default(),
    };
    anchoring.certified.insert(5, certified);
    anchoring
}

#[test]
fn members_take_turns_from_the_proposer_on() {
    let turn = |member| Turn {
        member,
        members: 4,
        patience: 100,
    };
    let when = |proposer, member| proposed_by(proposer).when(turn(member));
    for (proposer, member, ms) in [(1, 1, 0), (1, 2, 100), (1, 0, 300), (3, 0, 100)] {
        assert_eq!(when(proposer, member), Some(Time(ms)));
    }
    // Of a committee of more members, before a handover.
    for (proposer, member, ms) in [(7, 3, 0), (6, 3, 100), (65_535, 0, 100)] {
        assert_eq!(when(proposer, member), Some(Time(ms)));
    }
}
