//! What the actions look like, spelled out: the bytes that a client receives after the head, without asking the code that makes
//! them.

use super::*;

const EVENTS: [&str; 6] = [
    "{\"why\":\"so\"}\n",
    "{\"text\":\"ab\"}\n",
    "{\"text\":\"c\"}\n",
    "{\"args\":{}}\n",
    "{\"finish\":1}\n",
    "{\"end\":1}\n",
];

async fn received(response: &Response, at: Point, action: Action) -> String {
    let fault = Fault { point: at, action };
    let drafted = Contract::drafted(response, &[fault]);
    assert_eq!(drafted.missed, []);
    let by = (&drafted.contract, Some(&drafted.contract));
    let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
    assert!(
        all(&verifications, FaultOutcome::Delivered),
        "{verifications:?}"
    );
    let body = &arrived.bytes[drafted.contract.head..];
    body.iter().map(|byte| char::from(*byte)).collect()
}

/// Chunks of these, and the last one.
fn chunks<S: AsRef<str>>(frames: &[S]) -> String {
    let chunk = |frame: &S| {
        let frame = frame.as_ref();
        format!("{:x}\r\n{frame}\r\n", frame.chars().count())
    };
    frames
        .iter()
        .map(chunk)
        .chain(["0\r\n\r\n".to_owned()])
        .collect()
}

fn with(index: usize, event: &str) -> Vec<&str> {
    let mut events = EVENTS.to_vec();
    events[index] = event;
    events
}

#[tokio::test(start_paused = true)]
async fn events_are_broken_where_it_was_meant() {
    let at = Point::Text { after_bytes: 1 };
    let response = streamed();
    for (action, expected) in [
        (Action::MalformJson, with(1, "{\"text\":\"ab\"\n")),
        (Action::MalformUtf8, with(1, "{\"text\":\"a\u{ff}b\"}\n")),
        (Action::Drop, [&EVENTS[..1], &EVENTS[2..]].concat()),
        (Action::Duplicate, [&EVENTS[..2], &EVENTS[1..]].concat()),
        (
            Action::Reorder,
            [&EVENTS[..1], &[EVENTS[2], EVENTS[1]], &EVENTS[3..]].concat(),
        ),
        (
            Action::Huge { bytes: 20 },
            with(1, "{\"text\":\"ab\"      }\n"),
        ),
        (
            Action::ErrorEvent(ErrorEvent::default()),
            [&EVENTS[..2], &["{\"error\":1}\n", "{\"sorry\":1}\n"]].concat(),
        ),
        (Action::Truncate, vec![EVENTS[0], "{\"text\":\"a"]),
        (
            Action::CorruptGzip,
            vec![
                "\u{1f}\u{8b}\u{8}\0\0\0\0\0\0\u{ff}\0\u{d}\0\u{f2}\u{ff}{\"why\":\"so\"}\n",
                "\0\u{a}\0\u{f5}\u{ff}{\"text\":\"a",
                "\u{7}",
            ],
        ),
    ] {
        let name = action.to_string();
        assert_eq!(
            received(&response, at, action).await,
            chunks(&expected),
            "{name}"
        );
    }
    let split = received(&response, Point::BeforeFinish, Action::Split { bytes: 9 }).await;
    let pieces = ["{\"finish\"", ":1}\n{\"end", "\":1}\n"];
    assert_eq!(split, chunks(&[&EVENTS[..4], &pieces].concat()));
}

#[tokio::test(start_paused = true)]
async fn chunks_are_broken_where_it_was_meant() {
    let before: String = EVENTS[..2].iter().map(|event| chunks(&[event])).collect();
    let before = before.replace("0\r\n\r\n", "");
    let after = chunks(&EVENTS[3..]);
    let at = Point::Text { after_bytes: 1 };
    assert_eq!(
        received(&streamed(), at, Action::BadChunk).await,
        format!("{before}zz\r\n{}\r\n{after}", EVENTS[2])
    );
    let every = HumanDuration(Duration::from_secs(1));
    assert_eq!(
        received(&streamed(), at, Action::KeepaliveForever { every }).await,
        format!("{before}{}", "3\r\n{}\n\r\n".repeat(3))
    );
    let response = Response {
        framing: Framing::CloseDelimited,
        ..streamed()
    };
    assert_eq!(
        received(&response, at, Action::KeepaliveForever { every }).await,
        EVENTS[..2].concat() + &"{}\n".repeat(3)
    );
}

#[tokio::test(start_paused = true)]
async fn heads_say_what_they_were_told_to() {
    let head = |action| {
        let point = Point::BeforeHeaders;
        let drafted = Contract::drafted(&streamed(), &[Fault { point, action }]);
        let head = drafted.contract.wire[..drafted.contract.head].to_vec();
        String::from_utf8(head).expect("is text")
    };
    let other = head(Action::WrongContentType {
        content_type: "text/plain".into(),
    });
    assert_eq!(
        other,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n"
    );
    let length = EVENTS.concat().len() + 3;
    assert!(
        head(Action::ShortContentLength { by: 3 })
            .contains(&format!("content-length: {length}\r\n"))
    );
    assert!(
        head(Action::Html).contains("content-type: text/html; charset=utf-8\r\ncontent-length: ")
    );
    assert!(head(Action::Empty).contains("content-length: 0\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_slow_stream_is_silent_before_each_event_and_whole() {
    let pace = Duration::from_secs(3);
    let response = Response {
        pace: Some(pace),
        ..streamed()
    };
    let contract = Contract::plain(&response);
    let (mut tap, mut client) = tcp().await;
    let provider = async move {
        tap.begin(Watch::default());
        perform(&mut tap, &contract).await.expect("stays");
        tap.observe()
    };
    let (arrived, seen) = tokio::join!(arrives(&mut client, PATIENCE, usize::MAX), provider);
    assert_eq!(arrived.bytes, Contract::plain(&streamed()).wire);
    let silences = seen.gaps.iter().filter(|gap| gap.lasted >= pace).count();
    assert_eq!(silences, 6);
}

#[tokio::test(start_paused = true)]
async fn the_head_is_told_once_it_has_left_whole() {
    let contract = Contract::plain(&whole());
    let (mut tap, _client) = tcp().await;
    let (tell, told) = std::sync::mpsc::channel();
    tap.begin(Watch {
        head: contract.head(),
        head_left: Some(Box::new(move || tell.send(()).expect("somebody listens"))),
        silent: None,
    });
    tap.send(&contract.wire()[..contract.head() - 1])
        .await
        .expect("stays");
    assert!(told.try_recv().is_err());
    tap.send(&contract.wire()[contract.head() - 1..])
        .await
        .expect("stays");
    assert!(told.try_recv().is_ok());
}
