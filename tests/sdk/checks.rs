//! What an SDK is put through: what the provider is told to say, and what the SDK has to make of it. Knows no socket.

use serde_json::{Value, json};

/// An SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sdk {
    Python,
    Node,
}

/// One thing that is tried. Its run is known by a marker in the prompt.
#[derive(Debug)]
pub(crate) struct Check {
    /// What is tried, and how: `text/streamed`.
    pub(crate) name: String,
    /// Its run, counted from 1.
    pub(crate) run: u32,
    /// What is said to which request: the entries of a script, without their run.
    said: Vec<Said>,
    /// What the SDK's script has to print.
    pub(crate) saw: Value,
    /// The calls and attempts that the provider has to count.
    pub(crate) attempts: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct Said {
    call: u32,
    attempt: u32,
    /// `reply = …`, `fault = …` or both.
    answer: String,
}

/// Who was refused in earnest, rather than because the script says so: each mode once, and nobody else.
pub(crate) const REFUSED: [(&str, &str); 4] = [
    ("wrong-key/whole", "unknown-credential"),
    ("broken-history/whole", "tool-result-orphan"),
    ("wrong-key/streamed", "unknown-credential"),
    ("broken-history/streamed", "tool-result-orphan"),
];

/// Checks that ask for no completion.
pub(crate) fn lists() -> [(&'static str, Value); 2] {
    [
        ("models", json!(["fake-model", "gpt-4o", "gpt-4o-mini"])),
        ("model", json!("gpt-4o-mini")),
    ]
}

const MODES: [&str; 2] = ["whole", "streamed"];

/// A status, the class that both SDKs have for it, and the provider's code.
const STATUSES: [(u16, &str, Option<&str>); 9] = [
    (400, "BadRequestError", None),
    (401, "AuthenticationError", Some("invalid_api_key")),
    (
        403,
        "PermissionDeniedError",
        Some("unsupported_country_region_territory"),
    ),
    (404, "NotFoundError", Some("model_not_found")),
    (409, "ConflictError", Some("conflict")),
    (
        422,
        "UnprocessableEntityError",
        Some("unprocessable_entity"),
    ),
    (429, "RateLimitError", Some("rate_limit_exceeded")),
    (500, "InternalServerError", None),
    (503, "InternalServerError", Some("server_is_overloaded")),
];

const TOOL_CALLS: &str = r#"reply = { text = "Let me look.", tool_calls = [
    { tool = "list", arguments = { path = "src" } },
    { tool = "read", arguments = { path = "wörld \"quoted\" 🎉.md" } },
] }"#;

/// Every check of an SDK.
pub(crate) fn of(sdk: Sdk) -> Vec<Check> {
    let mut checks: Vec<Check> = MODES.iter().flat_map(|mode| of_mode(sdk, mode)).collect();
    checks.push(usage());
    checks.push(stream_helper());
    if sdk == Sdk::Python {
        checks.push(text("async/streamed", "stop", &Value::Null));
    }
    for (run, check) in (1..).zip(&mut checks) {
        check.run = run;
    }
    checks
}

fn of_mode(sdk: Sdk, mode: &str) -> Vec<Check> {
    // Without being asked, a stream tells no usage.
    let usage = if mode == "whole" {
        json!([12, 7, 19])
    } else {
        Value::Null
    };
    let mut checks = vec![
        text(&format!("text/{mode}"), "stop", &usage),
        text(&format!("length/{mode}"), "length", &usage),
        tools(mode),
        retried(mode),
    ];
    for (status, class, code) in STATUSES {
        let answer = format!("fault = {{ action = \"status\", status = {status} }}");
        let saw = refusal(status, class, code);
        checks.push(once(format!("status-{status}/{mode}"), answer, saw));
    }
    let answer = "fault = { at = \"before-headers\", action = \"reset\" }".to_owned();
    let saw = json!({"class": "APIConnectionError"});
    checks.push(once(format!("reset-before-the-head/{mode}"), answer, saw));
    let answer = "reply = { text = \"Hello wörld.\" }\nfault = { at = \"text\", after_bytes = 5, action = \"reset\" }";
    let saw = json!({"class": class_of_a_broken_body(sdk)});
    checks.push(once(
        format!("reset-in-the-body/{mode}"),
        answer.to_owned(),
        saw,
    ));
    // What is refused in earnest is never looked up in the script.
    let never = || "reply = { text = \"This is never said.\" }".to_owned();
    let saw = refusal(401, "AuthenticationError", Some("invalid_api_key"));
    checks.push(once(format!("wrong-key/{mode}"), never(), saw));
    let saw = refusal(400, "BadRequestError", None);
    checks.push(once(format!("broken-history/{mode}"), never(), saw));
    checks
}

/// Node's SDK hands on what `fetch` throws once the head was read.
const fn class_of_a_broken_body(sdk: Sdk) -> &'static str {
    match sdk {
        Sdk::Python => "APIConnectionError",
        Sdk::Node => "TypeError",
    }
}

fn text(name: &str, finish: &str, usage: &Value) -> Check {
    let streamed = name.ends_with("streamed");
    let answer =
        format!("reply = {{ text = \"Hello wörld 🎉 \\\"end\\\".\", finish = \"{finish}\" }}");
    let saw = json!({
        "text": "Hello wörld 🎉 \"end\".",
        "calls": [],
        "role": "assistant",
        "finish": finish,
        "usage": usage,
        "object": if streamed { "chat.completion.chunk" } else { "chat.completion" },
    });
    once(name.to_owned(), answer, saw)
}

fn usage() -> Check {
    let mut check = text("usage/streamed", "stop", &json!([1000, 30, 1030]));
    check.said[0].answer = check.said[0]
        .answer
        .replace(" }", ", usage = { input = 1000, output = 30 } }");
    check
}

fn tools(mode: &str) -> Check {
    let saw = json!({
        "calls": [["list", {"path": "src"}], ["read", {"path": "wörld \"quoted\" 🎉.md"}]],
        "ids": 2,
        "finish": ["tool_calls", "stop"],
        "text": "Both done.",
    });
    let mut check = once(format!("tools/{mode}"), TOOL_CALLS.to_owned(), saw);
    check
        .said
        .push(said(2, 1, "reply = { text = \"Both done.\" }"));
    check.attempts.push((2, 1));
    check
}

fn stream_helper() -> Check {
    let saw = json!({
        "calls": [["list", {"path": "src"}], ["read", {"path": "wörld \"quoted\" 🎉.md"}]],
        "text": "Let me look.",
        "finish": "tool_calls",
        "usage": [12, 7, 19],
        "events": ["content.done", "tool_calls.function.arguments.done"],
    });
    once("helper/streamed".to_owned(), TOOL_CALLS.to_owned(), saw)
}

/// What the SDK says of its attempts, in a header, is what the provider counts.
fn retried(mode: &str) -> Check {
    let answer = "fault = { action = \"status\", status = 429, retry_after = \"1\" }".to_owned();
    let saw = json!({"text": "Thank you for waiting.", "sent": ["0", "1"], "waited": true});
    let mut check = once(format!("retry/{mode}"), answer, saw);
    check
        .said
        .push(said(1, 2, "reply = { text = \"Thank you for waiting.\" }"));
    check.attempts.push((1, 2));
    check
}

fn refusal(status: u16, class: &str, code: Option<&str>) -> Value {
    json!({"class": class, "status": status, "code": code, "ref": true, "request_id": true})
}

/// A check of one request.
fn once(name: String, answer: String, saw: Value) -> Check {
    Check {
        name,
        run: 0,
        said: vec![said(1, 1, &answer)],
        saw,
        attempts: vec![(1, 1)],
    }
}

fn said(call: u32, attempt: u32, answer: &str) -> Said {
    Said {
        call,
        attempt,
        answer: answer.to_owned(),
    }
}

impl Check {
    /// Its entries of the script.
    pub(crate) fn script(&self) -> String {
        let entries = self.said.iter().map(|said| {
            let Said { call, attempt, answer } = said;
            format!(
                "[[provider]]\nwhen = {{ run = {}, call = {call}, attempt = {attempt} }}\n{answer}\n",
                self.run
            )
        });
        entries.collect()
    }

    /// The marker of its prompt, and its run.
    pub(crate) fn marker(&self) -> (String, u32) {
        (format!("[{}]", self.name), self.run)
    }
}
