//! Ten thousand elections. Draws are hashes, which is what verifiable draws look like.

use crypto::{Domain, Hash};
use types::{AccountId, NodeId};

use crate::elections::{Candidate, Threshold, Tickets, rank, winning};

const ELECTIONS: u64 = 10_000;
const SEATS: u32 = 12;

/// Seats of each staker over all elections, at full turnout.
fn seats(stakes: &[u64]) -> Vec<u64> {
    let total = stakes.iter().sum();
    let threshold = Threshold::of(SEATS, total, 1_000, 0);
    let mut won = vec![0; stakes.len()];
    for election in 0..ELECTIONS {
        let drawn = |number| crypto::hash_borsh(Domain::new("test/draw"), &(election, number));
        let candidates = stakes.iter().zip(0_u64..).filter_map(|(stake, number)| {
            let drawn: Hash = drawn(number);
            let tickets = winning(&drawn, *stake, &threshold, SEATS as usize);
            Some(Candidate {
                staker: AccountId([number as u8; 32].into()),
                attempt: 0,
                stake: *stake,
                drawn,
                tickets: Tickets::new(tickets)?,
                node: NodeId::default(),
                key: [0; 96],
                encryption: None,
            })
        });
        let candidates: Vec<_> = candidates.collect();
        for (place, seats) in rank(&candidates, SEATS, 0).members {
            let number = candidates[place].staker.as_bytes()[0];
            won[usize::from(number)] += u64::from(seats);
        }
    }
    won
}

/// Pearson's statistic against shares of stake, scaled as for draws without putting back, which
/// vary less than independent ones by (N-1)/(N-n).
fn chi_square(won: &[u64], stakes: &[u64]) -> f64 {
    let (all, total) = (
        won.iter().sum::<u64>() as f64,
        stakes.iter().sum::<u64>() as f64,
    );
    let scale = (total - 1.0) / (total - f64::from(SEATS));
    let parts = won.iter().zip(stakes).map(|(won, stake)| {
        let expected = all * *stake as f64 / total;
        (*won as f64 - expected).powi(2) / expected
    });
    parts.sum::<f64>() * scale
}

/// 21.67 is the 1 % point of chi-square with nine degrees of freedom.
#[test]
fn seats_are_proportional_to_stake() {
    let stakes = [1, 2, 3, 5, 8, 13, 21, 34, 6, 7];
    let won = seats(&stakes);
    let found = chi_square(&won, &stakes);
    assert!(found < 21.67, "{found}: {won:?}");
    // The test can fail: shares of others' stakes are told from these.
    let mut others = stakes;
    others.swap(7, 6);
    assert!(chi_square(&won, &others) > 21.67);
}

/// A fifth of the stake in one hand, in 20, or against 4 others or 80: a fifth of the seats. 6.63
/// is the 1 % point with one degree of freedom.
#[test]
fn splitting_stake_gains_nothing() {
    let whole = seats(&[20, 20, 20, 20, 20]);
    let split = seats(&[&[1; 20][..], &[20; 4]].concat());
    let against = seats(&[&[20][..], &[1; 80]].concat());
    let shares = [
        ("whole", whole[0], &whole),
        ("split", split[..20].iter().sum(), &split),
        ("against", against[0], &against),
    ];
    for (name, own, all) in shares {
        let rest = all.iter().sum::<u64>() - own;
        let found = chi_square(&[own, rest], &[20, 80]);
        assert!(found < 6.63, "{name}: {own} against {rest}, {found}");
    }
}
