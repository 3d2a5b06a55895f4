use testkit::{User, Word, World, args};
use types::AccountId;

use crate::{FUNDS, GAS, call, module, number};

pub(crate) const SUPPLY: u128 = 1_000;
/// What a place costs.
pub(crate) const PRICE: u128 = 96_000;
/// Value for a ledger that may store a lot.
pub(crate) const PLENTY: u128 = 100_000_000;

pub(crate) fn ledgers(world: &World, issuer: &User, chains: u32) -> Vec<AccountId> {
    ledgers_with(world, issuer, chains, PLENTY)
}

/// Ledgers, the first of which begins with so much value.
pub(crate) fn ledgers_with(
    world: &World,
    issuer: &User,
    chains: u32,
    value: u128,
) -> Vec<AccountId> {
    let code = module("token");
    let deploy = |chain| {
        let first = chain == 1;
        let supply = if first { SUPPLY } else { 0 };
        let value = if first { value } else { PLENTY };
        let init = args(&(issuer.id(), supply));
        issuer.deploy(&code).init(init).value(value).on(chain)
    };
    let ledgers: Vec<_> = (1..=chains).map(deploy).collect();
    for &ledger in &ledgers {
        for &other in &ledgers {
            call(issuer, ledger, "set_member", &args(&(other, true)), 0);
        }
    }
    world.settle();
    ledgers
}

/// Pays for a place of one's own.
#[track_caller]
pub(crate) fn open(holder: &User, ledger: AccountId) {
    call(holder, ledger, "open", &args(&(holder.id(),)), PRICE);
}

#[test]
fn a_payment_between_ledgers_arrives_or_comes_back() {
    let world = World::new(2).seed(3);
    let [issuer, bob] = [1, 2].map(|chain| world.user(chain, FUNDS));
    let ledgers = ledgers(&world, &issuer, 2);
    open(&bob, ledgers[1]);
    let pay = args(&(ledgers[1], bob.id(), 250u128));
    call(&issuer, ledgers[0], "transfer_to", &pay, 0);
    assert_eq!(
        number(&world, ledgers[1], "balance_of", &args(&(bob.id(),))),
        250
    );
    assert_eq!(number(&world, ledgers[0], "held", &args(&())), 750);
    world.refuse(ledgers[1], 1);
    let again = issuer.call(ledgers[0], "transfer_to", &pay).settle();
    again.assert(Word::PartlyFailed);
    assert!(
        again
            .logs()
            .iter()
            .any(|(topic, _)| topic.starts_with("returned("))
    );
    assert_eq!(number(&world, ledgers[0], "held", &args(&())), 750);
    assert_eq!(number(&world, ledgers[0], "leaving", &args(&())), 0);
}

/// [L1] While payments cross each other, and some never arrive in time.
#[test]
fn supply_is_conserved_over_three_chains() {
    for seed in 0..4 {
        let world = World::new(3).seed(seed);
        let issuer = world.user(1, FUNDS);
        let ledgers = ledgers(&world, &issuer, 3);
        for round in 0..24 {
            let (from, to) = (ledgers[round % 3], ledgers[(round + 1 + round / 7) % 3]);
            let pay = args(&(to, issuer.id(), 20 + round as u128));
            issuer.call(from, "transfer_to", pay).gas(GAS / 10).send();
            world.run(5);
            if round == 12 {
                world.expire();
            }
        }
        world.settle();
        let sum = |method| -> u128 {
            let ledgers = ledgers.iter();
            ledgers
                .map(|&ledger| number(&world, ledger, method, &args(&())))
                .sum()
        };
        assert_eq!((sum("held"), sum("leaving")), (SUPPLY, 0), "seed {seed}");
    }
}
