//! Reads a body that is not a stream, within its limits of size and silence.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::time::timeout;

use super::classify;
use crate::config::AgentConfig;
use crate::failure::{Failure, FailureCode};
use crate::registry::{Incoming, SendError};

/// The limits of one read.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    /// Most bytes.
    pub(super) bytes: usize,
    /// Longest silence.
    pub(super) idle: Option<Duration>,
}

/// The whole body, or as much of it as fits when `cut` is allowed.
pub(super) async fn read(
    incoming: &mut Incoming,
    limits: BodyLimits,
    cut: bool,
) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        let chunk = within(limits.idle, incoming.chunk())
            .await?
            .map_err(|error| broken(error, false))?;
        let Some(chunk) = chunk else { return Ok(body) };
        let room = limits.bytes.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return if cut {
                Ok(body)
            } else {
                Err(too_large(limits.bytes))
            };
        }
    }
}

/// The result of `wait`, unless it takes longer than `idle`.
async fn within<T>(idle: Option<Duration>, wait: impl Future<Output = T>) -> Result<T, Failure> {
    match idle {
        None => Ok(wait.await),
        Some(limit) => timeout(limit, wait)
            .await
            .map_err(|_| classify::silence(limit, "further data")),
    }
}

/// The failure that an error of the transport is.
pub(super) fn broken(error: SendError, sending: bool) -> Failure {
    match error {
        SendError::Closed => Failure::new(
            FailureCode::Connect,
            "the client that sends this call is closed",
        )
        .definite(),
        SendError::Transport(error) => classify::transport(&error, sending),
        SendError::Unwritable(reason) => {
            Failure::new(FailureCode::InvalidRequest, reason).definite()
        }
    }
}

/// The response is larger than it may be.
pub(super) fn too_large(limit: usize) -> Failure {
    Failure::new(
        FailureCode::Protocol,
        format!("the response is larger than {limit} bytes"),
    )
}

/// The JSON document that a request brings, within the limits of `config`.
///
/// # Errors
/// The provider could not be asked, refused, or answered with something else.
pub(crate) async fn read_document(
    sending: impl Future<Output = Result<Incoming, SendError>>,
    config: &AgentConfig,
    now: SystemTime,
) -> Result<Value, Failure> {
    let limit = config.timeouts.first_byte;
    let sent = timeout(limit, sending)
        .await
        .map_err(|_| classify::silence(limit, "answer"))?;
    let mut incoming = sent.map_err(|error| broken(error, true))?;
    let limits = BodyLimits {
        bytes: config.max_response_bytes,
        idle: Some(config.timeouts.idle),
    };
    let body = read(&mut incoming, limits, false).await?;
    if !(200..300).contains(&incoming.status()) {
        return Err(classify::status(
            incoming.status(),
            incoming.headers(),
            &body,
            now,
        ));
    }
    serde_json::from_slice(&body).map_err(|_| classify::not_understood(incoming.headers(), &body))
}
