//! The oracle is only worth what it catches: forged histories, each with one lie.

mod terms;

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::Hash;
use types::{
    AccountId, Amount, ChainId, ExternalCall, Gas, Input, Receipt, RelayBody, RelayMessage, Status,
};

use super::*;
use crate::Options;
use crate::setup::Setup;

const ONE: ChainId = ChainId(1);
const TWO: ChainId = ChainId(2);

/// A payment of 500 from chain 1 to chain 2 as the observer sees it: sent, then taken.
struct History {
    setup: Setup,
    sent: Seen,
    taken: Seen,
}

fn history() -> History {
    let setup = Setup::new(&Options::seed(7));
    let (sent, message) = sent(&setup);
    let taken = taken(&setup, message);
    History { setup, sent, taken }
}

fn account(setup: &Setup, chain: ChainId) -> AccountId {
    let mut accounts = setup.secrets.accounts.iter();
    let found = accounts.find(|account| account.chain == chain);
    found.expect("each chain has funded accounts").id
}

fn first(setup: &Setup, chain: ChainId) -> Seen {
    let first = setup.network.first(chain).expect("a first block");
    Seen::first(&first.header, &first.state)
}

fn next(setup: &Setup, chain: ChainId) -> Seen {
    let mut seen = first(setup, chain);
    seen.height = 1;
    seen.header.height = 1;
    seen.header.parent = seen.hash;
    seen.hash = seen.header.hash();
    seen
}

fn uses_gas(seen: &mut Seen, gas: u64) {
    seen.header.gas = gas;
    seen.hash = seen.header.hash();
}

fn sent(setup: &Setup) -> (Seen, RelayMessage) {
    let mut seen = next(setup, ONE);
    uses_gas(&mut seen, 10_000);
    let (from, to) = (account(setup, ONE), account(setup, TWO));
    let gas = Gas {
        limit: 16_000,
        price: 2,
    };
    let call = ExternalCall {
        from,
        to,
        nonce: 0,
        value: Amount(500),
        gas,
        expiry: 100,
        input: Input::Transfer,
    };
    let id = call.id(setup.network.id());
    let message = RelayMessage {
        trace: id,
        parent: id,
        output: 0,
        depth: 1,
        from,
        to,
        payer: from,
        value: Amount(500),
        gas: Gas { limit: 0, price: 2 },
        deadline: 100,
        body: RelayBody::Credit,
    };
    seen.externals.insert(id, call);
    seen.receipts.push(Receipt {
        message: id,
        status: Status::Done,
        gas: 10_000,
        outputs: vec![message.id()],
        notes: None,
    });
    seen.produced.push(message.clone());
    seen.exported.push((TWO, message.clone()));
    let holding = seen.holdings.get_mut(&from).expect("a funded account");
    holding.spendable -= 32_500;
    holding.nonce = 1;
    let ledger = &mut seen.lanes.ledger;
    (ledger.held.0, ledger.burned.0) = (ledger.held.0 - 32_500, 32_000);
    seen.lanes.lane_mut(TWO).value_out = Amount(500);
    (seen, message)
}

fn taken(setup: &Setup, message: RelayMessage) -> Seen {
    let mut seen = next(setup, TWO);
    uses_gas(&mut seen, 3_000);
    let holding = seen
        .holdings
        .get_mut(&message.to)
        .expect("a funded account");
    holding.spendable += 500;
    seen.lanes.ledger.held.0 += 500;
    seen.lanes.lane_mut(ONE).value_in = Amount(500);
    seen.header.root_ref.height = 1;
    seen.receipts.push(Receipt {
        message: message.id(),
        status: Status::Done,
        gas: 3_000,
        outputs: Vec::new(),
        notes: None,
    });
    seen.imported.push(message);
    seen
}

/// The root's block that records the sending block.
fn recorded(setup: &Setup, sent: &Seen) -> Seen {
    let mut seen = next(setup, ChainId::ROOT);
    seen.records.push(types::AnchorRecord {
        epoch: 0,
        closing: false,
        tip: types::Tip {
            chain: ONE,
            height: sent.height,
            hash: sent.hash,
            history_root: sent.header.history_root,
        },
        root_ref: 0,
        outbox_root: sent.header.outbox_root,
        state_root: sent.header.state_root,
        lanes: sent.lanes.clone(),
        recorded: 1,
    });
    seen
}

/// Which invariants a history breaks; `lie` changes it first.
fn broken(lie: impl FnOnce(&mut History)) -> BTreeSet<&'static str> {
    let mut history = history();
    let root = recorded(&history.setup, &history.sent);
    lie(&mut history);
    judge(&history.setup, [history.sent, root, history.taken])
}

fn judge(setup: &Setup, blocks: impl IntoIterator<Item = Seen>) -> BTreeSet<&'static str> {
    let mut oracle = Oracle::new(setup, BTreeSet::new());
    for seen in blocks {
        oracle.see(&Arc::new(seen));
    }
    oracle.end(true);
    oracle.bad.listed.iter().map(|bad| bad.invariant).collect()
}

#[test]
fn the_true_history_breaks_nothing() {
    assert_eq!(broken(|_| {}), BTreeSet::new());
}

#[test]
fn a_lost_credit_is_seen() {
    let lost = broken(|history| {
        let to = history.taken.imported[0].to;
        let holding = history.taken.holdings.get_mut(&to).unwrap();
        holding.spendable -= 500;
        history.taken.lanes.ledger.held.0 -= 500;
    });
    assert!(lost.contains("I2") && lost.contains("I3"), "{lost:?}");
}

#[test]
fn a_credit_that_was_not_executed_is_not_lost_but_must_be_held() {
    let held = broken(|history| history.taken.receipts.clear());
    assert!(held.contains("I2"), "{held:?}");
}

#[test]
fn a_double_import_is_seen() {
    let twice = broken(|history| {
        let again = history.taken.imported[0].clone();
        history.taken.imported.push(again);
    });
    assert!(twice.contains("I4"), "{twice:?}");
}

#[test]
fn a_second_receipt_is_seen() {
    let twice = broken(|history| {
        let again = history.taken.receipts[0].clone();
        history.taken.receipts.push(again);
    });
    assert!(twice.contains("I4"), "{twice:?}");
}

#[test]
fn value_from_nowhere_is_seen() {
    let minted = broken(|history| history.taken.imported[0].value.0 += 1);
    assert!(minted.contains("I5"), "{minted:?}");
}

#[test]
fn a_message_that_never_left_is_seen() {
    let invented = broken(|history| {
        history.sent.exported.clear();
        history.sent.produced.clear();
    });
    assert!(invented.contains("I5"), "{invented:?}");
}

#[test]
fn an_import_before_its_anchor_is_seen() {
    let early = broken(|history| history.taken.header.root_ref.height = 0);
    assert!(early.contains("I5"), "{early:?}");
}

#[test]
fn a_bounce_without_failure_is_seen() {
    let both = broken(|history| {
        let done = &mut history.taken.receipts[0];
        done.status = Status::Failed(types::FailureCode::NoCode);
    });
    assert!(both.contains("I4") && both.contains("I2"), "{both:?}");
}

#[test]
fn a_used_nonce_is_seen() {
    let reused = broken(|history| {
        let mut call = history.sent.externals.values().next().unwrap().clone();
        call.value = Amount(1);
        let id = call.id(history.setup.network.id());
        history.sent.externals.insert(id, call);
    });
    assert!(reused.contains("I4"), "{reused:?}");
}

#[test]
fn a_record_of_another_block_is_seen() {
    let mut history = history();
    let root = recorded(&history.setup, &history.sent);
    history.sent.hash.0 = Hash::from([1; 32]);
    let forged = judge(&history.setup, [history.sent, root, history.taken]);
    assert!(forged.contains("I6"), "{forged:?}");
}

#[test]
fn a_record_that_goes_back_is_seen() {
    let history = history();
    let root = recorded(&history.setup, &history.sent);
    let mut later = root.clone();
    (later.height, later.header.height) = (2, 2);
    let back = judge(&history.setup, [history.sent, root, later, history.taken]);
    assert!(back.contains("I6"), "{back:?}");
}

#[test]
fn two_blocks_at_a_height_and_a_reverted_one_are_seen() {
    let history = history();
    let mut oracle = Oracle::new(&history.setup, BTreeSet::new());
    let mut bad = Violations::default();
    let header = &history.sent.header;
    oracle
        .agreement
        .report(4, header, &history.sent.hash, &mut bad);
    oracle.durability.report(4, ONE, 1, &history.sent.hash);
    assert_eq!(bad.count, 0);
    let mut other = header.clone();
    other.gas += 1;
    oracle.agreement.report(5, &other, &other.hash(), &mut bad);
    assert_eq!(bad.listed[0].invariant, "I1");
    let genesis = (0, header.parent);
    oracle
        .durability
        .restarted(4, ONE, genesis, &oracle.agreement, &mut bad);
    assert_eq!(bad.listed[1].invariant, "I8");
}

#[test]
fn an_early_block_that_does_not_become_final_is_seen() {
    let history = history();
    let header = &history.sent.header;
    let mut other = header.clone();
    other.gas += 1;
    // Seats of four, liars among them, violations: three seats hold if none lies, four if one does.
    let table = [
        ((3, 4, 0), 1),
        ((3, 4, 1), 0),
        ((4, 4, 1), 1),
        ((4, 4, 2), 0),
        ((2, 4, 0), 1),
    ];
    for (counts, violations) in table {
        for early_first in [true, false] {
            let mut oracle = Oracle::new(&history.setup, BTreeSet::new());
            let mut bad = Violations::default();
            let settled = |oracle: &mut Oracle, bad: &mut Violations| {
                let hash = header.hash();
                oracle.agreement.report(5, header, &hash, bad);
            };
            if early_first {
                oracle.agreement.early(4, &other, counts, &mut bad);
                settled(&mut oracle, &mut bad);
            } else {
                settled(&mut oracle, &mut bad);
                oracle.agreement.early(4, &other, counts, &mut bad);
            }
            assert_eq!(bad.count, violations, "{counts:?}: {:?}", bad.listed);
        }
    }
}

#[test]
fn an_honest_node_that_votes_twice_is_seen() {
    use consensus::Message;
    use types::{BlockHash, Vote, VoteKind};
    let history = history();
    let mut oracle = Oracle::new(&history.setup, BTreeSet::new());
    let mut bad = Violations::default();
    let vote = |kind, value: Option<u8>| crate::wire::Wire::Consensus {
        chain: ONE,
        from: history.setup.nodes[4].node,
        message: Message::Vote(Vote {
            chain: ONE,
            epoch: 0,
            round: 3,
            kind,
            value: value.map(|byte| BlockHash(Hash::from([byte; 32]))),
            member: 0,
            signature: consensus::unsigned(),
        }),
    };
    let mut say = |kind, value| {
        oracle.honesty.sent(4, &vote(kind, value), &mut bad);
        bad.count
    };
    assert_eq!(say(VoteKind::Prepare, Some(1)), 0);
    assert_eq!(say(VoteKind::Skip, Some(1)), 0, "declares what it prepared");
    assert_eq!(say(VoteKind::Confirm, Some(1)), 1, "skipped before");
}
