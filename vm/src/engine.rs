//! The seam for engines: what runs metered modules.

use crate::{Entry, GasSchedule, Host, Invalid, Trap};

/// What runs code. Two engines of one version give the same outcome for the same arguments; the
/// version is a parameter of the protocol. [V6]
pub trait Engine: Send + Sync {
    /// Code that is ready to run. Shared by threads.
    type Module: Send + Sync;

    /// Changes with everything that could change an outcome.
    const VERSION: u32;

    /// Checks, meters and compiles code.
    ///
    /// # Errors
    /// What is wrong with the code.
    fn compile(&self, code: &[u8], schedule: &GasSchedule) -> Result<Self::Module, Invalid>;

    /// Handles one message with a fresh instance, which is dropped whatever happens. [V7]
    fn run(&self, module: &Self::Module, entry: Entry, host: &mut dyn Host, gas: u64) -> Outcome;

    /// Whether the module answers this kind of message.
    fn has(&self, module: &Self::Module, entry: Entry) -> bool;

    /// About how many bytes of memory a module takes.
    fn size(&self, module: &Self::Module) -> usize;
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
