//! The responses that an answer consists of, as values: what is in each, and how many tokens it tells. Knows no layout.

use provider_script::Finish;
use serde_json::{Map, Value, json};

use super::signed;
use crate::body::pieces;
use crate::protocol::{Intended, Rendering};

/// An answer, taken apart.
pub(super) struct Chunks<'a> {
    rendering: &'a Rendering<'a>,
    calls: Calls,
}

/// A chunk of a stream.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) value: Value,
    /// Whether it only tells why the answer ends.
    pub(super) is_finish_alone: bool,
}

/// The tool calls of an answer.
enum Calls {
    /// As parts.
    Parts(Vec<Value>),
    /// The model wrote what is no JSON object: none is sent, and this is said of it.
    Malformed(String),
}

/// Until here an answer's content goes: what was said before, of all that there is to say.
#[derive(Debug, Clone, Copy)]
struct Progress {
    said: usize,
    all: usize,
}

impl<'a> Chunks<'a> {
    pub(super) fn of(rendering: &'a Rendering<'a>) -> Self {
        Self {
            rendering,
            calls: calls(rendering),
        }
    }

    /// The answer as one response.
    pub(super) fn whole(&self) -> Value {
        if self.is_blocked() {
            return self.blocked();
        }
        let mut parts: Vec<Value> = Vec::new();
        parts.extend(self.reasoning().map(thought));
        parts.extend(self.text().map(|text| json!({"text": text})));
        parts.extend(self.call_parts());
        if parts.is_empty() && self.finish_name() == "STOP" {
            parts.push(json!({"text": ""}));
        }
        self.response(&parts, true, None)
    }

    /// The answer as a stream of responses.
    pub(super) fn streamed(&self) -> Vec<Chunk> {
        if self.is_blocked() {
            let value = self.blocked();
            return vec![Chunk {
                value,
                is_finish_alone: false,
            }];
        }
        let bytes = self.rendering.delta_bytes();
        let reasoning = self.reasoning().unwrap_or_default();
        let text = self.text().unwrap_or_default();
        let mut contents: Vec<Vec<Value>> = Vec::new();
        contents.extend(pieces(reasoning, bytes).map(|piece| vec![thought(piece)]));
        let thoughts = contents.len();
        contents.extend(pieces(&text, bytes).map(|piece| vec![json!({"text": piece})]));
        contents.extend(Some(self.call_parts()).filter(|calls| !calls.is_empty()));
        let all = contents.len() - thoughts;
        let joined = self.tells_finish_with_content() && all > 0;
        let mut chunks: Vec<Chunk> = Vec::new();
        for (place, parts) in contents.iter().enumerate() {
            let said = (place + 1).saturating_sub(thoughts);
            let is_last = joined && said == all;
            chunks.push(Chunk {
                value: self.response(parts, is_last, Some(Progress { said, all })),
                is_finish_alone: false,
            });
        }
        if !joined {
            let parts = match self.finish_name() {
                "STOP" | "MAX_TOKENS" => vec![self.last_part()],
                _ => Vec::new(),
            };
            chunks.push(Chunk {
                value: self.response(&parts, true, None),
                is_finish_alone: true,
            });
        }
        chunks
    }

    /// Generation 2 and before; what went wrong is told alone by every model.
    fn tells_finish_with_content(&self) -> bool {
        let model = self.rendering.asking.model;
        let early = model.starts_with("gemini-2") || model.starts_with("gemini-1");
        early && matches!(self.finish_name(), "STOP" | "MAX_TOKENS")
    }

    /// Nothing was said because the prompt may not be answered.
    fn is_blocked(&self) -> bool {
        let reply = self.rendering.reply;
        reply.refusal.is_some() && reply.text.is_none() && reply.tool_calls.is_empty()
    }

    fn blocked(&self) -> Value {
        let refusal = &self.rendering.reply.refusal;
        let value = json!({
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": refusal},
            "usageMetadata": self.usage(Some(Progress { said: 0, all: 1 })),
        });
        signed(value, self.rendering)
    }

    fn reasoning(&self) -> Option<&str> {
        self.rendering.reply.reasoning.as_deref()
    }

    /// The text, and what was refused beside it, for which there is no other place.
    fn text(&self) -> Option<String> {
        let reply = self.rendering.reply;
        let said = [&reply.text, &reply.refusal];
        let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
        (!said.is_empty()).then(|| said.join("\n"))
    }

    fn call_parts(&self) -> Vec<Value> {
        match &self.calls {
            Calls::Parts(parts) => parts.clone(),
            Calls::Malformed(_) => Vec::new(),
        }
    }

    /// The part beside the finish reason of a stream: empty, and signed where the model has thought.
    fn last_part(&self) -> Value {
        let thought = self.reasoning().is_some() || self.rendering.reply.usage().reasoning > 0;
        match thought && self.rendering.calls.is_empty() {
            true => json!({"text": "", "thoughtSignature": signature(self.rendering)}),
            false => json!({"text": ""}),
        }
    }

    fn finish_name(&self) -> &'static str {
        if matches!(self.calls, Calls::Malformed(_)) {
            return "MALFORMED_FUNCTION_CALL";
        }
        match self.rendering.reply.finish() {
            Finish::Stop | Finish::ToolCalls => "STOP",
            Finish::Length => "MAX_TOKENS",
            Finish::ContentFilter => "SAFETY",
        }
    }

    fn response(&self, parts: &[Value], finishes: bool, progress: Option<Progress>) -> Value {
        let content = match parts.is_empty() {
            true => json!({}),
            false => json!({"parts": parts, "role": "model"}),
        };
        let mut candidate = Map::from_iter([("content".to_owned(), content)]);
        if finishes {
            candidate.insert("finishReason".to_owned(), json!(self.finish_name()));
        }
        candidate.insert("index".to_owned(), json!(0));
        if finishes {
            candidate.extend(self.finish_notes(parts));
        }
        let progress = progress.filter(|_| !finishes);
        let value = json!({"candidates": [candidate], "usageMetadata": self.usage(progress)});
        signed(value, self.rendering)
    }

    /// What else is said of the end.
    fn finish_notes(&self, parts: &[Value]) -> Option<(String, Value)> {
        let calls = parts.iter().any(|part| part["functionCall"].is_object());
        let message = |text: &str| Some(("finishMessage".to_owned(), json!(text)));
        match (&self.calls, self.rendering.reply.finish()) {
            (Calls::Malformed(what), _) => message(what),
            (_, Finish::ContentFilter) => Some(("safetyRatings".to_owned(), ratings())),
            _ if calls => message("Model generated function call(s)."),
            _ => None,
        }
    }

    /// The tokens so far; all of them where there is no progress to tell.
    fn usage(&self, progress: Option<Progress>) -> Value {
        let usage = self.rendering.reply.usage();
        let visible = usage.output.saturating_sub(usage.reasoning);
        let candidates = match progress {
            Some(Progress { said, all }) => {
                let share = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
                let told = visible.saturating_mul(share(said)) / share(all.max(1));
                told.max(visible.min(share(said)).min(1))
            }
            None => visible,
        };
        let mut told = Map::new();
        let mut tell = |name: &str, tokens: u64| {
            if tokens > 0 {
                told.insert(name.to_owned(), json!(tokens));
            }
        };
        let thoughts = usage.output - visible;
        tell("promptTokenCount", usage.input);
        tell("candidatesTokenCount", candidates);
        tell("totalTokenCount", usage.input + candidates + thoughts);
        tell("cachedContentTokenCount", usage.cached);
        let of_text = |tokens: u64| json!([{"modality": "TEXT", "tokenCount": tokens}]);
        told.insert("promptTokensDetails".to_owned(), of_text(usage.input));
        if usage.cached > 0 {
            told.insert("cacheTokensDetails".to_owned(), of_text(usage.cached));
        }
        if thoughts > 0 {
            told.insert("thoughtsTokenCount".to_owned(), json!(thoughts));
        }
        told.insert("serviceTier".to_owned(), json!("standard"));
        Value::Object(told)
    }
}

/// Each call as a part, unless one of them is malformed.
fn calls(rendering: &Rendering<'_>) -> Calls {
    let mut parts = Vec::with_capacity(rendering.calls.len());
    for call in rendering.calls {
        let Some(arguments) = arguments(call) else {
            let Intended {
                tool, arguments, ..
            } = call;
            let what = format!("Malformed function call: call:default_api:{tool}{arguments}");
            return Calls::Malformed(what);
        };
        let mut part =
            json!({"functionCall": {"name": call.tool, "args": arguments, "id": call.id}});
        if parts.is_empty() {
            part["thoughtSignature"] = json!(signature(rendering));
        }
        parts.push(part);
    }
    Calls::Parts(parts)
}

fn arguments(call: &Intended) -> Option<Value> {
    let arguments: Value = serde_json::from_str(&call.arguments).ok()?;
    arguments.is_object().then_some(arguments)
}

fn thought(text: &str) -> Value {
    json!({"text": text, "thought": true})
}

/// Opaque to clients, and base64 for those that decode it.
fn signature(rendering: &Rendering<'_>) -> String {
    rendering.asking.draw.hex("signature", 64)
}

/// Of an answer that the filter took, as recorded at the same place (pydantic-ai, `test_google_model_safety_settings.yaml`).
fn ratings() -> Value {
    let rating = |category: &str| json!({"category": category, "probability": "NEGLIGIBLE"});
    json!([
        {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "LOW", "blocked": true},
        rating("HARM_CATEGORY_DANGEROUS_CONTENT"),
        rating("HARM_CATEGORY_HARASSMENT"),
        rating("HARM_CATEGORY_SEXUALLY_EXPLICIT"),
    ])
}
