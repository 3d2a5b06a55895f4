//! Runs code by its hash, and keeps what it compiled. [V6]

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::Hash;

use crate::{Engine, Entry, GasSchedule, Host, Interpreter, Invalid, Outcome};

/// An engine with the prices of the protocol and a bounded cache of compiled modules.
///
/// Shared by the threads that run accounts. The lock is held to look up and to put away, never
/// while something compiles or runs; what is in the cache changes how long a run takes, and
/// nothing else.
#[derive(Debug)]
pub struct Vm<E: Engine = Interpreter> {
    engine: E,
    schedule: GasSchedule,
    /// Bytes that compiled modules may take.
    bound: usize,
    shelf: Mutex<Shelf<E::Module>>,
}

/// What a compiled module is known by: its code, the engine's and the schedule's version.
type Key = (Hash, u32, u32);

impl<E: Engine> Vm<E> {
    /// An engine with prices, and bytes that compiled modules may take.
    pub const fn new(engine: E, schedule: GasSchedule, bound: usize) -> Self {
        Self {
            engine,
            schedule,
            bound,
            shelf: Mutex::new(Shelf::new()),
        }
    }

    /// The prices.
    pub const fn schedule(&self) -> &GasSchedule {
        &self.schedule
    }

    /// Whether code may be deployed; then it is ready to run.
    ///
    /// `hash` must be the hash of `code`, here and below.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn deploy(&self, hash: &Hash, code: &[u8]) -> Result<(), Invalid> {
        self.module(hash, code).map(|_| ())
    }

    /// Whether code answers this kind of message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn has(&self, hash: &Hash, code: &[u8], entry: Entry) -> Result<bool, Invalid> {
        let module = self.module(hash, code)?;
        Ok(self.engine.has(&module, entry))
    }

    /// Handles one message.
    ///
    /// # Errors
    /// What is wrong with the code; not for code that was deployed under the same versions.
    pub fn run(
        &self,
        hash: &Hash,
        code: &[u8],
        entry: Entry,
        host: &mut dyn Host,
        gas: u64,
    ) -> Result<Outcome, Invalid> {
        let module = self.module(hash, code)?;
        Ok(self.engine.run(&module, entry, host, gas))
    }

    /// Modules in the cache, and the bytes that they take.
    pub fn kept(&self) -> (usize, usize) {
        let shelf = self.shelf();
        (shelf.modules.len(), shelf.bytes)
    }

    fn module(&self, hash: &Hash, code: &[u8]) -> Result<Arc<E::Module>, Invalid> {
        let key = (*hash, E::VERSION, self.schedule.version);
        if let Some(module) = self.shelf().take(&key) {
            return Ok(module);
        }
        let module = Arc::new(self.engine.compile(code, &self.schedule)?);
        let size = self.engine.size(&module);
        self.shelf().put(key, module.clone(), size, self.bound);
        Ok(module)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<E::Module>> {
        // Nothing below panics between two writes that belong together.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiled modules, those used last longest.
#[derive(Debug)]
struct Shelf<M> {
    modules: BTreeMap<Key, Kept<M>>,
    /// By last use.
    uses: BTreeMap<u64, Key>,
    clock: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Kept<M> {
    module: Arc<M>,
    size: usize,
    used: u64,
}

impl<M> Shelf<M> {
    const fn new() -> Self {
        Self {
            modules: BTreeMap::new(),
            uses: BTreeMap::new(),
            clock: 0,
            bytes: 0,
        }
    }

    fn take(&mut self, key: &Key) -> Option<Arc<M>> {
        let kept = self.modules.get_mut(key)?;
        self.uses.remove(&kept.used);
        self.clock += 1;
        kept.used = self.clock;
        self.uses.insert(self.clock, *key);
        Some(kept.module.clone())
    }

    /// Keeps a module unless it is larger than all may be together; drops those used longest ago.
    fn put(&mut self, key: Key, module: Arc<M>, size: usize, bound: usize) {
        if size > bound || self.modules.contains_key(&key) {
            return;
        }
        while self.bytes + size > bound {
            self.drop_oldest();
        }
        self.clock += 1;
        let used = self.clock;
        self.bytes += size;
        self.uses.insert(used, key);
        self.modules.insert(key, Kept { module, size, used });
    }

    fn drop_oldest(&mut self) {
        let oldest = self.uses.pop_first();
        let kept = oldest.and_then(|(_, key)| self.modules.remove(&key));
        self.bytes = kept.map_or(0, |kept| self.bytes - kept.size);
    }
}
