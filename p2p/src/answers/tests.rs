use super::*;

const ASKER: NodeId = NodeId([0; 32]);
const NOW: Duration = Duration::ZERO;

fn node(number: u8) -> NodeId {
    NodeId([number; 32])
}

fn stranger(node: NodeId) -> Asker {
    Asker {
        node,
        subnet: None,
        protected: false,
    }
}

fn member(node: NodeId) -> Asker {
    Asker {
        protected: true,
        ..stranger(node)
    }
}

/// How many answers of the largest size each of `askers` gets that asks for five and reads none.
fn fill(answers: &mut Answers<(u8, u8)>, askers: impl Iterator<Item = Asker>) -> Vec<usize> {
    let mut got = |asker: Asker| {
        let key = |n| (asker.node.0[0], n);
        (0..5)
            .filter(|n| answers.open(NOW, key(*n), asker, 0) && answers.answer(key(*n), MAX_ANSWER))
            .count()
    };
    askers.map(&mut got).collect()
}

#[test]
fn a_peer_that_reads_nothing_holds_four_answers() {
    let mut answers = Answers::default();
    assert!((0..10).all(|key| answers.open(NOW, key, stranger(ASKER), 0)));
    let sent = (0..10).filter(|key| answers.answer(*key, MAX_ANSWER));
    assert_eq!(sent.count(), 4);
    assert!(
        !answers.open(NOW, 10, stranger(ASKER), 0),
        "not asked in vain"
    );
    assert!(
        answers.open(NOW, 11, stranger(node(1)), 0),
        "another is heard"
    );
    answers.close(0);
    assert!(answers.open(NOW, 12, stranger(ASKER), 0));
    assert!(answers.answer(12, MAX_ANSWER));
}

#[test]
fn a_peer_has_sixty_four_questions_under_way() {
    let mut answers = Answers::default();
    let taken = (0..100).filter(|key| answers.open(NOW, *key, stranger(ASKER), 0));
    assert_eq!(taken.count(), 64);
    answers.close(5);
    assert!(answers.open(NOW, 200, stranger(ASKER), 0));
}

/// Four strangers hold four answers each, the next one each.
#[test]
fn strangers_leave_a_quarter_to_the_protected() {
    let mut answers = Answers::default();
    let got = fill(&mut answers, (0..20).map(|n| stranger(node(n))));
    assert_eq!(got[..4], [4; 4]);
    assert_eq!(got[4..12], [1; 8]);
    assert_eq!(got[12..], [0; 8]);
    let got = fill(&mut answers, (100..103).map(|n| member(node(n))));
    assert_eq!(got, [4, 4, 0]);
    assert_eq!(answers.bytes, TO_ALL);
}

#[test]
fn a_stranger_with_little_unread_is_heard_when_half_is_taken() {
    let mut answers = Answers::default();
    fill(&mut answers, (0..4).map(|n| stranger(node(n))));
    for key in 0..8 {
        assert!(answers.open(NOW, (50, key), stranger(node(50)), 0));
    }
    let sent = (0..8).filter(|key| answers.answer((50, *key), MAX_ANSWER / 4));
    assert_eq!(sent.count(), 4, "one answer's worth");
    assert_eq!(fill(&mut answers, [member(node(51))].into_iter()), [4]);
}

#[test]
fn strangers_of_one_subnet_hold_a_quarter() {
    let mut answers = Answers::default();
    let at = |subnet: Option<u8>, n| Asker {
        subnet: subnet.map(|last| [4, 20, last, 0, 0]),
        ..stranger(node(n))
    };
    let near = (0..5).map(|n| at(Some(1), n));
    assert_eq!(fill(&mut answers, near), [4, 4, 0, 0, 0]);
    let members = (10..12).map(|n| Asker {
        protected: true,
        ..at(Some(1), n)
    });
    assert_eq!(fill(&mut answers, members), [4, 4], "whatever the subnet");
    assert_eq!(fill(&mut answers, [at(Some(2), 20)].into_iter()), [1]);
    answers.close((0, 0));
    assert_eq!(fill(&mut answers, [at(Some(1), 21)].into_iter()), [1]);
}

#[test]
fn strangers_leave_a_quarter_of_the_nodes_time_to_the_protected() {
    let mut answers = Answers::default();
    let mut taken = |asker: Asker, keys: std::ops::Range<usize>| {
        keys.filter(|key| answers.open(NOW, *key, asker, key + 1))
            .count()
    };
    let mut waiting = 0;
    for number in 0..16 {
        waiting += taken(stranger(node(number)), waiting..waiting + 64);
    }
    assert_eq!(waiting, 768);
    for number in 20..36 {
        waiting += taken(member(node(number)), waiting..waiting + 64);
    }
    assert_eq!(waiting, 1024);
}

#[test]
fn nothing_stays_behind() {
    let mut answers = Answers::default();
    for key in 0..8u8 {
        assert!(answers.open(NOW, key, stranger(node(key % 2)), 0));
        assert!(answers.answer(key, 1000));
    }
    answers.tidy(LONGEST - Duration::from_secs(1));
    assert_eq!(answers.bytes, 8000);
    (0..4).for_each(|key| answers.close(key));
    (0..4).for_each(|key| answers.close(key));
    assert_eq!(answers.bytes, 4000);
    answers.tidy(LONGEST);
    assert!(answers.open.is_empty() && answers.loads.is_empty());
    assert_eq!(answers.bytes, 0);
    assert!(!answers.answer(7, 1), "it is over");
}
