use super::{Draw, MAX_TICKETS, fewest_seats};

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
            301,
            ["6.0e-30", "2.5e-16", "1.5e-8", "4.5e-4", "1.8e-2", "9.7e-2"],
        ),
        (
            400,
            [
                "1.2e-39", "2.7e-21", "6.8e-11", "6.2e-5", "8.0e-3", "6.7e-2",
            ],
        ),
        (
            601,
            [
                "2.3e-60", "9.0e-32", "9.1e-16", "1.0e-6", "1.5e-3", "3.3e-2",
            ],
        ),
        (
            799,
            [
                "3.6e-82", "1.2e-42", "8.7e-21", "1.6e-8", "2.7e-4", "1.6e-2",
            ],
        ),
        (
            1_000,
            [
                "5.7e-106", "2.5e-54", "4.0e-26", "2.0e-10", "4.5e-5", "7.8e-3",
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

/// The smallest committees from so many tickets that drawing changes nothing, and from 2 000, at
/// 10, 15, 20, 25 and 28 % adverse; computed independently.
#[test]
fn known_smallest_committees_are_reproduced() {
    let smallest = [
        (6, MAX_TICKETS, [55, 106, 229, 646]),
        (9, MAX_TICKETS, [88, 172, 367, 1_030]),
        (12, MAX_TICKETS, [121, 235, 505, 1_420]),
        (6, 2_000, [52, 100, 202, 481]),
        (9, 2_000, [82, 154, 304, 664]),
        (12, 2_000, [112, 205, 391, 808]),
    ];
    for (target, tickets, row) in smallest {
        for (permille, expected) in [100, 150, 200, 250].into_iter().zip(row) {
            let found = fewest_seats(tickets, permille, target);
            let what = format!("10^-{target} at {permille} in 1000 of {tickets}");
            assert_eq!(found, Some(expected), "{what}");
        }
    }
    for (target, expected) in [(6, 889), (9, 1_111), (12, 1_255)] {
        assert_eq!(fewest_seats(2_000, 280, target), Some(expected));
    }
}

#[test]
fn there_may_be_no_such_committee() {
    assert_eq!(fewest_seats(0, 100, 6), None);
    assert_eq!(fewest_seats(10, 300, 12), Some(10), "all tickets: 3 of 10");
    assert_eq!(fewest_seats(10, 301, 12), None, "all tickets: 4 of 10");
    assert_eq!(fewest_seats(10_000, 400, 6), None);
    assert_eq!(fewest_seats(10_000, 0, 12), Some(1));
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
