//! Which action makes sense at which point, with a reason from the protocol where it does not.

use crate::action::ActionName;
use crate::point::PointName;

/// What the exchange looks like, as far as legality depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The response is a stream of events.
    Streamed,
    /// The response is one document.
    Whole,
}

/// Whether `action` can be carried out at `point`.
///
/// # Errors
///
/// The reason from the protocol why it cannot.
pub const fn legality(point: PointName, action: ActionName) -> Result<(), &'static str> {
    use ActionName as A;
    use PointName as P;
    match (point, action) {
        (P::Connect, A::Close) => Ok(()),
        (P::Connect, _) => {
            Err("a listener that is closed can only refuse; write `action = \"close\"`")
        }
        (P::BeforeHeaders, A::Truncate) => {
            Err("a response without a head is not HTTP, so it cannot end cleanly")
        }
        (P::BeforeHeaders, _) => Ok(()),
        (_, A::Status) => {
            Err("the status line opens the response; it can only be chosen before the head")
        }
        (P::Headers, A::Truncate) => Err("half a head is not HTTP, so it cannot end cleanly"),
        (P::AfterEnd, A::Truncate) => {
            Err("everything has been said by then, so nothing would be cut off")
        }
        (P::Idle, A::Truncate) => Err("there is no response to cut off between requests"),
        (P::Idle, A::Stall | A::Delay) => Err("between requests silence is what is expected"),
        _ => Ok(()),
    }
}

impl Shape {
    /// Whether `point` exists in an exchange of this shape; a fault at a point that does not is *inapplicable*.
    #[must_use]
    pub const fn has(self, point: PointName) -> bool {
        match self {
            Self::Streamed => true,
            Self::Whole => !matches!(point, PointName::Event | PointName::BeforeEnd),
        }
    }
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
}
