//! Who may talk to the server: a client that means it, not a page in a browser. [R3]

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

/// The names and origins that are let in.
pub(super) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// No `Host`, or several.
    #[error("a request needs one Host header\n")]
    NoHost,
    /// A name that is not this server's.
    #[error("this Host is not served here; add it to rpc.hosts in the node's configuration\n")]
    Host,
    /// A web page that is not listed.
    #[error("this Origin may not call; add it to rpc.origins in the node's configuration\n")]
    Origin,
}

impl Refusal {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Host | Self::Origin => StatusCode::FORBIDDEN,
        }
    }
}

impl Guard {
    /// Loopback names, the bound address and the configured names are this server's.
    pub(super) fn new(hosts: &[String], origins: &[String], bound: std::net::IpAddr) -> Self {
        let own = match bound {
            std::net::IpAddr::V4(v4) => v4.to_string(),
            std::net::IpAddr::V6(v6) => format!("[{v6}]"),
        };
        let loopback = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let named = hosts.iter().map(|host| host.to_ascii_lowercase());
        Self {
            hosts: loopback.into_iter().chain([own]).chain(named).collect(),
            origins: origins.to_vec(),
        }
    }

    /// The `Origin` to answer to, if there is one.
    pub(super) fn check(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, Refusal> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().ok_or(Refusal::NoHost)?;
        if hosts.next().is_some() {
            return Err(Refusal::NoHost);
        }
        let host = host.to_str().map_err(|_| Refusal::Host)?;
        let in_uri = uri.authority().map(|authority| authority.as_str());
        if !std::iter::once(host)
            .chain(in_uri)
            .all(|host| self.serves(host))
        {
            return Err(Refusal::Host);
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(None),
            (Some(origin), None) if self.lists(origin) => Ok(Some(origin.clone())),
            _ => Err(Refusal::Origin),
        }
    }

    fn serves(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.to_ascii_lowercase();
        self.hosts.contains(&name)
    }

    fn lists(&self, origin: &HeaderValue) -> bool {
        let text = origin.to_str().unwrap_or("null");
        text != "null" && self.origins.iter().any(|listed| listed == text)
    }
}

#[cfg(test)]
mod tests;
