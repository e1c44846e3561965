//! Puts one answer on the screen: live where someone watches, whole where a program reads. Knows no agent and no prompt.

use std::io::{self, Write};

use crate::event::RunEvent;

/// Prints the answer of one turn.
///
/// A program that reads standard output must get the answer and nothing else, so text that may still be taken back is
/// shown only to a person.
#[derive(Debug)]
pub(super) struct Printer<'a, O, N> {
    answer: &'a mut O,
    notes: &'a mut N,
    live: bool,
    /// The text of the answer that stands on the screen.
    shown: String,
    /// Whether a tool ran since the last text: what comes next is a new paragraph.
    after_tool: bool,
}

impl<'a, O: Write, N: Write> Printer<'a, O, N> {
    /// `live` shows text as it arrives; otherwise only [`finish`](Self::finish) prints.
    pub(super) fn new(answer: &'a mut O, notes: &'a mut N, live: bool) -> Self {
        Self {
            answer,
            notes,
            live,
            shown: String::new(),
            after_tool: false,
        }
    }

    /// Shows one event.
    ///
    /// # Errors
    /// Those of the screen.
    pub(super) fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        if !self.live {
            return Ok(());
        }
        match event {
            RunEvent::MessageDelta { delta } => self.delta(delta),
            RunEvent::MessageSuperseded { .. } => {
                self.break_off()?;
                writeln!(self.notes, "[the answer broke off; it starts again]")?;
                self.notes.flush()
            }
            RunEvent::ToolStarted { tool, preview } => {
                self.break_off()?;
                writeln!(self.notes, "[{} {}]", printable(tool), one_line(preview))?;
                self.after_tool = true;
                self.notes.flush()
            }
            RunEvent::ReasoningAvailable { .. } | RunEvent::ToolCompleted { .. } => Ok(()),
        }
    }

    /// Completes the screen with the final answer: nothing of it is missing, nothing is said twice.
    ///
    /// # Errors
    /// Those of the screen.
    pub(super) fn finish(&mut self, output: &str) -> io::Result<()> {
        if !self.live {
            self.answer.write_all(output.as_bytes())?;
            return self.end_line(output);
        }
        if let Some(rest) = output.strip_prefix(self.shown.as_str()) {
            let rest = rest.to_owned();
            self.delta(&rest)?;
        } else if !output.ends_with(self.shown.as_str()) {
            self.break_off()?;
            self.delta(output)?;
        }
        self.end_line(output)
    }

    /// Leaves the screen at the start of a line when there will be no answer.
    ///
    /// # Errors
    /// Those of the screen.
    pub(super) fn abandon(&mut self) -> io::Result<()> {
        self.break_off()
    }

    fn delta(&mut self, delta: &str) -> io::Result<()> {
        if self.after_tool {
            self.after_tool = false;
            self.shown.clear();
        }
        self.shown.push_str(delta);
        self.answer.write_all(printable(delta).as_bytes())?;
        self.answer.flush()
    }

    /// The text so far is no longer the answer: what follows begins on a line of its own.
    fn break_off(&mut self) -> io::Result<()> {
        let shown = std::mem::take(&mut self.shown);
        if shown.is_empty() {
            return Ok(());
        }
        self.end_line(&shown)
    }

    fn end_line(&mut self, text: &str) -> io::Result<()> {
        if !text.ends_with('\n') {
            self.answer.write_all(b"\n")?;
        }
        self.answer.flush()
    }
}

/// Text that cannot move the cursor, change colours or ring: a model's words are not commands to the terminal.
pub(super) fn printable(text: &str) -> String {
    let plain = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    text.chars().filter(plain).collect()
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(text: &str) -> RunEvent {
        RunEvent::MessageDelta {
            delta: text.to_owned(),
        }
    }

    fn play(live: bool, events: &[RunEvent], output: &str) -> (String, String) {
        let (mut answer, mut notes) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut answer, &mut notes, live);
        for event in events {
            printer.event(event).unwrap();
        }
        printer.finish(output).unwrap();
        (
            String::from_utf8(answer).unwrap(),
            String::from_utf8(notes).unwrap(),
        )
    }

    #[test]
    fn a_program_gets_the_final_answer_alone() {
        let events = [
            delta("Hel"),
            RunEvent::MessageSuperseded {
                text: "Hel".to_owned(),
            },
            delta("Hello"),
        ];
        assert_eq!(
            play(false, &events, "Hello"),
            ("Hello\n".to_owned(), String::new())
        );
        assert_eq!(play(false, &[], "Hello\n").0, "Hello\n");
    }

    #[test]
    fn a_person_sees_text_as_it_comes_and_is_told_when_it_is_void() {
        let events = [
            delta("Hel"),
            RunEvent::MessageSuperseded {
                text: "Hel".to_owned(),
            },
            delta("Hel"),
            delta("lo"),
        ];
        let (answer, notes) = play(true, &events, "Hello");
        assert_eq!(answer, "Hel\nHello\n");
        assert_eq!(notes, "[the answer broke off; it starts again]\n");
    }

    #[test]
    fn text_around_a_tool_is_two_paragraphs_and_the_end_is_said_once() {
        let tool = RunEvent::ToolStarted {
            tool: "list".to_owned(),
            preview: "src\nx".to_owned(),
        };
        let events = [delta("Let me look."), tool, delta("Two files.")];
        let (answer, notes) = play(true, &events, "Two files.");
        assert_eq!(answer, "Let me look.\nTwo files.\n");
        assert_eq!(notes, "[list src x]\n");
        // What the agent calls the final answer wins over what was seen coming.
        let (answer, _) = play(true, &events, "Three.");
        assert_eq!(answer, "Let me look.\nTwo files.\nThree.\n");
    }

    #[test]
    fn an_answer_that_was_not_streamed_is_shown_whole() {
        assert_eq!(play(true, &[], "Hello").0, "Hello\n");
        assert_eq!(play(true, &[delta("Hel")], "Hello").0, "Hello\n");
    }

    #[test]
    fn the_model_cannot_steer_the_terminal() {
        assert_eq!(
            play(true, &[delta("a\x1b[2Jb\tc\n")], "a\x1b[2Jb\tc\n").0,
            "a[2Jb\tc\n"
        );
    }
}
