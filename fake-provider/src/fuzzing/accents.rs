//! What providers with an accent say, whole and cut anywhere: read back.

use provider_script::{Quirk, Reply, ToolCall};
use serde_json::json;

use crate::dialects;
use crate::example::Example;
use crate::options::Dialect;
use crate::protocol::{Asking, Rendering};
use crate::sent::Sent;

/// What is asked and where it is cut, in bytes: which accent, in which way and in pieces of which length, and after how many bytes,
/// in two. Then what is said, separated by zeros: text, reasoning, and arguments of a call.
pub(super) fn said(data: &[u8]) {
    let Some(([accent, way, cut @ ..], rest)) = data.split_first_chunk::<4>() else {
        return;
    };
    let index = usize::from(*accent) % (Quirk::ALL.len() + 1);
    let quirk = Quirk::ALL.get(index).copied();
    let mut parts = rest.split(|byte| *byte == 0);
    let mut part = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let reply = reply(part(), part(), part());
    let example = Example::of(&reply, way & 1 == 1);
    let body = json!({"stream_options": {"include_usage": way & 2 == 2}});
    let body = (&body).into();
    let plain = example.rendering(&body);
    let rendering = Rendering {
        asking: Asking {
            quirk,
            ..plain.asking
        },
        delta_bytes: u32::from(way >> 2),
        ..plain
    };
    let protocol = dialects::usual(Some(Dialect::OpenaiChat));
    let response = protocol.reply(&rendering);
    let wire = [&response.head, b"\r\n".as_slice(), &response.body].concat();
    let text = reply.text.unwrap_or_default();

    let whole = protocol.said(&Sent::read(&wire), rendering.calls);
    assert_eq!(whole.text, text, "{quirk:?}");
    assert_eq!(whole.tool_calls.len(), rendering.calls.len(), "{whole:?}");
    for (call, intended) in whole.tool_calls.iter().zip(rendering.calls) {
        assert!(
            call.whole && call.arguments == intended.arguments,
            "{call:?}"
        );
    }
    let cut = usize::from(u16::from_be_bytes([cut[0], cut[1]])) % wire.len();
    let part = protocol.said(&Sent::read(&wire[..cut]), rendering.calls);
    assert!(text.starts_with(&part.text), "{quirk:?}: {part:?}");
    for (call, intended) in part.tool_calls.iter().zip(rendering.calls) {
        let begun = intended.arguments.starts_with(&call.arguments);
        assert!(begun && call.id == intended.id, "{quirk:?}: {call:?}");
    }
}

fn reply(text: String, reasoning: String, arguments: String) -> Reply {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let call = |arguments| ToolCall {
        tool: "read".into(),
        arguments: serde_json::Map::new(),
        raw_arguments: Some(arguments),
    };
    Reply {
        text: some(text),
        reasoning: some(reasoning),
        tool_calls: some(arguments).map(call).into_iter().collect(),
        ..Reply::default()
    }
}
