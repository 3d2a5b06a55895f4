use std::collections::BTreeMap;

use actors::{
    Account, Executed, Inputs, NoSystem, Parallelism, Registry, State, check, execute, view,
};
use crypto::ed25519;
use types::{
    ChainId, Deploy, ExternalCall, ExternalMessage, Gas, Input, MessageId, NetworkId, Receipt,
    RoutingTable, Status, Time,
};

use super::*;

/// Counts calls under the key "n"; each method's first letter says what else a call does.
const COUNTER: &str = r#"(module
  (import "thinkey" "storage_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (import "thinkey" "reply" (func $reply (param i32 i32)))
  (import "thinkey" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "thinkey" "abort" (func $abort (param i32 i32)))
  (import "thinkey" "method" (func $method (param i32 i32) (result i32)))
  (import "thinkey" "input" (func $input (param i32 i32 i32)))
  (import "thinkey" "input_length" (func $length (result i32)))
  (import "thinkey" "failure" (func $failure (result i32)))
  (import "thinkey" "send"
    (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "no more")
  (data (i32.const 32) "add")
  (data (i32.const 48) "reply")
  (data (i32.const 64) "bounce")
  (data (i32.const 80) "timeout")
  (func $load (drop (call $get (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))))
  (func $add
    (call $load)
    (i32.store (i32.const 256) (i32.add (i32.load (i32.const 256)) (i32.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))
    (call $reply (i32.const 256) (i32.const 4)))
  ;; Sends to the account in the input the method behind it.
  (func $ask (param $flags i32)
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (drop (call $send (i32.const 300) (i32.const 400) (i64.const 100000) (i64.const 0)
      (i32.const 332) (i32.sub (call $length) (i32.const 32)) (i32.const 0) (i32.const 0)
      (local.get $flags))))
  (func (export "thinkey_call") (local $m i32)
    (drop (call $method (i32.const 200) (i32.const 1)))
    (local.set $m (i32.load8_u (i32.const 200)))
    (call $add)
    (if (i32.eq (local.get $m) (i32.const 97)) (then return)) ;; a: add
    (if (i32.eq (local.get $m) (i32.const 113)) (then (call $ask (i32.const 1)) (return))) ;; q
    (if (i32.eq (local.get $m) (i32.const 119)) ;; w: with 10,000,000 gas for the handler
      (then (call $ask (i32.const 20001)) (return)))
    (if (i32.eq (local.get $m) (i32.const 108)) (then (loop $l (br $l)))) ;; l
    (if (i32.eq (local.get $m) (i32.const 120))
      (then (call $abort (i32.const 16) (i32.const 7)))) ;; x
    unreachable)
  (func (export "thinkey_view") (call $load) (call $reply (i32.const 256) (i32.const 4)))
  (func (export "thinkey_reply")
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (call $emit (i32.const 48) (i32.const 5) (i32.const 300) (call $length)))
  (func (export "thinkey_bounce")
    (i32.store (i32.const 300) (call $failure))
    (call $emit (i32.const 64) (i32.const 6) (i32.const 300) (i32.const 1))))"#;

const FUNDS: u128 = 1_000_000_000_000;

/// A chain with a user, and what blocks did.
struct Bench {
    ctx: Context,
    state: State,
    user: ed25519::PublicKey,
    receipts: BTreeMap<MessageId, Receipt>,
    /// Gas limit of messages.
    limit: u64,
}

impl Bench {
    fn new() -> Self {
        let user = ed25519::PublicKey([3; 32]);
        let account = Account::with_balance(Amount(FUNDS));
        let engine = Arc::new(WasmCode::default());
        let ctx = Context {
            network: NetworkId::default(),
            chain: ChainId::ROOT,
            height: 1,
            time: Time(1_000),
            epoch: 0,
            phase: types::Phase::Ordinary,
            root_height: 10,
            seed: None,
            routing: Arc::new(RoutingTable::even(0)),
            behaviours: Arc::new(Registry::default().with_engine(engine)),
            system: Arc::new(NoSystem),
            gas_limit: 200_000_000,
            min_gas_price: 1,
            quota: 16,
            rotation: AccountId::default(),
        };
        Self {
            ctx,
            state: State::genesis([(AccountId::of_key(&user), account)]).expect("fits"),
            user,
            receipts: BTreeMap::new(),
            limit: 5_000_000,
        }
    }

    /// Executes and checks a block with one message; everything ends in it.
    fn send(&mut self, to: AccountId, value: u128, input: Input) -> Vec<Receipt> {
        let from = AccountId::of_key(&self.user);
        let message = ExternalMessage {
            call: ExternalCall {
                from,
                to,
                nonce: self.state.nonce(&from),
                value: Amount(value),
                gas: Gas {
                    limit: self.limit,
                    price: 1,
                },
                expiry: 1_000,
                input,
            },
            key: self.user,
            signature: ed25519::Signature([0; 64]),
        };
        let id = message.id(self.ctx.network);
        let inputs = Inputs {
            externals: vec![(id, &message)],
            ..Inputs::default()
        };
        let made = execute(&self.state, &inputs, &self.ctx, Parallelism::One).expect("inputs");
        assert_eq!(made.refused, []);
        let again = check(
            &self.state,
            &inputs,
            &made.order,
            &self.ctx,
            Parallelism::Pool,
        );
        assert_eq!(again.expect("valid").receipts, made.receipts);
        assert!(made.state.conserves() && made.state.mailboxes().is_empty());
        self.state = made.state.clone();
        self.tree(id, &made)
    }

    fn tree(&mut self, top: MessageId, made: &Executed) -> Vec<Receipt> {
        let all = made.receipts.iter().cloned();
        self.receipts
            .extend(all.map(|receipt| (receipt.message, receipt)));
        let mut tree = Vec::new();
        let mut stack = vec![top];
        while let Some(id) = stack.pop() {
            let receipt = self.receipts[&id].clone();
            stack.extend(receipt.outputs.iter().rev());
            tree.push(receipt);
        }
        tree
    }

    fn deploy(&mut self, salt: u8) -> AccountId {
        let deploy = Deploy {
            salt: [salt; 32],
            code: wat::parse_str(COUNTER).expect("parses").into(),
            init: Vec::new(),
            owner: None,
        };
        let id = deploy.account(&AccountId::of_key(&self.user));
        let tree = self.send(id, 10_000_000, Input::Deploy(Box::new(deploy)));
        assert_eq!(failures(&tree), [], "{tree:?}");
        id
    }

    fn call(&mut self, to: AccountId, method: &str, data: Vec<u8>) -> Vec<Receipt> {
        let method = method.to_owned();
        self.send(to, 0, Input::Call { method, data })
    }

    fn count(&self, id: &AccountId) -> u32 {
        let answer = view(&self.state, id, "count", &[], &self.ctx, 1_000_000);
        let answer = answer.expect("a view").answer;
        u32::from_le_bytes(answer.try_into().expect("four bytes"))
    }
}

fn failures(tree: &[Receipt]) -> Vec<FailureCode> {
    let codes = tree.iter().filter_map(|receipt| match receipt.status {
        Status::Failed(code) => Some(code),
        Status::Done => None,
    });
    codes.collect()
}

fn logged(tree: &[Receipt]) -> Vec<(String, Vec<u8>)> {
    let notes = tree.iter().flat_map(|receipt| &receipt.notes);
    let logs = notes.flat_map(|notes| notes.logs.clone());
    logs.map(|log| (String::from_utf8_lossy(&log.topic).into(), log.data))
        .collect()
}

fn ask(to: AccountId, method: &str) -> Vec<u8> {
    [&to.as_bytes()[..], method.as_bytes()].concat()
}

#[test]
fn a_module_is_deployed_called_and_viewed() {
    let mut bench = Bench::new();
    let id = bench.deploy(1);
    for count in 1..4 {
        let tree = bench.call(id, "add", Vec::new());
        assert_eq!(failures(&tree), []);
        let answer = &tree[1].notes.as_ref().expect("an answer").answer;
        assert_eq!(*answer, u32::to_le_bytes(count));
        assert_eq!(bench.count(&id), count);
    }
}

#[test]
fn what_fails_changes_nothing_and_says_why() {
    let cases = [
        ("x", FailureCode::Rejected, 14, "no more"),
        ("u", FailureCode::Trap, 2, "unreachable code was reached"),
        ("loop", FailureCode::OutOfGas, 1, ""),
    ];
    let mut bench = Bench::new();
    let id = bench.deploy(1);
    for (method, code, trap, text) in cases {
        let tree = bench.call(id, method, Vec::new());
        assert_eq!(failures(&tree), [code], "{method}");
        let notes = tree[1].notes.as_ref().expect("notes");
        assert_eq!((notes.trap, notes.text.as_str()), (Some(trap), text));
        assert_eq!(bench.count(&id), 0);
    }
}

#[test]
fn a_reply_and_a_bounce_run_their_exports() {
    let mut bench = Bench::new();
    let [a, b] = [1, 2].map(|salt| bench.deploy(salt));
    let tree = bench.call(a, "q", ask(b, "add"));
    assert_eq!(
        (failures(&tree), logged(&tree)),
        (vec![], vec![("reply".into(), vec![1, 0, 0, 0])])
    );
    let tree = bench.call(a, "q", ask(b, "x"));
    let told = ("bounce".into(), vec![FailureCode::Rejected as u8]);
    assert_eq!(
        (failures(&tree), logged(&tree)),
        (vec![FailureCode::Rejected], vec![told])
    );
    assert_eq!((bench.count(&a), bench.count(&b)), (2, 1));
    let contract = bench.state.account(&a).and_then(|a| a.contract.clone());
    assert_eq!(contract.expect("code").reserved, Amount(0));
}

#[test]
fn code_says_how_much_gas_its_handler_needs() {
    let mut bench = Bench::new();
    let [a, b] = [1, 2].map(|salt| bench.deploy(salt));
    let tree = bench.call(a, "w", ask(b, "add"));
    assert_eq!(failures(&tree), [FailureCode::OutOfGas]);
    bench.limit = 20_000_000;
    let tree = bench.call(a, "w", ask(b, "add"));
    assert_eq!(failures(&tree), []);
    let price = 1;
    let work: u64 = tree.iter().map(|receipt| receipt.gas).sum();
    let burned = bench.state.lanes().ledger.burned.0 * price;
    assert!(
        u128::from(work) <= burned && burned < 20_000_000,
        "unused gas came back"
    );
}

#[test]
fn a_run_that_traps_after_an_output_keeps_to_its_gas() {
    let mut bench = Bench::new();
    let a = bench.deploy(1);
    // The input is too short for an id: the read traps after the count was stored.
    let tree = bench.call(a, "q", Vec::new());
    assert_eq!(failures(&tree), [FailureCode::Trap]);
    assert_eq!(bench.count(&a), 0);
}

#[test]
fn code_that_is_no_module_bounces() {
    let mut bench = Bench::new();
    let deploy = Deploy {
        salt: [0; 32],
        code: vec![0; 10].into(),
        init: Vec::new(),
        owner: None,
    };
    let id = deploy.account(&AccountId::of_key(&bench.user));
    let tree = bench.send(id, 5, Input::Deploy(Box::new(deploy)));
    assert_eq!(failures(&tree), [FailureCode::BadCode]);
    let notes = tree[1].notes.as_ref().expect("notes");
    assert!(!notes.text.is_empty());
}
