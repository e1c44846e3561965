//! Names of namespaces: how a request names one, and what a name may be.

use crate::http::Request;

/// The namespace of requests that name none.
pub(crate) const DEFAULT: &str = "default";

/// The first part of a path that names a namespace.
const PREFIX: &str = "/ns/";

/// The header that names one, for clients whose path cannot be chosen.
const HEADER: &str = "x-brownout-namespace";

/// The longest name.
const LONGEST: usize = 64;

/// A name that no namespace may have.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no name of a namespace: 1 to 64 letters, digits, `-`, `_` and `.`, not beginning with a point"
)]
pub(crate) struct BadName(pub(crate) String);

/// Whether a namespace may be called so.
pub(crate) fn check_name(name: &str) -> Result<(), BadName> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fine =
        (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.');
    match fine {
        true => Ok(()),
        // What is repeated in an error is bounded.
        false => Err(BadName(name.chars().take(2 * LONGEST).collect())),
    }
}

/// The namespace that a request names, by its path before its header. The path is left without it.
pub(super) fn named(request: &mut Request) -> Option<String> {
    if let Some(rest) = request.path.strip_prefix(PREFIX) {
        let (name, path) = match rest.find('/') {
            Some(slash) => (rest[..slash].to_owned(), rest[slash..].to_owned()),
            None => (rest.to_owned(), "/".to_owned()),
        };
        request.path = path;
        return Some(name);
    }
    request.header(HEADER).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_before_the_header() {
        let mut request = Request {
            path: "/ns/one/v1/models".into(),
            headers: [(HEADER, "two")].into_iter().collect(),
            ..Request::default()
        };
        assert_eq!(named(&mut request).as_deref(), Some("one"));
        assert_eq!(request.path, "/v1/models");
        assert_eq!(named(&mut request).as_deref(), Some("two"));
        assert_eq!(request.path, "/v1/models");
        let mut bare = Request {
            path: "/ns/one".into(),
            ..Request::default()
        };
        assert_eq!(named(&mut bare).as_deref(), Some("one"));
        assert_eq!(bare.path, "/");
        assert_eq!(named(&mut bare), None);
    }

    #[test]
    fn a_name_fits_into_a_path() {
        for fine in ["a", "test-1.b_C", &"x".repeat(64)] {
            assert!(check_name(fine).is_ok(), "{fine}");
        }
        for bad in ["", "a/b", "a b", "..", "é", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
