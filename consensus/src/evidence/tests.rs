//! Evidence as a third party sees it: the committee's record and nothing else.

use std::collections::BTreeSet;

use types::{
    Block, BlockHash, Certificate, CertificateKind, Group, Justification, Signers, Statement, Vote,
    VoteKind,
};

use super::{Evidence, EvidenceError, SignedHeader, liars};
use crate::chain::{self, committee, genesis, key, network};

fn vote(member: u16, round: u64, kind: VoteKind, value: Option<BlockHash>) -> Vote {
    let statement = Statement {
        network: network(),
        chain: genesis().chain,
        epoch: genesis().epoch,
        round,
        kind,
        value,
    };
    Vote::sign(&statement, member, &key(member))
}

fn certificate(
    kind: CertificateKind,
    round: u64,
    groups: &[(Option<BlockHash>, &[u16])],
) -> Certificate {
    let mut signatures = Vec::new();
    let group = |(value, members): &(Option<BlockHash>, &[u16])| {
        let mut signers = Signers::none(4);
        for member in *members {
            signers.insert(usize::from(*member));
            signatures.push(vote(*member, round, kind.vote(), *value).signature);
        }
        Group {
            value: *value,
            signers,
        }
    };
    let groups = groups.iter().map(group).collect();
    Certificate {
        kind,
        chain: genesis().chain,
        epoch: genesis().epoch,
        round,
        groups,
        signature: crypto::bls::Signature::aggregate(&signatures).expect("they add up"),
    }
}

fn hash(byte: u8) -> Option<BlockHash> {
    Some(BlockHash(crypto::Hash::new([byte; 32])))
}

fn check(evidence: &Evidence) -> Result<Vec<u16>, EvidenceError> {
    // What is sent is what is checked.
    let bytes = borsh::to_vec(evidence).expect("evidence has an encoding");
    let received: Evidence = borsh::from_slice(&bytes).expect("and is read back");
    assert_eq!(received, *evidence);
    received.check(&committee(&[1; 4]), network())
}

#[test]
fn pairs_of_certificates_convict_who_signed_both() {
    use CertificateKind::{Confirm, Early, Prepare, Skip};
    let (a, b) = (hash(1), hash(2));
    let prepared = certificate(Prepare, 1, &[(a, &[0, 1, 2])]);
    let confirmed = certificate(Confirm, 1, &[(a, &[0, 1, 2])]);
    let early = certificate(Early, 1, &[(a, &[0, 1, 2, 3])]);
    let table: [(&str, &Certificate, Certificate, &[u16]); 8] = [
        (
            "PC, PC'",
            &prepared,
            certificate(Prepare, 1, &[(b, &[1, 2, 3])]),
            &[1, 2],
        ),
        (
            "CC, CC'",
            &confirmed,
            certificate(Confirm, 1, &[(b, &[0, 2, 3])]),
            &[0, 2],
        ),
        (
            "CC, SC",
            &confirmed,
            certificate(Skip, 1, &[(None, &[1, 3]), (a, &[2])]),
            &[1, 2],
        ),
        (
            "FC, SC",
            &early,
            certificate(Skip, 1, &[(None, &[1, 3]), (a, &[2])]),
            &[1, 3],
        ),
        (
            "SC, SC'",
            &certificate(Skip, 1, &[(None, &[0, 1]), (a, &[2])]),
            certificate(Skip, 1, &[(None, &[1, 2]), (a, &[3])]),
            &[2],
        ),
        (
            "PC, pinning SC",
            &prepared,
            certificate(Skip, 1, &[(a, &[0, 1, 2])]),
            &[],
        ),
        (
            "PC, CC of another",
            &prepared,
            certificate(Confirm, 1, &[(b, &[0, 1, 2])]),
            &[],
        ),
        ("PC, FC", &prepared, early.clone(), &[]),
    ];
    for (name, first, second, guilty) in table {
        let (first, both) = (first.clone(), BTreeSet::from_iter(guilty.iter().copied()));
        assert_eq!(liars(&first, &second), both, "{name}");
        let found = check(&Evidence::Certificates { first, second });
        let expected = match guilty {
            [] => Err(EvidenceError::NoConflict),
            guilty => Ok(guilty.to_vec()),
        };
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn what_is_not_signed_convicts_nobody() {
    use VoteKind::{Prepare, Skip};
    let first = vote(2, 1, Prepare, hash(1));
    let second = vote(2, 1, Skip, None);
    let pair = |first, second| Evidence::Votes { first, second };
    assert_eq!(check(&pair(first, second)), Ok(vec![2]));
    let mut forged = second;
    forged.signature = first.signature;
    assert_eq!(check(&pair(first, forged)), Err(EvidenceError::Signature));
    let mut other = second;
    other.member = 1;
    assert_eq!(check(&pair(first, other)), Err(EvidenceError::NoConflict));
    let later = vote(2, 2, Skip, None);
    assert_eq!(check(&pair(first, later)), Err(EvidenceError::OtherRound));
    let (mut first, mut second) = (first, second);
    (first.epoch, second.epoch) = (6, 6);
    assert_eq!(check(&pair(first, second)), Err(EvidenceError::OtherRound));
    let outsider = |kind| vote(9, 1, kind, None);
    let pair = pair(outsider(Prepare), outsider(Skip));
    assert_eq!(check(&pair), Err(EvidenceError::NoConflict));
}

#[test]
fn short_certificates_convict_nobody() {
    let vote = vote(2, 1, VoteKind::Skip, None);
    let full = certificate(CertificateKind::Prepare, 1, &[(hash(1), &[0, 1, 2])]);
    let short = certificate(CertificateKind::Prepare, 1, &[(hash(1), &[1, 2])]);
    let pair = |certificate| Evidence::VoteAndCertificate { vote, certificate };
    assert_eq!(check(&pair(full)), Ok(vec![2]));
    assert_eq!(check(&pair(short)), Err(EvidenceError::Signature));
}

fn signed(block: &Block) -> Box<SignedHeader> {
    Box::new(SignedHeader {
        header: block.header.clone(),
        signature: block.signature,
    })
}

#[test]
fn two_signed_headers_of_a_round_convict_their_leader() {
    let make = |round, body: &[u8]| {
        let justification = Justification::default();
        chain::sign(chain::block(
            &genesis(),
            round,
            3,
            justification,
            body.to_vec(),
        ))
    };
    let (a, b, later) = (make(1, b"a"), make(1, b"b"), make(2, b"b"));
    let pair = |a: &Block, b: &Block| Evidence::Proposals {
        first: signed(a),
        second: signed(b),
    };
    assert_eq!(check(&pair(&a, &b)), Ok(vec![3]));
    assert_eq!(check(&pair(&a, &a)), Err(EvidenceError::NoConflict));
    assert_eq!(check(&pair(&a, &later)), Err(EvidenceError::OtherRound));
    let unsigned = Block {
        signature: a.signature,
        ..b
    };
    assert_eq!(check(&pair(&a, &unsigned)), Err(EvidenceError::Signature));
}

#[test]
fn preparing_an_unjustified_header_convicts_all_who_did() {
    let skip = certificate(CertificateKind::Skip, 1, &[(None, &[0, 1, 2])]);
    // Round 1 is passed over with and without its certificate.
    for (skips, guilty) in [(vec![skip], false), (vec![], true)] {
        let shown = Justification {
            parent: None,
            skips,
        };
        let block = chain::block(&genesis(), 2, 3, shown.clone(), vec![]);
        let value = Some(block.header.hash());
        let evidence = Evidence::Justification {
            header: Box::new(block.header),
            justification: shown,
            certificate: certificate(CertificateKind::Prepare, 2, &[(value, &[0, 2, 3])]),
        };
        let expected = if guilty {
            Ok(vec![0, 2, 3])
        } else {
            Err(EvidenceError::NoConflict)
        };
        assert_eq!(check(&evidence), expected);
    }
}

/// The block on which a later term begins has a round, and no certificate in that term.
#[test]
fn preparing_the_first_block_of_a_term_convicts_nobody() {
    let mut base = genesis();
    base.round = 48;
    let shown = Justification::default();
    let block = chain::block(&base, 49, 3, shown.clone(), vec![]);
    let value = Some(block.header.hash());
    let evidence = Evidence::Justification {
        header: Box::new(block.header),
        justification: shown,
        certificate: certificate(CertificateKind::Prepare, 49, &[(value, &[0, 2, 3])]),
    };
    assert_eq!(check(&evidence), Err(EvidenceError::NoConflict));
}
