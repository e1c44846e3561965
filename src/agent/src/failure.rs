//! Why something failed, in a form that decisions can be made from. Facts are never recovered from message text.

use std::time::Duration;

/// One failure of a provider call or of the run around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What kind of failure, as a stable short word for programs.
    pub code: FailureCode,
    /// What a person should read: the provider's own words where there are any, redacted of every known secret.
    pub message: String,
    /// HTTP status, if an answer with one arrived.
    pub status: Option<u16>,
    /// The provider's own error code or type, if it sent one.
    pub provider_code: Option<String>,
    /// How long the provider asked us to wait.
    pub retry_after: Option<Duration>,
    /// What the provider said about trying again, if it said anything.
    pub advice: Option<Advice>,
    /// Whether the request certainly did not take effect. `false` means unknown, and unknown is always safe to say.
    pub definite: bool,
}

impl Failure {
    /// A failure of which only its kind and a sentence are known. Whether the request took effect is unknown.
    #[must_use]
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
            provider_code: None,
            retry_after: None,
            advice: None,
            definite: false,
        }
    }

    /// The same failure, with the HTTP status that said so.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// The same failure, of a request that certainly did not take effect.
    #[must_use]
    pub fn definite(self) -> Self {
        Self {
            definite: true,
            ..self
        }
    }
}

/// What a provider says about trying again (`x-should-retry`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// It may help.
    TryAgain,
    /// It will not help.
    GiveUp,
}

/// The kinds of failure. `as_str` is what the log and the gateway say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FailureCode {
    /// The credential was refused (401, 403).
    Auth,
    /// The account cannot pay (402, exhausted quota).
    Billing,
    /// Too many requests (429).
    RateLimit,
    /// The provider is overloaded (503, 529, in-band overload).
    Overloaded,
    /// The provider failed (other 5xx).
    ServerError,
    /// The request was malformed in the provider's eyes (400, 409, 422).
    InvalidRequest,
    /// The conversation does not fit the model's context (400 with that code, 413).
    ContextOverflow,
    /// The model or route does not exist (404).
    NotFound,
    /// No connection could be made.
    Connect,
    /// The provider's certificate cannot be trusted.
    Untrusted,
    /// The connection broke before the response ended.
    Disconnected,
    /// The response ended politely without its end marker.
    Truncated,
    /// No data for longer than the limit.
    Timeout,
    /// An error event inside a 200 response.
    ProviderErrorEvent,
    /// The response could not be understood.
    Protocol,
    /// The response ended properly and carried nothing.
    EmptyResponse,
    /// The answer was cut at the token limit, and continuing did not help.
    OutputTruncated,
    /// The provider withheld the answer.
    ContentFilter,
    /// The turn took more rounds or time than allowed.
    BudgetExhausted,
    /// This agent is shutting down.
    ShuttingDown,
    /// A mistake of ours, caught.
    Internal,
}

impl FailureCode {
    /// The stable short word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Billing => "billing",
            Self::RateLimit => "rate_limit",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::InvalidRequest => "invalid_request",
            Self::ContextOverflow => "context_overflow",
            Self::NotFound => "not_found",
            Self::Connect => "connect",
            Self::Untrusted => "untrusted",
            Self::Disconnected => "disconnected",
            Self::Truncated => "truncated",
            Self::Timeout => "timeout",
            Self::ProviderErrorEvent => "provider_error_event",
            Self::Protocol => "protocol",
            Self::EmptyResponse => "empty_response",
            Self::OutputTruncated => "output_truncated",
            Self::ContentFilter => "content_filter",
            Self::BudgetExhausted => "budget_exhausted",
            Self::ShuttingDown => "shutting_down",
            Self::Internal => "internal",
        }
    }
}
