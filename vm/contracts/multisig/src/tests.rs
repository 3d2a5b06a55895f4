use thinkey_sdk::mock::World;
use thinkey_sdk::{Decode, Encode};

use super::*;

/// What a name without a fee costs.
const RECORD: Amount = 136_000;

struct Bench {
    world: World,
    owners: Vec<AccountId>,
    wallet: MultisigHandle,
    shop: AccountId,
}

impl Bench {
    fn new() -> Self {
        let mut world = World::new();
        let owners = ["ann", "ben", "cyd"]
            .map(|name| world.user(name, 100))
            .to_vec();
        let wallet = world.deploy::<Multisig>("wallet", 1, 500, &(owners.clone(), 2u32));
        let shop = world.user("shop", 0);
        Self {
            world,
            owners,
            wallet: Multisig::at(wallet),
            shop,
        }
    }

    fn propose(&mut self, by: usize, action: Action) -> u64 {
        let call = self.wallet.propose(action);
        self.world.call(self.owners[by], call).expect("an owner")
    }

    fn approve(&mut self, by: usize, number: u64) -> Result<(), String> {
        self.world
            .call(self.owners[by], self.wallet.approve(number))
    }
}

#[test]
fn pays_when_two_of_three_agree() {
    let mut bench = Bench::new();
    let to = bench.shop;
    let number = bench.propose(0, Action::Pay { to, value: 200 });
    assert_eq!(bench.approve(0, number), Err("agreed already".to_owned()));
    assert_eq!(bench.world.balance(to), 0);
    bench.approve(2, number).expect("an owner");
    assert_eq!(bench.world.balance(to), 200);
    assert_eq!(
        bench.approve(1, number),
        Err("no such proposal".to_owned()),
        "acts once"
    );
}

#[test]
fn strangers_and_revoked_approvals_do_not_count() {
    let mut bench = Bench::new();
    let eve = bench.world.user("eve", 0);
    let pay = Action::Pay { to: eve, value: 1 };
    let refused = bench.world.call(eve, bench.wallet.propose(pay.clone()));
    assert_eq!(refused, Err("only owners".to_owned()));
    let number = bench.propose(0, pay);
    assert!(bench.world.call(eve, bench.wallet.approve(number)).is_err());
    bench
        .world
        .call(bench.owners[0], bench.wallet.revoke(number))
        .expect("agreed");
    assert!(
        bench.approve(1, number).is_err(),
        "without approvals it is gone"
    );
}

/// [M1] Ann agreed, but is no owner any more when Ben agrees.
#[test]
fn approvals_of_former_owners_do_not_count() {
    let mut bench = Bench::new();
    let to = bench.shop;
    let pay = bench.propose(0, Action::Pay { to, value: 200 });
    let owners = bench.owners[1..].to_vec();
    let rule = bench.propose(
        1,
        Action::Rule {
            owners: owners.clone(),
            threshold: 2,
        },
    );
    bench.approve(2, rule).expect("an owner");
    assert_eq!(
        bench.world.ask(bench.wallet.rule()),
        Rule {
            owners,
            threshold: 2
        }
    );
    bench.approve(1, pay).expect("an owner");
    assert_eq!(bench.world.balance(to), 0);
    bench.approve(2, pay).expect("an owner");
    assert_eq!(bench.world.balance(to), 200);
}

#[test]
fn rules_that_nobody_could_fulfil_are_refused() {
    let mut bench = Bench::new();
    let (ann, ben) = (bench.owners[0], bench.owners[1]);
    for (owners, threshold) in [
        (vec![], 0),
        (vec![ann], 2),
        (vec![ann, ann], 1),
        (vec![ann, ben], 0),
    ] {
        let number = bench.propose(0, Action::Rule { owners, threshold });
        assert!(bench.approve(1, number).is_err());
    }
}

/// [M3] Over a registry on another chain.
#[test]
fn pays_whoever_a_name_names() {
    let mut bench = Bench::new();
    let registry = bench
        .world
        .deploy::<Names>("names", 2, 0, &(bench.shop, 0u128, 10u64));
    let names = Names::at(registry);
    let pay = |value| Action::PayName {
        names: registry,
        name: "the-shop".to_owned(),
        value,
    };
    let number = bench.propose(0, pay(70));
    bench.approve(1, number).expect("an owner");
    assert_eq!(
        (bench.world.balance(bench.shop), bench.world.count("failed")),
        (0, 1)
    );
    bench.shop = bench.world.user("shop", RECORD);
    let register = names.register("the-shop".to_owned(), 1).value(RECORD);
    bench.world.call(bench.shop, register).expect("without fee");
    let number = bench.propose(0, pay(70));
    bench.approve(1, number).expect("an owner");
    assert_eq!(bench.world.balance(bench.shop), 70);
    bench.world.break_down(registry, true);
    let number = bench.propose(0, pay(70));
    bench.approve(1, number).expect("an owner");
    assert_eq!(
        (bench.world.balance(bench.shop), bench.world.count("failed")),
        (70, 2)
    );
}

#[test]
fn calls_contracts_and_gets_back_what_fails() {
    let mut bench = Bench::new();
    let other = bench
        .world
        .deploy::<Multisig>("other", 2, 0, &(vec![bench.wallet.0], 1u32));
    let call = |method: &str, value| Action::Call {
        to: other,
        method: method.to_owned(),
        data: Vec::new(),
        value,
        gas: 100_000,
    };
    for (method, there) in [("deposit", 30), ("nonsense", 30)] {
        let number = bench.propose(0, call(method, 30));
        bench.approve(1, number).expect("an owner");
        assert_eq!(bench.world.balance(other), there);
        assert_eq!(bench.world.balance(bench.wallet.0), 470);
    }
}

#[test]
fn an_action_reads_back() {
    let action = Action::Become { code: [7; 32] };
    assert!(Action::from_bytes(&action.to_bytes()) == Some(action));
}
