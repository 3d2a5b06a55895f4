//! What the beacon and its key generation cost, against the primitives that they are made of,
//! measured in the same run.
//!
//! ```text
//! cargo run -p thinkey-crypto --example beacon_costs [SEATS THRESHOLD]
//! ```
//!
//! Times are of one run of the clock over some repetitions: a figure to know the size of things,
//! not a benchmark to compare releases with. Everything that uses rayon does so on all its threads;
//! `RAYON_NUM_THREADS=1` gives the time of a processor.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use crypto::Hash;
use crypto::bls::{PublicKey, SecretKey};
use crypto::threshold::{
    CheckedDealing, Complaint, Dealing, DecryptionKey, EncryptionKey, GroupCommitment, GroupKey,
    PartialSignature, Seat, Share, Terms, Verdict, combine,
};
use crypto::vrf;

const CONTEXT: Hash = Hash::new([1; 32]);
const SECRET: [u8; 32] = [9; 32];
const DEFAULT_SEATS: u16 = 100;
const DEFAULT_THRESHOLD: u16 = 34;
/// Candidates of an election, drawing on one input.
const CANDIDATES: u16 = 1_000;

fn main() {
    let mut sizes = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok());
    let seats = sizes.next().unwrap_or(DEFAULT_SEATS);
    let threshold = sizes.next().unwrap_or(DEFAULT_THRESHOLD);
    println!("{seats} seats, threshold {threshold}");
    let unit = primitives();
    let secrets: Vec<_> = Seat::all(seats).map(decryption_key).collect();
    let keys: Vec<_> = secrets.iter().map(|secret| *secret.public()).collect();
    let shares = dealing(threshold, &keys, &secrets, &unit);
    beacon(threshold, shares, &unit);
    election(&unit);
}

/// Microseconds of the primitives.
struct Unit {
    multiplication: f64,
    pairing: f64,
}

/// Runs `work` until half a second is over, at least once; prints and returns microseconds each.
fn measure<T>(name: &str, unit: Option<&Unit>, mut work: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    let mut runs = 0_u32;
    while runs == 0 || start.elapsed().as_secs_f64() < 0.5 {
        black_box(work());
        runs += 1;
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(runs);
    match unit {
        None => println!("  {name:<52} {each:>10.0} µs"),
        Some(unit) => println!(
            "  {name:<52} {each:>10.0} µs {:>8.1} mul {:>8.1} pairing",
            each / unit.multiplication,
            each / unit.pairing
        ),
    }
    each
}

fn primitives() -> Unit {
    println!("primitives");
    let key = SecretKey::from_seed(&[1; 32]);
    let (public, signature) = (key.public(), key.sign(b"m"));
    let encoded = public.to_bytes();
    let multiplication = measure("multiply in G2 (mul)", None, || key.public());
    let pairing = measure("check one signature (pairing)", None, || {
        public.verify(b"m", &signature)
    });
    measure("sign: hash to G1 and multiply", None, || key.sign(b"m"));
    measure("decode a point of G2 with its checks", None, || {
        PublicKey::from_bytes(&encoded)
    });
    Unit {
        multiplication,
        pairing,
    }
}

fn decryption_key(seat: Seat) -> DecryptionKey {
    let mut seed = [0; 32];
    seed[..2].copy_from_slice(&seat.number().to_le_bytes());
    DecryptionKey::from_seed(&seed)
}

fn encoded_len(value: &impl borsh::BorshSerialize) -> usize {
    borsh::to_vec(value).map_or(0, |bytes| bytes.len())
}

/// Key generation with one dealing, as every node sees it from each dealer.
fn dealing(
    threshold: u16,
    keys: &[EncryptionKey],
    secrets: &[DecryptionKey],
    unit: &Unit,
) -> (GroupCommitment, Vec<Share>) {
    println!("key generation, for each dealer");
    let terms = Terms {
        context: &CONTEXT,
        dealer: 1,
        threshold,
        keys,
    };
    let create = || Dealing::create(&[1; 32], &terms).expect("sizes of a group");
    let dealing = create();
    measure("create a dealing", Some(unit), create);
    let verify = || dealing.verify(&terms).expect("an honest dealing");
    measure("verify it", Some(unit), verify);
    let other = Terms { dealer: 2, ..terms };
    measure("refuse one with a false proof", Some(unit), || {
        dealing.verify(&other)
    });
    let few = Terms {
        threshold: threshold - 1,
        ..terms
    };
    measure("refuse one of another degree", Some(unit), || {
        dealing.verify(&few)
    });
    let checked = verify();
    let open = |seat: Seat| {
        checked
            .open(&secrets[seat.position()], seat)
            .expect("a good share")
    };
    let last = Seat::at(keys.len() - 1).expect("a seat");
    measure("open and check a seat's share", Some(unit), || open(last));
    complaint(&checked, &secrets[last.position()], last, unit);
    let kept = checked.keep();
    measure("restore it from state", Some(unit), || kept.restore());
    let commitments = vec![checked.commitment(); keys.len()];
    measure("sum the commitments of all", Some(unit), || {
        GroupCommitment::sum(&commitments)
    });
    let commitment = GroupCommitment::from(checked.commitment().clone());
    let seats = keys.len() as u16;
    measure("keys of all seats from the sum", Some(unit), || {
        GroupKey::new(&commitment, seats)
    });
    let bytes = encoded_len(&dealing);
    println!(
        "  bytes: {bytes} a dealing, {} if every seat deals",
        bytes * keys.len()
    );
    (commitment, Seat::all(seats).map(open).collect())
}

fn complaint(dealing: &CheckedDealing, secret: &DecryptionKey, seat: Seat, unit: &Unit) {
    let complaint = Complaint::create(dealing, secret, seat);
    measure("complain", Some(unit), || {
        Complaint::create(dealing, secret, seat)
    });
    let judge = || complaint.judge(dealing, secret.public(), seat);
    assert_eq!(judge(), Ok(Verdict::AccuserGuilty), "the share is good");
    measure("judge a complaint", Some(unit), judge);
    println!("  bytes: {} a complaint", encoded_len(&complaint));
}

/// One seed.
fn beacon(threshold: u16, group: (GroupCommitment, Vec<Share>), unit: &Unit) {
    println!("beacon, for each seed");
    let (commitment, shares) = group;
    let key = GroupKey::new(&commitment, shares.len() as u16).expect("a group");
    measure("sign with a share", Some(unit), || shares[0].sign(b"seed"));
    let mut partials: Vec<_> = shares.iter().map(|share| share.sign(b"seed")).collect();
    measure("check one partial signature", Some(unit), || {
        key.verify(b"seed", &partials[0])
    });
    measure("check those of all seats", Some(unit), || {
        key.verify_each(b"seed", &partials, SECRET)
    });
    measure("combine a threshold of them, unchecked", Some(unit), || {
        combine(threshold, &partials)
    });
    let combined = |partials: &[PartialSignature]| key.combine(b"seed", partials, SECRET);
    measure("combine and check", Some(unit), || combined(&partials));
    partials[0].signature = partials[1].signature;
    measure("combine and check where one lies", Some(unit), || {
        combined(&partials)
    });
    println!("  bytes: {} a partial signature", encoded_len(&partials[0]));
}

/// Tickets on one input.
fn election(unit: &Unit) {
    println!("tickets of {CANDIDATES} candidates on one input");
    let key = |number: u16| {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&number.to_le_bytes());
        SecretKey::from_seed(&seed)
    };
    let keys: Vec<_> = (0..CANDIDATES).map(key).collect();
    let publics: Vec<_> = keys.iter().map(SecretKey::public).collect();
    let proofs: Vec<_> = keys.iter().map(|key| vrf::prove(key, &CONTEXT).1).collect();
    measure("draw", Some(unit), || vrf::prove(&keys[0], &CONTEXT));
    measure("check one", Some(unit), || {
        vrf::verify(&publics[0], &CONTEXT, &proofs[0])
    });
    let items: Vec<_> = publics.iter().zip(&proofs).collect();
    measure("check all", Some(unit), || {
        vrf::verify_each(&CONTEXT, &items, SECRET)
    });
}
