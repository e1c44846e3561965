//! Where a real provider is: an URL of which a path may be part. Knows no sockets.

use std::fmt;
use std::str::FromStr;

/// The address of a real provider, such as `https://api.openai.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    pub(crate) tls: bool,
    /// Host and port as they were written, for the `Host` header.
    pub(crate) authority: String,
    /// Without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What precedes the path of every request; empty or with a slash in front and none at its end.
    pub(crate) prefix: String,
}

/// Why an address is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUpstream {
    /// Neither `http://` nor `https://`.
    #[error("expected http://HOST or https://HOST, perhaps with a port and a path")]
    Scheme,
    /// There is no host, or its port is no number.
    #[error("expected a host, perhaps with a port, after the scheme")]
    Host,
    /// A key would be in every recording.
    #[error(
        "an address with a user, a query or a fragment is not taken: clients send their own keys"
    )]
    Extra,
}

impl FromStr for Upstream {
    type Err = BadUpstream;

    fn from_str(text: &str) -> Result<Self, BadUpstream> {
        let (tls, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(BadUpstream::Scheme),
        };
        if rest.contains(['@', '?', '#']) {
            return Err(BadUpstream::Extra);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let usual = if tls { 443 } else { 80 };
        let bracket = authority.find(']').unwrap_or(0);
        let (host, port) = match authority[bracket..].rfind(':') {
            Some(colon) => {
                let (host, port) = authority.split_at(bracket + colon);
                (host, port[1..].parse().map_err(|_| BadUpstream::Host)?)
            }
            None => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let odd = |char: char| char.is_whitespace() || char.is_control();
        if host.is_empty() || text.contains(odd) {
            return Err(BadUpstream::Host);
        }
        Ok(Self {
            tls,
            authority: authority.to_owned(),
            host: host.to_owned(),
            port,
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_how() {
        let read = |text: &str| {
            let upstream: Upstream = text.parse().expect("is an address");
            let Upstream {
                tls, host, port, ..
            } = upstream.clone();
            (tls, host, port, upstream.prefix, upstream.authority)
        };
        let told = |tls, host: &str, port, prefix: &str, authority: &str| {
            (
                tls,
                host.to_owned(),
                port,
                prefix.to_owned(),
                authority.to_owned(),
            )
        };
        assert_eq!(
            read("https://api.openai.com"),
            told(true, "api.openai.com", 443, "", "api.openai.com")
        );
        assert_eq!(
            read("http://127.0.0.1:11434/"),
            told(false, "127.0.0.1", 11434, "", "127.0.0.1:11434")
        );
        assert_eq!(
            read("https://[::1]:8443/openai/v2/"),
            told(true, "::1", 8443, "/openai/v2", "[::1]:8443")
        );
        assert_eq!(read("http://[::1]"), told(false, "::1", 80, "", "[::1]"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, expected) in [
            ("api.openai.com", BadUpstream::Scheme),
            ("ftp://x", BadUpstream::Scheme),
            ("https://", BadUpstream::Host),
            ("https://:443", BadUpstream::Host),
            ("https://host:port", BadUpstream::Host),
            ("https://ho st", BadUpstream::Host),
            ("https://key@host", BadUpstream::Extra),
            ("https://host?key=1", BadUpstream::Extra),
        ] {
            assert_eq!(text.parse::<Upstream>(), Err(expected), "{text}");
        }
    }
}
