//! Questions and direct messages on the wire.
//!
//! ```text
//! question   protocol u8 · length u32 · bytes      answer   status u8 · length u32 · bytes
//! direct     kind u8 · chain u32 · length u32 · bytes       receipt   (nothing)
//! ```
//!
//! Numbers are big-endian. A length above its cap is refused before anything is allocated, and what
//! is allocated grows with what arrives: a claim alone costs us nothing \[N4\].

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::{Behaviour, Codec, Config, OutboundFailure, ProtocolSupport};

use crate::names::Names;
use crate::port::{
    MAX_ANSWER, MAX_DIRECT, MAX_REQUEST, Protocol, REQUEST_TIMEOUT, RequestError, Topic, TopicKind,
};

/// Streams at once on one connection; with the caps above they bound what a peer can make us hold.
const ASK_STREAMS: usize = 64;
const DIRECT_STREAMS: usize = 64;
const DIRECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) protocol: Protocol,
    pub(crate) bytes: Bytes,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer(Bytes),
    Busy,
}

/// A message for one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) topic: Topic,
    pub(crate) bytes: Bytes,
}

/// A frame that no node of ours sends. libp2p keeps failures to read a request to itself, so what
/// we must blame somebody for is not a failure but a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What came over the wire.
pub(crate) type Received<T> = Result<T, Malformed>;

const OURS: &str = "what we send is well-formed";

/// Questions and answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AskCodec;

/// Direct messages and their empty receipts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DirectCodec;

/// The behaviour that asks.
pub(crate) fn ask(names: &Names) -> Behaviour<AskCodec> {
    let config = Config::default()
        .with_request_timeout(REQUEST_TIMEOUT)
        .with_max_concurrent_streams(ASK_STREAMS);
    Behaviour::new([(names.protocol("ask"), ProtocolSupport::Full)], config)
}

/// The behaviour that sends direct messages.
pub(crate) fn direct(names: &Names) -> Behaviour<DirectCodec> {
    let config = Config::default()
        .with_request_timeout(DIRECT_TIMEOUT)
        .with_max_concurrent_streams(DIRECT_STREAMS);
    Behaviour::new([(names.protocol("direct"), ProtocolSupport::Full)], config)
}

impl Codec for AskCodec {
    type Protocol = StreamProtocol;
    type Request = Received<Question>;
    type Response = Reply;

    async fn read_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Received<Question>>
    where
        T: AsyncRead + Unpin + Send,
    {
        received(read_question(io).await)
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Reply>
    where
        T: AsyncRead + Unpin + Send,
    {
        match read_u8(io).await? {
            0 => Ok(Reply::Answer(read_frame(io, MAX_ANSWER).await?)),
            1 => Ok(Reply::Busy),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        question: Received<Question>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let question = question.expect(OURS);
        io.write_all(&[question.protocol as u8]).await?;
        write_frame(io, &question.bytes, MAX_REQUEST).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        reply: Reply,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match reply {
            Reply::Answer(bytes) => {
                io.write_all(&[0]).await?;
                write_frame(io, &bytes, MAX_ANSWER).await
            }
            Reply::Busy => io.write_all(&[1]).await,
        }
    }
}

impl Codec for DirectCodec {
    type Protocol = StreamProtocol;
    type Request = Received<Letter>;
    type Response = ();

    async fn read_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Received<Letter>>
    where
        T: AsyncRead + Unpin + Send,
    {
        received(read_letter(io).await)
    }

    /// The receipt is the end of the stream: the other side has read the whole.
    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<()>
    where
        T: AsyncRead + Unpin + Send,
    {
        match io.read(&mut [0; 1]).await? {
            0 => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        letter: Received<Letter>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let letter = letter.expect(OURS);
        io.write_all(&[letter.topic.kind as u8]).await?;
        io.write_all(&letter.topic.chain.to_be_bytes()).await?;
        write_frame(io, &letter.bytes, MAX_DIRECT).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, _: &mut T, (): ()) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        Ok(())
    }
}

/// What a failure of libp2p's means to whoever asked.
pub(crate) fn request_error(failure: &OutboundFailure) -> RequestError {
    match failure {
        OutboundFailure::DialFailure => RequestError::Unreachable,
        OutboundFailure::Timeout => RequestError::Timeout,
        OutboundFailure::ConnectionClosed => RequestError::Unreachable,
        OutboundFailure::UnsupportedProtocols => RequestError::Refused,
        OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            RequestError::Malformed
        }
        OutboundFailure::Io(_) => RequestError::Refused,
    }
}

/// What was read, or that it is malformed. Other failures to read stay failures.
fn received<T>(read: io::Result<T>) -> io::Result<Received<T>> {
    match read {
        Ok(whole) => Ok(Ok(whole)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err(Malformed)),
        Err(error) => Err(error),
    }
}

async fn read_question<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Question> {
    let protocol = Protocol::from_tag(read_u8(io).await?).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Question {
        protocol,
        bytes: read_frame(io, MAX_REQUEST).await?,
    })
}

async fn read_letter<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Letter> {
    let kind = TopicKind::from_tag(read_u8(io).await?).ok_or(io::ErrorKind::InvalidData)?;
    let chain = read_u32(io).await?;
    Ok(Letter {
        topic: Topic { chain, kind },
        bytes: read_frame(io, MAX_DIRECT).await?,
    })
}

async fn read_u8<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<u8> {
    let mut byte = [0; 1];
    io.read_exact(&mut byte).await?;
    Ok(byte[0])
}

async fn read_u32<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<u32> {
    let mut bytes = [0; 4];
    io.read_exact(&mut bytes).await?;
    Ok(u32::from_be_bytes(bytes))
}

async fn read_frame<T: AsyncRead + Unpin + Send>(io: &mut T, most: usize) -> io::Result<Bytes> {
    let length = read_u32(io).await?;
    if usize::try_from(length).is_ok_and(|length| length > most) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    io.take(length.into()).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.into())
}

async fn write_frame<T>(io: &mut T, bytes: &[u8], most: usize) -> io::Result<()>
where
    T: AsyncWrite + Unpin + Send,
{
    assert!(bytes.len() <= most, "the handle checks lengths");
    let length = u32::try_from(bytes.len()).expect("the caps are below 4 GiB");
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(bytes).await
}

#[cfg(test)]
mod tests;
