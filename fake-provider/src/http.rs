//! Requests as they come over a connection, read at the wire level and within bounds. Knows no dialect.

mod body;

use fault_io::{Left, Tap};

/// A request head may be this long, as with the real provider's front end.
const HEAD_MAX: usize = 64 * 1024;
/// A head may have so many header lines.
const HEADERS_MAX: usize = 128;

/// A request, read whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// The query, without its question mark.
    pub(crate) query: String,
    /// Names in lower case, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the connection stays open afterwards.
    pub(crate) keep_alive: bool,
    /// Whether the peer understands chunked responses: HTTP/1.1.
    pub(crate) chunks: bool,
}

impl Request {
    /// The value of the first header of this name, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The key in `Authorization: Bearer KEY`.
    pub(crate) fn bearer(&self) -> Option<String> {
        let (scheme, key) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| key.trim().to_owned())
    }

    /// The value of a parameter of the query, as it stands there.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The peer left.
    Left(Left),
    /// What came is not a request that can be answered properly; the connection cannot go on.
    Malformed { status: u16, message: &'static str },
}

impl From<Left> for Broken {
    fn from(left: Left) -> Self {
        Self::Left(left)
    }
}

const fn malformed(message: &'static str) -> Broken {
    Broken::Malformed {
        status: 400,
        message,
    }
}

/// How the end of a request body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

/// What a head says beyond the request itself.
#[derive(Debug)]
struct Head {
    request: Request,
    length: Length,
    expects_continue: bool,
}

/// Reads the next request of a connection. What follows it stays in the tap.
pub(crate) async fn read(tap: &mut Tap) -> Result<Request, Broken> {
    let mut head = read_head(tap).await?;
    if head.expects_continue && head.length != Length::Known(0) {
        tap.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    head.request.body = match head.length {
        Length::Known(length) => body::known(tap, length).await?,
        Length::Chunked => body::chunked(tap).await?,
    };
    Ok(head.request)
}

/// Whether these bytes hold all of a request, or no request at all.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    let Ok(status) = parsed.parse(bytes) else {
        return true;
    };
    let httparse::Status::Complete(head) = status else {
        return false;
    };
    match length(&parsed) {
        Ok(Length::Known(length)) => bytes.len() - head >= length,
        Ok(Length::Chunked) => bytes[head..].ends_with(b"0\r\n\r\n"),
        Err(_) => true,
    }
}

async fn read_head(tap: &mut Tap) -> Result<Head, Broken> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(tap.inbound()) {
            Ok(httparse::Status::Complete(length)) => {
                let head = understand(&parsed)?;
                tap.take(length);
                return Ok(head);
            }
            Ok(httparse::Status::Partial) if tap.inbound().len() < HEAD_MAX => {}
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Broken::Malformed {
                    status: 431,
                    message: "the request head is too large",
                });
            }
            Err(_) => return Err(malformed("the request is not HTTP/1.1")),
        }
        tap.read().await?;
    }
}

fn understand(parsed: &httparse::Request<'_, '_>) -> Result<Head, Broken> {
    let target = parsed.path.unwrap_or_default();
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // A request to a proxy names the whole address; only its path is of interest.
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => path,
    };
    let chunks = parsed.version == Some(1);
    let connection = header(parsed, "connection")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let keep_alive = match chunks {
        true => !connection.contains("close"),
        false => connection.contains("keep-alive"),
    };
    let expects = header(parsed, "expect").unwrap_or_default();
    Ok(Head {
        length: length(parsed)?,
        expects_continue: chunks && expects.eq_ignore_ascii_case("100-continue"),
        request: Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers(parsed),
            body: Vec::new(),
            keep_alive,
            chunks,
        },
    })
}

/// RFC 9112, section 6.3. Both at once is how requests are smuggled, and refused.
fn length(parsed: &httparse::Request<'_, '_>) -> Result<Length, Broken> {
    let coding = header(parsed, "transfer-encoding");
    let length = header(parsed, "content-length");
    match (coding, length) {
        (None, None) => Ok(Length::Known(0)),
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Ok(Length::Chunked),
        (None, Some(length)) => match length.parse() {
            Ok(length) if length <= body::MAX => Ok(Length::Known(length)),
            Ok(_) => Err(body::TOO_LARGE),
            Err(_) => Err(malformed("the content length is not a number")),
        },
        _ => Err(malformed(
            "the length of the request body is not told clearly",
        )),
    }
}

/// What is no text in a header is left out of it, since no provider looks at such bytes.
fn headers(parsed: &httparse::Request<'_, '_>) -> Vec<(String, String)> {
    let read = parsed.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value);
        (header.name.to_ascii_lowercase(), value.trim().to_owned())
    });
    read.collect()
}

fn header<'a>(parsed: &'a httparse::Request<'_, '_>, name: &str) -> Option<&'a str> {
    let mut headers = parsed.headers.iter();
    let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(header.value).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use fault_io::Socket;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;

    /// Sends `text` in pieces of `size` bytes and reads what the server makes of it.
    async fn receive(text: &[u8], size: usize) -> Result<Request, Broken> {
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let mut tap = Tap::new(Socket::from(server));
        let send = async {
            for piece in text.chunks(size) {
                client.write_all(piece).await.expect("is read");
                tokio::task::yield_now().await;
            }
            client.shutdown().await.expect("is read");
        };
        let (request, ()) = tokio::join!(read(&mut tap), send);
        request
    }

    const CHUNKED: &[u8] =
        b"POST /v1/chat/completions?x=1 HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\n\
        authorization: Bearer k\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\ntrailer: t\r\n\r\n";

    #[tokio::test]
    async fn a_chunked_body_is_read_however_it_is_split() {
        for size in [1, 2, 3, 7, 64, 1024] {
            let request = receive(CHUNKED, size).await.expect("is a request");
            assert_eq!(request.body, b"abcde", "in pieces of {size}");
            assert_eq!(request.path, "/v1/chat/completions");
            assert_eq!(request.bearer().as_deref(), Some("k"));
            assert_eq!(request.parameter("x"), Some("1"));
            assert!(request.keep_alive);
        }
    }

    #[tokio::test]
    async fn what_follows_a_request_stays_for_the_next() {
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let mut tap = Tap::new(Socket::from(server));
        let two = b"POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nabGET /b HTTP/1.1\r\nconnection: close\r\n\r\n";
        client.write_all(two).await.expect("is read");
        let first = read(&mut tap).await.expect("is a request");
        assert_eq!(
            (first.path.as_str(), first.body.as_slice()),
            ("/a", &b"ab"[..])
        );
        let second = read(&mut tap).await.expect("is a request");
        assert_eq!((second.path.as_str(), second.keep_alive), ("/b", false));
    }

    #[tokio::test]
    async fn a_client_that_asks_is_told_to_continue() {
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let mut tap = Tap::new(Socket::from(server));
        let ask = async {
            let head = b"POST /a HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
            client.write_all(head).await.expect("is read");
            let mut answer = [0; 25];
            client.read_exact(&mut answer).await.expect("is answered");
            assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
            client.write_all(b"ab").await.expect("is read");
        };
        let (request, ()) = tokio::join!(read(&mut tap), ask);
        assert_eq!(request.expect("is a request").body, b"ab");
    }

    #[tokio::test]
    async fn what_is_not_clear_is_refused() {
        let both = b"POST /a HTTP/1.1\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nab";
        let number = b"POST /a HTTP/1.1\r\ncontent-length: two\r\n\r\nab";
        let chunk = b"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab";
        let huge = b"POST /a HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n";
        let garbage = b"\x16\x03\x01\x02\x00\x01\x00\x01";
        for (bytes, expected) in [
            (&both[..], 400),
            (&number[..], 400),
            (&chunk[..], 400),
            (&huge[..], 413),
            (&garbage[..], 400),
        ] {
            let answer = receive(bytes, 1024).await;
            let malformed =
                matches!(answer, Err(Broken::Malformed { status, .. }) if status == expected);
            assert!(malformed, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_head_without_end_is_refused_in_time() {
        let mut head = b"GET / HTTP/1.1\r\n".to_vec();
        for _ in 0..100 {
            head.extend_from_slice(format!("x-filler: {}\r\n", "x".repeat(1000)).as_bytes());
        }
        let answer = receive(&head, 4096).await;
        assert!(
            matches!(answer, Err(Broken::Malformed { status: 431, .. })),
            "{answer:?}"
        );
    }

    #[tokio::test]
    async fn a_peer_that_leaves_in_the_middle_is_told_apart() {
        let answer = receive(b"POST /a HTTP/1.1\r\ncontent-length: 9\r\n\r\nab", 1024).await;
        assert!(matches!(answer, Err(Broken::Left(_))), "{answer:?}");
    }
}
