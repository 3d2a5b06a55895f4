//! Runs code by its hash, and keeps what it metered and translated. [V6]

mod shelf;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::Hash;

use self::shelf::Shelf;
use crate::{Engine, Entry, Extent, GasSchedule, Host, Interpreter, Invalid, Outcome};

/// Bytes that the cache of a [`Vm`] may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Modules that are ready to run.
    pub modules: usize,
    /// Metered code, from which modules are quickly made again.
    pub metered: usize,
}

impl Bounds {
    /// Three quarters for modules and a quarter for metered code, which takes a sixth of the room.
    pub const fn of(total: usize) -> Self {
        Self {
            modules: total - total / 4,
            metered: total / 4,
        }
    }
}

/// An engine with the prices of the protocol and a bounded cache of code.
///
/// Shared by the threads that run accounts. The lock is held to look up and to put away, never
/// while something compiles or runs; what is in the cache changes how long a run takes, and
/// nothing else.
#[derive(Debug)]
pub struct Vm<E: Engine = Interpreter> {
    engine: E,
    schedule: GasSchedule,
    shelves: Mutex<Shelves<E>>,
}

/// What is kept.
#[derive(Debug)]
struct Shelves<E: Engine> {
    modules: Shelf<Key, Arc<E::Module>>,
    metered: Shelf<Key, Arc<E::Metered>>,
}

/// What a compiled module is known by: its code, the engine's and the schedule's version.
type Key = (Hash, u32, u32);

impl<E: Engine> Vm<E> {
    /// An engine with prices, and bytes that the cache may take.
    pub const fn new(engine: E, schedule: GasSchedule, bounds: Bounds) -> Self {
        Self {
            engine,
            schedule,
            shelves: Mutex::new(Shelves {
                modules: Shelf::new(bounds.modules),
                metered: Shelf::new(bounds.metered),
            }),
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

    /// Modules that are ready to run, and the bytes that they take; likewise metered code.
    pub fn kept(&self) -> [(usize, usize); 2] {
        let shelves = self.shelves();
        [shelves.modules.kept(), shelves.metered.kept()]
    }

    fn module(&self, hash: &Hash, code: &[u8]) -> Result<Arc<E::Module>, Invalid> {
        let key = (*hash, E::VERSION, self.schedule.version);
        if let Some(module) = self.shelves().modules.take(&key) {
            return Ok(module);
        }
        let metered = self.shelves().metered.take(&key);
        let (metered, extent) = match metered {
            Some(metered) => (metered, Extent::Called),
            None => (
                Arc::new(self.engine.meter(code, &self.schedule)?),
                Extent::All,
            ),
        };
        let module = Arc::new(self.engine.translate(&metered, extent)?);
        let sizes = (
            self.engine.size(&module),
            self.engine.metered_size(&metered),
        );
        let mut shelves = self.shelves();
        shelves.modules.put(key, module.clone(), sizes.0);
        shelves.metered.put(key, metered, sizes.1);
        Ok(module)
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves<E>> {
        // Nothing below panics between two writes that belong together.
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
