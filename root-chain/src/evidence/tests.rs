//! [V1] to [V5]: reports, true and false, and who is paid for them.

use consensus::{Evidence, EvidenceError, SignedHeader};
use crypto::Hash;
use types::{
    Amount, BlockHash, Certificate, CertificateKind, Finality, Height, Statement, Vote, VoteKind,
};

use super::{Court, PROMISE_AGE, PROMISE_LASTS, Promise, Report, ReportError, Term, promise_of};
use crate::slashing::Slashed;
use crate::staking::StakerId;
use crate::staking::testing::{RULES, World, stake_key, user};
use crate::testing::{Chain, ONE, TWO, network};

const STAKE: u128 = 1_000_000;

/// Chain one, whose four members hold the stakes of users 10 to 13; user 14 watches.
struct Case {
    world: World,
    chain: Chain,
    holders: Vec<Option<StakerId>>,
    ended: Option<Height>,
}

fn case() -> Case {
    let mut world = World::new(&[STAKE; 5], 0);
    world.height = 100;
    Case {
        world,
        chain: Chain::new(ONE),
        holders: (10..14).map(|who| Some(user(who))).collect(),
        ended: None,
    }
}

fn block(byte: u8) -> BlockHash {
    BlockHash(Hash::new([byte; 32]))
}

fn vote(chain: &Chain, member: u16, kind: VoteKind, value: Option<BlockHash>) -> Vote {
    let statement = Statement {
        network: network(),
        chain: chain.committee.chain,
        epoch: 0,
        round: 7,
        kind,
        value,
    };
    Vote::sign(&statement, member, &chain.keys[usize::from(member)])
}

fn two_prepares(chain: &Chain, member: u16) -> Evidence {
    Evidence::Votes {
        first: vote(chain, member, VoteKind::Prepare, Some(block(1))),
        second: vote(chain, member, VoteKind::Prepare, Some(block(2))),
    }
}

/// Two confirm certificates of one round.
fn fork(chain: &Chain) -> Evidence {
    let mut chain = chain.clone();
    let one = chain.next(1);
    chain.grow(1, 2);
    let other = types::Header {
        round: one.round,
        ..chain.tip.clone()
    };
    let confirm = |finality: Finality| finality.confirm;
    Evidence::Certificates {
        first: confirm(chain.certify(&one, &[0, 1, 2])),
        second: confirm(chain.certify(&other, &[1, 2, 3])),
    }
}

impl Case {
    fn report(&mut self, evidence: Evidence, reporter: u8) -> Result<Slashed, ReportError> {
        let report = Report {
            evidence,
            reporter: user(reporter),
        };
        let bytes = borsh::to_vec(&report).unwrap();
        let report: Report = borsh::from_slice(&bytes).unwrap();
        let term = Term {
            committee: &self.chain.committee,
            holders: &self.holders,
            ended: self.ended,
        };
        let height = self.world.height;
        let before = self.world.state.root();
        let done = self.world.edit(|edit| {
            let court = court(height);
            court.record(edit, &report, Some(term))
        });
        if done.is_err() {
            assert_eq!(self.world.state.root(), before, "nothing changed");
        }
        done
    }

    fn promise(&mut self, evidence: &Evidence, reporter: u8) -> Result<(), ReportError> {
        let report = Report {
            evidence: evidence.clone(),
            reporter: user(reporter),
        };
        let until = self.world.height + PROMISE_LASTS;
        self.file(&promise(&report, until, reporter))
    }

    fn file(&mut self, promise: &Promise) -> Result<(), ReportError> {
        let height = self.world.height;
        self.world
            .edit(|edit| court(height).record_promise(edit, promise))
    }

    fn lost(&self) -> Vec<u128> {
        let lost = |who| STAKE - self.world.staker(who).unwrap().stake.0;
        (10..15).map(lost).collect()
    }
}

fn promise(report: &Report, until: Height, signer: u8) -> Promise {
    let what = (report.promised(), until);
    Promise::of(report.reporter, what, network(), &stake_key(signer))
}

fn court(height: Height) -> Court<'static> {
    Court {
        network: network(),
        height,
        rules: &RULES,
    }
}

/// One of four seats: 75 %.
#[test]
fn two_votes_of_a_member_convict_it() {
    let mut case = case();
    let evidence = two_prepares(&case.chain, 2);
    let slashed = case.report(evidence, 14).unwrap();
    assert_eq!(slashed.taken, Amount(750_000));
    assert_eq!(case.lost(), [0, 0, 750_000, 0, 0]);
    let liar = case.world.staker(12).unwrap();
    assert!(liar.tombstoned && !case.world.staker(10).unwrap().tombstoned);
}

/// E2: who signed both certified blocks loses everything.
#[test]
fn a_fork_convicts_those_who_signed_both_sides() {
    let mut case = case();
    let evidence = fork(&case.chain);
    case.report(evidence, 14).unwrap();
    assert_eq!(case.lost(), [0, STAKE, STAKE, 0, 0]);
}

/// [V1] Whatever a liar makes up about an honest member, the root convicts nobody.
#[test]
fn an_honest_member_is_never_convicted() {
    let mut case = case();
    let honest = vote(&case.chain, 0, VoteKind::Prepare, Some(block(1)));
    let said = |kind, value| vote(&case.chain, 0, kind, value);
    let mut forged = honest;
    forged.value = Some(block(2));
    let mut blamed = vote(&case.chain, 1, VoteKind::Prepare, Some(block(2)));
    blamed.member = 0;
    let mut elsewhere = said(VoteKind::Prepare, Some(block(2)));
    elsewhere.round = 8;
    let mut other_chain = Chain::new(TWO);
    other_chain.committee.chain = ONE;
    let foreign = vote(&other_chain, 0, VoteKind::Prepare, Some(block(2)));
    use EvidenceError::{NoConflict, OtherRound, Signature};
    let table = [
        (forged, Signature),
        (blamed, Signature),
        (elsewhere, OtherRound),
        (foreign, Signature),
        (honest, NoConflict),
        (said(VoteKind::Confirm, Some(block(1))), NoConflict),
        (said(VoteKind::Skip, Some(block(1))), NoConflict),
    ];
    for (second, expected) in table {
        let first = honest;
        let refused = case.report(Evidence::Votes { first, second }, 14);
        assert_eq!(refused, Err(ReportError::Evidence(expected)));
    }
    assert_eq!(case.lost(), [0; 5]);
}

/// A certificate that names a member who did not sign does not verify.
#[test]
fn a_certificate_can_not_be_stretched_over_an_honest_member() {
    let mut case = case();
    let Evidence::Certificates { first, second } = fork(&case.chain) else {
        panic!("a fork");
    };
    let stretch = |mut certificate: Certificate| {
        for group in &mut certificate.groups {
            (0..4).for_each(|member| {
                group.signers.insert(member);
            });
        }
        certificate
    };
    for (first, second) in [
        (stretch(first.clone()), second.clone()),
        (first, stretch(second)),
    ] {
        let refused = case.report(Evidence::Certificates { first, second }, 14);
        let expected = ReportError::Evidence(EvidenceError::Signature);
        assert_eq!(refused, Err(expected));
    }
    assert_eq!(case.lost(), [0; 5]);
}

#[test]
fn a_leader_of_two_headers_is_convicted_once() {
    let mut case = case();
    let mut headers = [case.chain.next(1), case.chain.next(2)];
    let sign = |header: &mut types::Header| {
        header.proposer = 3;
        let digest = header.proposal_digest(network());
        let signature = case.chain.keys[3].sign(digest.as_bytes());
        Box::new(SignedHeader {
            header: header.clone(),
            signature,
        })
    };
    let [first, second] = headers.each_mut().map(sign);
    let evidence = Evidence::Proposals { first, second };
    case.report(evidence.clone(), 14).unwrap();
    assert_eq!(case.report(evidence, 13), Err(ReportError::Known));
    // Other evidence about the same member and term is no news either.
    let evidence = two_prepares(&case.chain, 3);
    assert_eq!(case.report(evidence, 13), Err(ReportError::Known));
    assert_eq!(case.lost(), [0, 0, 0, 750_000, 0]);
}

/// [V3] Known things are refused before any signature is looked at: forged ones give no other
/// answer.
#[test]
fn what_is_known_is_refused_before_signatures() {
    let mut case = case();
    case.report(two_prepares(&case.chain, 3), 14).unwrap();
    let mut forged = two_prepares(&case.chain, 3);
    if let Evidence::Votes { second, .. } = &mut forged {
        second.value = Some(block(9));
    }
    assert_eq!(case.report(forged, 14), Err(ReportError::Known));
    let mut nobody = two_prepares(&case.chain, 0);
    if let Evidence::Votes { first, second } = &mut nobody {
        (first.member, second.member) = (4, 4);
    }
    assert_eq!(case.report(nobody, 14), Err(ReportError::Known));
}

/// [V2] To the height.
#[test]
fn evidence_counts_until_the_window_ends() {
    let mut case = case();
    case.ended = Some(100);
    case.world.height = 121;
    let evidence = two_prepares(&case.chain, 0);
    let (ended, last) = (100, 120);
    let refused = case.report(evidence.clone(), 14);
    assert_eq!(refused, Err(ReportError::TooOld { ended, last }));
    case.world.height = 120;
    case.report(evidence, 14).unwrap();
}

/// The keys of a term that the root does not hold against anybody any more, or never knew, can
/// write what they like: it proves nothing here.
#[test]
fn terms_that_the_root_does_not_know_prove_nothing() {
    let mut case = case();
    let mut other = Chain::new(ONE);
    other.committee.epoch = 1;
    let evidence = two_prepares(&case.chain, 0);
    case.chain = other;
    let (chain, epoch) = (ONE, 0);
    let unknown = Err(ReportError::UnknownTerm { chain, epoch });
    assert_eq!(case.report(evidence.clone(), 14), unknown);
    let reporter = user(14);
    let report = Report { evidence, reporter };
    let said = court(100).check(&case.world.state, &report, None);
    assert_eq!(said.map(|_| ()), unknown.map(|_: Slashed| ()));
}

/// [V4] A promise that is old enough pays; reports without one, with a young one, with somebody
/// else's or of something else are taken and pay nobody.
#[test]
fn only_promised_reports_pay() {
    let paid = |promised: Option<u8>, waited: Height, reporter: u8| {
        let mut case = case();
        let evidence = two_prepares(&case.chain, 1);
        if let Some(who) = promised {
            case.promise(&evidence, who).unwrap();
        }
        case.world.height += waited;
        let slashed = case.report(evidence, reporter).unwrap();
        assert_eq!(slashed.taken, Amount(750_000));
        slashed.paid.0
    };
    assert_eq!(paid(Some(14), PROMISE_AGE, 14), 37_500);
    assert_eq!(paid(Some(14), PROMISE_AGE - 1, 14), 0);
    assert_eq!(paid(None, 0, 14), 0);
    assert_eq!(paid(Some(14), PROMISE_AGE, 13), 0, "the thief");
    let mut case = case();
    case.promise(&two_prepares(&case.chain, 2), 14).unwrap();
    case.world.height += PROMISE_AGE;
    let slashed = case.report(two_prepares(&case.chain, 1), 14).unwrap();
    assert_eq!(slashed.paid, Amount::ZERO, "promised something else");
    // The promise stands until its own report comes, and is used up then.
    let slashed = case.report(two_prepares(&case.chain, 2), 14).unwrap();
    assert!(slashed.paid > Amount::ZERO);
    let known = promise_of(&case.world.state, &user(14)).unwrap();
    assert_eq!(known.report, None);
}

/// [V5]
#[test]
fn promises_need_a_stake_key_and_patience() {
    let mut case = case();
    let evidence = two_prepares(&case.chain, 1);
    let no_staker = case.promise(&evidence, 9);
    assert_eq!(no_staker, Err(ReportError::NoStaker));
    let report = Report {
        evidence: evidence.clone(),
        reporter: user(14),
    };
    let forged = promise(&report, case.world.height + 1, 13);
    let refused = case.file(&forged);
    assert!(
        matches!(refused, Err(ReportError::Signature(_))),
        "{refused:?}"
    );
    case.promise(&evidence, 14).unwrap();
    case.world.height += PROMISE_AGE - 1;
    let free = case.world.height + 1;
    let other = two_prepares(&case.chain, 2);
    let soon = case.promise(&other, 14);
    assert_eq!(soon, Err(ReportError::PromiseTooSoon { free }));
    case.world.height += 1;
    case.promise(&other, 14).unwrap();
}

/// [V5] Whoever sends promises of others again makes none of them younger, and mutes nobody.
#[test]
fn promises_cannot_be_sent_again() {
    let mut case = case();
    let evidence = [1, 2].map(|member| two_prepares(&case.chain, member));
    let reporter = user(14);
    let [first, second] = evidence.map(|evidence| Report { evidence, reporter });
    let start = case.world.height;
    let old = promise(&first, start + 4, 14);
    case.file(&old).unwrap();
    case.world.height += 2;
    assert_eq!(case.file(&old), Err(ReportError::Promised));
    let longer = promise(&first, start + 9, 14);
    assert_eq!(
        case.file(&longer),
        Err(ReportError::Promised),
        "as old as it was"
    );
    case.world.height = start + PROMISE_AGE;
    let paid = case.report(first.evidence, 14).unwrap().paid;
    assert!(paid > Amount::ZERO);
    // Used up; and a later promise may be made at once, but not one that ends before the last.
    let earlier = promise(&second, start + 4, 14);
    let until = start + 4;
    let expired = Err(ReportError::PromiseExpired { until });
    assert_eq!(case.file(&earlier), expired);
    let until = case.world.height + PROMISE_LASTS + 1;
    let expired = Err(ReportError::PromiseExpired { until });
    assert_eq!(case.file(&promise(&second, until, 14)), expired);
    case.file(&promise(&second, until - 1, 14)).unwrap();
    assert_eq!(case.file(&longer), Err(ReportError::Promised));
}

/// A certificate and a vote: what a node sees most often.
#[test]
fn a_vote_against_a_certificate_convicts() {
    let mut case = case();
    let header = case.chain.next(1);
    let finality = case.chain.certify(&header, &[0, 1, 2]);
    let certificate = finality.prepare;
    assert_eq!(certificate.kind, CertificateKind::Prepare);
    let statement = Statement {
        network: network(),
        chain: ONE,
        epoch: 0,
        round: header.round,
        kind: VoteKind::Skip,
        value: None,
    };
    let vote = Vote::sign(&statement, 1, &case.chain.keys[1]);
    let evidence = Evidence::VoteAndCertificate { vote, certificate };
    case.report(evidence, 14).unwrap();
    assert_eq!(case.lost(), [0, 750_000, 0, 0, 0]);
}
