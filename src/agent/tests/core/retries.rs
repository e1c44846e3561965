//! Attempts that fail: which are made again, when, and what is left of them.

use std::time::Duration;

use reference_agent::config::{Dialect, FallbackEndpoint, Secret};
use reference_agent::event::RunEvent;
use reference_agent::lifecycle::LifecycleFact;
use reference_agent::outcome::Outcome;
use reference_agent::seams::Seams;
use serde_json::json;
use tokio::time::Instant;

use crate::provider::{
    Act, Provider, broken_stream, call, call_start, delta, done, event, finish, refuse, status,
    stream, text, usage,
};
use crate::world::{KEY, World, failure, output};

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_is_asked_again_and_its_text_is_void() {
    let world = World::new(vec![
        broken_stream(&[usage(5, 1), delta("Hel")]),
        text("Hello"),
    ])
    .await;
    let Outcome::Completed { output, usage } = world.say("hi").await else {
        panic!("it did not complete")
    };
    assert_eq!((output.as_str(), usage.total_tokens), ("Hello", 18));
    assert_eq!(
        world.events.all()[1],
        RunEvent::MessageSuperseded {
            text: "Hel".to_owned()
        }
    );
    assert_eq!(world.events.text(), "Hello");
    assert_eq!(world.messages(0), world.messages(1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_politely_without_its_end_is_no_answer() {
    let cuts = [
        vec![delta("Hello")],
        vec![delta("Hello"), done()],
        vec![delta("Hello"), finish("stop").trim_end().to_owned()],
        vec![],
    ];
    for cut in cuts {
        let world = World::new(vec![stream(&cut); 3]).await;
        let failure = failure(world.say("hi").await);
        assert_eq!(failure.code.as_str(), "truncated", "{cut:?}");
        assert_eq!(
            (world.provider.requests(), world.events.text().as_str()),
            (3, ""),
            "{cut:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_finish_reason_the_end_may_be_missing_or_rude() {
    for answer in [
        stream(&[delta("ok"), finish("stop")]),
        broken_stream(&[delta("ok"), finish("stop")]),
    ] {
        let world = World::new(vec![answer]).await;
        assert_eq!(output(world.say("hi").await), "ok");
    }
    let mut silent = stream(&[delta("ok"), finish("stop")]);
    silent.push(Act::Stall);
    let world = World::new(vec![silent]).await;
    assert_eq!(output(world.say("hi").await), "ok");
}

#[tokio::test(start_paused = true)]
async fn no_tool_runs_on_arguments_that_were_cut() {
    let cut = |end: &[String]| {
        let mut events = vec![call_start(0, "call_1", "effect", "{\"name\": \"deploy\"}")];
        events.extend_from_slice(end);
        events
    };
    let whole = call("call_2", "effect", "{\"name\": \"deploy\"}");
    let script = vec![
        broken_stream(&cut(&[])),
        stream(&cut(&[done()])),
        whole,
        text("done"),
    ];
    let world = World::new(script).await;
    assert_eq!(output(world.say("go").await), "done");
    assert_eq!(world.ledger(), "deploy\n");
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_an_answer_is_an_error() {
    let overloaded =
        event(&json!({"error": {"message": "Overloaded", "type": "overloaded_error"}}));
    let vllm = event(&json!({"object": "error", "message": "engine died", "code": 500}));
    let world = World::new(vec![
        stream(&[delta("x"), overloaded]),
        stream(&[vllm]),
        text("ok"),
    ])
    .await;
    assert_eq!(output(world.say("hi").await), "ok");

    let refused = event(&json!({"error": {"message": "no such key", "code": "invalid_api_key"}}));
    let world = World::new(vec![stream(&[refused, finish("stop"), done()])]).await;
    let failure = failure(world.say("hi").await);
    assert_eq!(
        (failure.code.as_str(), world.provider.requests()),
        ("auth", 1)
    );
    assert!(failure.message.contains("no such key"));
}

#[tokio::test(start_paused = true)]
async fn a_200_that_is_no_stream_names_its_cause() {
    let error = Act::Write(status(
        200,
        "",
        &json!({"error": {"message": "quota gone", "code": "insufficient_quota"}}),
    ));
    let world = World::new(vec![vec![error]]).await;
    let refused = failure(world.say("hi").await);
    assert_eq!(
        (refused.code.as_str(), world.provider.requests()),
        ("billing", 1)
    );
    assert!(refused.message.contains("quota gone"));

    let page =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 12\r\n\r\n<h1>hi</h1>\r\n";
    let world = World::new(vec![vec![Act::Write(page.into())]; 3]).await;
    let failure = failure(world.say("hi").await);
    assert_eq!(failure.code.as_str(), "protocol");
    assert!(
        failure.message.contains("<h1>hi</h1>"),
        "{}",
        failure.message
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_json_or_not_utf8_is_not_delivered() {
    let garbled = vec![
        Act::Write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
                .to_vec(),
        ),
        Act::Write(
            b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff\"}}]}\n\n".to_vec(),
        ),
    ];
    let cut = stream(&["data: {\"choices\":[{\n\n".to_owned()]);
    let world = World::new(vec![garbled, cut, text("ok")]).await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert_eq!(world.events.text(), "ok");
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_fails_at_once_with_the_cause_and_without_the_key() {
    let message = format!("Incorrect API key provided: {KEY}. nonce-77");
    let world = World::new(vec![refuse(401, "", &message, "invalid_api_key")]).await;
    let failure = failure(world.say("hi").await);
    assert_eq!(
        failure.message,
        "Incorrect API key provided: [redacted]. nonce-77 (HTTP 401, invalid_api_key)"
    );
    assert_eq!((failure.status, world.provider.requests()), (Some(401), 1));
    assert!(!format!("{:?}{:?}", world.facts.all(), world.events.all()).contains(KEY));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_succeed_is_asked_once_and_what_can_three_times() {
    for code in [400, 401, 402, 403, 404, 413, 422] {
        let world = World::new(vec![refuse(code, "", "no", "c"); 4]).await;
        assert_eq!(failure(world.say("hi").await).status, Some(code));
        assert_eq!(world.provider.requests(), 1, "{code}");
    }
    for code in [408, 409, 429, 500, 502, 503, 504, 529] {
        let world = World::new(vec![refuse(code, "", "no", "c"); 4]).await;
        assert_eq!(failure(world.say("hi").await).status, Some(code));
        assert_eq!(world.provider.requests(), 3, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept_and_one_too_long_is_not_cut_short() {
    let world = World::new(vec![
        refuse(
            429,
            "retry-after: 60\r\n",
            "slow down",
            "rate_limit_exceeded",
        ),
        text("ok"),
    ])
    .await;
    let before = Instant::now();
    assert_eq!(output(world.say("hi").await), "ok");
    assert!(
        (60..62).contains(&before.elapsed().as_secs()),
        "{:?}",
        before.elapsed()
    );

    let world = World::new(vec![
        refuse(503, "retry-after: 121\r\n", "later", "c"),
        text("ok"),
    ])
    .await;
    assert_eq!(failure(world.say("hi").await).code.as_str(), "overloaded");
    assert_eq!(world.provider.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_says_nothing_is_no_hot_loop() {
    for value in ["0", "-5", "NaN", "soon"] {
        let world = World::new(vec![
            refuse(429, &format!("retry-after: {value}\r\n"), "m", "c"),
            text("ok"),
        ])
        .await;
        let before = Instant::now();
        assert_eq!(output(world.say("hi").await), "ok");
        assert!(
            before.elapsed() >= Duration::from_millis(375),
            "{value}: {:?}",
            before.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_listening_is_a_definite_failure_after_three_attempts() {
    let world = World::new(vec![]).await;
    let gone = world.provider.base_url.clone();
    drop(world.provider);
    let unreachable = World::with(vec![], |config| config.base_url = gone, Seams::default()).await;
    let failure = failure(unreachable.say("hi").await);
    assert_eq!((failure.code.as_str(), failure.definite), ("connect", true));
    let attempts = unreachable
        .facts
        .count(|fact| matches!(fact, LifecycleFact::AttemptStarted { .. }));
    let decided = unreachable
        .facts
        .count(|fact| matches!(fact, LifecycleFact::RetryDecided { .. }));
    assert_eq!((attempts, decided), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_rotated_and_a_dead_provider_is_fallen_back_from() {
    let extra = |config: &mut reference_agent::config::AgentConfig| {
        config.extra_api_keys = vec![Secret::new("sk-second")]
    };
    let world = World::with(
        vec![refuse(401, "", "no", "c"), text("ok")],
        extra,
        Seams::default(),
    )
    .await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert!(world.provider.seen().heads[1].contains("Bearer sk-second\r\n"));

    let other = Provider::start(vec![text("from the other")]).await;
    let endpoint = FallbackEndpoint {
        dialect: Dialect::OpenaiChat,
        base_url: other.base_url.clone(),
        api_key: Secret::new("sk-other"),
        model: "other-model".to_owned(),
        unix_socket: None,
    };
    let world = World::with(
        vec![refuse(500, "", "no", "c"); 3],
        |config| config.fallback = vec![endpoint],
        Seams::default(),
    )
    .await;
    assert_eq!(output(world.say("hi").await), "from the other");
    assert_eq!(other.seen().bodies[0]["model"], "other-model");
    assert!(other.seen().heads[0].contains("Bearer sk-other\r\n"));
}

#[tokio::test(start_paused = true)]
async fn wherever_a_stream_is_cut_only_a_whole_answer_counts() {
    let whole = [
        call_start(0, "call_1", "effect", "{\"name\":"),
        call_start(0, "call_1", "effect", "\"é🎉\"}"),
        finish("tool_calls"),
    ]
    .concat();
    for cut in 0..=whole.len() {
        let mut broken = broken_stream(&[]);
        let piece = &whole.as_bytes()[..cut];
        let chunk = [format!("{cut:x}\r\n").as_bytes(), piece, b"\r\n"].concat();
        broken.truncate(1);
        if cut > 0 {
            broken.push(Act::Write(chunk));
        }
        let world = World::new(vec![broken, text("ok"), text("ok")]).await;
        assert_eq!(output(world.say("go").await), "ok", "cut at {cut}");
        let ran = if cut == whole.len() { "é🎉\n" } else { "" };
        assert_eq!(world.ledger(), ran, "cut at {cut}");
        world.agent.shutdown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_the_headers_of_an_answer_with_an_error_inside_is_kept() {
    let error = json!({"error": {"message": "m", "code": "rate_limit_exceeded"}});
    let world = World::new(vec![
        vec![Act::Write(status(200, "retry-after: 9\r\n", &error))],
        text("ok"),
    ])
    .await;
    let before = Instant::now();
    assert_eq!(output(world.say("hi").await), "ok");
    assert!(
        (9..11).contains(&before.elapsed().as_secs()),
        "{:?}",
        before.elapsed()
    );
}
