//! What every accent has to keep, and what is each one's own.

use fault_io::Contract;
use journal::Said;
use provider_script::{Reply, ToolCall};
use serde_json::json;
use wire_faults::StatusAnswer;

use super::*;
use crate::chat::Chat;
use crate::example::Example;
use crate::protocol::{InBandError, Protocol as _, Violation};
use crate::sent::Sent;

const ACCENTS: [Option<Quirk>; 6] = [
    None,
    Some(Quirk::Azure),
    Some(Quirk::Deepseek),
    Some(Quirk::Openrouter),
    Some(Quirk::Vllm),
    Some(Quirk::EmptyFinish),
];

fn reply() -> Reply {
    let call = |path: &str| ToolCall {
        tool: "list".into(),
        arguments: serde_json::Map::from_iter([("path".to_owned(), json!(path))]),
        raw_arguments: None,
    };
    Reply {
        text: Some("Grüße 🎉, \"quoted\".".into()),
        reasoning: Some("Hmm.".into()),
        tool_calls: vec![call("a"), call("b\"c")],
        ..Reply::default()
    }
}

/// The bytes of an answer, the body alone, and what is read back of it when it is cut after `left` bytes.
fn wire(reply: &Reply, quirk: Option<Quirk>, streamed: bool, wants: &Value) -> (Vec<u8>, String) {
    let example = Example::of(reply, streamed);
    let wants = wants.into();
    let mut rendering = example.rendering(&wants);
    rendering.asking.quirk = quirk;
    let response = Chat.reply(&rendering);
    let body = String::from_utf8(response.body.clone()).expect("is text");
    (Contract::plain(&response).wire().to_vec(), body)
}

fn said(reply: &Reply, wire: &[u8]) -> Said {
    Chat.said(&Sent::read(wire), &Example::of(reply, true).calls)
}

#[test]
fn every_accent_is_read_back_as_it_was_meant_wherever_it_is_cut() {
    let reply = reply();
    let text = reply.text.clone().expect("says something");
    for quirk in ACCENTS {
        for streamed in [true, false] {
            let wants = json!({"stream_options": {"include_usage": true}});
            let (wire, _) = wire(&reply, quirk, streamed, &wants);
            let whole = said(&reply, &wire);
            assert_eq!(whole.text, text, "{quirk:?}");
            assert_eq!(whole.finish.as_deref(), Some("tool-calls"), "{quirk:?}");
            assert!(whole.end_marker && whole.usage.is_some(), "{quirk:?}");
            assert_eq!(whole.tool_calls.len(), 2, "{quirk:?}");
            assert!(whole.tool_calls.iter().all(|call| call.whole), "{whole:?}");
            // Of every kind of byte some, since each cut is read from the start.
            for cut in (0..wire.len()).step_by(11) {
                let said = said(&reply, &wire[..cut]);
                assert!(text.starts_with(&said.text), "{quirk:?} {cut}: {said:?}");
            }
        }
    }
}

fn chunks(quirk: Option<Quirk>, reply: &Reply, wants: &Value) -> Vec<Value> {
    let (_, body) = wire(reply, quirk, true, wants);
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let chunks = data.filter(|data| *data != "[DONE]");
    chunks
        .map(|data| serde_json::from_str(data).expect("is JSON"))
        .collect()
}

#[test]
fn a_refusal_has_a_place_of_its_own_or_is_text() {
    let reply = Reply {
        refusal: Some("I cannot help with that.".into()),
        ..Reply::default()
    };
    for quirk in ACCENTS {
        let chunks = chunks(quirk, &reply, &json!({}));
        let joined = |member: &str| -> String {
            let deltas = chunks
                .iter()
                .map(|chunk| &chunk["choices"][0]["delta"][member]);
            deltas.filter_map(Value::as_str).collect()
        };
        let member = match quirk {
            Some(Quirk::Deepseek | Quirk::Vllm) => "content",
            _ => "refusal",
        };
        assert_eq!(joined(member), "I cannot help with that.", "{quirk:?}");
        let (wire, _) = wire(&reply, quirk, false, &json!({}));
        assert_eq!(
            said(&reply, &wire).text,
            "I cannot help with that.",
            "{quirk:?}"
        );
    }
}

#[test]
fn several_choices_and_padding_are_told_as_they_are_asked_for() {
    let wants = json!({"n": 3, "stream_options": {"include_obfuscation": false}});
    let chunks_ = chunks(None, &reply(), &wants);
    for choice in 0..3 {
        let own = chunks_
            .iter()
            .filter(|chunk| chunk["choices"][0]["index"] == choice);
        let finish = own
            .filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str())
            .next_back();
        assert_eq!(
            finish,
            Some(if choice == 0 { "tool_calls" } else { "stop" })
        );
    }
    assert!(
        chunks_
            .iter()
            .all(|chunk| chunk.get("obfuscation").is_none())
    );
    let padded = chunks(None, &reply(), &json!({}));
    let lengths: std::collections::BTreeSet<usize> = padded
        .iter()
        .map(|chunk| chunk["obfuscation"].as_str().expect("is padded").len())
        .collect();
    assert!(lengths.len() > 3, "{lengths:?}");
    let (_, whole) = wire(&reply(), None, false, &wants);
    let whole: Value = serde_json::from_str(&whole).expect("is JSON");
    assert_eq!(whole["choices"].as_array().map(Vec::len), Some(3));
}

#[test]
fn each_has_its_marks() {
    let usage = json!({"stream_options": {"include_usage": true}});
    let azure = chunks(Some(Quirk::Azure), &reply(), &usage);
    assert!(azure[0]["prompt_filter_results"].is_array() && azure[0]["choices"] == json!([]));
    let deepseek = chunks(Some(Quirk::Deepseek), &reply(), &usage);
    assert_eq!(
        deepseek[1]["choices"][0]["delta"],
        json!({"content": null, "reasoning_content": "Hmm."})
    );
    assert!(
        deepseek
            .last()
            .is_some_and(|last| last["usage"]["prompt_cache_miss_tokens"] == 12)
    );
    let empty = chunks(Some(Quirk::EmptyFinish), &reply(), &json!({}));
    assert_eq!(empty[0]["choices"][0]["finish_reason"], "");
    let (_, openrouter) = wire(&reply(), Some(Quirk::Openrouter), true, &usage);
    assert!(openrouter.starts_with(": OPENROUTER PROCESSING\n\n"));
    let vllm = chunks(Some(Quirk::Vllm), &reply(), &usage);
    assert!(vllm.iter().all(|chunk| chunk.get("obfuscation").is_none()));
}

#[test]
fn usage_says_what_came_from_a_cache_and_what_was_thought() {
    let reply = Reply {
        usage: Some(provider_script::Usage {
            input: 100,
            output: 50,
            cached: 64,
            reasoning: 32,
        }),
        ..reply()
    };
    let usage = json!({"stream_options": {"include_usage": true}});
    for quirk in [
        None,
        Some(Quirk::Azure),
        Some(Quirk::Deepseek),
        Some(Quirk::Openrouter),
    ] {
        let chunks = chunks(quirk, &reply, &usage);
        let usage = &chunks.last().expect("has chunks")["usage"];
        assert_eq!(
            usage["prompt_tokens_details"]["cached_tokens"], 64,
            "{quirk:?}"
        );
        assert_eq!(
            usage["completion_tokens_details"]["reasoning_tokens"], 32,
            "{quirk:?}"
        );
    }
}

fn told(quirk: Quirk, problem: &Problem<'_>) -> (u16, Value, ErrorSent) {
    let reply = reply();
    let example = Example::of(&reply, true);

    let mut asking = example.rendering(&crate::json::NULL).asking;
    (asking.quirk, asking.key) = (Some(quirk), Some("sk-canary-0123"));
    let answer = super::problem(problem, &asking);
    let body = serde_json::from_slice(&answer.body).expect("is JSON");
    (answer.status, body, answer.sent)
}

fn status(status: u16) -> StatusAnswer {
    StatusAnswer {
        status,
        ..StatusAnswer::default()
    }
}

#[test]
fn errors_have_the_providers_own_shape_and_the_nonce() {
    for quirk in [
        Quirk::Azure,
        Quirk::Deepseek,
        Quirk::Openrouter,
        Quirk::Vllm,
    ] {
        for number in [400, 401, 402, 404, 429, 500, 503] {
            let (answered, body, sent) = told(quirk, &Problem::Scripted(&status(number)));
            assert_eq!(answered, number, "{quirk}");
            assert!(body.to_string().contains(&sent.nonce), "{quirk}: {body}");
            assert!(
                !body.to_string().contains("sk-canary-0123"),
                "{quirk}: {body}"
            );
        }
    }
    let (_, azure, _) = told(Quirk::Azure, &Problem::Scripted(&status(429)));
    assert_eq!(azure["error"]["code"], "429");
    assert!(azure["error"].get("type").is_none());
    let (_, deepseek, _) = told(Quirk::Deepseek, &Problem::Scripted(&status(401)));
    assert!(
        deepseek["error"]["message"]
            .as_str()
            .is_some_and(|message| message.contains("****0123 is invalid"))
    );
    let (_, openrouter, _) = told(Quirk::Openrouter, &Problem::Scripted(&status(404)));
    assert_eq!(openrouter["error"]["code"], 404);
    let (_, vllm, _) = told(Quirk::Vllm, &Problem::Scripted(&status(404)));
    assert_eq!(
        (&vllm["object"], &vllm["type"]),
        (&json!("error"), &json!("NotFoundError"))
    );
    let wrong = Violation::new("wrong-type", "no").at("messages[2].content");
    let (answered, detail, _) = told(Quirk::Vllm, &Problem::Violation(wrong));
    assert_eq!(
        (answered, &detail["detail"][0]["loc"]),
        (422, &json!(["body", "messages", 2, "content"]))
    );
}

#[test]
fn deepseek_tells_nothing_of_a_short_key() {
    for key in ["", "1", "1234", "sk-1234", "sk-12345678"] {
        let told = super::deepseek::usual(401, Some(key)).expect("has words");
        assert!(told.contains("api key: **** is invalid"), "{told}");
    }
    let told = super::deepseek::usual(401, Some("sk-123456789")).expect("has words");
    assert!(told.contains("api key: ****6789 is invalid"), "{told}");
}

#[test]
fn a_key_is_repeated_where_that_is_asked_whoever_speaks() {
    for quirk in [
        Quirk::Azure,
        Quirk::Deepseek,
        Quirk::Openrouter,
        Quirk::Vllm,
    ] {
        for number in [401, 404, 429] {
            let answer = StatusAnswer {
                echo_key: true,
                ..status(number)
            };
            let (_, body, _) = told(quirk, &Problem::Scripted(&answer));
            let told = body.to_string().matches("sk-canary-0123").count();
            assert_eq!(told, 1, "{quirk} {number}: {body}");
        }
    }
}

#[test]
fn an_error_inside_a_stream_is_a_chunk_of_openrouter_and_an_object_of_vllm() {
    let reply = reply();
    let example = Example::of(&reply, true);

    let told = |quirk| -> Value {
        let mut rendering = example.rendering(&crate::json::NULL);
        rendering.asking.quirk = Some(quirk);
        let error = InBandError {
            answer: &status(502),
            flat: false,
            events_before: 2,
        };
        let told = Chat.in_band_error(&error, &rendering).expect("has one");
        assert_eq!(told.frames[1..], [b"data: [DONE]\n\n".to_vec()]);
        let frame = String::from_utf8(told.frames[0].clone()).expect("is text");
        let data = frame
            .strip_prefix("data: ")
            .and_then(|data| data.strip_suffix("\n\n"));
        serde_json::from_str(data.expect("is an event")).expect("is JSON")
    };
    let chunk = told(Quirk::Openrouter);
    assert_eq!(chunk["error"]["code"], 502);
    assert_eq!(chunk["choices"][0]["finish_reason"], "error");
    assert_eq!(told(Quirk::Vllm)["object"], "error");
}
