//! I2: every final block is executed once more, by an executor that shares nothing with the first:
//! cold caches of modules, and threads for every little piece of work.

use std::collections::BTreeMap;
use std::sync::Arc;

use assembly::code::{CACHE_BYTES, WasmCode};
use crypto::Hash;
use tx_chain::{ExecutedBlock, Rules, verifier};
use types::{ChainId, Height};

use crate::report::Violations;

/// A chain as the second executor has it.
struct Chain {
    rules: Rules,
    last: Arc<ExecutedBlock>,
}

/// The second executor.
#[derive(Default)]
pub(crate) struct Second(BTreeMap<ChainId, Chain>);

impl Second {
    /// Begins a chain after a block that is final.
    pub(crate) fn begin(&mut self, mut rules: Rules, last: Arc<ExecutedBlock>) {
        rules.parallelism = actors::Parallelism::Always;
        self.0.insert(rules.chain, Chain { rules, last });
    }

    /// The block above the last one is final; it must come out as it did.
    pub(crate) fn see(
        &mut self,
        block: &Arc<ExecutedBlock>,
        seed: Option<(Height, Hash)>,
        bad: &mut Violations,
    ) {
        let header = block.header();
        let Some(chain) = self.0.get_mut(&header.chain) else {
            return;
        };
        let last = std::mem::replace(&mut chain.last, block.clone());
        if last.hash != header.parent {
            // Where a chain goes on after a rescue it is not judged what was given up.
            return;
        }
        let cold = Arc::new(WasmCode::new(CACHE_BYTES));
        let registry = chain.rules.behaviours.as_ref().clone();
        chain.rules.behaviours = Arc::new(registry.with_engine(cold));
        let again = verifier::repeat(&chain.rules, seed, &last, &block.block);
        let differs = match again {
            Ok(again) if again.receipts == block.receipts => None,
            Ok(_) => Some("its receipts differ".to_owned()),
            Err(flaw) => Some(flaw.to_string()),
        };
        if let Some(why) = differs {
            let what = format!(
                "chain {} height {}: again, {why}",
                header.chain, header.height
            );
            bad.add("I2", what);
        }
    }
}
