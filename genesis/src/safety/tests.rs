use types::Amount;

use super::{Problem, check};
use crate::devnet_with_terms;
use crate::spec::{ChainSpec, NetworkKind, Security, Terms};

/// A public network whose two committees of 31 are enough for what it asks.
fn public() -> ChainSpec {
    let mut spec = devnet_with_terms(31, 1, [5; 32]).0;
    spec.kind = NetworkKind::Public;
    spec.beacon.insecure_dealer_seed = None;
    // f = 10 on the root: windows have 22 root heights at least.
    spec.terms = Terms {
        chain_epoch: 160,
        root_epoch: 320,
        lead: 80,
        root_lead: 150,
        window: 22,
        dealing: 22,
        complaints: 22,
        rescue: 22,
        ..spec.terms
    };
    spec.security = Security {
        tickets: 10_000,
        adversary_permille: 100,
        elections: 4,
        target: 3,
    };
    spec
}

#[test]
fn a_sound_public_spec_is_accepted_without_a_word() {
    let report = check(&public());
    assert!(report.findings.is_empty(), "{report}");
    assert_eq!(report.risks[0].once.to_string(), "1.2e-4");
    assert_eq!(report.risks[1].ever.to_string(), "9.7e-4");
}

/// [S5] The same size: refused in public, warned of on a devnet.
#[test]
fn an_unsafe_committee_is_refused_in_public_only() {
    let mut spec = public();
    spec.security.target = 4;
    let report = check(&spec);
    assert!(!report.is_accepted());
    let text = report.to_string();
    let expected = "refused: chains, id 1: committees of 31 seats fail with up to 9.7e-4, more \
                    than 10^-4; give it more seats";
    assert!(text.contains(expected), "{text}");

    spec.kind = NetworkKind::Devnet;
    let report = check(&spec);
    assert!(report.is_accepted());
    assert_eq!(report.warnings().count(), 2);
}

type Change = fn(&mut ChainSpec);

const UNSAFE: [(Change, &str, bool); 40] = [
    (
        |s| s.beacon.insecure_dealer_seed = Some(s.seed),
        "beacon.insecure_dealer_seed",
        true,
    ),
    (
        |s| s.beacon.share_keys.truncate(30),
        "beacon.share_keys: 30 keys for the 31 members",
        false,
    ),
    (
        |s| s.beacon.share_keys.swap(0, 1),
        "beacon.share_keys, 1: it does not prove the key",
        false,
    ),
    (
        |s| s.beacon.every = 0,
        "beacon.every: 0 must be from 1",
        false,
    ),
    (|s| s.beacon.every = 65, "beacon.every: 65 must be", false),
    (
        |s| s.terms.root_seats = 769,
        "terms.root_seats: 769 must be from 1 to 768",
        false,
    ),
    (
        |s| swap_proofs(s),
        "possession: it does not prove the key",
        false,
    ),
    (
        |s| s.chains[1].members[2] = s.chains[0].members[2].clone(),
        "on chain 0 already",
        false,
    ),
    (
        |s| s.chains[1].members[2].node = s.chains[1].members[3].node,
        "member already",
        false,
    ),
    (
        |s| s.chains[1].members[2].node = s.chains[0].members[2].node,
        "use two nodes",
        true,
    ),
    (
        |s| s.accounts[0].balance = Amount(u128::MAX),
        "2^128",
        false,
    ),
    (
        |s| s.timing.delta_ms = 0,
        "timing.delta_ms: it must be above 0",
        false,
    ),
    (
        |s| s.timing.drift_ms = 0,
        "timing.drift_ms: it must be above 0",
        false,
    ),
    (
        |s| s.timing.delta_max_ms = 49,
        "49 is below delta_ms 50",
        false,
    ),
    (
        |s| s.timing.standstill_ms = 300,
        "execution_ms = 300",
        false,
    ),
    (
        |s| s.timing.delta_ms = u64::MAX,
        "timing.standstill_ms",
        false,
    ),
    (|s| s.limits.gas = 0, "limits.gas", false),
    (|s| s.limits.bytes = 1_000, "limits.bytes: 1000", false),
    (|s| s.limits.gas_price = 0, "limits.gas_price", true),
    (
        |s| s.anchoring.every = 1_025,
        "anchoring.every: 1025 must be from 1 to 1024",
        false,
    ),
    (|s| s.security.elections = 0, "security: elections", true),
    (
        |s| s.security.tickets = 30,
        "security: 31 seats of chain 0",
        true,
    ),
    (
        |s| s.security.adversary_permille = 1_001,
        "adversary_permille at most 1000",
        true,
    ),
    (|s| s.terms = Terms::FIXED, "genesis serve forever", true),
    (|s| s.terms.root_epoch = 0, "must both be 0", false),
    (
        |s| s.terms.window = 21,
        "terms.window: 21 is below 2f + 2 = 22",
        false,
    ),
    (
        |s| s.terms.root_seats = 34,
        "terms.rescue: 22 is below 2f + 2 = 24",
        false,
    ),
    (
        |s| s.terms.lead = 66,
        "terms.lead: 66 must be above 66, the sum of three windows",
        false,
    ),
    (
        |s| s.terms.root_lead = 132,
        "terms.root_lead: 132 must be above 132",
        false,
    ),
    (
        |s| s.terms.chain_epoch = 80,
        "terms.chain_epoch: 80 must be above 80, the sum of lead",
        false,
    ),
    (
        |s| s.terms.stall = 39,
        "less than two heartbeats of 1000 ms",
        false,
    ),
    (
        |s| s.terms.stall = 2_040,
        "terms.stall + terms.rescue: 2062 must be from 1 to 2048",
        false,
    ),
    (|s| s.terms.seats = 0, "terms.seats: 0", false),
    (
        |s| s.staking.unbonding = s.staking.least_unbonding(&s.terms) - 1,
        "staking.unbonding",
        false,
    ),
    (|s| s.staking.ticket = Amount::ZERO, "staking.ticket", false),
    (
        |s| s.staking.presence_percent = 101,
        "staking.presence_percent",
        false,
    ),
    (
        |s| s.staking.stakers[1].possession = s.staking.stakers[0].possession,
        "staking.stakers, 1, possession",
        false,
    ),
    (
        |s| s.staking.stakers[2].account = s.staking.stakers[0].account,
        "staking.stakers, 2: its account or key is there already",
        false,
    ),
    (
        |s| s.staking.stakers[3].stake = Amount(999_999_999),
        "staking.stakers, 3, stake: 999999999 is below the 1000000000",
        false,
    ),
    (
        |s| s.terms.kept = s.staking.evidence_window,
        "terms.kept",
        false,
    ),
];

#[test]
fn every_unsafe_choice_is_found() {
    for (change, expected, devnet_may) in UNSAFE {
        let mut spec = public();
        change(&mut spec);
        let report = check(&spec);
        let shown = report
            .refusals()
            .any(|problem| problem.to_string().contains(expected));
        assert!(shown, "{expected:?} not in: {report}");
        spec.kind = NetworkKind::Devnet;
        assert_eq!(check(&spec).is_accepted(), devnet_may, "{expected}");
    }
}

#[test]
fn all_problems_are_listed_at_once() {
    let mut spec = public();
    spec.timing.delta_ms = 0;
    spec.limits.gas = 0;
    swap_proofs(&mut spec);
    let report = check(&spec);
    let possession = |p: &&Problem| matches!(p, Problem::Possession { .. });
    assert_eq!(report.refusals().filter(possession).count(), 2);
    assert_eq!(report.refusals().count(), 4);
}

fn swap_proofs(spec: &mut ChainSpec) {
    let first = spec.chains[0].members[0].possession;
    spec.chains[0].members[0].possession = spec.chains[0].members[1].possession;
    spec.chains[0].members[1].possession = first;
}

/// The numbers of the refusal are those of the spec: 14 days + a day and 600 heights + 420 + 2,000.
#[test]
fn unbonding_that_is_too_short_says_by_how_much() {
    let mut spec = public();
    spec.terms = Terms::default();
    spec.staking = crate::Staking::default();
    spec.staking.unbonding = 435_019;
    let text = check(&spec).to_string();
    let expected = "staking.unbonding: 435019 is below 435020 = evidence_window 403200 + longest \
                    term 29400 + terms.rescue 420 + margin 2000";
    assert!(text.contains(expected), "{text}");
    spec.staking.unbonding += 1;
    assert!(!check(&spec).to_string().contains("unbonding"));
}
