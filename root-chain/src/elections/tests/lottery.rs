//! Tickets, thresholds and cuts by themselves.

use crypto::Hash;
use types::{AccountId, NodeId};

use crate::elections::{Candidate, Threshold, Tickets, rank, sample, ticket_hash, winning};

fn hash_of(number: u64) -> Hash {
    crypto::hash_borsh(crypto::Domain::new("test/draw"), &number)
}

/// Bytes of T by hand: 1.5·n / (total·turnout), times 2^attempt, times 2^256.
#[test]
fn thresholds_are_exact_fractions() {
    type Case = (u32, u64, u32, u32, Option<[u8; 2]>);
    let table: [Case; 9] = [
        // 1.5 / 3 = 1/2, 3 / 9 = 1/3, 1.5 / (30 · 0.5) = 1/10.
        (1, 3, 1_000, 0, Some([0x80, 0])),
        (2, 9, 1_000, 0, Some([0x55, 0x55])),
        (1, 30, 500, 0, Some([0x19, 0x99])),
        // Turnout is at least 0.3: 1.5 / 9 = 1/6, and 1 at most.
        (1, 30, 100, 0, Some([0x2a, 0xaa])),
        (1, 3, 5_000, 0, Some([0x80, 0])),
        // Doubled, and doubled again until everybody wins.
        (2, 9, 1_000, 1, Some([0xaa, 0xaa])),
        (2, 9, 1_000, 2, None),
        (4, 6, 1_000, 0, None),
        (4, 0, 1_000, 0, None),
    ];
    for (seats, total, turnout, attempt, expected) in table {
        let found = match Threshold::of(seats, total, turnout, attempt) {
            Threshold::All => None,
            Threshold::Below([a, b, ..]) => Some([a, b]),
        };
        assert_eq!(
            found, expected,
            "{seats} of {total} at {turnout}, {attempt}"
        );
    }
    let Threshold::Below(third) = Threshold::of(2, 9, 1_000, 0) else {
        panic!("a third was due");
    };
    assert_eq!(third, [0x55; 32]);
    assert_eq!(Threshold::Below(third).expected(9), 2, "just below three");
    assert_eq!(Threshold::All.expected(9), 9);
}

#[test]
fn a_ticket_wins_below_the_threshold_only() {
    let hash = hash_of(1);
    let mut above = *hash.as_bytes();
    assert!(!Threshold::Below(above).admits(&hash));
    above[31] = above[31].checked_add(1).unwrap();
    assert!(Threshold::Below(above).admits(&hash));
    assert!(Threshold::All.admits(&hash));
}

#[test]
fn the_best_winning_tickets_are_named() {
    let (drawn, threshold) = (hash_of(7), Threshold::of(10, 100, 1_000, 0));
    let all = winning(&drawn, 100, &threshold, 1_000);
    let wins = |ticket: &u64| threshold.admits(&ticket_hash(&drawn, *ticket));
    let by_hand: Vec<u64> = (0..100).filter(wins).collect();
    assert_eq!(all, by_hand);
    let best = winning(&drawn, 100, &threshold, 3);
    let worst_named = best.iter().map(|t| ticket_hash(&drawn, *t)).max().unwrap();
    let left_out = all.iter().filter(|ticket| !best.contains(ticket));
    assert!(left_out.map(|t| ticket_hash(&drawn, *t)).min().unwrap() > worst_named);
}

fn candidate(number: u64, stake: u64) -> Candidate {
    let drawn = hash_of(number);
    let tickets = winning(&drawn, stake, &Threshold::All, 1_000);
    Candidate {
        staker: AccountId(drawn),
        attempt: 0,
        stake,
        drawn,
        tickets: Tickets::new(tickets).unwrap(),
        node: NodeId(drawn),
        key: [0; 96],
        encryption: None,
    }
}

#[test]
fn seats_go_to_the_lowest_hashes_and_the_next_ones_audit() {
    let all: Vec<_> = (0..9).map(|number| candidate(number, 1 + number)).collect();
    let cut = rank(&all, 10, 3);
    assert_eq!(cut.seats(), 10);
    let mut hashes: Vec<_> = all
        .iter()
        .enumerate()
        .flat_map(|(at, c)| {
            let numbers = c.tickets.numbers().iter();
            numbers.map(move |ticket| (ticket_hash(&c.drawn, *ticket), at))
        })
        .collect();
    hashes.sort_unstable();
    for (place, seats) in &cut.members {
        let won = hashes[..10].iter().filter(|(_, at)| at == place).count();
        assert_eq!(*seats as usize, won);
    }
    assert_eq!(cut.members[0].0, hashes[0].1, "the best ticket's first");
    let member = |at: usize| cut.members.iter().any(|(place, _)| *place == at);
    assert!(cut.auditors.len() <= 3);
    assert!(cut.auditors.iter().all(|at| !member(*at)));
    let mut next = hashes[10..].iter().map(|(_, at)| *at);
    let first = next.find(|at| !member(*at));
    assert_eq!(cut.auditors.first().copied(), first);
}

#[test]
fn fewer_tickets_than_seats_all_become_seats() {
    let all: Vec<_> = (0..3).map(|number| candidate(number, 2)).collect();
    for cut in [rank(&all, 100, 5), sample(&all, &hash_of(1), 100, 5)] {
        assert_eq!(cut.seats(), 6);
        assert_eq!(cut.members.len(), 3);
        assert!(cut.members.iter().all(|(_, seats)| *seats == 2));
        assert_eq!(cut.auditors, []);
    }
    assert_eq!(rank(&[], 4, 4).seats(), 0);
    assert_eq!(sample(&[], &hash_of(1), 4, 4).seats(), 0);
}

/// No ticket is drawn twice, each equally often.
#[test]
fn public_samples_follow_stake() {
    let stakes = [1, 2, 3, 4];
    let all: Vec<_> = stakes
        .iter()
        .zip(0..)
        .map(|(s, n)| candidate(n, *s))
        .collect();
    let mut seats = [0_u32; 4];
    for seed in 0..10_000 {
        let cut = sample(&all, &hash_of(seed), 3, 0);
        assert_eq!(cut.seats(), 3);
        for (place, won) in cut.members {
            assert!(u64::from(won) <= stakes[place]);
            seats[place] += won;
        }
    }
    // 3 of 10 tickets, 10,000 times: 3,000 a ticket; a ticket's deviation is 46.
    for (won, stake) in seats.iter().zip(stakes) {
        let expected = 3_000 * stake as u32;
        assert!(won.abs_diff(expected) < 4 * 46 * stake as u32, "{seats:?}");
    }
}

#[test]
fn tickets_have_one_encoding() {
    for bad in [vec![], vec![1, 1], vec![2, 1], (0..2_049).collect()] {
        assert_eq!(Tickets::new(bad.clone()), None);
        let encoded = borsh::to_vec(&bad).unwrap();
        assert!(borsh::from_slice::<Tickets>(&encoded).is_err());
    }
    let huge = [255, 255, 255, 255];
    assert!(borsh::from_slice::<Tickets>(&huge).is_err());
}
