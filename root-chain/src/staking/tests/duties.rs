//! [S7] [S8] What terms pay and cost.

use actors::Edit;
use types::{AccountId, Amount, Committee, Signers};

use crate::staking::testing::{World, committee, user};
use crate::staking::{Certified, begin_term, end_term, pool, reward};

/// Four members with 1, 2, 3 and 4 seats; the third is nobody's.
struct Term {
    committee: Committee,
    holders: Vec<Option<AccountId>>,
}

fn term() -> Term {
    Term {
        committee: committee(1, &[1, 2, 3, 4]),
        holders: vec![Some(user(10)), Some(user(11)), None, Some(user(12))],
    }
}

impl Term {
    fn begin(&self, world: &mut World) {
        world.edit(|edit| begin_term(edit, &self.holders));
    }

    fn certify(&self, world: &mut World, by: &[usize], proposer: u16, blocks: u64) {
        let mut signers = Signers::none(4);
        by.iter().for_each(|member| {
            signers.insert(*member);
        });
        let certified = Certified {
            committee: &self.committee,
            holders: &self.holders,
            signers: &signers,
            proposer,
            blocks,
        };
        let rules = world.rules;
        world.edit(|edit| reward(edit, &rules, &certified));
    }

    fn end(&self, world: &mut World) -> Vec<AccountId> {
        let (rules, height) = (world.rules, world.height);
        let end =
            |edit: &mut Edit<'_>| end_term(edit, &rules, &self.committee, &self.holders, height);
        world.edit(end)
    }
}

fn rewards(world: &World) -> [u128; 3] {
    [10, 11, 12].map(|who| world.staker(who).unwrap().rewards.0)
}

/// Ten seats, 1,000 a block: 70 a signing seat, 20 for the proposer for each seat that signed.
#[test]
fn shares_go_by_seats_and_the_proposer_earns_by_signatures() {
    let mut world = World::new(&[100, 100, 100], 1_000_000);
    let term = term();
    term.begin(&mut world);
    term.certify(&mut world, &[0, 1, 3], 1, 1);
    assert_eq!(rewards(&world), [0, 0, 0], "promised, not paid");
    assert_eq!(term.end(&mut world), []);
    assert_eq!(rewards(&world), [70, 140 + 20 * 7, 280]);
    let books = world.audit();
    assert_eq!(books.pool, Amount(1_000_000 - 70 - 280 - 280));
    // Two blocks by a proposer whose seat is nobody's: its share stays in the pool.
    term.begin(&mut world);
    term.certify(&mut world, &[0, 1, 2, 3], 2, 2);
    term.end(&mut world);
    assert_eq!(rewards(&world), [70 + 140, 280 + 280, 280 + 560]);
}

/// Leaving out signatures that came gains a proposer nothing.
#[test]
fn proposers_gain_with_every_signature() {
    let earned = |by: &[usize]| {
        let mut world = World::new(&[100, 100, 100], 1_000_000);
        let term = term();
        term.certify(&mut world, by, 0, 1);
        term.end(&mut world);
        world.staker(10).unwrap().rewards.0
    };
    assert!(earned(&[0, 1, 3]) < earned(&[0, 1, 2, 3]));
}

#[test]
fn rewards_are_claimed_by_their_owner() {
    let mut world = World::new(&[], 10_000);
    world.register(1, 10).unwrap();
    let term = Term {
        holders: vec![Some(user(1)), None, None, None],
        ..term()
    };
    term.begin(&mut world);
    term.certify(&mut world, &[0, 1, 2], 3, 1);
    term.end(&mut world);
    let before = world.balance(1);
    world.claim(1).unwrap();
    assert_eq!(world.balance(1), before + 70);
    assert_eq!(world.staker(1).unwrap().rewards, Amount::ZERO);
    // What is not claimed goes along with the stake.
    term.begin(&mut world);
    term.certify(&mut world, &[0, 1, 2], 3, 1);
    term.end(&mut world);
    world.quit(1).unwrap();
    world.height += 60;
    world.withdraw(1).unwrap();
    assert_eq!(world.balance(1), before + 70 + 70 + 10);
}

/// Nothing is issued: when the pool is promised away, blocks pay nothing.
#[test]
fn an_empty_pool_pays_nothing() {
    let mut world = World::new(&[100, 100, 100], 1_500);
    let term = term();
    term.begin(&mut world);
    for _ in 0..50 {
        term.certify(&mut world, &[0, 1, 2, 3], 3, 1);
    }
    term.end(&mut world);
    let paid: u128 = rewards(&world).iter().sum();
    let left = world.audit().pool;
    assert_eq!(left, Amount(1_500 - paid));
    assert_eq!(world.edit(|edit| pool(edit)), left);
    assert!(left < Amount(20), "down to roundings: {left}");
    // A gift keeps it going.
    world.give(1, 100_000);
    term.begin(&mut world);
    term.certify(&mut world, &[0, 1, 2, 3], 3, 1);
    term.end(&mut world);
    assert!(rewards(&world).iter().sum::<u128>() > paid);
}

#[test]
fn whoever_signs_less_than_half_is_jailed_and_earns_nothing() {
    let mut world = World::new(&[10_000, 10_000, 10_000], 1_000_000);
    world.enter_epoch(5);
    let term = term();
    term.begin(&mut world);
    for block in 0..10 {
        match block {
            0..4 => term.certify(&mut world, &[0, 1, 2, 3], 3, 1),
            4 => term.certify(&mut world, &[1, 2, 3], 3, 1),
            _ => term.certify(&mut world, &[2, 3], 3, 1),
        }
    }
    // 4, 5, 10, 10 of 10.
    assert_eq!(term.end(&mut world), [user(10)]);
    let absent = world.staker(10).unwrap();
    assert_eq!(absent.rewards, Amount::ZERO);
    assert_eq!(absent.stake, Amount(9_990));
    let eligible = [5, 6, 7, 8].map(|epoch| absent.is_eligible(epoch));
    assert_eq!(eligible, [false, false, false, true]);
    let present = world.staker(11).unwrap();
    assert_eq!(present.rewards, Amount(5 * 140));
    assert_eq!(present.stake, Amount(10_000));
    assert!(present.is_eligible(5));
    assert_eq!(absent.duties, 0);
}

#[test]
fn absence_can_be_switched_off_and_short_terms_judge_nobody() {
    let absent = |percent, blocks| {
        let mut world = World::new(&[100, 100, 100], 1_000_000);
        world.rules.presence_percent = percent;
        let term = term();
        (0..blocks).for_each(|_| term.certify(&mut world, &[0, 2, 3], 3, 1));
        term.end(&mut world)
    };
    assert_eq!(absent(50, 8), [user(11)]);
    assert_eq!(absent(50, 7), []);
    assert_eq!(absent(0, 100), []);
}
