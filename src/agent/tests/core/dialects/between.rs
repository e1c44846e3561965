//! What happens between two dialects, and where each wants what all of them are told.

use reference_agent::agent::Turn;
use reference_agent::config::{Dialect, FallbackEndpoint, Secret};
use reference_agent::halt::StopSignal;
use serde_json::json;

use super::wire::{Wire, base_url};
use super::{anthropic_messages, gemini, ollama, openai_chat, openai_responses};
use crate::provider::{Act, Provider, status};
use crate::world::{World, output, turn};

const LIST: (&str, &str, &str) = ("call_a", "list", r#"{"path":"."}"#);

/// Rounds of tools in one dialect are understood in the next.
#[tokio::test(start_paused = true)]
async fn another_provider_may_speak_another_dialect() {
    for (from, to) in [
        (&ollama::WIRE, &anthropic_messages::WIRE),
        (&anthropic_messages::WIRE, &gemini::WIRE),
        (&gemini::WIRE, &openai_responses::WIRE),
        (&openai_responses::WIRE, &ollama::WIRE),
    ] {
        let other = Provider::start(vec![to.said("from the other")]).await;
        let world = world_between(from, to, &other).await;
        assert_eq!(output(world.say("hi").await), "from the other");
        let seen = other.seen();
        let head = &seen.heads[0];
        assert!(
            head.starts_with(&format!(
                "POST {} HTTP/1.1\r\n",
                to.paths[0].replace("model-1", "model-2")
            )),
            "{head}"
        );
        let key = to.headers[0].replace("sk-canary-0123456789", "sk-other");
        assert!(head.contains(&format!("{key}\r\n")), "{head}");
        let results = (to.results)(&seen.bodies[0]);
        assert_eq!(results.len(), 1, "{:?}: {}", to.dialect, seen.bodies[0]);
        assert_eq!(results[0].1, "(empty)", "{:?}", to.dialect);
    }
}

async fn world_between(from: &Wire, to: &Wire, other: &Provider) -> World {
    let endpoint = FallbackEndpoint {
        dialect: to.dialect,
        base_url: base_url(to.dialect, &other.base_url),
        api_key: Secret::new("sk-other"),
        model: "model-2".to_owned(),
        unix_socket: None,
    };
    let down = vec![Act::Write(status(500, "", &json!({"error": "down"})))];
    let script = vec![
        from.stream(&(from.calls)(&[LIST])),
        down.clone(),
        down.clone(),
        down,
    ];
    from.world_with(script, |config| config.fallback = vec![endpoint])
        .await
}

#[tokio::test]
async fn instructions_and_limits_stand_where_the_dialect_wants_them() {
    let table = [
        (
            &openai_chat::WIRE,
            "/messages/0/content",
            "/max_completion_tokens",
        ),
        (
            &openai_responses::WIRE,
            "/instructions",
            "/max_output_tokens",
        ),
        (&anthropic_messages::WIRE, "/system", "/max_tokens"),
        (
            &gemini::WIRE,
            "/systemInstruction/parts/0/text",
            "/generationConfig/maxOutputTokens",
        ),
        (&ollama::WIRE, "/messages/0/content", "/options/num_predict"),
    ];
    for (wire, instructions, limit) in table {
        let world = wire
            .world_with(vec![wire.said("ok")], |config| {
                config.max_tokens = Some(321)
            })
            .await;
        let turn = Turn {
            instructions: Some("be kind".to_owned()),
            ..turn("s", "hi")
        };
        let stop = StopSignal::new();
        assert_eq!(
            output(world.agent.run_turn(turn, world.events.clone(), stop).await),
            "ok"
        );
        let body = &world.provider.seen().bodies[0];
        assert_eq!(
            body.pointer(instructions),
            Some(&json!("be kind")),
            "{body}"
        );
        assert_eq!(body.pointer(limit), Some(&json!(321)), "{body}");
        let tools = body.to_string();
        let strict = tools.contains("additionalProperties");
        assert_eq!(strict, wire.dialect != Dialect::Gemini, "{tools}");
    }
}
