//! A person, or a program in a person's place, talks to the agent: one question, or a prompt that outlives every failure.
//!
//! Knows neither the process nor its signals: screen, lines and interrupts are given to it.

mod chat;
mod console;
mod printer;
mod turn;

pub(crate) use chat::chat;
pub(crate) use console::{Console, Interrupts, read_lines};

use std::sync::Arc;

use crate::agent::Agent;
use turn::{Ending, Question, play};

/// How a conversation ended, for whoever chooses the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// All is well.
    Fine,
    /// The question was not answered; why has been printed.
    Failed,
    /// The user interrupted it.
    Interrupted,
}

/// Asks one question and prints the answer, or one line that says why there is none.
pub(crate) async fn ask(
    agent: &Arc<Agent>,
    session: Option<String>,
    prompt: String,
    console: &mut Console,
) -> Farewell {
    let session = session.unwrap_or_else(|| agent.ids().run_id());
    match play(agent, Question { session, prompt }, console).await {
        Ending::Answered => Farewell::Fine,
        Ending::Failed(why) => {
            console.complain(&why);
            Farewell::Failed
        }
        Ending::Stopped | Ending::Deserted => Farewell::Interrupted,
    }
}
