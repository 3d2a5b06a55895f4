//! Finality, jumps and forks. [F1] [C4]

use types::limits::{ROUND_STEP, ROUNDS};
use types::{Block, CertificateKind, Finality, Header, Justification};

use super::bench::*;
use crate::chain::genesis;
use crate::{Input, Message, Restored};

#[test]
fn ancestors_become_final_with_their_descendant() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let b = next(&a, &them);
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.name("b", &b);
    bench.prepare(&a);
    bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    bench.prepare(&b);
    let steps = bench.say(them[0], final_by(&b, &them));
    assert_eq!(steps.last().map(String::as_str), Some("final a b"));
    assert_eq!(bench.machine.last().0.height, 2);
    assert!(bench.say(them[0], final_by(&b, &them)).is_empty());
}

#[test]
fn a_later_certificate_moves_an_observer_there_and_the_chain_is_fetched() {
    let them = [0, 1, 2];
    let a = first();
    let b = next(&a, &them);
    let c = next(&b, &them);
    let mut bench = Bench::restored(None, Restored::default());
    bench.name("a", &a);
    bench.name("b", &b);
    bench.name("c", &c);
    let steps = bench.say(1, final_by(&c, &them));
    assert_eq!(
        steps,
        ["log PC(3,c)", "log CC(3,c)"],
        "observers send nothing"
    );
    assert_eq!(bench.machine.round(), 4);
    assert_eq!(bench.wait(DELTA), ["fetch c"]);
    // The first answer stops short, the next one completes the chain.
    let blocks = vec![c.clone(), b.clone()];
    assert_eq!(bench.input(Input::Blocks { blocks }), ["fetch a"]);
    let blocks = vec![a.clone()];
    assert_eq!(bench.input(Input::Blocks { blocks }), ["final a b c"]);
}

#[test]
fn two_final_branches_stop_the_machine() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let skip = Justification {
        parent: None,
        skips: vec![skipped(1, &them)],
    };
    let rival = block(&genesis(), 2, skip);
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    bench.say(them[0], final_by(&a, &them));
    bench.prepare(&rival);
    let steps = bench.say(them[0], final_by(&rival, &them));
    // All three confirmed round 1 and skipped it.
    let blame = format!("blame {them:?}");
    let place = |step: &str| steps.iter().position(|found| found == step);
    assert!(place(&blame).is_some(), "{steps:?}");
    assert!(place(&blame) < place("fork"), "{steps:?}");
    bench.input(Input::Work(true));
    assert!(bench.wait(TIMEOUT).is_empty(), "it signs nothing any more");
}

/// The certificate that convicts lies below the block that shows the fork.
#[test]
fn a_fork_convicts_by_what_its_branch_shows_of_the_final_round() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let other = {
        let parent = None;
        let skips = vec![skipped(1, &them)];
        block(&genesis(), 2, Justification { parent, skips })
    };
    let top = next(&other, &them);
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    bench.say(them[0], final_by(&a, &them));
    bench.name("other", &other);
    bench.name("top", &top);
    bench.prepare(&other);
    bench.say(them[0], Message::Certificate(prepared(&other, &them)));
    bench.prepare(&top);
    let steps = bench.say(them[0], final_by(&top, &them));
    let blame = format!("blame {them:?}");
    assert!(steps.contains(&blame), "{steps:?}");
    assert!(steps.contains(&"fork".to_owned()), "{steps:?}");
}

/// [F5] More than f seats lie: they certified a block in another round than it says.
#[test]
fn a_block_of_another_round_than_its_certificate_stops_the_machine() {
    let them = [0, 1, 2];
    let lies: [fn(&mut Header); 5] = [
        |header| header.round = u64::MAX,
        |header| header.round = 2,
        |header| header.round = 0,
        |header| header.epoch += 1,
        |header| header.parent_round = 1,
    ];
    for lie in lies {
        let mut lying = first();
        lie(&mut lying.header);
        let of = |kind| {
            let groups = [(Some(lying.header.hash()), &them[..])];
            certificate(kind, 1, &groups)
        };
        let finality = Finality {
            confirm: of(CertificateKind::Confirm),
            prepare: of(CertificateKind::Prepare),
        };
        let mut bench = Bench::restored(None, Restored::default());
        bench.name("lying", &lying);
        bench.say(1, Message::Finality(Box::new(finality)));
        bench.wait(DELTA);
        let blocks = vec![lying.clone()];
        let steps = bench.input(Input::Blocks { blocks });
        assert_eq!(steps.first().map(String::as_str), Some("fork"));
        assert_eq!(bench.machine.last().0.height, 0);
    }
}

/// What an observer does that is told that a block is final, and fetches it.
fn told_of(block: &Block) -> String {
    let mut bench = Bench::restored(None, Restored::default());
    bench.name("block", block);
    bench.say(1, final_by(block, &[0, 1, 2]));
    bench.wait(DELTA);
    let blocks = vec![block.clone()];
    bench.input(Input::Blocks { blocks }).swap_remove(0)
}

/// [F5] The next term counts on from the last block of this one.
#[test]
fn a_block_far_above_its_parent_stops_the_machine() {
    let of = |round| block(&genesis(), round, Justification::default());
    assert_eq!(told_of(&of(ROUND_STEP)), "final block");
    for round in [ROUND_STEP + 1, ROUNDS] {
        assert_eq!(told_of(&of(round)), "fork");
        let mut lying = of(round);
        lying.header.parent_round = round - 1;
        assert_eq!(told_of(&lying), "fork", "its parent is of round 0");
    }
}
