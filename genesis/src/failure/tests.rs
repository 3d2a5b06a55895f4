use super::{Draw, MAX_TICKETS};

fn failure(tickets: u64, permille: u32, seats: u64) -> super::Probability {
    Draw::new(tickets, permille, seats).unwrap().failure()
}

/// Failure probabilities for 10 000 tickets, computed independently with floating-point
/// logarithms: rows are seats, columns the adversary's share.
#[test]
fn known_failure_probabilities_are_reproduced() {
    let table = [
        (
            31,
            ["1.2e-4", "3.9e-3", "3.2e-2", "1.3e-1", "2.3e-1", "3.1e-1"],
        ),
        (
            100,
            ["5.1e-11", "1.6e-6", "6.9e-4", "2.7e-2", "1.1e-1", "2.2e-1"],
        ),
        (
            199,
            ["3.2e-20", "2.6e-11", "3.5e-6", "3.5e-3", "4.5e-2", "1.4e-1"],
        ),
        (
            400,
            [
                "1.2e-39", "2.7e-21", "6.8e-11", "6.2e-5", "8.0e-3", "6.7e-2",
            ],
        ),
        (
            799,
            [
                "3.6e-82", "1.2e-42", "8.7e-21", "1.6e-8", "2.7e-4", "1.6e-2",
            ],
        ),
    ];
    for (seats, row) in table {
        for (permille, expected) in [100, 150, 200, 250, 280, 300].into_iter().zip(row) {
            let found = failure(10_000, permille, seats).to_string();
            assert_eq!(found, expected, "{seats} seats at {permille} in 1000");
        }
    }
}

/// The smallest committee for a target, from 2 000 tickets; the ten below it all miss it.
#[test]
fn known_smallest_committees_are_reproduced() {
    let smallest = [
        (6, 100, 52),
        (6, 150, 100),
        (6, 200, 202),
        (9, 100, 82),
        (9, 200, 304),
        (12, 100, 112),
        (12, 150, 205),
    ];
    for (target, permille, expected) in smallest {
        let found =
            (expected - 10..).find(|n| failure(2_000, permille, *n).at_most_ten_to_minus(target));
        assert_eq!(found, Some(expected), "10^-{target} at {permille} in 1000");
    }
}

/// 32 chains, an election every hour, ten years, one in a million over all of it.
#[test]
fn the_union_bound_over_a_networks_life() {
    let draws = 32 * 24 * 365 * 10;
    let safe = |n| failure(10_000, 100, n).times(draws).at_most_ten_to_minus(6);
    assert!(safe(124) && !safe(123) && !safe(121));
    assert_eq!(failure(10_000, 250, 12).times(draws).to_string(), "9.8e5");
}

#[test]
fn small_draws_are_exact() {
    // 2 of 4 tickets, 2 adverse: both adverse in 1 of 6 ways, one or more in 5 of 6, any in 6.
    let draw = Draw::new(4, 500, 2).unwrap();
    let shown: Vec<_> = (0..4).map(|x| draw.at_least(x).to_string()).collect();
    assert_eq!(shown, ["1.0e0", "8.3e-1", "1.7e-1", "0"]);
}

#[test]
fn certain_failure_and_certain_safety() {
    assert_eq!(failure(100, 1_000, 10).to_string(), "1.0e0");
    assert_eq!(failure(100, 0, 10).to_string(), "0");
    assert!(failure(100, 0, 10).at_most_ten_to_minus(100));
    // All tickets are seats, exactly f of them adverse: no draw can fail.
    assert_eq!(failure(100, 330, 100).to_string(), "0");
    assert_eq!(failure(100, 340, 100).to_string(), "1.0e0");
}

#[test]
fn a_part_of_a_ticket_counts_for_the_adversary() {
    assert_eq!(Draw::new(10, 101, 4).unwrap().adverse, 2);
}

#[test]
fn impossible_draws_are_none() {
    assert_eq!(Draw::new(10, 100, 11), None);
    assert_eq!(Draw::new(10, 1_001, 4), None);
    assert_eq!(Draw::new(MAX_TICKETS + 1, 100, 4), None);
}

#[test]
fn rounding_carries_into_the_exponent() {
    // 999 of 1000: 9.99e-1 shows as 1.0e0.
    let draw = Draw::new(1_000, 999, 1).unwrap();
    assert_eq!(draw.at_least(1).to_string(), "1.0e0");
    assert!(!draw.at_least(1).at_most_ten_to_minus(1));
    assert!(draw.at_least(1).at_most_ten_to_minus(0));
}
