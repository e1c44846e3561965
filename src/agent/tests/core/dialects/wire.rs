//! What a provider says in one dialect, written by hand and without any of the agent's code.

use reference_agent::config::{AgentConfig, Dialect};
use reference_agent::seams::Seams;
use serde_json::Value;

use crate::provider::{Act, status, stream_of};
use crate::world::World;

/// A call of a tool: its id (which not every dialect sends), its name and its arguments.
pub(crate) type Call = (&'static str, &'static str, &'static str);

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Complete,
    Length,
    Filter,
}

/// One dialect. Each answer costs 10 tokens read and 2 written.
pub(crate) struct Wire {
    pub(crate) dialect: Dialect,
    /// The request line's path for streams and for whole answers.
    pub(crate) paths: [&'static str; 2],
    /// The header with the credential, and others that are demanded.
    pub(crate) headers: &'static [&'static str],
    pub(crate) media_type: &'static str,
    /// The events of a text, in two parts, up to its end.
    pub(crate) text: fn(&str, End) -> Vec<String>,
    /// The events of these calls, arguments in two parts where the dialect can, up to their end.
    pub(crate) calls: fn(&[Call]) -> Vec<String>,
    /// How many of the last events are the end: from the one that carries the finish reason.
    pub(crate) end_events: usize,
    pub(crate) whole_text: fn(&str) -> Value,
    pub(crate) whole_calls: fn(&[Call]) -> Value,
    /// An event with an error of this type and code, as the provider words it.
    pub(crate) error: fn(Trouble) -> String,
    /// What keeps a connection open and says nothing.
    pub(crate) keep_alive: &'static str,
    /// What the results in a request answer, by id or else by name, and the results.
    pub(crate) results: fn(&Value) -> Vec<(String, String)>,
    /// Whether results are known by the ids of their calls.
    pub(crate) has_ids: bool,
    pub(crate) models: (&'static str, fn(&[&str]) -> Value),
}

/// What goes wrong inside an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Overload,
    BadKey,
}

pub(crate) const ALL: [&Wire; 5] = [
    &super::openai_chat::WIRE,
    &super::openai_responses::WIRE,
    &super::anthropic_messages::WIRE,
    &super::gemini::WIRE,
    &super::ollama::WIRE,
];

impl Wire {
    pub(crate) fn stream(&self, events: &[String]) -> Vec<Act> {
        stream_of(self.media_type, events.concat())
    }

    pub(crate) fn said(&self, words: &str) -> Vec<Act> {
        self.stream(&(self.text)(words, End::Complete))
    }

    pub(crate) fn document(&self, value: &Value) -> Vec<Act> {
        vec![Act::Write(status(200, "", value))]
    }

    /// The events of a text that lacks its end.
    pub(crate) fn endless(&self, words: &str) -> Vec<String> {
        let mut events = (self.text)(words, End::Complete);
        events.truncate(events.len() - self.end_events);
        events
    }

    pub(crate) async fn world(&self, script: Vec<Vec<Act>>) -> World {
        self.world_with(script, |_| {}).await
    }

    pub(crate) async fn world_with(
        &self,
        script: Vec<Vec<Act>>,
        change: impl FnOnce(&mut AgentConfig),
    ) -> World {
        let dialect = self.dialect;
        let settle = |config: &mut AgentConfig| {
            config.base_url = base_url(dialect, &config.base_url);
            config.dialect = dialect;
            config.model = "model-1".to_owned();
            change(config);
        };
        World::with(script, settle, Seams::default()).await
    }
}

/// Only the OpenAI dialects have their version in the base URL.
pub(crate) fn base_url(dialect: Dialect, openai: &str) -> String {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiResponses => openai.to_owned(),
        _ => openai.trim_end_matches("/v1").to_owned(),
    }
}

/// Both halves of a text, cut where a character begins.
pub(crate) fn halves(text: &str) -> [&str; 2] {
    let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
    [first, second]
}

pub(crate) fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
