//! Whether elections have time enough to happen.

use types::{ChainId, Committee, Thresholds, limits};

use super::{Problem, Report};
use crate::spec::{ChainSpec, Terms};

/// Root heights that an anchor's root reference may lie back; see the root's rule R4.
const ROOT_WINDOW: u64 = 2_048;

pub(super) fn check(spec: &ChainSpec, report: &mut Report) {
    let terms = &spec.terms;
    if terms.is_fixed() {
        // Nothing is elected, so no other number matters.
        if spec.kind == crate::spec::NetworkKind::Public {
            report.refuse(Problem::FixedCommittees);
        }
        return;
    }
    if terms.chain_epoch == 0 || terms.root_epoch == 0 {
        report.refuse(Problem::HalfFixed);
    }
    check_seats(terms, report);
    check_windows(spec, report);
    check_lengths(terms, report);
    check_stall(spec, report);
}

/// Seats of the smallest committee that a chain will have: the first, or an elected one.
pub(super) fn fewest_seats(spec: &ChainSpec, first: &Committee) -> u64 {
    let seats = first.thresholds().seats;
    let elected = if first.chain.is_root() {
        spec.terms.root_seats
    } else {
        spec.terms.seats
    };
    match spec.terms.is_fixed() {
        true => seats,
        false => seats.min(elected.into()),
    }
}

fn check_seats(terms: &Terms, report: &mut Report) {
    let most = limits::COMMITTEE_MEMBERS as u64;
    let within = [
        ("terms.seats", u64::from(terms.seats), 1, most),
        ("terms.root_seats", terms.root_seats.into(), 1, most),
        ("terms.auditors", terms.auditors.into(), 0, most),
    ];
    for (field, value, least, most) in within {
        if !(least..=most).contains(&value) {
            report.refuse(Problem::OutOfRange {
                field,
                value,
                least,
                most,
            });
        }
    }
}

/// 2f + 2 root heights in a row have an honest leader, so nobody is kept out of a window.
fn check_windows(spec: &ChainSpec, report: &mut Report) {
    let first = spec.committee(ChainId::ROOT, 0);
    let first = first.map_or(0, |committee| committee.thresholds().seats);
    let seats = first.max(spec.terms.root_seats.into());
    let needed = 2 * Thresholds::of(seats).faulty + 2;
    let terms = &spec.terms;
    let windows = [
        ("window", terms.window),
        ("dealing", terms.dealing),
        ("complaints", terms.complaints),
        ("late", terms.late),
        ("rescue", terms.rescue),
    ];
    for (field, value) in windows.into_iter().filter(|(_, value)| *value < needed) {
        report.refuse(Problem::ShortWindow {
            field,
            value,
            needed,
        });
    }
}

fn check_lengths(terms: &Terms, report: &mut Report) {
    let attempts = terms.window.saturating_mul(Terms::ATTEMPTS);
    // Dealings, complaints, and as long again until enough have signed with the new key.
    let keys = terms.complaints.saturating_mul(2);
    let keys = keys.saturating_add(terms.dealing);
    let lengths = [
        ("lead", terms.lead, attempts, "three windows"),
        (
            "root_lead",
            terms.root_lead,
            attempts.saturating_add(keys),
            "three windows, dealing and twice complaints",
        ),
        ("chain_epoch", terms.chain_epoch, terms.lead, "lead"),
        ("root_epoch", terms.root_epoch, terms.root_lead, "root_lead"),
        (
            "kept",
            terms.kept,
            terms.root_epoch.saturating_add(terms.chain_epoch),
            "both epochs",
        ),
    ];
    for (field, value, needed, what) in lengths.into_iter().filter(|l| l.1 <= l.2) {
        report.refuse(Problem::ShortTerm {
            field,
            value,
            needed,
            what,
        });
    }
}

/// An idle chain anchors with every heartbeat, and a root height takes Δ or so. What a stalled
/// chain certified last must still be recordable when the rescue ends.
fn check_stall(spec: &ChainSpec, report: &mut Report) {
    let (terms, timing) = (&spec.terms, &spec.timing);
    let idle = timing.heartbeat_ms.saturating_mul(2);
    if timing.delta_ms > 0 && terms.stall.saturating_mul(timing.delta_ms) < idle {
        report.refuse(Problem::IdleStall {
            stall: terms.stall,
            heartbeat: timing.heartbeat_ms,
        });
    }
    let last = terms.stall.saturating_add(terms.rescue);
    if last > ROOT_WINDOW {
        report.refuse(Problem::OutOfRange {
            field: "terms.stall + terms.rescue",
            value: last,
            least: 1,
            most: ROOT_WINDOW,
        });
    }
}
