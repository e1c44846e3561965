//! What the fuzz target of streams and the replay of its corpus call. Built for tests and for fuzzing only; see
//! `docs/fuzzing.md`.

use serde_json::Value;

use super::assembly::Assembly;
use super::error_body;
use super::items::{EventTooLarge, Framing, StreamItem};
use super::piece::Piece;
use super::protocol::{self, AnswerReader};
use super::question::Question;
use super::stream::{StreamEnd, StreamReader, StrictStream};
use crate::config::Dialect;

/// Larger than any event here but those that are meant to be too large.
const LIMIT: usize = 4096;

/// A streamed answer: a letter for the dialect, a byte for the length of the pieces that it comes in, and its bytes. However it is
/// cut, it is the same answer.
///
/// # Panics
///
/// If it is not.
pub fn stream(data: &[u8]) {
    let [letter, length, bytes @ ..] = data else {
        return;
    };
    let dialect = match letter {
        b'c' => Dialect::OpenaiChat,
        b'r' => Dialect::OpenaiResponses,
        b'a' => Dialect::AnthropicMessages,
        b'g' => Dialect::Gemini,
        _ => Dialect::Ollama,
    };
    let framing = protocol::of(dialect).framing();
    let whole = items(framing, bytes, bytes.len().max(1));
    let pieces = items(framing, bytes, usize::from(*length).max(1));
    assert_eq!(whole, pieces);
    if let Ok(items) = whole {
        answer(dialect, &items);
    }
}

fn items(framing: Framing, bytes: &[u8], length: usize) -> Result<Vec<StreamItem>, EventTooLarge> {
    let mut cutter = framing.cutter(LIMIT);
    let mut items = Vec::new();
    for piece in bytes.chunks(length) {
        items.extend(cutter.push(piece)?);
    }
    items.extend(cutter.rest());
    Ok(items)
}

fn answer(dialect: Dialect, items: &[StreamItem]) {
    let question = Question {
        messages: Vec::new(),
        tools: Vec::new(),
        streaming: true,
        max_tokens: None,
    };
    let mut reader = protocol::of(dialect).reader(&question);
    let mut assembly = Assembly::of(dialect);
    let mut said = String::new();
    for piece in items.iter().flat_map(|item| read(&mut *reader, item)) {
        said.push_str(&assembly.take(piece).text);
    }
    if StrictStream.at_end(StreamEnd::Closed, &assembly).is_ok()
        && let Ok(answer) = StrictStream.conclude(assembly)
    {
        assert_eq!(answer.text, said, "what was said at once and in the end");
    }
}

fn read(reader: &mut dyn AnswerReader, item: &StreamItem) -> Vec<Piece> {
    match item {
        StreamItem::Event(event) => match serde_json::from_slice::<Value>(&event.data) {
            Ok(value) => match error_body::in_band(&value) {
                Some(error) => vec![Piece::Error(error)],
                None => {
                    let _ = reader.document(&value);
                    reader.event(event, &value)
                }
            },
            Err(_) => Vec::new(),
        },
        StreamItem::Stray(text) => {
            let value = serde_json::from_slice::<Value>(text).ok();
            let error = value.as_ref().and_then(error_body::in_band);
            error.map(Piece::Error).into_iter().collect()
        }
        StreamItem::Comment(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpus_of_streams_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        let mut inputs = 0;
        for input in fs::read_dir(folder.join("agent_stream")).expect("the corpus is committed") {
            let path = input.expect("is there").path();
            super::stream(&fs::read(&path).expect("is readable"));
            inputs += 1;
        }
        assert!(inputs > 0, "there is no corpus");
    }
}
