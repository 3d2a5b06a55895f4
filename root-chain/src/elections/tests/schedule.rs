//! When what happens: step tables of heights.

use actors::Edit;
use types::{ChainId, Committee, Height, News};

use super::{RULES, World, boxed, noted};
use crate::committees;
use crate::elections::{ATTEMPTS, LEAST_TURNOUT, Stage, Threshold, auditors, slots};
use crate::slashing::{self, Crime};
use crate::testing::ONE;

#[test]
fn an_election_opens_a_lead_before_the_end() {
    let mut world = World::new(&[10; 6]);
    world.run_to(29);
    assert_eq!(world.term(ONE).stage, Stage::Serving);
    world.run_to(30);
    let term = world.term(ONE);
    let election = term.election().unwrap();
    assert_eq!((election.attempt, election.opened), (0, 30));
    assert_eq!(election.total, 60);
    assert_eq!(election.threshold, Threshold::of(6, 60, 1_000, 0));
    assert_eq!(
        world.term(ChainId::ROOT).stage,
        Stage::Serving,
        "that is due at 80"
    );
    world.run_to(50);
    assert_eq!(world.term(ONE).stage, term.stage, "it waits for its seed");
}

#[test]
fn a_committee_is_elected_with_the_seed_of_the_opening() {
    let mut world = World::new(&[10; 6]);
    world.run_to(31);
    let other = world.seed(29);
    let told = world.block(&[other]).news;
    assert!(matches!(told[..], [News::Seed { height: 29, .. }]));
    assert!(
        world.term(ONE).drawing(ONE).is_none(),
        "another height's seed"
    );

    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    assert_eq!((committee.chain, committee.epoch), (ONE, 1));
    committee.validate().unwrap();
    assert_eq!(committee.thresholds().seats, 6);
    let state = &world.root.state;
    assert_eq!(
        committees::committee(state, ONE, 1),
        Some(committee.clone())
    );
    let holders = committees::holders(state, ONE, 1).unwrap();
    for (member, holder) in committee.members.iter().zip(&holders) {
        assert_eq!(*holder, Some(world.holder(&member.key).id));
    }
    for auditor in auditors(state, ONE, 1) {
        assert!(!holders.contains(&Some(auditor)));
    }
    assert_eq!(usize::from(noted(&world.root, 0)), committee.size());
    assert_eq!(
        slots::candidate(state, ONE, 1, 0),
        None,
        "they are forgotten"
    );
    for staker in world.stakers.0.keys() {
        assert_eq!(slots::place(state, ONE, 1, staker), None);
    }
}

/// [E4] (k', k' + W]: the seed was recorded at 32, W is 6.
#[test]
fn candidates_are_taken_in_the_window_only() {
    let table: [(Height, bool); 4] = [(32, false), (33, true), (38, true), (39, false)];
    for (height, taken) in table {
        let mut world = World::new(&[10; 6]);
        world.open();
        let declared = boxed(world.all_elected(ONE).remove(0));
        if height == 32 {
            let mut fresh = World::new(&[10; 6]);
            fresh.run_to(31);
            let seed = fresh.seed(30);
            let refused = fresh.root.block(&[], &[seed, declared]).unwrap_err();
            assert!(refused.to_string().contains("declaration 1"), "{refused}");
            continue;
        }
        world.run_to(height - 1);
        let result = world.root.block(&[], &[declared]);
        assert_eq!(result.is_ok(), taken, "at {height}: {result:?}");
    }
}

/// [E6] Nobody declares anything: the next seeds, T doubled, and from the beginning.
#[test]
fn without_candidates_the_election_begins_anew() {
    let mut world = World::new(&[10; 6]);
    world.run_to(30);
    let mut opened = 30;
    for attempt in 0..ATTEMPTS {
        let election = world.term(ONE).election().unwrap().clone();
        assert_eq!((election.attempt, election.opened), (attempt, opened));
        assert_eq!(election.snapshot, 30);
        let turnout = slots::turnout(&world.root.state);
        assert_eq!(election.threshold, Threshold::of(6, 60, turnout, attempt));
        world.run_to(opened + 1);
        let seed = world.seed(opened);
        world.block(&[seed]);
        opened += 8;
        world.run_to(opened);
    }
    let election = world.term(ONE).election().unwrap().clone();
    assert_eq!((election.attempt, election.opened), (ATTEMPTS, 54));
    assert!(
        world.term(ONE).drawing(ONE).is_none(),
        "it takes nobody any more"
    );
    world.run_to(55);
    let seed = world.seed(54);
    world.block(&[seed]);
    let election = world.term(ONE).election().unwrap().clone();
    assert_eq!((election.attempt, election.opened), (0, 56));
    assert_eq!(
        slots::turnout(&world.root.state),
        750,
        "a quarter of the news counts"
    );
}

/// [E6] Too few in each attempt: the last draws from all who said that they are there.
#[test]
fn after_three_attempts_the_seed_draws_from_those_that_showed_up() {
    let mut world = World::new(&[3, 1, 30, 30]);
    world.run_to(30);
    let mut opened = 30;
    for _ in 0..ATTEMPTS {
        world.run_to(opened + 1);
        let seed = world.seed(opened);
        world.block(&[seed]);
        let present = world.stakers.0.values().take(2).cloned();
        let declared: Vec<_> = present.collect();
        let declared = declared
            .iter()
            .filter_map(|staker| world.elected(staker, ONE));
        let declared: Vec<_> = declared.map(boxed).collect();
        world.block(&declared);
        opened += 8;
        assert_eq!(world.run_to(opened), []);
    }
    let candidates = world.term(ONE).election().unwrap().candidates;
    assert!(candidates > 0, "T was doubled twice, so somebody won");
    world.run_to(opened + 1);
    let seed = world.seed(opened);
    let news = world.block(&[seed]).news;
    let [News::Seed { .. }, News::Elected(committee)] = &news[..] else {
        panic!("a committee was due: {news:?}");
    };
    assert_eq!(committee.members.len(), candidates as usize);
    let tickets = |member: &types::Member| world.holder(&member.key).tickets;
    for member in &committee.members {
        assert_eq!(
            u64::from(member.seats),
            tickets(member),
            "fewer tickets than seats"
        );
    }
}

/// [E7] Told once, at the end and not before, with a quorum and not with less.
#[test]
fn the_term_may_end_when_a_quorum_is_ready_and_its_time_has_come() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee);
    let (quorum, mut seats) = (committee.thresholds().quorum, 0);
    let needed = committee.members.iter().take_while(|member| {
        let missing = seats < quorum;
        seats += u64::from(member.seats);
        missing
    });
    let needed = needed.count();

    let mut lacking = World::new(&[10; 6]);
    lacking.elect();
    lacking.block(&ready[..needed - 1]);
    assert_eq!(lacking.run_to(70), []);

    world.block(&ready[..needed]);
    assert_eq!(world.run_to(59), []);
    let told = News::Ready {
        chain: ONE,
        epoch: 1,
    };
    assert_eq!(world.run_to(60), [told]);
    assert_eq!(world.run_to(70), [], "once");
    let again = world.root.block(&[], &ready[..1]).unwrap_err();
    assert!(again.to_string().contains("has said so"), "{again}");
}

#[test]
fn a_committee_that_is_never_ready_is_replaced() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    world.run_to(70);
    assert!(world.term(ONE).successor().is_some());
    world.run_to(71);
    let term = world.term(ONE);
    assert_eq!(term.election().unwrap().opened, 71);
    assert_eq!(term.epoch, 0, "the old one goes on");
    assert_eq!(usize::from(noted(&world.root, 1)), committee.size());
}

/// The next committee of the same term does not answer for what this one did.
#[test]
fn convictions_in_a_committee_that_is_replaced_do_not_pass_on() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let holders = vec![None; committee.size()];
    let convict = |world: &mut World, committee: &Committee| {
        let mut edit = Edit::new(&world.root.state);
        let crime = Crime::Contradiction;
        let convicted =
            slashing::convict(&mut edit, committee, &holders, &[0, 1], crime, None).is_ok();
        world.root.state = edit.finish();
        convicted
    };
    assert!(convict(&mut world, &committee));
    assert!(!convict(&mut world, &committee), "once");
    assert!(slashing::guilty_seats(&world.root.state, &committee) > 0);
    world.run_to(71);
    let opened = world.term(ONE).election().unwrap().opened;
    let seed = world.seed(opened);
    world.block(&[seed]);
    let cut = world.root.height - 1 + RULES.window;
    let declared: Vec<_> = world.all_elected(ONE).into_iter().map(boxed).collect();
    world.block(&declared);
    let news = world.run_to(cut);
    let [News::Elected(other)] = &news[..] else {
        panic!("a committee was due: {news:?}");
    };
    assert_eq!((other.chain, other.epoch), (ONE, committee.epoch));
    assert_eq!(slashing::guilty_seats(&world.root.state, other), 0);
    assert!(convict(&mut world, other));
}

#[test]
fn foreign_and_forged_readiness_is_refused() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let mut other = committee.clone();
    other.epoch = 2;
    let cases = [
        (world.ready(&other).remove(0), "epoch 2"),
        (
            {
                let mut swapped = committee.clone();
                swapped.members.reverse();
                world.ready(&swapped).remove(0)
            },
            "signature",
        ),
        (
            {
                let mut longer = committee.clone();
                longer.members.extend(committee.members.clone());
                world.ready(&longer).remove(committee.members.len())
            },
            "no member",
        ),
    ];
    for (declared, expected) in cases {
        let refused = world.root.block(&[], &[declared]).unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

#[test]
fn turnout_is_smoothed_and_bounded() {
    let mut world = World::new(&[10; 6]);
    world.elect();
    let seen = slots::turnout(&world.root.state);
    assert!(seen > 750 && seen <= 1_000, "most showed up: {seen}");
    let mut low = World::new(&[10; 6]);
    let mut edit = actors::Edit::new(&low.root.state);
    slots::put_turnout(&mut edit, LEAST_TURNOUT);
    low.root.state = edit.finish();
    low.open();
    assert_eq!(
        low.drawing(ONE).threshold,
        Threshold::of(6, 60, LEAST_TURNOUT, 0)
    );
    low.run_to(38);
    assert_eq!(slots::turnout(&low.root.state), LEAST_TURNOUT);
}

/// What a node that has only header and state is told.
#[test]
fn news_stand_in_the_state_of_their_block_only() {
    let mut world = World::new(&[10; 6]);
    world.elect();
    let told = slots::news(&world.root.state, 38);
    assert!(matches!(told[..], [News::Elected(_)]));
    world.run_to(39);
    assert_eq!(slots::news(&world.root.state, 39), []);
}

#[test]
fn seeds_of_blocks_that_are_not_final_are_refused() {
    let mut world = World::new(&[10; 6]);
    world.run_to(30);
    let early = world.seed(31);
    let refused = world.root.block(&[], &[early]).unwrap_err();
    assert!(refused.to_string().contains("not final"), "{refused}");
    let mut forged = world.seed(30);
    if let crate::RootDeclaration::Seed(seed) = &mut forged {
        seed.height = 29;
    }
    let refused = world.root.block(&[], &[forged]).unwrap_err();
    assert!(
        refused.to_string().contains("not that of the group"),
        "{refused}"
    );
    assert_eq!(RULES.lead, 30);
}

/// [E8] Chains do not elect all at once, and none has more time than a term.
#[test]
fn first_terms_are_staggered() {
    let ends = |chain| crate::elections::first_length(ChainId(chain), &RULES);
    assert_eq!(ends(0), RULES.root_epoch);
    let all: Vec<_> = (1..=17).map(ends).collect();
    assert_eq!(all[..4], [60, 59, 57, 55]);
    assert_eq!((all[15], all[16]), (32, 60));
    assert!(all.iter().all(|end| *end > RULES.lead));
}

/// [E8] What is more than a block may hold is refused by its place.
#[test]
fn a_block_that_holds_too_much_is_refused() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee).remove(0);
    let error = world.root.block(&[], &vec![ready; 101]).unwrap_err();
    // The second one repeats the first; nothing is judged beyond it.
    assert!(error.to_string().contains("declaration 1"), "{error}");
    // Everybody wins: 25 candidates weigh 75, so twenty of them fit.
    let mut world = World::new(&[1; 25]);
    let mut edit = actors::Edit::new(&world.root.state);
    slots::put_turnout(&mut edit, LEAST_TURNOUT);
    world.root.state = edit.finish();
    world.open();
    let declared: Vec<_> = world.all_elected(ONE).into_iter().map(boxed).collect();
    assert_eq!(declared.len(), 25);
    let error = world.root.block(&[], &declared).unwrap_err();
    assert!(error.to_string().contains("declaration 20"), "{error}");
    assert!(error.to_string().contains("may weigh 60"), "{error}");
    world.block(&declared[..20]);
}

/// The root elects, is ready, and closes its own term with a block that says so.
#[test]
fn the_root_replaces_itself() {
    let root = ChainId::ROOT;
    let mut world = World::new(&[10; 6]);
    world.run_to(81);
    let seed = world.seed(80);
    world.block(&[seed]);
    let declared = world.all_elected(root).into_iter().map(boxed);
    let declared: Vec<_> = declared.collect();
    world.block(&declared);
    let news = world.run_to(88);
    let [News::Elected(committee)] = &news[..] else {
        panic!("a committee was due: {news:?}");
    };
    let keys = crate::elections::encryption_keys(&world.root.state, 1);
    assert_eq!(keys.len(), committee.size());
    for (member, key) in committee.members.iter().zip(keys) {
        let own = super::decryption(world.holder(&member.key));
        assert_eq!(key.to_bytes(), own.public().to_bytes());
    }
    let ready = world.ready(committee);
    world.block(&ready);
    let told = world.run_to(120);
    assert!(told.contains(&News::Ready {
        chain: root,
        epoch: 1
    }));
    // Height 121 cites 120, where all were told.
    world.root.phase = types::Phase::Closing;
    world.block(&[]);
    assert_eq!((world.term(root).epoch, world.term(root).since), (1, 121));
    world.root.phase = types::Phase::Ordinary;
    assert!(
        world.root.block(&[], &[]).is_err(),
        "the next block is of epoch 1"
    );
    world.root.epoch = 1;
    world.block(&[]);
}
