//! The Idempotency-Key of a request, and what it was asked with. Knows nothing of what became of the request.

use axum::http::HeaderMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// Longest key that is accepted, in bytes. Keys are UUIDs in practice.
const KEY_LENGTH_MAX: usize = 255;

/// A client's promise that requests with this key are one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdempotencyKey {
    /// The key as the client sent it.
    pub(super) key: String,
    /// Digest of the body, indifferent to white space and to the order of fields.
    pub(super) body: [u8; 32],
}

impl IdempotencyKey {
    /// Reads the key from the headers, if there is one.
    ///
    /// # Errors
    /// Refuses a key that is empty, too long or not visible ASCII.
    pub(super) fn read(headers: &HeaderMap, body: &Value) -> Result<Option<Self>, Refusal> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default().trim();
        if key.is_empty() || key.len() > KEY_LENGTH_MAX {
            let refusal = Refusal::bad_request("Invalid Idempotency-Key header");
            return Err(refusal.coded("invalid_idempotency_key"));
        }
        let mut sorted = body.clone();
        sorted.sort_all_objects();
        Ok(Some(Self {
            key: key.to_owned(),
            body: Sha256::digest(sorted.to_string()).into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &'static str, body: &str) -> Result<Option<IdempotencyKey>, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", key.parse().unwrap());
        IdempotencyKey::read(&headers, &serde_json::from_str(body).unwrap())
    }

    #[test]
    fn the_same_body_is_the_same_whatever_its_spelling() {
        let first = read("k", r#"{"input":"hi","model":"m"}"#).unwrap();
        assert_eq!(
            first,
            read("k", r#"{ "model": "m", "input": "hi" }"#).unwrap()
        );
        assert_ne!(first, read("k", r#"{"input":"ho","model":"m"}"#).unwrap());
    }

    #[test]
    fn a_key_that_says_nothing_is_refused_and_none_is_fine() {
        assert!(read(" ", "{}").is_err());
        assert_eq!(
            IdempotencyKey::read(&HeaderMap::new(), &Value::Null),
            Ok(None)
        );
    }
}
