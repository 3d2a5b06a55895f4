//! Every bad call is refused with its reason, changes nothing, and the dry run says the same:
//! [`World::call`] checks both.

use crypto::bls::SignatureError;
use types::{Amount, FailureCode, Height};

use crate::slashing::{self, Crime};
use crate::staking::testing::{RULES, World, committee, registration, user};
use crate::staking::{Call, Registration, StakingError, When, method, would_accept};

fn register(world: &mut World, who: u8, registration: &Registration) -> Result<(), StakingError> {
    let data = borsh::to_vec(registration).unwrap();
    world.call(who, method::REGISTER, data, 100)
}

#[test]
fn keys_that_are_none_are_refused() {
    let mut world = World::new(&[], 0);
    // Infinity, compressed.
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    // A point of the curve outside the group: x = 0 gives one, see the curve's equation on E'.
    let mut low = [0; 96];
    low[0] = 0x80;
    low[95] = 2;
    for (key, expected) in [
        (infinity, SignatureError::Identity),
        (low, SignatureError::NotInGroup),
        ([0; 96], SignatureError::Encoding),
        ([0xff; 96], SignatureError::Encoding),
    ] {
        let bad = Registration {
            key,
            ..registration(1)
        };
        let reason = expected;
        let refused = register(&mut world, 1, &bad);
        assert_eq!(refused, Err(StakingError::Key { reason }), "{key:?}");
    }
}

#[test]
fn possession_of_another_key_proves_nothing() {
    let mut world = World::new(&[], 0);
    let bad = Registration {
        possession: registration(2).possession,
        ..registration(1)
    };
    let reason = SignatureError::Mismatch;
    let refused = register(&mut world, 1, &bad);
    assert_eq!(refused, Err(StakingError::Possession { reason }));
    // A vote over the key's bytes is no proof either: it has another tag.
    let vote = crate::staking::testing::stake_key(1).sign(&registration(1).key);
    let bytes = borsh::to_vec(&vote).unwrap();
    let bad = Registration {
        possession: borsh::from_slice(&bytes).unwrap(),
        ..registration(1)
    };
    let refused = register(&mut world, 1, &bad);
    assert_eq!(refused, Err(StakingError::Possession { reason }));
}

#[test]
fn accounts_and_keys_register_once() {
    let mut world = World::new(&[], 0);
    world.register(1, 10).unwrap();
    assert_eq!(world.register(1, 10), Err(StakingError::AccountTaken));
    let again = register(&mut world, 1, &registration(2));
    assert_eq!(again, Err(StakingError::AccountTaken));
    let stolen = register(&mut world, 2, &registration(1));
    assert_eq!(stolen, Err(StakingError::KeyTaken));
    world.register(2, 10).unwrap();
}

#[test]
fn values_must_fit_the_method() {
    let mut world = World::new(&[], 0);
    let below = |value| StakingError::BelowTicket {
        value: Amount(value),
        ticket: Amount(10),
    };
    assert_eq!(world.register(1, 9), Err(below(9)));
    assert_eq!(world.register(1, 0), Err(below(0)));
    assert_eq!(world.add(1, 10), Err(StakingError::NotRegistered));
    assert_eq!(world.quit(1), Err(StakingError::NotRegistered));
    world.register(1, 10).unwrap();
    assert_eq!(world.add(1, 0), Err(StakingError::Nothing));
    assert_eq!(world.claim(1), Err(StakingError::NoRewards));
    for name in [method::QUIT, method::WITHDRAW, method::CLAIM_REWARDS] {
        let refused = world.call(1, name, Vec::new(), 3);
        let value = Amount(3);
        assert_eq!(refused, Err(StakingError::Value { value }), "{name}");
    }
}

#[test]
fn calls_that_mean_nothing_are_refused() {
    let mut world = World::new(&[], 0);
    world.register(1, 10).unwrap();
    let mut long = borsh::to_vec(&registration(2)).unwrap();
    long.push(0);
    let short = long[..150].to_vec();
    for (name, data, expected) in [
        ("slash", Vec::new(), StakingError::Method),
        ("", Vec::new(), StakingError::Method),
        ("Register", Vec::new(), StakingError::Method),
        (method::REGISTER, long, StakingError::Arguments),
        (method::REGISTER, short, StakingError::Arguments),
        (method::REGISTER, Vec::new(), StakingError::Arguments),
        (method::QUIT, vec![0], StakingError::Arguments),
    ] {
        assert_eq!(world.call(1, name, data, 0), Err(expected), "{name}");
    }
}

/// A payment whose message runs out of time would come back and be the pool's.
#[test]
fn payments_go_out_only_while_there_is_time() {
    let mut world = World::new(&[], 0);
    world.register(1, 10).unwrap();
    world.quit(1).unwrap();
    let when = When {
        height: 1_000,
        cited: 999,
    };
    let said = |deadline: Height| {
        let call = Call {
            from: user(1),
            value: Amount::ZERO,
            deadline,
            method: method::WITHDRAW,
            data: &[],
        };
        would_accept(&world.state, &RULES, when, &call)
    };
    assert_eq!(said(1_998), Err(StakingError::Late));
    assert_eq!(said(1_999), Ok(()));
}

#[test]
fn the_convicted_never_stake_again() {
    let mut world = World::new(&[], 0);
    world.register(1, 100).unwrap();
    let bench = committee(1, &[1, 99]);
    let holders = [Some(user(1)), None];
    let guilty = |edit: &mut actors::Edit<'_>| {
        slashing::convict(edit, &bench, &holders, &[0], Crime::Contradiction, None)
    };
    world.edit(guilty).unwrap();
    assert_eq!(world.add(1, 10), Err(StakingError::Tombstoned));
    assert_eq!(world.register(1, 10), Err(StakingError::Tombstoned));
    world.quit(1).unwrap();
    world.height += 50;
    world.withdraw(1).unwrap();
    assert_eq!(world.register(1, 10), Err(StakingError::Tombstoned));
    assert_eq!(world.add(1, 10), Err(StakingError::Tombstoned));
    assert_eq!(world.withdraw(1), Err(StakingError::Tombstoned));
    let stolen = register(&mut world, 2, &registration(1));
    assert_eq!(stolen, Err(StakingError::KeyTaken));
}

/// Refusing costs the sender gas and the root little: only a key that passed all else is checked.
#[test]
fn keys_are_checked_last() {
    const CHECKED: u64 = 300_000;
    let mut world = World::new(&[], 0);
    world.register(1, 10).unwrap();
    assert!(world.used > CHECKED);
    let cheap = |world: &mut World, refused: Result<(), StakingError>| {
        assert!(refused.is_err() && world.used < CHECKED, "{}", world.used);
    };
    let refused = world.register(1, 10);
    cheap(&mut world, refused);
    let refused = register(&mut world, 2, &registration(1));
    cheap(&mut world, refused);
    let refused = world.register(2, 9);
    cheap(&mut world, refused);
}

#[test]
fn gas_that_is_short_fails_the_call() {
    let mut world = World::new(&[], 0);
    world.gas = 200_000;
    let before = world.balance(1);
    let data = borsh::to_vec(&registration(1)).unwrap();
    assert_eq!(
        world.send(1, method::REGISTER, data, 100),
        Some(FailureCode::OutOfGas)
    );
    assert_eq!(world.balance(1), before);
    assert_eq!(world.staker(1), None);
    world.gas = method::GAS;
    world.register(1, 100).unwrap();
}

/// The words are part of the interface.
#[test]
fn reasons_have_a_word_and_a_sentence() {
    let free = 9;
    let early = StakingError::TooEarly { height: 8, free };
    assert_eq!(early.code(), "too_early");
    assert_eq!(
        early.to_string(),
        "unbonding lasts until root height 9, and this is 8; withdraw then"
    );
    assert_eq!(early.failure(), FailureCode::Rejected);
}

/// One of each, by a match that does not compile when there is a kind without a place here.
fn one_of_each() -> Vec<StakingError> {
    use StakingError as E;
    let reason = SignatureError::Mismatch;
    let value = Amount(1);
    let code = FailureCode::OutOfGas;
    let all = vec![
        E::Method,
        E::Arguments,
        E::Value { value },
        E::Nothing,
        E::BelowTicket {
            value,
            ticket: Amount(2),
        },
        E::AccountTaken,
        E::KeyTaken,
        E::Key { reason },
        E::Possession { reason },
        E::NotRegistered,
        E::HasQuit,
        E::HasNotQuit,
        E::OnDuty { duties: 1 },
        E::TooEarly { height: 1, free: 2 },
        E::Tombstoned,
        E::NoRewards,
        E::Late,
        E::Overflow,
        E::Execution { code },
    ];
    let place = |error: &E| match error {
        E::Method => 0,
        E::Arguments => 1,
        E::Value { .. } => 2,
        E::Nothing => 3,
        E::BelowTicket { .. } => 4,
        E::AccountTaken => 5,
        E::KeyTaken => 6,
        E::Key { .. } => 7,
        E::Possession { .. } => 8,
        E::NotRegistered => 9,
        E::HasQuit => 10,
        E::HasNotQuit => 11,
        E::OnDuty { .. } => 12,
        E::TooEarly { .. } => 13,
        E::Tombstoned => 14,
        E::NoRewards => 15,
        E::Late => 16,
        E::Overflow => 17,
        E::Execution { .. } => 18,
    };
    assert!(all.iter().enumerate().all(|(at, error)| place(error) == at));
    all
}

/// A receipt's text comes back as the word that it was, and every word is another.
#[test]
fn every_reason_is_known_by_its_word() {
    let all = one_of_each();
    for error in &all {
        assert_eq!(StakingError::known(error.code()), error.code());
        assert_ne!(error.code(), "refused");
    }
    let words: std::collections::BTreeSet<_> = all.iter().map(StakingError::code).collect();
    assert_eq!(words.len(), all.len());
    assert_eq!(StakingError::known("anything else"), "refused");
}
