//! Answers that are rendered, cut and read back: what holds of every dialect, for the tests of each.

use fault_io::{Contract, Response};
use journal::Said;
use provider_script::{Reply, ToolCall};
use serde_json::{Value, json};
use wire_faults::{Action, Fault, Point};

use crate::example::Example;
use crate::protocol::{Intended, Protocol};
use crate::sent::Sent;

/// Text in which nearly every way to write a character occurs.
pub(crate) const TEXT: &str = "Grüße 🎉, \"quoted\"\n\tand \u{1} <b>back\\slashed</b> & so on.";

/// [`TEXT`], and two calls whose arguments have what a reader may stumble over. In pieces that are cut inside of characters, and
/// no smaller: it is read as often as it has bytes.
pub(crate) fn talkative() -> Reply {
    Reply {
        text: Some(TEXT.into()),
        tool_calls: vec![listing("src/é"), listing("b\"},{c")],
        delta_bytes: Some(9),
        ..Reply::default()
    }
}

/// A call of the tool `list`.
pub(crate) fn listing(path: &str) -> ToolCall {
    ToolCall {
        tool: "list".into(),
        arguments: serde_json::Map::from_iter([("path".to_owned(), json!(path))]),
        raw_arguments: None,
    }
}

/// An answer in a dialect.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    dialect: &'a dyn Protocol,
    text: String,
    pub(crate) response: Response,
    pub(crate) calls: Vec<Intended>,
}

impl<'a> Answer<'a> {
    /// The example as this dialect answers this body.
    pub(crate) fn of(dialect: &'a dyn Protocol, example: &Example, body: &Value) -> Self {
        Self {
            dialect,
            text: example.reply.text.clone().unwrap_or_default(),
            response: dialect.reply(&example.rendering(&body.into())),
            calls: example.calls.clone(),
        }
    }

    /// The same, where the dialect leaves out the calls.
    pub(crate) fn without_calls(self) -> Self {
        Self {
            calls: Vec::new(),
            ..self
        }
    }

    /// What such bytes have said.
    pub(crate) fn read(&self, wire: &[u8]) -> Said {
        self.dialect.said(&Sent::read(wire), &self.calls)
    }

    /// What the whole answer has said.
    pub(crate) fn whole(&self) -> Said {
        self.read(Contract::plain(&self.response).wire())
    }

    /// The bytes that leave before a point.
    pub(crate) fn wire_before(&self, point: Point) -> Vec<u8> {
        let fault = Fault {
            point,
            action: Action::Close,
        };
        let contract = Contract::of(&self.response, &fault).expect("has the point");
        contract.wire().to_vec()
    }

    /// What the answer has said before a point.
    pub(crate) fn before(&self, point: Point) -> Said {
        self.read(&self.wire_before(point))
    }

    /// All of it is read as it was meant.
    pub(crate) fn assert_whole(&self) {
        let said = self.whole();
        assert_eq!(said.text, self.text);
        assert!(said.end_marker);
        assert_eq!(said.tool_calls.len(), self.calls.len());
        for (call, meant) in said.tool_calls.iter().zip(&self.calls) {
            assert_eq!(
                (&call.tool, &call.arguments),
                (&meant.tool, &meant.arguments)
            );
            assert!(call.whole, "{said:?}");
        }
        let finish = if self.calls.is_empty() {
            "stop"
        } else {
            "tool-calls"
        };
        assert_eq!(said.finish.as_deref(), Some(finish));
    }

    /// However little has left, what is read of it is the beginning of what was meant, and never less than of fewer bytes.
    pub(crate) fn assert_read_wherever_cut(&self) {
        let contract = Contract::plain(&self.response);
        let mut text = 0;
        for cut in 0..=contract.wire().len() {
            let said = self.read(&contract.wire()[..cut]);
            assert!(self.text.starts_with(&said.text), "{cut}: {said:?}");
            assert!(said.text.len() >= text, "{cut}: {said:?}");
            text = said.text.len();
            for call in &said.tool_calls {
                let meant = &self.calls[call.index as usize];
                assert!(
                    meant.arguments.starts_with(&call.arguments),
                    "{cut}: {said:?}"
                );
                let whole = call.arguments == meant.arguments && call.tool == meant.tool;
                assert!(!call.whole || whole, "{cut}: {said:?}");
            }
        }
        assert_eq!(text, self.text.len());
    }

    /// So many bytes of text have been said where the mark says so.
    pub(crate) fn assert_text_marks(&self) {
        for after_bytes in 0..=self.text.len() as u64 {
            let shown = shown(&self.text, after_bytes);
            assert_eq!(self.before(Point::Text { after_bytes }).text, shown);
        }
    }

    /// So many bytes of arguments have been said where the mark says so.
    pub(crate) fn assert_argument_marks(&self) {
        self.at_arguments(|said, shown| {
            let told = said.tool_calls.iter().map(|call| call.arguments.as_str());
            assert_eq!(told.collect::<String>(), shown);
        });
    }

    /// What holds a call's arguments has not ended with the last of them, so the call is not whole.
    pub(crate) fn assert_calls_outlast_arguments(&self) {
        self.at_arguments(|said, _| {
            let last = said.tool_calls.last();
            assert!(!last.is_some_and(|call| call.whole), "{said:?}");
        });
    }

    /// What has been said at each byte of the arguments, and those up to there.
    fn at_arguments(&self, holds: impl Fn(&Said, &str)) {
        let arguments = self.calls.iter().map(|call| call.arguments.as_str());
        let arguments: String = arguments.collect();
        for after_bytes in 1..=arguments.len() as u64 {
            let said = self.before(Point::ToolArguments { after_bytes });
            holds(&said, shown(&arguments, after_bytes));
        }
    }
}

/// As much of a text as is in so many of its bytes.
fn shown(text: &str, bytes: u64) -> &str {
    let bytes = usize::try_from(bytes).expect("fits");
    &text[..text.floor_char_boundary(bytes)]
}
