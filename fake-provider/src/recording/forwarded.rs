//! A request as it is sent on to the real provider. Pure.

use super::address::Upstream;
use crate::http::Request;

/// Headers that belong to the connection with the client, or are written anew.
const DROPPED: [&str; 9] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
    "upgrade",
    "http2-settings",
    "proxy-connection",
    // What is compressed can be searched for no key and read by nobody: the provider is asked for plain bytes.
    "accept-encoding",
];

/// The bytes of the request.
pub(super) fn forwarded(request: &Request, to: &Upstream) -> Vec<u8> {
    let mut head = format!("{} {}{}", request.method, to.prefix, request.path);
    if !request.query.is_empty() {
        head.push('?');
        head.push_str(&request.query);
    }
    let version = if request.chunks { "1.1" } else { "1.0" };
    head.push_str(&format!(" HTTP/{version}\r\nhost: {}\r\n", to.authority));
    for (name, value) in request.headers.iter() {
        if !DROPPED.contains(&name) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("accept-encoding: identity\r\n");
    let connection = if request.keep_alive {
        "keep-alive"
    } else {
        "close"
    };
    head.push_str(&format!("connection: {connection}\r\n"));
    if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("content-length: {}\r\n", request.body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&request.body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_on_as_it_came_but_for_what_belongs_to_its_connection() {
        let headers = [
            ("host", "127.0.0.1:1"),
            ("authorization", "Bearer k"),
            ("transfer-encoding", "chunked"),
            ("accept-encoding", "gzip, br"),
            ("x-twice", "1"),
            ("x-twice", "2"),
        ];
        let request = Request {
            method: "POST".into(),
            path: "/v1/x".into(),
            query: "a=1".into(),
            headers: headers.into_iter().collect(),
            body: b"{}".to_vec(),
            keep_alive: true,
            chunks: true,
        };
        let to: Upstream = "https://host:8443/base".parse().expect("is an address");
        let text = String::from_utf8(forwarded(&request, &to)).expect("is text");
        assert_eq!(
            text,
            "POST /base/v1/x?a=1 HTTP/1.1\r\nhost: host:8443\r\nauthorization: Bearer k\r\nx-twice: 1\r\n\
             x-twice: 2\r\naccept-encoding: identity\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}"
        );
    }
}
