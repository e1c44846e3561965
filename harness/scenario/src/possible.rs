//! Which cells of the matrix a scenario can be played in at all: what it asks for has to exist in the dialect and in the mode.

use std::ops::Range;

use provider_script::{Finish, Reply, ToolCall};
use wire_faults::{Action, Fault, Shape, Transport};

use crate::dialect::Dialect;
use crate::scenario::{Need, Scenario};

/// Something that keeps a scenario from being played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Where in the file it stands.
    pub place: Range<usize>,
    /// Why it cannot be.
    pub reason: String,
}

impl Scenario {
    /// Why this scenario cannot be played in a dialect, streamed or not; nothing if it can. Each reason once.
    #[must_use]
    pub fn impossible(&self, dialect: Dialect, streamed: bool) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for Obstacle { reason, .. } in self.obstacles(dialect, streamed) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }

    /// What keeps this scenario from being played in a dialect at all, whether streamed or not.
    #[must_use]
    pub fn obstacles_in(&self, dialect: Dialect) -> Vec<Obstacle> {
        let streamed = self.obstacles(dialect, true);
        let whole =
            self.needs.contains(&Need::Streamed) || !self.impossible(dialect, false).is_empty();
        if whole { streamed } else { Vec::new() }
    }

    fn obstacles(&self, dialect: Dialect, streamed: bool) -> Vec<Obstacle> {
        if !self.dialects.is_empty() && !self.dialects.contains(&dialect) {
            let names: Vec<_> = self.dialects.iter().map(|known| known.as_str()).collect();
            return vec![Obstacle {
                place: self.places.dialects.clone(),
                reason: format!("written for {}", names.join(", ")),
            }];
        }
        let faults = self.script.entries.iter().flat_map(|entry| &entry.faults);
        let transport = Transport::needed_by(faults);
        let entries = self.script.entries.iter().enumerate();
        entries
            .flat_map(|(index, entry)| {
                let calls = entry.reply.iter().flat_map(|reply| &reply.tool_calls);
                let broken = { calls }.any(is_broken).then(|| no_text(dialect, streamed));
                let word = entry.reply.iter().map(|reply| no_word(reply, dialect));
                let of_reply = { broken.into_iter() }.chain(word).flatten();
                let of_reply = of_reply.map(move |reason| Obstacle {
                    place: self.places.reply(index),
                    reason,
                });
                let faults = entry.faults.iter().enumerate();
                let of_faults = faults.flat_map(move |(number, fault)| {
                    let reasons = [
                        not_there(fault, dialect, (streamed, transport)),
                        no_code(fault, dialect),
                    ];
                    reasons.into_iter().flatten().map(move |reason| Obstacle {
                        place: self.places.fault(index, number),
                        reason,
                    })
                });
                of_reply.chain(of_faults)
            })
            .collect()
    }
}

/// Why a dialect has no word for how an answer ends, if so. Source: Ollama's `docs/api.md` and `llm/server.go`, where a
/// `done_reason` is `stop`, `length`, `load` or `unload`.
fn no_word(reply: &Reply, dialect: Dialect) -> Option<String> {
    let withheld = reply.finish == Some(Finish::ContentFilter);
    let unknown = withheld && dialect == Dialect::Ollama;
    unknown.then(|| format!("{dialect} has no word for an answer that was withheld"))
}

/// Why a dialect cannot tell an error's code, if so: Ollama's errors are a sentence each (`docs/api/errors.mdx`).
fn no_code(fault: &Fault, dialect: Dialect) -> Option<String> {
    let code = match &fault.action {
        Action::Status(answer) => answer.code.as_ref(),
        Action::ErrorEvent(event) => event.code.as_ref(),
        _ => None,
    }?;
    let unknown = dialect == Dialect::Ollama;
    unknown.then(|| format!("{dialect} tells errors without a code, so there is no `{code}`"))
}

/// Why a dialect cannot send arguments that are broken, if so.
fn no_text(dialect: Dialect, streamed: bool) -> Option<String> {
    if dialect.sends_arguments_as_text(streamed) {
        return None;
    }
    let unless = match dialect.sends_arguments_as_text(true) {
        true => " unless it streams",
        false => "",
    };
    Some(format!(
        "{dialect} sends tool arguments as an object{unless}, so they cannot be broken JSON"
    ))
}

/// Why a fault has no place in a dialect, if so. What only a stream has is a need of the scenario, and told as that.
fn not_there(
    fault: &Fault,
    dialect: Dialect,
    (streamed, transport): (bool, Transport),
) -> Option<String> {
    let (point, action) = (fault.point.name(), fault.action.name());
    let allows = |streamed| {
        let shape = Shape {
            // A scenario that needs TLS or HTTP/2 has it, and the target must be able to speak it.
            tls: transport.tls,
            http2: transport.http2,
            ..dialect.shape(streamed)
        };
        shape.allows(point, action)
    };
    let (in_streams, here) = (allows(true), allows(streamed));
    let reason = here.err().and(in_streams.err())?;
    Some(format!("no {fault} in {dialect}: {reason}"))
}

/// Whether the arguments of a call can only be sent as text.
fn is_broken(call: &ToolCall) -> bool {
    let raw = call.raw_arguments.as_deref();
    raw.is_some_and(|raw| {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(raw).is_err()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn scenario(arguments: &str) -> Scenario {
        let text = format!(
            "format = 1\ntitle = \"t\"\n[[provider]]\nreply = {{ tool_calls = [{{ tool = \"list\", raw_arguments = '{arguments}' }}] }}\n\
             [[steps]]\nsay = \"go\"\n[expect]\nterminal = \"completed\"\n"
        );
        crate::parse(&text, Path::new("x.toml"), "x").expect("is a good scenario")
    }

    #[test]
    fn broken_arguments_can_only_be_sent_as_text() {
        let broken = scenario("{\"path\": \"sr");
        let possible = |dialect, streamed| broken.impossible(dialect, streamed).is_empty();
        for streamed in [true, false] {
            assert!(possible(Dialect::OpenaiChat, streamed));
            assert!(possible(Dialect::OpenaiResponses, streamed));
            assert!(!possible(Dialect::Gemini, streamed));
            assert!(!possible(Dialect::Ollama, streamed));
        }
        assert!(possible(Dialect::AnthropicMessages, true));
        assert!(broken.obstacles_in(Dialect::AnthropicMessages).is_empty());
        assert_eq!(broken.obstacles_in(Dialect::Ollama).len(), 1);
        assert_eq!(
            broken.impossible(Dialect::AnthropicMessages, false),
            [
                "anthropic-messages sends tool arguments as an object unless it streams, so they cannot be broken JSON"
            ]
        );
    }

    #[test]
    fn what_a_dialect_does_not_have_cannot_be_broken() {
        let text = "format = 1\ntitle = \"t\"\n[[provider]]\nreply = { text = \"a\" }\nfault = { at = \"before-end\", action = \"close\" }\n\
                    [[steps]]\nsay = \"go\"\n[expect]\nterminal = \"completed\"\n";
        let scenario = crate::parse(text, Path::new("x.toml"), "x").expect("is a good scenario");
        for dialect in [Dialect::OpenaiChat, Dialect::AnthropicMessages] {
            assert!(scenario.impossible(dialect, true).is_empty(), "{dialect}");
            // That a document has no end marker is the need `streamed`.
            assert!(scenario.impossible(dialect, false).is_empty(), "{dialect}");
            assert_eq!(scenario.lacks(&[], false), [Need::Streamed]);
            assert_eq!(scenario.obstacles_in(dialect), []);
        }
        for dialect in [Dialect::OpenaiResponses, Dialect::Gemini, Dialect::Ollama] {
            let expected = format!(
                "no close before the end marker in {dialect}: this dialect has no terminal marker: its stream just ends"
            );
            let [obstacle] = &scenario.obstacles_in(dialect)[..] else {
                panic!("{dialect} has one obstacle");
            };
            assert_eq!(obstacle.reason, expected);
            assert_eq!(scenario.impossible(dialect, true), [expected]);
            assert_eq!(
                &text[obstacle.place.clone()],
                "{ at = \"before-end\", action = \"close\" }"
            );
        }
    }

    #[test]
    fn what_a_dialect_has_no_word_for_cannot_be_said() {
        let text = "format = 1\ntitle = \"t\"\n[[provider]]\nwhen = { call = 1 }\nreply = { text = \"a\", finish = \"content-filter\" }\n\
                    [[provider]]\nfault = { action = \"status\", status = 429, code = \"insufficient_quota\" }\n\
                    [[steps]]\nsay = \"go\"\n[expect]\nterminal = \"failed\"\n";
        let scenario = crate::parse(text, Path::new("x.toml"), "x").expect("is a good scenario");
        assert_eq!(
            scenario.impossible(Dialect::Ollama, false),
            [
                "ollama has no word for an answer that was withheld",
                "ollama tells errors without a code, so there is no `insufficient_quota`",
            ]
        );
        assert!(scenario.impossible(Dialect::Gemini, false).is_empty());
    }

    #[test]
    fn what_one_answer_needs_all_of_them_have() {
        let text = "format = 1\ntitle = \"t\"\n\
                    [[provider]]\nwhen = { attempt = 1 }\nreply = { text = \"a\" }\nfault = { at = \"before-body\", action = \"reset-stream\" }\n\
                    [[provider]]\nwhen = { attempt = 2 }\nreply = { text = \"a\" }\nfault = { at = \"before-body\", action = \"bad-chunk\" }\n\
                    [[steps]]\nsay = \"go\"\n[expect]\nterminal = \"failed\"\n";
        let scenario = crate::parse(text, Path::new("x.toml"), "x").expect("is a good scenario");
        let [reason] = &scenario.impossible(Dialect::OpenaiChat, true)[..] else {
            panic!("has one obstacle");
        };
        assert!(reason.contains("no chunked transfer coding"), "{reason}");
        let alone = text.replace("reset-stream", "close");
        let scenario = crate::parse(&alone, Path::new("x.toml"), "x").expect("is a good scenario");
        assert!(scenario.impossible(Dialect::OpenaiChat, true).is_empty());
    }

    #[test]
    fn a_scenario_may_be_written_for_some_dialects() {
        let text = "format = 1\ntitle = \"t\"\ndialects = [\"gemini\", \"ollama\"]\n[[provider]]\nreply = { text = \"a\" }\n\
                    [[steps]]\nsay = \"go\"\n[expect]\nterminal = \"completed\"\n";
        let parse = |text: &str| crate::parse(text, Path::new("x.toml"), "x");
        let scenario = parse(text).expect("is a good scenario");
        assert!(scenario.impossible(Dialect::Ollama, true).is_empty());
        assert_eq!(
            scenario.impossible(Dialect::OpenaiChat, true),
            ["written for gemini, ollama"]
        );
        let none = parse(&text.replace("\"gemini\", \"ollama\"", "")).expect_err("is wrong");
        assert_eq!(none[0].message, "this scenario is written for no dialect");
    }

    #[test]
    fn an_object_can_be_sent_however_it_is_written() {
        let whole = scenario("{ \"path\":\"src\" }");
        assert!(whole.impossible(Dialect::Gemini, true).is_empty());
    }
}
