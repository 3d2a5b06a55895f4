//! Places on a token's ledger: who pays for what it stores.

use testkit::{User, Word, World, args, lane};
use types::AccountId;

use crate::token::{PLENTY, PRICE, SUPPLY, ledgers, ledgers_with, open};
use crate::{FUNDS, GAS, call, free, gas, number, refused};

/// What a payment to another ledger locks until it is answered: handler, and what is remembered.
const ON_THE_WAY: u128 = 110_000 + 48_000;
const TOO_LITTLE: &str = "it costs 96000";

fn tokens(world: &World, ledger: AccountId, holder: &User) -> u128 {
    number(world, ledger, "balance_of", &args(&(holder.id(),)))
}

/// [L4] However many open places, what the ledger itself may store stays the same.
#[test]
fn strangers_pay_for_the_places_that_they_open() {
    let world = World::new(2).seed(7);
    let [issuer, eve] = [1, 2].map(|chain| world.user(chain, FUNDS));
    let ledger = ledgers(&world, &issuer, 1)[0];
    let before = free(&world, ledger);
    let theirs = args(&(eve.id(),));
    for value in [0, PRICE - 1] {
        refused(eve.call(ledger, "open", &theirs).value(value), TOO_LITTLE);
    }
    let nobody = eve.call(ledger, "transfer", args(&(issuer.id(), 0u128)));
    refused(nobody, "nothing to pay");
    assert_eq!(number(&world, ledger, "price", &args(&())), PRICE);
    for number in 0..50u8 {
        let holder = AccountId(crypto::Hash::new([number; 32]));
        let value = PRICE + u128::from(number);
        call(&eve, ledger, "open", &args(&(holder,)), value);
        assert_eq!(free(&world, ledger), before, "{number}");
    }
    let no_place = "the recipient has no place here: open one";
    let pay = issuer.call(ledger, "transfer", args(&(eve.id(), 1u128)));
    refused(pay, no_place);
    assert_eq!(free(&world, ledger), before);
}

/// [L4] To the last unit, gas aside.
#[test]
fn who_closes_gets_what_the_place_cost() {
    let world = World::new(2).seed(8);
    let [issuer, bob] = [1, 2].map(|chain| world.user(chain, FUNDS));
    let ledger = ledgers(&world, &issuer, 1)[0];
    let (before, locked) = (world.balance(ledger), world.locked(ledger));
    let theirs = args(&(bob.id(),));
    let opened = bob.call(ledger, "open", theirs).value(2 * PRICE).settle();
    opened.assert(Word::Settled);
    let rest = FUNDS - gas(&opened);
    assert_eq!(bob.balance(), rest - PRICE);
    assert_eq!(world.balance(ledger), before + PRICE);
    assert_eq!(world.locked(ledger), locked + PRICE);
    let closed = bob.call(ledger, "close", args(&())).settle();
    closed.assert(Word::Settled);
    assert_eq!(bob.balance(), rest - gas(&closed));
    assert_eq!(
        (world.balance(ledger), world.locked(ledger)),
        (before, locked)
    );
}

/// A payment of Bob's to somebody without a place is on its way.
struct Sent {
    world: World,
    issuer: User,
    bob: User,
    ledger: AccountId,
}

impl Sent {
    /// From a ledger that began with so much value.
    fn new(value: u128) -> Self {
        let world = World::new(2).seed(9);
        let [issuer, bob] = [1, 1].map(|chain| world.user(chain, FUNDS));
        let ledgers = ledgers_with(&world, &issuer, 2, value);
        let ledger = ledgers[0];
        open(&bob, ledger);
        let fund = args(&(bob.id(), 50u128));
        call(&issuer, ledger, "transfer", &fund, 0);
        world.hold(lane(1, 2));
        let pay = args(&(ledgers[1], bob.id(), 50u128));
        bob.call(ledger, "transfer_to", pay).gas(GAS).send();
        world.settle();
        assert_eq!(number(&world, ledger, "leaving", &args(&())), 50);
        Self {
            world,
            issuer,
            bob,
            ledger,
        }
    }
}

/// [L3] [L5] [L6] The ledger can store nothing more when the payment comes back.
#[test]
fn a_payment_comes_back_to_a_ledger_without_free_deposit() {
    let plenty = Sent::new(PLENTY);
    let tight = PLENTY - free(&plenty.world, plenty.ledger);
    let Sent {
        world,
        issuer,
        bob,
        ledger,
    } = Sent::new(tight);
    assert_eq!(free(&world, ledger), 0);
    refused(
        bob.call(ledger, "close", args(&())),
        "a payment is on its way",
    );
    // Payments here go on, and so do places.
    let pay = args(&(bob.id(), 7u128));
    call(&issuer, ledger, "transfer", &pay, 0);
    let carol = world.user(1, FUNDS);
    let theirs = args(&(carol.id(),));
    refused(carol.call(ledger, "open", &theirs), TOO_LITTLE);
    open(&carol, ledger);
    assert_eq!(free(&world, ledger), 0);
    world.release_all();
    world.settle();
    assert_eq!(tokens(&world, ledger, &bob), 57);
    assert_eq!(number(&world, ledger, "held", &args(&())), SUPPLY);
    assert_eq!(number(&world, ledger, "leaving", &args(&())), 0);
    assert_eq!(free(&world, ledger), ON_THE_WAY, "it is free again");
    let rest = args(&(issuer.id(), 57u128));
    call(&bob, ledger, "transfer", &rest, 0);
    call(&bob, ledger, "close", &args(&()), 0);
}
