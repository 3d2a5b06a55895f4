use super::{ROOT_WINDOW, RootHistory, SharedHistory};
use crate::testing::root_hash;

/// [R4] Every height that an anchor may cite is known, also to who is asked of an older block.
#[test]
fn a_window_of_heights_is_kept_and_shared() {
    let writer = SharedHistory::default();
    let reader = writer.clone();
    let newest = 3 * ROOT_WINDOW;
    (0..=newest).for_each(|height| writer.push(height, root_hash(height)));
    for height in [newest, newest - ROOT_WINDOW, newest - 2 * ROOT_WINDOW] {
        assert_eq!(reader.hash(height), Some(root_hash(height)));
    }
    assert_eq!(reader.hash(newest + 1), None);
    assert_eq!(reader.hash(newest - 2 * ROOT_WINDOW - 1), None);
}

/// After a restart the window is filled again in any order.
#[test]
fn an_older_block_does_not_push_a_newer_one_out() {
    let history = SharedHistory::default();
    for height in [9_000, 8_000, 8_500] {
        history.push(height, root_hash(height));
    }
    assert!(
        [8_000, 8_500, 9_000]
            .iter()
            .all(|height| history.hash(*height).is_some())
    );
}
