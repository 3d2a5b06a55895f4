use types::{AccountId, Amount, ChainId, Route, RoutingTable};

use super::{ChainSpec, SpecError};
use crate::devnet;

fn sample() -> ChainSpec {
    devnet(2, 2, [3; 32]).0
}

#[test]
fn toml_json_and_borsh_give_the_same_spec_back() {
    let spec = sample();
    assert_eq!(ChainSpec::parse(&spec.to_toml().unwrap()).unwrap(), spec);
    assert_eq!(ChainSpec::parse(&spec.to_json().unwrap()).unwrap(), spec);
    let bytes = borsh::to_vec(&spec).unwrap();
    assert_eq!(borsh::from_slice::<ChainSpec>(&bytes).unwrap(), spec);
}

#[test]
fn files_by_ending() {
    let dir = std::env::temp_dir().join(format!("thinkey-spec-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for (name, first) in [("spec.toml", 'n'), ("spec.json", '{')] {
        let path = dir.join(name);
        sample().save(&path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(first));
        assert_eq!(ChainSpec::load(&path).unwrap(), sample());
    }
    std::fs::remove_dir_all(&dir).unwrap();
    let missing = ChainSpec::load(&dir.join("none.toml"));
    assert!(matches!(missing, Err(SpecError::Read { .. })));
}

/// [S1] Another order in the file is the same network; any other change is another one.
#[test]
fn the_network_id_covers_everything_but_the_order_of_the_file() {
    let spec = sample();
    let mut turned = spec.clone();
    turned.chains.reverse();
    turned.accounts.reverse();
    turned.staking.stakers.reverse();
    assert_eq!(turned.network_id(), spec.network_id());

    let changes: [fn(&mut ChainSpec); 15] = [
        |spec| spec.name.push('x'),
        |spec| spec.kind = super::NetworkKind::Public,
        |spec| spec.start.0 += 1,
        |spec| spec.seed = crypto::Hash::ZERO,
        |spec| spec.timing.delta_ms += 1,
        |spec| spec.limits.gas += 1,
        |spec| spec.anchoring.every += 1,
        |spec| spec.security.target += 1,
        |spec| spec.terms.window += 1,
        |spec| spec.staking.unbonding += 1,
        |spec| spec.staking.stakers[0].stake.0 += 1,
        |spec| spec.beacon.every += 1,
        |spec| spec.beacon.insecure_dealer_seed = Some(crypto::Hash::ZERO),
        |spec| spec.chains[1].members.reverse(),
        |spec| spec.accounts[0].balance.0 += 1,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut other = spec.clone();
        change(&mut other);
        assert_ne!(other.network_id(), spec.network_id(), "change {at}");
    }
}

#[test]
fn text_that_is_no_spec_names_the_field() {
    let text = sample().to_toml().unwrap();
    let cases = [
        (
            text.replace("delta_ms", "delta_msec"),
            "unknown field `delta_msec`",
        ),
        (
            text.replace("kind = \"devnet\"", ""),
            "missing field `kind`",
        ),
        (
            text.replace("\"devnet\"\nstart", "\"test\"\nstart"),
            "unknown variant `test`",
        ),
        (
            text.replace("start = 256", "start = 0"),
            "route 1 is out of order",
        ),
        (text.replace("balance = \"", "balance = \"-"), "balance"),
        (format!("{text}\nextra = 1\n"), "extra"),
    ];
    for (text, expected) in cases {
        let error = ChainSpec::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected:?} not in: {error}");
    }
}

#[test]
fn specs_without_meaning_are_refused() {
    let table = |routes: &[(u16, u32)]| {
        let routes = routes.iter().map(|(start, chain)| Route {
            start: *start,
            chain: ChainId(*chain),
        });
        RoutingTable::new(routes.collect()).unwrap()
    };
    type Change = Box<dyn Fn(&mut ChainSpec)>;
    let cases: Vec<(Change, &str)> = vec![
        (Box::new(|s| s.name = String::new()), "name:"),
        (Box::new(|s| s.name = "9lives".into()), "name:"),
        (Box::new(|s| s.name = "Main".into()), "name:"),
        (Box::new(|s| s.name = "a".repeat(21)), "name:"),
        (Box::new(|s| s.chains.clear()), "chains: there is none"),
        (
            Box::new(|s| s.chains[2].id = ChainId(1)),
            "found id 1 where 2 is due",
        ),
        (
            Box::new(|s| s.chains[0].id = ChainId(3)),
            "found id 1 where 0 is due",
        ),
        (
            Box::new(|s| s.chains[1].members.clear()),
            "id 1, members: a committee of 0",
        ),
        (
            Box::new(|s| s.chains[1].members[1].seats = 0),
            "member 1 has no seat",
        ),
        (
            Box::new(move |s| s.routing = table(&[(0, 0), (9, 1)])),
            "no route leads to chain 2",
        ),
        (
            Box::new(move |s| s.routing = table(&[(0, 1), (9, 2), (10, 3)])),
            "leads to chain 3",
        ),
        (
            Box::new(|s| s.accounts[1].id = s.accounts[0].id),
            "is there twice",
        ),
        (
            Box::new(|s| s.accounts[0].id = AccountId::system(ChainId(1), 4)),
            "is a system account",
        ),
        (
            Box::new(|s| s.accounts[0].balance = Amount(u128::MAX)),
            "2^128",
        ),
        (
            Box::new(|s| s.staking.stakers[0].stake = Amount(u128::MAX)),
            "2^128",
        ),
    ];
    for (change, expected) in cases {
        let mut spec = sample();
        change(&mut spec);
        let error = spec.check_form().unwrap_err().to_string();
        assert!(error.contains(expected), "{expected:?} not in: {error}");
        let text = spec.to_json().unwrap();
        assert!(ChainSpec::parse(&text).is_err(), "{expected}");
    }
}

#[test]
fn only_epoch_zero_of_known_chains_has_a_committee() {
    let spec = sample();
    assert_eq!(spec.committee(ChainId(2), 0).unwrap().chain, ChainId(2));
    assert_eq!(spec.committee(ChainId(2), 1), None);
    assert_eq!(spec.committee(ChainId(3), 0), None);
    assert_eq!(spec.committees().len(), 3);
}

#[test]
fn default_parameters_pass_the_checks() {
    let mut spec = sample();
    spec.timing = super::Timing::default();
    let report = crate::check(&spec);
    assert!(report.is_accepted(), "{report}");
}
