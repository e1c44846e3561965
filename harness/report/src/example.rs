//! A small campaign for tests of formats: one case of each conclusion. Plans come from data, as stored ones do.

use std::time::Duration;

use invariants::{Ruling, Subject, Verdict};
use journal::{Actor, Fact, Journal, Record};
use scenario::{Dialect, Place, Plan};
use serde_json::{Value, json};

use crate::campaign::Campaign;
use crate::case::{Breakage, Case, Judged, State};

pub(crate) const SOURCE: &str = "format = 1\ntitle = \"A cut call runs its tool once\"\n\n[expect]\nterminal = \"completed\"\ntool_runs = { list = 1 }\n";

pub(crate) fn plan() -> Plan {
    let run = |run: u32, probe: bool| json!({ "run": run, "marker": format!("[run-{run}]"), "text": "hello", "client": "user", "session": "main", "probe": probe });
    serde_json::from_value(json!({
        "format": 1, "scenario": "stream/cut", "file": "scenarios/stream/cut.toml", "title": "A cut call runs its tool once",
        "seed": 0x5eed, "dialect": "openai-chat", "streamed": true, "judge_policy": true, "delta_bytes": 5,
        "bounds": { "run": "10m", "abort": "2s", "shutdown": "30s", "attempts_per_call": 6, "retry_after_cap": "10m" },
        "needs": [], "runs": [run(1, false), run(2, true)], "steps": [], "expectations": [], "waivers": [],
        "script": { "entries": [] }
    }))
    .expect("is a plan")
}

fn record(seq: u64, actor: Actor, subject: [Option<u32>; 3], fact: Value) -> Record {
    let fact: Fact = serde_json::from_value(fact).expect("is a fact");
    let [run, call, attempt] = subject;
    Record {
        format: 1,
        seq,
        t_ns: seq * 1_250_000,
        actor,
        actor_seq: seq,
        run,
        call,
        attempt,
        fact,
    }
}

/// A journal with every kind of fact; what a reader needs to tell apart is told apart.
pub(crate) fn every_fact() -> (Plan, Journal) {
    let parts: [(Actor, [Option<u32>; 3], Vec<Value>); 5] = [
        (Actor::Provider, [None; 3], provider_of_the_case()),
        (
            Actor::Provider,
            [Some(1), Some(1), Some(1)],
            provider_of_an_attempt(),
        ),
        (Actor::Client, [Some(2), None, None], client()),
        (Actor::Target, [Some(1), None, None], target()),
        (Actor::Runner, [None; 3], runner()),
    ];
    let facts = parts.into_iter().flat_map(|(actor, subject, facts)| {
        facts.into_iter().map(move |fact| (actor, subject, fact))
    });
    let records = facts
        .enumerate()
        .map(|(index, (actor, subject, fact))| record(index as u64 + 1, actor, subject, fact))
        .collect();
    (plan(), Journal { records })
}

fn provider_of_the_case() -> Vec<Value> {
    vec![
        json!({ "kind": "listener-closed" }),
        json!({ "kind": "listener-reopened" }),
        json!({ "kind": "connection-opened", "connection": 1 }),
        json!({ "kind": "connection-closed", "connection": 1, "by": "target", "how": "reset", "in_flight": true }),
        json!({ "kind": "connection-closed", "connection": 2, "by": "provider", "how": "fin", "in_flight": false }),
    ]
}

fn provider_of_an_attempt() -> Vec<Value> {
    let call = json!({ "id": "call_1", "tool": "list", "arguments": "{\"path\":\"src\"}" });
    let cut = json!({ "id": "call_1", "index": 0, "tool": "list", "arguments": "{\"path\":", "whole": false });
    let fault = |outcome: &str| {
        json!({ "kind": "fault", "entry": 0, "point": "after 9 bytes of tool arguments", "action": "reset",
            "outcome": outcome, "expected": "300 bytes, then RST", "observed": "301 bytes, then RST" })
    };
    vec![
        json!({ "kind": "request", "connection": 1, "method": "POST", "path": "/v1/chat/completions", "model": "fake-model", "streamed": true,
            "credential": "canary-1", "auxiliary": false, "messages": 3, "tool_calls": [call], "tool_results": [{ "id": "call_1", "content": "a.txt" }], "digest": "00" }),
        json!({ "kind": "request-refused", "rule": "tool-result-missing", "message": "no result for call_1" }),
        json!({ "kind": "unscripted", "what": "call 1 attempt 3, a retry" }),
        json!({ "kind": "response-started", "entry": 0, "status": 200, "error": null }),
        json!({ "kind": "response-started", "entry": 0, "status": 429, "error": { "code": "rate_limit_exceeded", "nonce": "bo-3f2a9c", "retry_after": "7" } }),
        json!({ "kind": "response-ended", "status": 200, "ended": "by-fault", "said": { "tool_calls": [cut] }, "bytes": 300, "digest": "00" }),
        json!({ "kind": "response-ended", "status": 200, "ended": "complete", "bytes": 1, "digest": "00",
            "said": { "text": "Two files.", "finish": "stop", "end_marker": true, "usage": { "input": 12, "output": 7 } } }),
        json!({ "kind": "response-ended", "status": null, "ended": "target-left", "said": {}, "bytes": 0, "digest": "00" }),
        fault("delivered"),
        fault("unreached"),
        fault("superseded"),
        fault("inapplicable"),
        fault("undelivered"),
    ]
}

fn client() -> Vec<Value> {
    vec![
        json!({ "kind": "run-submitted", "session": "probe", "text": "Are you still there? [run-2]", "probe": true }),
        json!({ "kind": "run-accepted" }),
        json!({ "kind": "run-refused", "status": 429, "message": "too many runs" }),
        json!({ "kind": "subscribed" }),
        json!({ "kind": "disconnected" }),
        json!({ "kind": "events-ended", "polite": true }),
        json!({ "kind": "events-ended", "polite": false }),
        json!({ "kind": "text-delivered", "text": "Two\nfiles" }),
        json!({ "kind": "text-superseded", "text": "Two" }),
        json!({ "kind": "tool-announced", "tool": "list" }),
        json!({ "kind": "tool-reported", "tool": "list", "error": true }),
        json!({ "kind": "other-event", "event": "reasoning.available" }),
        json!({ "kind": "terminal", "terminal": "completed", "output": "Two files.", "error": null, "usage": { "input": 12, "output": 7 }, "via": "events" }),
        json!({ "kind": "terminal", "terminal": "failed", "output": null, "error": "HTTP 401", "usage": null, "via": "status" }),
        json!({ "kind": "stop-requested" }),
        json!({ "kind": "stop-answered", "status": 200 }),
    ]
}

fn target() -> Vec<Value> {
    let built = |replaces: Value, after: &str| {
        json!({ "kind": "client-built", "client": "client-2", "role": "request", "runtime": "main", "transport": "transport-2",
            "replaces": replaces, "config_before": "aa", "config_after": after })
    };
    vec![
        json!({ "kind": "runtime-started", "runtime": "main" }),
        json!({ "kind": "runtime-ended", "runtime": "main" }),
        built(Value::Null, "aa"),
        built(json!("client-1"), "bb"),
        json!({ "kind": "client-closed", "client": "client-2", "by": "owner" }),
        json!({ "kind": "client-dropped", "client": "client-2", "runtime_alive": false }),
        json!({ "kind": "send-on-closed-client", "client": "client-1" }),
        json!({ "kind": "attempt-started", "client": "client-2", "of_call_attempt": 1 }),
        json!({ "kind": "retry-decided", "of_call_attempt": 1, "because": "disconnect", "after_ms": 200 }),
        json!({ "kind": "retry-decided", "of_call_attempt": 3, "because": "disconnect", "after_ms": null }),
        json!({ "kind": "tool-started", "tool_call": "call_1", "tool": "list", "arguments": "{\"path\":\"src\"}" }),
        json!({ "kind": "tool-finished", "tool_call": "call_1", "error": false }),
        json!({ "kind": "background-failure", "message": "task panicked" }),
        json!({ "kind": "shutdown-started" }),
        json!({ "kind": "shutdown-finished", "open_clients": 0, "open_tasks": 0 }),
    ]
}

fn runner() -> Vec<Value> {
    vec![
        json!({ "kind": "case-started", "scenario": "stream/cut", "dialect": "openai-chat", "streamed": true, "seed": 0x5eed, "target": "reference-agent",
            "observes": ["provider", "terminal"], "virtual_time": true }),
        json!({ "kind": "step-started", "step": 0, "action": "say" }),
        json!({ "kind": "wait-timed-out", "step": 1, "within_ms": 5000 }),
        json!({ "kind": "faults-lifted" }),
        json!({ "kind": "run-timed-out", "within_ms": 600_000 }),
        json!({ "kind": "process-started" }),
        json!({ "kind": "process-ready" }),
        json!({ "kind": "process-exited", "code": 0, "signal": null, "expected": true }),
        json!({ "kind": "process-exited", "code": null, "signal": 11, "expected": false }),
        json!({ "kind": "output", "stream": "stderr", "line": "Traceback (most recent call last):" }),
        json!({ "kind": "prompt-shown" }),
        json!({ "kind": "shutdown-requested" }),
        json!({ "kind": "census", "tasks": 0, "provider_connections": 1, "descriptors_grown": 2, "memory_peak_kib": 9000 }),
        json!({ "kind": "census" }),
        json!({ "kind": "killed", "processes": 1 }),
        json!({ "kind": "effects", "lines": ["a", "b"] }),
        json!({ "kind": "canary-searched", "places": 12 }),
        json!({ "kind": "canary-found", "place": "terminal error", "form": "base64" }),
        json!({ "kind": "heartbeat-lagged", "lag_ms": 700 }),
        json!({ "kind": "case-ended" }),
        json!({ "kind": "brand-new" }),
    ]
}

fn verdict(id: &str, ruling: Ruling, because: &str, evidence: &[u64]) -> Verdict {
    Verdict {
        id: id.to_owned(),
        ..Verdict::of(ruling, because, evidence.iter().copied())
    }
}

fn case(scenario: &str, state: State) -> Case {
    Case {
        scenario: scenario.to_owned(),
        file: format!("scenarios/{scenario}.toml"),
        title: "A cut call runs its tool once".to_owned(),
        dialect: Dialect::OpenaiChat,
        streamed: true,
        seed: 0x5eed,
        wall: Duration::from_millis(412),
        folder: Some(format!(
            "campaigns/latest/{}.openai-chat.streamed",
            scenario.replace('/', ".")
        )),
        again: format!("brownout run scenarios/{scenario}.toml --seed 0x5eed --streaming streamed"),
        state,
    }
}

fn judged(verdicts: Vec<Verdict>) -> State {
    let (plan, journal) = every_fact();
    State::Judged(Box::new(Judged {
        plan,
        journal,
        verdicts,
        source: Some(SOURCE.to_owned()),
    }))
}

/// Five cases, one of each conclusion.
pub(crate) fn campaign() -> Campaign {
    let holds = verdict("one-terminal-event", Ruling::Holds, "one", &[]);
    let demanded = Verdict {
        subject: Subject::Expectation,
        place: Some(Place {
            line: 6,
            column: 22,
            length: 1,
        }),
        ..verdict("tool_runs.list", Ruling::Violated, "ran 2 times", &[14, 45])
    };
    let broken_rule = verdict(
        "tool-runs-once",
        Ruling::Violated,
        "list ran 2 times for one call",
        &[45, 46],
    );
    let unreached = verdict(
        "fault-delivered",
        Ruling::Undecided,
        "the fault was never reached",
        &[15],
    );
    let aside = verdict("nothing-left", Ruling::NotApplicable, "no census", &[]);
    let cases = vec![
        case("auth/401-first-call", judged(vec![holds.clone(), aside])),
        case(
            "stream/cut",
            judged(vec![holds.clone(), demanded, broken_rule]),
        ),
        case("stream/stalled", judged(vec![holds, unreached])),
        case(
            "cancel/stop",
            State::Skipped {
                needs: vec!["stop".to_owned(), "tool:effect".to_owned()],
                reasons: vec!["gemini has no end marker".to_owned()],
            },
        ),
        case(
            "ending/late",
            State::Broken {
                kind: Breakage::Target,
                message: "the target was not ready within 30s; it said last: `port: in use`"
                    .to_owned(),
            },
        ),
    ];
    let mut campaign = Campaign {
        id: "2026-01-02T03-04-05".to_owned(),
        target: "reference-agent".to_owned(),
        seed: 0x5eed,
        virtual_time: true,
        wall: Duration::from_millis(1912),
        selected: cases.len(),
        cases,
    };
    campaign.sort();
    campaign
}
