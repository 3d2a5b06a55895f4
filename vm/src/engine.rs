//! The seam for engines: what runs metered modules.

use std::fmt::Debug;

use crate::{Entry, GasSchedule, Host, Invalid, Trap};

/// What runs code. Two engines of one version give the same outcome for the same arguments; the
/// version is a parameter of the protocol. [V6]
pub trait Engine: Send + Sync {
    /// Code that was checked and metered, and that the engine can translate.
    type Metered: Debug + Send + Sync;
    /// Code that is ready to run. Shared by threads.
    type Module: Debug + Send + Sync;

    /// Changes with everything that could change an outcome.
    const VERSION: u32;

    /// Checks and meters code.
    ///
    /// # Errors
    /// What is wrong with the code.
    fn meter(&self, code: &[u8], schedule: &GasSchedule) -> Result<Self::Metered, Invalid>;

    /// Makes metered code ready to run.
    ///
    /// # Errors
    /// What the engine can't translate; never for code of which all was translated before.
    fn translate(&self, code: &Self::Metered, extent: Extent) -> Result<Self::Module, Invalid>;

    /// Checks, meters and translates code.
    ///
    /// # Errors
    /// What is wrong with the code.
    fn compile(&self, code: &[u8], schedule: &GasSchedule) -> Result<Self::Module, Invalid> {
        self.translate(&self.meter(code, schedule)?, Extent::All)
    }

    /// Handles one message with a fresh instance, which is dropped whatever happens. [V7]
    fn run(&self, module: &Self::Module, entry: Entry, host: &mut dyn Host, gas: u64) -> Outcome;

    /// Whether the module answers this kind of message.
    fn has(&self, module: &Self::Module, entry: Entry) -> bool;

    /// About how many bytes of memory metered code takes.
    fn metered_size(&self, code: &Self::Metered) -> usize;

    /// About how many bytes of memory a module takes.
    fn size(&self, module: &Self::Module) -> usize;
}

/// How much of a module is translated before it runs. The outcome is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All functions: so it is known that each can be.
    All,
    /// None: each when it is first called.
    Called,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Gas used by work; what was given to outputs is not in it.
    pub gas_used: u64,
    /// Gas given to outputs; 0 after a trap, since nothing is sent then.
    pub gas_given: u64,
    /// The reply, or why everything is void.
    pub result: Result<Vec<u8>, Trap>,
}

impl Outcome {
    /// A run that ended before any code ran.
    pub(crate) const fn trapped(trap: Trap, gas_used: u64) -> Self {
        Self {
            gas_used,
            gas_given: 0,
            result: Err(trap),
        }
    }
}
