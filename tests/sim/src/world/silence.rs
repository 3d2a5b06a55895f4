//! The beacon falls silent: more than f seats keep their shares of seeds to themselves, here all of
//! them. Blocks go on without seeds, and every seed that was due comes when the silence ends.

use tx_chain::FinalBlock;
use types::News;

use super::World;

impl World {
    /// Whether a share that a duty wants to release is kept back.
    pub(super) fn keeps_share(&mut self) -> bool {
        let silent = self.is_silent();
        if silent {
            *self.faults.entry("share kept back").or_default() += 1;
        }
        silent
    }

    /// Counts the root blocks that became final in silence, as the observer sees it: those that
    /// tell a seed, which was known before, and those that do not.
    pub(super) fn watch_silence(&mut self, node: usize, lot: &[FinalBlock]) {
        if node != self.setup.observer() || !self.is_silent() {
            return;
        }
        for block in lot {
            let news = block.executed.root_block().news;
            let told = news.iter().any(|told| matches!(told, News::Seed { .. }));
            let name = match told {
                true => "seed in silence",
                false => "root block in silence",
            };
            *self.faults.entry(name).or_default() += 1;
        }
    }

    fn is_silent(&self) -> bool {
        let silence = self.plan.silence.as_ref();
        silence.is_some_and(|silence| (silence.from..silence.until).contains(&self.now))
    }
}
