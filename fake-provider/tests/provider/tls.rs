//! The provider over TLS, with a real client that trusts its authority, and the faults of TLS.

use std::error::Error as _;
use std::sync::Arc;

use fake_provider::{Authority, ProviderOptions, TlsVersion};
use journal::{Fact, FaultOutcome};

use crate::world::{World, asks, client_builder, events, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";

/// A provider over TLS, and a client that trusts it.
async fn secure(script: &str) -> World {
    secure_up_to(TlsVersion::Tls13, script).await
}

/// The same, with a client that speaks no later version than this.
async fn secure_up_to(version: TlsVersion, script: &str) -> World {
    let authority = Arc::new(Authority::make().expect("is made"));
    let certificate = reqwest::Certificate::from_pem(authority.pem().as_bytes());
    let mut world = World::start(ProviderOptions {
        authority: Some(authority),
        ..says(script)
    })
    .await;
    let latest = match version {
        TlsVersion::Tls12 => reqwest::tls::Version::TLS_1_2,
        TlsVersion::Tls13 => reqwest::tls::Version::TLS_1_3,
    };
    let builder = client_builder()
        .tls_certs_only([certificate.expect("is PEM")])
        .tls_version_max(latest);
    world.client = builder.build().expect("is a client");
    world
}

/// A script whose first attempt meets this fault.
fn fault(fault: &str) -> String {
    format!(
        "[[provider]]\nwhen = {{ attempt = 1 }}\nreply = {{ text = \"Hello.\" }}\nfault = {{ {fault} }}\n\n\
         [[provider]]\nwhen = {{ attempt = 2 }}\nreply = {{ text = \"Again.\" }}\n"
    )
}

/// Every cause of an error, in words.
fn causes(error: &reqwest::Error) -> String {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes = format!("{causes}: {cause:?}");
        source = cause.source();
    }
    causes
}

#[tokio::test]
async fn an_answer_is_the_same_as_in_the_clear() {
    let world = secure(HELLO).await;
    assert!(world.provider.base_url().starts_with("https://127.0.0.1:"));
    for _ in 0..2 {
        let answer = world.post(&asks("Hi.")).send().await.expect("is answered");
        let answer: serde_json::Value = answer.json().await.expect("is JSON");
        assert_eq!(answer["choices"][0]["message"]["content"], "Hello.");
    }
    let stream = world.post(&streamed(asks("Hi."))).send().await;
    let text = stream.expect("is answered").text().await.expect("is whole");
    assert!(events(&text).1, "{text}");
}

#[tokio::test]
async fn whoever_does_not_trust_the_authority_does_not_ask() {
    let mut world = secure(HELLO).await;
    let other = Authority::make().expect("is made");
    let certificate = reqwest::Certificate::from_pem(other.pem().as_bytes());
    let builder = client_builder().tls_certs_only([certificate.expect("is PEM")]);
    world.client = builder.build().expect("is a client");
    let error = world
        .post(&asks("Hi."))
        .send()
        .await
        .expect_err("is refused");
    assert!(causes(&error).contains("InvalidCertificate"), "{error:?}");
    world
        .recorded(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
        .await;
    let asked = |fact: &Fact| matches!(fact, Fact::Request { .. });
    assert!(!world.facts().iter().any(asked));
}

#[tokio::test]
async fn a_fault_of_the_handshake_meets_one_attempt() {
    for (meant, why) in [
        ("at = \"tls\", action = \"expired-certificate\"", "Expired"),
        ("at = \"tls\", action = \"wrong-name\"", "NotValidForName"),
        (
            "at = \"tls\", action = \"tls-alert\", alert = \"unrecognized-name\"",
            "UnrecognisedName",
        ),
        ("at = \"tls\", action = \"close\"", "UnexpectedEof"),
        ("at = \"tls\", action = \"reset\"", "ConnectionReset"),
    ] {
        for version in TlsVersion::ALL {
            meets_one_attempt(version, meant, why).await;
        }
    }
}

async fn meets_one_attempt(version: TlsVersion, meant: &str, why: &str) {
    let world = secure_up_to(version, &fault(meant)).await;
    let error = world.post(&asks("Hi.")).send().await;
    let error = error.expect_err("is refused");
    assert!(error.is_connect(), "{meant}: {error:?}");
    assert!(causes(&error).contains(why), "{meant}: {error:?}");
    world
        .recorded(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
        .await;
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{meant}");
    let answer = world.post(&asks("Hi.")).send().await.expect("is answered");
    let text = answer.text().await.expect("is whole");
    assert!(text.contains("Again."), "{meant}: {text}");
}

#[tokio::test]
async fn a_stream_is_cut_in_every_way_that_tls_has() {
    for (action, why) in [
        ("action = \"close\"", None),
        ("action = \"tls-truncate\"", Some("close_notify")),
        (
            "action = \"tls-alert\", alert = \"internal-error\"",
            Some("InternalError"),
        ),
        ("action = \"reset\"", Some("ConnectionReset")),
    ] {
        for version in TlsVersion::ALL {
            is_cut(version, action, why.unwrap_or("")).await;
        }
    }
}

async fn is_cut(version: TlsVersion, action: &str, why: &str) {
    let script = fault(&format!("at = \"text\", after_bytes = 3, {action}"));
    let world = secure_up_to(version, &script).await;
    let answer = world.post(&streamed(asks("Hi."))).send().await;
    let error = match answer {
        Ok(answer) => answer.text().await.expect_err("is cut"),
        Err(error) => error,
    };
    assert!(causes(&error).contains(why), "{action}: {error:?}");
    let fault = |fact: &Fact| matches!(fact, Fact::Fault { .. });
    world.recorded(fault).await;
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{action}");
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_refused() {
    for (spoken, asked) in [
        (TlsVersion::Tls13, reqwest::tls::Version::TLS_1_2),
        (TlsVersion::Tls12, reqwest::tls::Version::TLS_1_3),
    ] {
        let authority = Arc::new(Authority::speaking(&[spoken]).expect("is made"));
        let certificate = reqwest::Certificate::from_pem(authority.pem().as_bytes());
        let mut world = World::start(ProviderOptions {
            authority: Some(authority),
            ..says(HELLO)
        })
        .await;
        let builder = client_builder()
            .tls_certs_only([certificate.expect("is PEM")])
            .tls_version_min(asked)
            .tls_version_max(asked);
        world.client = builder.build().expect("is a client");
        let error = world.post(&asks("Hi.")).send().await;
        let error = error.expect_err("is refused");
        assert!(causes(&error).contains("ProtocolVersion"), "{error:?}");
    }
    assert!(Authority::speaking(&[]).is_err());
}

#[tokio::test]
async fn in_the_clear_a_fault_of_tls_is_inapplicable() {
    for meant in [
        "at = \"tls\", action = \"expired-certificate\"",
        "at = \"before-body\", action = \"tls-truncate\"",
    ] {
        let world = World::script(&fault(meant)).await;
        let answer = world.post(&asks("Hi.")).send().await.expect("is answered");
        assert!(answer.text().await.expect("is whole").contains("Hello."));
        world
            .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
            .await;
        assert_eq!(
            world.outcomes(),
            [(0, FaultOutcome::Inapplicable)],
            "{meant}"
        );
    }
}
