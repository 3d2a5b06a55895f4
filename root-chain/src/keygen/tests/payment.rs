//! E10: where the stake of a dealer goes whose dealing was bad.

use actors::{Edit, State};
use crypto::threshold::{Complaint, Dealing, Seat};
use types::{AccountId, Amount};

use super::{SEATS, dealt, genesis, key, machine, share_key};
use crate::keygen::{Complained, Dealt, Keygen, dealing, run};
use crate::staking::{self, FirstStaker, Staker, books};
use crate::testing::network;

const STAKE: u128 = 1_234_567;
const POOL: u128 = 89;
/// Two percent of it, and a twentieth of that; what does not divide stays where it is.
const TAKEN: u128 = 24_691;
const FEE: u128 = 1_234;

fn id(member: u8) -> AccountId {
    AccountId([member + 101; 32].into())
}

fn staked() -> State {
    let stakers = (0..4).map(|member: u8| FirstStaker {
        id: id(member),
        node: types::NodeId([member; 32].into()),
        key: crypto::bls::SecretKey::from_seed(&[member + 151; 32]).public(),
        stake: Amount(STAKE),
        duties: 2,
    });
    let account = staking::first_account(stakers, Amount(POOL)).unwrap();
    genesis(&[0, 1, 2, 3].map(|member| Some(id(member))), Some(account))
}

/// Member 0 sends a bad share to a seat, members 1 to 3 deal well.
fn badly_dealt<'a>(keygen: &Keygen, state: &'a State, victim: Seat) -> Edit<'a> {
    let mut edit = Edit::new(state);
    keygen.tick(&mut edit, 1);
    let context = run(&edit).unwrap().context(network());
    let roster = keygen.roster(&edit, 0).unwrap();
    let terms = roster.terms(&context, 0);
    let bad = Dealing::create_cheating(&[20; 32], &terms, victim).unwrap();
    let bad = Dealt::sign((0, 0, 0), bad, &context, &key(0));
    keygen.dealt(&mut edit, &bad, false).unwrap();
    for member in 1..4 {
        let good = dealt(keygen, &edit, member, member + 20);
        keygen.dealt(&mut edit, &good, false).unwrap();
    }
    keygen.tick(&mut edit, 5);
    edit
}

/// What the holder of a seat says about member 0.
fn complaint(edit: &Edit<'_>, owner: u8, seat: Seat) -> Complained {
    let (_, kept) = dealing(edit, 0, 0).unwrap();
    Complained {
        epoch: 0,
        attempt: 0,
        dealer: 0,
        seat: seat.number(),
        complaint: Complaint::create(&kept.restore().unwrap(), &share_key(owner), seat),
    }
}

fn record(edit: &Edit<'_>, member: u8) -> Staker {
    staking::staker(edit, &id(member)).unwrap()
}

/// Every unit is somebody's, in the pool or burned.
fn audit(before: &State, after: &State, burned: u128) {
    assert!(after.conserves());
    assert_eq!(after.lanes().ledger.burned, Amount(burned));
    assert_eq!(staking::burned(after), Amount(burned));
    let account = staking::account_id();
    let gone = before.balance(&account).minus(after.balance(&account));
    assert_eq!(gone, Some(Amount(burned)));
    let books = books(after).unwrap();
    assert_eq!(books.sum(), Some(after.balance(&account)));
    assert_eq!(books.pool, Amount(POOL));
}

#[test]
fn the_victim_is_paid_once_and_no_unit_is_lost() {
    let (state, keygen) = (staked(), machine());
    // Seats 5 to 7 are member 3's; the share of the sixth is bad.
    let victim = Seat::new(6).unwrap();
    let mut edit = badly_dealt(&keygen, &state, victim);
    let said = complaint(&edit, 3, victim);
    keygen.complained(&mut edit, &said).unwrap();
    let paid = |edit: &Edit<'_>| {
        assert_eq!(record(edit, 0).stake, Amount(STAKE - TAKEN));
        assert_eq!(record(edit, 3).rewards, Amount(FEE));
        for member in 1..4 {
            assert_eq!(record(edit, member).stake, Amount(STAKE), "{member}");
        }
        let others = (0..3).map(|member| record(edit, member).rewards);
        assert!(others.into_iter().all(|rewards| rewards.is_zero()));
        assert!(!record(edit, 0).tombstoned);
    };
    paid(&edit);
    // Neither the same complaint nor that of another seat is worth anything now.
    for (owner, seat) in [(3, 6), (3, 5), (1, 2)] {
        let again = complaint(&edit, owner, Seat::new(seat).unwrap());
        let refused = keygen.complained(&mut edit, &again).unwrap_err();
        assert!(refused.to_string().contains("no dealing of member 0"));
        paid(&edit);
    }
    audit(&state, &edit.finish(), TAKEN - FEE);
}

/// Who sends itself a bad share gets nothing of its stake back.
#[test]
fn a_dealer_that_is_its_own_victim_is_not_paid() {
    let (state, keygen) = (staked(), machine());
    assert_eq!(SEATS[0], 1, "the first seat is the dealer's");
    let own = Seat::new(1).unwrap();
    let mut edit = badly_dealt(&keygen, &state, own);
    let said = complaint(&edit, 0, own);
    keygen.complained(&mut edit, &said).unwrap();
    assert_eq!(record(&edit, 0).stake, Amount(STAKE - TAKEN));
    let rewards = (0..4).map(|member| record(&edit, member).rewards);
    assert!(rewards.into_iter().all(|rewards| rewards.is_zero()));
    audit(&state, &edit.finish(), TAKEN);
}
