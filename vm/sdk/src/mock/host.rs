//! The host functions for native code, with the shapes that `host/wasm.rs` has.

use sha3::Digest;

use super::message::{Body, Message};
use super::stage::{abort as give_up, acting, deposit_of, on_stage};
use super::{Event, Stage};
use crate::AccountId;
use crate::host::{Create, Send};

pub(crate) fn own_id() -> [u8; 32] {
    on_stage(|stage| stage.message.to.0)
}

pub(crate) fn chain() -> u32 {
    on_stage(|stage| stage.chain)
}

pub(crate) fn balance() -> u128 {
    on_stage(|stage| stage.balance)
}

pub(crate) fn deposit() -> u128 {
    on_stage(|stage| deposit_of(&stage.storage, stage.waiting))
}

pub(crate) fn height() -> u64 {
    on_stage(|stage| stage.root_height)
}

pub(crate) fn root_height() -> u64 {
    on_stage(|stage| stage.root_height)
}

pub(crate) fn time() -> u64 {
    on_stage(|stage| stage.time)
}

pub(crate) fn seed() -> Option<[u8; 32]> {
    on_stage(|stage| stage.beacon)
}

pub(crate) fn sender() -> [u8; 32] {
    on_stage(|stage| stage.message.from.0)
}

pub(crate) fn value() -> u128 {
    on_stage(|stage| stage.message.value)
}

pub(crate) fn method() -> Vec<u8> {
    on_stage(|stage| stage.message.body.method().as_bytes().to_vec())
}

pub(crate) fn input() -> Vec<u8> {
    on_stage(|stage| stage.message.body.input().to_vec())
}

pub(crate) fn gas_left() -> u64 {
    u64::MAX
}

pub(crate) fn trace() -> [u8; 32] {
    on_stage(|stage| stage.message.trace)
}

pub(crate) fn about() -> Option<[u8; 32]> {
    on_stage(|stage| stage.message.body.about())
}

pub(crate) fn failure() -> i32 {
    on_stage(|stage| match stage.message.body {
        Body::Bounce { code, .. } => i32::from(code),
        _ => -1,
    })
}

fn check_key(key: &[u8]) {
    if key.is_empty() || key.len() > 31 {
        give_up("a key has 1 to 31 bytes");
    }
}

pub(crate) fn get(key: &[u8]) -> Option<Vec<u8>> {
    check_key(key);
    on_stage(|stage| stage.storage.get(key).cloned())
}

pub(crate) fn put(key: &[u8], value: &[u8]) {
    check_key(key);
    if value.len() > 16 * 1024 {
        give_up("a value has at most 16 KiB");
    }
    acting(|stage| stage.storage.insert(key.to_vec(), value.to_vec()));
}

pub(crate) fn delete(key: &[u8]) -> bool {
    check_key(key);
    acting(|stage| stage.storage.remove(key).is_some())
}

pub(crate) fn next(after: &[u8], prefix: &[u8]) -> Option<Vec<u8>> {
    on_stage(|stage| {
        let keys = stage.storage.keys();
        let mut keys = keys.filter(|key| key.as_slice() > after && key.starts_with(prefix));
        keys.next().cloned()
    })
}

fn output_of(message: &Message, index: usize) -> [u8; 32] {
    sha3(&[&message.id[..], &(index as u64).to_le_bytes()].concat())
}

fn push(stage: &mut Stage, to: AccountId, value: u128, deadline: u64, body: Body) -> Option<u32> {
    stage.balance = stage.balance.checked_sub(value)?;
    stage.waiting += body.waits();
    let index = stage.outputs.len();
    let parent = &stage.message;
    let message = Message {
        id: output_of(parent, index),
        age: 0,
        trace: parent.trace,
        from: parent.to,
        to,
        value,
        deadline: if deadline == 0 {
            0
        } else {
            stage.root_height + deadline
        },
        body,
    };
    stage.outputs.push(message);
    Some(index as u32)
}

pub(crate) fn send(send: &Send<'_>) -> u32 {
    let wants_reply = send.flags & 1 == 1;
    if send.method.is_empty() && (wants_reply || !send.data.is_empty()) {
        give_up("value alone carries nothing");
    }
    let body = if send.method.is_empty() {
        Body::Credit
    } else {
        Body::Call {
            method: send.method.to_owned(),
            data: send.data.to_vec(),
            wants_reply,
            note: Vec::new(),
        }
    };
    let to = AccountId(*send.to);
    let sent = acting(|stage| push(stage, to, send.value, send.deadline, body));
    sent.unwrap_or_else(|| give_up("balance"))
}

pub(crate) fn create(create: &Create<'_>) -> [u8; 32] {
    let own = own_id();
    let id = sha3(&[&own[..], create.salt, create.code].concat());
    let body = Body::Deploy {
        code: *create.code,
        init: create.init.to_vec(),
    };
    let sent = acting(|stage| push(stage, AccountId(id), create.value, 0, body));
    sent.map_or_else(|| give_up("balance"), |_| id)
}

pub(crate) fn output_id(index: u32) -> [u8; 32] {
    acting(|stage| output_of(&stage.message, index as usize))
}

pub(crate) fn remember(index: u32, note: &[u8]) {
    if note.len() > 1024 {
        give_up("a note has at most 1 KiB");
    }
    acting(|stage| match stage.outputs.get_mut(index as usize) {
        Some(Message {
            body: Body::Call { note: kept, .. },
            ..
        }) => {
            stage.waiting += note.len();
            stage.waiting -= kept.len();
            *kept = note.to_vec();
        }
        _ => give_up("no such output"),
    });
}

pub(crate) fn remembered() -> Vec<u8> {
    on_stage(|stage| match &stage.message.body {
        Body::Reply { note, .. } | Body::Bounce { note, .. } => note.clone(),
        _ => Vec::new(),
    })
}

pub(crate) fn drop_code(_: &[u8; 32]) {
    acting(|_| ());
}

pub(crate) fn become_code(code: &[u8; 32]) {
    acting(|stage| stage.becomes = Some(*code));
}

pub(crate) fn reply(data: &[u8]) {
    on_stage(|stage| stage.reply = data.to_vec());
}

pub(crate) fn emit(topic: &[u8], data: &[u8]) {
    acting(|stage| {
        let by = stage.message.to;
        let topic = String::from_utf8_lossy(topic);
        let topic = topic.split('(').next().unwrap_or_default().to_owned();
        stage.events.push(Event {
            by,
            topic,
            data: data.to_vec(),
        });
    });
}

pub(crate) fn sha3(data: &[u8]) -> [u8; 32] {
    sha3::Sha3_256::digest(data).into()
}

pub(crate) fn sha2(data: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(data).into()
}

fn accepted(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let all = [key, signature, message].concat();
    on_stage(|stage| stage.signatures.contains(&all))
}

pub(crate) fn ed25519(key: &[u8; 32], signature: &[u8; 64], message: &[u8]) -> bool {
    accepted(key, signature, message)
}

pub(crate) fn bls(key: &[u8; 96], signature: &[u8; 48], message: &[u8]) -> bool {
    accepted(key, signature, message)
}

pub(crate) fn abort(text: &str) -> ! {
    give_up(text)
}
