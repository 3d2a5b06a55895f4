use futures::executor::block_on;
use futures::io::Cursor;
use proptest::prelude::*;

use super::*;

fn name() -> StreamProtocol {
    StreamProtocol::new("/test")
}

fn read_question(bytes: &[u8]) -> io::Result<Received<Question>> {
    block_on(AskCodec.read_request(&name(), &mut Cursor::new(bytes)))
}

fn read_reply(bytes: &[u8]) -> io::Result<Reply> {
    block_on(AskCodec.read_response(&name(), &mut Cursor::new(bytes)))
}

fn read_letter(bytes: &[u8]) -> io::Result<Received<Letter>> {
    block_on(DirectCodec.read_request(&name(), &mut Cursor::new(bytes)))
}

fn kind<T>(result: io::Result<T>) -> Option<io::ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn a_question_looks_like_this() {
    let question = Question {
        protocol: Protocol::Bundle,
        bytes: Bytes::from_static(b"abc"),
    };
    let mut wire = Vec::new();
    block_on(AskCodec.write_request(&name(), &mut wire, Ok(question.clone()))).expect("written");
    assert_eq!(wire, [2, 0, 0, 0, 3, b'a', b'b', b'c']);
    assert_eq!(read_question(&wire).ok(), Some(Ok(question)));
}

#[test]
fn too_long_is_refused_by_the_length_alone() {
    assert_eq!(
        read_question(&[0, 0, 1, 0, 1]).ok(),
        Some(Err(Malformed)),
        "64 KiB + 1"
    );
    let letter = [0, 0, 0, 0, 0, 0, 0x10, 0, 1];
    assert_eq!(read_letter(&letter).ok(), Some(Err(Malformed)), "1 MiB + 1");
    let reply = [0, 0, 0x80, 0, 1];
    assert_eq!(
        kind(read_reply(&reply)),
        Some(io::ErrorKind::InvalidData),
        "8 MiB + 1"
    );
}

#[test]
fn unknown_tags_are_refused() {
    assert_eq!(read_question(&[4, 0, 0, 0, 0]).ok(), Some(Err(Malformed)));
    assert_eq!(
        read_letter(&[3, 0, 0, 0, 0, 0, 0, 0, 0]).ok(),
        Some(Err(Malformed))
    );
    assert_eq!(kind(read_reply(&[2])), Some(io::ErrorKind::InvalidData));
}

#[test]
fn a_claim_that_is_not_kept_is_refused() {
    let wire = [0, 0, 0, 0xFF, 0xFF, 1, 2, 3];
    assert_eq!(
        kind(read_question(&wire)),
        Some(io::ErrorKind::UnexpectedEof)
    );
}

proptest! {
    #[test]
    fn letters_round_trip(
        chain: u32,
        tag in 0u8..3,
        bytes in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        let kind = TopicKind::from_tag(tag).expect("a tag");
        let letter = Letter { topic: Topic { chain, kind }, bytes: bytes.into() };
        let (mut wire, sent) = (Vec::new(), Ok(letter.clone()));
        block_on(DirectCodec.write_request(&name(), &mut wire, sent)).expect("written");
        prop_assert_eq!(read_letter(&wire).ok(), Some(Ok(letter)));
    }

    #[test]
    fn replies_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        for reply in [Reply::Answer(bytes.into()), Reply::Busy] {
            let mut wire = Vec::new();
            block_on(AskCodec.write_response(&name(), &mut wire, reply.clone())).expect("written");
            prop_assert_eq!(read_reply(&wire).ok(), Some(reply));
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = (read_question(&bytes).is_ok(), read_reply(&bytes).is_ok());
        let _ = read_letter(&bytes).is_ok();
    }
}
