//! Reading *where*.

use toml::Spanned;

use super::FaultSpec;
use crate::mistake::Mistake;
use crate::point::{EventPoint, Point, PointName};

impl FaultSpec {
    pub(super) fn point(&self, mistakes: &mut Vec<Mistake>) -> Option<Point> {
        let Some(name) = self.point_name() else {
            let names: Vec<_> = PointName::ALL.iter().map(|point| point.as_str()).collect();
            let mistake = Mistake::new(self.action.span(), "a fault needs a place, `at`")
                .with_help(format!("one of: {}", names.join(", ")));
            mistakes.push(mistake);
            return None;
        };
        Some(match name {
            PointName::Connect => Point::Connect,
            PointName::Accept => Point::Accept,
            PointName::Tls => Point::Tls,
            PointName::Request => Point::Request {
                after_bytes: self.bytes_before(mistakes)?,
            },
            PointName::BeforeHeaders => Point::BeforeHeaders,
            PointName::Headers => Point::Headers {
                after_bytes: self.bytes_before(mistakes)?,
            },
            PointName::BeforeBody => Point::BeforeBody,
            PointName::Event => Point::Event(self.event(mistakes)?),
            PointName::Text => Point::Text {
                after_bytes: self.bytes_before(mistakes)?,
            },
            PointName::Reasoning => Point::Reasoning {
                after_bytes: self.bytes_before(mistakes)?,
            },
            PointName::ToolArguments => Point::ToolArguments {
                after_bytes: self.bytes_before(mistakes)?,
            },
            PointName::BeforeFinish => Point::BeforeFinish,
            PointName::BeforeEnd => Point::BeforeEnd,
            PointName::AfterEnd => Point::AfterEnd,
            PointName::Idle => Point::Idle,
        })
    }

    /// The fields that say more about the place.
    pub(super) fn fields_of_point(&self) -> &'static [&'static str] {
        match self.point_name() {
            Some(
                PointName::Request
                | PointName::Headers
                | PointName::Text
                | PointName::Reasoning
                | PointName::ToolArguments,
            ) => &["after_bytes"],
            Some(PointName::Event) if self.inside.is_some() => {
                &["before", "after", "inside", "after_bytes"]
            }
            Some(PointName::Event) => &["before", "after", "inside"],
            _ => &[],
        }
    }

    fn bytes_before(&self, mistakes: &mut Vec<Mistake>) -> Option<u64> {
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
        let place: &Spanned<u32> = places.into_iter().flatten().next()?;
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
            after_bytes: self.bytes_before(mistakes)?,
        })
    }
}
