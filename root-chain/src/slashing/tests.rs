//! [P1] to [P6]: what misbehaviour costs.

use types::Amount;

use super::{About, AlreadyPunished, Crime, Fault, Slashed, convict, punish};
use crate::staking::StakerId;
use crate::staking::testing::{World, committee, user};

/// A committee of so many members of one seat each; the first stakers hold the first seats.
struct Bench {
    world: World,
    seats: Vec<u32>,
    holders: Vec<Option<StakerId>>,
}

const STAKE: u128 = 1_000_000;

fn bench(members: usize, held: u8) -> Bench {
    let mut holders = vec![None; members];
    (0..held).for_each(|at| holders[usize::from(at)] = Some(user(10 + at)));
    Bench {
        world: World::new(&vec![STAKE; held.into()], 0),
        // Only the keys of a few members are ever looked at.
        seats: vec![1; members],
        holders,
    }
}

impl Bench {
    fn convict(
        &mut self,
        members: &[u16],
        crime: Crime,
        reporter: Option<StakerId>,
    ) -> Result<Slashed, AlreadyPunished> {
        let (committee, holders) = (committee(1, &self.seats), &self.holders);
        let members = members.to_vec();
        self.world
            .edit(|edit| convict(edit, &committee, holders, &members, crime, reporter))
    }

    fn lost(&self, who: u8) -> u128 {
        STAKE - self.world.staker(10 + who).unwrap().stake.0
    }
}

/// max(5 %, min(100 %, 3x)), in parts of a million.
#[test]
fn the_penalty_grows_with_the_seats_that_lie_together() {
    let table = [
        (100, 1, 50_000),
        (100, 2, 60_000),
        (100, 10, 300_000),
        (100, 33, 990_000),
        (100, 34, STAKE),
        (100, 100, STAKE),
        (7, 1, 428_571),
        (4, 1, 750_000),
        (4, 2, STAKE),
        (1, 1, STAKE),
    ];
    for (seats, guilty, expected) in table {
        let mut bench = bench(seats, 1);
        let members: Vec<u16> = (0..guilty).collect();
        let slashed = bench.convict(&members, Crime::Contradiction, None).unwrap();
        assert_eq!(bench.lost(0), expected, "{guilty} of {seats}");
        assert_eq!(slashed.burned, Amount(expected));
        let burned = bench.world.state.lanes().ledger.burned;
        assert_eq!(burned, Amount(expected));
    }
}

/// Seats count, not members.
#[test]
fn heavy_members_weigh_more() {
    let mut bench = bench(4, 2);
    bench.seats = vec![10, 20, 30, 40];
    bench.convict(&[0], Crime::Contradiction, None).unwrap();
    assert_eq!(bench.lost(0), 300_000);
    bench.convict(&[1], Crime::Contradiction, None).unwrap();
    assert_eq!((bench.lost(0), bench.lost(1)), (900_000, 900_000));
}

/// [P2] Later evidence about the same term makes earlier convicts pay more; the order of reports
/// makes no difference.
#[test]
fn earlier_convicts_are_topped_up() {
    let mut bench = bench(20, 5);
    let mut steps = Vec::new();
    for member in 0..5 {
        bench
            .convict(&[member], Crime::Contradiction, None)
            .unwrap();
        steps.push(bench.lost(0));
    }
    assert_eq!(steps, [150_000, 300_000, 450_000, 600_000, 750_000]);
    let at_once = {
        let mut bench = self::bench(20, 5);
        let all = [4, 2, 0, 1, 3];
        bench.convict(&all, Crime::Contradiction, None).unwrap();
        (0..5).map(|who| bench.lost(who)).collect::<Vec<_>>()
    };
    let one_by_one: Vec<_> = (0..5).map(|who| bench.lost(who)).collect();
    assert_eq!(one_by_one, at_once);
}

/// [P3]
#[test]
fn nobody_is_convicted_twice_for_one_term() {
    let mut bench = bench(100, 3);
    bench.convict(&[0, 1], Crime::Contradiction, None).unwrap();
    let lost = bench.lost(0);
    for again in [&[0][..], &[1], &[0, 1]] {
        let refused = bench.convict(again, Crime::Contradiction, None);
        assert_eq!(refused, Err(AlreadyPunished));
    }
    assert_eq!(bench.lost(0), lost);
    // News about one of two is news.
    bench.convict(&[1, 2], Crime::Contradiction, None).unwrap();
    // What costs everything is worse, and after it nothing is left to convict of.
    bench.convict(&[0], Crime::Invalid, None).unwrap();
    assert_eq!(bench.lost(0), STAKE);
    let refused = bench.convict(&[0], Crime::Invalid, None);
    assert_eq!(refused, Err(AlreadyPunished));
    let refused = bench.convict(&[0], Crime::Contradiction, None);
    assert_eq!(refused, Err(AlreadyPunished));
}

/// [P4] [S5] Stake that does not count yet and stake that is unbonding pay as well.
#[test]
fn stake_is_slashable_until_it_is_withdrawn() {
    let mut bench = bench(100, 0);
    bench.holders[7] = Some(user(1));
    let world = &mut bench.world;
    world.register(1, 1_000).unwrap();
    world.quit(1).unwrap();
    world.height += 49;
    bench.convict(&[7], Crime::Contradiction, None).unwrap();
    let world = &mut bench.world;
    let record = world.staker(1).unwrap();
    assert_eq!(record.stake, Amount(950));
    assert!(record.tombstoned && !record.is_eligible(0));
    let before = world.balance(1);
    world.withdraw(1).unwrap();
    assert_eq!(world.balance(1), before + 950);
    // Gone: the correlation goes on counting it and takes nothing.
    bench
        .convict(&[8, 9, 10], Crime::Contradiction, None)
        .unwrap();
    let slashed = bench.convict(&[7], Crime::Invalid, None).unwrap();
    assert_eq!(slashed, Slashed::default());
}

/// [P4] The measure is what was there at the conviction, though other cases took from it since.
#[test]
fn two_cases_never_take_more_than_there_is() {
    let mut bench = bench(4, 1);
    bench.convict(&[0], Crime::Contradiction, None).unwrap();
    assert_eq!(bench.lost(0), 750_000);
    let (other, holders) = (committee(2, &[1; 4]), bench.holders.clone());
    let world = &mut bench.world;
    let second = world
        .edit(|edit| convict(edit, &other, &holders, &[0], Crime::Contradiction, None))
        .unwrap();
    assert_eq!(second.taken, Amount(187_500));
    let third = bench.convict(&[1], Crime::Contradiction, None).unwrap();
    assert_eq!(third.taken, Amount(62_500), "all that is left of 250,000");
    assert_eq!(bench.lost(0), STAKE);
}

/// [P6]
#[test]
fn the_reporter_gets_a_twentieth() {
    let mut bench = bench(100, 3);
    let reporter = Some(user(12));
    let slashed = bench.convict(&[0], Crime::Contradiction, reporter).unwrap();
    let expected = Slashed {
        taken: Amount(50_000),
        paid: Amount(2_500),
        burned: Amount(47_500),
    };
    assert_eq!(slashed, expected);
    assert_eq!(bench.world.staker(12).unwrap().rewards, Amount(2_500));
    // Neither strangers nor the convicted are paid.
    let stranger = Some(user(5));
    let slashed = bench.convict(&[1], Crime::Contradiction, stranger).unwrap();
    assert_eq!(slashed.paid, Amount::ZERO);
    let slashed = bench.convict(&[2], Crime::Contradiction, reporter).unwrap();
    assert!(slashed.taken > Amount::ZERO);
    assert_eq!(slashed.paid, Amount::ZERO, "it reports itself");
}

#[test]
fn faults_of_the_lesser_kind_are_punished_once_for_each_thing() {
    let mut world = World::new(&[1_000_000], 0);
    let about = |number| About {
        chain: types::ChainId(1),
        epoch: 3,
        number,
    };
    let table = [
        (Fault::TwoBallots, 0, 50_000),
        (Fault::TwoBallots, 1, 47_500),
        (Fault::BadDealing, 0, 18_050),
        (Fault::RescueAbsence, 0, 8_844),
        (Fault::Absence, 0, 875),
    ];
    for (fault, number, expected) in table {
        let mut punish = || world.edit(|edit| punish(edit, &user(10), fault, about(number), None));
        assert_eq!(punish().unwrap().taken, Amount(expected), "{fault:?}");
        assert_eq!(punish(), Err(AlreadyPunished), "{fault:?}");
    }
    assert!(!world.staker(10).unwrap().tombstoned);
}

/// A staker with two seats is one staker.
#[test]
fn two_seats_of_one_staker_are_paid_for_once() {
    let mut bench = bench(20, 1);
    bench.holders[1] = Some(user(10));
    bench.convict(&[0, 1], Crime::Contradiction, None).unwrap();
    assert_eq!(bench.lost(0), 300_000);
    bench.convict(&[1], Crime::Invalid, None).unwrap();
    assert_eq!(bench.lost(0), STAKE);
}

/// [P7] To the height: what is punished stays punished while anybody could be accused of it again,
/// and the account is as empty afterwards as it was before.
#[test]
fn what_nobody_can_be_accused_of_any_more_is_forgotten() {
    const WINDOW: u64 = 1_000;
    let mut bench = bench(20, 2);
    let about = About {
        chain: types::ChainId(1),
        epoch: 3,
        number: 0,
    };
    let stored = |bench: &Bench| {
        let account = bench.world.state.account(&super::account_id());
        account.map_or(0, |account| account.storage.len())
    };
    assert_eq!(stored(&bench), 0);
    let punish = |bench: &mut Bench| {
        bench
            .world
            .edit(|edit| punish(edit, &user(10), Fault::TwoBallots, about, None))
    };
    punish(&mut bench).unwrap();
    bench.convict(&[1], Crime::Contradiction, None).unwrap();
    let begun = 5_000;
    for height in begun..begun + 2 * WINDOW {
        bench.world.edit(|edit| super::tick(edit, height, WINDOW));
        if height <= begun + WINDOW {
            assert_eq!(punish(&mut bench), Err(AlreadyPunished), "{height}");
        }
    }
    assert_eq!(stored(&bench), 0, "the root knows no term of the case");
    assert!(punish(&mut bench).is_ok());
}
