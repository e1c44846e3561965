//! Bad requests: each is refused in the provider's shape, and the next one is served.

use fake_provider::Dialect;
use journal::Fact;
use serde_json::Value;

use crate::bad_requests::{
    Case, Ends, GoesOn, Http, Refusal, Said, TooLarge, chunked, malformed, senseless, unclear,
};
use crate::raw::{Answer, SPOKEN, Spoken, poured, tell};
use crate::world::{World, says};

const SCRIPT: &str = "[[provider]]\nreply = { text = \"Served.\" }\n";

async fn world(spoken: &Spoken) -> World {
    let mut options = says(SCRIPT);
    options.dialect = Some(spoken.dialect);
    World::start(options).await
}

/// Whether an error has the provider's shape.
pub(crate) fn is_in_shape(dialect: Dialect, refusal: Refusal, answer: &Answer) -> bool {
    let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let error = &json["error"];
    let typed = error["message"].is_string() && error["type"].is_string();
    match (dialect, refusal) {
        // The edge answers.
        (Dialect::OpenaiChat | Dialect::OpenaiResponses, TooLarge) => {
            answer.status == 413 && answer.body.contains("<hr><center>cloudflare</center>")
        }
        (Dialect::OpenaiChat | Dialect::OpenaiResponses, _) => typed && error["param"].is_null(),
        (Dialect::AnthropicMessages, TooLarge) => {
            answer.status == 413 && error["type"] == "request_too_large" && json["type"].is_null()
        }
        (Dialect::AnthropicMessages, _) => typed && json["type"] == "error",
        (Dialect::Gemini, Http(status)) => {
            answer.head.contains("text/html") && answer.body.contains(&format!("{status}."))
        }
        (Dialect::Gemini, _) => {
            answer.status == 400 && error["code"] == 400 && error["status"] == "INVALID_ARGUMENT"
        }
        (Dialect::Ollama, Http(_)) => answer.head.contains("text/plain"),
        (Dialect::Ollama, TooLarge) => {
            answer.status == 413
                && error
                    .as_str()
                    .is_some_and(|text| text.contains("too large"))
        }
        (Dialect::Ollama, _) => error.is_string(),
    }
}

/// Sends a bad request, a good one right behind it, and then one on a connection of its own.
async fn check(world: &World, spoken: &Spoken, case: Case) {
    let (name, bytes, refusal, fate) = case;
    let dialect = spoken.dialect;
    let address = world.provider.local_addr().expect("is TCP");
    let heard = tell(address, &[bytes, spoken.last()].concat()).await;
    let told = format!("{dialect:?}, {name}: {heard:?}");
    let first = heard.first().expect(&told);
    match refusal {
        Refusal::None => assert_eq!(first.status, 200, "{told}"),
        Http(status) | Said(status) => assert_eq!(first.status, status, "{told}"),
        TooLarge => assert!((400..500).contains(&first.status), "{told}"),
    }
    let fine = refusal == Refusal::None || is_in_shape(dialect, refusal, first);
    assert!(fine, "{told}");
    let closes = first.head.contains("\r\nconnection: close");
    assert_eq!(closes, fate == Ends, "{told}");
    match fate {
        Ends => assert_eq!(heard.len(), 1, "{told}"),
        GoesOn => assert_eq!(heard.len(), 2, "{told}"),
    }
    let next = tell(address, &spoken.last()).await;
    assert_eq!(next.len(), 1, "{told}");
    assert!(next[0].body.contains("Served."), "{told}");
}

#[tokio::test]
async fn what_is_no_http_is_refused_in_shape_and_the_next_is_served() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        let cases = malformed(spoken).into_iter().chain(unclear(spoken));
        for case in cases {
            check(&world, spoken, case).await;
        }
    }
}

#[tokio::test]
async fn chunks_that_are_none_are_refused_in_shape() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        for case in chunked(spoken) {
            check(&world, spoken, case).await;
        }
    }
}

#[tokio::test]
async fn bodies_that_say_nothing_are_refused_in_shape_and_the_connection_goes_on() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        for case in senseless(spoken) {
            check(&world, spoken, case).await;
        }
    }
}

#[tokio::test]
async fn an_unknown_method_is_told_which_there_are() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        let address = world.provider.local_addr().expect("is TCP");
        let brew = String::from_utf8_lossy(&spoken.post(b"")).replacen("POST", "BREW", 1);
        let heard = tell(address, &[brew.into_bytes(), spoken.last()].concat()).await;
        let statuses: Vec<u16> = heard.iter().map(|answer| answer.status).collect();
        // Google's front end knows no such address.
        let (expected, allowed) = match spoken.dialect {
            Dialect::Gemini => (404, false),
            _ => (405, true),
        };
        assert_eq!(statuses, [expected, 200], "{heard:?}");
        assert_eq!(heard[0].head.contains("allow: post"), allowed, "{heard:?}");
    }
}

#[tokio::test]
async fn what_follows_a_request_and_is_none_ends_the_connection_after_its_answer() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        let address = world.provider.local_addr().expect("is TCP");
        let bytes = [
            spoken.post(spoken.body.as_bytes()),
            b"}garbage\r\n\r\n".to_vec(),
        ]
        .concat();
        let heard = tell(address, &bytes).await;
        let statuses: Vec<u16> = heard.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 400], "{:?}: {heard:?}", spoken.dialect);
    }
}

#[tokio::test]
async fn a_body_of_200_mb_is_refused_and_whoever_sends_it_all_still_reads_why() {
    for spoken in &SPOKEN {
        let world = world(spoken).await;
        let address = world.provider.local_addr().expect("is TCP");
        let known = spoken.head("content-length: 200000000\r\n");
        let chunked = spoken.head("transfer-encoding: chunked\r\n");
        for begun in [known, [&chunked, b"bebc200\r\n".as_slice()].concat()] {
            let heard = poured(address, &begun, 200_000_000).await;
            assert_eq!(heard.len(), 1, "{heard:?}");
            let fine = is_in_shape(spoken.dialect, TooLarge, &heard[0]);
            assert!(fine, "{heard:?}");
        }
    }
}

#[tokio::test]
async fn a_header_of_100_mb_is_refused() {
    let spoken = &SPOKEN[0];
    let world = world(spoken).await;
    let address = world.provider.local_addr().expect("is TCP");
    let head = format!("POST {} HTTP/1.1\r\nhost: h\r\nx: ", spoken.path);
    let heard = poured(address, head.as_bytes(), 100_000_000).await;
    assert_eq!(heard[0].status, 431, "{heard:?}");
}

#[tokio::test]
async fn what_was_refused_is_recorded() {
    let spoken = &SPOKEN[0];
    let world = world(spoken).await;
    let address = world.provider.local_addr().expect("is TCP");
    tell(address, b"rubbish\r\n\r\n").await;
    tell(address, &spoken.head("content-length: 99999999999\r\n")).await;
    let rules: Vec<String> = { world.facts().into_iter() }
        .filter_map(|fact| match fact {
            Fact::RequestRefused { rule, .. } => Some(rule),
            _ => None,
        })
        .collect();
    assert_eq!(rules, ["malformed-request", "too-large"]);
}

#[tokio::test]
async fn models_that_are_not_named_are_unknown_in_each_dialects_words() {
    let words = [
        (
            404,
            "The model `m` does not exist or you do not have access to it.",
        ),
        (400, "The requested model 'm' does not exist."),
        (404, "model: m"),
        (404, "models/m is not found for API version v1beta"),
        (404, "model 'm' not found"),
    ];
    for (spoken, (status, message)) in SPOKEN.iter().zip(words) {
        let mut options = says(SCRIPT);
        options.dialect = Some(spoken.dialect);
        options.models = vec!["known".into()];
        let world = World::start(options).await;
        let address = world.provider.local_addr().expect("is TCP");
        let heard = tell(address, &spoken.last()).await;
        assert_eq!(heard[0].status, status, "{heard:?}");
        assert!(heard[0].body.contains(message), "{heard:?}");
        let body = spoken.body.replace("\"m\"", "\"known\"");
        let known = String::from_utf8_lossy(&spoken.last())
            .replace(spoken.body, &body)
            .replace("models/m:", "models/known:")
            .replace(
                &format!("content-length: {}", spoken.body.len()),
                &format!("content-length: {}", body.len()),
            );
        let heard = tell(address, known.as_bytes()).await;
        assert!(heard[0].body.contains("Served."), "{known} {heard:?}");
        let refused = |fact: &Fact| matches!(fact, Fact::RequestRefused { rule, .. } if rule == "unknown-model");
        assert_eq!(world.facts().iter().filter(|fact| refused(fact)).count(), 1);
    }
}
