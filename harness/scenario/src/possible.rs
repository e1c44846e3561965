//! Which cells of the matrix a scenario can be played in at all: what it asks for has to exist in the dialect and in the mode.

use provider_script::ToolCall;
use wire_faults::Fault;

use crate::dialect::Dialect;
use crate::scenario::Scenario;

impl Scenario {
    /// Why this scenario cannot be played in a dialect, streamed or not; nothing if it can. Each reason once.
    #[must_use]
    pub fn impossible(&self, dialect: Dialect, streamed: bool) -> Vec<String> {
        if !self.dialects.is_empty() && !self.dialects.contains(&dialect) {
            let names: Vec<_> = self.dialects.iter().map(|known| known.as_str()).collect();
            return vec![format!("written for {}", names.join(", "))];
        }
        let entries = &self.script.entries;
        let mut calls = entries.iter().flat_map(|entry| {
            let reply = entry.reply.as_ref();
            reply.map_or(&[][..], |reply| reply.tool_calls.as_slice())
        });
        let broken = calls.any(is_broken).then(|| no_text(dialect, streamed));
        let faults = entries.iter().flat_map(|entry| &entry.faults);
        let faults = faults.map(|fault| not_there(fault, dialect, streamed));
        let mut reasons: Vec<String> = Vec::new();
        for reason in broken.into_iter().chain(faults).flatten() {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
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
fn not_there(fault: &Fault, dialect: Dialect, streamed: bool) -> Option<String> {
    let (point, action) = (fault.point.name(), fault.action.name());
    let in_streams = dialect.shape(true).allows(point, action);
    if in_streams.is_ok() && !streamed {
        return None;
    }
    let reason = dialect.shape(streamed).allows(point, action).err()?;
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
            assert_eq!(scenario.lacks(&[], false), [crate::Need::Streamed]);
        }
        for dialect in [Dialect::OpenaiResponses, Dialect::Gemini, Dialect::Ollama] {
            let expected = format!(
                "no close before the end marker in {dialect}: this dialect has no terminal marker: its stream just ends"
            );
            assert_eq!(scenario.impossible(dialect, true), [expected]);
        }
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
