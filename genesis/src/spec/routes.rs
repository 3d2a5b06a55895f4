//! Decoding of the routing table: only tables in order become a [`RoutingTable`].

use borsh::{BorshDeserialize, io};
use serde::{Deserialize, Deserializer, de::Error};
use types::{ChainId, Route, RoutingTable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    routes: Vec<RouteEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteEntry {
    start: u16,
    chain: ChainId,
}

pub(super) fn from_serde<'de, D: Deserializer<'de>>(from: D) -> Result<RoutingTable, D::Error> {
    let table = TableEntry::deserialize(from)?;
    let routes = table.routes.into_iter().map(|entry| Route {
        start: entry.start,
        chain: entry.chain,
    });
    RoutingTable::new(routes.collect()).map_err(D::Error::custom)
}

/// A table is encoded as the list of its routes.
pub(super) fn from_borsh<R: io::Read>(reader: &mut R) -> io::Result<RoutingTable> {
    let routes = Vec::<Route>::deserialize_reader(reader)?;
    RoutingTable::new(routes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
