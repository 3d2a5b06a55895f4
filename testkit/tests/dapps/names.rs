use testkit::{Word, World, args};

use crate::{FUNDS, call, free, gas, module, number, refused};

const FEE: u128 = 1_000;
const TERM: u64 = 10_000;
/// What a record costs.
const RECORD: u128 = 136_000;

/// [N4] However many names, what the registry itself may store stays the same.
#[test]
fn strangers_pay_for_their_records() {
    let world = World::new(2).seed(11);
    let [founder, eve] = [1, 2].map(|chain| world.user(chain, FUNDS));
    let init = args(&(founder.id(), 0u128, TERM));
    let names = founder.deploy(&module("names")).init(init).on(1);
    let before = free(&world, names);
    let register = args(&("free-of-charge", 1u32));
    for value in [0, RECORD - 1] {
        let cheap = eve.call(names, "register", &register).value(value);
        refused(cheap, "it costs 136000");
    }
    for number in 0..30 {
        let name = "n".repeat(3 + number);
        let value = RECORD + number as u128;
        let register = args(&(name, 1u32));
        let call = eve.call(names, "register", register).value(value);
        call.settle().assert(Word::Settled);
        assert_eq!(free(&world, names), before, "{number}");
    }
}

/// [N4] Taken over, handed over and released: each record is paid out once, to its last owner.
#[test]
fn a_record_is_paid_out_once() {
    let world = World::new(3).seed(12);
    let [founder, ann, ben] = [1, 2, 3].map(|chain| world.user(chain, FUNDS));
    let init = args(&(founder.id(), FEE, TERM));
    let names = founder.deploy(&module("names")).init(init).on(1);
    let before = (world.balance(names), world.locked(names));
    let price = number(&world, names, "price", &args(&(1u32,)));
    assert_eq!(price, RECORD + FEE);
    let register = args(&("the-shop", 1u32));
    let name = args(&("the-shop",));
    call(&ann, names, "register", &register, price);
    refused(ben.call(names, "register", &register).value(price), "taken");
    world.pass(TERM + 1);
    let hers = ann.balance();
    let taken = ben.call(names, "register", &register).value(2 * price);
    let taken = taken.settle();
    taken.assert(Word::Settled);
    assert_eq!(ann.balance(), hers + RECORD, "she gets what she paid");
    refused(ann.call(names, "release", &name), "not your name");
    assert_eq!(world.balance(names), before.0 + RECORD);
    assert_eq!(world.locked(names), before.1 + RECORD);
    let his = ben.balance();
    let released = ben.call(names, "release", &name).settle();
    released.assert(Word::Settled);
    assert_eq!(ben.balance(), his + RECORD - gas(&released));
    assert_eq!((world.balance(names), world.locked(names)), before);
    refused(ben.call(names, "release", &name), "no such name");
}
