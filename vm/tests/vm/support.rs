//! An account model in memory, and ways to run text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use types::{AccountId, Amount, ChainId, MessageId, Time};
use vm::{
    Creation, Engine, Entry, Facts, GasSchedule, Host, Interpreter, Outcome, Output, Refusal, Sent,
    StorageKey,
};

/// Gas for runs that are not about gas.
pub(crate) const PLENTY: u64 = 1_000_000_000;

/// An account by itself. Remembers what code did to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Desk {
    pub(crate) facts: Facts,
    pub(crate) method: String,
    pub(crate) input: Vec<u8>,
    pub(crate) balance: u128,
    /// What storage locks.
    pub(crate) locked: u128,
    pub(crate) seed: Option<[u8; 32]>,
    pub(crate) storage: BTreeMap<StorageKey, Arc<[u8]>>,
    pub(crate) sent: Vec<Message>,
    pub(crate) created: Vec<Child>,
    pub(crate) next_code: Option<Hash>,
    pub(crate) dropped: Vec<Hash>,
    /// What was remembered, by output.
    pub(crate) notes: Vec<(u32, Vec<u8>)>,
    pub(crate) events: Vec<(Vec<u8>, Vec<u8>)>,
    /// Gas that the desk takes for searches and events.
    pub(crate) apart: u64,
    /// What `put` answers.
    pub(crate) deposit: Result<(), Refusal>,
}

/// Recipient, value, gas, deadline, method, data, reply wanted.
type Message = (AccountId, u128, u64, u64, String, Vec<u8>, bool);
/// Code, salt, value, gas, input.
type Child = (Hash, [u8; 32], u128, u64, Vec<u8>);

/// Gas that the desk takes for what must follow an output.
pub(crate) const AHEAD: u64 = 3_000;

impl Default for Desk {
    fn default() -> Self {
        Self {
            facts: Facts {
                own: AccountId(Hash::new([1; 32])),
                chain: ChainId(2),
                height: 30,
                root_height: 40,
                time: Time(50_000),
                sender: AccountId(Hash::new([6; 32])),
                value: Amount(7),
                trace: MessageId(Hash::new([8; 32])),
                about: Some(MessageId(Hash::new([9; 32]))),
                failure: Some(3),
            },
            method: "greet".to_owned(),
            input: (0..100).collect(),
            balance: 1_000,
            locked: 600,
            seed: Some([10; 32]),
            storage: BTreeMap::new(),
            sent: Vec::new(),
            created: Vec::new(),
            next_code: None,
            dropped: Vec::new(),
            notes: Vec::new(),
            events: Vec::new(),
            apart: 0,
            deposit: Ok(()),
        }
    }
}

impl Desk {
    fn pay(&mut self, value: Amount, gas: u64, left: u64) -> Result<Sent, Refusal> {
        let taken = gas.checked_add(AHEAD).filter(|taken| *taken <= left);
        let gas = taken.ok_or(Refusal::Gas)?;
        let rest = self.balance.checked_sub(value.0);
        self.balance = rest.ok_or(Refusal::Balance)?;
        let index = (self.sent.len() + self.created.len()) as u32;
        Ok(Sent { index, gas })
    }
}

impl Host for Desk {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn method(&self) -> &str {
        &self.method
    }

    fn input(&self) -> &[u8] {
        &self.input
    }

    fn balance(&self) -> Amount {
        Amount(self.balance)
    }

    fn deposit(&self) -> Amount {
        Amount(self.locked)
    }

    fn seed(&self) -> Option<[u8; 32]> {
        self.seed
    }

    fn get(&mut self, key: &StorageKey) -> Option<Arc<[u8]>> {
        self.storage.get(key).cloned()
    }

    fn put(&mut self, key: &StorageKey, value: &[u8]) -> Result<(), Refusal> {
        self.deposit?;
        self.storage.insert(*key, value.into());
        Ok(())
    }

    fn delete(&mut self, key: &StorageKey) -> Result<bool, Refusal> {
        Ok(self.storage.remove(key).is_some())
    }

    fn next(
        &mut self,
        after: Option<&StorageKey>,
        prefix: &[u8],
        _: u64,
    ) -> Result<(Option<StorageKey>, u64), Refusal> {
        let mut keys = self.storage.keys();
        let key = keys
            .find(|key| after.is_none_or(|after| *key > after) && key.bytes().starts_with(prefix));
        Ok((key.copied(), self.apart))
    }

    fn send(&mut self, output: Output<'_>, gas_left: u64) -> Result<Sent, Refusal> {
        let sent = self.pay(output.value, output.gas, gas_left)?;
        self.sent.push((
            output.to,
            output.value.0,
            output.gas,
            output.deadline,
            output.method.to_owned(),
            output.data.to_vec(),
            output.wants_reply,
        ));
        Ok(sent)
    }

    fn create(
        &mut self,
        creation: Creation<'_>,
        gas_left: u64,
    ) -> Result<(AccountId, Sent), Refusal> {
        let sent = self.pay(creation.value, creation.gas, gas_left)?;
        self.created.push((
            creation.code,
            creation.salt,
            creation.value.0,
            creation.gas,
            creation.init.to_vec(),
        ));
        Ok((AccountId(Hash::new([11; 32])), sent))
    }

    fn output_id(&self, index: u32) -> Option<MessageId> {
        let known = (index as usize) < self.sent.len() + self.created.len();
        known.then(|| MessageId(Hash::new([12 + index as u8; 32])))
    }

    fn remember(&mut self, index: u32, note: &[u8]) -> Result<(), Refusal> {
        self.notes.push((index, note.to_vec()));
        Ok(())
    }

    fn remembered(&self) -> &[u8] {
        b"a note"
    }

    fn become_code(&mut self, code: Hash) -> Result<(), Refusal> {
        self.next_code = Some(code);
        Ok(())
    }

    fn drop_code(&mut self, code: Hash) -> Result<(), Refusal> {
        self.dropped.push(code);
        Ok(())
    }

    fn emit(&mut self, topic: &[u8], data: &[u8], _: u64) -> Result<u64, Refusal> {
        self.events.push((topic.to_vec(), data.to_vec()));
        Ok(self.apart)
    }
}

/// The bytes of a module's text.
pub(crate) fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A module around fields: one page of memory, exported; `call` runs the body.
pub(crate) fn module(fields: &str, body: &str) -> String {
    format!(
        "(module {} {fields}
            (memory (export \"memory\") 1)
            (func (export \"thinkey_call\") {body}))",
        imports()
    )
}

/// All imports, by their names.
pub(crate) fn imports() -> String {
    let all = vm::HostCall::ALL.iter().map(|call| {
        let import = call.import();
        let name = |ty: &vm::abi::Type| match ty {
            vm::abi::Type::I32 => "i32 ",
            vm::abi::Type::I64 => "i64 ",
        };
        let params: String = import.params.iter().map(name).collect();
        let result: String = import.result.iter().map(name).collect();
        let id = import.name;
        format!("(import \"thinkey\" \"{id}\" (func ${id} (param {params}) (result {result})))\n")
    });
    all.collect()
}

/// Runs an entry of a text.
pub(crate) fn run_entry(text: &str, entry: Entry, desk: &mut Desk, gas: u64) -> Outcome {
    let code = wat(text);
    let compiled = Interpreter.compile(&code, &GasSchedule::V1);
    let compiled = compiled.unwrap_or_else(|error| panic!("{error}\n{text}"));
    Interpreter.run(&compiled, entry, desk, gas)
}

/// Runs `call` of a text.
pub(crate) fn run(text: &str, desk: &mut Desk) -> Outcome {
    run_entry(text, Entry::Call, desk, PLENTY)
}
