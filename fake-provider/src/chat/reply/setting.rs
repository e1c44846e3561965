//! What every chunk of an answer depends on, whoever writes it.

use provider_script::{Finish, Usage};
use serde_json::{Value, json};

use super::Opening;
use crate::body::Body;
use crate::protocol::Rendering;

/// An answer, and what the request wants of its form.
#[derive(Debug)]
pub(in crate::chat) struct Setting<'a> {
    pub(in crate::chat) rendering: &'a Rendering<'a>,
    pub(in crate::chat) include_usage: bool,
    /// How many answers are wanted: `n`.
    pub(in crate::chat) choices: u64,
    /// The model, as JSON.
    pub(in crate::chat) model: String,
    pub(in crate::chat) created: u64,
    id: String,
    /// Where the padding of the chunks is cut from; nothing where none is wanted.
    padding: Option<String>,
}

/// So many choices may be asked for (the provider's description of the request).
const CHOICES_MAX: u64 = 128;

impl<'a> Setting<'a> {
    pub(in crate::chat) fn of(rendering: &'a Rendering<'a>) -> Self {
        let options = &rendering.body["stream_options"];
        let draw = rendering.asking.draw;
        let obfuscates = options["include_obfuscation"].as_bool().unwrap_or(true);
        let streamed = rendering.conversation.streamed;
        Self {
            include_usage: options["include_usage"].as_bool().unwrap_or(false),
            choices: rendering.body["n"]
                .as_u64()
                .unwrap_or(1)
                .clamp(1, CHOICES_MAX),
            model: Value::from(rendering.asking.model).to_string(),
            created: draw.created(),
            id: draw.hex("completion", 29),
            padding: (obfuscates && streamed).then(|| draw.hex("obfuscation", 64)),
            rendering,
        }
    }

    /// The digits of the answer's id, at most 29.
    pub(in crate::chat) fn id(&self, digits: usize) -> &str {
        &self.id[..digits]
    }

    pub(in crate::chat) fn fingerprint(&self) -> String {
        self.rendering.asking.draw.hex("fingerprint", 10)
    }

    /// The padding of the n-th event: of another length in each.
    pub(in crate::chat) fn padding(&self, event: usize) -> Option<&str> {
        let padding = self.padding.as_deref()?;
        let (start, length) = (event * 11 % 48, 1 + event * 7 % 15);
        Some(&padding[start..start + length])
    }

    pub(in crate::chat) const fn opening(&self) -> Opening {
        let reply = self.rendering.reply;
        let says = reply.text.is_some() || reply.reasoning.is_some() || reply.refusal.is_some();
        match self.rendering.calls.len() {
            _ if says => Opening::Words,
            0 => Opening::Words,
            1 => Opening::OneCall,
            _ => Opening::Calls,
        }
    }

    /// Why a choice ends: only the first calls tools.
    pub(in crate::chat) fn finish(&self, choice: u64) -> Finish {
        match self.rendering.reply.finish() {
            Finish::ToolCalls if choice > 0 => Finish::Stop,
            finish => finish,
        }
    }

    /// What is said in a stream or a document; only the first choice's has marks.
    pub(in crate::chat) fn text(&self, body: &mut Body, choice: u64, text: &str) {
        match choice {
            0 => body.text(text),
            _ => body.string(text),
        }
    }

    /// Like [`Self::text`], for what the model thinks.
    pub(in crate::chat) fn reasoning(&self, body: &mut Body, choice: u64, text: &str) {
        match choice {
            0 => body.reasoning(text),
            _ => body.string(text),
        }
    }

    /// The content of a whole message: nothing beside tool calls or a refusal, and never nothing at all.
    pub(in crate::chat) fn content(&self, body: &mut Body, choice: u64) {
        let reply = self.rendering.reply;
        match &reply.text {
            Some(text) => self.text(body, choice, text),
            None if self.rendering.calls.is_empty() && reply.refusal.is_none() => body.raw("\"\""),
            None => body.raw("null"),
        }
    }

    /// The refusal of a whole message.
    pub(in crate::chat) fn refusal(&self, body: &mut Body) {
        match &self.rendering.reply.refusal {
            Some(refusal) => body.string(refusal),
            None => body.raw("null"),
        }
    }

    /// Tokens as a whole answer tells them, laid out over lines.
    pub(in crate::chat) fn usage_over_lines(&self, body: &mut Body) {
        let Usage {
            input,
            output,
            cached,
            reasoning,
        } = self.rendering.reply.usage();
        let total = input + output;
        body.put(format_args!(
            "{{\n    \"prompt_tokens\": {input},\n    \"completion_tokens\": {output},\n    \"total_tokens\": {total},\n    \
             \"prompt_tokens_details\": {{\n      \"cached_tokens\": {cached},\n      \"audio_tokens\": 0\n    }},\n    \
             \"completion_tokens_details\": {{\n      \"reasoning_tokens\": {reasoning},\n      \"audio_tokens\": 0,\n      \
             \"accepted_prediction_tokens\": 0,\n      \"rejected_prediction_tokens\": 0\n    }}\n  }}"
        ));
    }

    /// Tokens, as the provider tells them.
    pub(in crate::chat) fn usage(&self) -> Value {
        let usage: Usage = self.rendering.reply.usage();
        json!({
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": usage.reasoning, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }
}

/// The tool calls of a whole message, on one line, each as `one` writes it; nothing if there are none.
pub(in crate::chat) fn calls_on_a_line(
    body: &mut Body,
    setting: &Setting<'_>,
    one: impl Fn(&mut Body, &crate::protocol::Intended, u32),
) {
    let calls = setting.rendering.calls;
    for (call, index) in calls.iter().zip(0_u32..) {
        body.raw(if index == 0 { ",\"tool_calls\":[" } else { "," });
        one(body, call, index);
    }
    if !calls.is_empty() {
        body.raw("]");
    }
}
