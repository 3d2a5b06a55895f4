use types::{ChainId, Committee, CommitteeError};

use super::{Committees, CommitteesError};
use crate::testing::{Chain, ONE, TWO};

#[test]
fn each_chain_has_one_committee_in_office() {
    let [one, two] = [ONE, TWO].map(|chain| Chain::new(chain).committee);
    let known = Committees::genesis([one.clone(), two]).unwrap();
    assert_eq!(known.current(ONE), Some(&one));
    assert_eq!(known.of(ONE, 0), Some(&one));
    assert_eq!(known.of(ONE, 1), None);
    assert_eq!(known.current(ChainId(3)), None);
}

#[test]
fn committees_that_cannot_work_are_refused() {
    let one = Chain::new(ONE).committee;
    let repeated = Committees::genesis([one.clone(), one.clone()]).unwrap_err();
    assert_eq!(repeated, CommitteesError::Repeated { chain: ONE });
    let empty = Committee {
        members: Vec::new(),
        ..one
    };
    let invalid = CommitteesError::Invalid {
        chain: ONE,
        source: CommitteeError::Size { members: 0 },
    };
    assert_eq!(Committees::genesis([empty]).unwrap_err(), invalid);
}
