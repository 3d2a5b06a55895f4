//! `chain term`, for people.

use std::fmt::Write;

use crate::rpc::view::{ElectionView, MemberView, NextView, TermStage, TermView};

pub(super) fn describe(term: &TermView) -> String {
    let mut text = format!(
        "chain {} term {}, since root height {}{}",
        term.chain,
        term.epoch,
        term.since,
        match term.end {
            Some(end) => format!(", until {end} or later"),
            None => ", for good".to_owned(),
        }
    );
    if let Some(at) = term.frozen_at {
        let _ = write!(text, "\nfrozen at root height {at}: waits for a rescue");
    }
    let _ = write!(text, "\n{} seats:{}", term.seats, members(&term.members));
    let _ = write!(text, "\n{}", stage(term));
    if let Some(election) = &term.election {
        let _ = write!(text, "\n{}", describe_election(election));
    }
    if let Some(next) = &term.next {
        let _ = write!(text, "\n{}", describe_next(next));
    }
    text
}

fn stage(term: &TermView) -> String {
    match term.stage {
        TermStage::Fixed => "committees of genesis serve forever".to_owned(),
        TermStage::Serving => match term.election_at {
            Some(at) => format!("the next election opens at root height {at}"),
            None => "no election is planned".to_owned(),
        },
        TermStage::Electing => "the next committee is being elected".to_owned(),
        TermStage::Elected => "the next committee is elected and gets ready".to_owned(),
        TermStage::Closing => "the next committee is ready: the term may end".to_owned(),
    }
}

fn describe_election(election: &ElectionView) -> String {
    let known = match election.seed_known {
        Some(at) => format!("its seed is known since root height {at}"),
        None => "its seed is not known yet".to_owned(),
    };
    format!(
        "election opened at root height {}, attempt {}: {known}; {} candidates, {} tickets",
        election.opened, election.attempt, election.candidates, election.tickets
    )
}

fn describe_next(next: &NextView) -> String {
    format!(
        "term {} elected at root height {}: {} of {} seats are ready, {} are needed:{}",
        next.epoch,
        next.elected,
        next.ready,
        next.seats,
        next.quorum,
        members(&next.members)
    )
}

fn members(members: &[MemberView]) -> String {
    let lines = members.iter().enumerate().map(|(number, member)| {
        let staker = match &member.staker {
            Some(address) => address.to_string(),
            None => "no staker".to_owned(),
        };
        let MemberView { node, seats, .. } = member;
        format!("\n  member {number}: {seats} seats, {staker}, node {node}")
    });
    lines.collect()
}
