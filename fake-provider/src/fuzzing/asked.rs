//! Requests: read leniently, checked, refused in every way there is, and answered if they keep the rules.

use fault_io::Response;
use journal::Said;
use provider_script::{Reply, ToolCall};
use serde_json::json;
use wire_faults::StatusAnswer;

use crate::addressing::Turn;
use crate::dialects;
use crate::example::Example;
use crate::http::Request;
use crate::json::Value;
use crate::memory::Memory;
use crate::options::Dialect;
use crate::protocol::{
    Around, Asking, Checked, Head, InBandError, Operation, Problem, Protocol, Rendering,
};
use crate::retry::error_answer;
use crate::sent::Sent;

/// An answer of this provider that a request may refer to.
const REMEMBERED: &str = "resp_1";
/// Statuses that a script may ask for, with shapes of their own.
const STATUSES: [u16; 5] = [400, 401, 413, 429, 529];

/// A request as text: a line with method and target, lines with headers, an empty line, and the body.
pub(super) fn request(dialect: Dialect, data: &[u8]) {
    let request = read(data);
    let memory = Memory::default();
    memory.remember(REMEMBERED.into(), vec![Turn::User("Before.".into())].into());
    let asked = Asked {
        protocol: dialects::of(Some(dialect), &request),
        key: None,
        memory: &memory,
        request: &request,
    };
    let key = asked.protocol.key(&request);
    let asked = Asked {
        key: key.as_deref(),
        ..asked
    };
    match asked.protocol.operation(&request) {
        Some(Operation::Answer) => asked.answer(),
        Some(Operation::Document) => asked.document(),
        Some(Operation::NotAllowed(allow)) => asked.refused(&Problem::NotAllowed(allow)),
        None => asked.refused(&Problem::NotFound),
    }
}

fn read(data: &[u8]) -> Request {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (method, target) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .unwrap_or(("POST", "/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|line| line.split_once(':'));
    Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: headers.map(|(name, value)| (name, value.trim())).collect(),
        body: body.to_vec(),
        keep_alive: true,
        chunks: true,
    }
}

struct Asked<'a> {
    protocol: &'static dyn Protocol,
    request: &'a Request,
    key: Option<&'a str>,
    memory: &'a Memory,
}

impl Asked<'_> {
    fn answer(&self) {
        let Ok(body) = serde_json::from_slice::<Value<'_>>(&self.request.body) else {
            self.refused(&Problem::NotJson);
            return;
        };
        let mut example = Example::of(&reply(), false);
        example.conversation = self.protocol.conversation(self.request, &body, self.memory);
        example.request = self.request.clone();
        let checked = Checked {
            request: self.request,
            body: &body,
            raw_arguments: &["{\"half\": ".to_owned()],
            memory: self.memory,
        };
        let rendering = Rendering {
            asking: Asking {
                key: self.key,
                request: &example.request,
                ..example.rendering(&body).asking
            },
            ..example.rendering(&body)
        };
        match self.protocol.check(&checked) {
            Err(violation) => self.refused_as(&Problem::Violation(violation), &rendering.asking),
            Ok(()) => self.rendered(&rendering),
        }
    }

    /// A reply, and errors before it and inside it.
    fn rendered(&self, rendering: &Rendering<'_>) {
        let response = self.protocol.reply(rendering);
        let last = response.frames.last().map(|frame| frame.bytes.end);
        assert_eq!(last, Some(response.body.len()), "frames cover the body");
        let said = self.read_back(&response, rendering);
        assert_eq!(said.text, "Hé, \"you\".", "{}", shown(&response.body));
        // One of the routes of Ollama has no tools.
        assert!(said.tool_calls.len() <= 1, "{}", shown(&response.body));
        if let Some((id, answer)) = self.protocol.remembered(rendering) {
            self.memory.remember(id, answer);
        }
        for status in STATUSES {
            let answer = StatusAnswer {
                status,
                retry_after_ms: Some("1\n".into()),
                echo_key: status == 401,
                ..StatusAnswer::default()
            };
            self.refused_as(&Problem::Scripted(&answer), &rendering.asking);
            let error = InBandError {
                answer: &answer,
                flat: status == 400,
                events_before: 2,
            };
            // Whether there is one depends on the dialect and on the request.
            let _ = self.protocol.in_band_error(&error, rendering);
        }
        self.refused_as(&Problem::Unscripted("twice".into()), &rendering.asking);
        self.refused_as(&Problem::Unauthorized, &rendering.asking);
    }

    fn read_back(&self, response: &Response, rendering: &Rendering<'_>) -> Said {
        let wire = [&response.head, b"\r\n".as_slice(), &response.body].concat();
        head_is_whole(&response.head);
        self.protocol.said(&Sent::read(&wire), rendering.calls)
    }

    fn document(&self) {
        let script = provider_script::Script::default();
        let around = Around {
            script: &script,
            models: &[],
            memory: self.memory,
            seed: 3,
        };
        if let Err(problem) = self.protocol.document(self.request, &around) {
            self.refused(&problem);
        }
    }

    fn refused(&self, problem: &Problem<'_>) {
        let example = Example::of(&Reply::default(), false);
        let asking = Asking {
            request: self.request,
            key: self.key,
            ..example.rendering(&crate::json::NULL).asking
        };
        self.refused_as(problem, &asking);
    }

    fn refused_as(&self, problem: &Problem<'_>, asking: &Asking<'_>) {
        let error = error_answer(self.protocol, problem, asking);
        assert!((400..600).contains(&error.status), "{error:?}");
        let json = error.content_type.starts_with("application/json");
        if json && !error.body.starts_with(b"[") {
            let read = serde_json::from_slice::<Value<'_>>(&error.body);
            assert!(read.is_ok(), "{}", shown(&error.body));
        }
        head_is_whole(&self.protocol.head(&Head::of(&error), asking));
    }
}

/// Nothing of a request may become a header line of its own.
fn head_is_whole(head: &[u8]) {
    let lines = head.strip_suffix(b"\r\n").expect("ends its last line");
    let text = String::from_utf8_lossy(lines);
    for (number, line) in text.split("\r\n").enumerate() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(number == 0 || line.contains(": "), "{line:?}");
    }
}

fn reply() -> Reply {
    let arguments = json!({"path": "a\"b"});
    Reply {
        text: Some("Hé, \"you\".".into()),
        reasoning: Some("Hm.".into()),
        tool_calls: vec![ToolCall {
            tool: "read".into(),
            arguments: arguments.as_object().cloned().unwrap_or_default(),
            raw_arguments: None,
        }],
        ..Reply::default()
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
