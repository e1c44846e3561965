//! The prompt: read a line, run a turn, survive whatever happened, ask again. Knows no terminal.

use std::sync::Arc;

use super::Farewell;
use super::console::{Console, Lines};
use super::turn::{Ending, Question, play};
use crate::agent::Agent;

/// Leaves the chat.
const QUIT: &str = "/quit";

/// What was typed, or why nothing will be.
enum Typed {
    Line(String),
    EndOfInput,
    Interrupt,
}

/// Holds a conversation in one session until `/quit`, the end of input, or an interrupt at the prompt.
pub(crate) async fn chat(
    agent: &Arc<Agent>,
    session: Option<String>,
    lines: &mut Lines,
    console: &mut Console,
) -> Farewell {
    let session = session.unwrap_or_else(|| agent.ids().run_id());
    loop {
        let prompt = match prompt(lines, console).await {
            Typed::Interrupt => return leave(console, Farewell::Interrupted),
            Typed::EndOfInput => return leave(console, Farewell::Fine),
            Typed::Line(line) if line.trim() == QUIT => return Farewell::Fine,
            Typed::Line(line) if line.trim().is_empty() => continue,
            Typed::Line(line) => line,
        };
        let session = session.clone();
        match play(agent, Question { session, prompt }, console).await {
            Ending::Answered => {}
            Ending::Failed(why) => console.complain(&why),
            Ending::Stopped => {
                let _ = writeln!(console.notes, "[stopped]");
            }
            Ending::Deserted => return leave(console, Farewell::Interrupted),
        }
    }
}

async fn prompt(lines: &mut Lines, console: &mut Console) -> Typed {
    // An interrupt that arrived while the turn was ending was meant for the turn.
    console.forget_interrupts();
    if write!(console.answer, "> ")
        .and_then(|()| console.answer.flush())
        .is_err()
    {
        return Typed::EndOfInput;
    }
    tokio::select! {
        biased;
        () = console.interrupted() => Typed::Interrupt,
        line = lines.recv() => line.map_or(Typed::EndOfInput, Typed::Line),
    }
}

/// Whoever left did not press return, so the shell's prompt would stand on our line.
fn leave(console: &mut Console, farewell: Farewell) -> Farewell {
    let _ = writeln!(console.answer);
    let _ = console.answer.flush();
    farewell
}
