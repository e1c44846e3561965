//! What the provider says when nothing goes wrong, in neutral terms. A dialect turns it into bytes.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::{HumanDuration, Mistake};

/// One answer of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The answer's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The model's reasoning, where the dialect can carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// What the model says instead of an answer when it declines. A dialect with a place for it puts it there, and says so in its
    /// finish reason; in the others it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The tools it calls, in order, all in one answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended; `tool-calls` where tools are called and `stop` otherwise, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// What the provider says it cost; a small fixed sum unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// How many decoded bytes of text or arguments go into one streamed event; drawn from the seed unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_bytes: Option<u32>,
    /// Silence before each streamed event: a slow but living stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<HumanDuration>,
    /// Silence before the first event of a stream, or before an answer that is not streamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token: Option<HumanDuration>,
    /// How many tokens are said in a second, at four decoded bytes a token and a token an event at least. Before an answer that is
    /// not streamed, the silence is that of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<f64>,
    /// By what part of itself each of these silences may be shorter or longer, from 0 to 1; drawn from the seed and the request's
    /// place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<f64>,
    /// How the end of the body is told; chunked for a stream and by its length for a document, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
}

/// No answer is slower, in tokens per second: a token in more than a quarter of an hour.
const SLOWEST: f64 = 0.001;

/// How the end of a body is told (RFC 9112, section 6). Over HTTP/2 this means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`.
    ContentLength,
    /// By the end of the connection.
    CloseDelimited,
}

/// A call of one of the neutral tools; a target maps them to its own names and arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// The neutral tool: `list`, `read` or `effect`; any other name is sent as it is.
    pub tool: String,
    /// Its arguments under their neutral names.
    #[serde(default)]
    pub arguments: serde_json::Map<String, serde_json::Value>,
    /// Arguments sent exactly as written here, for a model that writes broken JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_arguments: Option<String>,
}

/// Why an answer ended, in neutral terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// It said all it had to say.
    Stop,
    /// It waits for the results of its tool calls.
    ToolCalls,
    /// It hit the token limit.
    Length,
    /// A filter withheld the rest.
    ContentFilter,
}

/// Tokens, as the provider counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Tokens read.
    pub input: u64,
    /// Tokens written, those of the reasoning among them.
    pub output: u64,
    /// Of the tokens read, those that came from a cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached: u64,
    /// Of the tokens written, those of the reasoning.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference to every such predicate"
)]
const fn is_zero(tokens: &u64) -> bool {
    *tokens == 0
}

/// The largest whole number that every reader of JSON reads exactly (RFC 8259, section 6).
const MOST_TOKENS: u64 = (1 << 53) - 1;

impl Usage {
    /// What cannot be told. That a part is more than the whole can: real providers have said so.
    fn mistake(self, place: &Range<usize>) -> Option<Mistake> {
        let counts = [self.input, self.output, self.cached, self.reasoning];
        let too_many = counts.into_iter().any(|count| count > MOST_TOKENS);
        too_many.then(|| {
            let message = "`usage` has more tokens than a number of JSON can tell";
            Mistake::new(place.clone(), message).with_help(format!("at most {MOST_TOKENS}"))
        })
    }
}

impl Reply {
    /// What contradicts itself.
    pub(crate) fn mistake(&self, place: Range<usize>) -> Option<Mistake> {
        if self.delta_bytes == Some(0) {
            return Some(Mistake::new(
                place,
                "`delta_bytes = 0` would never send anything",
            ));
        }
        let usage = self.usage.and_then(|usage| usage.mistake(&place));
        if let Some(mistake) = usage.or_else(|| self.timing_mistake(&place)) {
            return Some(mistake);
        }
        let both = self
            .tool_calls
            .iter()
            .find(|call| call.raw_arguments.is_some() && !call.arguments.is_empty());
        both.map(|call| {
            let message = format!(
                "the call of `{}` has `arguments` and `raw_arguments`",
                call.tool
            );
            Mistake::new(place, message).with_help("only one of them can be sent")
        })
    }

    fn timing_mistake(&self, place: &Range<usize>) -> Option<Mistake> {
        let mistake =
            |message: &str, help: &str| Some(Mistake::new(place.clone(), message).with_help(help));
        let positive = |speed: f64| speed.is_finite() && speed >= SLOWEST;
        if self.tokens_per_second.is_some_and(|speed| !positive(speed)) {
            return mistake(
                "`tokens_per_second` is a number above 0",
                "such as 40, or 0.5 for a token in two seconds",
            );
        }
        if self
            .jitter
            .is_some_and(|jitter| !(0.0..=1.0).contains(&jitter))
        {
            return mistake(
                "`jitter` is a number from 0 to 1",
                "0.2 makes each silence up to a fifth shorter or longer",
            );
        }
        if self.pace.is_some() && self.tokens_per_second.is_some() {
            return mistake(
                "the reply has `pace` and `tokens_per_second`",
                "both say how fast events follow each other: keep one",
            );
        }
        if self.jitter.is_some() && self.first_token.is_none() && self.tokens_per_second.is_none() {
            return mistake(
                "`jitter` has nothing to vary",
                "it varies `first_token` and `tokens_per_second`",
            );
        }
        None
    }

    /// Why this answer ends.
    #[must_use]
    pub fn finish(&self) -> Finish {
        let usual = if self.tool_calls.is_empty() {
            Finish::Stop
        } else {
            Finish::ToolCalls
        };
        self.finish.unwrap_or(usual)
    }

    /// What this answer costs.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage.unwrap_or(Usage {
            input: 12,
            output: 7,
            ..Usage::default()
        })
    }
}
