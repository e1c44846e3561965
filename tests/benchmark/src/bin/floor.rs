//! The floor of the benchmark: a bare hyper server that sends fixed bytes, one frame an event. Parses nothing but HTTP.
//!
//! `floor PORT WHOLE STREAM PACE_MS`: a request whose body asks for a stream gets the events of the file STREAM, each a frame,
//! with so much silence between; every other one gets the file WHOLE.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use memchr::memmem;
use tokio::net::TcpListener;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What is sent.
#[derive(Debug)]
struct Answers {
    whole: Bytes,
    events: Vec<Bytes>,
    pace: Duration,
}

impl Answers {
    fn read(arguments: &[String]) -> io::Result<Self> {
        let [whole, stream, pace] = arguments else {
            return Err(io::Error::other("usage: floor PORT WHOLE STREAM PACE_MS"));
        };
        let stream = Bytes::from(std::fs::read(stream)?);
        let mut events = Vec::new();
        let mut start = 0;
        for end in memmem::find_iter(&stream, b"\n\n") {
            events.push(stream.slice(start..end + 2));
            start = end + 2;
        }
        let pace = pace.parse().map_err(io::Error::other)?;
        Ok(Self {
            whole: Bytes::from(std::fs::read(whole)?),
            events,
            pace: Duration::from_millis(pace),
        })
    }

    fn whole(&self) -> Response<Body> {
        answer(
            "application/json",
            Full::new(self.whole.clone()).boxed_unsync(),
        )
    }

    fn stream(&'static self) -> Response<Body> {
        let events = stream::iter(&self.events).then(async |event| {
            if !self.pace.is_zero() {
                tokio::time::sleep(self.pace).await;
            }
            Ok(Frame::data(event.clone()))
        });
        answer(
            "text/event-stream; charset=utf-8",
            StreamBody::new(events).boxed_unsync(),
        )
    }

    async fn answer(&'static self, request: Request<Incoming>) -> Response<Body> {
        let body = request.into_body().collect().await;
        let body = body
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        match memmem::find(&body, b"\"stream\":true") {
            Some(_) => self.stream(),
            None => self.whole(),
        }
    }
}

fn answer(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let value = hyper::header::HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, value);
    response
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = arguments.first().and_then(|port| port.parse().ok());
    let answers: &'static Answers = Box::leak(Box::new(Answers::read(
        arguments.get(1..).unwrap_or_default(),
    )?));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service =
                service_fn(async |request| Ok::<_, Infallible>(answers.answer(request).await));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // A client that leaves is no matter here.
            let _ = connection.await;
        });
    }
}
