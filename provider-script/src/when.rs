//! Which requests an entry answers.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::Mistake;

/// Which requests an entry answers. What is not said matches everything; an empty condition answers every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The run (user turn), counted from 1 over the whole case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u32>,
    /// The call of the run, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u32>,
    /// The attempt of the call, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Only requests for this model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Answers auxiliary requests (compaction, titles) instead of those of a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auxiliary: bool,
}

/// What a request asks for, as the provider has understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The run, unless the request belongs to none.
    pub run: Option<u32>,
    /// The call of the run; 0 for auxiliary requests.
    pub call: u32,
    /// The attempt of the call.
    pub attempt: u32,
    /// The model that is asked.
    pub model: &'a str,
    /// Whether the request carries neither a marker nor a known tool-call id.
    pub auxiliary: bool,
}

impl When {
    /// Numbers that no request has.
    pub(crate) fn mistake(&self, place: Range<usize>) -> Option<Mistake> {
        let numbers = [
            ("run", self.run),
            ("call", self.call),
            ("attempt", self.attempt),
        ];
        let zero = numbers.iter().find(|(_, number)| *number == Some(0));
        if let Some((name, _)) = zero {
            return Some(Mistake::new(
                place,
                format!("`{name}` is counted from 1, so 0 matches nothing"),
            ));
        }
        let addressed = numbers.iter().any(|(_, number)| number.is_some());
        (self.auxiliary && addressed).then(|| {
            Mistake::new(
                place,
                "an auxiliary request belongs to no run and has no number",
            )
            .with_help("leave out `run`, `call` and `attempt`, or `auxiliary`")
        })
    }

    /// Whether this matches everything that `other` matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        fn wider<T: PartialEq>(own: Option<&T>, other: Option<&T>) -> bool {
            own.is_none() || own == other
        }
        self.auxiliary == other.auxiliary
            && wider(self.run.as_ref(), other.run.as_ref())
            && wider(self.call.as_ref(), other.call.as_ref())
            && wider(self.attempt.as_ref(), other.attempt.as_ref())
            && wider(self.model.as_ref(), other.model.as_ref())
    }

    /// Whether this entry answers what is asked.
    #[must_use]
    pub fn matches(&self, asked: &Asked<'_>) -> bool {
        self.auxiliary == asked.auxiliary
            && self.run.is_none_or(|run| asked.run == Some(run))
            && self.call.is_none_or(|call| call == asked.call)
            && self.attempt.is_none_or(|attempt| attempt == asked.attempt)
            && self
                .model
                .as_deref()
                .is_none_or(|model| model == asked.model)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = [
            ("run", self.run),
            ("call", self.call),
            ("attempt", self.attempt),
        ];
        let mut parts: Vec<String> = numbers
            .iter()
            .filter_map(|(name, number)| number.map(|number| format!("{name} {number}")))
            .collect();
        if self.auxiliary {
            parts.push("auxiliary requests".to_owned());
        }
        if let Some(model) = &self.model {
            parts.push(format!("model {model}"));
        }
        if parts.is_empty() {
            parts.push("every request".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked<'static> = Asked {
        run: Some(1),
        call: 2,
        attempt: 3,
        model: "m",
        auxiliary: false,
    };

    #[test]
    fn what_is_not_said_matches_everything() {
        assert!(When::default().matches(&ASKED));
        assert!(
            When {
                call: Some(2),
                ..When::default()
            }
            .matches(&ASKED)
        );
        assert!(
            !When {
                call: Some(1),
                ..When::default()
            }
            .matches(&ASKED)
        );
        assert!(
            !When {
                attempt: Some(1),
                call: Some(2),
                ..When::default()
            }
            .matches(&ASKED)
        );
        assert!(
            !When {
                model: Some("other".into()),
                ..When::default()
            }
            .matches(&ASKED)
        );
    }

    #[test]
    fn auxiliary_requests_are_only_answered_where_they_are_meant() {
        let auxiliary = Asked {
            auxiliary: true,
            run: None,
            call: 0,
            ..ASKED
        };
        assert!(!When::default().matches(&auxiliary));
        assert!(
            When {
                auxiliary: true,
                ..When::default()
            }
            .matches(&auxiliary)
        );
        assert!(
            !When {
                auxiliary: true,
                ..When::default()
            }
            .matches(&ASKED)
        );
    }
}
