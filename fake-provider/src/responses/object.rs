//! The response object, which is the whole answer, and the frame around it in events: it repeats what was asked.
//!
//! Fields and their order are those of the newest recordings (`recorded/openai-responses`).

use provider_script::{Finish, Usage};
use serde_json::{Value, json};

use super::items::Items;
use super::part::Part;
use crate::protocol::Rendering;

/// How far an answer is.
#[derive(Debug, Clone, Copy)]
pub(super) enum State<'a> {
    InProgress,
    /// It has ended, as the reply says.
    Ended {
        streamed: bool,
    },
    /// It has failed: code and message.
    Failed(&'a str, &'a str),
}

impl State<'_> {
    const fn is_over(self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}

/// The response object.
pub(super) fn object<'a>(
    rendering: &Rendering<'a>,
    items: &Items<'a>,
    state: State<'_>,
) -> Part<'a> {
    let asked = Asked(rendering.body.into());
    let finish = rendering.reply.finish();
    let created = rendering.asking.draw.created();
    let completed = state.is_over() && status(finish) == "completed";
    let mut members: Vec<(&'static str, Part<'a>)> = vec![
        ("id", items.ids.response().into()),
        ("object", "response".into()),
        ("created_at", created.into()),
        ("status", Part::Finish(state.status(finish))),
        asked.flag("background", false),
    ];
    if matches!(state, State::Ended { streamed: false }) {
        members.push(("billing", json!({"payer": "developer"}).into()));
    }
    let output = match state {
        State::Ended { .. } => items.done(),
        State::InProgress | State::Failed(..) => Part::List(Vec::new()),
    };
    let completed_at = completed.then_some(created + 1);
    members.extend([
        (
            "completed_at",
            completed_at.map_or(Value::Null, Value::from).into(),
        ),
        ("error", state.error().into()),
        asked.decimal("frequency_penalty", 0.0),
        ("incomplete_details", state.incomplete(finish).into()),
        asked.same("instructions", Value::Null),
        asked.same("max_output_tokens", Value::Null),
        asked.same("max_tool_calls", Value::Null),
        ("model", rendering.asking.model.into()),
        ("moderation", Value::Null.into()),
        ("output", output),
        asked.flag("parallel_tool_calls", true),
        asked.decimal("presence_penalty", 0.0),
        asked.same("previous_response_id", Value::Null),
        asked.same("prompt_cache_key", Value::Null),
        asked.same("prompt_cache_retention", json!("in_memory")),
        ("reasoning", asked.reasoning().into()),
        asked.same("safety_identifier", Value::Null),
        ("service_tier", asked.tier(state).into()),
        asked.flag("store", true),
        asked.decimal("temperature", 1.0),
        ("text", asked.text().into()),
        asked.same("tool_choice", json!("auto")),
        ("tool_usage", tool_usage().into()),
        ("tools", asked.tools().into()),
        asked.same("top_logprobs", json!(0)),
        asked.decimal("top_p", 1.0),
        asked.same("truncation", json!("disabled")),
        ("usage", state.usage(rendering.reply.usage()).into()),
        asked.same("user", Value::Null),
        asked.same("metadata", json!({})),
    ]);
    Part::Object(members)
}

/// How an answer that ends so is called.
pub(super) const fn status(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCalls => "completed",
        Finish::Length | Finish::ContentFilter => "incomplete",
    }
}

impl State<'_> {
    const fn status(self, finish: Finish) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Ended { .. } => status(finish),
            Self::Failed(..) => "failed",
        }
    }

    fn error(self) -> Value {
        match self {
            Self::Failed(code, message) => json!({"code": code, "message": message}),
            Self::InProgress | Self::Ended { .. } => Value::Null,
        }
    }

    fn incomplete(self, finish: Finish) -> Value {
        match finish {
            Finish::Length if self.is_over() => json!({"reason": "max_output_tokens"}),
            Finish::ContentFilter if self.is_over() => json!({"reason": "content_filter"}),
            _ => Value::Null,
        }
    }

    fn usage(self, usage: Usage) -> Value {
        if !self.is_over() {
            return Value::Null;
        }
        json!({
            "input_tokens": usage.input,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": usage.cached},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input + usage.output,
        })
    }
}

/// Of tools that the provider runs itself; the fake has none.
fn tool_usage() -> Value {
    json!({
        "image_gen": {
            "input_tokens": 0, "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0, "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 0},
    })
}

/// A member with its name.
type Member = (&'static str, Part<'static>);

/// What was asked, as the answer repeats it.
struct Asked(Value);

impl Asked {
    fn same(&self, name: &'static str, unless: Value) -> Member {
        let asked = &self.0[name];
        let told = if asked.is_null() {
            unless
        } else {
            asked.clone()
        };
        (name, Part::Value(told))
    }

    fn flag(&self, name: &'static str, unless: bool) -> Member {
        (name, self.0[name].as_bool().unwrap_or(unless).into())
    }

    /// Told with a decimal point, however it was asked.
    fn decimal(&self, name: &'static str, unless: f64) -> Member {
        (name, self.0[name].as_f64().unwrap_or(unless).into())
    }

    fn reasoning(&self) -> Value {
        let asked = &self.0["reasoning"];
        json!({"context": null, "effort": asked["effort"], "summary": asked["summary"]})
    }

    /// Which tier it was: only known once it is over.
    fn tier(&self, state: State<'_>) -> Value {
        match (&self.0["service_tier"], state.is_over()) {
            (Value::Null, false) => json!("auto"),
            (Value::Null, true) => json!("default"),
            (asked, true) if asked == "auto" => json!("default"),
            (asked, _) => asked.clone(),
        }
    }

    fn text(&self) -> Value {
        let asked = &self.0["text"];
        let format = match &asked["format"] {
            Value::Null => json!({"type": "text"}),
            schema if schema["type"] == "json_schema" => {
                all_of(schema, &["type", "description", "name", "schema", "strict"])
            }
            format => format.clone(),
        };
        let verbosity = match &asked["verbosity"] {
            Value::Null => json!("medium"),
            verbosity => verbosity.clone(),
        };
        json!({"format": format, "verbosity": verbosity})
    }

    /// Functions are told with all their members; one that does not say so is strict.
    fn tools(&self) -> Value {
        let names = [
            "type",
            "description",
            "name",
            "output_schema",
            "parameters",
            "strict",
        ];
        let tools = self.0["tools"].as_array().into_iter().flatten();
        let told = tools.map(|tool| {
            if tool["type"] != "function" {
                return tool.clone();
            }
            let mut function = all_of(tool, &names);
            if function["strict"].is_null() {
                function["strict"] = json!(true);
            }
            function
        });
        Value::Array(told.collect())
    }
}

/// These members in this order, null where there is none.
fn all_of(object: &Value, names: &[&str]) -> Value {
    let members = names
        .iter()
        .map(|name| ((*name).to_owned(), object[*name].clone()));
    Value::Object(members.collect())
}
