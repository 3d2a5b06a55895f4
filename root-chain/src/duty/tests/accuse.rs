//! Every kind of lie, from the node that sees it to the stake that it costs. E1 to E7, E9, forks

use consensus::{Evidence, SignedHeader};
use crypto::bls::SecretKey;
use types::{
    AccountId, Amount, BlockHash, Certificate, CertificateKind, ChainId, Group, Header,
    Justification, News, Signers, Statement, Time, Vote, VoteKind,
};

use super::{World, secret, staker};
use crate::RootDeclaration;
use crate::duty::{Effect, Input};
use crate::elections::{CandidateKeys, Elected};
use crate::evidence::{PROMISE_AGE, Report};
use crate::staking;
use crate::testing::{ONE, first_header, network};

const ROUND: u64 = 7;

fn key(member: u16) -> SecretKey {
    SecretKey::from_seed(&secret(4, usize::from(member)))
}

fn block(byte: u8) -> Option<BlockHash> {
    Some(BlockHash([byte; 32].into()))
}

fn statement(kind: VoteKind, value: Option<BlockHash>) -> Statement {
    Statement {
        network: network(),
        chain: ONE,
        epoch: 0,
        round: ROUND,
        kind,
        value,
    }
}

/// Member 1 says something in round 7 of chain 1.
fn vote(kind: VoteKind, value: Option<BlockHash>) -> Vote {
    Vote::sign(&statement(kind, value), 1, &key(1))
}

/// A quorum of six, and another: four are in both.
const THESE: &[u16] = &[0, 1, 2, 3, 4];
const THOSE: &[u16] = &[1, 2, 3, 4, 5];

fn certificate(kind: CertificateKind, value: Option<BlockHash>, by: &[u16]) -> Certificate {
    among(6, kind, value, by)
}

fn among(
    members: usize,
    kind: CertificateKind,
    value: Option<BlockHash>,
    by: &[u16],
) -> Certificate {
    let said = statement(kind.vote(), value);
    let mut signers = Signers::none(members);
    by.iter().for_each(|member| {
        signers.insert(usize::from(*member));
    });
    let signed = by
        .iter()
        .map(|member| key(*member).sign(said.digest().as_bytes()));
    Certificate {
        kind,
        chain: ONE,
        epoch: 0,
        round: ROUND,
        groups: vec![Group { value, signers }],
        signature: crypto::bls::Signature::aggregate(&signed.collect::<Vec<_>>()).unwrap(),
    }
}

fn header(time: u64) -> Header {
    Header {
        height: 3,
        round: ROUND,
        parent_round: 5,
        proposer: 1,
        time: Time(time),
        justification: Justification::default().hash(),
        ..first_header(ONE, &types::Lanes::default())
    }
}

fn signed(header: Header) -> Box<SignedHeader> {
    let signature = key(1).sign(header.proposal_digest(network()).as_bytes());
    Box::new(SignedHeader { header, signature })
}

/// What convicts, and whom.
type Lie = (&'static str, Evidence, &'static [usize]);

/// Every pair that convicts, with those whom it convicts.
fn lies() -> Vec<Lie> {
    let mut all = by_signatures();
    all.extend(by_certificates());
    all
}

fn by_signatures() -> Vec<Lie> {
    use VoteKind::{Confirm, Prepare, Skip};
    let votes = |first, second| Evidence::Votes { first, second };
    vec![
        (
            "E1",
            Evidence::Proposals {
                first: signed(header(1)),
                second: signed(header(2)),
            },
            &[1],
        ),
        (
            "E2",
            votes(vote(Prepare, block(1)), vote(Prepare, block(2))),
            &[1],
        ),
        ("E3", votes(vote(Skip, block(1)), vote(Skip, None)), &[1]),
        (
            "E4",
            votes(vote(Skip, block(1)), vote(Prepare, block(2))),
            &[1],
        ),
        (
            "E5",
            votes(vote(Confirm, block(1)), vote(Skip, block(1))),
            &[1],
        ),
        (
            "E6",
            votes(vote(Confirm, block(1)), vote(Confirm, block(2))),
            &[1],
        ),
    ]
}

fn by_certificates() -> Vec<Lie> {
    use CertificateKind as Of;
    let pair = |first, second| Evidence::Certificates { first, second };
    let unjustified = header(1);
    let prepared = certificate(Of::Prepare, Some(unjustified.hash()), THESE);
    vec![
        (
            "E5 by a certificate",
            Evidence::VoteAndCertificate {
                vote: vote(VoteKind::Skip, None),
                certificate: certificate(Of::Confirm, block(1), THESE),
            },
            &[1],
        ),
        (
            "E2 by certificates",
            pair(
                certificate(Of::Prepare, block(1), THESE),
                certificate(Of::Prepare, block(2), THOSE),
            ),
            &[1, 2, 3, 4],
        ),
        (
            "E5 by certificates",
            pair(
                certificate(Of::Confirm, block(1), THESE),
                certificate(Of::Skip, None, THOSE),
            ),
            &[1, 2, 3, 4],
        ),
        (
            "E7",
            Evidence::Justification {
                header: Box::new(unjustified),
                justification: Justification::default(),
                certificate: prepared,
            },
            &[0, 1, 2, 3, 4],
        ),
    ]
}

fn record(world: &World, number: usize) -> staking::Staker {
    staking::staker(&world.state, &staker(number)).unwrap()
}

/// All that lies in the staking account.
fn whole(world: &World) -> u128 {
    let books = staking::books(&world.state).unwrap();
    let parts = [books.stakes, books.unbonding, books.rewards, books.pool];
    parts.into_iter().map(|part| part.0).sum()
}

fn was_frozen(world: &World) -> bool {
    let frozen = |news: &News| matches!(news, News::Frozen { chain: ONE, .. });
    world.news.iter().any(frozen)
}

fn hand(world: &mut World, number: usize, input: Input<'_>) {
    let mut out = Vec::new();
    world.duties[number].handle(Time(0), input, &mut out);
    world.apply(number, out);
}

fn told(world: &World, number: usize, is: impl Fn(&RootDeclaration) -> bool) -> usize {
    let said = world.declared(number).into_iter();
    said.filter(|(_, said)| is(said)).count()
}

/// Two nodes see each lie; one of them is paid, once, and the liars pay once and are out.
#[test]
fn every_kind_of_lie_costs_once_and_pays_once() {
    for (name, evidence, liars) in lies() {
        let mut world = World::new(6);
        world.run_to(2);
        let watch = [0, 5].into_iter().filter(|number| !liars.contains(number));
        for number in watch {
            hand(
                &mut world,
                number,
                Input::Evidence(Box::new(evidence.clone())),
            );
        }
        let before = whole(&world);
        world.run_to(2 + 3 * PROMISE_AGE);
        let guilty = liars.len() as u128;
        // Three times the part of the six seats; with E7 it is everything.
        let penalty = if guilty > 1 { 100 } else { 50 };
        let taken = guilty * penalty;
        for number in 0..6 {
            let record = record(&world, number);
            let lies = liars.contains(&number);
            assert_eq!(record.tombstoned, lies, "{name}: {number}");
            let stake = if lies { 100 - penalty } else { 100 };
            assert_eq!(record.stake, Amount(stake), "{name}: {number}");
        }
        let paid: u128 = (0..6).map(|number| record(&world, number).rewards.0).sum();
        let each = penalty * 5 / 100;
        assert_eq!(paid, guilty * each, "{name}: the reporter");
        let earners = (0..6).filter(|number| !record(&world, *number).rewards.is_zero());
        assert_eq!(earners.count(), 1, "{name}: one of them");
        assert_eq!(before - whole(&world), taken - paid, "{name}: burned");
        let reported = |number| {
            told(&world, number, |s| {
                matches!(s, RootDeclaration::Evidence(_))
            })
        };
        assert!(reported(0) + reported(5) >= 1, "{name}");
    }
}

/// A crash between seeing a lie and the root's knowing of it lets nobody off.
#[test]
fn what_convicts_is_to_be_kept_and_nothing_else() {
    let mut world = World::new(6);
    world.run_to(2);
    let keeps = |world: &mut World, evidence: &Evidence| {
        let mut out = Vec::new();
        let told = Input::Evidence(Box::new(evidence.clone()));
        world.duties[0].handle(Time(0), told, &mut out);
        let kept = |effect: &Effect| matches!(effect, Effect::Keep(kept) if **kept == *evidence);
        out.iter().any(kept)
    };
    let (_, lie, _) = lies().swap_remove(1);
    assert!(keeps(&mut world, &lie));
    assert!(!keeps(&mut world, &lie), "it waits already");
    let honest = vote(VoteKind::Prepare, block(1));
    let (first, second) = (honest, honest);
    assert!(!keeps(&mut world, &Evidence::Votes { first, second }));
    let skip = certificate(CertificateKind::Skip, None, THESE);
    let shown = Justification {
        parent: None,
        skips: vec![skip; 1_000],
    };
    let unjustified = Header {
        justification: shown.hash(),
        ..header(9)
    };
    let value = Some(unjustified.hash());
    let too_long = Evidence::Justification {
        header: Box::new(unjustified),
        justification: shown,
        certificate: certificate(CertificateKind::Prepare, value, THESE),
    };
    let (system, state) = (&world.duties[0].system, &world.duties[0].state);
    let report = Report {
        evidence: too_long.clone(),
        reporter: AccountId::default(),
    };
    assert!(system.judges(state, &report, 3).is_ok(), "it convicts");
    assert!(!keeps(&mut world, &too_long), "no declaration holds it");
}

/// More than f seats convicted: no certificate of theirs proves anything any more.
#[test]
fn a_committee_of_liars_is_replaced() {
    let both = [lies().swap_remove(1), lies().swap_remove(8)];
    for (_, evidence, liars) in both {
        let mut world = World::new(6);
        world.run_to(2);
        hand(&mut world, 5, Input::Evidence(Box::new(evidence)));
        world.run_to(2 + 3 * PROMISE_AGE);
        assert_eq!(was_frozen(&world), liars.len() > 1, "f is 1 of 6");
    }
}

fn words(elected: &Elected) -> RootDeclaration {
    RootDeclaration::Elected(Box::new(elected.clone()))
}

/// The first candidate of an election and what it says.
fn candidate(world: &mut World) -> (usize, Elected) {
    let said = |world: &World, number| {
        let declared = world.declared(number).into_iter();
        let mut words = declared.filter_map(|(_, said)| match said {
            RootDeclaration::Elected(elected) => Some(*elected),
            _ => None,
        });
        words.next()
    };
    let first = |world: &World| (0..6).find_map(|n| Some((n, said(world, n)?)));
    world.run_until(80, |world| first(world).is_some());
    first(world).unwrap()
}

/// Another word of the same staker in the same drawing.
fn contradiction(number: usize, first: &Elected) -> Elected {
    let consensus = SecretKey::from_seed(&[77; 32]);
    let stake = SecretKey::from_seed(&secret(1, number));
    let mut second = first.clone();
    second.key = consensus.public().to_bytes();
    second.possession = consensus.prove_possession();
    let keys = CandidateKeys {
        stake: &stake,
        consensus: &consensus,
    };
    second.signed(network(), keys)
}

fn listens(world: &mut World, number: usize, words: &[RootDeclaration], recorded: bool) {
    let encoded = words.iter().map(|word| word.encode().unwrap());
    let declarations = &encoded.collect::<Vec<_>>()[..];
    let input = Input::Declared {
        declarations,
        recorded,
    };
    hand(world, number, input);
}

/// E9: a staker tells half of the world one thing and the other half another. Whoever heard the one
/// and sees the other in a block reports it, and is paid.
#[test]
fn two_words_of_a_candidate_are_found_and_cost_it() {
    let mut world = World::new(6);
    let (liar, first) = candidate(&mut world);
    let second = contradiction(liar, &first);
    let mut forged = second.clone();
    forged.node = types::NodeId([0xee; 32].into());
    let [sees, hears_forged, hears_one, ..] = [1, 2, 3].map(|more| (liar + more) % 6);
    listens(&mut world, sees, &[words(&second), words(&second)], false);
    listens(&mut world, hears_forged, &[words(&forged)], false);
    listens(&mut world, hears_one, &[words(&first)], false);
    for number in 0..6 {
        listens(&mut world, number, &[words(&first)], true);
    }
    let at = world.height;
    world.run_to(at + 3 * PROMISE_AGE);
    let found = record(&world, liar);
    assert_eq!(found.stake, Amount(95), "5 %");
    assert!(!found.tombstoned, "two words are no attack on safety");
    // A twentieth of five is below one; the rest is burned.
    let accuses = |said: &RootDeclaration| {
        matches!(
            said,
            RootDeclaration::Promise(_) | RootDeclaration::Ballots(_)
        )
    };
    let all: Vec<_> = (0..6).map(|n| told(&world, n, accuses)).collect();
    assert!(all[sees] >= 2, "a promise and a report: {all:?}");
    assert_eq!(all.iter().sum::<usize>(), all[sees], "nobody else: {all:?}");
    let report = world.declared(sees).into_iter();
    let mut report = report.filter(|(_, said)| matches!(said, RootDeclaration::Ballots(_)));
    let again = report.next().unwrap().1.encode().unwrap();
    world.pool.insert(again.hash(), again);
    world.block();
    assert_eq!(record(&world, liar).stake, Amount(95), "once");
}

/// Words that others make up in a liar's name keep none of its own out.
#[test]
fn forged_words_hide_no_true_ones() {
    let mut world = World::new(6);
    let (liar, first) = candidate(&mut world);
    let second = contradiction(liar, &first);
    let forged = (0..20).map(|byte| {
        let mut forged = second.clone();
        forged.node = types::NodeId([byte; 32].into());
        words(&forged)
    });
    let mut heard: Vec<_> = forged.collect();
    heard.extend([words(&second), words(&first)]);
    let sees = (liar + 1) % 6;
    listens(&mut world, sees, &heard, false);
    listens(&mut world, sees, &[words(&first)], true);
    let promises = |said: &RootDeclaration| matches!(said, RootDeclaration::Promise(_));
    let at = world.height;
    world.run_to(at + 3 * PROMISE_AGE);
    assert!(told(&world, sees, promises) >= 1);
    assert_eq!(record(&world, liar).stake, Amount(95), "5 %");
}

/// Two blocks of the height after genesis in chain 1, each with a certificate: the first is
/// recorded, the second is a rival. Members 1 to 4 signed both.
fn fork(world: &mut World) -> Input<'static> {
    let mut chain = crate::testing::Chain::new(ONE);
    chain.keys = (0..6).map(key).collect();
    chain.committee = crate::committees::committee(&world.state, ONE, 0).unwrap();
    chain.lanes = types::Lanes::default();
    chain.tip = first_header(ONE, &chain.lanes);
    chain.blocks = vec![chain.tip.hash()];
    world.roots_known(2);
    let mut other = chain.clone();
    chain.grow(1, 1);
    other.grow(1, 2);
    let mut anchor = chain.anchor(0);
    anchor.finality = chain.certify(&chain.tip, &[0, 1, 2, 3, 4]);
    world.anchors.push(anchor);
    world.block();
    let rival = types::Rival {
        tip: other.tip.clone(),
        tails: Vec::new(),
        finality: other.certify(&other.tip, &[1, 2, 3, 4, 5]),
        apart: types::Apart::Beside,
    };
    Input::Rival {
        rival: Box::new(rival),
        shown: Vec::new(),
    }
}

/// A fork of chain 1, seen by one node: it shows its block, the chain freezes, and all who see both
/// certificates in the root's state compare them.
#[test]
fn a_fork_is_shown_and_its_liars_pay() {
    let mut world = World::new(6);
    world.run_to(3);
    let rival = fork(&mut world);
    hand(&mut world, 5, rival);
    let at = world.height;
    world.run_to(at + 3 * PROMISE_AGE);
    assert!(was_frozen(&world));
    let liars = [1, 2, 3, 4];
    for number in 0..6 {
        let record = record(&world, number);
        let lies = liars.contains(&number);
        assert_eq!(record.tombstoned, lies, "{number}");
        let stake = if lies { 0 } else { 100 };
        assert_eq!(record.stake, Amount(stake), "{number}");
    }
    let paid: u128 = (0..6).map(|number| record(&world, number).rewards.0).sum();
    assert_eq!(paid, 4 * 5);
    let shows = |said: &RootDeclaration| matches!(said, RootDeclaration::Rival(_));
    assert_eq!(told(&world, 5, shows), 1, "until the root shows it");
    let others = (0..5).map(|number| told(&world, number, shows));
    assert_eq!(others.sum::<usize>(), 0);
}

/// Other lies have frozen the chain, so the root takes no rival any more: the node that holds one
/// compares it by itself.
#[test]
fn a_rival_of_a_chain_that_is_frozen_already_convicts_too() {
    let mut world = World::new(6);
    world.run_to(3);
    let rival = fork(&mut world);
    let first = certificate(CertificateKind::Confirm, block(1), THESE);
    let second = certificate(CertificateKind::Skip, None, &[0, 1, 2, 3, 5]);
    let lie = Evidence::Certificates { first, second };
    hand(&mut world, 5, Input::Evidence(Box::new(lie)));
    world.run_until(30, was_frozen);
    let tombstoned = |world: &World| {
        let all = (0..6).filter(|number| record(world, *number).tombstoned);
        all.collect::<Vec<_>>()
    };
    assert_eq!(tombstoned(&world), [0, 1, 2, 3]);
    hand(&mut world, 5, rival);
    world.run_to(world.height + 3 * PROMISE_AGE);
    assert_eq!(tombstoned(&world), [0, 1, 2, 3, 4]);
}

/// The certificate of another round convicts by what the rival's branch shows of that round.
#[test]
fn a_fork_in_another_round_convicts_by_what_its_branch_shows() {
    let mut world = World::new(4);
    world.run_to(3);
    let mut chain = crate::testing::Chain::new(ONE);
    chain.keys = (0..4).map(key).collect();
    chain.committee = crate::committees::committee(&world.state, ONE, 0).unwrap();
    chain.lanes = types::Lanes::default();
    chain.tip = first_header(ONE, &chain.lanes);
    chain.blocks = vec![chain.tip.hash()];
    world.roots_known(2);
    let mut other = chain.clone();
    let mut recorded = chain.next(1);
    recorded.round = ROUND;
    chain.push(recorded);
    let mut later = other.next(1);
    later.round = ROUND + 2;
    other.push(later);
    world.anchors.push(chain.anchor(0));
    world.block();
    let rival = types::Rival {
        tip: other.tip.clone(),
        tails: Vec::new(),
        finality: other.certify(&other.tip, &[1, 2, 3]),
        apart: types::Apart::Beside,
    };
    let rival = Box::new(rival);
    let shown = vec![among(4, CertificateKind::Skip, None, &[1, 2, 3])];
    hand(&mut world, 3, Input::Rival { rival, shown });
    let at = world.height;
    world.run_to(at + 3 * PROMISE_AGE);
    let out: Vec<_> = (0..4)
        .filter(|number| record(&world, *number).tombstoned)
        .collect();
    assert_eq!(out, [1, 2]);
    let effects = world.left.iter();
    let reports = effects.filter(|(_, _, effect)| match effect {
        Effect::Declare(said) => matches!(
            RootDeclaration::decode(said),
            Ok(RootDeclaration::Evidence(report)) if report.place() == (ChainId(1), 0)
        ),
        _ => false,
    });
    assert_eq!(reports.count(), 1);
}
