//! Reading what a client sent, within bounds. [R4]

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Reason, RpcError};

/// A request, or a batch of them; each still as text.
pub(super) enum Requests<'a> {
    /// One request.
    One(&'a RawValue),
    /// Several.
    Batch(Vec<&'a RawValue>),
}

/// One request.
#[derive(Deserialize)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    jsonrpc: std::borrow::Cow<'a, str>,
    /// Which method.
    #[serde(borrow)]
    pub(super) method: std::borrow::Cow<'a, str>,
    /// Its parameters, an object or an array.
    #[serde(borrow, default)]
    pub(super) params: Option<&'a RawValue>,
    /// What the answer carries; without it there is no answer.
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) id: Option<&'a RawValue>,
}

/// `null` is an id too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Requests<'a> {
    /// Reads at most `batch` requests, nested at most `depth` deep.
    pub(super) fn parse(body: &'a [u8], batch: usize, depth: usize) -> Result<Self, RpcError> {
        let text = std::str::from_utf8(body).map_err(|_| parse_error("not UTF-8"))?;
        if deeper_than(depth, body) {
            return Err(parse_error("nested too deeply"));
        }
        if !text.trim_start().starts_with('[') {
            return serde_json::from_str(text)
                .map(Self::One)
                .map_err(parse_error);
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let items = Items { most: batch }
            .deserialize(&mut reader)
            .map_err(parse_error)?;
        let Some(items) = items else {
            let message = format!("more than {batch} requests in a batch");
            return Err(RpcError::new(Reason::BatchTooLarge, message));
        };
        reader.end().map_err(parse_error)?;
        if items.is_empty() {
            return Err(RpcError::new(Reason::InvalidRequest, "an empty batch"));
        }
        Ok(Self::Batch(items))
    }
}

impl<'a> Request<'a> {
    /// Reads one request.
    pub(super) fn parse(text: &'a RawValue) -> Result<Self, RpcError> {
        const LONGEST_ID: usize = 256;
        let invalid =
            |message: &dyn std::fmt::Display| RpcError::new(Reason::InvalidRequest, message);
        let request: Self = serde_json::from_str(text.get()).map_err(|error| invalid(&error))?;
        if request.jsonrpc != "2.0" {
            return Err(invalid(&"jsonrpc must be \"2.0\""));
        }
        let id = request.id.map_or("null", RawValue::get);
        let simple = !id.starts_with(['{', '[', 't', 'f']) && id.len() <= LONGEST_ID;
        if !simple {
            return Err(invalid(&"id must be a string, a number or null"));
        }
        Ok(request)
    }
}

fn parse_error(message: impl std::fmt::Display) -> RpcError {
    RpcError::new(Reason::Parse, message)
}

/// Whether arrays and objects are nested deeper, strings aside.
pub(crate) fn deeper_than(most: usize, text: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

/// Reads an array of at most `most` values; `None` as soon as there are more, so that a long
/// array costs nothing.
struct Items {
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<&RawValue>()? {
            if items.len() == self.most {
                while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                return Ok(None);
            }
            items.push(item);
        }
        Ok(Some(items))
    }
}

#[cfg(test)]
mod tests;
