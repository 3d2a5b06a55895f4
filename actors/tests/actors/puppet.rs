//! Code of accounts for tests: a version that it logs, and acts that messages bring along.

use actors::{Code, CodeEngine, Context, Entry, Fault, Own, Send, Terms, Wish};
use borsh::{BorshDeserialize, BorshSerialize};
use types::{AccountId, Amount, CodeBytes, FailureCode};

/// One thing that a puppet does.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Act {
    Credit {
        to: AccountId,
        value: u128,
    },
    Call {
        to: AccountId,
        value: u128,
        gas: u64,
        acts: Vec<Self>,
        then: Option<Then>,
        deadline: Option<u64>,
    },
    /// Makes an account with the code that this one runs.
    Spawn {
        salt: u8,
        value: u128,
        gas: u64,
        acts: Vec<Self>,
    },
    Store {
        key: Vec<u8>,
        bytes: u16,
    },
    Delete {
        key: Vec<u8>,
    },
    /// Logs all keys with the prefix.
    Walk {
        prefix: Vec<u8>,
    },
    Become {
        version: u8,
    },
    /// Answers with so many bytes.
    Answer(u16),
    Work(u64),
    /// Goes on after a send that was refused.
    Try(Box<Self>),
    /// Calls `to` with half of the gas and asks it to do the same, and again when it answers.
    Pong {
        to: AccountId,
    },
    Abort,
    Trap,
}

/// What a puppet does when the answer is there.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Then {
    pub(crate) gas: u64,
    pub(crate) acts: Vec<Act>,
}

/// A puppet's code.
pub(crate) fn puppet(version: u8) -> CodeBytes {
    vec![b'p', version].into()
}

/// What arguments are.
pub(crate) fn script(acts: &[Act]) -> Vec<u8> {
    borsh::to_vec(acts).unwrap()
}

/// Runs puppets.
pub(crate) struct Puppets;

impl CodeEngine for Puppets {
    fn check(&self, code: &Code) -> Result<(), Fault> {
        match *code.bytes {
            [b'p', ..] => Ok(()),
            _ => Err(Fault {
                text: "not a puppet".into(),
                ..FailureCode::BadCode.into()
            }),
        }
    }

    fn run(
        &self,
        code: &Code,
        entry: Entry<'_>,
        own: &mut Own<'_>,
        _: &Context,
    ) -> Result<(), Fault> {
        let version = code.bytes[1];
        let (name, acts) = match entry {
            Entry::Init { data } => ("init".into(), data),
            Entry::Call { data, .. } => ("call".into(), data),
            Entry::View { data, .. } => ("view".into(), data),
            Entry::Reply { context, data, .. } => (format!("reply {}", data.len()), context),
            Entry::Bounce { context, code, .. } => (format!("bounce {code:?}"), context),
        };
        own.charge(1_000)?;
        own.log(b"ran", format!("v{version} {name}").as_bytes())?;
        let acts: Vec<Act> = borsh::from_slice(acts).map_err(|_| FailureCode::Rejected)?;
        acts.into_iter().try_for_each(|act| run(own, act))
    }
}

fn run(own: &mut Own<'_>, act: Act) -> Result<(), Fault> {
    match act {
        Act::Credit { to, value } => {
            let value = Amount(value);
            own.send(Send::Credit { to, value })?;
        }
        Act::Call {
            to,
            value,
            gas,
            acts,
            then,
            deadline,
        } => call(own, to, value, gas, &acts, then, deadline)?,
        Act::Spawn {
            salt,
            value,
            gas,
            acts,
        } => own.send(Send::Deploy {
            code: puppet(1).hash(),
            salt: [salt; 32],
            init: script(&acts),
            owner: Some(own.id()),
            value: Amount(value),
            gas,
        })?,
        Act::Store { key, bytes } => {
            own.store(&key, Some(&vec![7; bytes.into()]))?;
        }
        Act::Delete { key } => {
            own.store(&key, None)?;
        }
        Act::Walk { prefix } => walk(own, &prefix)?,
        Act::Become { version } => own.become_code(puppet(version).hash())?,
        Act::Answer(bytes) => own.answer(&vec![9; bytes.into()])?,
        Act::Work(gas) => own.charge(gas)?,
        Act::Try(act) => {
            let _ = run(own, *act);
        }
        Act::Pong { to } => pong(own, to)?,
        Act::Abort => {
            return Err(Fault {
                text: "no more".into(),
                ..FailureCode::Rejected.into()
            });
        }
        Act::Trap => {
            return Err(Fault {
                trap: Some(2),
                ..FailureCode::Trap.into()
            });
        }
    }
    Ok(())
}

fn call(
    own: &mut Own<'_>,
    to: AccountId,
    value: u128,
    gas: u64,
    acts: &[Act],
    then: Option<Then>,
    deadline: Option<u64>,
) -> Result<(), FailureCode> {
    let send = Send::Call {
        to,
        value: Amount(value),
        gas,
        method: "run".into(),
        data: script(acts),
    };
    let reply = then.map(|then| Wish {
        handler: "then".into(),
        context: script(&then.acts),
        gas: then.gas,
    });
    own.send_with(send, Terms { deadline, reply }).map(|_| ())
}

fn pong(own: &mut Own<'_>, to: AccountId) -> Result<(), FailureCode> {
    let back = Act::Pong { to: own.id() };
    let again = Then {
        gas: own.gas_left() / 3,
        acts: vec![Act::Pong { to }],
    };
    let gas = own.gas_left() / 2;
    call(own, to, 1, gas, &[back], Some(again), None)
}

fn walk(own: &mut Own<'_>, prefix: &[u8]) -> Result<(), FailureCode> {
    let mut after: Option<Vec<u8>> = None;
    while let Some(key) = own.next(after.as_deref(), prefix)? {
        own.log(b"key", &key)?;
        after = Some(key);
    }
    Ok(())
}
