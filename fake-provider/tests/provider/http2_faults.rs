//! Faults over HTTP/2 that are not in an answer: while a request comes, between requests, as a connection opens; and what means nothing.

use fake_provider::ProviderOptions;
use journal::{Fact, FaultOutcome, How, Side};

use crate::frames::{
    Client, DATA, END_STREAM, RST_STREAM, SETTINGS, asking, block, frame, headers,
};
use crate::raw::SPOKEN;
use crate::world::{World, says};

/// A script whose first attempt meets this fault.
fn fault(fault: &str) -> String {
    format!(
        "[[provider]]\nwhen = {{ attempt = 1 }}\nreply = {{ text = \"Hello.\" }}\nfault = {{ {fault} }}\n\n\
         [[provider]]\nwhen = {{ attempt = 2 }}\nreply = {{ text = \"Again.\" }}\n"
    )
}

async fn world(script: &str) -> (World, Client) {
    let world = World::start(ProviderOptions { ..says(script) }).await;
    let address = world.provider.local_addr().expect("is TCP");
    (world, Client::connect(address).await)
}

/// What became of the only fault, and what was seen of it.
async fn told(world: &World) -> (FaultOutcome, String) {
    let record = world.recorded(|fact| matches!(fact, Fact::Fault { .. }));
    match record.await.fact {
        Fact::Fault {
            outcome, observed, ..
        } => (outcome, observed),
        other => unreachable!("{other:?}"),
    }
}

/// The head of a request and the first bytes of its body.
fn begun() -> Vec<u8> {
    let head = headers(0, 1, &block(&SPOKEN[0], &[]));
    [head, frame(DATA, 0, 1, b"{\"mod")].concat()
}

#[tokio::test]
async fn a_request_is_cut_and_its_connection_goes_on_or_not() {
    // By the codes of a reset stream and of a connection that was told to go away.
    for (action, reset, went_away) in [
        (
            "action = \"reset-stream\", code = \"refused-stream\"",
            Some(7),
            None,
        ),
        (
            "action = \"goaway\", code = \"enhance-your-calm\"",
            None,
            Some(11),
        ),
        ("action = \"close\"", None, None),
        ("action = \"reset\"", None, None),
    ] {
        let meant = format!("at = \"request\", after_bytes = 5, {action}");
        let (world, mut client) = world(&fault(&meant)).await;
        client.send(&begun()).await;
        match reset {
            Some(code) => {
                assert_eq!(client.until(RST_STREAM).await.payload, [0, 0, 0, code]);
                client.send(&asking(&SPOKEN[0], 3)).await;
                assert!(client.answered(3).await.body.contains("Again."));
            }
            None => assert_eq!(client.ended().await, went_away, "{action}"),
        }
        assert_eq!(told(&world).await.0, FaultOutcome::Delivered, "{action}");
        let address = world.provider.local_addr().expect("is TCP");
        let mut client = Client::connect(address).await;
        client.send(&asking(&SPOKEN[0], 1)).await;
        let again = client.answered(1).await;
        assert!(
            reset.is_some() || again.body.contains("Again."),
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_body_is_cut_as_its_head_has_come() {
    let (world, mut client) = world(&fault(
        "at = \"request\", after_bytes = 0, action = \"reset-stream\"",
    ))
    .await;
    client
        .send(&headers(END_STREAM, 1, &block(&SPOKEN[0], &[])))
        .await;
    client.until(RST_STREAM).await;
    assert_eq!(told(&world).await.0, FaultOutcome::Delivered);
}

#[tokio::test]
async fn a_request_that_is_delayed_is_answered_all_the_same() {
    let meant = "at = \"request\", after_bytes = 5, action = \"delay\", lasting = \"10ms\"";
    let (world, mut client) = world(&fault(meant)).await;
    client.send(&asking(&SPOKEN[0], 1)).await;
    assert!(client.answered(1).await.body.contains("Hello."));
    assert_eq!(told(&world).await.0, FaultOutcome::Delivered);
}

#[tokio::test]
async fn what_means_nothing_is_inapplicable_with_its_reason_and_the_answer_comes() {
    for (meant, reason) in [
        (
            "at = \"request\", after_bytes = 5, action = \"garbage\", bytes = 9",
            "is a frame",
        ),
        (
            "at = \"request\", after_bytes = 500, action = \"close\"",
            "the request has only",
        ),
        (
            "at = \"idle\", action = \"stale-keepalive\"",
            "not promised",
        ),
        (
            "at = \"idle\", action = \"raw\", data = \"x\"",
            "is a frame",
        ),
        (
            "at = \"before-headers\", action = \"garbage\", bytes = 9",
            "is a frame",
        ),
        ("at = \"before-body\", action = \"bad-chunk\"", "no chunked"),
        (
            "at = \"headers\", after_bytes = 5, action = \"close\"",
            "is compressed",
        ),
    ] {
        let (world, mut client) = world(&fault(meant)).await;
        client.send(&asking(&SPOKEN[0], 1)).await;
        assert!(client.answered(1).await.body.contains("Hello."), "{meant}");
        let (outcome, observed) = told(&world).await;
        assert_eq!(outcome, FaultOutcome::Inapplicable, "{meant}: {observed}");
        assert!(observed.contains(reason), "{meant}: {observed}");
        client.send(&asking(&SPOKEN[0], 3)).await;
        assert_eq!(client.answered(3).await.status, "200", "{meant}");
    }
}

#[tokio::test]
async fn what_happens_between_requests_waits_until_nothing_is_answered() {
    for (action, went_away) in [
        ("action = \"goaway\", code = \"no-error\"", Some(0)),
        ("action = \"close\"", None),
        ("action = \"reset\"", None),
    ] {
        let script = format!(
            "[[provider]]\nwhen = {{ model = \"m\" }}\nreply = {{ text = \"Hello.\" }}\nfault = {{ at = \"idle\", {action} }}\n\n\
             [[provider]]\nreply = {{ text = \"Later.\" }}\nfault = {{ at = \"before-body\", action = \"delay\", lasting = \"200ms\" }}\n"
        );
        let (world, mut client) = world(&script).await;
        let mut slow = SPOKEN[0];
        slow.body = r#"{"model":"n","messages":[{"role":"user","content":"Hi"}]}"#;
        client
            .send(&[asking(&slow, 1), asking(&SPOKEN[0], 3)].concat())
            .await;
        assert!(client.answered(3).await.body.contains("Hello."), "{action}");
        assert!(client.answered(1).await.body.contains("Later."), "{action}");
        assert_eq!(client.ended().await, went_away, "{action}");
        let closed = |fact: &Fact| matches!(fact, Fact::ConnectionClosed { .. });
        let Fact::ConnectionClosed {
            by, how, in_flight, ..
        } = world.recorded(closed).await.fact
        else {
            unreachable!("is what was waited for");
        };
        let reset = action.contains("\"reset\"");
        let expected = if reset { How::Reset } else { How::Fin };
        assert_eq!(
            (by, how, in_flight),
            (Side::Provider, expected, false),
            "{action}"
        );
        let idle = (0, FaultOutcome::Delivered);
        assert!(world.outcomes().contains(&idle), "{:?}", world.outcomes());
    }
}

#[tokio::test]
async fn a_connection_is_cut_as_it_opens() {
    let (world, mut client) =
        world(&fault("at = \"accept\", action = \"raw\", data = \"?\"")).await;
    assert_eq!(client.ended().await, None);
    assert_eq!(told(&world).await.0, FaultOutcome::Delivered);
    let address = world.provider.local_addr().expect("is TCP");
    let mut client = Client::connect(address).await;
    client.until(SETTINGS).await;
    client.send(&asking(&SPOKEN[0], 1)).await;
    assert!(client.answered(1).await.body.contains("Again."));
}
