//! What every client is put through where nothing is broken on purpose: what is said, and what it has to see.

use serde_json::{Value, json};

use super::words;
use crate::roster::{
    CHAT, Client, Dialect, Family, GEMINI, Home, Lane, MESSAGES, OLLAMA, RESPONSES,
};
use crate::stage::KEY;

/// One thing that is tried, in one way.
#[derive(Debug)]
pub(crate) struct Check {
    /// `openai-chat/streamed/text`.
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) mode: &'static str,
    /// What the driver is told to ask.
    pub(crate) what: &'static str,
    pub(crate) key: &'static str,
    pub(crate) retries: u32,
    pub(crate) script: String,
    /// What has to be seen; more may be.
    pub(crate) saw: Value,
    /// Whether what is seen is an error that the provider told.
    pub(crate) error: bool,
    /// How many requests for an answer the provider has to count, where that is not the client's own affair.
    pub(crate) requests: usize,
    /// How many seconds have to lie between two requests.
    pub(crate) apart: f64,
    /// By which rule the provider has to refuse the request, if at all.
    pub(crate) refused: Option<&'static str>,
}

/// Where a check is made.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) client: &'static Client,
    pub(super) dialect: Dialect,
    pub(super) mode: &'static str,
}

const SAID: &str = "Hello wörld 🎉 \"end\".";
const TOOL_CALLS: &str = r#"[[provider]]
when = { call = 1 }
reply = { text = "Let me look.", tool_calls = [
    { tool = "list", arguments = { path = "src" } },
    { tool = "read", arguments = { path = "wörld \"quoted\" 🎉.md" } },
] }
[[provider]]
when = { call = 2 }
reply = { text = "Both done." }
"#;

/// Every check of a client.
pub(crate) fn of(client: &'static Client) -> Vec<Check> {
    let mut checks = Vec::new();
    for Lane { dialect, modes } in client.lanes {
        for mode in *modes {
            let place = Place {
                client,
                dialect,
                mode,
            };
            checks.extend(answers(place));
            checks.extend(errors(place));
        }
        let place = Place {
            client,
            dialect,
            mode: "whole",
        };
        checks.extend(lists(place));
    }
    checks
}

/// Answers of every kind.
fn answers(place: Place) -> Vec<Check> {
    let finish = |why| words::finish(place.client.family, place.dialect, why);
    let text_only = place.mode == "text-stream";
    let mut checks = Vec::new();
    for why in ["stop", "length"] {
        let reply = format!("reply = {{ text = {SAID:?}, finish = \"{why}\" }}");
        let mut saw = json!({"text": SAID});
        if !text_only {
            saw["finish"] = finish(why).into();
            saw["usage"] = json!([12, 7]);
        }
        if let (Some(class), "length") = (place.of_what_is_cut_off(), why) {
            saw["class"] = class.into();
        }
        let name = if why == "stop" { "text" } else { why };
        checks.push(place.check(name, "text", entry(&reply), saw));
    }
    if text_only {
        return checks;
    }
    // LiteLLM gives every call of Ollama's streams the same index, and so makes one of two.
    if (place.client.family, place.dialect) != (Family::Litellm, OLLAMA)
        || place.mode.ends_with("whole")
    {
        checks.push(tools(place));
    }
    checks.extend(reasoning(place));
    checks.extend(summary(place));
    checks.extend(refusal(place));
    checks.push(usage(place));
    checks.extend(quirks(place));
    checks
}

fn tools(place: Place) -> Check {
    let finish = |why| words::finish(place.client.family, place.dialect, why);
    let mut saw = json!({
        "calls": [["list", {"path": "src"}], ["read", {"path": "wörld \"quoted\" 🎉.md"}]],
        "first": {"text": "Let me look.", "finish": finish("tool-calls")},
        "text": "Both done.",
        "finish": finish("stop"),
    });
    // Elsewhere a call may go without an id.
    if !matches!(place.dialect, GEMINI | OLLAMA) {
        saw["ids"] = json!(2);
    }
    let mut check = place.check("tools", "tools", TOOL_CALLS.to_owned(), saw);
    check.requests = 2;
    check
}

/// Reasoning, where the client's types have a place for it.
fn reasoning(place: Place) -> Option<Check> {
    let Place {
        client, dialect, ..
    } = place;
    let quirk = match (client.family, dialect) {
        // Chat Completions has reasoning only where a provider of its own kind sends it.
        (Family::AsyncOpenai, CHAT) => return None,
        // Only the package for providers of any kind reads it.
        (Family::Ai, CHAT) if client.variant.is_empty() => return None,
        // The summary is all that it looks for.
        (Family::Ai, RESPONSES) => return None,
        (_, CHAT) => "quirk = \"deepseek\"\n",
        _ => "",
    };
    let reply = format!("{quirk}reply = {{ reasoning = \"Two and two.\", text = \"Four.\" }}");
    let saw = json!({"reasoning": "Two and two.", "text": "Four."});
    Some(place.check("reasoning", "text", entry(&reply), saw))
}

/// A summary of the reasoning, which Responses tells whoever asks for it.
fn summary(place: Place) -> Option<Check> {
    if place.dialect != RESPONSES {
        return None;
    }
    let reply = "reply = { reasoning = \"Two and two.\", text = \"Four.\" }";
    let saw = json!({"reasoning": "Two and two.", "text": "Four."});
    Some(place.check("summary", "reasoning", entry(reply), saw))
}

/// A refusal, in the dialects that have one.
fn refusal(place: Place) -> Option<Check> {
    let said = "I cannot help with that.";
    let saw = match (place.client.family, place.dialect) {
        (Family::Openai | Family::AsyncOpenai, CHAT | RESPONSES) => json!({"refusal": said}),
        (Family::Anthropic, MESSAGES) => json!({"finish": "refusal"}),
        _ => return None,
    };
    let reply = entry(&format!("reply = {{ refusal = {said:?} }}"));
    Some(place.check("refusal", "text", reply, saw))
}

fn usage(place: Place) -> Check {
    let reply = "reply = { text = \"Done.\", usage = { input = 1000, cached = 600, output = 30, reasoning = 10 } }";
    // Only Anthropic leaves what came from the cache out of what was read.
    let read = match (place.client.family, place.dialect) {
        (Family::Anthropic, MESSAGES) => 400,
        _ => 1000,
    };
    let mut saw = json!({"text": "Done.", "usage": [read, 30]});
    if place.dialect != OLLAMA {
        saw["cached"] = json!(600);
    }
    place.check("usage", "text", entry(reply), saw)
}

/// What providers of the same dialect do otherwise is accepted by everybody who speaks it.
fn quirks(place: Place) -> Vec<Check> {
    if place.dialect != CHAT {
        return Vec::new();
    }
    let quirks = ["azure", "deepseek", "openrouter", "vllm", "empty-finish"];
    let check = |quirk: &str| {
        let reply = format!("quirk = \"{quirk}\"\nreply = {{ text = {SAID:?} }}");
        let strict = place.client.family == Family::AsyncOpenai && place.mode == "streamed";
        let saw = match quirk {
            // Its types know four words for the end, and an empty one is none of them.
            "empty-finish" if strict => json!({"class": "JSONDeserialize"}),
            _ => json!({"text": SAID}),
        };
        place.check(quirk, "text", entry(&reply), saw)
    };
    quirks.map(check).into()
}

/// Errors that a provider tells.
fn errors(place: Place) -> Vec<Check> {
    let statuses: &[u16] = match place.dialect {
        MESSAGES => &[400, 401, 403, 404, 413, 429, 500, 529],
        GEMINI | OLLAMA => &[400, 403, 404, 429, 500, 503],
        _ => &[400, 401, 403, 404, 409, 422, 429, 500, 503],
    };
    let mut checks: Vec<Check> = statuses
        .iter()
        .map(|status| {
            let fault = format!("fault = {{ action = \"status\", status = {status} }}");
            let saw = place.told(*status);
            let mut check = place.check(&format!("status-{status}"), "text", entry(&fault), saw);
            check.error = true;
            check.requests = place.requests_when(*status);
            check
        })
        .collect();
    checks.extend(refused(place));
    if place.mode == "whole" {
        checks.extend(retried(place));
        checks.extend(told_when(place));
    }
    checks
}

/// What the provider refuses by itself, whatever the script says.
fn refused(place: Place) -> Vec<Check> {
    let never = || entry("reply = { text = \"This is never said.\" }");
    let mut checks = Vec::new();
    // Gemini takes a wrong key for a bad request.
    let mut saw = place.told(if place.dialect == GEMINI { 400 } else { 401 });
    if (place.client.family, place.dialect) == (Family::Litellm, GEMINI) {
        saw = json!({"class": "AuthenticationError", "status": 401});
    }
    let mut check = place.check("wrong-key", "text", never(), saw);
    check.key = "sk-somebody-elses-key-0000";
    check.error = true;
    check.refused = Some("unknown-credential");
    // Ollama asks nobody for a key.
    if place.dialect != OLLAMA {
        checks.push(check);
    }
    // Others mend a history before they send it, or have no ids that could be wrong.
    if matches!(
        place.client.family,
        Family::Openai | Family::Anthropic | Family::AsyncOpenai
    ) {
        let mut check = place.check("orphan", "orphan", never(), place.told(400));
        check.error = true;
        check.refused = Some("tool-result-orphan");
        checks.push(check);
    }
    checks
}

/// A client that is asked to wait does wait, and then gets its answer.
fn retried(place: Place) -> Option<Check> {
    let patient = match place.client.family {
        Family::Genai => false,
        Family::Litellm => place.dialect == CHAT,
        _ => true,
    };
    let script = "[[provider]]\nwhen = { attempt = 1 }\nfault = { action = \"status\", status = 429, retry_after = \"1\" }\n\
                  [[provider]]\nwhen = { attempt = 2 }\nreply = { text = \"Thank you for waiting.\" }\n";
    let saw = json!({"text": "Thank you for waiting."});
    let mut check = place.check("retry", "text", script.to_owned(), saw);
    check.retries = 2;
    check.requests = 2;
    check.apart = 1.0;
    patient.then_some(check)
}

/// The clients of both providers know three more ways to be told when to try again, and whether.
fn told_when(place: Place) -> Vec<Check> {
    if !matches!(place.client.family, Family::Openai | Family::Anthropic) {
        return Vec::new();
    }
    let again = json!({"text": "Once more."});
    let check = |name, answer: &str, saw: &Value, requests| {
        let script = format!(
            "[[provider]]\nwhen = {{ attempt = 1 }}\nfault = {{ action = \"status\", {answer} }}\n\
             [[provider]]\nwhen = {{ attempt = 2 }}\nreply = {{ text = \"Once more.\" }}\n"
        );
        Check {
            retries: 2,
            requests,
            error: requests == 1,
            ..place.check(name, "text", script, saw.clone())
        }
    };
    let date = "status = 429, retry_after_date = \"2s\"";
    let ms = "status = 429, retry_after = \"30\", retry_after_ms = \"1200\"";
    vec![
        Check {
            apart: 1.9,
            ..check("retry-at-date", date, &again, 2)
        },
        Check {
            apart: 1.2,
            ..check("retry-in-milliseconds", ms, &again, 2)
        },
        check(
            "retry-if-told",
            "status = 400, should_retry = true",
            &again,
            2,
        ),
        check(
            "no-retry-if-told",
            "status = 500, should_retry = false",
            &place.told(500),
            1,
        ),
    ]
}

/// Whatever is asked beside completions.
fn lists(place: Place) -> Vec<Check> {
    let never = || entry("reply = { text = \"This is never said.\" }");
    let mut checks = Vec::new();
    let plain = |what, saw| Check {
        requests: 0,
        ..place.check(what, what, never(), saw)
    };
    match (place.client.family, place.dialect) {
        (Family::Openai | Family::AsyncOpenai, CHAT) => {
            checks.push(plain("model", json!({"models": ["gpt-4o-mini"]})));
            checks.push(plain("models", json!({})));
            let mut saw = json!({"vectors": [1536, 1536]});
            if place.client.family == Family::Openai {
                // It asks for base64 unless it is told otherwise: the same numbers, and not the same for another text.
                saw["same"] = json!([true, true, false]);
            }
            checks.push(plain("embeddings", saw));
        }
        (Family::Openai, RESPONSES) => checks.push(continued(place)),
        (Family::Anthropic, MESSAGES) => {
            checks.push(plain("models", json!({})));
            checks.push(plain("count", json!({"counted": true})));
        }
        (Family::Genai, GEMINI) => {
            checks.push(plain("models", json!({})));
            checks.push(plain("count", json!({"counted": true})));
            checks.push(plain("embeddings", json!({})));
        }
        (Family::Litellm, CHAT) => checks.push(plain("embeddings", json!({}))),
        (Family::Ai, CHAT) if place.client.variant.is_empty() => {
            checks.push(plain("embeddings", json!({})));
        }
        _ => {}
    }
    checks
}

/// An answer that continues another, is fetched once more by its id, and deleted.
fn continued(place: Place) -> Check {
    let script = "[[provider]]\nwhen = { prompt = \"Go on.\", conversation = \"resp_*\" }\nreply = { text = \"Two.\" }\n\
                  [[provider]]\nreply = { text = \"One.\" }\n";
    let saw = json!({"text": "Two.", "again": ["Two.", true], "deleted": 404});
    Check {
        requests: 2,
        ..place.check("continued", "continued", script.to_owned(), saw)
    }
}

impl Place {
    fn check(self, name: &str, what: &'static str, script: String, saw: Value) -> Check {
        Check {
            name: format!("{}/{}/{name}", self.dialect, self.mode),
            dialect: self.dialect,
            mode: self.mode,
            what,
            key: KEY,
            retries: 0,
            script,
            saw,
            error: false,
            requests: 1,
            apart: 0.0,
            refused: None,
        }
    }

    /// What an error of the provider looks like.
    fn told(self, status: u16) -> Value {
        let (class, status) = words::error(self.client, self.dialect, self.mode, status);
        match self.mode {
            // The stream of text just ends; only a callback is told.
            "text-stream" => json!({"told": class}),
            _ => json!({"class": class, "status": status}),
        }
    }

    /// The helpers of Python's SDK want an answer that is whole.
    fn of_what_is_cut_off(self) -> Option<&'static str> {
        let Home::Python {
            package: "openai", ..
        } = self.client.home
        else {
            return None;
        };
        match (self.mode.ends_with("helper"), self.dialect) {
            (false, _) => None,
            (true, CHAT) => Some("LengthFinishReasonError"),
            (true, _) => Some("builtins.RuntimeError"),
        }
    }

    /// One, except for the client whose retries cannot be switched off.
    fn requests_when(self, status: u16) -> usize {
        match (self.client.family, status) {
            (Family::AsyncOpenai, 429 | 500..) => 4,
            _ => 1,
        }
    }
}

fn entry(body: &str) -> String {
    format!("[[provider]]\n{body}\n")
}
