//! OpenAI's own way, and that of the gateways which differ in nothing but a finish reason in every chunk.
//!
//! The shapes are those of captured answers (`recorded/openai-chat`): the same id and time in every chunk, no `event:` lines,
//! a usage chunk only where it is asked for, padding unless it is not wanted; a whole answer laid out over lines.

use provider_script::Quirk;

use super::{Accent, Delta, Opening, Setting, finish_name};
use crate::body::Body;
use crate::protocol::Intended;

/// OpenAI.
pub(super) struct OpenAi<'a> {
    setting: &'a Setting<'a>,
    /// What every chunk begins with, up to its choices; empty where there are none.
    before_choices: String,
}

impl<'a> OpenAi<'a> {
    pub(super) fn new(setting: &'a Setting<'a>) -> Self {
        if !setting.rendering.conversation.streamed {
            return Self {
                setting,
                before_choices: String::new(),
            };
        }
        let (id, created, model) = (setting.id(29), setting.created, &setting.model);
        let fingerprint = setting.fingerprint();
        Self {
            setting,
            before_choices: format!(
                "{{\"id\":\"chatcmpl-{id}\",\"object\":\"chat.completion.chunk\",\"created\":{created},\"model\":{model},\
                 \"service_tier\":\"default\",\"system_fingerprint\":\"fp_{fingerprint}\",\"choices\":"
            ),
        }
    }
}

impl Accent for OpenAi<'_> {
    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        match delta {
            // A single tool call carries the role itself.
            Delta::Role(Opening::OneCall) => {}
            Delta::Finish(finish) => self.chunk(body, choice, Some(finish_name(finish)), |body| {
                body.raw("{}");
            }),
            delta => self.chunk(body, choice, None, |body| self.write(body, choice, delta)),
        }
    }

    fn usage(&self, body: &mut Body) {
        let usage = self.setting.usage();
        let event = body.events();
        body.event(|body| {
            body.raw(&self.before_choices);
            body.put(format_args!("[],\"usage\":{usage}"));
            self.padding(body, event);
            body.raw("}");
        });
    }

    fn whole(&self, body: &mut Body) {
        let (id, created, model) = (
            self.setting.id(29),
            self.setting.created,
            &self.setting.model,
        );
        body.put(format_args!(
            "{{\n  \"id\": \"chatcmpl-{id}\",\n  \"object\": \"chat.completion\",\n  \"created\": {created},\n  \"model\": \
             {model},\n  \"choices\": [\n"
        ));
        for choice in 0..self.setting.choices {
            self.whole_choice(body, choice);
        }
        let fingerprint = self.setting.fingerprint();
        body.raw("  ],\n  \"usage\": ");
        self.setting.usage_over_lines(body);
        body.put(format_args!(
            ",\n  \"service_tier\": \"default\",\n  \"system_fingerprint\": \"fp_{fingerprint}\"\n}}\n"
        ));
    }
}

impl OpenAi<'_> {
    fn padding(&self, body: &mut Body, event: usize) {
        if let Some(padding) = self.setting.padding(event) {
            body.raw(",\"obfuscation\":\"");
            body.raw(padding);
            body.raw("\"");
        }
    }

    /// An event with the delta that `write` writes.
    fn chunk(
        &self,
        body: &mut Body,
        choice: u64,
        finish: Option<&str>,
        write: impl FnOnce(&mut Body),
    ) {
        let event = body.events();
        let quirk = self.setting.rendering.asking.quirk;
        let unfinished = match quirk {
            Some(Quirk::EmptyFinish) => "\"\"",
            _ => "null",
        };
        body.event(|body| {
            body.raw(&self.before_choices);
            match choice {
                0 => body.raw("[{\"index\":0,\"delta\":"),
                choice => body.put(format_args!("[{{\"index\":{choice},\"delta\":")),
            }
            write(body);
            body.raw(",\"logprobs\":null,\"finish_reason\":");
            match finish {
                Some(finish) => body.put(format_args!("\"{finish}\"")),
                None => body.raw(unfinished),
            }
            body.raw(if self.setting.include_usage {
                "}],\"usage\":null"
            } else {
                "}]"
            });
            self.padding(body, event);
            body.raw("}");
        });
    }

    fn write(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        match delta {
            Delta::Role(Opening::Calls) => body.raw("{\"role\":\"assistant\",\"content\":null}"),
            Delta::Role(_) => {
                body.raw("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
            }
            Delta::Reasoning(piece) => {
                body.raw("{\"reasoning_content\":");
                self.setting.reasoning(body, choice, piece);
                body.raw("}");
            }
            Delta::Text(piece) => {
                body.raw("{\"content\":");
                self.setting.text(body, choice, piece);
                body.raw("}");
            }
            Delta::Refusal(piece) => {
                body.raw("{\"refusal\":");
                body.string(piece);
                body.raw("}");
            }
            Delta::Call(call, index, opening) => start(body, call, index, opening),
            Delta::Arguments(piece, index) => {
                body.put(format_args!(
                    "{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]}");
            }
            Delta::Finish(_) => body.raw("{}"),
        }
    }

    fn whole_choice(&self, body: &mut Body, choice: u64) {
        body.put(format_args!(
            "    {{\n      \"index\": {choice},\n      \"message\": {{\n        \"role\": \"assistant\",\n        \"content\": "
        ));
        self.setting.content(body, choice);
        if let Some(reasoning) = &self.setting.rendering.reply.reasoning {
            body.raw(",\n        \"reasoning_content\": ");
            self.setting.reasoning(body, choice, reasoning);
        }
        if choice == 0 {
            whole_calls(body, self.setting.rendering.calls);
        }
        body.raw(",\n        \"refusal\": ");
        self.setting.refusal(body);
        body.raw(",\n        \"annotations\": []\n      },\n      \"logprobs\": null,\n");
        if choice == 0 {
            body.mark_finish();
        }
        let finish = finish_name(self.setting.finish(choice));
        let end = if choice + 1 == self.setting.choices {
            ""
        } else {
            ","
        };
        body.put(format_args!(
            "      \"finish_reason\": \"{finish}\"\n    }}{end}\n"
        ));
    }
}

fn start(body: &mut Body, call: &Intended, index: u32, opening: Opening) {
    let (before, after) = match opening {
        Opening::OneCall => (
            "\"role\":\"assistant\",\"content\":null,",
            ",\"refusal\":null",
        ),
        _ => ("", ""),
    };
    body.put(format_args!(
        "{{{before}\"tool_calls\":[{{\"index\":{index},\"id\":"
    ));
    body.string(&call.id);
    body.raw(",\"type\":\"function\",\"function\":{\"name\":");
    body.string(&call.tool);
    body.put(format_args!(",\"arguments\":\"\"}}}}]{after}}}"));
}

fn whole_calls(body: &mut Body, calls: &[Intended]) {
    let Some(last) = calls.len().checked_sub(1) else {
        return;
    };
    body.raw(",\n        \"tool_calls\": [\n");
    for (place, call) in calls.iter().enumerate() {
        body.raw("          {\n            \"id\": ");
        body.string(&call.id);
        body.raw(",\n            \"type\": \"function\",\n            \"function\": {\n              \"name\": ");
        body.string(&call.tool);
        body.raw(",\n              \"arguments\": ");
        body.arguments(&call.arguments);
        body.raw("\n            }\n          }");
        body.raw(if place == last { "\n" } else { ",\n" });
    }
    body.raw("        ]");
}
