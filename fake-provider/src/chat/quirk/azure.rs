//! Azure: members in alphabetical order, a first chunk without choices that tells the filter's results, and such results in every
//! chunk; errors of code and message alone; limits in whole seconds.
//!
//! Shapes: `recorded/azure`. Usual messages: quoted in the trackers of its SDKs.

use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use crate::body::Body;
use crate::chat::reply::{Accent, Delta, Opening, Setting, finish_name};
use crate::draw::Draw;
use crate::openai::errors::ErrorBody;
use crate::protocol::{Intended, Problem};

/// Azure.
pub(in crate::chat) struct Azure<'a>(pub(in crate::chat) &'a Setting<'a>);

const SAFE: &str = "\"self_harm\":{\"filtered\":false,\"severity\":\"safe\"},\"sexual\":{\"filtered\":false,\"severity\":\"safe\"},\
                    \"violence\":{\"filtered\":false,\"severity\":\"safe\"}}";
const HATE: &str = "{\"hate\":{\"filtered\":false,\"severity\":\"safe\"},";
const JAILBREAK: &str = "\"jailbreak\":{\"filtered\":false,\"detected\":false},";
const PROTECTED: &str = "\"protected_material_code\":{\"filtered\":false,\"detected\":false},\
                         \"protected_material_text\":{\"filtered\":false,\"detected\":false},";

impl Accent for Azure<'_> {
    fn opening(&self, body: &mut Body) {
        body.event(|body| {
            body.raw("{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",");
            prompt_filter(body);
            body.raw("}");
        });
    }

    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        if matches!(delta, Delta::Role(Opening::OneCall)) {
            return;
        }
        let event = body.events();
        let finish = match delta {
            Delta::Finish(finish) => format!("\"{}\"", finish_name(finish)),
            _ => "null".into(),
        };
        let judged = matches!(delta, Delta::Text(_));
        body.event(|body| {
            body.raw("{\"choices\":[{\"content_filter_results\":");
            match judged {
                true => {
                    body.raw(HATE);
                    body.raw(SAFE);
                }
                false => body.raw("{}"),
            }
            body.raw(",\"delta\":");
            self.write(body, choice, delta);
            body.put(format_args!(
                ",\"finish_reason\":{finish},\"index\":{choice},\"logprobs\":null}}]"
            ));
            self.after_choices(body, event, &Value::Null);
        });
    }

    fn usage(&self, body: &mut Body) {
        let event = body.events();
        body.event(|body| {
            body.raw("{\"choices\":[]");
            self.after_choices(body, event, &self.tokens());
        });
    }

    fn whole(&self, body: &mut Body) {
        body.raw("{\"choices\":[");
        for choice in 0..self.0.choices {
            body.raw(if choice == 0 { "" } else { "," });
            self.whole_choice(body, choice);
        }
        let (id, created, model) = (self.0.id(29), self.0.created, &self.0.model);
        body.put(format_args!(
            "],\"created\":{created},\"id\":\"chatcmpl-{id}\",\"model\":{model},\"object\":\"chat.completion\","
        ));
        prompt_filter(body);
        let usage = self.tokens();
        body.put(format_args!(
            ",\"system_fingerprint\":null,\"usage\":{usage}}}\n"
        ));
    }
}

impl Azure<'_> {
    fn after_choices(&self, body: &mut Body, event: usize, usage: &Value) {
        let (id, created, model) = (self.0.id(29), self.0.created, &self.0.model);
        body.put(format_args!(
            ",\"created\":{created},\"id\":\"chatcmpl-{id}\",\"model\":{model}"
        ));
        if let Some(padding) = self.0.padding(event) {
            body.put(format_args!(",\"obfuscation\":\"{padding}\""));
        }
        body.raw(",\"object\":\"chat.completion.chunk\",\"system_fingerprint\":null");
        if self.0.include_usage {
            body.put(format_args!(",\"usage\":{usage}"));
        }
        body.raw("}");
    }

    fn write(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        match delta {
            Delta::Role(Opening::Words) => {
                body.raw("{\"content\":\"\",\"refusal\":null,\"role\":\"assistant\"}");
            }
            Delta::Role(_) => body.raw("{\"content\":null,\"role\":\"assistant\"}"),
            Delta::Reasoning(piece) => {
                body.raw("{\"reasoning_content\":");
                self.0.reasoning(body, choice, piece);
                body.raw("}");
            }
            Delta::Text(piece) => {
                body.raw("{\"content\":");
                self.0.text(body, choice, piece);
                body.raw("}");
            }
            Delta::Refusal(piece) => {
                body.raw("{\"refusal\":");
                body.string(piece);
                body.raw("}");
            }
            Delta::Call(call, index, opening) => {
                let (before, after) = match opening {
                    Opening::OneCall => (
                        "\"content\":null,\"refusal\":null,\"role\":\"assistant\",",
                        "",
                    ),
                    _ => ("", ""),
                };
                body.put(format_args!("{{{before}\"tool_calls\":["));
                tool_call(body, call, Some(index));
                body.put(format_args!("]{after}}}"));
            }
            Delta::Arguments(piece, index) => {
                body.raw("{\"tool_calls\":[{\"function\":{\"arguments\":");
                body.arguments(piece);
                body.put(format_args!("}},\"index\":{index}}}]}}"));
            }
            Delta::Finish(_) => body.raw("{}"),
        }
    }

    fn whole_choice(&self, body: &mut Body, choice: u64) {
        let finish = finish_name(self.0.finish(choice));
        body.raw("{\"content_filter_results\":");
        body.raw(HATE);
        body.raw(PROTECTED);
        body.raw(SAFE);
        body.raw(",");
        body.put(format_args!(
            "\"finish_reason\":\"{finish}\",\"index\":{choice},\"logprobs\":null,\"message\":{{\"annotations\":[],\"content\":"
        ));
        self.0.content(body, choice);
        if let Some(reasoning) = &self.0.rendering.reply.reasoning {
            body.raw(",\"reasoning_content\":");
            self.0.reasoning(body, choice, reasoning);
        }
        body.raw(",\"refusal\":");
        self.0.refusal(body);
        body.raw(",\"role\":\"assistant\"");
        if choice == 0 {
            crate::chat::reply::calls_on_a_line(body, self.0, |body, call, _| {
                tool_call(body, call, None);
            });
        }
        body.raw("}}");
    }

    fn tokens(&self) -> Value {
        let usage = self.0.rendering.reply.usage();
        json!({
            "completion_tokens": usage.output,
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0, "audio_tokens": 0, "reasoning_tokens": usage.reasoning,
                "rejected_prediction_tokens": 0,
            },
            "prompt_tokens": usage.input,
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": usage.cached},
            "total_tokens": usage.input + usage.output,
        })
    }
}

/// A tool call that begins in a stream, where it has an index and no arguments yet, or a whole one.
fn tool_call(body: &mut Body, call: &Intended, index: Option<u32>) {
    body.raw("{\"function\":{\"arguments\":");
    match index {
        Some(_) => body.raw("\"\""),
        None => body.arguments(&call.arguments),
    }
    body.raw(",\"name\":");
    body.string(&call.tool);
    body.raw("},\"id\":");
    body.string(&call.id);
    if let Some(index) = index {
        body.put(format_args!(",\"index\":{index}"));
    }
    body.raw(",\"type\":\"function\"}");
}

fn prompt_filter(body: &mut Body) {
    body.raw("\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":");
    body.raw(HATE);
    body.raw(JAILBREAK);
    body.raw(SAFE);
    body.raw("}]");
}

/// Headers beside the content type. With a deployment's limits used up, less than nothing remains.
pub(super) fn headers(status: u16, draw: Draw) -> String {
    let id = draw.hex("request", 32);
    let (requests, tokens) = match status {
        429 => ("-1", "-3862"),
        _ => ("999", "99981"),
    };
    format!(
        "apim-request-id: {}-{}-{}-{}-{}\r\n\
         x-ms-region: Sweden Central\r\n\
         x-ratelimit-limit-requests: 1000\r\n\
         x-ratelimit-limit-tokens: 100000\r\n\
         x-ratelimit-remaining-requests: {requests}\r\n\
         x-ratelimit-remaining-tokens: {tokens}\r\n\
         x-ratelimit-reset-tokens: 26\r\n",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..],
    )
}

/// An error: a code that is often the status as text, and no type and no param.
pub(super) fn error(error: &ErrorBody, problem: &Problem<'_>) -> Value {
    let code = match problem {
        Problem::Scripted(StatusAnswer {
            code: Some(code), ..
        }) => code.clone(),
        Problem::Scripted(answer) if answer.status == 404 => "DeploymentNotFound".into(),
        Problem::Scripted(answer) => answer.status.to_string(),
        // What the model's own rules find is told as OpenAI tells it.
        _ => {
            return json!({"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}});
        }
    };
    json!({"error": {"code": code, "message": error.message}})
}

/// What is said with a status.
pub(super) fn usual(status: u16) -> Option<String> {
    let usual = match status {
        401 => {
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active \
             subscription and use a correct regional API endpoint for your resource."
        }
        404 => {
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please \
             wait a moment and try again."
        }
        429 => {
            "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate \
             limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds. Please go here: \
             https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."
        }
        _ => return None,
    };
    Some(usual.to_owned())
}
