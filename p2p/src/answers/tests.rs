use super::*;

const ASKER: NodeId = NodeId([0; 32]);
const NOW: Duration = Duration::ZERO;

fn asker(number: u8) -> NodeId {
    NodeId([number; 32])
}

#[test]
fn a_peer_that_reads_nothing_holds_four_answers() {
    let mut answers = Answers::default();
    assert!((0..10).all(|key| answers.open(NOW, key, ASKER, false)));
    let sent = (0..10).filter(|key| answers.answer(*key, MAX_ANSWER));
    assert_eq!(sent.count(), 4);
    assert!(!answers.open(NOW, 10, ASKER, false), "not asked in vain");
    assert!(answers.open(NOW, 11, asker(1), false), "another is heard");
    answers.close(0);
    assert!(answers.open(NOW, 12, ASKER, false));
    assert!(answers.answer(12, MAX_ANSWER));
}

#[test]
fn a_peer_has_sixty_four_questions_under_way() {
    let mut answers = Answers::default();
    let taken = (0..100).filter(|key| answers.open(NOW, *key, ASKER, false));
    assert_eq!(taken.count(), 64);
    answers.close(5);
    assert!(answers.open(NOW, 200, ASKER, false));
}

#[test]
fn strangers_leave_a_quarter_to_the_protected() {
    let mut answers = Answers::default();
    let mut fill = |first: u8, protected| {
        (0..100u32)
            .filter(|n| {
                let key = (first, *n);
                answers.open(NOW, key, asker(first + (*n / 4) as u8), protected)
                    && answers.answer(key, MAX_ANSWER)
            })
            .count()
    };
    assert_eq!(fill(0, false), 24);
    assert_eq!(fill(100, false), 0);
    assert_eq!(fill(150, true), 8);
    assert_eq!(answers.bytes, TO_ALL);
}

#[test]
fn nothing_stays_behind() {
    let mut answers = Answers::default();
    for key in 0..8u8 {
        assert!(answers.open(NOW, key, asker(key % 2), false));
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
