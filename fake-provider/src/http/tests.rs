//! Tests of reading: over a socket, and of bytes alone, whole and in every split.

use std::sync::Arc;
use std::time::Duration;

use fault_io::Socket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::*;

const CHUNKED: &[u8] =
    b"POST /v1/chat/completions?x=1 HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\n\
    authorization: Bearer k\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\ntrailer: t\r\n\r\n";

/// A server's side of a connection, and the client's.
fn pair(limits: Limits) -> (Tap, Seat, UnixStream) {
    let (server, client) = UnixStream::pair().expect("a pair");
    let seat = Reception::new(limits).seat();
    (Tap::new(Socket::from(server)), seat, client)
}

/// What the reader makes of these bytes, which come in pieces of `size`, and how many it leaves.
fn in_pieces(bytes: &[u8], size: usize, limits: &Limits) -> (Result<Option<Request>, Why>, usize) {
    let mut reading = Reading::new(limits, &|_| usize::MAX);
    let mut inbound = Vec::new();
    let mut pieces = bytes.chunks(size);
    loop {
        match reading.advance(&inbound) {
            Err(why) => return (Err(why), 0),
            Ok((used, step)) => {
                inbound.drain(..used);
                if let Step::Done(request) = step {
                    let left = inbound.len() + pieces.map(<[u8]>::len).sum::<usize>();
                    return (Ok(Some(request)), left);
                }
            }
        }
        match pieces.next() {
            Some(piece) => inbound.extend_from_slice(piece),
            None => return (Ok(None), inbound.len()),
        }
    }
}

/// The same in every split, since how bytes are split means nothing.
fn read_bytes(bytes: &[u8]) -> (Result<Option<Request>, Why>, usize) {
    let limits = Limits::default();
    let whole = in_pieces(bytes, bytes.len().max(1), &limits);
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(
            in_pieces(bytes, size, &limits),
            whole,
            "in pieces of {size}"
        );
    }
    whole
}

fn status(bytes: &[u8]) -> u16 {
    match read_bytes(bytes) {
        (Err(Why::Malformed { status, .. }), _) => status,
        (Err(Why::TooLarge(_)), _) => 413,
        (Ok(request), _) => panic!("{request:?} from {:?}", String::from_utf8_lossy(bytes)),
    }
}

fn request(bytes: &[u8]) -> Request {
    let (request, _) = read_bytes(bytes);
    request.expect("is fine").expect("is whole")
}

#[test]
fn a_chunked_body_is_read_however_it_is_split() {
    let request = request(CHUNKED);
    assert_eq!(request.body, b"abcde");
    assert_eq!(request.path, "/v1/chat/completions");
    assert_eq!(request.bearer().as_deref(), Some("k"));
    assert_eq!(request.parameter("x"), Some("1"));
    assert!(request.keep_alive);
}

#[test]
fn what_follows_a_request_stays_for_the_next() {
    let two = b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nabGET /b HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let (first, left) = read_bytes(two);
    let first = first.expect("is fine").expect("is whole");
    assert_eq!((first.path.as_str(), first.body), ("/a", b"ab".to_vec()));
    let second = request(&two[two.len() - left..]);
    assert_eq!((second.path.as_str(), second.keep_alive), ("/b", false));
}

#[test]
fn targets_of_every_form_have_a_path_or_are_refused() {
    let path = |target: &str| {
        let text = format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n");
        request(text.as_bytes()).path
    };
    assert_eq!(path("http://h:1/v1/models?a=b://c"), "/v1/models");
    assert_eq!(path("http://h"), "/");
    assert_eq!(path("/v1/a://b/c"), "/v1/a://b/c");
    assert_eq!(path("*"), "*");
    assert_eq!(status(b"CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n"), 400);
}

#[test]
fn what_is_not_clear_is_refused() {
    let post = |rest: &str| format!("POST /a HTTP/1.1\r\nhost: h\r\n{rest}").into_bytes();
    for (rest, expected) in [
        (
            "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\nab",
            400,
        ),
        ("content-length: 2\r\ncontent-length: 2\r\n\r\nab", 400),
        ("content-length: two\r\n\r\nab", 400),
        ("content-length: +2\r\n\r\nab", 400),
        ("content-length: -2\r\n\r\nab", 400),
        ("content-length: 2, 2\r\n\r\nab", 400),
        ("content-length:\r\n\r\nab", 400),
        ("content-length: 99999999999\r\n\r\n", 413),
        ("content-length: 99999999999999999999999\r\n\r\n", 413),
        ("transfer-encoding: gzip, chunked\r\n\r\n", 501),
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
            400,
        ),
        ("transfer-encoding: chunked\r\n\r\nzz\r\nab", 400),
        (
            "transfer-encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n",
            400,
        ),
        ("transfer-encoding: chunked\r\n\r\n\r\nab", 400),
        ("transfer-encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n", 400),
        (
            "transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
            400,
        ),
        ("transfer-encoding: chunked\r\n\r\nffffffff\r\n", 413),
        (
            "transfer-encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n",
            413,
        ),
        ("host: h\r\n\r\n", 400),
        ("a b: c\r\n\r\n", 400),
        ("a: b\r\n folded\r\n\r\n", 400),
        ("a: b\0c\r\n\r\n", 400),
        (": c\r\n\r\n", 400),
    ] {
        assert_eq!(status(&post(rest)), expected, "{rest:?}");
    }
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/3.7\r\nhost: h\r\n\r\n",
        b"GET\0 / HTTP/1.1\r\nhost: h\r\n\r\n",
        b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        assert_eq!(status(bytes), 400, "{:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(status(&[b'\n'; 40]), 400);
}

#[test]
fn a_body_that_is_nearly_all_talk_is_refused() {
    let head = b"POST /a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
    let talk = format!("1;{}\r\nx\r\n", "e".repeat(4000));
    assert_eq!(status(&[head, talk.repeat(6).as_bytes()].concat()), 400);
    let trailers = format!("0\r\n{}", format!("t: {}\r\n", "e".repeat(4000)).repeat(6));
    assert_eq!(status(&[head, trailers.as_bytes()].concat()), 400);
    let line = format!("1;{}", "e".repeat(5000));
    assert_eq!(status(&[head, line.as_bytes()].concat()), 400);
    let small = "1\r\nx\r\n".repeat(5000);
    let small = request(&[head, small.as_bytes(), b"0\r\n\r\n"].concat());
    assert_eq!(small.body.len(), 5000);
}

#[test]
fn a_head_has_its_bounds_however_it_comes() {
    let lines = |count: usize, length: usize| {
        let line = format!("x-filler: {}\r\n", "x".repeat(length));
        format!("GET / HTTP/1.1\r\nhost: h\r\n{}\r\n", line.repeat(count)).into_bytes()
    };
    assert_eq!(request(&lines(127, 400)).headers.len(), 128);
    assert_eq!(status(&lines(128, 1)), 431);
    assert_eq!(status(&lines(70, 1000)), 431);
    // What is wrong within the bounds is told before them, whether it comes at once or not.
    let wrong = format!(
        "GET / HTTP/1.1\r\nx: {}\r\nwrong\r\nx: ",
        "x".repeat(60_000)
    );
    assert_eq!(status(&[wrong.as_bytes(), &[b'x'; 20_000]].concat()), 400);
    let late = format!("GET / HTTP/1.1\r\nx: {}\r\nwrong\r\n", "x".repeat(70_000));
    assert_eq!(status(late.as_bytes()), 431);
    assert_eq!(
        status(format!("GET /{}", "x".repeat(70_000)).as_bytes()),
        431
    );
}

#[test]
fn values_have_their_bound() {
    let limits = Limits {
        values: 3,
        ..Limits::default()
    };
    let post = |body: &str| {
        let length = body.len();
        format!("POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let (refused, _) = in_pieces(post("[0,0,0,0]").as_bytes(), 9, &limits);
    assert!(
        matches!(refused, Err(Why::Malformed { status: 413, .. })),
        "{refused:?}"
    );
    let (read, _) = in_pieces(post("[0,0,0]").as_bytes(), 9, &limits);
    assert!(matches!(read, Ok(Some(_))), "{read:?}");
}

#[test]
fn whether_a_request_is_whole_is_known_from_its_bytes() {
    for length in 0..CHUNKED.len() {
        assert!(!is_whole(&CHUNKED[..length]), "{length}");
    }
    assert!(is_whole(CHUNKED) && is_whole(b"\x16\x03"));
}

#[tokio::test]
async fn a_client_that_asks_is_told_to_continue() {
    let (mut tap, mut seat, mut client) = pair(Limits::default());
    let ask = async {
        let head =
            b"POST /a HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
        client.write_all(head).await.expect("is read");
        let mut answer = [0; 25];
        client.read_exact(&mut answer).await.expect("is answered");
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        client.write_all(b"ab").await.expect("is read");
    };
    let (request, ()) = tokio::join!(read(&mut tap, &mut seat, &|_| 9), ask);
    assert_eq!(request.expect("is a request").body, b"ab");
}

#[tokio::test]
async fn a_peer_that_leaves_in_the_middle_is_told_apart() {
    let (mut tap, mut seat, mut client) = pair(Limits::default());
    let head = b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nab";
    client.write_all(head).await.expect("is read");
    drop(client);
    let answer = read(&mut tap, &mut seat, &|_| 9).await;
    assert!(matches!(answer, Err(Broken::Left(_))), "{answer:?}");
}

#[tokio::test]
async fn what_is_refused_after_its_head_is_known_by_it() {
    let (mut tap, mut seat, mut client) = pair(Limits::default());
    let head = b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n";
    client.write_all(head).await.expect("is read");
    let Err(Broken::Refused(refused)) = read(&mut tap, &mut seat, &|_| 8).await else {
        panic!("is larger than it may be");
    };
    assert_eq!(refused.why, Why::TooLarge(8));
    assert_eq!(
        refused.request.map(|request| request.path),
        Some("/a".into())
    );
}

/// Sends bytes one by one with pauses between them, and then nothing for ever.
async fn drip(client: &mut UnixStream, bytes: &[u8], pause: Duration) {
    for byte in bytes {
        client.write_all(&[*byte]).await.expect("is read");
        tokio::time::sleep(pause).await;
    }
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_and_a_silent_body_are_refused_in_time() {
    let limits = Limits {
        head_within: Duration::from_secs(5),
        body_silence: Duration::from_secs(3),
        ..Limits::default()
    };
    let head = "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 999\r\n\r\n";
    for (text, expected) in [(&head[..40], 5), (head, 3)] {
        let (mut tap, mut seat, mut client) = pair(limits);
        let begun = Instant::now();
        let pause = match text.len() < head.len() {
            true => Duration::from_secs(1),
            false => Duration::ZERO,
        };
        let drip = drip(&mut client, text.as_bytes(), pause);
        let answer = tokio::select! {
            biased;
            answer = read(&mut tap, &mut seat, &|_| 9999) => answer,
            () = drip => panic!("was read"),
        };
        let Err(Broken::Refused(refused)) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(refused.why, Why::TOO_SLOW);
        assert_eq!(begun.elapsed().as_secs(), expected);
    }
}

#[tokio::test]
async fn what_all_receive_at_once_is_bounded() {
    let reception = Reception::new(Limits {
        receiving_bytes: 100_000,
        ..Limits::default()
    });
    let head = b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 150000\r\n\r\n";
    let mut open = Vec::new();
    let mut served = Vec::new();
    for _ in 0..3 {
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let mut seat = Arc::clone(&reception).seat();
        served.push(tokio::spawn(async move {
            let mut tap = Tap::new(Socket::from(server));
            read(&mut tap, &mut seat, &|_| usize::MAX).await
        }));
        client.write_all(head).await.expect("is read");
        client.write_all(&[b'x'; 140_000]).await.expect("is read");
        open.push(client);
    }
    // Each holds 75,000 beyond what is free: the first fits, the second does not, and gives back what it took.
    let mut refused = Vec::new();
    for task in &mut served[1..] {
        match task.await.expect("does not panic") {
            Err(Broken::Refused(why)) => refused.push(why.why),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, [Why::TOO_BUSY; 2]);
    open[0].write_all(&[b'x'; 10_000]).await.expect("is read");
    let first = served.remove(0).await.expect("does not panic");
    assert_eq!(first.expect("is a request").body.len(), 150_000);
}
