//! Request bodies: of a known length, or chunked. Bounded, because a client's mistake must not become our memory.

use fault_io::Tap;

use super::{Broken, malformed};

/// The longest body that is read.
pub(super) const MAX: usize = 64 * 1024 * 1024;
/// The longest line between chunks, extensions and trailers included.
const LINE_MAX: usize = 16 * 1024;

/// The answer to more than [`MAX`].
pub(super) const TOO_LARGE: Broken = Broken::Malformed {
    status: 413,
    message: "the request body is larger than 64 MiB",
};

/// Reads exactly `length` bytes.
pub(super) async fn known(tap: &mut Tap, length: usize) -> Result<Vec<u8>, Broken> {
    while tap.inbound().len() < length {
        tap.read().await?;
    }
    Ok(tap.take(length))
}

/// Reads a chunked body with its trailers, which are dropped (RFC 9112, section 7.1).
pub(super) async fn chunked(tap: &mut Tap) -> Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    loop {
        let line = line(tap).await?;
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(size).unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16)
            .map_err(|_| malformed("a chunk of the request body has no size"))?;
        if body.len().saturating_add(size) > MAX {
            return Err(TOO_LARGE);
        }
        if size == 0 {
            break;
        }
        body.extend_from_slice(&known(tap, size).await?);
        if known(tap, 2).await? != b"\r\n" {
            return Err(malformed(
                "a chunk of the request body is longer than its size",
            ));
        }
    }
    while !line(tap).await?.is_empty() {}
    Ok(body)
}

/// One line, without its CRLF.
async fn line(tap: &mut Tap) -> Result<Vec<u8>, Broken> {
    loop {
        if let Some(end) = tap.inbound().windows(2).position(|pair| pair == b"\r\n") {
            let mut line = tap.take(end + 2);
            line.truncate(end);
            return Ok(line);
        }
        if tap.inbound().len() > LINE_MAX {
            return Err(malformed("a chunk of the request body has no size"));
        }
        tap.read().await?;
    }
}
