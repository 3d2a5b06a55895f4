//! Lies about seeds, committees and stake.

use crypto::bls::{SecretKey, Signature};
use crypto::{Domain, hash_borsh};
use root_chain::duty::SeedShares;
use root_chain::elections::{CandidateKeys, Draw, Elected, Tickets};
use types::{Height, News};

use super::*;

fn setup() -> Setup {
    Setup::new(&Options::terms(7))
}

/// Root blocks 1 to 3; the last two tell the seeds of 1 and 2 under the group's key.
fn seeded(setup: &Setup) -> Vec<Seen> {
    let group = SecretKey::from_seed(&[9; 32]);
    let mut previous = setup.network.spec().seed;
    let mut blocks: Vec<Seen> = Vec::new();
    for height in 1..=3 {
        let mut seen = first(setup, ChainId::ROOT);
        (seen.height, seen.header.height) = (height, height);
        seen.group = Some(group.public().to_bytes());
        if let Some(of) = height.checked_sub(1).filter(|of| *of > 0) {
            let signed = (setup.network.id(), 0_u64, of, previous);
            let message = hash_borsh(Domain::new("thinkey/beacon"), &signed);
            let signature = group.sign(message.as_bytes());
            previous = hash_borsh(Domain::new("thinkey/beacon/seed"), &signature);
            let (height, seed) = (of, previous);
            seen.news.push(News::Seed { height, seed });
            seen.seeds.insert(of, (previous, signature));
        }
        blocks.push(seen);
    }
    blocks
}

/// What the oracle says to root blocks that node 1 and then the observer have final.
fn judged(setup: &Setup, blocks: &[Seen]) -> BTreeSet<&'static str> {
    let mut oracle = Oracle::new(setup, BTreeSet::from([2]));
    for seen in blocks {
        let root = RootSeen {
            height: seen.height,
            epoch: seen.header.epoch,
            news: &seen.news,
            drawn: None,
        };
        oracle.beacon.reported(1, &root, &mut oracle.bad);
        oracle.see_root(seen);
    }
    oracle.bad.listed.iter().map(|bad| bad.invariant).collect()
}

#[test]
fn true_seeds_break_nothing() {
    let setup = setup();
    assert_eq!(judged(&setup, &seeded(&setup)), BTreeSet::new());
}

#[test]
fn a_seed_that_is_forged_skipped_or_early_is_seen() {
    let setup = setup();
    let lies: [fn(&mut Vec<Seen>); 4] = [
        |blocks| blocks[1].group = Some(SecretKey::from_seed(&[8; 32]).public().to_bytes()),
        |blocks| {
            let signature = SecretKey::from_seed(&[8; 32]).sign(b"another");
            let seed = hash_borsh(Domain::new("thinkey/beacon/seed"), &signature);
            blocks[1].news = vec![News::Seed { height: 1, seed }];
            blocks[1].seeds.insert(1, (seed, signature));
        },
        |blocks| {
            blocks.remove(1);
        },
        |blocks| {
            let news = std::mem::take(&mut blocks[1].news);
            blocks[0].news = news;
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let mut blocks = seeded(&setup);
        lie(&mut blocks);
        assert!(judged(&setup, &blocks).contains("I11"), "lie {number}");
    }
}

#[test]
fn two_seeds_of_a_height_and_shares_before_finality_are_seen() {
    let setup = setup();
    let mut oracle = Oracle::new(&setup, BTreeSet::new());
    let mut bad = Violations::default();
    let shares = |height: Height| SeedShares {
        epoch: 0,
        height,
        signatures: Vec::new(),
    };
    oracle.beacon.released(1, &shares(5), 5, &mut bad);
    assert_eq!(bad.count, 0);
    oracle.beacon.released(1, &shares(6), 5, &mut bad);
    assert_eq!(bad.count, 1, "released before it is final there");
    let (one, two) = ([Signature::from([1; 48])], [Signature::from([2; 48])]);
    oracle.beacon.declared(1, (4, &one), 5, &mut bad);
    oracle.beacon.declared(2, (4, &one), 5, &mut bad);
    assert_eq!(bad.count, 1);
    oracle.beacon.declared(3, (4, &two), 5, &mut bad);
    assert_eq!(bad.count, 2, "another seed of the same height");
    oracle.beacon.declared(3, (7, &one), 6, &mut bad);
    assert_eq!(bad.count, 3, "known before it is final there");
}

#[test]
fn an_honest_staker_that_is_slashed_or_convicted_is_seen() {
    let setup = setup();
    let lies: [fn(&mut Seen); 4] = [
        |seen| seen.stakers[1].stake -= 1,
        |seen| seen.stakers[1].tombstoned = true,
        |seen| seen.stakers[1].jailed = true,
        |seen| {
            let account = AccountId::system(ChainId::ROOT, 3);
            seen.holdings.remove(&account);
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        for liar in [false, true] {
            let mut blocks = seeded(&setup);
            // Records stand in the order of genesis; node 2 is the traitor.
            let traitor = setup.nodes[2].node;
            for seen in &mut blocks {
                seen.stakers
                    .sort_by_key(|own| (own.node == traitor) != liar);
                seen.stakers.rotate_right(1);
            }
            lie(&mut blocks[2]);
            let broken = judged(&setup, &blocks);
            assert_eq!(
                broken.is_empty(),
                liar && number < 3,
                "lie {number}: {broken:?}"
            );
        }
    }
}

#[test]
fn an_honest_staker_that_declares_itself_twice_is_seen() {
    let setup = setup();
    let mut oracle = Oracle::new(&setup, BTreeSet::new());
    let secret = &setup.secrets.validators[1];
    let (stake, network) = (secret.stake_key(), setup.network.id());
    let elected = |seed: u8, attempt| {
        let consensus = SecretKey::from_seed(&[seed; 32]);
        let keys = CandidateKeys {
            stake: &stake,
            consensus: &consensus,
        };
        let (_, proof) = crypto::vrf::prove(&stake, &Hash::ZERO);
        let unsigned = Elected {
            draw: Draw {
                chain: ONE,
                epoch: 1,
                opened: 9,
                attempt,
            },
            staker: secret.owner_id(),
            proof,
            tickets: Tickets::new(vec![0]).expect("one ticket"),
            node: secret.node_id(),
            key: consensus.public().to_bytes(),
            possession: consensus.prove_possession(),
            encryption: None,
            signature: consensus.sign(&[]),
        };
        unsigned.signed(network, keys)
    };
    let mut bad = Violations::default();
    for (seed, attempt, count) in [(1, 0, 0), (1, 0, 0), (2, 1, 0), (2, 0, 1)] {
        oracle.honesty.elected(&elected(seed, attempt), &mut bad);
        assert_eq!(bad.count, count, "key {seed}, attempt {attempt}");
    }
}
