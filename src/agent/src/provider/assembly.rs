//! Puts an answer together from its pieces. A [`ToolCall`] comes out only of an answer that ended.

use std::collections::BTreeSet;

use serde_json::Value;

use super::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::config::Dialect;
use crate::failure::{Failure, FailureCode};
use crate::message::{Keepsake, ToolCall};
use crate::outcome::Usage;

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// The calls it makes.
    pub calls: Vec<ToolCall>,
    /// How it ended: [`Finish::Complete`] or [`Finish::Length`].
    pub finish: Finish,
    /// The reasoning that the provider showed.
    pub reasoning: String,
    /// What its provider wants to see again, if anything.
    pub keepsake: Option<Keepsake>,
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
            keepsake: None,
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
    dialect: Dialect,
    text: String,
    reasoning: String,
    refusal: String,
    calls: Vec<Slot>,
    keepsakes: Vec<Value>,
    finish: Option<(Finish, String)>,
    usage: UsageReport,
    contradiction: Option<String>,
    milestones: BTreeSet<String>,
}

/// A call under way. `key` is the join key; when it collides, the id decides.
#[derive(Debug, Default)]
struct Slot {
    key: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    /// An answer in this dialect, of which nothing has arrived.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        Self {
            dialect,
            ..Self::default()
        }
    }

    /// Takes one piece. What follows the end is no part of the answer, except for what it cost.
    pub fn take(&mut self, piece: Piece) -> Step {
        if let Piece::Usage(report) = piece {
            let before = self.usage;
            self.usage = before.updated(report);
            return Step::silent(self.usage != before);
        }
        if self.finish.is_some() {
            return Step::default();
        }
        match piece {
            Piece::Text(text) => {
                self.text.push_str(&text);
                let advanced = !text.is_empty();
                Step { text, advanced }
            }
            Piece::Reasoning(text) => grow(&mut self.reasoning, &text),
            Piece::Refusal(text) => grow(&mut self.refusal, &text),
            Piece::Call(piece) => Step::silent(self.call(piece)),
            Piece::Keepsake(block) => {
                self.keepsakes.push(block);
                Step::silent(true)
            }
            Piece::Finish(finish, reason) => {
                self.finish = Some((finish, reason));
                Step::silent(true)
            }
            Piece::Milestone(place) => Step::silent(self.milestones.insert(place)),
            Piece::Usage(_) | Piece::Error(_) | Piece::Marker => Step::default(),
        }
    }

    /// How the answer ended, if it has.
    #[must_use]
    pub fn finish(&self) -> Option<Finish> {
        self.finish.as_ref().map(|(finish, _)| *finish)
    }

    /// The text as far as it has arrived.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the provider has reported so far.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.usage.if_any().map(UsageReport::tokens)
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
    /// The answer ended, but is none: withheld, refused, broken, empty, contradicting itself, or with calls that cannot be told
    /// apart.
    pub fn conclude(self) -> Result<Answer, Failure> {
        let calls = self.fragments();
        let (finish, reason) = self.finish.unwrap_or((Finish::Complete, String::new()));
        let told = match self.refusal.as_str() {
            "" => String::new(),
            refusal => format!(": {refusal}"),
        };
        match finish {
            Finish::ContentFilter => {
                let message = "the provider withheld the answer (content_filter, its reason: ";
                let message = format!("{message}{reason}){told}");
                return Err(Failure::new(FailureCode::ContentFilter, message));
            }
            Finish::Error => {
                let message = "the provider ended the answer with an error (finish reason ";
                let message = format!("{message}{reason}){told}");
                return Err(Failure::new(FailureCode::ProviderErrorEvent, message));
            }
            Finish::Complete if !self.refusal.is_empty() => {
                let message = format!("the model refused to answer{told}");
                return Err(Failure::new(FailureCode::ContentFilter, message));
            }
            Finish::Complete if self.text.trim().is_empty() && calls.is_empty() => {
                return Err(Failure::new(
                    FailureCode::EmptyResponse,
                    "the answer ended properly and carried nothing",
                ));
            }
            Finish::Complete => {
                if let Some(message) = self.contradiction {
                    return Err(Failure::new(FailureCode::Protocol, message));
                }
                check_calls(&calls)?;
            }
            Finish::Length => {}
        }
        let keepsake = Keepsake {
            dialect: self.dialect,
            blocks: self.keepsakes,
        };
        Ok(Answer {
            text: self.text,
            calls,
            finish,
            reasoning: self.reasoning,
            keepsake: Some(keepsake).filter(|keepsake| !keepsake.blocks.is_empty()),
        })
    }

    /// Takes a part of a call, and says whether it brought anything.
    fn call(&mut self, piece: CallPiece) -> bool {
        let known = self.calls.len();
        let at = self.slot(piece.key, &piece.id);
        let slot = &mut self.calls[at];
        let mut advanced = at == known;
        for (field, told) in [(&mut slot.id, piece.id), (&mut slot.name, piece.name)] {
            if field.is_empty() && !told.is_empty() {
                *field = told;
                advanced = true;
            }
        }
        match piece.arguments {
            Arguments::Part(part) => {
                slot.arguments.push_str(&part);
                advanced |= !part.is_empty();
            }
            Arguments::Whole(whole) if slot.arguments.is_empty() => {
                advanced |= !whole.is_empty();
                slot.arguments = whole;
            }
            Arguments::Whole(whole) if slot.arguments == whole => {}
            Arguments::Whole(_) => {
                let message = format!(
                    "the arguments of the tool call {} are not those that were streamed before",
                    slot.id
                );
                self.contradiction = Some(message);
            }
        }
        advanced
    }

    /// Where the newest slot with this key is, unless the fragment names another call; without a key, the slot of that id,
    /// or the newest of all.
    fn slot(&mut self, key: Option<u64>, id: &str) -> usize {
        let same_id = |slot: &Slot| id.is_empty() || slot.id.is_empty() || slot.id == id;
        let found = match key {
            Some(_) => self
                .calls
                .iter()
                .rposition(|slot| slot.key == key && slot.id == id)
                .or_else(|| {
                    self.calls
                        .iter()
                        .rposition(|slot| slot.key == key)
                        .filter(|at| same_id(&self.calls[*at]))
                }),
            None if id.is_empty() => self.calls.len().checked_sub(1),
            None => self.calls.iter().rposition(|slot| slot.id == id),
        };
        let at = found.unwrap_or(self.calls.len());
        if at == self.calls.len() {
            self.calls.push(Slot {
                key,
                ..Slot::default()
            });
        }
        at
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

impl Step {
    fn silent(advanced: bool) -> Self {
        Self {
            text: String::new(),
            advanced,
        }
    }
}

fn grow(text: &mut String, more: &str) -> Step {
    text.push_str(more);
    Step::silent(!more.is_empty())
}

#[cfg(test)]
mod tests;
