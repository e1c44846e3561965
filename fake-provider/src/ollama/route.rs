//! What the paths of an Ollama server are for. Knows no bodies but whether a conversation is empty.

use crate::http::Request;
use crate::json::Value;

/// An endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Chat,
    Generate,
    /// `/v1/chat/completions`, which speaks like OpenAI's.
    CompatibleChat,
    CompatibleModels,
    CompatibleModel,
    CompatibleEmbeddings,
    Tags,
    Running,
    Version,
    Show,
    Embed,
    /// The older form of [`Self::Embed`].
    Embeddings,
}

/// No request that only loads a model is longer.
const LOAD_MAX: usize = 1024;

impl Route {
    /// The endpoint that a request is for.
    pub(super) fn of(request: &Request) -> Option<Self> {
        Some(match request.path.trim_end_matches('/') {
            "/api/chat" => Self::Chat,
            "/api/generate" => Self::Generate,
            "/api/tags" => Self::Tags,
            "/api/ps" => Self::Running,
            "/api/version" => Self::Version,
            "/api/show" => Self::Show,
            "/api/embed" => Self::Embed,
            "/api/embeddings" => Self::Embeddings,
            "/v1/chat/completions" => Self::CompatibleChat,
            "/v1/embeddings" => Self::CompatibleEmbeddings,
            "/v1/models" => Self::CompatibleModels,
            path if path.starts_with("/v1/models/") => Self::CompatibleModel,
            _ => return None,
        })
    }

    /// The one method that it has.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Tags
            | Self::Running
            | Self::Version
            | Self::CompatibleModels
            | Self::CompatibleModel => "GET",
            Self::Chat
            | Self::Generate
            | Self::Show
            | Self::Embed
            | Self::Embeddings
            | Self::CompatibleChat
            | Self::CompatibleEmbeddings => "POST",
        }
    }

    /// Whether it speaks like OpenAI, errors included.
    pub(super) const fn is_compatible(self) -> bool {
        matches!(
            self,
            Self::CompatibleChat
                | Self::CompatibleModels
                | Self::CompatibleModel
                | Self::CompatibleEmbeddings
        )
    }

    /// Whether the model is to say something.
    pub(super) fn answers(self, request: &Request) -> bool {
        match self {
            Self::Chat => !loads(request, "messages"),
            Self::Generate => !loads(request, "prompt"),
            Self::CompatibleChat => true,
            _ => false,
        }
    }
}

/// Whether a request says nothing, and so only loads a model, or unloads it. Without the field at all it does too, but a
/// body that is no JSON or lacks the model is for the rules.
fn loads(request: &Request, field: &str) -> bool {
    if request.body.len() > LOAD_MAX {
        return false;
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return false;
    };
    let nothing = match &body[field] {
        Value::Null => true,
        Value::Array(messages) => messages.is_empty(),
        Value::String(prompt) => prompt.is_empty(),
        _ => false,
    };
    nothing
        && body["model"]
            .as_str()
            .is_some_and(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, body: &str) -> Request {
        Request {
            path: path.into(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    #[test]
    fn a_request_without_words_only_loads_the_model() {
        let answers = |path: &str, body: &str| {
            let request = request(path, body);
            Route::of(&request).expect("is a path").answers(&request)
        };
        assert!(!answers("/api/chat", r#"{"model":"m","messages":[]}"#));
        assert!(!answers("/api/chat/", r#"{"model":"m"}"#));
        assert!(!answers("/api/generate", r#"{"model":"m","keep_alive":0}"#));
        assert!(answers("/api/generate", r#"{"model":"m","prompt":"x"}"#));
        assert!(answers("/api/chat", r#"{"messages":[]}"#));
        assert!(answers("/api/chat", "{"));
        assert!(!answers("/api/show", r#"{"model":"m"}"#));
    }

    #[test]
    fn other_paths_are_nobodys() {
        for path in ["/", "/api", "/api/chat/x", "/v1", "/chat/completions"] {
            assert_eq!(Route::of(&request(path, "")), None, "{path}");
        }
    }
}
