//! One run: what code sees and leaves behind.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{catch_unwind, resume_unwind};

use super::message::{Body, Message};
use super::{Code, Event};
use crate::{AccountId, Amount, deposit};

/// An account's storage.
pub(crate) type Storage = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the storage locks, and so many bytes of handlers that wait.
pub(crate) fn deposit_of(storage: &Storage, waiting: usize) -> Amount {
    let slots = storage.values().map(|value| deposit::slot(value.len()));
    slots.sum::<Amount>() + waiting as Amount * deposit::BYTE
}

/// A run.
pub(crate) struct Stage {
    pub(crate) message: Message,
    pub(crate) chain: u32,
    pub(crate) root_height: u64,
    pub(crate) time: u64,
    pub(crate) beacon: Option<[u8; 32]>,
    pub(crate) balance: Amount,
    pub(crate) storage: Storage,
    /// Bytes of handlers that wait.
    pub(crate) waiting: usize,
    pub(crate) signatures: BTreeSet<Vec<u8>>,
    pub(crate) outputs: Vec<Message>,
    pub(crate) events: Vec<Event>,
    pub(crate) reply: Vec<u8>,
    pub(crate) becomes: Option<[u8; 32]>,
}

impl Default for Stage {
    fn default() -> Self {
        let nobody = AccountId::default();
        let message = Message {
            id: [0; 32],
            age: 0,
            trace: [0; 32],
            from: nobody,
            to: nobody,
            value: 0,
            deadline: 0,
            body: Body::Credit,
        };
        Self {
            message,
            chain: 0,
            root_height: 0,
            time: 0,
            beacon: None,
            balance: 0,
            storage: Storage::new(),
            waiting: 0,
            signatures: BTreeSet::new(),
            outputs: Vec::new(),
            events: Vec::new(),
            reply: Vec::new(),
            becomes: None,
        }
    }
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// Why code gave up.
struct Abort(String);

/// Runs code on the stage; what it left, or why it gave up.
pub(crate) fn play(stage: Stage, code: Code) -> Result<Stage, String> {
    let entry = stage.message.body.entry();
    STAGE.with_borrow_mut(|place| *place = Some(stage));
    let ended = catch_unwind(|| code(entry));
    let stage = STAGE
        .with_borrow_mut(Option::take)
        .expect("it was put there");
    match ended {
        Ok(()) => Ok(stage),
        Err(payload) => Err(match payload.downcast::<Abort>() {
            Ok(abort) => abort.0,
            Err(panic) => match panic.downcast_ref::<&str>() {
                Some(text) => (*text).to_owned(),
                None => "panic".to_owned(),
            },
        }),
    }
}

/// Gives up.
pub(crate) fn abort(text: &str) -> ! {
    resume_unwind(Box::new(Abort(text.to_owned())))
}

/// Works on the run.
///
/// # Panics
/// Outside of any.
pub(crate) fn on_stage<R>(work: impl FnOnce(&mut Stage) -> R) -> R {
    STAGE.with_borrow_mut(|stage| work(stage.as_mut().expect("a contract's code runs")))
}

/// Works on the run, unless it is a view.
pub(crate) fn acting<R>(work: impl FnOnce(&mut Stage) -> R) -> R {
    if on_stage(|stage| matches!(stage.message.body, Body::View { .. })) {
        abort("a view changes nothing");
    }
    on_stage(work)
}
