//! A request whose head has come over a stream of HTTP/2: the same bounds, and the same refusals. Knows no frame.

use fault_io::{Asked, Bounds, Tap};
use tokio::time::timeout;

use super::head::{HEADERS_MOST, NO_HOST, TOO_LARGE, UNCLEAR, digits, malformed};
use super::reading::BodyMost;
use super::{Broken, Held, Limits, Refused, Request, Why, values};

/// What a field counts in a head beyond its bytes (RFC 9113, section 6.5.2).
const OF_A_FIELD: usize = 32;
/// The body and the length that its head has told do not fit (RFC 9113, section 8.1.1).
const ANOTHER_LENGTH: Why = malformed("the request body is not as long as its head says");

/// What a connection of HTTP/2 bounds by itself.
pub(crate) fn bounds(limits: &Limits) -> Bounds {
    Bounds {
        head_bytes: limits.head_bytes,
        fields: limits.headers.min(HEADERS_MOST),
        head_within: limits.head_within,
    }
}

/// Reads the rest of a request, as far as it is not refused.
pub(crate) async fn receive(
    tap: &mut Tap,
    asked: Asked,
    (limits, mut held): (&Limits, Held),
    body_most: BodyMost<'_>,
) -> Result<Request, Broken> {
    let is_too_large = asked.is_too_large;
    let mut request = request(asked);
    let received = match is_too_large {
        true => Err(Broken::from(TOO_LARGE)),
        false => body(tap, &request, (limits, &mut held), body_most).await,
    };
    match received {
        Ok(body) => {
            request.body = body;
            Ok(request)
        }
        Err(Broken::Refused(refused)) => {
            // Of a head that is too large perhaps nothing is known.
            let request = (!request.method.is_empty()).then_some(request);
            Err(Broken::Refused(Box::new(Refused {
                request,
                ..*refused
            })))
        }
        Err(left) => Err(left),
    }
}

async fn body(
    tap: &mut Tap,
    request: &Request,
    (limits, held): (&Limits, &mut Held),
    body_most: BodyMost<'_>,
) -> Result<Vec<u8>, Broken> {
    if request.header("host").is_none() {
        return Err(NO_HOST.into());
    }
    let most = body_most(request).min(limits.body_bytes);
    let told = told(request)?;
    if told.is_some_and(|told| told > most) {
        return Err(Why::TooLarge(most).into());
    }
    let head = size(request);
    let mut body = Vec::new();
    loop {
        let arrived = tap.inbound().len();
        body.extend(tap.take(arrived));
        if body.len() > most {
            return Err(Why::TooLarge(most).into());
        }
        if !held.grow(head + body.len()) {
            return Err(Why::TOO_BUSY.into());
        }
        if tap.has_heard_all() {
            break;
        }
        match timeout(limits.body_silence, tap.read()).await {
            Ok(arrived) => arrived?,
            Err(_) => return Err(Why::TOO_SLOW.into()),
        }
    }
    if told.is_some_and(|told| told != body.len()) {
        return Err(ANOTHER_LENGTH.into());
    }
    values::within(limits.values, &body)?;
    Ok(body)
}

/// How long the head says that the body is.
fn told(request: &Request) -> Result<Option<usize>, Why> {
    let mut lengths = { request.headers.iter() }.filter(|(name, _)| *name == "content-length");
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(None),
        (Some((_, length)), None) => digits(length.as_bytes()).map(Some),
        (Some(_), Some(_)) => Err(UNCLEAR),
    }
}

/// How much a head takes.
fn size(request: &Request) -> usize {
    let fields = request.headers.iter();
    let fields = fields.map(|(name, value)| name.len() + value.len() + OF_A_FIELD);
    request.path.len() + request.query.len() + fields.sum::<usize>()
}

/// What was asked, as any request that has no body.
fn request(asked: Asked) -> Request {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let host = (!asked.authority.is_empty()).then(|| ("host".to_owned(), asked.authority));
    Request {
        method: asked.method,
        path,
        query,
        headers: host.into_iter().chain(asked.fields).collect(),
        body: Vec::new(),
        keep_alive: true,
        chunks: true,
    }
}

impl From<Why> for Broken {
    fn from(why: Why) -> Self {
        Self::Refused(Box::new(Refused { why, request: None }))
    }
}
