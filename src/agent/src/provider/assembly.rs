//! Puts an answer together from its pieces. A [`ToolCall`] comes out only of an answer that ended.

use serde_json::Value;

use crate::failure::{Failure, FailureCode};
use crate::message::ToolCall;
use crate::outcome::Usage;

/// How the provider said that an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// It had said what it had to say, or wants its tools run.
    Complete,
    /// It hit the token limit.
    Length,
    /// It was withheld.
    ContentFilter,
    /// It broke; the provider says so in place of a reason.
    Error,
}

impl Finish {
    /// An empty reason is none: some gateways send it with every chunk.
    fn parse(reason: &str) -> Option<Self> {
        match reason {
            "" => None,
            "length" | "max_tokens" => Some(Self::Length),
            "content_filter" | "safety" | "SAFETY" => Some(Self::ContentFilter),
            "error" => Some(Self::Error),
            _ => Some(Self::Complete),
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// The calls it makes.
    pub calls: Vec<ToolCall>,
    /// How it ended: [`Finish::Complete`] or [`Finish::Length`].
    pub finish: Finish,
    /// The reasoning that the provider showed.
    pub reasoning: String,
}

impl Answer {
    /// What a gate took out of an answer that broke, as if it were whole. What ships never makes one.
    #[must_use]
    pub fn salvaged(text: String, calls: Vec<ToolCall>) -> Self {
        Self {
            text,
            calls,
            finish: Finish::Complete,
            reasoning: String::new(),
        }
    }
}

/// What one piece brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// New text.
    pub text: String,
    /// Whether it brought anything at all; a piece that says nothing is a keep-alive.
    pub advanced: bool,
}

/// An answer under way.
#[derive(Debug, Default)]
pub struct Assembly {
    text: String,
    reasoning: String,
    calls: Vec<Slot>,
    finish: Option<Finish>,
    usage: Option<Usage>,
}

/// A call under way. `index` is the join key; when it collides, the id decides.
#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    /// Takes one `chat.completion.chunk`.
    pub fn chunk(&mut self, chunk: &Value) -> Step {
        self.take(chunk, "delta")
    }

    /// Takes one whole `chat.completion`.
    pub fn whole(&mut self, completion: &Value) -> Step {
        self.take(completion, "message")
    }

    /// How the answer ended, if it has.
    #[must_use]
    pub fn finish(&self) -> Option<&Finish> {
        self.finish.as_ref()
    }

    /// The text as far as it has arrived.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The last usage that the provider reported.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The calls as far as they have arrived: for whoever reports on a broken answer. Nothing here says that they are whole.
    #[must_use]
    pub fn fragments(&self) -> Vec<ToolCall> {
        let call = |slot: &Slot| ToolCall {
            id: slot.id.clone(),
            name: slot.name.clone(),
            arguments: slot.arguments.clone(),
        };
        self.calls.iter().map(call).collect()
    }

    /// The answer, once its end was accepted.
    ///
    /// # Errors
    /// The answer ended, but is none: withheld, broken, empty, or with calls that cannot be told apart.
    pub fn conclude(self) -> Result<Answer, Failure> {
        let calls = self.fragments();
        match self.finish.unwrap_or(Finish::Complete) {
            Finish::ContentFilter => {
                let message = "the provider withheld the answer (finish_reason content_filter)";
                Err(Failure::new(FailureCode::ContentFilter, message))
            }
            Finish::Error => {
                let message = "the provider ended the answer with finish_reason error";
                Err(Failure::new(FailureCode::ProviderErrorEvent, message))
            }
            Finish::Length => Ok(Answer {
                text: self.text,
                calls,
                finish: Finish::Length,
                reasoning: self.reasoning,
            }),
            Finish::Complete if self.text.trim().is_empty() && calls.is_empty() => {
                Err(Failure::new(
                    FailureCode::EmptyResponse,
                    "the answer ended properly and carried nothing",
                ))
            }
            Finish::Complete => {
                check_calls(&calls)?;
                Ok(Answer {
                    text: self.text,
                    calls,
                    finish: Finish::Complete,
                    reasoning: self.reasoning,
                })
            }
        }
    }

    fn take(&mut self, value: &Value, part: &str) -> Step {
        let mut step = Step::default();
        if let Some(usage) = value.get("usage").and_then(parse_usage) {
            self.usage = Some(usage);
            step.advanced = true;
        }
        let choice = value
            .get("choices")
            .and_then(Value::as_array)
            .and_then(|choices| choices.first());
        let Some(choice) =
            choice.filter(|choice| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0)
        else {
            return step;
        };
        if self.finish.is_some() {
            return step; // What follows the end is no part of the answer.
        }
        if let Some(piece) = choice.get(part) {
            step.text = string(piece, "content");
            step.advanced |= self.piece(piece, &step.text, part == "message");
        }
        if let Some(finish) = choice
            .get("finish_reason")
            .and_then(Value::as_str)
            .and_then(Finish::parse)
        {
            self.finish = Some(finish);
            step.advanced = true;
        }
        step
    }

    fn piece(&mut self, piece: &Value, text: &str, whole: bool) -> bool {
        self.text.push_str(text);
        let mut reasoning = string(piece, "reasoning_content");
        if reasoning.is_empty() {
            reasoning = string(piece, "reasoning");
        }
        self.reasoning.push_str(&reasoning);
        let calls = piece
            .get("tool_calls")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for (position, fragment) in calls.iter().enumerate() {
            let position = whole.then_some(position as u64);
            self.fragment(fragment, position);
        }
        !text.is_empty() || !reasoning.is_empty() || !calls.is_empty()
    }

    fn fragment(&mut self, fragment: &Value, position: Option<u64>) {
        let index = fragment.get("index").and_then(Value::as_u64).or(position);
        let id = string(fragment, "id");
        let slot = self.slot(index, &id);
        if slot.id.is_empty() {
            slot.id = id;
        }
        let function = fragment.get("function").unwrap_or(&Value::Null);
        if slot.name.is_empty() {
            slot.name = string(function, "name");
        }
        slot.arguments.push_str(&string(function, "arguments"));
    }

    /// The newest slot with this index, unless the fragment names another call; without an index, the slot of that id,
    /// or the newest of all.
    fn slot(&mut self, index: Option<u64>, id: &str) -> &mut Slot {
        let same_id = |slot: &Slot| id.is_empty() || slot.id.is_empty() || slot.id == id;
        let found = match index {
            Some(_) => self
                .calls
                .iter()
                .rposition(|slot| slot.index == index && slot.id == id)
                .or_else(|| {
                    self.calls
                        .iter()
                        .rposition(|slot| slot.index == index)
                        .filter(|at| same_id(&self.calls[*at]))
                }),
            None if id.is_empty() => self.calls.len().checked_sub(1),
            None => self.calls.iter().rposition(|slot| slot.id == id),
        };
        let at = found.unwrap_or(self.calls.len());
        if at == self.calls.len() {
            self.calls.push(Slot {
                index,
                ..Slot::default()
            });
        }
        &mut self.calls[at]
    }
}

/// Calls that the next request must answer one by one have names, and ids that differ.
fn check_calls(calls: &[ToolCall]) -> Result<(), Failure> {
    for (position, call) in calls.iter().enumerate() {
        if call.name.is_empty() || call.id.is_empty() {
            return Err(Failure::new(
                FailureCode::Protocol,
                "a tool call arrived without its name or id",
            ));
        }
        if calls[..position]
            .iter()
            .any(|earlier| earlier.id == call.id)
        {
            return Err(Failure::new(
                FailureCode::Protocol,
                format!("two tool calls have the id {}", call.id),
            ));
        }
    }
    Ok(())
}

fn string(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn parse_usage(usage: &Value) -> Option<Usage> {
    let count = |key: &str| usage.get(key).and_then(Value::as_u64);
    let (input, output) = (count("prompt_tokens"), count("completion_tokens"));
    if input.is_none() && output.is_none() && count("total_tokens").is_none() {
        return None;
    }
    Some(Usage {
        input_tokens: input.unwrap_or(0),
        output_tokens: output.unwrap_or(0),
        total_tokens: count("total_tokens").unwrap_or(0),
    })
}

#[cfg(test)]
mod tests;
