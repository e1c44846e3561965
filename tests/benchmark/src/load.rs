//! The load: connections that ask again as soon as they are answered, and streams that are only held open.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// No answer takes longer; one that does is a mistake of the benchmark's.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked, and of whom.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) address: SocketAddr,
    /// The whole request, as it is sent.
    pub(crate) request: Vec<u8>,
}

impl Question {
    /// A request with a JSON body, and perhaps header lines of its own.
    pub(crate) fn new(address: SocketAddr, (path, headers): (&str, &str), body: &str) -> Self {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nauthorization: Bearer sk-benchmark\r\n\
             user-agent: OpenAI/Python 3.51.0\r\naccept: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self {
            address,
            request: request.into_bytes(),
        }
    }

    /// The answer's body, without its transfer coding.
    pub(crate) async fn ask(&self) -> io::Result<Vec<u8>> {
        let mut connection = Connection::open(self.address).await?;
        connection.exchange(&self.request).await?;
        Ok(connection.body())
    }

    /// Asks over `connections` at once for so long; how many answers came whole.
    pub(crate) async fn press(&self, connections: usize, lasting: Duration) -> io::Result<u64> {
        let until = Instant::now() + lasting;
        // Whoever sends to a thread that sleeps pays for waking it: a server that is slower than the load would pay with every
        // answer, and one that is faster would not.
        let awake = tokio::spawn(async move {
            while Instant::now() < until {
                tokio::task::yield_now().await;
            }
        });
        let mut pressing = JoinSet::new();
        for _ in 0..connections {
            let question = self.clone();
            pressing.spawn(async move { question.press_alone(until).await });
        }
        let mut answers = 0;
        while let Some(done) = pressing.join_next().await {
            answers += done.map_err(io::Error::other)??;
        }
        awake.await.map_err(io::Error::other)?;
        Ok(answers)
    }

    async fn press_alone(self, until: Instant) -> io::Result<u64> {
        let mut connection = Connection::open(self.address).await?;
        let mut answers = 0;
        while Instant::now() < until {
            if connection.exchange(&self.request).await?.closes {
                connection = Connection::open(self.address).await?;
            }
            answers += 1;
        }
        Ok(answers)
    }

    /// Opens so many streams and waits until each has begun; they stay open.
    pub(crate) async fn hold(&self, streams: usize) -> io::Result<Vec<TcpStream>> {
        let mut held = Vec::with_capacity(streams);
        for _ in 0..streams {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(&self.request).await?;
            held.push(stream);
        }
        for stream in &mut held {
            let mut head = [0; 4096];
            let begun = tokio::time::timeout(PATIENCE, stream.read(&mut head)).await;
            if begun.map_err(io::Error::other)?? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(held)
    }
}

/// How an answer ended.
struct Answered {
    closes: bool,
}

/// A connection, and the answer that was read last.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    head: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(64 * 1024),
            head: 0,
        })
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answered> {
        let answered = tokio::time::timeout(PATIENCE, self.ask(request)).await;
        answered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn ask(&mut self, request: &[u8]) -> io::Result<Answered> {
        self.answer.clear();
        self.head = 0;
        self.stream.write_all(request).await?;
        while self.stream.read_buf(&mut self.answer).await? > 0 {
            if self.head == 0 {
                let end = memmem::find(&self.answer, b"\r\n\r\n");
                self.head = end.map_or(0, |end| end + 4);
            }
            if self.head > 0 && self.is_whole()? {
                let closes = self.head_says("connection: close");
                return Ok(Answered { closes });
            }
        }
        match self.head > 0 && !self.head_says("content-length") {
            true => Ok(Answered { closes: true }),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn is_whole(&self) -> io::Result<bool> {
        if !self.answer.starts_with(b"HTTP/1.1 200") {
            let said = String::from_utf8_lossy(&self.answer).into_owned();
            return Err(io::Error::other(said));
        }
        match self.value("content-length: ") {
            Some(length) => {
                let length: usize = length.parse().map_err(io::Error::other)?;
                Ok(self.answer.len() >= self.head + length)
            }
            None => Ok(self.answer.ends_with(b"0\r\n\r\n")),
        }
    }

    fn head_says(&self, what: &str) -> bool {
        let head = String::from_utf8_lossy(&self.answer[..self.head]).to_ascii_lowercase();
        head.contains(what)
    }

    fn value(&self, name: &str) -> Option<String> {
        // The two spellings that servers have; lowering a whole head for every piece would cost more than the answer.
        let capital: String = name
            .split('-')
            .map(capitalized)
            .collect::<Vec<_>>()
            .join("-");
        let head = &self.answer[..self.head];
        let at = memmem::find(head, name.as_bytes()).or(memmem::find(head, capital.as_bytes()))?;
        let rest = &head[at + name.len()..];
        let end = memmem::find(rest, b"\r\n")?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    fn body(&self) -> Vec<u8> {
        let coded = &self.answer[self.head..];
        if !self.head_says("transfer-encoding: chunked") {
            return coded.to_vec();
        }
        let mut body = Vec::new();
        let mut rest = coded;
        while let Some(end) = memmem::find(rest, b"\r\n") {
            let size = std::str::from_utf8(&rest[..end]).unwrap_or_default();
            let size = usize::from_str_radix(size, 16).unwrap_or(0);
            body.extend_from_slice(&rest[end + 2..][..size]);
            rest = &rest[end + 2 + size + 2..];
        }
        body
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1.min(word.len()));
    format!("{}{rest}", first.to_ascii_uppercase())
}
