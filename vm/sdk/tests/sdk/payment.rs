//! The account module for payments, line by line Algorithm 1 of the paper.

use thinkey_sdk::mock::World;
use thinkey_sdk::prelude::*;

#[account]
struct Payment {
    balance: Amount,
}

#[contract]
impl Payment {
    #[init]
    fn begin(&mut self, balance: Amount) {
        self.balance = balance;
    }

    #[message]
    fn tran(&mut self, address: AccountId, bill: Amount) {
        if self.balance >= bill {
            self.balance -= bill;
            Payment::at(address).add(bill).send();
        }
    }

    #[message]
    fn add(&mut self, bill: Amount) {
        self.balance += bill;
    }

    #[view]
    fn balance(&self) -> Amount {
        self.balance
    }
}

/// The paper's example: Alice has 20, Bob 5, Charlie 10; Alice pays Bob 10, and Bob Charlie 10.
#[test]
fn alice_pays_bob_pays_charlie() {
    let mut world = World::new();
    let user = world.user("user", 0);
    let accounts = [("alice", 20u128), ("bob", 5), ("charlie", 10)];
    let accounts = accounts.map(|(name, has)| world.deploy::<Payment>(name, 0, 0, &(has,)));
    let [alice, bob, charlie] = accounts;
    world
        .call(user, Payment::at(alice).tran(bob, 10))
        .expect("handled");
    world
        .call(user, Payment::at(bob).tran(charlie, 10))
        .expect("handled");
    world
        .call(user, Payment::at(charlie).tran(alice, 21))
        .expect("handled, though too much");
    assert_eq!(
        accounts.map(|id| world.ask(Payment::at(id).balance())),
        [10, 5, 20]
    );
}

#[test]
fn overflows_and_unknown_methods_change_nothing() {
    let mut world = World::new();
    let user = world.user("user", 9);
    let id = world.deploy::<Payment>("alice", 0, 0, &(Amount::MAX,));
    let payment = Payment::at(id);
    assert!(world.call(user, payment.add(1)).is_err());
    let unknown = world.call(user, <Call>::new(id, "sub", Vec::new()));
    assert_eq!(unknown, Err("no such method".to_owned()));
    let garbage = world.call(user, <Call>::new(id, "add", vec![1; 17]));
    assert_eq!(garbage, Err("arguments do not decode".to_owned()));
    assert_eq!(
        world.call(user, payment.add(0).value(9)),
        Err("takes no value".to_owned())
    );
    assert_eq!(
        (world.ask(payment.balance()), world.balance(user)),
        (Amount::MAX, 9)
    );
}

#[test]
fn the_abi_names_methods_and_types() {
    let abi = <Payment as thinkey_sdk::Contract>::ABI;
    let line = r#"{"kind":"message","name":"tran","doc":"","payable":false,"args":[["address","AccountId"],["bill","u128"]],"returns":"()"}"#;
    assert!(
        abi.starts_with(r#"{"abi":1,"contract":"Payment","#) && abi.contains(line),
        "{abi}"
    );
}
