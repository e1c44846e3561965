//! How the gateway says no: one error envelope, its status, its code. Knows no route and no run.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is not carried out, and why.
///
/// On the wire always `{"error":{"message","type","param","code"}}` with all four keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<&'static str>,
    message: String,
    come_back: bool,
}

impl Refusal {
    /// A request that can never succeed as it is.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            come_back: false,
        }
    }

    /// The same refusal, naming the field that is at fault.
    pub(super) fn about(mut self, param: &'static str) -> Self {
        self.param = Some(param);
        self
    }

    /// The same refusal, with a code that programs can act upon.
    pub(super) fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The key is missing or wrong.
    pub(super) fn unauthorised() -> Self {
        Self::bad_request("Invalid API key")
            .with_status(StatusCode::UNAUTHORIZED)
            .coded("invalid_api_key")
    }

    /// No run of that id is known, or it can no longer be acted upon.
    ///
    /// The id is repeated only when it looks like one of ours: a path may carry anything, a key included.
    pub(super) fn run_not_found(run_id: &str) -> Self {
        let ours = run_id.strip_prefix("run_").is_some_and(|hex| {
            !hex.is_empty() && hex.len() <= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let message = if ours {
            format!("Run not found: {run_id}")
        } else {
            "Run not found".to_owned()
        };
        Self::bad_request(message)
            .with_status(StatusCode::NOT_FOUND)
            .coded("run_not_found")
    }

    /// The gateway takes no new run because it is going down.
    pub(super) fn draining() -> Self {
        let mut refusal = Self::bad_request("Gateway is draining and takes no new runs")
            .with_status(StatusCode::SERVICE_UNAVAILABLE)
            .coded("gateway_draining");
        refusal.kind = "server_error";
        refusal.come_back = true;
        refusal
    }

    /// As many runs as allowed are under way.
    pub(super) fn too_many_runs(limit: usize) -> Self {
        let mut refusal = Self::bad_request(format!("Too many concurrent runs (max {limit})"))
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .coded("rate_limit_exceeded");
        refusal.kind = "rate_limit_error";
        refusal.come_back = true;
        refusal
    }

    /// The body is longer than the limit.
    pub(super) fn body_too_large(limit: usize) -> Self {
        Self::bad_request(format!("Request body too large (max {limit} bytes)"))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
            .coded("body_too_large")
    }

    /// The body did not arrive in time.
    pub(super) fn body_too_slow() -> Self {
        Self::bad_request("Request body did not arrive in time")
            .with_status(StatusCode::REQUEST_TIMEOUT)
            .coded("body_timeout")
    }

    /// The idempotency key was used before, for something else.
    pub(super) fn idempotency_conflict() -> Self {
        Self::bad_request("Idempotency-Key was already used with a different request body")
            .with_status(StatusCode::CONFLICT)
            .coded("idempotency_conflict")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": {
            "message": self.message, "type": self.kind, "param": self.param, "code": self.code,
        }});
        let mut response = (self.status, Json(body)).into_response();
        if self.come_back {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_ours_is_not_repeated() {
        let known = Refusal::run_not_found("run_00ff");
        assert_eq!(known.message, "Run not found: run_00ff");
        for odd in ["sk-secret", "run_", "run_xyz", "run_../etc"] {
            assert_eq!(
                Refusal::run_not_found(odd).message,
                "Run not found",
                "{odd}"
            );
        }
    }
}
