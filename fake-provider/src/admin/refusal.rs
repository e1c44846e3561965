//! What the admin API answers where it does not do what it was asked: what was wrong, and what would be right.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::mistakes::BadScript;

/// An error of the admin API.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let mut body = Map::new();
        body.insert("error".to_owned(), error.into().into());
        Self { status, body }
    }

    /// A request that makes no sense.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// There is no such namespace.
    pub(super) fn no_namespace(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("there is no namespace `{name}`"),
        )
        .hint("PUT a script to /namespaces/{name} makes one; GET /namespaces lists them")
    }

    /// A script with mistakes: every one of them.
    pub(super) fn script(bad: &BadScript) -> Self {
        let count = bad.mistakes.len();
        let error = format!("mistakes in the script: {count}; nothing was changed");
        let mut refusal = Self::new(StatusCode::UNPROCESSABLE_ENTITY, error);
        let mistakes = json!(bad.mistakes);
        refusal.body.insert("mistakes".to_owned(), mistakes);
        refusal
    }

    /// What would be right.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.body.insert("hint".to_owned(), hint.into().into());
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(Value::Object(self.body))).into_response()
    }
}
