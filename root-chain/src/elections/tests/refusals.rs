//! What candidates get wrong, or try.

use crypto::{Hash, bls};
use types::Blame;

use super::{Staker, World, boxed, keys, staker};
use crate::declaration::RootDeclaration;
use crate::elections::{Elected, ElectionError, Tickets, winning};
use crate::evidence::Ballots;
use crate::testing::{ONE, network};

type Tamper = fn(&mut Elected, &Staker, &World);

fn tickets(numbers: &[u64]) -> Tickets {
    Tickets::new(numbers.to_vec()).unwrap()
}

/// Everything is signed again by the staker after it was tampered with.
const TAMPERED: [(Tamper, &str); 14] = [
    (|e, _, _| e.draw.opened -= 1, "epoch 1, attempt 0 now"),
    (|e, _, _| e.draw.epoch = 2, "epoch 2, attempt 0 now"),
    (|e, _, _| e.draw.attempt = 1, "epoch 1, attempt 1 now"),
    (|e, _, _| e.draw.chain.0 = 2, "chain 2 elects nobody"),
    (|e, _, _| e.staker = staker(99, 1).id, "has no ticket"),
    (
        |e, _, _| e.tickets = tickets(&[0, 10]),
        "ticket 10 of a staker who has 10",
    ),
    (
        |e, _, _| e.tickets = tickets(&[0, 1, 2, 3, 4, 5, 6]),
        "7 tickets named, 6 at most",
    ),
    (
        |e, _, _| {
            let numbers = e.tickets.numbers();
            let loser = (0..10).find(|ticket| !numbers.contains(ticket)).unwrap();
            e.tickets = tickets(&[loser]);
        },
        "does not win",
    ),
    (
        |e, staker, world| {
            // Drawn with another seed, and with what it draws the tickets win.
            let drawing = world.drawing(ONE);
            let input = drawing.draw.input(network(), &Hash::ZERO);
            let (output, proof) = crypto::vrf::prove(&staker.stake, &input);
            let won = winning(output.as_hash(), 10, &drawing.threshold, 6);
            (e.proof, e.tickets) = (proof, Tickets::new(won).unwrap_or_else(|| tickets(&[0])));
        },
        "not that of the stake key",
    ),
    (
        |e, _, world| {
            let other = other(world, e);
            (e.proof, e.tickets) = (other.proof, other.tickets);
        },
        "not that of the stake key",
    ),
    (
        |e, _, world| e.possession = other(world, e).possession,
        "possession does not hold",
    ),
    (|e, _, _| e.key = [0; 96], "no key"),
    (|e, _, _| e.key = infinity(), "no key"),
    (|e, _, _| e.key = low_order(), "no key"),
];

/// A point of the curve outside the group.
fn low_order() -> [u8; 96] {
    let mut key = [0; 96];
    (key[0], key[95]) = (0x80, 2);
    key
}

fn infinity() -> [u8; 96] {
    let mut key = [0; 96];
    key[0] = 0xc0;
    key
}

/// What another staker declares.
fn other(world: &World, elected: &Elected) -> Elected {
    let all = world.all_elected(ONE).into_iter();
    let mut others = all.filter(|other| other.staker != elected.staker);
    others.next().unwrap()
}

fn opened() -> (World, Staker, Elected) {
    let mut world = World::new(&[10; 6]);
    world.open();
    let elected = world.all_elected(ONE).remove(0);
    let staker = world.stakers.0[&elected.staker].clone();
    (world, staker, elected)
}

#[test]
fn tampered_candidacies_are_refused_and_change_nothing() {
    let (mut world, staker, elected) = opened();
    let before = world.root.state.root();
    for (tamper, expected) in TAMPERED {
        let mut tampered = elected.clone();
        tamper(&mut tampered, &staker, &world);
        let tampered = tampered.signed(network(), keys(&staker));
        let refused = world.root.block(&[], &[boxed(tampered)]).unwrap_err();
        let text = refused.to_string();
        assert!(text.contains(expected), "{expected:?} not in: {text}");
        assert_eq!(world.root.state.root(), before);
    }
    world.block(&[boxed(elected)]);
    assert_ne!(world.root.state.root(), before);
}

/// What hashing and a look into the state can tell is told before any point is decoded and any
/// pairing computed: signatures, proofs and keys that are wrong as well change no answer.
#[test]
fn what_is_cheap_is_checked_first() {
    let (mut world, staker, elected) = opened();
    let paired = ["stake key", "possession", "no key"];
    let cheap = TAMPERED.into_iter();
    let cheap = cheap.filter(|(_, why)| !paired.iter().any(|paired| why.contains(paired)));
    let mut seen = 0;
    for (tamper, expected) in cheap {
        let mut tampered = elected.clone();
        tamper(&mut tampered, &staker, &world);
        tampered.key = infinity();
        tampered.possession = other(&world, &elected).possession;
        tampered.signature = staker.stake.sign(b"x");
        let refused = world.root.block(&[], &[boxed(tampered)]).unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
        seen += 1;
    }
    assert_eq!(seen, 8);
}

/// What held once is not computed again, and what did not hold is.
#[test]
fn signatures_are_remembered_with_all_that_they_depend_on() {
    let checked = crate::elections::Checked::default();
    let (one, two) = (Hash::from([1; 32]), Hash::from([2; 32]));
    assert_eq!(checked.holds(one, || Err(())), Err(()));
    assert_eq!(checked.holds(one, || Ok::<_, ()>(())), Ok(()));
    assert_eq!(checked.holds(one, || Err(())), Ok(()), "it held before");
    assert_eq!(checked.holds(two, || Err(())), Err(()));

    // One system all along: the forged one after the good one and the other way round.
    let (mut world, staker, elected) = opened();
    let system = world.root.system();
    let mut forged = elected.clone();
    forged.signature = staker.stake.sign(b"x");
    let record = |elected: &Elected, world: &World| {
        let ctx = world.root.context(types::ChainId::ROOT);
        let declarations = [boxed(elected.clone()).encode().unwrap()];
        let filings = actors::Filings {
            anchors: &[],
            declarations: &declarations,
            parent: None,
        };
        let mut edit = actors::Edit::new(&world.root.state);
        actors::System::record(&system, &mut edit, filings, &ctx)
    };
    for (elected, holds) in [
        (&forged, false),
        (&elected, true),
        (&elected, true),
        (&forged, false),
    ] {
        assert_eq!(record(elected, &world).is_ok(), holds);
    }
    // Remembered is the signature, not that it may be recorded now.
    world.run_to(38);
    assert!(record(&elected, &world).is_err());
}

/// [E9] The key and its proof travel in the open; copying them gains nothing.
#[test]
fn keys_of_others_are_of_no_use() {
    let (mut world, staker, elected) = opened();
    let victim = other(&world, &elected);
    let mut copied = elected.clone();
    (copied.key, copied.possession) = (victim.key, victim.possession);
    // The copier does not know the secret that has to sign as well.
    let forged = copied.clone().signed(network(), keys(&staker));
    let refused = world.root.block(&[], &[boxed(forged)]).unwrap_err();
    assert!(refused.to_string().contains("signature does not hold"));
    let mut resigned = copied;
    resigned.signature = victim.signature;
    let refused = world.root.block(&[], &[boxed(resigned)]).unwrap_err();
    assert!(refused.to_string().contains("signature does not hold"));

    // One hand with two stakers and one key: the second is refused.
    let two = world.stakers.0[&victim.staker].clone();
    let mut shared = victim;
    (shared.key, shared.possession) = (elected.key, elected.possession);
    let both = super::CandidateKeys {
        stake: &two.stake,
        consensus: &staker.consensus,
    };
    let shared = shared.signed(network(), both);
    world.block(&[boxed(elected)]);
    let refused = world.root.block(&[], &[boxed(shared)]).unwrap_err();
    assert!(refused.to_string().contains("another candidate has this"));
}

#[test]
fn a_word_that_nobody_signed_is_refused() {
    let (mut world, _, elected) = opened();
    let mut unsigned = elected.clone();
    unsigned.node.0 = Hash::ZERO;
    let refused = world.root.block(&[], &[boxed(unsigned)]).unwrap_err();
    assert!(refused.to_string().contains("signature does not hold"));
    let mut garbage = elected;
    garbage.signature = bls::SecretKey::from_seed(&[3; 32]).sign(b"x");
    let refused = world.root.block(&[], &[boxed(garbage)]).unwrap_err();
    assert!(refused.to_string().contains("signature does not hold"));
}

/// [E4] A second word is refused, and different ones are evidence.
#[test]
fn a_staker_has_one_word_an_attempt() {
    let (mut world, staker, elected) = opened();
    let mut second = elected.clone();
    second.node.0 = Hash::ZERO;
    let second = second.signed(network(), keys(&staker));
    world.block(&[boxed(elected.clone())]);
    for again in [&elected, &second] {
        let refused = world.root.block(&[], &[boxed(again.clone())]).unwrap_err();
        assert!(refused.to_string().contains("has declared itself"));
    }
    let public = staker.stake.public();
    assert!(elected.contradicts(&second, network(), &public));
    assert!(!elected.contradicts(&elected, network(), &public));
    let mut unsigned = second.clone();
    unsigned.node.0 = Hash::from([7; 32]);
    assert!(!elected.contradicts(&unsigned, network(), &public));
    let stranger = super::staker(42, 1).stake.public();
    assert!(!elected.contradicts(&second, network(), &stranger));

    // The staking account of this root knows no staker, so nobody is slashed.
    let ballots = RootDeclaration::Ballots(Box::new(Ballots {
        first: elected,
        second,
        reporter: staker.id,
    }));
    let refused = world.root.block(&[], std::slice::from_ref(&ballots));
    let refused = refused.unwrap_err();
    assert!(refused.to_string().contains("has no ticket"), "{refused}");
    // The election opened at 30, and evidence counts for 500 heights.
    world.root.height = 531;
    let refused = world.root.block(&[], &[ballots]).unwrap_err();
    assert!(
        refused.to_string().contains("until root height 530"),
        "{refused}"
    );
}

#[test]
fn who_is_to_blame() {
    let late = ElectionError::Closed {
        chain: ONE,
        epoch: 1,
        attempt: 0,
    };
    assert_eq!(late.blame(), Blame::Nobody);
    assert_eq!(ElectionError::Proof.blame(), Blame::Sender);
}

/// What was checked before is not verified again; what depends on the state is.
#[test]
fn trusting_skips_signatures_only() {
    let (mut world, staker, elected) = opened();
    world.root.anchors = world.root.anchors.trusting();
    let mut unsigned = elected.clone();
    unsigned.signature = staker.stake.sign(b"x");
    let mut losing = unsigned.clone();
    losing.tickets = tickets(&[10]);
    assert!(world.root.block(&[], &[boxed(losing)]).is_err());
    let trusted = world.root.state.clone();
    world.block(&[boxed(unsigned)]);
    let after = world.root.state.root();
    world.root.state = trusted;
    world.root.height -= 1;
    world.root.anchors.trust_certificates = false;
    world.block(&[boxed(elected)]);
    assert_eq!(world.root.state.root(), after, "both ways write the same");
}
