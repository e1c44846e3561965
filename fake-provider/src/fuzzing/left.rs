//! Answers as they left, read back.

use provider_script::{Reply, ToolCall};

use crate::dialects;
use crate::example::Example;
use crate::options::Dialect;
use crate::sent::Sent;

/// The first letter tells the dialect; what follows are the bytes that left, head and all.
pub(super) fn said(data: &[u8]) {
    let Some((letter, wire)) = data.split_first() else {
        return;
    };
    let dialect = match letter {
        b'c' => Dialect::OpenaiChat,
        b'r' => Dialect::OpenaiResponses,
        b'a' => Dialect::AnthropicMessages,
        b'g' => Dialect::Gemini,
        _ => Dialect::Ollama,
    };
    let call = ToolCall {
        tool: "read".into(),
        arguments: serde_json::Map::new(),
        raw_arguments: Some("{\"a\": \"é\"}".into()),
    };
    let reply = Reply {
        tool_calls: vec![call.clone(), call],
        ..Reply::default()
    };
    let intended = Example::of(&reply, true).calls;
    let protocol = dialects::usual(Some(dialect));
    let said = protocol.said(&Sent::read(wire), &intended);
    // Nothing is read that is not there: an escape of six bytes is three bytes of text at most.
    assert!(said.text.len() <= wire.len(), "{said:?}");
}
