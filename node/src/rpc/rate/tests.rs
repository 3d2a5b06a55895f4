#![allow(clippy::disallowed_methods, reason = "a start to count from")]

use std::time::Duration;

use super::*;

const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[test]
fn a_bucket_empties_and_fills_again() {
    let (rate, start) = (Rate::new(50), Instant::now());
    assert!(rate.take(ONE, 60, start) && rate.take(ONE, 40, start));
    assert!(!rate.take(ONE, 1, start));
    let later = start + Duration::from_millis(100);
    assert!(rate.take(ONE, 5, later));
    assert!(!rate.take(ONE, 1, later));
    let much_later = start + Duration::from_secs(3_600);
    assert!(rate.take(ONE, 100, much_later));
    assert!(!rate.take(ONE, 1, much_later));
}

#[test]
fn addresses_do_not_share_a_bucket_but_a_network_of_ipv6_does() {
    let (rate, now) = (Rate::new(1), Instant::now());
    let other = "10.0.0.9".parse().unwrap();
    assert!(rate.take(ONE, 2, now) && rate.take(other, 2, now));
    let (a, b) = (
        "2001:db8::1".parse().unwrap(),
        "2001:db8::ffff:1".parse().unwrap(),
    );
    assert!(rate.take(a, 2, now) && !rate.take(b, 1, now));
    let mapped = "::ffff:10.0.0.9".parse().unwrap();
    assert!(!rate.take(mapped, 1, now));
}

#[test]
fn memory_is_bounded_however_many_addresses_call() {
    let (rate, now) = (Rate::new(1), Instant::now());
    for number in 0..10_000_u32 {
        rate.take(IpAddr::V4(number.into()), 1, now);
    }
    assert_eq!(rate.buckets.lock().unwrap().len(), ADDRESSES);
    assert!(
        rate.take(ONE, 1, now + Duration::from_secs(2)),
        "full buckets are forgotten"
    );
}
