//! Which action makes sense at which point, with a reason from the protocol where it does not. What holds of any answer is
//! here; what depends on the dialect or the transport is in [`Shape`](crate::Shape).

use crate::action::ActionName;
use crate::point::PointName;

/// Whether `action` can be carried out at `point` in some exchange.
///
/// # Errors
///
/// The reason from the protocol why it never can.
pub const fn legality(point: PointName, action: ActionName) -> Result<(), &'static str> {
    use ActionName as A;
    if let PointName::Connect = point {
        return match action {
            A::Close => Ok(()),
            _ => Err("a listener that is closed can only refuse; write `action = \"close\"`"),
        };
    }
    match action {
        A::Status | A::Html | A::Empty => instead_of_the_answer(point, action),
        A::WrongContentType | A::ShortContentLength => in_the_head(point),
        A::Close | A::Reset | A::HalfClose | A::Garbage | A::Raw => Ok(()),
        A::Stall | A::Delay => match point {
            PointName::Idle => Err("between requests silence is what is expected"),
            _ => Ok(()),
        },
        A::Drip | A::Split => while_the_answer_leaves(point),
        A::Truncate => cut_off(point),
        A::ErrorEvent
        | A::MalformJson
        | A::MalformUtf8
        | A::Duplicate
        | A::Drop
        | A::Huge
        | A::CorruptGzip => in_the_body(point),
        A::Reorder => match point {
            PointName::BeforeEnd => {
                Err("the terminal marker is the last event, so there is none to change places with")
            }
            _ => in_the_body(point),
        },
        A::BadChunk | A::KeepaliveForever => match point {
            PointName::AfterEnd => Ok(()),
            _ => in_the_body(point),
        },
        A::Bom | A::Crlf => of_the_whole_body(point, action),
        A::StaleKeepalive => match point {
            PointName::Idle => Ok(()),
            _ => Err("a connection is kept alive between requests, and nowhere else"),
        },
        A::Goaway | A::ResetStream => in_http2(point, action),
        A::TlsAlert | A::TlsTruncate | A::ExpiredCertificate | A::WrongName => {
            in_tls(point, action)
        }
    }
}

/// Why nothing of an answer can be changed before there is one, and after it.
const fn outside_the_answer(point: PointName) -> Option<&'static str> {
    match point {
        PointName::Accept | PointName::Tls | PointName::Request => {
            Some("there is no answer before the request has been read")
        }
        PointName::Idle => Some("there is no answer between requests"),
        _ => None,
    }
}

const fn instead_of_the_answer(point: PointName, action: ActionName) -> Result<(), &'static str> {
    match (point, outside_the_answer(point)) {
        (PointName::BeforeHeaders, _) => Ok(()),
        (_, Some(reason)) => Err(reason),
        _ => match action {
            ActionName::Status => {
                Err("the status line opens the response; it can only be chosen before the head")
            }
            _ => Err(
                "another answer has a head of its own, so it can only be chosen before the head",
            ),
        },
    }
}

const fn in_the_head(point: PointName) -> Result<(), &'static str> {
    match (point, outside_the_answer(point)) {
        (PointName::BeforeHeaders, _) => Ok(()),
        (_, Some(reason)) => Err(reason),
        _ => Err("a header cannot be changed once the head is on its way; write `before-headers`"),
    }
}

const fn while_the_answer_leaves(point: PointName) -> Result<(), &'static str> {
    match (point, outside_the_answer(point)) {
        (_, Some(reason)) => Err(reason),
        (PointName::AfterEnd, _) => {
            Err("everything has been said by then, so nothing is left to send in another way")
        }
        _ => Ok(()),
    }
}

const fn cut_off(point: PointName) -> Result<(), &'static str> {
    match point {
        PointName::BeforeHeaders => {
            Err("a response without a head is not HTTP, so it cannot end cleanly")
        }
        PointName::Headers => Err("half a head is not HTTP, so it cannot end cleanly"),
        PointName::AfterEnd => Err("everything has been said by then, so nothing would be cut off"),
        PointName::Idle => Err("there is no response to cut off between requests"),
        _ => in_the_body(point),
    }
}

const fn in_the_body(point: PointName) -> Result<(), &'static str> {
    match (point, outside_the_answer(point)) {
        (_, Some(reason)) => Err(reason),
        (PointName::BeforeHeaders | PointName::Headers, _) => {
            Err("this is done to the body, which begins after the head; write `before-body`")
        }
        (PointName::AfterEnd, _) => {
            Err("everything has been said by then, so no event is left that this could be done to")
        }
        _ => Ok(()),
    }
}

const fn of_the_whole_body(point: PointName, action: ActionName) -> Result<(), &'static str> {
    match (point, in_the_body(point)) {
        (PointName::BeforeBody, _) => Ok(()),
        (_, Err(reason)) => Err(reason),
        _ => match action {
            ActionName::Bom => Err(
                "a byte order mark is one only as the first character of the body; write `before-body`",
            ),
            _ => Err("a stream has one kind of line end, from its beginning; write `before-body`"),
        },
    }
}

const fn in_http2(point: PointName, action: ActionName) -> Result<(), &'static str> {
    match (point, action) {
        (PointName::Accept | PointName::Tls, _) => {
            Err("no frame may precede the connection preface (RFC 9113, section 3.4)")
        }
        (PointName::Headers, _) => Err(
            "an HTTP/2 head is compressed, so its bytes cannot be counted (RFC 9113, section 4.3)",
        ),
        (PointName::Idle, ActionName::ResetStream) => {
            Err("no stream is open between requests, so none can be reset (RFC 9113, section 6.4)")
        }
        _ => Ok(()),
    }
}

const fn in_tls(point: PointName, action: ActionName) -> Result<(), &'static str> {
    match (action, point) {
        (_, PointName::Accept) => {
            Err("TLS begins with the client's first message; write `at = \"tls\"`")
        }
        (ActionName::TlsAlert, _) => Ok(()),
        (ActionName::TlsTruncate, PointName::Tls) => Err(
            "before the handshake is over there is no close_notify that could be left out (RFC 8446, section 6.1)",
        ),
        (ActionName::TlsTruncate, _) => Ok(()),
        (_, PointName::Tls) => Ok(()),
        _ => Err("a certificate is shown in the handshake, and nowhere else"),
    }
}

/// The place of an action that has only one, so that it need not be said.
pub(crate) fn only_place(action: ActionName) -> Option<PointName> {
    let mut places = PointName::ALL
        .into_iter()
        .filter(|point| legality(*point, action).is_ok());
    let only = places.next()?;
    places.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_legal_action_and_every_action_a_legal_point() {
        for point in PointName::ALL {
            assert!(
                ActionName::ALL
                    .iter()
                    .any(|action| legality(point, *action).is_ok()),
                "{point}"
            );
        }
        for action in ActionName::ALL {
            assert!(
                PointName::ALL
                    .iter()
                    .any(|point| legality(*point, action).is_ok()),
                "{action}"
            );
        }
    }

    #[test]
    fn a_place_need_not_be_said_where_there_is_only_one() {
        let only: Vec<_> = ActionName::ALL
            .into_iter()
            .filter_map(|action| Some((action, only_place(action)?)))
            .collect();
        assert_eq!(
            only,
            [
                (ActionName::Status, PointName::BeforeHeaders),
                (ActionName::WrongContentType, PointName::BeforeHeaders),
                (ActionName::ShortContentLength, PointName::BeforeHeaders),
                (ActionName::Html, PointName::BeforeHeaders),
                (ActionName::Empty, PointName::BeforeHeaders),
                (ActionName::Bom, PointName::BeforeBody),
                (ActionName::Crlf, PointName::BeforeBody),
                (ActionName::StaleKeepalive, PointName::Idle),
                (ActionName::ExpiredCertificate, PointName::Tls),
                (ActionName::WrongName, PointName::Tls),
            ]
        );
    }
}
