//! The paths of this dialect: `/{v1|v1beta}/models[/{model}[:{method}]]`, who may be meant by them, and the key that comes along.

use crate::http::Request;
use crate::protocol::Operation;

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// `v1` or `v1beta`.
    pub(super) version: &'static str,
    /// Without `models/`, decoded; nothing for the list.
    pub(super) model: Option<String>,
    pub(super) method: Method,
}

/// What is done with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    GenerateContent,
    StreamGenerateContent,
    CountTokens,
    EmbedContent,
    BatchEmbedContents,
    /// No method: the model, or the list, is described.
    Describe,
}

/// How an answer of the model is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One document.
    Whole,
    /// Server-sent events.
    Events,
    /// One JSON array, element by element: what a stream is without `alt=sse`.
    Array,
}

impl Method {
    const NAMED: [(&'static str, Self); 5] = [
        ("generateContent", Self::GenerateContent),
        ("streamGenerateContent", Self::StreamGenerateContent),
        ("countTokens", Self::CountTokens),
        ("embedContent", Self::EmbedContent),
        ("batchEmbedContents", Self::BatchEmbedContents),
    ];

    pub(super) fn name(self) -> &'static str {
        let mut named = Self::NAMED.into_iter();
        let found = named.find(|(_, method)| *method == self);
        found.map_or("getModel", |(name, _)| name)
    }
}

/// The route of a request; nothing where the path is not this dialect's.
pub(super) fn route(request: &Request) -> Option<Route> {
    let path = request.path.trim_end_matches('/');
    let (version, rest) = match path.strip_prefix("/v1beta") {
        Some(rest) => ("v1beta", rest),
        None => ("v1", path.strip_prefix("/v1")?),
    };
    let rest = rest.strip_prefix("/models")?;
    let named = match rest.strip_prefix('/') {
        Some(named) => named,
        None if rest.is_empty() => {
            return Some(Route {
                version,
                model: None,
                method: Method::Describe,
            });
        }
        None => return None,
    };
    let named = decoded(named);
    let (model, method) = match named.rsplit_once(':') {
        Some((model, name)) => {
            let mut methods = Method::NAMED.into_iter();
            let (_, method) = methods.find(|(known, _)| *known == name)?;
            (model.to_owned(), method)
        }
        None => (named, Method::Describe),
    };
    Some(Route {
        version,
        model: Some(model),
        method,
    })
}

/// What is asked for. Other dialects have lists of models at `/v1/models`; where they are spoken too, it is who brings Google's key or
/// client header that means this one.
pub(super) fn operation(request: &Request, alone: bool) -> Option<Operation> {
    let route = route(request)?;
    let of_google = alone
        || request.header("x-goog-api-key").is_some()
        || request.header("x-goog-api-client").is_some()
        || request.parameter("key").is_some();
    match (route.method, request.method.as_str()) {
        (Method::Describe, _) if route.version == "v1" && !of_google => None,
        (Method::Describe, "GET") | (Method::CountTokens, "POST") => Some(Operation::Document),
        (Method::EmbedContent | Method::BatchEmbedContents, "POST") => Some(Operation::Document),
        (Method::GenerateContent | Method::StreamGenerateContent, "POST") => {
            Some(Operation::Answer)
        }
        // The front end answers with its own 404, as for a path that is none.
        _ => None,
    }
}

/// How the answer to a request is written.
pub(super) fn form(request: &Request) -> Form {
    let streams = route(request).is_some_and(|route| route.method == Method::StreamGenerateContent);
    match (streams, request.parameter("alt")) {
        (false, _) => Form::Whole,
        (true, Some("sse")) => Form::Events,
        (true, _) => Form::Array,
    }
}

/// The key: in its own header, in the query, or as a token of OAuth.
pub(super) fn key(request: &Request) -> Option<String> {
    let header = request.header("x-goog-api-key").map(str::to_owned);
    let query = || request.parameter("key").map(decoded);
    header.or_else(query).or_else(|| request.bearer())
}

/// Percent-encoding undone (RFC 3986, section 2.1); what is none stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = &after[if byte.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, header: Option<&str>) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers = header.map(|name| (name.to_owned(), "k%41".to_owned()));
        Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: headers.into_iter().collect(),
            ..Request::default()
        }
    }

    #[test]
    fn paths_are_told_apart() {
        let answer = Some(Operation::Answer);
        let document = Some(Operation::Document);
        for (method, path, header, expected) in [
            ("POST", "/v1beta/models/m:generateContent", None, answer),
            ("POST", "/v1/models/m:streamGenerateContent", None, answer),
            ("POST", "/v1beta/models/m:countTokens", None, document),
            ("POST", "/v1beta/models/m:embedContent", None, document),
            ("GET", "/v1beta/models/", None, document),
            ("GET", "/v1beta/models/m", None, document),
            ("GET", "/v1/models", None, None),
            ("GET", "/v1/models", Some("x-goog-api-key"), document),
            ("GET", "/v1/models?key=k", None, document),
            ("GET", "/v1beta/models/m:generateContent", None, None),
            ("POST", "/v1beta/models/m:dance", None, None),
            ("POST", "/v1beta/modelsm", None, None),
            ("POST", "/v1/chat/completions", Some("x-goog-api-key"), None),
        ] {
            let request = request(method, path, header);
            assert_eq!(operation(&request, false), expected, "{method} {path}");
        }
        let plain = request("GET", "/v1/models", None);
        assert_eq!(operation(&plain, true), document);
    }

    #[test]
    fn the_form_follows_method_and_query() {
        let form = |path| form(&request("POST", path, None));
        assert_eq!(
            form("/v1beta/models/m:generateContent?alt=sse"),
            Form::Whole
        );
        assert_eq!(
            form("/v1beta/models/m:streamGenerateContent?key=k&alt=sse"),
            Form::Events
        );
        assert_eq!(form("/v1beta/models/m:streamGenerateContent"), Form::Array);
    }

    #[test]
    fn a_key_may_come_in_three_ways() {
        assert_eq!(
            key(&request("GET", "/?key=a%2Bb", None)).as_deref(),
            Some("a+b")
        );
        let header = request("GET", "/?key=x", Some("x-goog-api-key"));
        assert_eq!(key(&header).as_deref(), Some("k%41"));
        assert_eq!(key(&request("GET", "/", None)), None);
        let odd = route(&request("POST", "/v1/models/a%20b%:generateContent", None));
        assert_eq!(odd.and_then(|route| route.model).as_deref(), Some("a b%"));
    }
}
