//! A reply as the bytes of this dialect: a stream of named events with numbers, or one object laid out over lines.
//!
//! The last event tells how the answer ended and carries all of it once more; there is no other terminal marker, so the finish
//! reason and the end lie in the same place. What faults count in (text, reasoning, arguments) are the deltas, where it is said
//! for the first time.

use fault_io::{Framing, Response};
use provider_script::Reply;

use super::head::head;
use super::items::{Content, Items, Reasoning};
use super::object::{State, object, status};
use super::part::{Layout, Part};
use crate::body::{Body, pieces};
use crate::protocol::{Head, Intended, Rendering};

/// Deltas are padded to a multiple of so many characters.
const UP_TO: usize = 16;

/// The deltas that are; those of a refusal were recorded without, on the same day.
const PADDED: [&str; 3] = [
    "response.output_text.delta",
    "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta",
];

/// A reply in this dialect.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    match rendering.conversation.streamed {
        true => streamed(rendering),
        false => whole(rendering),
    }
}

/// What whoever asks for the answer by its id gets: the same as was answered without a stream.
pub(super) fn document(rendering: &Rendering<'_>) -> Vec<u8> {
    laid_out(rendering, Layout::REPEATED).into_response().body
}

fn laid_out(rendering: &Rendering<'_>, layout: Layout) -> Body {
    let items = Items::new(rendering);
    let mut body = Body::default();
    let state = State::Ended { streamed: false };
    object(rendering, &items, state).write(&mut body, layout);
    body
}

fn whole(rendering: &Rendering<'_>) -> Response {
    let body = laid_out(rendering, Layout::DOCUMENT);
    let ok = Head::ok("application/json");
    Response {
        head: head(&ok, &rendering.asking),
        framing: Framing::ContentLength,
        ..body.into_response()
    }
}

fn streamed(rendering: &Rendering<'_>) -> Response {
    let items = Items::new(rendering);
    let mut stream = Stream {
        body: Body::default(),
        bytes: rendering.delta_bytes(),
        padding: padding(rendering),
        output: 0,
    };
    for name in ["response.created", "response.in_progress"] {
        let object = object(rendering, &items, State::InProgress);
        stream.event(name, vec![("response", object)]);
    }
    if let Some(reasoning) = items.reasoning {
        stream.reasoning(&items, reasoning);
    }
    if !items.message.is_empty() {
        stream.message(&items);
    }
    for call in items.calls {
        stream.call(&items, call);
    }
    // There is no event of its own for the end, so there is no mark for one.
    stream.body.mark_finish();
    let ended = object(rendering, &items, State::Ended { streamed: true });
    stream.event(terminal(rendering.reply), vec![("response", ended)]);
    let ok = Head::ok("text/event-stream; charset=utf-8");
    Response {
        head: head(&ok, &rendering.asking),
        framing: Framing::Chunked,
        pace: rendering.reply.pace.map(|pace| pace.0),
        ..stream.body.into_response()
    }
}

/// Against those who listen to sizes, unless the client says that nobody does.
fn padding(rendering: &Rendering<'_>) -> Option<String> {
    let wanted = rendering.body["stream_options"]["include_obfuscation"].as_bool();
    let digits = || rendering.asking.draw.hex("obfuscation", 4 * UP_TO);
    wanted.unwrap_or(true).then(digits)
}

fn terminal(reply: &Reply) -> &'static str {
    match status(reply.finish()) {
        "incomplete" => "response.incomplete",
        _ => "response.completed",
    }
}

/// The members of an object.
type Members<'a> = Vec<(&'static str, Part<'a>)>;

/// An event's data: its type, then its members by name, its number among them.
pub(super) fn event(
    body: &mut Body,
    name: &'static str,
    number: usize,
    (mut members, layout): (Members<'_>, Layout),
) {
    members.push(("sequence_number", number.into()));
    members.sort_unstable_by_key(|(name, _)| *name);
    members.insert(0, ("type", name.into()));
    body.named_event(name, |body| Part::Object(members).write(body, layout));
}

/// A stream that is being written.
struct Stream {
    body: Body,
    /// How many decoded bytes go into one delta.
    bytes: usize,
    /// What deltas are padded with; nothing where none is wanted.
    padding: Option<String>,
    /// The place of the next item.
    output: usize,
}

impl Stream {
    fn event(&mut self, name: &'static str, members: Members<'_>) {
        let number = self.body.events();
        event(&mut self.body, name, number, (members, Layout::REPEATED));
    }

    /// An event of the item that is being said.
    fn of_item(&mut self, name: &'static str, id: &str, mut members: Members<'_>) {
        members.push(("item_id", id.into()));
        members.push(("output_index", self.output.into()));
        self.event(name, members);
    }

    /// What fills a delta up to the next multiple of [`UP_TO`] characters, as recorded.
    fn obfuscation(&self, piece: &str) -> Option<&str> {
        let padding = self.padding.as_deref()?;
        let begin = self.body.events() * 11 % (3 * UP_TO);
        let length = UP_TO - piece.chars().count() % UP_TO;
        padding.get(begin..begin + length)
    }

    /// One piece of what is said for the first time.
    fn delta<'a>(
        &mut self,
        name: &'static str,
        id: &str,
        mut members: Members<'a>,
        delta: Part<'a>,
    ) {
        let said = delta.said().filter(|_| PADDED.contains(&name));
        if let Some(obfuscation) = said.and_then(|said| self.obfuscation(said)) {
            members.push(("obfuscation", obfuscation.into()));
        }
        members.push(("delta", delta));
        members.push(("item_id", id.into()));
        members.push(("output_index", self.output.into()));
        let number = self.body.events();
        event(&mut self.body, name, number, (members, Layout::DELTA));
    }

    fn begin(&mut self, item: Part<'_>) {
        let index = self.output.into();
        self.event(
            "response.output_item.added",
            vec![("item", item), ("output_index", index)],
        );
    }

    fn end(&mut self, item: Part<'_>) {
        let index = self.output.into();
        self.event(
            "response.output_item.done",
            vec![("item", item), ("output_index", index)],
        );
        self.output += 1;
    }

    fn reasoning<'a>(&mut self, items: &Items<'a>, reasoning: Reasoning<'a>) {
        let id = items.ids.reasoning();
        self.begin(items.reasoning(reasoning, false));
        if !reasoning.text.is_empty() {
            self.thought(&id, reasoning);
        }
        self.end(items.reasoning(reasoning, true));
    }

    fn thought<'a>(&mut self, id: &str, reasoning: Reasoning<'a>) {
        let [added, delta, done, closed, kind, index] = match reasoning.summary {
            true => [
                "response.reasoning_summary_part.added",
                "response.reasoning_summary_text.delta",
                "response.reasoning_summary_text.done",
                "response.reasoning_summary_part.done",
                "summary_text",
                "summary_index",
            ],
            false => [
                "response.content_part.added",
                "response.reasoning_text.delta",
                "response.reasoning_text.done",
                "response.content_part.done",
                "reasoning_text",
                "content_index",
            ],
        };
        let part = |text: &'a str| {
            let part = vec![("type", kind.into()), ("text", Part::Reasoning(text))];
            vec![(index, 0.into()), ("part", Part::Object(part))]
        };
        self.of_item(added, id, part(""));
        for piece in pieces(reasoning.text, self.bytes) {
            self.delta(delta, id, vec![(index, 0.into())], Part::Reasoning(piece));
        }
        let text = Part::Reasoning(reasoning.text);
        self.of_item(done, id, vec![(index, 0.into()), ("text", text)]);
        self.of_item(closed, id, part(reasoning.text));
    }

    fn message(&mut self, items: &Items<'_>) {
        let id = items.ids.message();
        self.begin(items.message(false));
        for (index, content) in items.message.iter().enumerate() {
            self.content(&id, index, *content);
        }
        self.end(items.message(true));
    }

    fn content(&mut self, id: &str, index: usize, content: Content<'_>) {
        let at = || ("content_index", Part::from(index));
        self.of_item(
            "response.content_part.added",
            id,
            vec![at(), ("part", content.begun())],
        );
        match content {
            Content::Text(text) => {
                let logprobs = || ("logprobs", Part::List(Vec::new()));
                for piece in pieces(text, self.bytes) {
                    let members = vec![at(), logprobs()];
                    self.delta("response.output_text.delta", id, members, Part::Text(piece));
                }
                let done = vec![at(), logprobs(), ("text", Part::Text(text))];
                self.of_item("response.output_text.done", id, done);
            }
            Content::Refusal(text) => {
                for piece in pieces(text, self.bytes) {
                    self.delta("response.refusal.delta", id, vec![at()], Part::Text(piece));
                }
                let done = vec![at(), ("refusal", Part::Text(text))];
                self.of_item("response.refusal.done", id, done);
            }
        }
        self.of_item(
            "response.content_part.done",
            id,
            vec![at(), ("part", content.part())],
        );
    }

    fn call(&mut self, items: &Items<'_>, call: &Intended) {
        let id = items.ids.call(&call.id);
        self.begin(items.call(call, false));
        let name = "response.function_call_arguments.delta";
        for piece in pieces(&call.arguments, self.bytes) {
            self.delta(name, &id, Vec::new(), Part::Arguments(piece));
        }
        let done = vec![("arguments", Part::Arguments(&call.arguments))];
        self.of_item("response.function_call_arguments.done", &id, done);
        self.end(items.call(call, true));
    }
}
