//! Whether stake can be punished for as long as evidence counts, and who stakes from the start.

use std::collections::BTreeSet;

use super::{Problem, Report};
use crate::spec::{ChainSpec, Staking};

pub(super) fn check(spec: &ChainSpec, report: &mut Report) {
    check_numbers(spec, report);
    check_unbonding(spec, report);
    check_stakers(&spec.staking, report);
}

fn check_numbers(spec: &ChainSpec, report: &mut Report) {
    let staking = &spec.staking;
    let ticket = u64::try_from(staking.ticket.0).unwrap_or(u64::MAX);
    let within = [
        ("staking.ticket", ticket, 1, u64::MAX),
        (
            "staking.evidence_window",
            staking.evidence_window,
            1,
            u64::MAX,
        ),
        (
            "staking.presence_percent",
            staking.presence_percent.into(),
            0,
            100,
        ),
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

/// U ≥ evidence window + longest term + rescue window + margin, and committees are remembered for
/// as long as evidence about them counts.
fn check_unbonding(spec: &ChainSpec, report: &mut Report) {
    let (staking, terms) = (&spec.staking, &spec.terms);
    let needed = staking.least_unbonding(terms);
    if staking.unbonding < needed && !cfg!(feature = "plant-short-unbonding") {
        report.refuse(Problem::Unbonding {
            unbonding: staking.unbonding,
            needed,
            evidence: staking.evidence_window,
            term: Staking::longest_term(terms),
            rescue: terms.rescue,
            margin: staking.margin,
        });
    }
    let lead = terms.lead.max(terms.root_lead);
    let life = Staking::longest_term(terms).saturating_add(lead);
    let needed = life.saturating_add(staking.evidence_window);
    if !terms.is_fixed() && terms.kept < needed {
        report.refuse(Problem::Forgotten {
            kept: terms.kept,
            needed,
        });
    }
}

fn check_stakers(staking: &Staking, report: &mut Report) {
    let (mut accounts, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for (staker, entry) in staking.stakers.iter().enumerate() {
        if entry.key.verify_possession(&entry.possession).is_err() {
            report.refuse(Problem::StakerPossession { staker });
        }
        if !accounts.insert(entry.account) || !keys.insert(entry.key.to_bytes()) {
            report.refuse(Problem::RepeatedStaker { staker });
        }
        if entry.stake < staking.ticket {
            report.refuse(Problem::SmallStake {
                staker,
                stake: entry.stake,
                ticket: staking.ticket,
            });
        }
    }
}
