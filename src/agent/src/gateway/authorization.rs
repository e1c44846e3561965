//! Who may speak to the gateway. Knows headers and the key, nothing else.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Whether the headers carry `Authorization: Bearer <key>`.
///
/// Digests are compared in constant time, so that neither the key nor its length can be measured. The scheme is
/// case-sensitive, as in hermes-agent.
pub(super) fn authorised(headers: &HeaderMap, key: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let Some(token) = given.strip_prefix(b"Bearer ") else {
        return false;
    };
    let given = Sha256::digest(token.trim_ascii());
    let wanted = Sha256::digest(key.as_bytes());
    given.as_slice().ct_eq(wanted.as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(value).expect("test values are valid headers");
        headers.insert(header::AUTHORIZATION, value);
        headers
    }

    #[test]
    fn only_the_whole_key_behind_the_exact_scheme_opens() {
        let key = "0123456789abcdef";
        assert!(authorised(&headers("Bearer 0123456789abcdef"), key));
        for wrong in [
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdeff",
            "bearer 0123456789abcdef",
            "Basic 0123456789abcdef",
            "0123456789abcdef",
            "Bearer ",
        ] {
            assert!(!authorised(&headers(wrong), key), "{wrong}");
        }
        assert!(!authorised(&HeaderMap::new(), key));
    }
}
