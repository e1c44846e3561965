//! One turn: questions to the provider and rounds of tools, until there is an answer, a failure or a halt.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Turn;
use crate::compaction;
use crate::event::{EventSink, RunEvent};
use crate::failure::{Failure, FailureCode};
use crate::halt::HaltReason;
use crate::lifecycle::ClientRole;
use crate::message::{Message, ToolCall, estimated_tokens};
use crate::provider::{Answer, CallEnd, CallParts, Finish, ProviderCall, Question};
use crate::tools::{Admission, ToolOutput, Toolbox, definitions};

/// Why a turn ended without an answer.
#[derive(Debug)]
pub(super) enum Ending {
    /// It failed.
    Failed(Failure),
    /// It had to end.
    Halted(HaltReason),
}

/// A turn under way. Its messages are its own until they are committed to the session.
pub(super) struct Conversation<'a> {
    parts: CallParts,
    tools: &'a Toolbox,
    turn: &'a Turn,
    messages: Vec<Message>,
    compactions: u32,
    refused_rounds: u32,
}

impl<'a> Conversation<'a> {
    /// The turn that continues `earlier`.
    pub(super) fn new(
        parts: CallParts,
        tools: &'a Toolbox,
        turn: &'a Turn,
        earlier: Vec<Message>,
    ) -> Self {
        let mut messages = earlier;
        messages.push(Message::user(turn.input.clone()));
        Self {
            parts,
            tools,
            turn,
            messages,
            compactions: 0,
            refused_rounds: 0,
        }
    }

    /// What is to be remembered of it.
    pub(super) fn into_messages(self, answered: bool) -> Vec<Message> {
        self.parts.seams.history.remember(self.messages, answered)
    }

    /// Runs it to its final answer.
    pub(super) async fn run(&mut self) -> Result<String, Ending> {
        for _ in 0..self.parts.config.budgets.max_rounds {
            if estimated_tokens(&self.messages) > self.parts.config.budgets.context_tokens {
                self.compact().await?;
            }
            let answer = self.answer().await?;
            if !answer.reasoning.is_empty() {
                self.parts.sink.event(RunEvent::ReasoningAvailable {
                    text: answer.reasoning.clone(),
                });
            }
            if answer.calls.is_empty() {
                self.messages.push(Message::assistant(answer.text.clone()));
                return Ok(answer.text);
            }
            self.run_tools(answer).await?;
        }
        let rounds = self.parts.config.budgets.max_rounds;
        let message = format!("the turn took more than {rounds} rounds of tools");
        Err(Ending::Failed(Failure::new(
            FailureCode::BudgetExhausted,
            message,
        )))
    }

    /// One whole answer: continued where it was cut at the token limit, asked again where the conversation was too long.
    async fn answer(&mut self) -> Result<Answer, Ending> {
        let mut said = String::new();
        let mut continuations = 0;
        loop {
            let end = self.ask(self.question(&said)).await;
            let (answer, kept) = match end {
                CallEnd::Answered { answer, kept } => (answer, kept),
                CallEnd::Salvaged(calls) => return Ok(Answer::salvaged(said, calls)),
                CallEnd::Halted(reason) => return Err(Ending::Halted(reason)),
                CallEnd::Failed(failure) => {
                    self.make_room_after(failure).await?;
                    continue;
                }
            };
            said = format!("{said}{kept}{}", answer.text);
            if answer.finish == Finish::Complete {
                return Ok(Answer {
                    text: said,
                    ..answer
                });
            }
            let may_go_on = continuations < self.parts.config.budgets.continuations;
            if !may_go_on || !answer.calls.is_empty() || answer.text.trim().is_empty() {
                return Err(Ending::Failed(cut_at_limit(&answer, continuations)));
            }
            continuations += 1;
        }
    }

    /// After a failure, the question can be asked again only when it was too long and is shorter now.
    async fn make_room_after(&mut self, failure: Failure) -> Result<(), Ending> {
        let too_long = failure.code == FailureCode::ContextOverflow;
        if too_long && self.compact().await? {
            Ok(())
        } else {
            Err(Ending::Failed(failure))
        }
    }

    /// The question as it stands; `said` is what was already said of a cut answer.
    fn question(&self, said: &str) -> Question {
        let instructions = self
            .turn
            .instructions
            .iter()
            .map(|content| Message::System {
                content: content.clone(),
            });
        let mut messages: Vec<Message> =
            instructions.chain(self.messages.iter().cloned()).collect();
        if !said.is_empty() {
            messages.push(Message::assistant(said));
            messages.push(Message::user("Your answer was cut off. Go on exactly where it stopped, without repeating anything."));
        }
        Question {
            messages,
            tools: definitions(),
            streaming: self.parts.config.streaming,
            max_tokens: self.parts.config.max_tokens,
        }
    }

    async fn ask(&self, question: Question) -> CallEnd {
        call(self.parts.clone(), question, self.turn.model.clone()).await
    }

    /// Replaces the earlier conversation by a summary. `false` when that is not possible, or did not help.
    async fn compact(&mut self) -> Result<bool, Ending> {
        let budgets = &self.parts.config.budgets;
        let Some((earlier, kept)) = compaction::split(&self.messages) else {
            return Ok(false);
        };
        if self.compactions >= budgets.compactions {
            return Ok(false);
        }
        self.compactions += 1;
        let messages = compaction::question(earlier, budgets.context_tokens / 2);
        let parts = CallParts {
            role: ClientRole::Auxiliary,
            purpose: "summary",
            sink: Arc::new(Unheard),
            ..self.parts.clone()
        };
        let question = Question {
            messages,
            tools: Vec::new(),
            streaming: false,
            max_tokens: self.parts.config.max_tokens,
        };
        match call(parts, question, self.turn.model.clone()).await {
            CallEnd::Answered { answer, .. } => {
                let Some(smaller) = compaction::replace(&self.messages, kept, &answer.text) else {
                    return Ok(false);
                };
                self.messages = smaller;
                Ok(true)
            }
            CallEnd::Halted(reason) => Err(Ending::Halted(reason)),
            CallEnd::Failed(_) | CallEnd::Salvaged(_) => Ok(false),
        }
    }

    /// Runs the calls of one answer, one after the other, and writes the round into the conversation, interrupted or not.
    async fn run_tools(&mut self, answer: Answer) -> Result<(), Ending> {
        let mut results = Vec::new();
        let mut halted = None;
        let mut refused = 0;
        for call in &answer.calls {
            let output = match self.parts.seams.tool_gate.admit(call) {
                Admission::Run(arguments) => self.run_tool(call, arguments).await,
                Admission::Refuse(reason) => {
                    refused += 1;
                    Ok(ToolOutput::error(reason))
                }
            };
            match output {
                Ok(output) => results.push(output),
                Err(reason) => {
                    halted = Some(reason);
                    break;
                }
            }
        }
        self.refused_rounds = if refused == answer.calls.len() {
            self.refused_rounds + 1
        } else {
            0
        };
        self.parts
            .seams
            .history
            .round(&mut self.messages, answer, results);
        if let Some(reason) = halted {
            return Err(Ending::Halted(reason));
        }
        if self.refused_rounds >= self.parts.config.budgets.refused_rounds.max(1) {
            let message = format!(
                "the model made tool calls that cannot be run {} times in a row",
                self.refused_rounds
            );
            return Err(Ending::Failed(Failure::new(FailureCode::Protocol, message)));
        }
        Ok(())
    }

    async fn run_tool(
        &self,
        call: &ToolCall,
        arguments: serde_json::Map<String, serde_json::Value>,
    ) -> Result<ToolOutput, HaltReason> {
        if let Some(reason) = self.parts.halt.check() {
            return Err(reason);
        }
        let preview = arguments
            .values()
            .filter_map(|value| value.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let preview = preview.chars().take(80).collect();
        self.parts.sink.event(RunEvent::ToolStarted {
            tool: call.name.clone(),
            preview,
        });
        let started = Instant::now();
        let work =
            self.parts
                .seams
                .tool_gate
                .execute(self.tools, &self.parts.run_id, call, arguments);
        let output = self.parts.halt.race(work).await;
        self.parts.sink.event(RunEvent::ToolCompleted {
            tool: call.name.clone(),
            duration: started.elapsed(),
            error: output.as_ref().map_or(true, |output| output.error),
        });
        output
    }
}

/// Makes one provider call under the run's halt. The call is one future that owns everything it uses.
async fn call(parts: CallParts, question: Question, model: Option<String>) -> CallEnd {
    let interruption = Arc::clone(&parts.seams.interruption);
    let halt = parts.halt.clone();
    let (tell, mut told) = oneshot::channel();
    let work = Box::pin(async move {
        // Nobody listens to a call that was given up.
        let _ = tell.send(ProviderCall::new(parts, question).run(model).await);
    });
    match interruption.race(halt, work).await {
        Err(reason) => CallEnd::Halted(reason),
        Ok(()) => told.try_recv().unwrap_or_else(|_| {
            CallEnd::Failed(Failure::new(
                FailureCode::Internal,
                "a provider call ended without an ending",
            ))
        }),
    }
}

fn cut_at_limit(answer: &Answer, continuations: u32) -> Failure {
    let what = if answer.calls.is_empty() {
        "the answer"
    } else {
        "a tool call"
    };
    let message = format!(
        "{what} was cut at the token limit (finish reason length) after {continuations} continuations"
    );
    Failure::new(FailureCode::OutputTruncated, message)
}

/// What an auxiliary call says is for us alone.
struct Unheard;

impl EventSink for Unheard {
    fn event(&self, _: RunEvent) {}
}
