//! What the fuzz targets and the replay of their corpus call: anybody's bytes go in, and whatever they are, nothing may panic and
//! what comes out has to be whole. Built for tests and for fuzzing only; see `docs/fuzzing.md`.

mod accents;
mod asked;
mod left;
mod wire;

use crate::options::Dialect;

/// What comes over a connection: a byte for the length of the pieces that it comes in, and the bytes.
pub fn http_request(data: &[u8]) {
    wire::http(data);
}

/// A request to OpenAI Chat Completions, as [`asked::request`] has it.
pub fn request_openai_chat(data: &[u8]) {
    asked::request(Dialect::OpenaiChat, data);
}

/// A request to OpenAI Responses, as [`asked::request`] has it.
pub fn request_openai_responses(data: &[u8]) {
    asked::request(Dialect::OpenaiResponses, data);
}

/// A request to Anthropic Messages, as [`asked::request`] has it.
pub fn request_anthropic_messages(data: &[u8]) {
    asked::request(Dialect::AnthropicMessages, data);
}

/// A request to Gemini, as [`asked::request`] has it.
pub fn request_gemini(data: &[u8]) {
    asked::request(Dialect::Gemini, data);
}

/// A request to Ollama, as [`asked::request`] has it.
pub fn request_ollama(data: &[u8]) {
    asked::request(Dialect::Ollama, data);
}

/// What has left of an answer, cut and broken anywhere: a letter for the dialect, and the bytes.
pub fn said(data: &[u8]) {
    left::said(data);
}

/// What a provider with an accent says, as [`accents::said`] has it.
pub fn said_accents(data: &[u8]) {
    accents::said(data);
}

/// A file of a recording.
pub fn recording(data: &[u8]) {
    crate::replay::fuzzing::recording(data);
}

/// Requests to the admin API, separated by zeros.
pub fn admin(data: &[u8]) {
    crate::admin::fuzzing::admin(data);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Puts everything that was ever found through the same entry points.
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let corpus = fs::read_dir(folder.join(target)).expect("the corpus is committed");
        let mut inputs = 0;
        for input in corpus {
            let path = input.expect("is there").path();
            run(&fs::read(&path).expect("is readable"));
            inputs += 1;
        }
        assert!(inputs > 0, "{target} has no corpus");
    }

    #[test]
    fn the_corpus_of_requests_is_read() {
        replay("request_openai_chat", super::request_openai_chat);
        replay("request_openai_responses", super::request_openai_responses);
        replay(
            "request_anthropic_messages",
            super::request_anthropic_messages,
        );
        replay("request_gemini", super::request_gemini);
        replay("request_ollama", super::request_ollama);
    }

    #[test]
    fn the_corpus_of_connections_is_read() {
        replay("http_request", super::http_request);
    }

    #[test]
    fn the_corpus_of_recordings_is_read() {
        replay("recording", super::recording);
    }

    #[test]
    fn the_corpus_of_the_admin_api_is_answered() {
        replay("admin", super::admin);
    }

    #[test]
    fn the_corpus_of_answers_is_read_back() {
        replay("said", super::said);
        replay("said_accents", super::said_accents);
    }
}
