//! Which requests an entry answers.

mod spec;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::HumanDuration;

use crate::asked::{Asked, Carried};
use crate::pattern::{is_part, is_whole};

pub use spec::WhenSpec;

/// Which requests an entry answers. What is not said matches everything; an empty condition answers every request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Only every n-th of the requests that it would answer otherwise, counted by run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Only some of them, drawn from the seed: above 0, at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Only requests for this model; `*` and `?` stand for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only requests to this path; `*` and `?` stand for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only where the newest text of the user has this in it; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Only requests of this conversation; `*` and `?` stand for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// Answers auxiliary requests (compaction, titles) instead of those of a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auxiliary: bool,
    /// Only requests with these headers, by name in lower case; `*` and `?` stand for anything in a value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, String>,
    /// Only within this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Window>,
}

/// A stretch of time, counted from the start of the provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Its first moment; the start unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<HumanDuration>,
    /// The moment that ends it, which is not part of it; never unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<HumanDuration>,
}

impl Window {
    fn begins(&self) -> Duration {
        self.from.map_or(Duration::ZERO, |from| from.0)
    }

    fn ends(&self) -> Duration {
        self.until.map_or(Duration::MAX, |until| until.0)
    }

    fn holds(&self, elapsed: Duration) -> bool {
        (self.begins()..self.ends()).contains(&elapsed)
    }

    fn covers(&self, other: Option<&Self>) -> bool {
        let other = other.copied().unwrap_or_default();
        self.begins() <= other.begins() && other.ends() <= self.ends()
    }
}

impl When {
    /// Whether this matches everything that `other` matches, so that an entry behind it never answers.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        fn wider<T: PartialEq>(own: Option<&T>, other: Option<&T>) -> bool {
            own.is_none() || own == other
        }
        let every_time = self.every.is_none_or(|every| every <= 1)
            && self
                .probability
                .is_none_or(|probability| probability >= 1.0);
        let pattern = |own: Option<&String>, other: Option<&String>| {
            own.is_some_and(|own| own == "*" && other.is_some()) || wider(own, other)
        };
        let headers = self.header.iter();
        every_time
            && self.auxiliary == other.auxiliary
            && wider(self.run.as_ref(), other.run.as_ref())
            && wider(self.call.as_ref(), other.call.as_ref())
            && wider(self.attempt.as_ref(), other.attempt.as_ref())
            && pattern(self.model.as_ref(), other.model.as_ref())
            && pattern(self.path.as_ref(), other.path.as_ref())
            && pattern(self.prompt.as_ref(), other.prompt.as_ref())
            && pattern(self.conversation.as_ref(), other.conversation.as_ref())
            && { headers }.all(|(name, value)| other.header.get(name) == Some(value))
            && self
                .within
                .is_none_or(|within| within.covers(other.within.as_ref()))
    }

    /// Whether what is asked is meant, before anything is counted or left to chance.
    pub(crate) fn matches(&self, asked: &Asked<'_>) -> bool {
        self.auxiliary == asked.auxiliary
            && self.run.is_none_or(|run| asked.run == Some(run))
            && self.call.is_none_or(|call| call == asked.call)
            && self.attempt.is_none_or(|attempt| attempt == asked.attempt)
            && self.within.is_none_or(|within| within.holds(asked.elapsed))
            && self
                .model
                .as_deref()
                .is_none_or(|model| is_whole(model, asked.model))
            && (!self.needs_request()
                || asked
                    .carried
                    .is_some_and(|carried| self.matches_carried(carried)))
    }

    fn matches_carried(&self, carried: &dyn Carried) -> bool {
        let mut headers = self.header.iter();
        let path = self.path.as_deref();
        let prompt = self.prompt.as_deref();
        let conversation = self.conversation.as_deref();
        path.is_none_or(|path| is_whole(path, carried.path()))
            && headers.all(|(name, value)| {
                let header = carried.header(name);
                header.is_some_and(|header| is_whole(value, header))
            })
            && prompt.is_none_or(|prompt| {
                let text = carried.prompt();
                text.is_some_and(|text| is_part(prompt, text))
            })
            && conversation.is_none_or(|conversation| {
                let names = carried.conversations();
                names.iter().any(|name| is_whole(conversation, name))
            })
    }

    /// Whether there are conditions on what only a request that was read can tell.
    fn needs_request(&self) -> bool {
        self.request_conditions().next().is_some()
    }

    /// The names of the conditions on what only a request that was read can tell.
    pub(crate) fn request_conditions(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("path", self.path.is_some()),
            ("prompt", self.prompt.is_some()),
            ("conversation", self.conversation.is_some()),
            ("header", !self.header.is_empty()),
        ];
        all.into_iter()
            .filter_map(|(name, said)| said.then_some(name))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = [
            ("run", self.run),
            ("call", self.call),
            ("attempt", self.attempt),
        ];
        let texts = [
            ("model", &self.model),
            ("path", &self.path),
            ("conversation", &self.conversation),
        ];
        let mut parts: Vec<String> = numbers
            .iter()
            .filter_map(|(name, number)| number.map(|number| format!("{name} {number}")))
            .collect();
        if self.auxiliary {
            parts.push("auxiliary requests".to_owned());
        }
        let said = texts.iter();
        parts.extend(said.filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref()?))));
        parts.extend(
            self.prompt
                .iter()
                .map(|prompt| format!("prompts with `{prompt}`")),
        );
        let headers = self.header.iter();
        parts.extend(headers.map(|(name, value)| format!("header {name}: {value}")));
        if let Some(Window { from, until }) = self.within {
            let from = from.map(|from| format!("from {from}"));
            let until = until.map(|until| format!("until {until}"));
            parts.extend(from.into_iter().chain(until));
        }
        if parts.is_empty() {
            parts.push("every request".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests;
