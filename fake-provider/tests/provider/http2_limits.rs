//! The provider's bounds over HTTP/2: what is refused is refused over its stream in the provider's shape, and whoever only keeps a
//! connection busy is sent away.

use std::net::SocketAddr;
use std::time::Duration;

use fake_provider::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

use crate::bad_input::is_in_shape;
use crate::bad_requests::Refusal;
use crate::frames::{
    Answered, CONTINUATION, Client, DATA, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, asking, block, field, frame, headers,
};
use crate::raw::{Answer, SPOKEN, Spoken};
use crate::world::{World, says};

const SCRIPT: &str = "[[provider]]\nreply = { text = \"Served.\" }\n";
const NO_ERROR: u32 = 0;
const FLOW_CONTROL_ERROR: u32 = 3;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

async fn world(script: &str, spoken: &Spoken, limits: Limits) -> (World, SocketAddr) {
    let mut options = says(script);
    options.dialect = Some(spoken.dialect);
    options.limits = limits;
    let world = World::start(options).await;
    let address = world.provider.local_addr().expect("is TCP");
    (world, address)
}

/// A proper request over this stream of a connection is answered.
async fn is_served(client: &mut Client, stream: u32, spoken: &Spoken) {
    client.send(&asking(spoken, stream)).await;
    let answered = client.answered(stream).await;
    assert_eq!(answered.status, "200", "{answered:?}");
    assert!(answered.body.contains("Served."), "{answered:?}");
}

async fn is_served_anew(address: SocketAddr) {
    let mut client = Client::connect(address).await;
    is_served(&mut client, 1, &SPOKEN[0]).await;
}

/// The first stream is refused with this status in the shape of the dialect, and the connection goes on.
async fn is_refused(client: &mut Client, spoken: &Spoken, (status, refusal): (u16, Refusal)) {
    let Answered {
        status: told,
        head,
        body,
        reset: _,
    } = client.answered(1).await;
    assert_eq!(told, status.to_string(), "{head}\n{body}");
    let answer = Answer { status, head, body };
    assert!(is_in_shape(spoken.dialect, refusal, &answer), "{answer:?}");
    is_served(client, 3, spoken).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused_in_shape() {
    let limits = Limits {
        body_silence: Duration::from_millis(50),
        ..Limits::default()
    };
    for spoken in &SPOKEN {
        for begun in [&b""[..], b"{"] {
            let (_world, address) = world(SCRIPT, spoken, limits).await;
            let mut client = Client::connect(address).await;
            let head = headers(0, 1, &block(spoken, &[]));
            client
                .send(&[head, frame(DATA, 0, 1, begun)].concat())
                .await;
            is_refused(&mut client, spoken, (408, Refusal::Http(408))).await;
        }
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_in_shape() {
    let long = "x".repeat(70_000);
    let path = format!("/v1/{long}");
    let many: Vec<String> = (0..10_000).map(|number| format!("x-{number}")).collect();
    let many: Vec<_> = many.iter().map(|name| (&**name, "y")).collect();
    for spoken in &SPOKEN {
        let (_world, address) = world(SCRIPT, spoken, Limits::default()).await;
        for block in [
            block(spoken, &[("x-long", &long)]),
            block(spoken, &many),
            block(spoken, &many[..126]),
            [field(":path", &path), block(spoken, &[])].concat(),
        ] {
            let mut client = Client::connect(address).await;
            client.send(&headers(END_STREAM, 1, &block)).await;
            is_refused(&mut client, spoken, (431, Refusal::Http(431))).await;
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_it_comes() {
    let limits = Limits {
        body_bytes: 1_000,
        ..Limits::default()
    };
    let large = vec![b' '; 1_001];
    for (told, sent) in [(Some("1001"), &b""[..]), (None, &large[..])] {
        let spoken = &SPOKEN[0];
        let (_world, address) = world(SCRIPT, spoken, limits).await;
        let mut client = Client::connect(address).await;
        let told: Vec<_> = { told.into_iter() }
            .map(|told| ("content-length", told))
            .collect();
        let head = headers(0, 1, &block(spoken, &told));
        client.send(&[head, frame(DATA, 0, 1, sent)].concat()).await;
        let answered = client.answered(1).await;
        assert_eq!(answered.status, "413", "{answered:?}");
        // The rest is not wanted any more.
        assert_eq!(client.answered(1).await.reset, Some(NO_ERROR));
        is_served(&mut client, 3, spoken).await;
    }
}

#[tokio::test]
async fn bodies_that_are_not_as_they_were_told_or_too_rich_are_refused() {
    let limits = Limits {
        values: 100,
        ..Limits::default()
    };
    let rich = format!("[{}0]", "0,".repeat(100));
    for (told, body, status) in [
        (vec![], rich.as_bytes(), 413),
        (vec!["3"], b"{}", 400),
        (vec!["1"], b"{}", 400),
        (vec!["two"], b"{}", 400),
        (vec!["2", "2"], b"{}", 400),
    ] {
        let spoken = &SPOKEN[0];
        let (_world, address) = world(SCRIPT, spoken, limits).await;
        let mut client = Client::connect(address).await;
        let told: Vec<_> = { told.into_iter() }
            .map(|told| ("content-length", told))
            .collect();
        let head = headers(0, 1, &block(spoken, &told));
        let body = frame(DATA, END_STREAM, 1, body);
        client.send(&[head, body].concat()).await;
        is_refused(&mut client, spoken, (status, Refusal::Http(status))).await;
    }
}

#[tokio::test]
async fn nobody_holds_more_than_the_windows_allow() {
    let script = "[[provider]]\nreply = { text = \"Hm.\" }\nfault = { at = \"request\", after_bytes = 1, action = \"stall\" }\n";
    let (_world, address) = world(script, &SPOKEN[0], Limits::default()).await;
    let mut client = Client::connect(address).await;
    let mut said = headers(0, 1, &block(&SPOKEN[0], &[]));
    // The first piece is read, and followed by silence.
    for _ in 0..6 {
        said.extend(frame(DATA, 0, 1, &[b' '; 16_384]));
    }
    client.send(&said).await;
    assert_eq!(client.ended().await, Some(FLOW_CONTROL_ERROR));
}

#[tokio::test]
async fn what_all_streams_receive_at_once_is_bounded() {
    let limits = Limits {
        receiving_bytes: 1_000,
        ..Limits::default()
    };
    let spoken = &SPOKEN[0];
    let (_world, address) = world(SCRIPT, spoken, limits).await;
    let mut client = Client::connect(address).await;
    for stream in [1, 3] {
        client.send(&headers(0, stream, &block(spoken, &[]))).await;
        for _ in 0..4 {
            client.send(&frame(DATA, 0, stream, &[b' '; 10_000])).await;
        }
        if stream == 1 {
            client.until_window(40_000).await;
        }
    }
    let answered = client.answered(3).await;
    assert_eq!(answered.status, "503", "{answered:?}");
    let rest = frame(DATA, END_STREAM, 1, spoken.body.as_bytes());
    client.send(&rest).await;
    assert_eq!(client.answered(1).await.status, "200");
}

#[tokio::test]
async fn whoever_asks_nothing_gives_way_and_whoever_is_answered_stays() {
    let limits = Limits {
        waiting: 2,
        ..Limits::default()
    };
    let script = "[[provider]]\nwhen = { model = \"m\" }\nreply = { text = \"Served.\" }\nfault = { at = \"before-body\", action = \"delay\", lasting = \"300ms\" }\n";
    let (_world, address) = world(script, &SPOKEN[0], limits).await;
    let mut busy = Client::connect(address).await;
    busy.send(&asking(&SPOKEN[0], 1)).await;
    assert_eq!(busy.until(HEADERS).await.stream, 1);
    // Whoever asks has a seat only while it has not begun to.
    let mut open = Vec::new();
    for number in 0..4 {
        let mut client = match number {
            0 => Client::silent(address).await,
            _ => Client::connect(address).await,
        };
        if number == 0 {
            client.send(&PREFACE[..10]).await;
        } else {
            client.until(SETTINGS).await;
        }
        open.push(client);
    }
    for client in &mut open[..2] {
        assert_eq!(client.ended().await, None);
    }
    assert!(busy.answered(1).await.body.contains("Served."));
    is_served(&mut open[3], 1, &SPOKEN[0]).await;
}

#[tokio::test]
async fn whoever_begins_and_does_not_go_on_is_sent_away_in_time() {
    let limits = Limits {
        head_within: Duration::from_millis(50),
        ..Limits::default()
    };
    let (_world, address) = world(SCRIPT, &SPOKEN[0], limits).await;
    let block = block(&SPOKEN[0], &[]);
    // A connection on which nothing has begun may wait: longer than any of the others.
    let mut waiting = Client::connect(address).await;
    waiting.until(SETTINGS).await;
    for begun in [
        frame(HEADERS, 0, 1, &block),
        headers(0, 1, &block)[..20].to_vec(),
        frame(PING, 0, 0, &[0; 8])[..5].to_vec(),
    ] {
        let mut client = Client::connect(address).await;
        client.send(&begun).await;
        assert_eq!(client.ended().await, Some(ENHANCE_YOUR_CALM));
    }
    let mut client = Client::silent(address).await;
    client.send(&PREFACE[..20]).await;
    assert_eq!(client.ended().await, None);
    is_served(&mut waiting, 1, &SPOKEN[0]).await;
}

/// What comes again and again, by how often it has come.
type Flood = Box<dyn Fn(u32) -> Vec<u8> + Send>;

/// Goes on until it is not heard any more.
async fn pour(mut to: OwnedWriteHalf, flood: Flood) {
    let mut count = 0;
    while to.write_all(&flood(count)).await.is_ok() {
        count += 1;
    }
}

#[tokio::test]
async fn floods_end_their_connection_and_nothing_else() {
    let (_world, address) = world(SCRIPT, &SPOKEN[0], Limits::default()).await;
    let asked = headers(0, 1, &block(&SPOKEN[0], &[]));
    let begun = frame(HEADERS, 0, 1, b"\x82");
    let taken_back = |stream| {
        let head = headers(END_STREAM, stream, &block(&SPOKEN[0], &[]));
        [head, frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    };
    let same = |frame: Vec<u8>| move |_| frame.clone();
    let large = vec![0; 16_384];
    let floods: [(&str, Vec<u8>, Flood); 8] = [
        (
            "PING",
            Vec::new(),
            Box::new(same(frame(PING, 0, 0, &[0; 8]))),
        ),
        (
            "SETTINGS",
            Vec::new(),
            Box::new(same(frame(SETTINGS, 0, 0, b""))),
        ),
        (
            "empty DATA",
            asked.clone(),
            Box::new(same(frame(DATA, 0, 1, b""))),
        ),
        (
            "windows",
            asked.clone(),
            Box::new(same(frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]))),
        ),
        (
            "unknown frames",
            Vec::new(),
            Box::new(same(frame(0x77, 0, 0, b"?"))),
        ),
        (
            "empty CONTINUATION",
            begun.clone(),
            Box::new(same(frame(CONTINUATION, 0, 1, b""))),
        ),
        (
            "long CONTINUATION",
            begun,
            Box::new(same(frame(CONTINUATION, 0, 1, &large))),
        ),
        (
            "rapid resets",
            Vec::new(),
            Box::new(move |count| taken_back(2 * count + 1)),
        ),
    ];
    for (name, begun, flood) in floods {
        let mut client = Client::connect(address).await;
        client.send(&begun).await;
        let pour = tokio::spawn(pour(client.to.take().expect("nobody else writes"), flood));
        assert_eq!(client.ended().await, Some(ENHANCE_YOUR_CALM), "{name}");
        pour.abort();
        is_served_anew(address).await;
    }
}

#[tokio::test]
async fn streams_beyond_the_agreed_number_are_refused() {
    let (_world, address) = world(SCRIPT, &SPOKEN[0], Limits::default()).await;
    let mut client = Client::connect(address).await;
    for number in 0..=256 {
        client
            .send(&headers(0, 2 * number + 1, &block(&SPOKEN[0], &[])))
            .await;
    }
    assert_eq!(client.answered(513).await.reset, Some(REFUSED_STREAM));
    client
        .send(&frame(DATA, END_STREAM, 1, SPOKEN[0].body.as_bytes()))
        .await;
    assert_eq!(client.answered(1).await.status, "200");
    is_served(&mut client, 515, &SPOKEN[0]).await;
    let mut settings = Client::connect(address).await;
    let told = settings.until(SETTINGS).await.payload;
    assert_eq!(told, [0, 3, 0, 0, 1, 0, 0, 6, 0, 1, 0, 0]);
}
