//! A condition as it is written, and what cannot be meant by it.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use wire_faults::Mistake;

use super::{When, Window};

/// Which requests an entry answers. What is not said matches everything; an empty condition answers every request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "When")]
pub struct WhenSpec {
    /// The run (user turn), counted from 1 over the whole case.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub run: Option<Spanned<u32>>,
    /// The call of the run, counted from 1.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub call: Option<Spanned<u32>>,
    /// The attempt of the call, counted from 1.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub attempt: Option<Spanned<u32>>,
    /// Only every n-th of the requests that this entry would answer otherwise, counted by run: 3 means the third, the sixth …
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub every: Option<Spanned<u32>>,
    /// Only some of the requests that this entry would answer otherwise, drawn from the seed: above 0, at most 1.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub probability: Option<Spanned<f64>>,
    /// Only requests for this model; `*` and `?` stand for anything.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub model: Option<Spanned<String>>,
    /// Only requests to this path (without the query); `*` and `?` stand for anything. Paths differ by dialect.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// Only where the newest text of the user has this in it; `*` stands for anything.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub prompt: Option<Spanned<String>>,
    /// Only requests of the conversation that is called so (`*` and `?` stand for anything), by any name that a request gives its
    /// conversation: the headers `x-conversation-id`, `x-session-id` and `session_id`; in the body `conversation` (or its `id`),
    /// `previous_response_id`, `prompt_cache_key`, `user`, and in `metadata` `conversation_id`, `session_id` and `user_id`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub conversation: Option<Spanned<String>>,
    /// Answers auxiliary requests (compaction, titles) instead of those of a run.
    #[serde(default)]
    pub auxiliary: bool,
    /// Only requests with these headers, whatever the case of their names; `*` and `?` stand for anything in a value.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub header: Option<BTreeMap<Spanned<String>, Spanned<String>>>,
    /// Only within this time, counted from the start of the provider.
    #[serde(default)]
    #[schemars(with = "Option<Window>")]
    pub within: Option<Spanned<Window>>,
}

impl WhenSpec {
    /// The condition that is meant. `place` is its own, for what no part of it is to blame for.
    ///
    /// # Errors
    ///
    /// Every mistake in it, each with its place.
    pub fn check(&self, place: &Range<usize>) -> Result<When, Vec<Mistake>> {
        let mut mistakes = self.numbers();
        mistakes.extend(self.texts());
        mistakes.extend(self.headers());
        mistakes.extend(self.window());
        mistakes.extend(self.contradictions(place));
        if mistakes.is_empty() {
            return Ok(self.meant());
        }
        Err(mistakes)
    }

    fn meant(&self) -> When {
        fn value<T: Clone>(spanned: Option<&Spanned<T>>) -> Option<T> {
            spanned.map(|spanned| spanned.get_ref().clone())
        }
        let headers = self.header.iter().flatten();
        When {
            run: value(self.run.as_ref()),
            call: value(self.call.as_ref()),
            attempt: value(self.attempt.as_ref()),
            every: value(self.every.as_ref()),
            probability: value(self.probability.as_ref()),
            model: value(self.model.as_ref()),
            path: value(self.path.as_ref()),
            prompt: value(self.prompt.as_ref()),
            conversation: value(self.conversation.as_ref()),
            auxiliary: self.auxiliary,
            header: headers
                .map(|(name, value)| {
                    let name = name.get_ref().to_ascii_lowercase();
                    (name, value.get_ref().clone())
                })
                .collect(),
            within: value(self.within.as_ref()),
        }
    }

    fn numbers(&self) -> Vec<Mistake> {
        let numbers = [
            ("run", &self.run),
            ("call", &self.call),
            ("attempt", &self.attempt),
            ("every", &self.every),
        ];
        let zero = numbers.into_iter().filter_map(|(name, number)| {
            let number = number.as_ref().filter(|number| *number.get_ref() == 0)?;
            let message = format!("`{name}` is counted from 1, so 0 matches nothing");
            Some(Mistake::new(number.span(), message))
        });
        let mut mistakes: Vec<Mistake> = zero.collect();
        if let Some(probability) = &self.probability {
            let value = *probability.get_ref();
            if !(value > 0.0 && value <= 1.0) {
                let message =
                    format!("`probability` lies above 0 and at most at 1, not at {value}");
                let mistake = Mistake::new(probability.span(), message)
                    .with_help("such as `0.3` for about three requests of ten");
                mistakes.push(mistake);
            }
        }
        mistakes
    }

    fn texts(&self) -> Vec<Mistake> {
        let texts = [
            ("model", &self.model),
            ("path", &self.path),
            ("prompt", &self.prompt),
            ("conversation", &self.conversation),
        ];
        let empty = texts.into_iter().filter_map(|(name, text)| {
            let text = text.as_ref().filter(|text| text.get_ref().is_empty())?;
            let mistake = Mistake::new(text.span(), format!("an empty `{name}` says nothing"));
            Some(mistake.with_help(format!("leave `{name}` out for every request")))
        });
        let mut mistakes: Vec<Mistake> = empty.collect();
        let path = self.path.as_ref();
        let path = path.filter(|path| !path.get_ref().is_empty());
        if let Some(path) = path.filter(|path| !path.get_ref().starts_with(['/', '*', '?'])) {
            let message = format!("no path begins like `{}`", path.get_ref());
            let help = format!(
                "a path begins with `/`; anything may stand before `*{}`",
                path.get_ref()
            );
            mistakes.push(Mistake::new(path.span(), message).with_help(help));
        }
        mistakes
    }

    fn headers(&self) -> Vec<Mistake> {
        let mut names: Vec<String> = Vec::new();
        let mut mistakes = Vec::new();
        for (name, _) in self.header.iter().flatten() {
            let text = name.get_ref();
            let lower = text.to_ascii_lowercase();
            if text.is_empty() || !text.bytes().all(is_token) {
                let message = format!("`{text}` cannot be the name of a header");
                mistakes.push(Mistake::new(name.span(), message));
            } else if names.contains(&lower) {
                let message = format!("the header `{lower}` is spoken of twice");
                let help = "names of headers are the same in upper and lower case";
                mistakes.push(Mistake::new(name.span(), message).with_help(help));
            }
            names.push(lower);
        }
        mistakes
    }

    fn window(&self) -> Option<Mistake> {
        let within = self.within.as_ref()?;
        let Window { from, until } = *within.get_ref();
        let (message, help) = match (from, until) {
            (None, None) => (
                "`within` needs `from`, `until` or both".to_owned(),
                "such as `within = { from = \"2s\", until = \"10s\" }`",
            ),
            (from, Some(until)) if from.unwrap_or_default() >= until => (
                format!("this time ends (at {until}) before it begins"),
                "both are counted from the start of the provider",
            ),
            _ => return None,
        };
        Some(Mistake::new(within.span(), message).with_help(help))
    }

    fn contradictions(&self, place: &Range<usize>) -> Option<Mistake> {
        let addressed = self.run.is_some() || self.call.is_some() || self.attempt.is_some();
        if self.auxiliary && addressed {
            let message = "an auxiliary request belongs to no run and has no number";
            let help = "leave out `run`, `call` and `attempt`, or `auxiliary`";
            return Some(Mistake::new(place.clone(), message).with_help(help));
        }
        let every = self.every.as_ref().filter(|every| *every.get_ref() > 1)?;
        let single = self.call.is_some() && self.attempt.is_some();
        single.then(|| {
            let message =
                "a run has one request with this call and this attempt, so no second is counted";
            Mistake::new(every.span(), message).with_help("leave out `attempt`, or `every`")
        })
    }
}

/// RFC 9110, section 5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}
