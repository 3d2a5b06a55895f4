use crypto::Hash;
use types::{AccountId, Address, Amount, ChainId, FailureCode, Log, MessageId};

use super::*;
use crate::rpc::view::{Level, MessageKind, NodeStatus, U64, Word};

const NETWORK: &str = "devnet";

fn address(byte: u8) -> Address {
    Address::new(NETWORK, AccountId(Hash::new([byte; 32])))
}

fn token() -> Abi {
    let built = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../vm/contracts/built/token.wasm"
    );
    Abi::of_module(&std::fs::read(built).unwrap())
        .unwrap()
        .unwrap()
}

fn run(entry: RunEntry, method: &str, input: &[u8]) -> RunView {
    RunView {
        entry,
        method: method.to_owned(),
        handler: None,
        failure: (entry == RunEntry::Timeout).then_some(FailureCode::Deadline),
        input: hex::encode(input),
        args: None,
        answer: String::new(),
        returned: None,
        logs: Vec::new(),
        trap: None,
        cut: false,
    }
}

fn node(run: RunView, children: Vec<TraceNode>) -> TraceNode {
    TraceNode {
        id: MessageId(Hash::ZERO),
        from: address(1).into(),
        to: address(2).into(),
        chain: ChainId(1),
        kind: MessageKind::Call,
        value: Amount::ZERO,
        status: NodeStatus::Done,
        level: Level::RootFinal,
        early: None,
        height: Some(U64(1)),
        gas: U64(5),
        gas_limit: Some(U64(9)),
        run: Some(run),
        said: None,
        children,
    }
}

fn explained(root: TraceNode) -> TraceNode {
    let mut trace = Trace {
        id: root.id,
        word: Word::Settled,
        level: Level::Settled,
        latency_ms: Default::default(),
        root,
    };
    explain(&mut trace, NETWORK, &|account| {
        (*account == address(2).account).then(token)
    });
    trace.root
}

#[test]
fn a_call_and_its_time_out_get_names_and_values() {
    let to = address(7);
    let input = borsh::to_vec(&(address(3).account, to.account, 250_u128)).unwrap();
    let mut call = run(RunEntry::Message, "transfer_to", &input);
    let data = borsh::to_vec(&(to.account, 250_u128)).unwrap();
    let logs = [
        "paid(AccountId,u128)",
        "paid",
        "paid(u128)",
        "paid(nonsense",
    ];
    let log = |topic: &&str| Log {
        topic: topic.as_bytes().to_vec(),
        data: data.clone(),
    };
    call.logs = logs.iter().map(log).map(Into::into).collect();
    let late = node(run(RunEntry::Timeout, "credit", &[]), Vec::new());
    let root = explained(node(call, vec![late]));
    let call = root.run.unwrap();
    let args = json!({ "ledger": address(3).to_string(), "to": to.to_string(), "amount": "250" });
    assert_eq!(
        (call.args, call.handler, call.returned),
        (Some(args), None, None)
    );
    let values: Vec<_> = call.logs.iter().map(|log| log.values.clone()).collect();
    let told = json!([to.to_string(), "250"]);
    assert_eq!(
        values,
        [Some(told), None, None, None],
        "only what fits is told"
    );
    let late = root.children[0].run.as_ref().unwrap();
    assert_eq!(late.handler.as_deref(), Some("not_credited"));
}

#[test]
fn what_nothing_describes_stays_as_it_is() {
    let cases = [
        run(RunEntry::Message, "transfer_to", &[1]),
        run(RunEntry::Message, "unknown", &[]),
        run(RunEntry::Reply, "unknown", &[]),
    ];
    for case in cases {
        let before = node(case, Vec::new());
        assert_eq!(explained(before.clone()), before);
    }
    let mut other = node(run(RunEntry::Message, "transfer_to", &[]), Vec::new());
    other.to = address(9).into();
    assert_eq!(
        explained(other.clone()),
        other,
        "an account without description"
    );
}

#[test]
fn a_call_that_answers_nothing_shows_no_answer() {
    let mut asked = run(RunEntry::Message, "transfer", &[0; 48]);
    asked.answer = String::new();
    let shown = explained(node(asked, Vec::new())).run.unwrap();
    assert_eq!(shown.returned, None, "it answers nothing");
    assert_eq!(shown.args.unwrap()["amount"], "0");
}
