//! Names on the wire. [N1] All of them carry the network's tag, so that nodes of two networks have
//! no word in common.

use libp2p::StreamProtocol;
use libp2p::kad::RecordKey;

use crate::port::{Topic, TopicKind};

/// The names of one network.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The first eight bytes of the genesis hash, in hex.
    tag: String,
}

impl Names {
    pub(crate) fn new(network: &[u8; 32]) -> Self {
        let tag = network
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self { tag }
    }

    /// `/thinkey/<tag>/<what>/1`
    pub(crate) fn protocol(&self, what: &str) -> StreamProtocol {
        StreamProtocol::try_from_owned(format!("/thinkey/{}/{what}/1", self.tag))
            .expect("it begins with a slash")
    }

    /// What identify shows: the handshake name of the network.
    pub(crate) fn handshake(&self) -> String {
        format!("thinkey/{}/1", self.tag)
    }

    pub(crate) fn topic(&self, topic: Topic) -> String {
        format!(
            "/thinkey/{}/{}/{}",
            self.tag,
            topic.chain,
            topic.kind.name()
        )
    }

    /// The topic behind a name; only the one spelling that [`Self::topic`] writes is accepted.
    pub(crate) fn parse_topic(&self, name: &str) -> Option<Topic> {
        let rest = name
            .strip_prefix("/thinkey/")?
            .strip_prefix(self.tag.as_str())?;
        let (chain, kind) = rest.strip_prefix('/')?.split_once('/')?;
        let kind = TopicKind::ALL
            .into_iter()
            .find(|known| known.name() == kind)?;
        let topic = Topic {
            chain: chain.parse().ok()?,
            kind,
        };
        (self.topic(topic) == name).then_some(topic)
    }

    /// Where the providers of a chain are recorded.
    pub(crate) fn provider_key(&self, chain: u32) -> RecordKey {
        RecordKey::new(&format!("/thinkey/{}/provider/{chain}", self.tag))
    }

    /// Whether `key` is that of a chain below `chains`.
    pub(crate) fn is_provider_key(&self, key: &RecordKey, chains: u32) -> bool {
        let chain = || {
            let text = std::str::from_utf8(key.as_ref()).ok()?;
            text.rsplit_once('/')?.1.parse::<u32>().ok()
        };
        chain().is_some_and(|chain| chain < chains && self.provider_key(chain) == *key)
    }
}

#[cfg(test)]
mod tests;
