use borsh::BorshSerialize;
use testkit::{World, args};
use types::AccountId;

use crate::{FUNDS, call, module, number};

/// The wallet's actions, as others see them: by their encoding.
#[derive(BorshSerialize)]
enum Action {
    Pay {
        to: AccountId,
        value: u128,
    },
    PayName {
        names: AccountId,
        name: String,
        value: u128,
    },
}

/// A wallet on chain 1 pays an account, and a name of a registry on chain 2.
#[test]
fn two_owners_pay_an_account_and_a_name() {
    let world = World::new(3).seed(5);
    let [ann, ben, shop] = [1, 2, 3].map(|chain| world.user(chain, FUNDS));
    let fee = 1_000u128;
    let init = args(&(ann.id(), fee, 1_000_000u64));
    let names = ann.deploy(&module("names")).init(init).on(2);
    let init = args(&(vec![ann.id(), ben.id()], 2u32));
    let wallet = ann.deploy(&module("multisig")).init(init).on(1);
    call(&ann, wallet, "deposit", &args(&()), 50_000_000);
    let price = number(&world, names, "price", &args(&(1u32,)));
    call(&shop, names, "register", &args(&("the-shop", 1u32)), price);
    let name = "the-shop".to_owned();
    let actions = [
        Action::Pay {
            to: shop.id(),
            value: 7_000_000,
        },
        Action::PayName {
            names,
            name,
            value: 8_000_000,
        },
    ];
    let before = shop.balance();
    for (number, action) in (1u64..).zip(actions) {
        call(&ann, wallet, "propose", &args(&(action,)), 0);
        call(&ben, wallet, "approve", &args(&(number,)), 0);
    }
    assert_eq!(shop.balance(), before + 15_000_000);
}
