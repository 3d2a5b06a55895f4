//! The same work without a chain around it, and how it is measured.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use actors::{Account, State};
use crypto::Hash;
use crypto::threshold::{
    Complaint, Dealing, EncryptionKey, GroupKey, PartialSignature, Seat, Share, Terms, combine,
    deal_trusted,
};
use types::{AccountId, Declaration};

use super::share_key;

/// The same work without a chain around it.
pub(crate) fn primitives(members: usize) -> BTreeMap<&'static str, Duration> {
    let threshold = (members - 1) as u16 / 3 + 1;
    let seats = members as u16;
    let context = Hash::from([1; 32]);
    let secrets: Vec<_> = (0..members).map(share_key).collect();
    let keys: Vec<EncryptionKey> = secrets.iter().map(|secret| *secret.public()).collect();
    let terms = Terms {
        context: &context,
        dealer: 1,
        threshold,
        keys: &keys,
    };
    let dealing = Dealing::create(&[1; 32], &terms).expect("sizes fit");
    let checked = dealing.verify(&terms).expect("an honest dealing");
    let seat = Seat::at(0).expect("a seat");
    let complaint = Complaint::create(&checked, &secrets[0], seat);
    let (commitment, shares): (_, Vec<Share>) =
        deal_trusted(&[2; 32], threshold, seats).expect("sizes fit");
    let group = GroupKey::new(&commitment, seats).expect("a group");
    let signed = |share: &Share| share.sign(b"seed");
    let partials: Vec<PartialSignature> =
        shares.iter().take(threshold.into()).map(signed).collect();
    let signature = combine(threshold, &partials).expect("enough of them");
    let kept = checked.keep();
    let public = group.public();
    BTreeMap::from([
        (
            "create a dealing",
            time(|| Dealing::create(&[1; 32], &terms).is_ok()),
        ),
        ("verify a dealing", time(|| dealing.verify(&terms).is_ok())),
        (
            "open a share",
            time(|| checked.open(&secrets[0], seat).is_ok()),
        ),
        (
            "judge a complaint",
            time(|| complaint.judge(&checked, secrets[0].public(), seat).is_ok()),
        ),
        ("restore a dealing", time(|| kept.restore().is_ok())),
        (
            "sign with a share",
            time(|| shares[0].sign(b"seed").seat == seat),
        ),
        (
            "combine and check a group's",
            time(|| group.combine(b"seed", &partials, [3; 32]).is_ok()),
        ),
        (
            "verify a signature",
            time(|| public.verify(b"seed", &signature).is_ok()),
        ),
    ])
}

/// The processor time of one run of some work.
pub(crate) fn time(mut work: impl FnMut() -> bool) -> Duration {
    let begin = cpu();
    let mut runs = 0;
    while runs == 0 || cpu() - begin < Duration::from_millis(200) {
        assert!(black_box(work()));
        runs += 1;
    }
    (cpu() - begin) / runs
}

/// Time that all threads of this process have worked. The kernel counts when a thread makes room
/// for another, so it is asked to.
pub(crate) fn cpu() -> Duration {
    std::thread::yield_now();
    let tasks = std::fs::read_dir("/proc/self/task").expect("the kernel lists threads");
    let worked = tasks.flatten().filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(worked.sum())
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// What a declaration makes a verifier do.
pub(crate) fn kind(declaration: &Declaration) -> &'static str {
    match declaration.as_bytes().first() {
        Some(2 | 8) => "verify seeds",
        Some(9) => "check dealings",
        Some(10) => "judge complaints",
        Some(11) => "check readiness",
        _ => "other",
    }
}

pub(crate) fn account_bytes(state: &State, id: AccountId) -> usize {
    let slots = state.account(&id).into_iter();
    slots
        .flat_map(|account: &Account| account.storage.iter())
        .map(|(_, slot)| slot.0.len())
        .sum()
}
