//! What an exchange looks like, as far as it decides which faults are possible in it. Knows the nature of dialects and
//! transports, and none of their names.

use crate::action::ActionName;
use crate::legality::legality;
use crate::point::PointName;
use crate::transport::Transport;

/// What the body of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One document.
    Document,
    /// Server-sent events.
    Sse,
    /// A JSON value on each line.
    Lines,
    /// A JSON array whose elements come one by one.
    Array,
}

/// What an exchange looks like: the dialect's nature in this mode, and the transport's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// What the body is.
    pub form: Form,
    /// Whether an event of its own ends a stream.
    pub has_end_marker: bool,
    /// Whether that event carries JSON.
    pub end_marker_is_json: bool,
    /// Whether an error can be told inside an answer whose status was 200.
    pub has_in_band_error: bool,
    /// Whether the model's reasoning is told.
    pub has_reasoning: bool,
    /// Whether there is something to send that means nothing, to keep a connection alive.
    pub has_keep_alive: bool,
    /// Whether the exchange is over HTTP/2; else over HTTP/1.1.
    pub http2: bool,
    /// Whether the connection is over TLS.
    pub tls: bool,
}

impl Shape {
    /// A stream of server-sent events with everything that one can have, over plain HTTP/1.1.
    pub const STREAMED: Self = Self {
        form: Form::Sse,
        has_end_marker: true,
        end_marker_is_json: true,
        has_in_band_error: true,
        has_reasoning: true,
        has_keep_alive: true,
        http2: false,
        tls: false,
    };

    /// One document with everything that one can have, over plain HTTP/1.1.
    pub const WHOLE: Self = Self {
        form: Form::Document,
        has_end_marker: false,
        has_keep_alive: false,
        ..Self::STREAMED
    };

    /// Whether the answer is a stream.
    #[must_use]
    pub const fn streamed(self) -> bool {
        !matches!(self.form, Form::Document)
    }

    /// Whether `action` can be carried out at `point` in an exchange of this shape. Where it cannot, a fault is *inapplicable*.
    ///
    /// # Errors
    ///
    /// The reason from the protocol why it cannot.
    pub const fn allows(self, point: PointName, action: ActionName) -> Result<(), &'static str> {
        if let Err(reason) = legality(point, action) {
            return Err(reason);
        }
        if let Err(reason) = self.has_place(point) {
            return Err(reason);
        }
        if let Err(reason) = self.transport().allows(point, action) {
            return Err(reason);
        }
        self.dialect_allows(point, action)
    }

    /// Whether `point` exists in an exchange of this shape.
    ///
    /// # Errors
    ///
    /// The reason from the protocol why it does not.
    pub const fn has_place(self, point: PointName) -> Result<(), &'static str> {
        if let Err(reason) = self.transport().has_place(point) {
            return Err(reason);
        }
        match point {
            PointName::Event if !self.streamed() => Err("a document has no events"),
            PointName::BeforeEnd if !self.streamed() => Err("a document has no terminal marker"),
            PointName::BeforeEnd if !self.has_end_marker => {
                Err("this dialect has no terminal marker: its stream just ends")
            }
            PointName::Reasoning if !self.has_reasoning => {
                Err("this dialect does not tell the model's reasoning")
            }
            _ => Ok(()),
        }
    }

    /// What carries it.
    #[must_use]
    pub const fn transport(self) -> Transport {
        Transport {
            http2: self.http2,
            tls: self.tls,
        }
    }

    const fn dialect_allows(
        self,
        point: PointName,
        action: ActionName,
    ) -> Result<(), &'static str> {
        use ActionName as A;
        match action {
            A::Duplicate | A::Drop | A::Reorder if !self.streamed() => {
                Err("a document has no events")
            }
            A::ErrorEvent if !self.has_in_band_error => {
                Err("this dialect tells no error once the status was 200")
            }
            A::ErrorEvent if !self.streamed() && !matches!(point, PointName::BeforeBody) => Err(
                "a document that tells an error is another document; write `at = \"before-body\"`",
            ),
            A::MalformJson | A::Huge
                if matches!(point, PointName::BeforeEnd) && !self.end_marker_is_json =>
            {
                Err("this dialect's terminal marker is no JSON")
            }
            A::KeepaliveForever if !self.streamed() => {
                Err("a document has no keep-alives between its bytes")
            }
            A::KeepaliveForever if !self.has_keep_alive => {
                Err("this dialect has no keep-alive frame")
            }
            A::Crlf if !matches!(self.form, Form::Sse | Form::Lines) => {
                Err("the body is one JSON value, in which line ends mean nothing")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_no_events() {
        let allows = |point, action| Shape::WHOLE.allows(point, action);
        assert!(allows(PointName::Event, ActionName::Close).is_err());
        assert!(allows(PointName::Text, ActionName::Duplicate).is_err());
        assert!(allows(PointName::Text, ActionName::ErrorEvent).is_err());
        assert!(allows(PointName::BeforeBody, ActionName::ErrorEvent).is_ok());
        assert!(allows(PointName::Text, ActionName::Close).is_ok());
    }

    #[test]
    fn the_transport_decides_what_it_has_words_for() {
        let plain = Shape::STREAMED;
        let secure = Shape { tls: true, ..plain };
        let second = Shape {
            http2: true,
            ..secure
        };
        let at = PointName::BeforeBody;
        for (action, allowed) in [
            (ActionName::TlsTruncate, [false, true, true]),
            (ActionName::Goaway, [false, false, true]),
            (ActionName::BadChunk, [true, true, false]),
            (ActionName::Garbage, [true, true, true]),
        ] {
            let seen = [plain, secure, second].map(|shape| shape.allows(at, action).is_ok());
            assert_eq!(seen, allowed, "{action}");
        }
    }

    #[test]
    fn what_is_never_legal_no_shape_allows() {
        for point in PointName::ALL {
            for action in ActionName::ALL {
                let never = legality(point, action).is_err();
                assert!(!never || Shape::STREAMED.allows(point, action).is_err());
            }
        }
    }
}
