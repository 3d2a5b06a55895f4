use types::{ChainId, Lane};

use super::*;

fn taken(messages: u64, bytes: u64) -> Option<u64> {
    let peer = ChainId(2);
    let here = Lane {
        peer,
        next_index: 5,
        bytes_out: 50,
        acked: 2,
        acked_bytes: 20,
        ..Lane::default()
    };
    let there = Lane {
        next_import: messages,
        bytes_in: bytes,
        ..Lane::default()
    };
    news(&here, &there).map(|ack| ack.messages)
}

#[test]
fn only_what_is_new_and_was_sent_before_the_block_is_acknowledged() {
    assert_eq!(taken(3, 30), Some(3));
    assert_eq!(taken(5, 50), Some(5));
    assert_eq!(taken(2, 20), None, "known");
    assert_eq!(
        taken(6, 60),
        None,
        "sent after the parent of a leader that lags behind"
    );
    assert_eq!(taken(4, 51), None, "more bytes than were sent");
}
