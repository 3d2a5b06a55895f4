//! [G4] First in, first out, per pair of accounts: checked once all steps ran.
//!
//! Between two accounts, and from all other chains to one account, consumption must rise with
//! production, and what is left over must be a tail.

use std::collections::BTreeMap;
use std::sync::Arc;

use types::AccountId;

use crate::actor::Actor;
use crate::graph::Graph;
use crate::{CheckError, Letter};

/// What a recipient consumed last of a sequence of messages.
#[derive(Clone, Copy)]
enum Last {
    Consumed(u32),
    LeftOver,
}

/// The sequence goes on with a message that is consumed at `place` in σ, or left over.
fn go_on(last: &mut BTreeMap<AccountId, Last>, to: AccountId, place: Option<u32>) -> bool {
    let next = place.map_or(Last::LeftOver, Last::Consumed);
    match (last.insert(to, next), next) {
        (None, _) | (Some(_), Last::LeftOver) => true,
        (Some(Last::Consumed(before)), Last::Consumed(now)) => before < now,
        (Some(Last::LeftOver), Last::Consumed(_)) => false,
    }
}

/// Checks the imports to each account.
pub(crate) fn imports(graph: &Graph, letters: &[Arc<Letter>]) -> Result<(), CheckError> {
    let mut last = BTreeMap::new();
    for (letter, place) in letters.iter().zip(&graph.imports) {
        let account = letter.message().to;
        if !go_on(&mut last, account, *place) {
            return Err(CheckError::Fifo { account });
        }
    }
    Ok(())
}

/// Checks the inter messages between each two accounts.
pub(crate) fn outputs(graph: &Graph, actors: &[Box<Actor>]) -> Result<(), CheckError> {
    for (owner, actor) in actors.iter().enumerate() {
        if actor.outputs.len() > 1 {
            outputs_of(graph, actor, graph.first[owner] as usize)?;
        }
    }
    Ok(())
}

fn outputs_of(graph: &Graph, actor: &Actor, first: usize) -> Result<(), CheckError> {
    let mut last = BTreeMap::new();
    for step in 0..actor.ends.len() {
        let mut edges = graph.edges_of(first + step).peekable();
        for (number, at) in actor.outputs_of(step).enumerate() {
            let output = &actor.outputs[at];
            let consumes = |edge: &usize| graph.edges[*edge].output as usize == number;
            let place = edges.next_if(consumes).map(|edge| graph.place(edge));
            let account = output.letter.message().to;
            if output.inter && !go_on(&mut last, account, place) {
                return Err(CheckError::Fifo { account });
            }
        }
    }
    Ok(())
}
