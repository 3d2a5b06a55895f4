//! What account 6 forgets. [P7]

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use types::{ChainId, Epoch, Height};

use super::{account_id, slot};
use crate::committees;
use crate::slots::Slots;
use crate::staking::StakerId;

/// Root heights whose notes are gone through together.
const BUCKET: Height = 256;

const FRESH: u8 = 3;
const DUE: u8 = 4;

/// Something that stands in the account and must not stay for ever.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Note {
    /// That a fault was punished.
    Fault([u8; 32]),
    /// Who was convicted of a term.
    Case(ChainId, Epoch),
    /// What a staker promised to report.
    Promise(StakerId),
}

/// Notes that something was written at this height.
pub(crate) fn remember(edit: &mut Edit<'_>, note: Note) {
    let mut fresh: Vec<Note> = read(edit, FRESH, 0);
    if !fresh.contains(&note) {
        fresh.push(note);
        write(edit, FRESH, 0, &fresh);
    }
}

/// Forgets what nobody can be accused of any more, once a block: faults and promises a window
/// after they were written, cases a window after the end of their term.
pub(crate) fn tick(edit: &mut Edit<'_>, now: Height, window: Height) {
    let due = now / BUCKET;
    let notes: Vec<Note> = read(edit, DUE, due);
    if !notes.is_empty() {
        write(edit, DUE, due, &[]);
    }
    for note in notes {
        forget(edit, note, now, window);
    }
    let fresh: Vec<Note> = read(edit, FRESH, 0);
    if fresh.is_empty() {
        return;
    }
    write(edit, FRESH, 0, &[]);
    let due = now.saturating_add(window) / BUCKET + 1;
    let mut notes: Vec<Note> = read(edit, DUE, due);
    notes.extend(fresh);
    write(edit, DUE, due, &notes);
}

fn forget(edit: &mut Edit<'_>, note: Note, now: Height, window: Height) {
    match note {
        Note::Fault(key) => edit.put(account_id(), key, None),
        Note::Case(chain, epoch) => {
            let ended = committees::ended(edit, chain, epoch);
            let runs = committees::holders(edit, chain, epoch).is_some() && ended.is_none();
            let counts = ended.is_some_and(|ended| now <= ended.saturating_add(window));
            match runs || counts {
                true => remember(edit, note),
                false => edit.put(account_id(), slot(0, &(chain.0, epoch)), None),
            }
        }
        Note::Promise(staker) => {
            let made = crate::evidence::promise_of(edit, &staker);
            if made.is_some_and(|made| made.height.saturating_add(window) < now) {
                edit.put(account_id(), slot(2, &staker), None);
            }
        }
    }
}

fn read(slots: &impl Slots, kind: u8, number: u64) -> Vec<Note> {
    let bytes = slots.slot(&account_id(), &slot(kind, &number));
    let notes = bytes.and_then(|bytes| borsh::from_slice(bytes).ok());
    notes.unwrap_or_default()
}

fn write(edit: &mut Edit<'_>, kind: u8, number: u64, notes: &[Note]) {
    let value = (!notes.is_empty()).then(|| borsh::to_vec(notes).unwrap_or_default());
    edit.put(account_id(), slot(kind, &number), value);
}
