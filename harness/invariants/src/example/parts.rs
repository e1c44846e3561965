//! What small journals are made of: answers, faults, clients. Knows no story.

use journal::{ClientRole, Fact, FaultOutcome, Said, SaidToolCall, Usage};

/// An answer with this text, whole.
pub(crate) fn says(text: &str) -> Said {
    Said {
        text: text.to_owned(),
        tool_calls: Vec::new(),
        finish: Some("stop".to_owned()),
        end_marker: true,
        usage: None,
    }
}

/// An answer that calls one tool, whole.
pub(crate) fn calls(id: &str, arguments: &str) -> Said {
    Said {
        tool_calls: vec![call(id, arguments, true)],
        finish: Some("tool-calls".to_owned()),
        ..says("")
    }
}

/// An answer that was cut in its text.
pub(crate) fn says_partly(text: &str) -> Said {
    Said {
        finish: None,
        end_marker: false,
        ..says(text)
    }
}

/// An answer that was cut in the arguments of its tool call.
pub(crate) fn calls_partly(id: &str, arguments: &str) -> Said {
    Said {
        tool_calls: vec![call(id, arguments, false)],
        ..says_partly("")
    }
}

/// The same answer, with what it cost.
pub(crate) fn costing(input: u64, output: u64, said: Said) -> Said {
    Said {
        usage: Some(Usage { input, output }),
        ..said
    }
}

fn call(id: &str, arguments: &str, whole: bool) -> SaidToolCall {
    SaidToolCall {
        id: id.to_owned(),
        index: 0,
        tool: "effect".to_owned(),
        arguments: arguments.to_owned(),
        whole,
    }
}

/// A fault in the text, and what became of it.
pub(crate) fn fault(action: &str, outcome: FaultOutcome) -> Fact {
    Fact::Fault {
        entry: 0,
        point: "after 4 bytes of text".to_owned(),
        action: action.to_owned(),
        outcome,
        expected: "300 bytes, then a RST".to_owned(),
        observed: "300 bytes, then a RST".to_owned(),
    }
}

/// A client on the runtime `main`; `client-2` owns `transport-2`.
pub(crate) fn built(client: &str, role: ClientRole) -> Fact {
    Fact::ClientBuilt {
        client: client.to_owned(),
        role,
        runtime: "main".to_owned(),
        transport: client.replace("client", "transport"),
        replaces: None,
        config_before: "c0ffee".to_owned(),
        config_after: "c0ffee".to_owned(),
    }
}
