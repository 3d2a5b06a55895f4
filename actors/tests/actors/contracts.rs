//! Accounts with code: made, changed by their owners and by themselves, asked. [G11] [G13]

use actors::contract::{SLOT_BYTES, deposit};
use actors::view;
use types::{ChainId, Deploy, FailureCode, Input};

use crate::net::{GAS, Net};
use crate::puppet::{Act, puppet, script};

const FUND: u128 = 10_000_000;

/// Makes a deploy fail.
type Spoil = fn(&mut Deploy);

#[test]
fn a_deploy_makes_the_account_on_either_chain_and_runs_its_init_once() {
    for chain in [1, 2] {
        let mut net = Net::new();
        let (plan, id) = net.plan(0, chain, 0, &[Act::Answer(3)]);
        let sent = net.send(0, id, FUND, Input::Deploy(Box::new(plan.clone())));
        let tree = net.tree(sent);
        assert_eq!(
            (tree.ran(), tree.failures()),
            (vec!["v1 init".into()], vec![])
        );
        let account = net.account(&id);
        assert_eq!(account.code(), Some(puppet(1).hash()));
        assert_eq!(account.balance.0, FUND);
        assert_eq!(account.locked(), deposit(SLOT_BYTES + 2));

        // Again: the value is credited, nothing runs, the unused gas comes back.
        let sent = net.send(0, id, 5, Input::Deploy(Box::new(plan)));
        let tree = net.tree(sent);
        assert_eq!((tree.ran(), tree.failures()), (vec![], vec![]));
        assert_eq!(net.balance(&id), FUND + 5);
    }
}

#[test]
fn a_deploy_that_fails_leaves_no_account_and_returns_the_value() {
    let cases: [(Spoil, u128, FailureCode); 4] = [
        (
            |plan| plan.init = script(&[Act::Abort]),
            FUND,
            FailureCode::Rejected,
        ),
        (
            |plan| plan.init = script(&[Act::Trap]),
            FUND,
            FailureCode::Trap,
        ),
        (
            |plan| plan.code = vec![1, 2].into(),
            FUND,
            FailureCode::BadCode,
        ),
        (|_| {}, 1_000, FailureCode::Deposit),
    ];
    for (spoil, value, expected) in cases {
        let mut net = Net::new();
        let (mut plan, _) = net.plan(0, 2, 0, &[]);
        spoil(&mut plan);
        let id = plan.account(&net.users[0].id);
        let sent = net.send(0, id, value, Input::Deploy(Box::new(plan)));
        assert_eq!(net.tree(sent).failures(), [expected]);
        assert!(net.account(&id).is_empty());
        let fees = net
            .states
            .values()
            .map(|state| state.lanes().ledger.burned.0);
        let fees: u128 = fees.sum();
        let left = net.balance(&net.users[0].id);
        assert_eq!(left, crate::net::FUNDS - fees, "nothing but fees is gone");
    }
}

#[test]
fn a_deploy_must_name_the_account_that_it_makes() {
    let mut net = Net::new();
    let (plan, id) = net.plan(0, 1, 0, &[]);
    let other = net.users[1].id;
    let input = Input::Deploy(Box::new(plan));
    let message = net.message(0, other, 0, GAS, input);
    let account = net.account(&net.users[0].id);
    let refused = actors::admit(&account, &message, &net.contexts[&ChainId(1)]);
    assert_eq!(refused, Err(actors::Refusal::Deploy { account: id }));
}

#[test]
fn only_the_owner_changes_the_code_from_outside() {
    let mut net = Net::new();
    let id = net.deploy(0, 2, 0, FUND);
    let stranger = net.upgrade(1, id, 2, true);
    assert_eq!(stranger.failures(), [FailureCode::NotOwner]);
    assert_eq!(net.account(&id).code(), Some(puppet(1).hash()));
    let before = net.account(&id).locked();

    assert_eq!(net.upgrade(0, id, 2, true).failures(), []);
    assert_eq!(net.account(&id).code(), Some(puppet(2).hash()));
    assert_eq!(net.account(&id).locked(), before, "the old code is gone");
    assert_eq!(net.call(0, id, 0, &[]).ran(), ["v2 call"]);
    let user = net.users[1].id;
    assert_eq!(
        net.upgrade(0, user, 2, true).failures(),
        [FailureCode::NoCode]
    );
}

#[test]
fn code_becomes_other_code_that_it_holds_from_the_next_message_on() {
    let mut net = Net::new();
    let id = net.deploy(0, 1, 0, FUND);
    let unknown = net.call(0, id, 0, &[Act::Become { version: 2 }]);
    assert_eq!(unknown.failures(), [FailureCode::BadCode]);
    net.upgrade(0, id, 2, false);
    assert_eq!(net.call(0, id, 0, &[]).ran(), ["v1 call"]);

    let acts = [
        Act::Become { version: 2 },
        Act::Call {
            to: id,
            value: 0,
            gas: 100_000,
            acts: vec![Act::Become { version: 1 }],
            then: None,
            deadline: None,
        },
    ];
    let tree = net.call(0, id, 0, &acts);
    assert_eq!(tree.ran(), ["v1 call", "v2 call"]);
    assert_eq!(net.call(0, id, 0, &[]).ran(), ["v1 call"]);
    let void = net.call(0, id, 0, &[Act::Become { version: 2 }, Act::Trap]);
    assert_eq!(void.failures(), [FailureCode::Trap]);
    assert_eq!(void.ran(), [""; 0], "what failed logs nothing");
    assert_eq!(net.call(0, id, 0, &[]).ran(), ["v1 call"]);
}

#[test]
fn code_makes_accounts_with_code_that_it_holds() {
    let mut net = Net::new();
    let factory = net.deploy(0, 1, 0, 10 * FUND);
    let spawn = |salt, gas| Act::Spawn {
        salt,
        value: FUND,
        gas,
        acts: vec![],
    };
    let tree = net.call(0, factory, 0, &[spawn(1, 200_000), spawn(2, 200_000)]);
    assert_eq!(tree.ran(), ["v1 call", "v1 init", "v1 init"]);
    for salt in [1, 2] {
        let hash = puppet(1).hash();
        let child = types::AccountId::of_code(&factory, &[salt; 32], &hash);
        assert_eq!(net.account(&child).contract.unwrap().owner, Some(factory));
        assert_eq!(net.balance(&child), FUND);
    }
    let poor = net.call(0, factory, 0, &[spawn(3, 1_000)]);
    assert_eq!(poor.failures(), [FailureCode::OutOfGas]);
}

#[test]
fn storage_locks_a_deposit_and_frees_it() {
    let mut net = Net::new();
    let id = net.deploy(0, 2, 0, 200_000);
    let code = SLOT_BYTES + 2;
    let store = |bytes| Act::Store {
        key: b"k".to_vec(),
        bytes,
    };
    let delete = || Act::Delete { key: b"k".to_vec() };
    let credit = |value| Act::Credit {
        to: net_user(),
        value,
    };
    let steps = [
        (vec![store(10)], vec![], code + SLOT_BYTES + 10),
        (
            vec![store(80)],
            vec![FailureCode::Deposit],
            code + SLOT_BYTES + 10,
        ),
        (vec![store(60)], vec![], code + SLOT_BYTES + 60),
        (
            vec![credit(100_000)],
            vec![FailureCode::Balance],
            code + SLOT_BYTES + 60,
        ),
        (vec![delete(), credit(100_000)], vec![], code),
        (vec![store(1)], vec![FailureCode::Deposit], code),
        (vec![delete()], vec![], code),
    ];
    for (acts, failures, bytes) in steps {
        let tree = net.call(0, id, 0, &acts);
        assert_eq!(tree.failures(), failures, "{acts:?}");
        let account = net.account(&id);
        assert_eq!(account.locked(), deposit(bytes), "{acts:?}");
        assert!(account.balance >= account.locked());
    }
    assert_eq!(net.balance(&id), 100_000);
}

fn net_user() -> types::AccountId {
    Net::new().users[0].id
}

#[test]
fn keys_come_in_order_and_system_slots_are_not_among_them() {
    let mut net = Net::new();
    let id = net.deploy(0, 1, 0, 10 * FUND);
    net.upgrade(0, id, 2, false);
    let keys: [&[u8]; 6] = [b"b", b"a", b"ab", b"a\0", b"abc", &[255; 31]];
    let store = |key: &&[u8]| Act::Store {
        key: key.to_vec(),
        bytes: 1,
    };
    let stored: Vec<_> = keys.iter().map(store).collect();
    assert_eq!(net.call(0, id, 0, &stored).failures(), []);
    let walk = |prefix: &[u8]| Act::Walk {
        prefix: prefix.to_vec(),
    };
    // Written, removed and found in one run, on top of what is stored.
    let acts = [
        Act::Delete {
            key: b"ab".to_vec(),
        },
        store(&&b"aa"[..]),
        walk(b"a"),
    ];
    assert_eq!(
        net.call(0, id, 0, &acts).logged(b"key"),
        ["a", "a\0", "aa", "abc"]
    );
    assert_eq!(net.call(0, id, 0, &[walk(b"a\0")]).logged(b"key"), ["a\0"]);
    assert_eq!(net.call(0, id, 0, &[walk(b"")]).logged(b"key").len(), 6);
    for key in [&[][..], &[0; 32]] {
        let refused = net.call(0, id, 0, &[store(&key)]);
        assert_eq!(refused.failures(), [FailureCode::Rejected]);
    }
}

#[test]
fn a_view_answers_and_changes_nothing() {
    let mut net = Net::new();
    let id = net.deploy(0, 1, 0, FUND);
    net.call(
        0,
        id,
        0,
        &[Act::Store {
            key: b"k".to_vec(),
            bytes: 1,
        }],
    );
    let state = &net.states[&ChainId(1)];
    let ctx = &net.contexts[&ChainId(1)];
    let ask = |acts: &[Act], gas| view(state, &id, "run", &script(acts), ctx, gas);
    let told = ask(&[Act::Answer(5), Act::Walk { prefix: vec![] }], 1_000_000).unwrap();
    assert_eq!(told.answer, [9; 5]);
    assert_eq!(told.logs[1].data, b"k");
    assert!(told.gas >= 1_000);
    let to = net.users[0].id;
    let changes = [
        Act::Credit { to, value: 0 },
        Act::Delete { key: b"k".to_vec() },
        Act::Become { version: 1 },
    ];
    for act in changes {
        assert_eq!(
            ask(&[act], 1_000_000).unwrap_err().code,
            FailureCode::Rejected
        );
    }
    let poor = ask(&[Act::Work(1_000)], 1_500).unwrap_err();
    assert_eq!(poor.code, FailureCode::OutOfGas);
    let none = view(state, &to, "run", &[], ctx, 1_000).unwrap_err();
    assert_eq!(none.code, FailureCode::NoCode);
}

#[test]
fn receipts_say_how_code_failed() {
    let mut net = Net::new();
    let id = net.deploy(0, 1, 0, FUND);
    let notes = |tree: crate::net::Tree| tree.0.into_iter().find_map(|receipt| receipt.notes);
    let abort = notes(net.call(0, id, 0, &[Act::Abort])).unwrap();
    assert_eq!((abort.text.as_str(), abort.trap), ("no more", None));
    let trap = notes(net.call(0, id, 0, &[Act::Trap])).unwrap();
    assert_eq!((trap.text.as_str(), trap.trap), ("", Some(2)));
    let answer = notes(net.call(0, id, 0, &[Act::Answer(4)])).unwrap();
    assert_eq!(answer.answer, [9; 4]);
    let long = net.call(0, id, 0, &[Act::Answer(4_097)]);
    assert_eq!(long.failures(), [FailureCode::Rejected]);
}
