//! Response heads with the headers of the real provider. No `Date`: a head has to be the same in every run of a case, and RFC
//! 9110 (section 6.6.1) wants none from a server without a clock.

use std::fmt::Write as _;

use crate::draw::Draw;

/// What a head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: &'a str,
    /// Sent exactly as it is.
    pub(crate) retry_after: Option<&'a str>,
    /// The methods that are allowed, for a 405.
    pub(crate) allow: Option<&'a str>,
}

impl Head<'_> {
    /// Status line and headers, without framing and without the blank line.
    pub(crate) fn render(&self, draw: Draw) -> Vec<u8> {
        let mut head = String::with_capacity(640);
        let request_id = draw.hex("request", 32);
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "HTTP/1.1 {} {}\r\n\
             content-type: {}\r\n\
             x-request-id: req_{request_id}\r\n\
             openai-organization: org-brownout\r\n\
             server: cloudflare\r\n",
            self.status,
            reason(self.status),
            self.content_type,
        );
        self.limits(&mut head);
        if let Some(retry_after) = self.retry_after {
            // A line break in the value would be another header.
            let value: String = retry_after
                .chars()
                .filter(|char| !char.is_control())
                .collect();
            let _ = write!(head, "retry-after: {value}\r\n");
        }
        if let Some(allow) = self.allow {
            let _ = write!(head, "allow: {allow}\r\n");
        }
        head.into_bytes()
    }

    /// What only a request that reached a model is told; one for an unknown model never did.
    fn limits(&self, head: &mut String) {
        if self.status == 404 {
            return;
        }
        let requests = if self.status == 429 { 0 } else { 9_999 };
        let tokens = requests * 20;
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "openai-processing-ms: 42\r\n\
             openai-version: 2020-10-01\r\n\
             x-ratelimit-limit-requests: 10000\r\n\
             x-ratelimit-remaining-requests: {requests}\r\n\
             x-ratelimit-reset-requests: 8.64s\r\n\
             x-ratelimit-limit-tokens: 200000\r\n\
             x-ratelimit-remaining-tokens: {tokens}\r\n\
             x-ratelimit-reset-tokens: 120ms\r\n",
        );
    }
}

/// Reason phrases (RFC 9110, section 15); 529 is not registered.
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Site Is Overloaded",
        _ => "Error",
    }
}
