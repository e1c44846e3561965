//! Response heads of this API: the provider's, with its limits only where a whole answer or the limit itself is told
//! (`recorded/openai-responses`: neither streams nor refused requests have them).

use crate::openai;
use crate::protocol::{Asking, Head};

/// Status line and headers, without framing and without the blank line.
pub(super) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let mut bytes = openai::head::head(head, asking);
    if head.status == 401 {
        bytes.extend_from_slice(b"www-authenticate: Bearer realm=\"OpenAI API\"\r\n");
    }
    let limited = match head.status {
        200 => !head.content_type.starts_with("text/event-stream"),
        status => status == 429,
    };
    if limited {
        return bytes;
    }
    let text = String::from_utf8(bytes).expect("headers are text");
    let kept = text
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("x-ratelimit-"));
    kept.collect::<String>().into_bytes()
}
