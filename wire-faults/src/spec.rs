//! A fault as it is written: a flat table, in which a field that would mean nothing is a mistake.

mod action;
mod point;

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::action::{ActionName, Alert, End, ErrorShape};
use crate::duration::HumanDuration;
use crate::fault::Fault;
use crate::legality::{legality, only_place};
use crate::mistake::Mistake;
use crate::point::PointName;

/// A fault as it is written in a script: `{ at = "tool-arguments", after_bytes = 9, action = "reset" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Fault")]
pub struct FaultSpec {
    /// Where in the exchange. An action that has only one place, such as `status`, needs not say it.
    #[serde(default)]
    #[schemars(with = "Option<PointName>")]
    pub at: Option<Spanned<PointName>>,
    /// For `request`, `headers`, `text`, `reasoning`, `tool-arguments` and inside an event: how many bytes come first.
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
    /// For `status`: the HTTP status, 400 to 599. For `error-event`: the status that the same error has before the head.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    pub status: Option<Spanned<u16>>,
    /// For `status`: the value of the Retry-After header, sent exactly as written.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub retry_after: Option<Spanned<String>>,
    /// For `status`: the Retry-After header as a date, so long after the answer, and up to a second more: it has whole seconds.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub retry_after_date: Option<Spanned<HumanDuration>>,
    /// For `status`: the value of the retry-after-ms header, sent exactly as written. No standard; clients of OpenAI and Anthropic
    /// read it first.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub retry_after_ms: Option<Spanned<String>>,
    /// For `status`: what the x-should-retry header says; clients of OpenAI and Anthropic obey it, whatever the status.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub should_retry: Option<Spanned<bool>>,
    /// For `status` and `error-event`: the provider's error code, where its usual one is not meant. For `goaway` and `reset-stream`:
    /// the error code by the name of RFC 9113, such as `internal-error`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub code: Option<Spanned<String>>,
    /// For `status` and `error-event`: the provider's error message, where its usual one is not meant.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub message: Option<Spanned<String>>,
    /// For `status`: repeat the refused credential in the error body, as some providers do.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub echo_key: Option<Spanned<bool>>,
    /// For `error-event`: whether the error's fields stand in an object of their own; where the dialect puts them unless said.
    #[serde(default)]
    #[schemars(with = "Option<ErrorShape>")]
    pub shape: Option<Spanned<ErrorShape>>,
    /// For `stall` and `delay`: how long.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub lasting: Option<Spanned<HumanDuration>>,
    /// For `drip` (100ms) and `keepalive-forever` (10s): the silence before each piece.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub every: Option<Spanned<HumanDuration>>,
    /// For `drip` (1), `split`, `garbage` (64) and `huge` (16777216): how many bytes.
    #[serde(default)]
    #[schemars(with = "Option<u64>")]
    pub bytes: Option<Spanned<u64>>,
    /// For `short-content-length`: how many bytes are missing (1).
    #[serde(default)]
    #[schemars(with = "Option<u64>")]
    pub by: Option<Spanned<u64>>,
    /// For `wrong-content-type`: the type that the head names (text/plain).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub content_type: Option<Spanned<String>>,
    /// For `stale-keepalive`: how the connection is closed (reset).
    #[serde(default)]
    #[schemars(with = "Option<End>")]
    pub end: Option<Spanned<End>>,
    /// For `tls-alert`: the alert by the name of RFC 8446 (internal-error).
    #[serde(default)]
    #[schemars(with = "Option<Alert>")]
    pub alert: Option<Spanned<Alert>>,
    /// For `raw`: the bytes as text; `\xNN` is a byte, `\r`, `\n`, `\t`, `\0` and `\\` as usual.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub data: Option<Spanned<String>>,
    /// For `raw`: the bytes in base64.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub base64: Option<Spanned<String>>,
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
        let action = self.meant_action(&mut mistakes);
        mistakes.extend(self.contradiction(|_| true));
        match (point, action) {
            (Some(point), Some(action)) if mistakes.is_empty() => Ok(Fault { point, action }),
            _ => Err(mistakes),
        }
    }

    /// An action that is not possible at its place. Also sensible to ask where other fields are wrong: `sound` says whether
    /// what is written at a place can be relied on.
    pub fn contradiction(&self, sound: impl Fn(&Range<usize>) -> bool) -> Option<Mistake> {
        if !sound(&self.action.span()) || !sound(&self.at_span()) {
            return None;
        }
        let point = self.point_name()?;
        let reason = legality(point, *self.action.get_ref()).err()?;
        let message = format!("`{}` is not possible at `{point}`", self.action.get_ref());
        Some(Mistake::new(self.action.span(), message).with_help(reason))
    }

    /// The point's name; an action that has only one place needs none.
    fn point_name(&self) -> Option<PointName> {
        let said = self.at.as_ref().map(|at| *at.get_ref());
        said.or_else(|| only_place(*self.action.get_ref()))
    }

    /// Fields that the chosen place and action would silently ignore.
    fn fields_without_use(&self) -> Vec<Mistake> {
        let for_action = self.action.get_ref().fields();
        let for_point = self.fields_of_point();
        let said = self
            .fields()
            .into_iter()
            .filter_map(|(name, place)| Some((name, place?)));
        let unused =
            said.filter(|(name, _)| !for_action.contains(name) && !for_point.contains(name));
        unused
            .map(|(name, place)| {
                Mistake::new(place, format!("`{name}` means nothing for this fault"))
            })
            .collect()
    }

    /// Every field but `at` and `action`, with its place if it is said.
    fn fields(&self) -> [(&'static str, Option<Range<usize>>); 22] {
        [
            ("after_bytes", place(self.after_bytes.as_ref())),
            ("before", place(self.before.as_ref())),
            ("after", place(self.after.as_ref())),
            ("inside", place(self.inside.as_ref())),
            ("status", place(self.status.as_ref())),
            ("retry_after", place(self.retry_after.as_ref())),
            ("retry_after_date", place(self.retry_after_date.as_ref())),
            ("retry_after_ms", place(self.retry_after_ms.as_ref())),
            ("should_retry", place(self.should_retry.as_ref())),
            ("code", place(self.code.as_ref())),
            ("message", place(self.message.as_ref())),
            ("echo_key", place(self.echo_key.as_ref())),
            ("shape", place(self.shape.as_ref())),
            ("lasting", place(self.lasting.as_ref())),
            ("every", place(self.every.as_ref())),
            ("bytes", place(self.bytes.as_ref())),
            ("by", place(self.by.as_ref())),
            ("content_type", place(self.content_type.as_ref())),
            ("end", place(self.end.as_ref())),
            ("alert", place(self.alert.as_ref())),
            ("data", place(self.data.as_ref())),
            ("base64", place(self.base64.as_ref())),
        ]
    }

    fn at_span(&self) -> Range<usize> {
        self.at
            .as_ref()
            .map_or_else(|| self.action.span(), Spanned::span)
    }
}

fn place<T>(field: Option<&Spanned<T>>) -> Option<Range<usize>> {
    field.map(Spanned::span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, RawBytes};
    use crate::point::Point;

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
    fn a_header_has_one_value() {
        let status = |more: &str| read(&format!("action = \"status\"\nstatus = 429\n{more}"));
        let date = "retry_after_date = \"3s\"\nretry_after_ms = \"300\"\nshould_retry = true";
        assert!(status(date).is_ok());
        let mistakes = status(&format!("{date}\nretry_after = \"3\"")).expect_err("is wrong");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }

    #[test]
    fn a_header_is_one_line_of_ascii() {
        for header in [
            "action = \"status\"\nstatus = 429\nretry_after",
            "action = \"status\"\nstatus = 429\nretry_after_ms",
            "at = \"before-headers\"\naction = \"wrong-content-type\"\ncontent_type",
        ] {
            assert!(read(&format!("{header} = \"Soon, or not\"")).is_ok());
            for value in ["3\\r\\nx-other: 1", "3\\n", "drei\\u0000", "später"] {
                let mistakes = read(&format!("{header} = \"{value}\"")).expect_err("is wrong");
                assert_eq!(mistakes.len(), 1, "{header} {value}: {mistakes:?}");
                assert_eq!(mistakes[0].message, "a header's value is printable ASCII");
            }
        }
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

    #[test]
    fn what_is_not_said_has_a_sane_size() {
        let drip = read("at = \"before-body\"\naction = \"drip\"").expect("makes sense");
        assert_eq!(
            drip.to_string(),
            "drip of 1 bytes every 100ms before the body"
        );
        let huge = read("at = \"before-body\"\naction = \"huge\"").expect("makes sense");
        assert_eq!(huge.action, Action::Huge { bytes: 16 << 20 });
    }

    #[test]
    fn raw_bytes_are_read_in_either_way() {
        let data = read("at = \"accept\"\naction = \"raw\"\ndata = 'a\\xff'").expect("makes sense");
        let base64 =
            read("at = \"accept\"\naction = \"raw\"\nbase64 = 'Yf8='").expect("makes sense");
        assert_eq!(data, base64);
        assert_eq!(
            data.action,
            Action::Raw {
                data: RawBytes(b"a\xff".to_vec())
            }
        );
        for wrong in [
            "",
            "data = '\\q'",
            "base64 = '='",
            "data = ''",
            "data = 'a'\nbase64 = 'YQ=='",
        ] {
            let text = format!("at = \"accept\"\naction = \"raw\"\n{wrong}");
            assert_eq!(read(&text).expect_err("is wrong").len(), 1, "{wrong}");
        }
    }

    #[test]
    fn numbers_that_would_do_nothing_are_refused() {
        for wrong in [
            "action = \"drip\"\nbytes = 0",
            "action = \"drip\"\nevery = \"0ms\"",
            "action = \"split\"",
            "action = \"split\"\nbytes = 0",
            "action = \"garbage\"\nbytes = 0",
            "action = \"keepalive-forever\"\nevery = \"0ms\"",
            "action = \"goaway\"\ncode = \"sorry\"",
        ] {
            let text = format!("at = \"before-body\"\n{wrong}");
            assert_eq!(read(&text).expect_err("is wrong").len(), 1, "{wrong}");
        }
        assert!(read("action = \"short-content-length\"\nby = 0").is_err());
    }
}
