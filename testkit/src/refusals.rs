//! Receivers that fail when a test wants them to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use actors::{Behaviour, Code, CodeEngine, Context, Entry, Fault, Own};
use assembly::code::WasmCode;
use types::{AccountId, FailureCode, MessageId, RelayMessage};

/// What the receipt of a refused message says.
const TEXT: &str = "refused by the test";

/// Which messages are to fail; shared with what runs code.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<BTreeMap<AccountId, Plan>>>);

/// The calls of one account, counted since it first had a plan.
///
/// A message keeps its number, so that a block that is checked after it was made, or a step that
/// is run again, ends the same way.
#[derive(Default)]
struct Plan {
    numbers: BTreeMap<MessageId, u64>,
    fails: BTreeMap<u64, FailureCode>,
}

impl Refusals {
    /// Lets the account's `nth` call from now on fail, the next one being 1.
    pub(crate) fn plan(&self, account: AccountId, nth: u64, code: FailureCode) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = plans.entry(account).or_default();
        let before = plan.numbers.len() as u64;
        plan.fails.insert(before + nth.max(1), code);
    }

    fn judge(&self, account: AccountId, message: MessageId) -> Result<(), Fault> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(plan) = plans.get_mut(&account) else {
            return Ok(());
        };
        let next = plan.numbers.len() as u64 + 1;
        let number = *plan.numbers.entry(message).or_insert(next);
        match plan.fails.get(&number) {
            None => Ok(()),
            Some(code) => Err(Fault {
                code: *code,
                trap: None,
                text: TEXT.to_owned(),
            }),
        }
    }
}

/// The Wasm engine behind the refusals.
pub(crate) struct Engine {
    pub(crate) wasm: WasmCode,
    pub(crate) refusals: Refusals,
}

impl CodeEngine for Engine {
    fn check(&self, code: &Code) -> Result<(), Fault> {
        self.wasm.check(code)
    }

    fn run(
        &self,
        code: &Code,
        entry: Entry<'_>,
        own: &mut Own<'_>,
        ctx: &Context,
    ) -> Result<(), Fault> {
        if matches!(entry, Entry::Call { .. } | Entry::Init { .. }) {
            self.refusals.judge(own.id(), own.facts().id)?;
        }
        self.wasm.run(code, entry, own, ctx)
    }
}

/// Native code behind the refusals.
pub(crate) struct Native<B> {
    pub(crate) behaviour: B,
    pub(crate) refusals: Refusals,
}

impl<B: Behaviour> Behaviour for Native<B> {
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), FailureCode> {
        self.behaviour.handle(own, message, ctx)
    }

    fn handle_or_say(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), Fault> {
        self.refusals.judge(own.id(), own.facts().id)?;
        self.behaviour.handle_or_say(own, message, ctx)
    }
}
