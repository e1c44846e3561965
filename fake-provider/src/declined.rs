//! An error in the shape of the dialect that a request is in, from what has no script. Sends nothing.

use fault_io::{Frame, Response};
use journal::ErrorSent;
use wire_faults::StatusAnswer;

use crate::dialects;
use crate::draw::Draw;
use crate::http::{Refused, Request, Why};
use crate::protocol::{Asking, Head, Problem};
use crate::retry::error_answer;

/// An error that has not been sent.
#[derive(Debug)]
pub(crate) struct Declined {
    /// Whole; its connection closes after it where the request asked for that.
    pub(crate) response: Response,
    pub(crate) status: u16,
    pub(crate) error: ErrorSent,
}

impl Declined {
    /// A problem with a request.
    pub(crate) fn new(request: &Request, problem: &Problem<'_>) -> Self {
        let asking = Asking {
            request,
            model: "",
            key: None,
            draw: Draw::new(0, None),
            quirk: None,
        };
        let protocol = dialects::of(None, request);
        let error = error_answer(protocol, problem, &asking);
        let response = Response {
            head: protocol.head(&Head::of(&error), &asking),
            frames: vec![Frame {
                bytes: 0..error.body.len(),
                is_event: false,
            }],
            body: error.body,
            closes: !request.keep_alive,
            ..Response::default()
        };
        Self {
            response,
            status: error.status,
            error: error.sent,
        }
    }

    /// An error of this status that says this.
    pub(crate) fn because(request: &Request, status: u16, message: String) -> Self {
        let answer = StatusAnswer {
            status,
            message: Some(message),
            ..StatusAnswer::default()
        };
        Self::new(request, &Problem::Scripted(&answer))
    }

    /// The answer to what is refused before it is read; the last one on its connection.
    pub(crate) fn unread(refused: &Refused) -> Self {
        let nothing = Request::default();
        let problem = match refused.why {
            Why::Malformed { status, message } => Problem::Malformed { status, message },
            Why::TooLarge(most) => Problem::TooLarge(most),
        };
        let mut declined = Self::new(refused.request.as_ref().unwrap_or(&nothing), &problem);
        declined.response.closes = true;
        declined
    }
}
