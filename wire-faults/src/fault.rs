//! A fault: this happens there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::action::{Action, End};
use crate::point::Point;

/// A fault that makes sense: this happens there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where.
    pub point: Point,
    /// What.
    pub action: Action,
}

impl Fault {
    /// Whether only TCP can carry it out: a Unix socket has no RST, and one whose listener is gone refuses in another way.
    #[must_use]
    pub const fn needs_tcp(&self) -> bool {
        matches!(
            self.action,
            Action::Reset | Action::StaleKeepalive { end: End::Reset }
        ) || matches!(self.point, Point::Connect)
    }

    /// Whether only TLS can carry it out.
    #[must_use]
    pub const fn needs_tls(&self) -> bool {
        matches!(
            self.action,
            Action::TlsAlert { .. }
                | Action::TlsTruncate
                | Action::ExpiredCertificate
                | Action::WrongName
        ) || matches!(self.point, Point::Tls)
    }

    /// Whether only HTTP/2 can carry it out.
    #[must_use]
    pub const fn needs_http2(&self) -> bool {
        matches!(
            self.action,
            Action::Goaway { .. } | Action::ResetStream { .. }
        )
    }
}

impl Fault {
    /// Whether another answer comes instead of the reply.
    #[must_use]
    pub const fn replaces_the_answer(&self) -> bool {
        matches!(
            self.action,
            Action::Status(_) | Action::Html | Action::Empty
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.point)
    }
}
