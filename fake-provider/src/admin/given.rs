//! What a request to the admin API brings: the name in its path, and its body. What cannot be read is refused as everything else is.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;

use super::refusal::Refusal;

/// The name of a namespace, as the path has it; there need not be one of it.
#[derive(Debug)]
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = name.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
        Ok(Self(name))
    }
}

/// The whole body.
#[derive(Debug)]
pub(super) struct Whole(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
        Ok(Self(body))
    }
}
