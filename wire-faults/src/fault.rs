//! A fault as it is written (a flat table) and as it is meant (a point and an action that fit).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::action::{Action, ActionName, StatusAnswer};
use crate::duration::HumanDuration;
use crate::legality::legality;
use crate::mistake::Mistake;
use crate::point::{EventPoint, Point, PointName};

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
        matches!(self.action, Action::Reset) || matches!(self.point, Point::Connect)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.point)
    }
}

/// A fault as it is written in a script: `{ at = "tool-arguments", after_bytes = 9, action = "reset" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Fault")]
pub struct FaultSpec {
    /// Where in the exchange. A `status` is always sent before the head, so it may be left out there.
    #[serde(default)]
    #[schemars(with = "Option<PointName>")]
    pub at: Option<Spanned<PointName>>,
    /// For `headers`, `text`, `tool-arguments` and inside an event: how many bytes are sent first.
    #[serde(default)]
    #[schemars(with = "Option<u64>")]
    pub after_bytes: Option<Spanned<u64>>,
    /// For `event`: before this event, counted from 1.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub before: Option<Spanned<u32>>,
    /// For `event`: after this event, counted from 1.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub after: Option<Spanned<u32>>,
    /// For `event`: inside this event, counted from 1, after `after_bytes` bytes of it.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub inside: Option<Spanned<u32>>,
    /// What happens there.
    #[schemars(with = "ActionName")]
    pub action: Spanned<ActionName>,
    /// For `status`: the HTTP status, 400 to 599.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    pub status: Option<Spanned<u16>>,
    /// For `status`: the value of the Retry-After header, sent exactly as written.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub retry_after: Option<Spanned<String>>,
    /// For `status`: the provider's error code, where its usual one is not meant.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub code: Option<Spanned<String>>,
    /// For `status`: the provider's error message, where its usual one is not meant.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub message: Option<Spanned<String>>,
    /// For `status`: repeat the refused credential in the error body, as some providers do.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub echo_key: Option<Spanned<bool>>,
    /// For `stall` and `delay`: how long.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub lasting: Option<Spanned<HumanDuration>>,
}

impl FaultSpec {
    /// The fault that is meant.
    ///
    /// # Errors
    ///
    /// Every mistake in it, each with its place.
    pub fn check(&self) -> Result<Fault, Vec<Mistake>> {
        let mut mistakes = self.fields_without_use();
        let point = self.point(&mut mistakes);
        let action = self.action(&mut mistakes);
        mistakes.extend(self.contradiction(|_| true));
        match (point, action) {
            (Some(point), Some(action)) if mistakes.is_empty() => Ok(Fault { point, action }),
            _ => Err(mistakes),
        }
    }

    /// An action that is not possible at its place. Also sensible to ask where other fields are wrong: `sound` says whether
    /// what is written at a place can be relied on.
    pub fn contradiction(
        &self,
        sound: impl Fn(&std::ops::Range<usize>) -> bool,
    ) -> Option<Mistake> {
        if !sound(&self.action.span()) || !sound(&self.at_span()) {
            return None;
        }
        let point = self.point_name()?;
        let reason = legality(point, *self.action.get_ref()).err()?;
        let message = format!("`{}` is not possible at `{point}`", self.action.get_ref());
        Some(Mistake::new(self.action.span(), message).with_help(reason))
    }

    /// The point's name; a status needs none, since it has only one place.
    fn point_name(&self) -> Option<PointName> {
        match (&self.at, self.action.get_ref()) {
            (Some(at), _) => Some(*at.get_ref()),
            (None, ActionName::Status) => Some(PointName::BeforeHeaders),
            (None, _) => None,
        }
    }

    fn point(&self, mistakes: &mut Vec<Mistake>) -> Option<Point> {
        let Some(name) = self.point_name() else {
            let names: Vec<_> = PointName::ALL.iter().map(|point| point.as_str()).collect();
            let mistake = Mistake::new(self.action.span(), "a fault needs a place, `at`")
                .with_help(format!("one of: {}", names.join(", ")));
            mistakes.push(mistake);
            return None;
        };
        Some(match name {
            PointName::Connect => Point::Connect,
            PointName::BeforeHeaders => Point::BeforeHeaders,
            PointName::Headers => Point::Headers {
                after_bytes: self.bytes(mistakes)?,
            },
            PointName::BeforeBody => Point::BeforeBody,
            PointName::Event => Point::Event(self.event(mistakes)?),
            PointName::Text => Point::Text {
                after_bytes: self.bytes(mistakes)?,
            },
            PointName::ToolArguments => Point::ToolArguments {
                after_bytes: self.bytes(mistakes)?,
            },
            PointName::BeforeFinish => Point::BeforeFinish,
            PointName::BeforeEnd => Point::BeforeEnd,
            PointName::AfterEnd => Point::AfterEnd,
            PointName::Idle => Point::Idle,
        })
    }

    fn bytes(&self, mistakes: &mut Vec<Mistake>) -> Option<u64> {
        let bytes = self.after_bytes.as_ref().map(|bytes| *bytes.get_ref());
        if bytes.is_none() {
            let mistake = Mistake::new(self.at_span(), "this place needs `after_bytes`")
                .with_help("say how many bytes are sent first, such as `after_bytes = 9`");
            mistakes.push(mistake);
        }
        bytes
    }

    fn event(&self, mistakes: &mut Vec<Mistake>) -> Option<EventPoint> {
        let places = [&self.before, &self.after, &self.inside];
        if places.iter().filter(|place| place.is_some()).count() != 1 {
            let mistake = Mistake::new(
                self.at_span(),
                "`event` needs exactly one of `before`, `after` and `inside`",
            )
            .with_help("events are counted from 1, such as `after = 2`");
            mistakes.push(mistake);
            return None;
        }
        let place = places.into_iter().flatten().next()?;
        let event = *place.get_ref();
        if event == 0 {
            mistakes.push(Mistake::new(place.span(), "events are counted from 1"));
            return None;
        }
        if self.before.is_some() {
            return Some(EventPoint::Before(event));
        }
        if self.after.is_some() {
            return Some(EventPoint::After(event));
        }
        Some(EventPoint::Inside {
            event,
            after_bytes: self.bytes(mistakes)?,
        })
    }

    fn action(&self, mistakes: &mut Vec<Mistake>) -> Option<Action> {
        Some(match self.action.get_ref() {
            ActionName::Status => Action::Status(self.status_answer(mistakes)?),
            ActionName::Close => Action::Close,
            ActionName::Reset => Action::Reset,
            ActionName::Stall => Action::Stall {
                lasting: self.lasting.as_ref().map(|lasting| *lasting.get_ref()),
            },
            ActionName::Delay => {
                let Some(lasting) = &self.lasting else {
                    let mistake = Mistake::new(self.action.span(), "`delay` needs `lasting`")
                        .with_help("such as `lasting = \"2s\"`");
                    mistakes.push(mistake);
                    return None;
                };
                if lasting.get_ref().0.is_zero() {
                    let mistake = Mistake::new(lasting.span(), "a delay of nothing is no fault")
                        .with_help("such as `lasting = \"2s\"`");
                    mistakes.push(mistake);
                    return None;
                }
                Action::Delay {
                    lasting: *lasting.get_ref(),
                }
            }
            ActionName::Truncate => Action::Truncate,
        })
    }

    fn status_answer(&self, mistakes: &mut Vec<Mistake>) -> Option<StatusAnswer> {
        let Some(status) = &self.status else {
            let mistake = Mistake::new(
                self.action.span(),
                "`status` needs the status to answer with",
            )
            .with_help("such as `status = 401`");
            mistakes.push(mistake);
            return None;
        };
        if !(400..=599).contains(status.get_ref()) {
            let mistake = Mistake::new(
                status.span(),
                format!("{} is not an error status", status.get_ref()),
            )
            .with_help("an error status is between 400 and 599");
            mistakes.push(mistake);
            return None;
        }
        Some(StatusAnswer {
            status: *status.get_ref(),
            retry_after: self
                .retry_after
                .as_ref()
                .map(|value| value.get_ref().clone()),
            code: self.code.as_ref().map(|code| code.get_ref().clone()),
            message: self
                .message
                .as_ref()
                .map(|message| message.get_ref().clone()),
            echo_key: self.echo_key.as_ref().is_some_and(|echo| *echo.get_ref()),
        })
    }

    /// Fields that the chosen place and action would silently ignore.
    fn fields_without_use(&self) -> Vec<Mistake> {
        use ActionName as A;
        use PointName as P;
        let point = self.point_name();
        let action = *self.action.get_ref();
        let is_event = point == Some(P::Event);
        let counts_bytes =
            matches!(point, Some(P::Headers | P::Text | P::ToolArguments)) || self.inside.is_some();
        let is_status = action == A::Status;
        let fields = [
            (
                "after_bytes",
                self.after_bytes.as_ref().map(Spanned::span),
                counts_bytes,
            ),
            ("before", self.before.as_ref().map(Spanned::span), is_event),
            ("after", self.after.as_ref().map(Spanned::span), is_event),
            ("inside", self.inside.as_ref().map(Spanned::span), is_event),
            ("status", self.status.as_ref().map(Spanned::span), is_status),
            (
                "retry_after",
                self.retry_after.as_ref().map(Spanned::span),
                is_status,
            ),
            ("code", self.code.as_ref().map(Spanned::span), is_status),
            (
                "message",
                self.message.as_ref().map(Spanned::span),
                is_status,
            ),
            (
                "echo_key",
                self.echo_key.as_ref().map(Spanned::span),
                is_status,
            ),
            (
                "lasting",
                self.lasting.as_ref().map(Spanned::span),
                matches!(action, A::Stall | A::Delay),
            ),
        ];
        let unused = fields
            .into_iter()
            .filter_map(|(name, span, used)| span.filter(|_| !used).map(|span| (name, span)));
        unused
            .map(|(name, span)| {
                Mistake::new(span, format!("`{name}` means nothing for this fault"))
            })
            .collect()
    }

    fn at_span(&self) -> std::ops::Range<usize> {
        self.at
            .as_ref()
            .map_or_else(|| self.action.span(), Spanned::span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Fault, Vec<Mistake>> {
        toml::from_str::<FaultSpec>(text)
            .expect("has the right fields")
            .check()
    }

    #[test]
    fn a_cut_inside_tool_arguments() {
        let fault = read("at = \"tool-arguments\"\nafter_bytes = 9\naction = \"reset\"")
            .expect("makes sense");
        assert_eq!(
            fault,
            Fault {
                point: Point::ToolArguments { after_bytes: 9 },
                action: Action::Reset
            }
        );
        assert_eq!(fault.to_string(), "reset after 9 bytes of tool arguments");
    }

    #[test]
    fn a_status_needs_no_place() {
        let fault = read("action = \"status\"\nstatus = 401").expect("makes sense");
        assert_eq!(fault.point, Point::BeforeHeaders);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mistakes =
            read("at = \"headers\"\naction = \"truncate\"\nstatus = 401\nlasting = \"5s\"");
        let messages: Vec<_> = mistakes
            .expect_err("is wrong")
            .into_iter()
            .map(|mistake| mistake.message)
            .collect();
        assert_eq!(
            messages,
            [
                "`status` means nothing for this fault",
                "`lasting` means nothing for this fault",
                "this place needs `after_bytes`",
                "`truncate` is not possible at `headers`"
            ]
        );
    }

    #[test]
    fn a_delay_takes_time() {
        let mistakes = read("at = \"before-body\"\naction = \"delay\"\nlasting = \"0ms\"");
        let mistakes = mistakes.expect_err("is wrong");
        assert_eq!(mistakes[0].message, "a delay of nothing is no fault");
    }

    #[test]
    fn an_illegal_pair_is_refused_with_its_reason() {
        let mistakes = read("at = \"connect\"\naction = \"reset\"").expect_err("is illegal");
        assert!(
            mistakes[0]
                .help
                .as_ref()
                .is_some_and(|help| help.contains("only refuse")),
            "{mistakes:?}"
        );
    }
}
