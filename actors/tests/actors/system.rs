//! Anchors and storage of system accounts; accounts as stored bytes.

use std::sync::Arc;

use actors::{
    Account, Context, Contract, Edit, Filings, NoSystem, Recorded, State, System, SystemError,
};
use store::Value;
use types::{AccountId, Amount, ChainId};

use crate::common::{block, context, inputs, state, transfer, user};

/// Counts blocks in the root's first system account.
struct Counter;

fn counter() -> AccountId {
    AccountId::system(ChainId(1), 0)
}

impl System for Counter {
    fn record(
        &self,
        edit: &mut Edit<'_>,
        _: Filings<'_>,
        _: &Context,
    ) -> Result<Recorded, SystemError> {
        let count = edit.get(&counter(), &[0; 32]).map_or(0, |bytes| bytes[0]);
        edit.put(counter(), [0; 32], Some(vec![count + 1]));
        assert_eq!(edit.get(&counter(), &[0; 32]), Some(&[count + 1][..]));
        Ok(Recorded::default())
    }
}

#[test]
fn what_the_system_writes_is_in_the_state_before_messages_run() {
    let ctx = Context {
        system: Arc::new(Counter),
        ..context(1, 1)
    };
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let mut now = state(&[(a.id, 10)]);
    for round in 0..3 {
        let sent = [transfer(&a, round, b.id, 1)];
        now = block(&now, &inputs(&sent, &[]), &ctx).state;
    }
    assert_eq!(now.slot(&counter(), &[0; 32]), Some(&[3][..]));
    assert_eq!(now.balance(&b.id), Amount(3));
}

#[test]
fn a_chain_without_anchors_stays_as_it_is() {
    let before = state(&[]);
    let mut edit = Edit::new(&before);
    let records = NoSystem.record(&mut edit, Filings::default(), &context(1, 1));
    assert_eq!(records.unwrap(), Recorded::default());
    assert_eq!(edit.finish().root(), before.root());
}

/// A state full of everything, by way of its bytes.
#[test]
fn accounts_survive_their_encoding() {
    let ctx = context(1, 2);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let away = user(&ctx.routing, 2, 2);
    let mut ctx = ctx;
    ctx.gas_limit = 30_000;
    ctx.system = Arc::new(Counter);
    let sent = [
        transfer(&a, 0, b.id, 1),
        transfer(&a, 1, away.id, 2),
        transfer(&a, 2, b.id, 3),
    ];
    let after = block(&state(&[(a.id, 10)]), &inputs(&sent, &[]), &ctx).state;
    assert!(!after.mailboxes().is_empty());
    let accounts = after.accounts().iter().map(|(key, account)| {
        let bytes = borsh::to_vec(account).unwrap();
        let copy: Account = borsh::from_slice(&bytes).unwrap();
        assert_eq!(copy.commitment(), account.commitment());
        assert_eq!(copy.carried(), account.carried());
        (*key, copy)
    });
    let copy = State::restored(accounts.collect(), after.lanes().clone());
    assert_eq!(copy.root(), after.root());
    assert_eq!(copy.mailboxes(), after.mailboxes());
    assert_eq!(copy.outboxes(), after.outboxes());
    assert!(copy.conserves());
}

#[test]
fn every_field_of_an_account_is_committed() {
    let ctx = context(1, 1);
    let plain = Account::with_balance(Amount(1));
    let mut commitments = vec![plain.commitment()];
    let mut changed = |change: &dyn Fn(&mut Account)| {
        let mut account = plain.clone();
        change(&mut account);
        commitments.push(account.commitment());
    };
    changed(&|account| account.balance = Amount(2));
    changed(&|account| account.claimable = Amount(1));
    changed(&|account| account.nonce = 1);
    changed(&|account| account.key = Some(user(&ctx.routing, 1, 0).key));
    let contract = Contract::new(crypto::Hash::ZERO, None);
    let with = |contract: &Contract| Some(Box::new(contract.clone()));
    changed(&|account| account.contract = with(&contract));
    let owned = Contract::new(crypto::Hash::ZERO, Some(AccountId::default()));
    changed(&|account| account.contract = with(&owned));
    changed(&|account| {
        account.storage = account
            .storage
            .insert([0; 32], actors::Slot([1][..].into()));
    });
    let waiting = |place: u8, number| {
        let message = crate::common::relay(
            crate::common::named(1),
            crate::common::named(2),
            number,
            types::RelayBody::Credit,
        );
        borsh::to_vec(&(1_u64, place, message)).unwrap()
    };
    let mailbox = |place, number| borsh::from_slice(&waiting(place, number)).unwrap();
    changed(&|account| account.mailbox = mailbox(0, 0));
    changed(&|account| account.mailbox = mailbox(0, 1));
    changed(&|account| account.mailbox = mailbox(1, 0));
    let outbox = |to: u32, place, number| {
        let bytes = [borsh::to_vec(&(1_u32, to)).unwrap(), waiting(place, number)].concat();
        borsh::from_slice(&bytes).unwrap()
    };
    changed(&|account| account.outbox = outbox(1, 0, 0));
    changed(&|account| account.outbox = outbox(2, 0, 0));
    changed(&|account| account.outbox = outbox(1, 9, 0));
    changed(&|account| account.outbox = outbox(1, 0, 1));
    let all = commitments.len();
    commitments.sort_unstable();
    commitments.dedup();
    assert_eq!(commitments.len(), all);
}
