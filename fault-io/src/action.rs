//! What can be done to a response. One file per action, each with its contract; adding one is adding one file.
//!
//! An action changes a draft and sends nothing: what leaves is decided by the contract that the draft becomes, carried out by
//! one executor for all of them, and judged by code that knows no action.

mod bad_chunk;
mod bom;
mod close;
mod corrupt_gzip;
mod crlf;
mod delay;
mod drip;
mod drop;
mod duplicate;
mod empty;
mod error_event;
mod garbage;
mod goaway;
mod half_close;
mod html;
mod huge;
mod keepalive_forever;
mod malform_json;
mod malform_utf8;
mod raw;
mod reorder;
mod reset;
mod reset_stream;
mod short_content_length;
mod split;
mod stale_keepalive;
mod stall;
mod status;
mod tls_alert;
mod tls_truncate;
mod truncate;
mod wrong_content_type;

use std::fmt::Debug;
use std::time::Duration;

use wire_faults::{Action as Meant, Fault, HumanDuration, Point};

use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[cfg(test)]
pub(crate) use html::PAGE;

/// When an action is carried out, if there are several: whatever order they are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Another answer comes instead.
    Instead,
    /// The content is changed.
    Content,
    /// The content ends.
    Cut,
    /// The head is changed.
    Head,
    /// The body is cut into other frames.
    Pieces,
    /// The transfer coding is changed.
    Framing,
    /// It leaves more slowly.
    Timing,
    /// The connection ends.
    Ending,
}

/// Something that can be done to a response.
pub(crate) trait Action: Debug {
    /// When it is done, among others.
    fn stage(&self) -> Stage;

    /// Does it at a place of the draft, or leaves the draft as it is. What shows that it was carried out.
    ///
    /// # Errors
    ///
    /// It cannot be done to this response.
    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable>;
}

/// The action that is meant.
///
/// # Errors
///
/// It chooses the certificate, of which a draft knows nothing.
pub(crate) fn action(fault: &Fault) -> Result<Box<dyn Action>, Inapplicable> {
    Ok(match &fault.action {
        Meant::Status(_) => Box::new(status::Status),
        Meant::Html => Box::new(html::Html),
        Meant::Empty => Box::new(empty::Empty),
        Meant::Close => Box::new(close::Close),
        Meant::Reset => Box::new(reset::Reset),
        Meant::HalfClose => Box::new(half_close::HalfClose),
        Meant::Stall { lasting } => Box::new(stall::Stall {
            lasting: lasting.map(|lasting| lasting.0),
        }),
        Meant::KeepaliveForever { every } => Box::new(keepalive_forever::KeepaliveForever {
            every: duration(*every),
        }),
        Meant::StaleKeepalive { end } => Box::new(stale_keepalive::StaleKeepalive { end: *end }),
        Meant::Garbage { bytes } => Box::new(garbage::Garbage {
            bytes: length(*bytes),
        }),
        Meant::Raw { data } => Box::new(raw::Raw {
            data: data.0.clone(),
        }),
        Meant::Delay { lasting } => Box::new(delay::Delay {
            lasting: duration(*lasting),
        }),
        Meant::Drip { bytes, every } => Box::new(drip::Drip {
            bytes: length(*bytes),
            every: duration(*every),
        }),
        Meant::Split { bytes } => Box::new(split::Split {
            bytes: length(*bytes),
        }),
        Meant::Goaway { code } => Box::new(goaway::Goaway {
            code: code.number(),
        }),
        Meant::ResetStream { code } => Box::new(reset_stream::ResetStream {
            code: code.number(),
        }),
        Meant::TlsTruncate => Box::new(tls_truncate::TlsTruncate),
        Meant::TlsAlert { alert } => Box::new(tls_alert::TlsAlert {
            description: alert.number(),
            before_keys: fault.point == Point::Tls,
        }),
        Meant::ExpiredCertificate | Meant::WrongName => return Err(Inapplicable::Certificate),
        change => of_content(change).ok_or(Inapplicable::Certificate)?,
    })
}

/// The actions that change what an answer says or how its head describes it.
fn of_content(meant: &Meant) -> Option<Box<dyn Action>> {
    Some(match meant {
        Meant::Truncate => Box::new(truncate::Truncate),
        Meant::ErrorEvent(_) => Box::new(error_event::ErrorEvent),
        Meant::CorruptGzip => Box::new(corrupt_gzip::CorruptGzip),
        Meant::MalformJson => Box::new(malform_json::MalformJson),
        Meant::MalformUtf8 => Box::new(malform_utf8::MalformUtf8),
        Meant::Duplicate => Box::new(duplicate::Duplicate),
        Meant::Drop => Box::new(drop::Drop),
        Meant::Reorder => Box::new(reorder::Reorder),
        Meant::Huge { bytes } => Box::new(huge::Huge {
            bytes: length(*bytes),
        }),
        Meant::Bom => Box::new(bom::Bom),
        Meant::Crlf => Box::new(crlf::Crlf),
        Meant::BadChunk => Box::new(bad_chunk::BadChunk),
        Meant::WrongContentType { content_type } => {
            Box::new(wrong_content_type::WrongContentType {
                content_type: content_type.clone(),
            })
        }
        Meant::ShortContentLength { by } => {
            Box::new(short_content_length::ShortContentLength { by: *by })
        }
        _ => return None,
    })
}

fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

const fn duration(duration: HumanDuration) -> Duration {
    duration.0
}
