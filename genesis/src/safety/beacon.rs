//! Whether anybody could know seeds beforehand, and whether the first key can be made at all.

use types::ChainId;

use super::{Problem, Report};
use crate::spec::{ChainSpec, NetworkKind, ShareKey};

/// Seats of a root committee at most: a dealing of as many, with its signature, fits into a
/// declaration.
const MOST_SEATS: u64 = 768;
/// Root heights between seeds at most: windows of elections are not much longer.
const MOST_EVERY: u64 = 64;

pub(super) fn check(spec: &ChainSpec, report: &mut Report) {
    let beacon = &spec.beacon;
    if spec.kind == NetworkKind::Public && beacon.insecure_dealer_seed.is_some() {
        report.refuse(Problem::InsecureDealer);
    }
    if spec.terms.is_fixed() {
        // Nothing is elected, so nothing is drawn.
        return;
    }
    check_sizes(spec, report);
    if beacon.insecure_dealer_seed.is_none() {
        check_share_keys(spec, report);
    }
}

fn check_sizes(spec: &ChainSpec, report: &mut Report) {
    let first = spec.committee(ChainId::ROOT, 0);
    let first = first.map_or(1, |committee| committee.thresholds().seats);
    let elected = spec.terms.root_seats.into();
    let within = [
        ("beacon.every", spec.beacon.every, MOST_EVERY),
        ("chains, id 0: the sum of its seats", first, MOST_SEATS),
        ("terms.root_seats", elected, MOST_SEATS),
    ];
    for (field, value, most) in within {
        if !(1..=most).contains(&value) {
            report.refuse(Problem::OutOfRange {
                field,
                value,
                least: 1,
                most,
            });
        }
    }
}

fn check_share_keys(spec: &ChainSpec, report: &mut Report) {
    let root = spec.chains.iter().find(|entry| entry.id.is_root());
    let members = root.map_or(&[][..], |entry| &entry.members);
    let keys = &spec.beacon.share_keys;
    if keys.len() != members.len() {
        let (found, members) = (keys.len(), members.len());
        report.refuse(Problem::ShareKeys { found, members });
    }
    for (member, (entry, share)) in members.iter().zip(keys).enumerate() {
        let context = ShareKey::context(&entry.key);
        let proved = share.key.verify_possession(&context, &share.possession);
        if proved.is_err() {
            report.refuse(Problem::ShareKeyPossession { member });
        }
    }
}
