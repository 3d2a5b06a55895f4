//! redb on a simulated disk: power is lost between every two writes, and any of those that were not
//! synced arrive.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;
use store::{Db, RedbDb};

use crate::disk::Dice;
use crate::{batch, content, histories};

const SECTOR: usize = 512;

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

/// The durable bytes, what was done since, and after how many operations power is lost.
#[derive(Debug, Default)]
struct State {
    durable: Vec<u8>,
    live: Vec<u8>,
    unsynced: Vec<Change>,
    operations: u64,
    power_until: u64,
}

#[derive(Clone, Debug)]
struct Disk(Arc<Mutex<State>>);

impl Disk {
    fn with(bytes: Vec<u8>, power_until: u64) -> Self {
        let (durable, live) = (bytes.clone(), bytes);
        Self(Arc::new(Mutex::new(State {
            durable,
            live,
            power_until,
            ..State::default()
        })))
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.count()?;
        apply(&mut state.live, &change, |_| true);
        state.unsynced.push(change);
        Ok(())
    }

    /// What is found after the power loss: any sectors of any unsynced writes.
    fn wreck(&self, seed: u64) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        let mut dice = Dice(seed);
        let mut bytes = state.durable.clone();
        let chance = 1 + dice.below(10);
        for change in &state.unsynced {
            apply(&mut bytes, change, |_| dice.below(10) < chance);
        }
        bytes
    }
}

impl State {
    fn count(&mut self) -> io::Result<()> {
        if self.operations >= self.power_until {
            return Err(io::Error::other("no power"));
        }
        self.operations += 1;
        Ok(())
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change, mut arrives: impl FnMut(usize) -> bool) {
    match change {
        // Lengths are metadata, which a journaling file system keeps in order.
        Change::SetLen(len) => bytes.resize(*len as usize, 0),
        Change::Write(offset, data) => {
            let mut at = *offset as usize;
            let end = at + data.len();
            bytes.resize(bytes.len().max(end), 0);
            while at < end {
                let next = ((at / SECTOR + 1) * SECTOR).min(end);
                if arrives(at) {
                    let from = at - *offset as usize;
                    bytes[at..next].copy_from_slice(&data[from..from + next - at]);
                }
                at = next;
            }
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        let found = state.live.get(offset as usize..offset as usize + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::SetLen(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.count()?;
        state.durable = state.live.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(offset, data.to_vec()))
    }
}

/// Commits eight batches, a flush after every second; returns how many were flushed and committed.
fn workload(db: &RedbDb) -> (usize, usize) {
    let (mut flushed, mut committed) = (0, 0);
    for n in 0..8 {
        if db.commit(batch(n)).is_err() {
            return (flushed, committed + 1);
        }
        committed += 1;
        if n % 2 == 1 {
            if db.flush().is_err() {
                return (flushed, committed);
            }
            flushed = committed;
        }
    }
    (flushed, committed)
}

#[test]
fn a_power_loss_between_any_two_writes_loses_nothing_that_was_flushed() {
    let histories = histories(8);
    let made = Disk::with(Vec::new(), u64::MAX);
    drop(RedbDb::on(made.clone()).unwrap());
    let start = made.0.lock().unwrap().live.clone();

    let full = Disk::with(start.clone(), u64::MAX);
    workload(&RedbDb::on(full.clone()).unwrap());
    let operations = full.0.lock().unwrap().operations;
    assert!(operations > 50, "the workload writes: {operations}");

    for power_until in 0..operations {
        let disk = Disk::with(start.clone(), power_until);
        let (flushed, committed) = match RedbDb::on(disk.clone()) {
            Ok(db) => workload(&db),
            Err(_) => (0, 0),
        };
        for seed in 0..3 {
            let wreck = disk.wreck(power_until << 8 | seed);
            let db = RedbDb::on(Disk::with(wreck, u64::MAX)).unwrap();
            let found = content(&db);
            assert!(
                (flushed..=committed).any(|n| histories.get(n) == Some(&found)),
                "power lost after {power_until} operations, seed {seed}: {flushed}..={committed}"
            );
        }
    }
}
