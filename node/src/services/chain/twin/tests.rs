use crypto::{Hash, bls};
use types::{ChainId, Group, NetworkId, Signers, Statement};

use super::*;

const ME: u16 = 2;

fn vote(round: Round, kind: VoteKind, value: Option<BlockHash>) -> Vote {
    let statement = Statement {
        network: NetworkId::default(),
        chain: ChainId(1),
        epoch: 3,
        round,
        kind,
        value,
    };
    Vote::sign(&statement, ME, &bls::SecretKey::from_seed(&[1; 32]))
}

fn block(number: u8) -> Option<BlockHash> {
    Some(BlockHash(Hash::new([number; 32])))
}

fn certificate(
    round: Round,
    kind: CertificateKind,
    groups: &[(Option<BlockHash>, &[usize])],
) -> Certificate {
    let group = |(value, members): &(Option<BlockHash>, &[usize])| {
        let mut signers = Signers::none(4);
        for member in *members {
            signers.insert(*member);
        }
        Group {
            value: *value,
            signers,
        }
    };
    Certificate {
        kind,
        chain: ChainId(1),
        epoch: 3,
        round,
        groups: groups.iter().map(group).collect(),
        signature: bls::Signature::from([0; 48]),
    }
}

fn twin(votes: &[Vote]) -> Twin {
    let mut twin = Twin::new(10, votes);
    twin.seat = Some((3, ME));
    twin
}

#[test]
fn own_votes_are_known_and_others_are_found_out() {
    use CertificateKind::{Confirm, Early, Prepare, Skip};
    let twin = twin(&[
        vote(11, VoteKind::Prepare, block(1)),
        vote(12, VoteKind::Skip, None),
    ]);
    let good = [
        certificate(11, Prepare, &[(block(1), &[0, 1, 2])]),
        certificate(11, Early, &[(block(1), &[0, 1, 2, 3])]),
        certificate(11, Prepare, &[(block(2), &[0, 1, 3])]),
        certificate(12, Skip, &[(None, &[0, 2]), (block(4), &[1])]),
        // Too old to know, or of another term.
        certificate(10, Confirm, &[(block(1), &[0, 1, 2])]),
        Certificate {
            epoch: 2,
            ..certificate(13, Confirm, &[(block(1), &[0, 1, 2])])
        },
    ];
    for certificate in good {
        assert_eq!(twin.look(&certificate), Ok(()), "{certificate:?}");
    }
    let bad = [
        certificate(11, Prepare, &[(block(2), &[0, 1, 2])]),
        certificate(11, Confirm, &[(block(1), &[0, 1, 2])]),
        certificate(12, Skip, &[(None, &[0, 1]), (block(4), &[2])]),
        certificate(13, Prepare, &[(block(1), &[0, 1, 2])]),
    ];
    for certificate in bad {
        let round = certificate.round;
        assert_eq!(twin.look(&certificate), Err(Foreign { round }));
    }
}

#[test]
fn what_is_cast_later_is_known_and_what_is_final_is_forgotten() {
    let mut twin = twin(&[]);
    let late = certificate(20, CertificateKind::Confirm, &[(block(1), &[1, 2, 3])]);
    assert!(twin.look(&late).is_err());
    twin.cast(&vote(20, VoteKind::Confirm, block(1)));
    assert_eq!(twin.look(&late), Ok(()));
    twin.forget(20);
    assert!(twin.said.is_empty());
    assert_eq!(twin.look(&late), Ok(()));
    // Whoever has no seat has no twin.
    let next = certificate(21, CertificateKind::Confirm, &[(block(1), &[1, 2, 3])]);
    assert!(twin.look(&next).is_err());
    twin.seat = None;
    assert_eq!(twin.look(&next), Ok(()));
}

#[test]
fn of_votes_that_were_forgotten_nothing_is_said() {
    let late = certificate(20, CertificateKind::Confirm, &[(block(1), &[1, 2, 3])]);
    // The log is empty, though the key has signed.
    let mut twin = Twin::new(Round::MAX, &[]);
    twin.seat = Some((3, ME));
    assert_eq!(twin.look(&late), Ok(()));
    twin.cast(&vote(30, VoteKind::Prepare, block(2)));
    assert_eq!(twin.look(&late), Ok(()));
    let later = certificate(30, CertificateKind::Prepare, &[(block(3), &[1, 2, 3])]);
    assert!(twin.look(&later).is_err());
    // A term whose key has signed before, of which the log knows what is above round 15.
    let mut twin = Twin::new(Round::MAX, &[]);
    twin.seat = Some((3, ME));
    twin.opens(12, (15, &[vote(20, VoteKind::Confirm, block(1))]));
    let older = certificate(15, CertificateKind::Confirm, &[(block(1), &[1, 2, 3])]);
    assert_eq!((twin.look(&older), twin.look(&late)), (Ok(()), Ok(())));
    let foreign = certificate(16, CertificateKind::Confirm, &[(block(1), &[1, 2, 3])]);
    assert!(twin.look(&foreign).is_err());
}

#[test]
fn a_vote_is_found_in_the_blocks_between() {
    let twin = twin(&[]);
    let others = |round, kind| certificate(round, kind, &[(block(1), &[0, 1, 3])]);
    let finality = Finality {
        prepare: others(30, CertificateKind::Prepare),
        confirm: others(30, CertificateKind::Confirm),
    };
    let mut justification = Justification {
        parent: Some(others(27, CertificateKind::Prepare)),
        skips: vec![others(28, CertificateKind::Skip)],
    };
    let seen = twin.look_at(Some(&finality), &justification);
    assert_eq!(seen, Ok(()));
    let own = certificate(29, CertificateKind::Skip, &[(None, &[0, 1, 2])]);
    justification.skips.push(own);
    let seen = twin.look_at(None, &justification);
    assert_eq!(seen, Err(Foreign { round: 29 }));
}
