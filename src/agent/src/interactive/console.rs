//! What a conversation is held through: a screen, a stream of lines, a stream of interrupts. All of it can be a test's.

use std::io::{BufRead, Write};

use tokio::sync::mpsc;

use super::printer::one_line;

/// Longest line that is read, in bytes. What is longer is cut: a prompt is not a file.
const LINE_LENGTH_MAX: u64 = 1024 * 1024;

/// Interrupts (ctrl-C), as they come.
pub(crate) type Interrupts = mpsc::Receiver<()>;

/// Lines that were typed, as they come; closed at the end of input.
pub(crate) type Lines = mpsc::Receiver<String>;

/// A screen and whoever sits before it.
pub(crate) struct Console {
    /// Takes the answer and nothing else, except for the prompt of a chat.
    pub(crate) answer: Box<dyn Write + Send>,
    /// Takes errors and notes.
    pub(crate) notes: Box<dyn Write + Send>,
    /// Whether a person watches the answer come.
    pub(crate) live: bool,
    /// Interrupts.
    pub(crate) interrupts: Interrupts,
}

impl Console {
    /// Says in one line what went wrong. A screen that is gone is nobody's concern.
    pub(crate) fn complain(&mut self, what: &str) {
        let _ = writeln!(self.notes, "error: {}", one_line(what));
        let _ = self.notes.flush();
    }

    /// Waits for an interrupt; forever if none can come any more.
    pub(crate) async fn interrupted(&mut self) {
        if self.interrupts.recv().await.is_none() {
            std::future::pending().await
        }
    }

    /// Forgets interrupts that came before now.
    pub(super) fn forget_interrupts(&mut self) {
        while self.interrupts.try_recv().is_ok() {}
    }
}

/// Reads lines on a thread of its own, because a read of a terminal cannot be given up. The thread ends with its input, or
/// with the process.
///
/// # Errors
/// The thread could not be started.
pub(crate) fn read_lines(mut input: impl BufRead + Send + 'static) -> std::io::Result<Lines> {
    // One line ahead at most: what was not asked for stays in the terminal.
    let (sender, lines) = mpsc::channel(1);
    let reader = std::thread::Builder::new().name("lines".to_owned());
    reader.spawn(move || {
        while let Some(line) = read_line(&mut input) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(lines)
}

/// One line without its end; bytes that are not text become replacement characters.
fn read_line(input: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let mut limited = std::io::Read::take(&mut *input, LINE_LENGTH_MAX);
    match limited.read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(
            String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_one_by_one_until_the_end_of_input() {
        let mut lines = read_lines(&b"one\r\n\nt\xffo\nlast"[..]).unwrap();
        let mut seen = Vec::new();
        while let Some(line) = lines.recv().await {
            seen.push(line);
        }
        assert_eq!(seen, ["one", "", "t\u{fffd}o", "last"]);
    }

    #[test]
    fn a_complaint_is_one_line() {
        let (_sender, interrupts) = mpsc::channel(1);
        let (reader, writer) = std::io::pipe().unwrap();
        let mut console = Console {
            answer: Box::new(std::io::sink()),
            notes: Box::new(writer),
            live: false,
            interrupts,
        };
        console.complain("first\nsecond \x1b[2J");
        drop(console);
        let seen = std::io::read_to_string(reader).unwrap();
        assert_eq!(seen, "error: first second [2J\n");
    }
}
