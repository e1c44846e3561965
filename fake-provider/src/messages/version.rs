//! The two versions of the API that are alive, and the header that tells which is meant.
//!
//! Source: platform.claude.com/docs/en/api/versioning and docs/en/api/migration-2026-10-21.

use crate::http::Request;
use crate::protocol::Violation;

/// A version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `2023-06-01`: with sampling parameters.
    Old,
    /// `2026-10-21`: without them, and stricter about what a message may hold.
    New,
}

/// The version that a request wants.
pub(super) fn wanted(request: &Request) -> Result<Version, Violation> {
    match request.header("anthropic-version") {
        Some("2023-06-01") => Ok(Version::Old),
        Some("2026-10-21") => Ok(Version::New),
        Some(other) => Err(Violation::new(
            "version-unknown",
            format!("anthropic-version: \"{other}\" is not a valid version"),
        )),
        None => Err(Violation::new(
            "version-missing",
            "anthropic-version: header is required",
        )),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request of this version.
    pub(in crate::messages) fn request(version: &str) -> Request {
        Request {
            headers: [("anthropic-version", version)].into_iter().collect(),
            ..Request::default()
        }
    }

    #[test]
    fn the_header_is_needed_and_names_one_of_two() {
        assert_eq!(wanted(&request("2023-06-01")), Ok(Version::Old));
        assert_eq!(wanted(&request("2026-10-21")), Ok(Version::New));
        let broken = |request| wanted(&request).map_err(|broken| broken.rule);
        assert_eq!(broken(request("2023-01-01")), Err("version-unknown"));
        assert_eq!(broken(Request::default()), Err("version-missing"));
    }
}
