//! Wasm code as the code of accounts: where the account model meets the virtual machine.
//!
//! ```text
//!  actors::Entry ──▶ vm::Entry      Own ──▶ Host      Outcome ──▶ what Own charged, Fault
//! ```
//!
//! The engine meters work on its own; what it counted is charged to [`Own`] before every output,
//! search and event, and at the end, so that both always agree on what is left.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use actors::{Code, CodeEngine, Context, Entry, Fault, Own, Send, Terms, Wish};
use crypto::Hash;
use types::{AccountId, Amount, FailureCode, MessageId};
use vm::abi::HANDLER_GAS;
use vm::{
    Bounds, Creation, Facts, GasSchedule, Host, Interpreter, Invalid, Outcome, Output, Refusal,
    Sent, StorageKey, Trap, Vm,
};

/// Bytes that code kept ready to run may take on one chain of a node, by their own count; the
/// example `many_modules` of the virtual machine compares that with what a process grows by.
pub const CACHE_BYTES: usize = 256 * 1024 * 1024;

/// The engine for Wasm.
#[derive(Debug)]
pub struct WasmCode {
    vm: Vm<Interpreter>,
}

impl Default for WasmCode {
    fn default() -> Self {
        Self::new(CACHE_BYTES)
    }
}

impl WasmCode {
    /// An engine that keeps so many bytes of code ready to run.
    pub const fn new(cache: usize) -> Self {
        Self {
            vm: Vm::new(Interpreter, GasSchedule::V1, Bounds::of(cache)),
        }
    }

    /// Whether there is nothing to run: answers that the code does not export a handler for, and
    /// a first run without input.
    fn is_idle(&self, code: &Code, entry: vm::Entry, input: &[u8]) -> Result<bool, Fault> {
        let optional = match entry {
            vm::Entry::Init => input.is_empty(),
            vm::Entry::Reply | vm::Entry::Bounce | vm::Entry::Timeout => true,
            vm::Entry::Call | vm::Entry::View => false,
        };
        if !optional {
            return Ok(false);
        }
        let has = self.vm.has(&code.hash, &code.bytes, entry);
        Ok(!has.map_err(invalid)?)
    }
}

impl CodeEngine for WasmCode {
    fn check(&self, code: &Code) -> Result<(), Fault> {
        self.vm.deploy(&code.hash, &code.bytes).map_err(invalid)
    }

    fn run(
        &self,
        code: &Code,
        entry: Entry<'_>,
        own: &mut Own<'_>,
        ctx: &Context,
    ) -> Result<(), Fault> {
        let asked = Asked::of(&entry, own, ctx);
        if self.is_idle(code, asked.entry, asked.input)? {
            return Ok(());
        }
        let gas = own.gas_left();
        let mut desk = Desk {
            seed: ctx.seed.map(|(_, seed)| *seed.as_bytes()),
            root_height: ctx.root_height,
            asked,
            own,
            seen: gas,
            given: 0,
        };
        let entry = desk.asked.entry;
        let ran = self.vm.run(&code.hash, &code.bytes, entry, &mut desk, gas);
        let Outcome {
            gas_used, result, ..
        } = ran.map_err(invalid)?;
        // After a trap outputs are void, and what they took was not used.
        let settled = desk.settle(gas.saturating_sub(gas_used).saturating_sub(desk.given));
        let answer = result.map_err(|trap| desk.asked.failed(&trap))?;
        let answered = settled.and_then(|()| desk.own.answer(&answer));
        answered.map_err(|code| desk.asked.unanswered(code))
    }
}

/// A message as the virtual machine sees it.
struct Asked<'a> {
    entry: vm::Entry,
    method: &'a str,
    input: &'a [u8],
    /// What was remembered of the call that is answered.
    note: &'a [u8],
    facts: Facts,
}

impl<'a> Asked<'a> {
    fn of(entry: &Entry<'a>, own: &Own<'_>, ctx: &Context) -> Self {
        let message = own.facts();
        let mut facts = Facts {
            own: own.id(),
            chain: ctx.chain,
            height: ctx.height,
            root_height: ctx.root_height,
            time: ctx.time,
            sender: message.from,
            value: message.value,
            trace: message.trace,
            about: None,
            failure: None,
        };
        let mut note = &[][..];
        let (entry, method, input) = match *entry {
            Entry::Init { data } => (vm::Entry::Init, "", data),
            Entry::Call { method, data } => (vm::Entry::Call, method, data),
            Entry::View { method, data } => (vm::Entry::View, method, data),
            Entry::Reply {
                handler,
                context,
                of,
                data,
            } => {
                note = context;
                facts.about = Some(of);
                (vm::Entry::Reply, handler, data)
            }
            Entry::Bounce {
                handler,
                context,
                of,
                code,
            } => {
                note = context;
                facts.about = Some(of);
                facts.failure = Some(code as u8);
                let late = code == FailureCode::Deadline;
                let entry = if late {
                    vm::Entry::Timeout
                } else {
                    vm::Entry::Bounce
                };
                (entry, handler, &[][..])
            }
        };
        Self {
            entry,
            method,
            input,
            note,
            facts,
        }
    }

    /// What the sender is told of a trap. What code says when it gives up stands for itself; of
    /// everything else the method is named.
    fn failed(&self, trap: &Trap) -> Fault {
        let code = match trap {
            Trap::OutOfGas | Trap::HostRefused(Refusal::Gas) => FailureCode::OutOfGas,
            Trap::Abort(_) => FailureCode::Rejected,
            Trap::HostRefused(Refusal::Balance) => FailureCode::Balance,
            Trap::HostRefused(Refusal::Depth) => FailureCode::Depth,
            Trap::HostRefused(Refusal::Deposit) => FailureCode::Deposit,
            _ => FailureCode::Trap,
        };
        let text = match trap {
            Trap::Abort(text) => text.to_string(),
            other => format!("in {}: {other}", self.place()),
        };
        Fault {
            code,
            trap: Some(trap.code()),
            text,
        }
    }

    /// What the sender is told of a run that came to its end, and whose answer can't be taken.
    fn unanswered(&self, code: FailureCode) -> Fault {
        let why = match code {
            FailureCode::OutOfGas => "out of gas",
            _ => "the answer is too long",
        };
        Fault {
            text: format!("in {}: {why}", self.place()),
            ..code.into()
        }
    }

    fn place(&self) -> String {
        let method = self.method;
        match self.entry {
            vm::Entry::Init => "the first run".to_owned(),
            vm::Entry::Call | vm::Entry::View => method.to_owned(),
            vm::Entry::Reply => format!("the reply of {method}"),
            vm::Entry::Bounce => format!("the bounce of {method}"),
            vm::Entry::Timeout => format!("the time-out of {method}"),
        }
    }
}

/// The account at the disposal of a run.
struct Desk<'a, 'b> {
    asked: Asked<'a>,
    own: &'a mut Own<'b>,
    seed: Option<[u8; 32]>,
    root_height: u64,
    /// Gas that the engine had left when it was charged last.
    seen: u64,
    /// Gas that outputs took.
    given: u64,
}

impl Desk<'_, '_> {
    /// Charges what the engine used since last time.
    fn settle(&mut self, left: u64) -> Result<(), FailureCode> {
        let used = self.seen.saturating_sub(left);
        self.seen = left;
        self.own.charge(used)
    }

    fn output(&mut self, send: Send, terms: Terms, gas_left: u64) -> Result<Sent, Refusal> {
        self.settle(gas_left).map_err(refusal)?;
        let before = self.own.gas_left();
        let index = self.own.send_with(send, terms).map_err(refusal)?;
        let gas = before - self.own.gas_left();
        self.seen = self.seen.saturating_sub(gas);
        self.given += gas;
        Ok(Sent { index, gas })
    }

    /// Work for which the account model charges on its own, and the gas that it took.
    fn charged<T>(
        &mut self,
        gas_left: u64,
        work: impl FnOnce(&mut Own<'_>) -> Result<T, FailureCode>,
    ) -> Result<(T, u64), Refusal> {
        self.settle(gas_left).map_err(refusal)?;
        let before = self.own.gas_left();
        let result = work(self.own).map_err(refusal)?;
        let gas = before - self.own.gas_left();
        self.seen = self.seen.saturating_sub(gas);
        Ok((result, gas))
    }
}

impl Host for Desk<'_, '_> {
    fn facts(&self) -> &Facts {
        &self.asked.facts
    }

    fn method(&self) -> &str {
        self.asked.method
    }

    fn input(&self) -> &[u8] {
        self.asked.input
    }

    fn balance(&self) -> Amount {
        self.own.balance()
    }

    fn deposit(&self) -> Amount {
        self.own.deposit()
    }

    fn seed(&self) -> Option<[u8; 32]> {
        self.seed
    }

    fn get(&mut self, key: &StorageKey) -> Option<Arc<[u8]>> {
        self.own.load(key.bytes())
    }

    fn put(&mut self, key: &StorageKey, value: &[u8]) -> Result<(), Refusal> {
        let stored = self.own.store(key.bytes(), Some(value));
        stored.map(|_| ()).map_err(refusal)
    }

    fn delete(&mut self, key: &StorageKey) -> Result<bool, Refusal> {
        self.own.store(key.bytes(), None).map_err(refusal)
    }

    fn next(
        &mut self,
        after: Option<&StorageKey>,
        prefix: &[u8],
        gas_left: u64,
    ) -> Result<(Option<StorageKey>, u64), Refusal> {
        let after = after.map(StorageKey::bytes);
        let (key, gas) = self.charged(gas_left, |own| own.next(after, prefix))?;
        Ok((key.and_then(|key| StorageKey::new(&key)), gas))
    }

    fn send(&mut self, output: Output<'_>, gas_left: u64) -> Result<Sent, Refusal> {
        let Output { to, value, gas, .. } = output;
        let late = output.deadline > types::limits::DEADLINE_HEIGHTS;
        if late {
            return Err(Refusal::Deadline);
        }
        let mut terms = Terms::default();
        if output.deadline > 0 {
            terms.deadline = Some(self.root_height.saturating_add(output.deadline));
        }
        if output.method.is_empty() {
            if output.wants_reply || gas > 0 || !output.data.is_empty() {
                return Err(Refusal::Forbidden);
            }
            return self.output(Send::Credit { to, value }, terms, gas_left);
        }
        if output.wants_reply {
            terms.reply = Some(Wish {
                handler: output.method.to_owned(),
                context: Vec::new(),
                gas: match output.handler_gas {
                    0 => HANDLER_GAS,
                    gas => gas,
                },
            });
        }
        let call = Send::Call {
            to,
            value,
            gas,
            method: output.method.to_owned(),
            data: output.data.to_vec(),
        };
        self.output(call, terms, gas_left)
    }

    fn create(
        &mut self,
        creation: Creation<'_>,
        gas_left: u64,
    ) -> Result<(AccountId, Sent), Refusal> {
        let own = self.own.id();
        let id = AccountId::of_code(&own, &creation.salt, &creation.code);
        let deploy = Send::Deploy {
            code: creation.code,
            salt: creation.salt,
            init: creation.init.to_vec(),
            owner: Some(own),
            value: creation.value,
            gas: creation.gas,
        };
        let sent = self.output(deploy, Terms::default(), gas_left)?;
        Ok((id, sent))
    }

    fn output_id(&self, index: u32) -> Option<MessageId> {
        self.own.output_id(index)
    }

    fn remember(&mut self, index: u32, note: &[u8]) -> Result<(), Refusal> {
        let remembers = self.own.remember(index, note);
        remembers.map_err(|code| match code {
            FailureCode::Rejected => Refusal::NoSuchOutput,
            other => refusal(other),
        })
    }

    fn remembered(&self) -> &[u8] {
        self.asked.note
    }

    fn become_code(&mut self, code: Hash) -> Result<(), Refusal> {
        self.own.become_code(code).map_err(refusal)
    }

    fn drop_code(&mut self, code: Hash) -> Result<(), Refusal> {
        self.own.drop_code(&code).map_err(refusal)
    }

    fn emit(&mut self, topic: &[u8], data: &[u8], gas_left: u64) -> Result<u64, Refusal> {
        let ((), gas) = self.charged(gas_left, |own| own.log(topic, data))?;
        Ok(gas)
    }
}

fn invalid(why: Invalid) -> Fault {
    Fault {
        text: why.to_string(),
        ..FailureCode::BadCode.into()
    }
}

fn refusal(code: FailureCode) -> Refusal {
    match code {
        FailureCode::Balance => Refusal::Balance,
        FailureCode::OutOfGas => Refusal::Gas,
        FailureCode::Depth => Refusal::Depth,
        FailureCode::Deposit => Refusal::Deposit,
        FailureCode::BadCode => Refusal::UnknownCode,
        FailureCode::Rejected => Refusal::TooMany,
        _ => Refusal::Forbidden,
    }
}
