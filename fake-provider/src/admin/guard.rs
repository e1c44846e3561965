//! Who may ask: whoever can reach the port, but no web page that happens to run in a browser on this machine. A page of another
//! site is known by its `Origin` (fetch.spec.whatwg.org, "`Origin` header") or by `Sec-Fetch-Site`, and one that has pointed a
//! name of its own at this machine by the name in `Host`.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// Whether only this machine can reach the port, which then has no name but this machine's.
    is_local: bool,
}

impl Guard {
    pub(super) const fn at(address: SocketAddr) -> Self {
        Self {
            is_local: address.ip().is_loopback(),
        }
    }

    fn refuses(self, headers: &HeaderMap) -> Option<&'static str> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST.as_str()).unwrap_or_default();
        if self.is_local && !is_this_machine(host) {
            return Some("the host of this request is not this machine");
        }
        if text("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return Some("this request comes from a page of another site");
        }
        let origin = headers.get(ORIGIN)?;
        let origin = origin.to_str().unwrap_or_default();
        let own = origin.split_once("://").is_some_and(|(_, own)| own == host);
        (!own).then_some("this request comes from a page of another site")
    }
}

/// Whether a `Host` is an address or `localhost`, with a port or without.
fn is_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Uri>() else {
        return false;
    };
    let name = authority.host().unwrap_or_default();
    let address = name.trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

/// Refuses what the guard refuses.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.refuses(request.headers()) {
        None => next.run(request).await,
        Some(why) => Refusal::new(StatusCode::FORBIDDEN, why)
            .hint("the admin API is for programs: send no `Origin`, and name this machine by its address or as localhost")
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(is_local: bool, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            let value = value.parse().expect("is a value");
            (axum::http::HeaderName::from_static(name), value)
        });
        let headers: HeaderMap = headers.collect();
        Guard { is_local }.refuses(&headers).is_some()
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let host = ("host", "127.0.0.1:9000");
        assert!(!refuses(true, &[host]));
        assert!(!refuses(true, &[host, ("origin", "http://127.0.0.1:9000")]));
        assert!(refuses(true, &[host, ("origin", "https://example.org")]));
        assert!(refuses(true, &[host, ("origin", "http://127.0.0.1:9001")]));
        assert!(refuses(true, &[host, ("origin", "null")]));
        assert!(refuses(true, &[host, ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn a_name_that_was_pointed_here_is_refused_where_there_is_none() {
        for fine in [
            "127.0.0.1:9000",
            "localhost:9000",
            "[::1]:9000",
            "LOCALHOST",
        ] {
            assert!(!refuses(true, &[("host", fine)]), "{fine}");
        }
        assert!(refuses(true, &[("host", "rebound.example.org:9000")]));
        assert!(refuses(true, &[]));
        // Whoever lets others reach it may give it a name.
        assert!(!refuses(false, &[("host", "provider:9000")]));
    }
}
