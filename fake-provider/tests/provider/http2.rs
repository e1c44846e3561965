//! The provider over HTTP/2, with a real client: by ALPN over TLS, and by prior knowledge in the clear.

use std::sync::Arc;

use fake_provider::{Authority, ProviderOptions};
use journal::{Fact, FaultOutcome};
use reqwest::Version;

use crate::world::{World, asks, client_builder, events, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";

/// A provider that offers HTTP/2 over TLS, and a client that takes it.
async fn secure(script: &str) -> World {
    let authority = Arc::new(Authority::make().expect("is made").offering_http2());
    let certificate = reqwest::Certificate::from_pem(authority.pem().as_bytes());
    let mut world = World::start(ProviderOptions {
        authority: Some(authority),
        ..says(script)
    })
    .await;
    let builder = client_builder().tls_certs_only([certificate.expect("is PEM")]);
    world.client = builder.build().expect("is a client");
    world
}

/// A provider in the clear, and a client that begins with HTTP/2.
async fn known(script: &str) -> World {
    let mut world = World::script(script).await;
    let builder = client_builder().http2_prior_knowledge();
    world.client = builder.build().expect("is a client");
    world
}

fn opened(world: &World) -> usize {
    let opened = |fact: &&Fact| matches!(fact, Fact::ConnectionOpened { .. });
    world.facts().iter().filter(opened).count()
}

#[tokio::test]
async fn an_answer_is_the_same_as_over_http_1() {
    for world in [secure(HELLO).await, known(HELLO).await] {
        let answer = world.post(&asks("Hi.")).send().await.expect("is answered");
        assert_eq!(answer.version(), Version::HTTP_2);
        let answer: serde_json::Value = answer.json().await.expect("is JSON");
        assert_eq!(answer["choices"][0]["message"]["content"], "Hello.");
        let stream = world.post(&streamed(asks("Hi."))).send().await;
        let text = stream.expect("is answered").text().await.expect("is whole");
        assert!(events(&text).1, "{text}");
        assert_eq!(opened(&world), 1);
    }
}

#[tokio::test]
async fn many_are_answered_at_once_on_one_connection() {
    let script = "[[provider]]\nreply = { text = \"Hello.\" }\nfault = { at = \"before-body\", action = \"delay\", lasting = \"1s\" }\n";
    let world = known(script).await;
    // The first one opens the connection that the others share.
    world.post(&asks("Hi.")).send().await.expect("is answered");
    let begun = tokio::time::Instant::now();
    let answers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(world.post(&asks("Hi.")).send()))
        .collect();
    for answer in answers {
        let answer = answer.await.expect("does not panic").expect("is answered");
        assert!(answer.text().await.expect("is whole").contains("Hello."));
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(7));
    assert_eq!(opened(&world), 1);
}

#[tokio::test]
async fn a_stream_is_cut_in_every_way_that_http_2_has() {
    for (action, connections) in [
        ("action = \"reset-stream\", code = \"internal-error\"", 1),
        ("action = \"goaway\", code = \"internal-error\"", 2),
        ("action = \"close\"", 2),
        ("action = \"reset\"", 2),
    ] {
        let script = format!(
            "[[provider]]\nwhen = {{ attempt = 1 }}\nreply = {{ text = \"Hello.\" }}\n\
             fault = {{ at = \"text\", after_bytes = 3, {action} }}\n\n\
             [[provider]]\nwhen = {{ attempt = 2 }}\nreply = {{ text = \"Again.\" }}\n"
        );
        for world in [secure(&script).await, known(&script).await] {
            let answer = world.post(&streamed(asks("Hi."))).send().await;
            let broken = match answer {
                Ok(answer) => answer.text().await.is_err(),
                Err(_) => true,
            };
            assert!(broken, "{action}");
            let fault = |fact: &Fact| matches!(fact, Fact::Fault { .. });
            world.recorded(fault).await;
            assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{action}");
            let again = world.post(&asks("Hi.")).send().await.expect("is answered");
            assert!(again.text().await.expect("is whole").contains("Again."));
            assert_eq!(opened(&world), connections, "{action}");
        }
    }
}
