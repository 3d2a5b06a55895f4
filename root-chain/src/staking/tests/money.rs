//! [S6] Money is conserved, whatever happens: [`World`] audits all books after every step.

use proptest::prelude::*;
use types::{Amount, Committee, Signers};

use crate::slashing::{self, About, Crime, Fault};
use crate::staking::testing::{RICH, World, committee, user};
use crate::staking::{Certified, account_id, begin_term, end_term, reward};

#[derive(Clone, Debug)]
enum Step {
    Register(u8, u128),
    Add(u8, u128),
    Quit(u8),
    Withdraw(u8),
    Claim(u8),
    Give(u8, u128),
    Wait(u64),
    Begin,
    Certify(u8, u16, u64),
    End,
    Convict(u8, bool, u8),
    Punish(u8, u64, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1..6_u8;
    let value = || prop_oneof![0..200_u128, Just(RICH.0 / 2), Just(10)];
    prop_oneof![
        3 => (who(), value()).prop_map(|(who, value)| Step::Register(who, value)),
        2 => (who(), value()).prop_map(|(who, value)| Step::Add(who, value)),
        2 => who().prop_map(Step::Quit),
        2 => who().prop_map(Step::Withdraw),
        2 => who().prop_map(Step::Claim),
        1 => (who(), 0..1_000_u128).prop_map(|(who, value)| Step::Give(who, value)),
        2 => (1..60_u64).prop_map(Step::Wait),
        1 => Just(Step::Begin),
        4 => (0..32_u8, 0..5_u16, 0..4_u64).prop_map(|(s, p, n)| Step::Certify(s, p, n)),
        1 => Just(Step::End),
        1 => (0..32_u8, any::<bool>(), who()).prop_map(|(m, all, r)| Step::Convict(m, all, r)),
        1 => (who(), 0..4_u64, who()).prop_map(|(who, n, r)| Step::Punish(who, n, r)),
    ]
}

fn members(bits: u8) -> Vec<u16> {
    (0..5).filter(|member| bits >> member & 1 == 1).collect()
}

/// What users do; false when it is not theirs to do.
fn call(world: &mut World, step: &Step) -> bool {
    let _ = match *step {
        Step::Register(who, value) => {
            let value = value.min(world.balance(who));
            world.register(who, value)
        }
        Step::Add(who, value) => {
            let value = value.min(world.balance(who));
            world.add(who, value)
        }
        Step::Quit(who) => world.quit(who),
        Step::Withdraw(who) => world.withdraw(who),
        Step::Claim(who) => world.claim(who),
        Step::Give(who, value) => {
            let value = value.min(world.balance(who));
            world.give(who, value);
            Ok(())
        }
        _ => return false,
    };
    true
}

/// What the root's system does. Users 1 to 5 are members 0 to 4.
fn govern(world: &mut World, bench: &Committee, step: &Step) {
    let holders: Vec<_> = (1..6).map(|who| Some(user(who))).collect();
    let (rules, height) = (world.rules, world.height);
    world.edit(|edit| match *step {
        Step::Begin => begin_term(edit, &holders),
        Step::End => drop(end_term(edit, &rules, bench, &holders, height)),
        Step::Certify(bits, proposer, blocks) => {
            let mut signers = Signers::none(5);
            members(bits).iter().for_each(|member| {
                signers.insert(usize::from(*member));
            });
            let certified = Certified {
                committee: bench,
                holders: &holders,
                signers: &signers,
                proposer,
                blocks,
            };
            reward(edit, &rules, &certified);
        }
        Step::Convict(bits, all, reporter) => {
            let crime = if all {
                Crime::Invalid
            } else {
                Crime::Contradiction
            };
            let reporter = Some(user(reporter));
            let _ = slashing::convict(edit, bench, &holders, &members(bits), crime, reporter);
        }
        Step::Punish(who, number, reporter) => {
            let (chain, epoch) = (bench.chain, bench.epoch);
            let about = About {
                chain,
                epoch,
                number,
            };
            let reporter = Some(user(reporter));
            let _ = slashing::punish(edit, &user(who), Fault::TwoBallots, about, reporter);
        }
        _ => {}
    });
}

fn run(world: &mut World, bench: &Committee, step: &Step) {
    if let Step::Wait(heights) = *step {
        world.height += heights;
    } else if !call(world, step) {
        govern(world, bench, step);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Users + staking account + burned is what genesis minted; the books add up after each step.
    #[test]
    fn money_is_conserved_to_the_unit(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new(&[], 5_000);
        let minted = world.state.lanes().ledger.minted;
        let bench = committee(1, &[1, 1, 2, 3, 3]);
        for step in &steps {
            run(&mut world, &bench, step);
            let users: u128 = (1..10).map(|who| world.balance(who)).sum();
            let staked = world.state.balance(&account_id()).0;
            let burned = world.state.lanes().ledger.burned.0;
            prop_assert_eq!(Amount(users + staked + burned), minted, "{:?}", step);
        }
    }
}
