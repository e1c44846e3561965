//! Which faults of one answer go together. They are carried out in one order, whatever the order they are written in:
//! another answer instead (`Instead`), changes of the content, of the head, of the framing, silences and pieces, and
//! last the end. Pure.

use std::cmp::Ordering;

use crate::action::ActionName;
use crate::fault::Fault;
use crate::point::{EventPoint, Point, PointName};
use crate::transport::Transport;

/// Why two faults of one answer contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The fault that cannot be, counted from 0.
    pub fault: usize,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// Why.
    pub reason: &'static str,
}

/// What an action does to an answer, as far as others depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Another answer comes instead.
    Instead,
    /// Something of it is changed, and it goes on.
    Change,
    /// It ends, and the connection goes on.
    EndsAnswer,
    /// The connection ends with it.
    EndsConnection,
}

/// In which part of an exchange a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Connect,
    Accept,
    Tls,
    Request,
    Answer,
    Idle,
}

/// The first contradiction among the faults of one answer.
///
/// # Errors
///
/// Two of them end the exchange, or one would happen after its end, or to something that is not sent.
pub fn compose(faults: &[Fault]) -> Result<(), Contradiction> {
    for (index, later) in faults.iter().enumerate() {
        for earlier in &faults[..index] {
            if let Some(reason) = contradict(earlier, later) {
                return Err(Contradiction {
                    fault: index,
                    message: format!("`{later}` does not go together with `{earlier}`"),
                    reason,
                });
            }
        }
    }
    Ok(())
}

fn contradict(one: &Fault, other: &Fault) -> Option<&'static str> {
    if one == other {
        return Some("the same fault cannot happen twice at one place");
    }
    let only_once = is_only_once(one.action.name());
    if only_once && one.action.name() == other.action.name() {
        return Some("an answer can have this only once");
    }
    let is_connect = |fault: &Fault| fault.point == Point::Connect;
    if is_connect(one) || is_connect(other) {
        return Some("a connection that is refused carries nothing");
    }
    of_http2(one, other)
        .or_else(|| of_http2(other, one))
        .or_else(|| ends_before(one, other))
        .or_else(|| ends_before(other, one))
        .or_else(|| replaced(one, other))
        .or_else(|| replaced(other, one))
}

/// Whether `one` is only over HTTP/2, where `other` means nothing.
fn of_http2(one: &Fault, other: &Fault) -> Option<&'static str> {
    let transport = Transport {
        http2: true,
        tls: true,
    };
    let (point, action) = (other.point.name(), other.action.name());
    one.needs_http2()
        .then(|| transport.allows(point, action).err())
        .flatten()
}

/// Whether `one` ends what `other` needs.
fn ends_before(one: &Fault, other: &Fault) -> Option<&'static str> {
    let class = class(one.action.name());
    if class < Class::EndsAnswer {
        return None;
    }
    match phase(one).cmp(&phase(other)) {
        Ordering::Less if phase(one) == Phase::Answer && class == Class::EndsAnswer => None,
        Ordering::Less => Some("the connection has ended by then"),
        Ordering::Greater => None,
        Ordering::Equal if self::class(other.action.name()) >= Class::EndsAnswer => {
            Some("both end it, and only one of them can")
        }
        Ordering::Equal => match order(one.point, other.point) {
            Some(Ordering::Less) if is_at_its_point(one.action.name()) => {
                Some("the answer has ended by then")
            }
            _ => None,
        },
    }
}

/// Whether `one` comes instead of what `other` happens to.
fn replaced(one: &Fault, other: &Fault) -> Option<&'static str> {
    if class(one.action.name()) != Class::Instead {
        return None;
    }
    if class(other.action.name()) == Class::Instead {
        return Some("both come instead of the answer, and only one of them can");
    }
    let inside = other.point.name().is_in_body() && other.point != Point::BeforeBody;
    let to_an_event = !matches!(
        other.action.name(),
        ActionName::WrongContentType
            | ActionName::ShortContentLength
            | ActionName::Close
            | ActionName::Reset
            | ActionName::Stall
            | ActionName::Delay
            | ActionName::Drip
            | ActionName::Split
            | ActionName::Truncate
            | ActionName::HalfClose
            | ActionName::Garbage
            | ActionName::Raw
    );
    let in_the_answer = phase(other) == Phase::Answer;
    (in_the_answer && (inside || to_an_event))
        .then_some("another answer comes instead, which has no such place")
}

const fn is_only_once(action: ActionName) -> bool {
    use ActionName as A;
    matches!(
        action,
        A::Drip
            | A::Split
            | A::WrongContentType
            | A::ShortContentLength
            | A::Bom
            | A::Crlf
            | A::ExpiredCertificate
            | A::WrongName
    )
}

/// Whether what ends it does so at its own place, and not at the end of the answer.
const fn is_at_its_point(action: ActionName) -> bool {
    !matches!(
        action,
        ActionName::ShortContentLength | ActionName::BadChunk
    )
}

const fn class(action: ActionName) -> Class {
    use ActionName as A;
    match action {
        A::Status | A::Html | A::Empty => Class::Instead,
        A::Truncate | A::ErrorEvent | A::CorruptGzip | A::ResetStream => Class::EndsAnswer,
        A::Close
        | A::Reset
        | A::Stall
        | A::HalfClose
        | A::ShortContentLength
        | A::BadChunk
        | A::Garbage
        | A::KeepaliveForever
        | A::StaleKeepalive
        | A::Goaway
        | A::TlsAlert
        | A::TlsTruncate
        | A::Raw => Class::EndsConnection,
        _ => Class::Change,
    }
}

const fn phase(fault: &Fault) -> Phase {
    match fault.point {
        Point::Connect => Phase::Connect,
        Point::Accept => Phase::Accept,
        Point::Tls => Phase::Tls,
        Point::Request { .. } => Phase::Request,
        Point::Idle => Phase::Idle,
        _ => Phase::Answer,
    }
}

/// Which of two places in an answer comes first, where that does not depend on the dialect.
fn order(one: Point, other: Point) -> Option<Ordering> {
    match (one, other) {
        (Point::Event(one), Point::Event(other)) => order_of_events(one, other),
        (Point::Headers { after_bytes: one }, Point::Headers { after_bytes: other })
        | (Point::Text { after_bytes: one }, Point::Text { after_bytes: other })
        | (Point::Reasoning { after_bytes: one }, Point::Reasoning { after_bytes: other })
        | (
            Point::ToolArguments { after_bytes: one },
            Point::ToolArguments { after_bytes: other },
        ) => Some(one.cmp(&other)),
        _ => {
            let (one, other) = (rank(one.name())?, rank(other.name())?);
            let known = one != other || one != INSIDE;
            known.then(|| one.cmp(&other))
        }
    }
}

fn order_of_events(one: EventPoint, other: EventPoint) -> Option<Ordering> {
    let place = |event| match event {
        EventPoint::Before(event) => (event, 0),
        EventPoint::Inside { event, after_bytes } => (event, after_bytes),
        EventPoint::After(event) => (event + 1, 0),
    };
    Some(place(one).cmp(&place(other)))
}

/// The rank of what lies inside the body: which of these comes first is the dialect's.
const INSIDE: u8 = 3;

const fn rank(point: PointName) -> Option<u8> {
    Some(match point {
        PointName::BeforeHeaders => 0,
        PointName::Headers => 1,
        PointName::BeforeBody => 2,
        PointName::Text | PointName::Reasoning | PointName::ToolArguments => INSIDE,
        PointName::BeforeFinish => 4,
        PointName::BeforeEnd => 5,
        PointName::AfterEnd => 6,
        // Any event may be before or after anything else in the body.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::FaultSpec;

    fn fault(text: &str) -> Fault {
        let table = format!("x = {{ {text} }}");
        let mut read: std::collections::BTreeMap<String, FaultSpec> =
            toml::from_str(&table).expect("has the right fields");
        let spec = read.remove("x").expect("was written");
        spec.check().expect("makes sense")
    }

    fn composed(faults: &[&str]) -> Result<(), &'static str> {
        let faults: Vec<_> = faults.iter().map(|text| fault(text)).collect();
        compose(&faults).map_err(|contradiction| contradiction.reason)
    }

    const DELAY: &str = "at = 'event', before = 2, action = 'delay', lasting = '1s'";
    const CLOSE: &str = "at = 'text', after_bytes = 5, action = 'close'";

    const RESET_STREAM: &str = "at = 'text', after_bytes = 5, action = 'reset-stream'";

    #[test]
    fn faults_that_do_not_touch_each_other_go_together() {
        let bom = "action = 'bom'";
        let twice = "at = 'event', before = 1, action = 'duplicate'";
        let status = "action = 'status', status = 503";
        let idle = "at = 'idle', action = 'close'";
        for faults in [
            &[DELAY, CLOSE, bom, twice][..],
            &[status, idle],
            &[status, "at = 'headers', after_bytes = 9, action = 'reset'"],
            &["at = 'before-finish', action = 'truncate'", idle],
            &[RESET_STREAM, DELAY, idle],
            &[RESET_STREAM, "at = 'idle', action = 'goaway'"],
            &["at = 'accept', action = 'delay', lasting = '1s'", status],
            &[
                "action = 'html'",
                "at = 'before-headers', action = 'delay', lasting = '1s'",
            ],
            &[
                "at = 'text', after_bytes = 5, action = 'delay', lasting = '1s'",
                "at = 'text', after_bytes = 9, action = 'delay', lasting = '1s'",
            ],
        ] {
            assert_eq!(composed(faults), Ok(()), "{faults:?}");
        }
    }

    #[test]
    fn contradictions_are_told_in_either_order() {
        let reset = "at = 'before-finish', action = 'reset'";
        let late = "at = 'after-end', action = 'delay', lasting = '1s'";
        let idle = "at = 'idle', action = 'close'";
        let drip = "at = 'before-body', action = 'drip'";
        for (one, other, reason) in [
            (CLOSE, reset, "both end it"),
            (CLOSE, late, "has ended by then"),
            (CLOSE, idle, "the connection has ended"),
            (
                idle,
                "at = 'idle', action = 'stale-keepalive'",
                "both end it",
            ),
            (drip, "at = 'before-headers', action = 'drip'", "only once"),
            (drip, drip, "cannot happen twice"),
            ("action = 'html'", "action = 'empty'", "both come instead"),
            ("action = 'html'", CLOSE, "has no such place"),
            ("action = 'empty'", "action = 'bom'", "has no such place"),
            ("at = 'connect', action = 'close'", DELAY, "refused"),
            (
                "at = 'accept', action = 'reset'",
                DELAY,
                "has ended by then",
            ),
            (
                "at = 'event', after = 2, action = 'close'",
                "at = 'event', before = 4, action = 'duplicate'",
                "has ended by then",
            ),
            ("action = 'short-content-length'", CLOSE, "both end it"),
            (
                RESET_STREAM,
                "at = 'before-body', action = 'bad-chunk'",
                "no chunked",
            ),
            (
                RESET_STREAM,
                "at = 'idle', action = 'stale-keepalive'",
                "not promised",
            ),
            (
                RESET_STREAM,
                "at = 'idle', action = 'garbage', bytes = 9",
                "is a frame",
            ),
            (
                "at = 'idle', action = 'goaway'",
                "at = 'headers', after_bytes = 9, action = 'split', bytes = 2",
                "is compressed",
            ),
        ] {
            for faults in [[one, other], [other, one]] {
                let said = composed(&faults).expect_err("is a contradiction");
                assert!(said.contains(reason), "{faults:?}: {said}");
            }
        }
    }
}
