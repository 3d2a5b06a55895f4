use super::*;

const PEER: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn dialer() -> Dialer {
    let mut dialer = Dialer::default();
    dialer.bootstrap(PEER, "/ip4/10.0.0.1/tcp/1".parse().expect("an address"));
    dialer
}

#[test]
fn attempts_back_off_from_a_second_to_a_minute() {
    let mut dialer = dialer();
    let tried: Vec<_> = (0..300)
        .filter(|second| !dialer.due(at(*second), |_| false).is_empty())
        .collect();
    assert_eq!(tried, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
}

#[test]
fn a_connection_that_lasts_resets_the_wait() {
    let mut dialer = dialer();
    for second in 0..40 {
        dialer.due(at(second), |_| false);
    }
    assert!(dialer.due(at(70), |_| true).is_empty());
    assert_eq!(dialer.due(at(71), |_| false).len(), 1);
    assert_eq!(
        dialer.due(at(72), |_| false).len(),
        1,
        "one second later again"
    );
}

#[test]
fn a_connection_that_closes_at_once_does_not() {
    let mut dialer = dialer();
    let tried: Vec<_> = (0..40)
        .filter(|second| {
            let flash = dialer.due(at(*second), |_| false);
            dialer.due(at(*second), |_| true);
            !flash.is_empty()
        })
        .collect();
    assert_eq!(tried, [0, 1, 3, 7, 15, 31]);
}

#[test]
fn wanting_others_keeps_bootstrap_nodes() {
    let mut dialer = dialer();
    dialer.want([OTHER]);
    assert_eq!(dialer.targets().collect::<Vec<_>>(), [&PEER, &OTHER]);
    dialer.want([]);
    assert_eq!(dialer.targets().collect::<Vec<_>>(), [&PEER]);
}

#[test]
fn p7_those_who_come_to_us_take_no_place_out() {
    let peers = |out: usize, inn: usize| {
        let inn = std::iter::repeat_n(false, inn);
        std::iter::repeat_n(true, out).chain(inn)
    };
    let cases = [
        ((0, 0), Reach::TooNear),
        ((0, 50), Reach::TooNear),
        ((7, 50), Reach::TooNear),
        ((8, 0), Reach::Enough),
        ((8, 50), Reach::Enough),
        ((16, 50), Reach::Enough),
        ((19, 0), Reach::TooFar(3)),
    ];
    for ((out, inn), expected) in cases {
        assert_eq!(reach(peers(out, inn), 16), expected, "{out} out, {inn} in");
    }
    assert_eq!(reach(peers(0, 3), 1), Reach::TooNear);
}
