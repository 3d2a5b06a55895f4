//! From election to election: following chains, being ready, serving.

use types::{ChainId, Epoch, Height};

use super::seats::Found;
use super::{Duty, Effect, Saying};
use crate::declaration::RootDeclaration;
use crate::elections::{self, Ready, Stage, Term};
use crate::staking::RootEpoch;

impl Duty {
    /// Looks at every chain's term.
    pub(super) fn terms(&mut self, out: &mut Vec<Effect>) {
        for chain in elections::chains(&self.state) {
            if let Some(term) = elections::term(&self.state, chain) {
                self.term(chain, &term, out);
            }
        }
    }

    /// The earliest root epoch by which stake counts in an election that is on. Who was drawn
    /// there needs its secrets, also before the seed is known.
    pub(super) fn electing(&self) -> Option<RootEpoch> {
        let chains = elections::chains(&self.state).into_iter();
        let snapshots = chains.filter_map(|chain| {
            let term = elections::term(&self.state, chain)?;
            Some(self.system.staking.epoch(term.election()?.snapshot))
        });
        snapshots.min()
    }

    fn term(&mut self, chain: ChainId, term: &Term, out: &mut Vec<Effect>) {
        self.retire(chain, term, out);
        self.serve(chain, term.epoch, out);
        match term.drawing(chain) {
            Some(drawing) => self.draw(chain, drawing, out),
            None => self.ballots.close(chain),
        }
        if let Stage::Elected(successor) = &term.stage {
            let next = term.next();
            let found = self.find(chain, next, out);
            if found && self.follow(chain, out) {
                let recorded = |member| successor.ready.contains(member);
                self.say_ready(chain, next, (None, recorded), out);
            }
        }
        if let Some(freeze) = &term.frozen {
            let recorded = |member| freeze.present.contains(member);
            self.say_ready(chain, term.epoch, (Some(freeze.at), recorded), out);
            self.rescue(chain, out);
            self.compare_fork(chain, out);
        } else {
            self.end_rescue(chain);
        }
        self.show_fork(chain, term, out);
        self.leave(chain, term, out);
    }

    /// Whether the node is a member of a term's committee.
    fn find(&mut self, chain: ChainId, epoch: Epoch, out: &mut Vec<Effect>) -> bool {
        let (who, system, state) = (&self.who, &self.system, &self.state);
        match self.seats.find(who, system, state, (chain, epoch)) {
            Found::None => false,
            Found::Lost => {
                out.push(Effect::Done { chain, epoch });
                false
            }
            Found::Seat => true,
        }
    }

    /// Seats whose term is over, or whose committee was dropped before it began. Those of the root
    /// stay until every height of their term has a seed.
    fn retire(&mut self, chain: ChainId, term: &Term, out: &mut Vec<Effect>) {
        let waits = matches!(term.stage, Stage::Elected(_));
        for epoch in self.seats.epochs(chain) {
            let over = epoch < term.epoch && !(chain.is_root() && self.owes_seeds(epoch));
            if over || epoch > term.next() || (epoch == term.next() && !waits) {
                self.seats.remove(chain, epoch);
                if !cfg!(feature = "plant-kept-key") {
                    out.push(Effect::Done { chain, epoch });
                }
            }
        }
    }

    fn serve(&mut self, chain: ChainId, epoch: Epoch, out: &mut Vec<Effect>) {
        if !self.find(chain, epoch, out) {
            return;
        }
        self.follow(chain, out);
        if let Some(seat) = self
            .seats
            .get_mut(chain, epoch)
            .filter(|seat| !seat.serving)
        {
            seat.serving = true;
            out.push(Effect::Serves {
                chain,
                epoch,
                member: seat.member,
                key: seat.key.clone(),
            });
        }
    }

    /// Whether the chain is followed closely enough; begins to follow it.
    fn follow(&mut self, chain: ChainId, out: &mut Vec<Effect>) -> bool {
        if self.followed.insert(chain) {
            out.push(Effect::Follow(chain));
        }
        self.synced.contains(&chain)
    }

    /// Leaves a chain once the first anchor of those who took over is recorded: until then they
    /// may need its blocks.
    fn leave(&mut self, chain: ChainId, term: &Term, out: &mut Vec<Effect>) {
        let needed = !self.seats.epochs(chain).is_empty();
        let record = crate::anchors::record(&self.state, chain);
        let taken = record.is_none_or(|record| record.epoch >= term.epoch);
        if !needed && taken && self.followed.remove(&chain) {
            self.synced.remove(&chain);
            out.push(Effect::Leave(chain));
        }
    }

    /// Says that it follows the chain, or that it is there when its chain is frozen.
    fn say_ready(
        &mut self,
        chain: ChainId,
        epoch: Epoch,
        (frozen, recorded): (Option<Height>, impl Fn(usize) -> bool),
        out: &mut Vec<Effect>,
    ) {
        let Some(seat) = self.seats.get(chain, epoch) else {
            return;
        };
        let member = seat.member;
        if recorded(usize::from(member)) {
            return;
        }
        let network = self.system.anchors.network;
        let ready = Ready::signed(network, (chain, epoch), member, frozen, &seat.key);
        let what = Saying::Ready(chain, epoch);
        self.declare(what, &RootDeclaration::Ready(ready), out);
    }
}
