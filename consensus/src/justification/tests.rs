//! Which skip certificates pin, and which certificates have the right shape.

use types::{BlockHash, Certificate, CertificateError, CertificateKind, Group, Signers};

use crate::chain::committee;

fn hash(byte: u8) -> BlockHash {
    BlockHash(crypto::Hash::new([byte; 32]))
}

/// Groups of consecutive members: (value or 0 for none, how many).
fn certificate(kind: CertificateKind, seats: usize, groups: &[(u8, usize)]) -> Certificate {
    let mut member = 0;
    let group = |(value, count): &(u8, usize)| {
        let mut signers = Signers::none(seats);
        for _ in 0..*count {
            signers.insert(member);
            member += 1;
        }
        Group {
            value: Some(hash(*value)).filter(|_| *value > 0),
            signers,
        }
    };
    Certificate {
        kind,
        chain: types::ChainId(3),
        epoch: 5,
        round: 1,
        groups: groups.iter().map(group).collect(),
        signature: crate::unsigned(),
    }
}

#[test]
fn a_block_is_pinned_from_m_minus_f_on() {
    // n, declarations as (value, seats), what is pinned (0: nothing)
    type Row<'a> = (usize, &'a [(u8, usize)], u8);
    let table: &[Row<'_>] = &[
        (1, &[(0, 1)], 0),
        (1, &[(1, 1)], 1),
        (4, &[(0, 3)], 0),
        (4, &[(0, 2), (1, 1)], 0),
        (4, &[(0, 1), (1, 2)], 1),
        (4, &[(1, 3)], 1),
        (4, &[(0, 2), (1, 2)], 0),
        (4, &[(0, 1), (1, 3)], 1),
        (4, &[(1, 1), (2, 2)], 2),
        (4, &[(1, 2), (2, 2)], 0),
        (7, &[(0, 3), (1, 2)], 0),
        (7, &[(0, 2), (1, 3)], 1),
        (7, &[(0, 3), (1, 4)], 0),
        (7, &[(0, 2), (1, 5)], 1),
        (10, &[(0, 4), (1, 3)], 0),
        (10, &[(0, 3), (1, 4)], 1),
        (10, &[(0, 1), (1, 3), (2, 3)], 0),
        (10, &[(0, 4), (1, 6)], 0),
        (10, &[(0, 3), (1, 7)], 1),
    ];
    for (seats, groups, pins) in table {
        let skip = certificate(CertificateKind::Skip, *seats, groups);
        let expected = Some(hash(*pins)).filter(|_| *pins > 0);
        let committee = committee(&vec![1; *seats]);
        assert_eq!(skip.pinned(&committee), expected, "n={seats} {groups:?}");
    }
}

#[test]
fn seats_and_shape_are_checked() {
    use CertificateKind::{Confirm, Early, Prepare, Skip};
    let few = |seats, needed| Err(CertificateError::TooFewSeats { seats, needed });
    let groups = Err(CertificateError::Groups);
    // n, kind, groups, early seats, result
    type Row<'a> = (
        usize,
        CertificateKind,
        &'a [(u8, usize)],
        u64,
        Result<(), CertificateError>,
    );
    let table: &[Row<'_>] = &[
        (4, Prepare, &[(1, 3)], 4, Ok(())),
        (4, Prepare, &[(1, 2)], 4, few(2, 3)),
        (4, Confirm, &[(1, 3)], 4, Ok(())),
        (4, Confirm, &[(0, 3)], 4, groups),
        (4, Prepare, &[(1, 2), (2, 2)], 4, groups),
        (4, Prepare, &[], 4, groups),
        (4, Early, &[(1, 3)], 4, few(3, 4)),
        (4, Early, &[(1, 4)], 4, Ok(())),
        (4, Early, &[(1, 3)], 1, Ok(())),
        (4, Early, &[(1, 2)], 1, few(2, 3)),
        (4, Skip, &[(0, 1), (1, 1), (2, 1)], 4, Ok(())),
        (4, Skip, &[(0, 1), (2, 1), (1, 1)], 4, groups),
        (4, Skip, &[(1, 2), (1, 1)], 4, groups),
        (4, Skip, &[(0, 3), (1, 0)], 4, groups),
        (4, Skip, &[(0, 1), (1, 1)], 4, few(2, 3)),
        (7, Prepare, &[(1, 5)], 6, Ok(())),
        (7, Prepare, &[(1, 4)], 6, few(4, 5)),
        (7, Early, &[(1, 5)], 6, few(5, 6)),
    ];
    for (seats, kind, groups, early, expected) in table {
        let made = certificate(*kind, *seats, groups);
        let committee = committee(&vec![1; *seats]);
        let result = made.check_shape(&committee, *early);
        assert_eq!(result, *expected, "n={seats} {kind:?} {groups:?}");
    }
}

#[test]
fn no_certificate_is_of_a_round_that_nothing_can_follow() {
    use types::limits::ROUNDS;
    for (round, good) in [(ROUNDS, true), (ROUNDS + 1, false), (u64::MAX, false)] {
        let mut made = certificate(CertificateKind::Prepare, 4, &[(1, 3)]);
        made.round = round;
        let result = made.check_shape(&committee(&[1; 4]), 0);
        let expected = match good {
            true => Ok(()),
            false => Err(CertificateError::Round { round }),
        };
        assert_eq!(result, expected);
    }
}
