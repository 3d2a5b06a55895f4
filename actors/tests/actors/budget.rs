//! [G7] Every tree of messages ends: gas and depth are its bounds.

use std::sync::Arc;

use actors::{Behaviour, Context, Own, Refusal, Registry, Send, State, gas};
use types::{
    AccountId, Amount, ChainId, FailureCode, Gas, RelayBody, RelayMessage, Status, limits,
};

use crate::common::{
    block, call, context, incoming, inputs, named, relay, state, transfer, user, with,
};
use crate::net::{self, Net};
use crate::puppet::Act;

/// Sends `width` calls to `other`, sharing all gas between them.
struct Echo {
    other: AccountId,
    width: u64,
    /// Gas used besides.
    work: u64,
}

impl Behaviour for Echo {
    fn handle(&self, own: &mut Own<'_>, _: &RelayMessage, _: &Context) -> Result<(), FailureCode> {
        own.charge(self.work)?;
        let share = own.gas_left() / self.width;
        for _ in 0..self.width {
            own.send(Send::Call {
                to: self.other,
                value: Amount::ZERO,
                gas: share.saturating_sub(gas::OUTPUT + gas::RETURN + gas::bytes(4)),
                method: "ping".into(),
                data: Vec::new(),
            })?;
        }
        Ok(())
    }
}

fn echo(a: AccountId, b: AccountId, width: u64, work: u64) -> Context {
    let to = |other| Arc::new(Echo { other, width, work });
    let registry = Registry::default().with(a, to(b)).with(b, to(a));
    with(&context(1, 1), registry)
}

/// The state after blocks in which nothing more happens, and the receipts on the way.
fn drain(ctx: &Context, limit: u64) -> (State, Vec<types::Receipt>) {
    let sender = user(&ctx.routing, 1, 0);
    let gas = Gas { limit, price: 1 };
    let first = [call(&sender, 0, named(0x20), 0, gas, &[])];
    let before = state(&[(sender.id, limit.into())]);
    let mut executed = block(&before, &inputs(&first, &[]), ctx);
    let mut receipts = executed.receipts.clone();
    while !executed.state.mailboxes().is_empty() {
        executed = block(&executed.state, &inputs(&[], &[]), ctx);
        receipts.extend(executed.receipts.iter().cloned());
    }
    let ledger = executed.state.lanes().ledger;
    assert_eq!(ledger.held.0 + ledger.burned.0, u128::from(limit));
    (executed.state, receipts)
}

#[test]
fn ping_pong_dies_at_its_budget() {
    let ctx = echo(named(0x20), named(0x30), 1, 100_000);
    let (_, receipts) = drain(&ctx, 2_000_000);
    let calls = receipts
        .iter()
        .filter(|receipt| receipt.status == Status::Done);
    assert!(
        (10..80).contains(&calls.count()),
        "about 2,000,000 / 113,000 turns, and returns"
    );
    let last = receipts
        .iter()
        .find(|receipt| matches!(receipt.status, Status::Failed(_)));
    assert_eq!(last.unwrap().status, Status::Failed(FailureCode::OutOfGas));
}

#[test]
fn ping_pong_with_plenty_of_gas_dies_at_its_depth() {
    let ctx = echo(named(0x20), named(0x30), 1, 0);
    let (state, receipts) = drain(&ctx, 400_000_000);
    let payer = user(&ctx.routing, 1, 0).id;
    let depth = receipts.iter().find_map(|receipt| match receipt.status {
        Status::Failed(code) => Some(code),
        Status::Done => None,
    });
    assert_eq!(depth, Some(FailureCode::Depth));
    // The external, each level, and a return for each: a bounce and a refund at the end, refunds
    // before.
    assert!(receipts.len() <= 2 * usize::from(limits::DEPTH) + 3);
    let code = [0x20, 0x30].map(|id| state.balance(&named(id)).0);
    assert_eq!(code, [0, 0], "what they gave one another was not theirs");
    assert!(state.balance(&payer).0 > 300_000_000);
}

#[test]
fn a_fan_of_64_dies_at_its_budget() {
    let ctx = echo(named(0x20), named(0x30), 64, 0);
    let limit = 400_000_000;
    let (_, receipts) = drain(&ctx, limit);
    // 1, 64 and 4,096 calls; one level more would be 262,144.
    assert!(receipts.len() > 64 * 64);
    assert!((receipts.len() as u64) < limit / gas::RETURN);
    let used: u64 = receipts.iter().map(|receipt| receipt.gas).sum();
    assert!(used <= limit);
}

#[test]
fn what_gas_forbids_stays_in_mailboxes_and_comes_first() {
    let mut ctx = context(1, 1);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let sent: Vec<_> = (0..6)
        .map(|nonce| transfer(&a, nonce, b.id, 1 << nonce))
        .collect();
    let before = state(&[(a.id, 100)]);
    ctx.gas_limit = 6 * gas::EXTERNAL + 2 * gas::CREDIT + 1;
    let first = block(&before, &inputs(&sent, &[]), &ctx);
    assert_eq!(first.externals.len(), 6);
    assert_eq!(first.state.account(&b.id).unwrap().mailbox.len(), 4);
    assert_eq!(first.state.balance(&b.id), Amount(0b11));
    assert_eq!(first.state.mailboxes().iter().collect::<Vec<_>>(), [b.id]);

    ctx.gas_limit = 4 * gas::CREDIT;
    let more = [transfer(&a, 6, b.id, 1)];
    let second = block(&first.state, &inputs(&more, &[]), &ctx);
    assert_eq!(second.refused, [(0, Refusal::BlockFull)]);
    assert_eq!(second.state.balance(&b.id), Amount(0b11_1111));
    assert!(second.state.mailboxes().is_empty());
}

/// What waits counts as well for an account to which the block brings more.
#[test]
fn a_full_mailbox_that_gets_more_takes_no_more_than_the_block_has() {
    let mut ctx = context(1, 2);
    let credit = |number| relay(named(0xf0), named(0x60), number, RelayBody::Credit);
    let many = [incoming(2, 0, 1, (0..20).map(credit).collect())];
    ctx.gas_limit = 3 * gas::CREDIT;
    let first = block(&state(&[]), &inputs(&[], &many), &ctx).state;
    let more = [incoming(2, 20, 1, vec![credit(20)])];
    ctx.gas_limit = 10 * gas::CREDIT;
    let second = block(&first, &inputs(&[], &more), &ctx);
    assert_eq!(second.gas, ctx.gas_limit);
    assert_eq!(second.receipts.len(), 10);
}

/// Whether a message waited or comes with the block, its account's turn counts.
#[test]
fn mail_and_what_comes_share_the_order_of_turns() {
    let mut ctx = context(1, 2);
    let credit = |to, number| relay(named(0xf0), named(to), number, RelayBody::Credit);
    let before = [incoming(2, 0, 1, vec![credit(0x60, 0), credit(0x62, 1)])];
    ctx.gas_limit = 0;
    let waiting = block(&state(&[]), &inputs(&[], &before), &ctx).state;
    let comes = [incoming(2, 2, 1, vec![credit(0x61, 2), credit(0x63, 3)])];
    ctx.gas_limit = 3 * gas::CREDIT;
    let executed = block(&waiting, &inputs(&[], &comes), &ctx);
    let orders = executed.order.accounts.iter();
    let took: Vec<_> = orders.map(|order| order.account).collect();
    assert_eq!(took, [0x60, 0x61, 0x62].map(named));
}

/// Two users each send more than fits; whose turn comes first is the rotation's word.
#[test]
fn rotation_says_who_comes_first_and_quota_how_much() {
    let mut ctx = context(1, 2);
    let mut users = [0, 1].map(|n| user(&ctx.routing, 1, n));
    users.sort_by_key(|user| user.id);
    let sent = users
        .iter()
        .flat_map(|from| (0..4).map(|nonce| transfer(from, nonce, named(0xf0), 1)));
    let sent: Vec<_> = sent.collect();
    let before = state(&users.map(|user| (user.id, 10)));
    ctx.gas_limit = 4 * gas::EXTERNAL;
    let counts = |ctx: &Context| {
        let after = block(&before, &inputs(&sent, &[]), ctx).state;
        users.map(|user| after.nonce(&user.id))
    };
    assert_eq!(counts(&ctx), [4, 0]);
    ctx.rotation = users[1].id;
    assert_eq!(counts(&ctx), [0, 4]);
    ctx.quota = 1;
    assert_eq!(counts(&ctx), [2, 2]);
    ctx.quota = 3;
    assert_eq!(counts(&ctx), [1, 3]);
}

/// As many externals as fill any block do not keep out what came from another chain.
#[test]
fn relay_messages_get_half_of_the_gas() {
    let mut ctx = context(1, 2);
    let users: Vec<_> = (0..20).map(|n| user(&ctx.routing, 1, n)).collect();
    let sent: Vec<_> = users
        .iter()
        .map(|from| transfer(from, 0, from.id, 0))
        .collect();
    let arriving = (0..20).map(|number| {
        // The highest accounts, whose turn comes last.
        relay(
            named(0xf0),
            named(0x60 + number as u8),
            number,
            RelayBody::Credit,
        )
    });
    let imports = [incoming(2, 0, 1, arriving.collect())];
    ctx.gas_limit = 60_000;
    let executed = block(&state(&[]), &inputs(&sent, &imports), &ctx);
    let credits = executed
        .receipts
        .iter()
        .filter(|receipt| receipt.gas == gas::CREDIT);
    assert_eq!(credits.count() as u64, 30_000 / gas::CREDIT);
    assert_eq!(executed.externals.len() as u64, 30_000 / gas::EXTERNAL);
}

/// Nothing may be sent over a lane from an account that no chain has: no chain would import it, and
/// the lane would stand still for ever.
#[test]
fn an_account_of_no_chain_refunds_nothing_to_another_chain() {
    let (mut net, fund) = (Net::new(), 100_000_000);
    let code = net.deploy(0, 2, 0, fund);
    let before = net.balance(&net.users[0].id);
    let call = Act::Call {
        to: AccountId::system(ChainId(99), 0),
        value: 5,
        gas: 400_000,
        acts: vec![],
        then: None,
        deadline: None,
    };
    let tree = net.call(0, code, 0, &[call]);
    assert_eq!(tree.failures(), [FailureCode::NoSuchAccount]);
    assert_eq!(
        net.balance(&code),
        fund,
        "the code has its value and no gas of others"
    );
    let spent = before - net.balance(&net.users[0].id);
    assert!(
        spent >= 400_000 * u128::from(net::GAS.price),
        "what could not come back is burned"
    );
    let credit = Act::Credit {
        to: net.users[0].id,
        value: 7,
    };
    let held = net.balance(&net.users[0].id);
    net.call(1, code, 0, &[credit]);
    assert_eq!(net.balance(&net.users[0].id), held + 7, "the lane goes on");
}
