//! What a process writes: recorded line by line, and kept for whoever needs the whole. Bounded, whatever the process does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Fact;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::case_log::CaseLog;

/// Most bytes of one recorded line, most recorded lines of one stream, most bytes kept of a whole stream.
const LINE_BYTES_MAX: usize = 8 * 1024;
const LINES_MAX: usize = 5_000;
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Lines that are shown where a target did not come up.
const LAST_LINES: usize = 20;

/// Takes what one process writes.
pub(crate) struct Output {
    log: Arc<CaseLog>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    run: Option<u32>,
    stdout: Vec<u8>,
    last: VecDeque<(&'static str, String)>,
    lines: usize,
}

impl Output {
    /// Takes the output of a process that serves `run`, or the whole case.
    pub(crate) fn new(log: Arc<CaseLog>, run: Option<u32>) -> Arc<Self> {
        let kept = Kept {
            run,
            ..Kept::default()
        };
        let kept = Mutex::new(kept);
        Arc::new(Self { log, kept })
    }

    /// From here on the process serves this run.
    pub(crate) fn serve(&self, run: Option<u32>) {
        self.kept().run = run;
    }

    /// Reads a stream to its end.
    pub(crate) async fn read(
        self: Arc<Self>,
        name: &'static str,
        mut stream: impl AsyncRead + Unpin,
    ) {
        let mut lines = Lines::default();
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut bytes).await {
            self.keep(name, &bytes[..count]);
            // A key may lie where a long line is cut.
            let run = self.kept().run;
            let piece = String::from_utf8_lossy(&bytes[..count]);
            self.log.look_across(run, name, &piece);
            for line in lines.push(&bytes[..count]) {
                self.line(name, &line);
            }
        }
        if let Some(line) = lines.rest() {
            self.line(name, &line);
        }
    }

    /// Takes one line.
    pub(crate) fn line(&self, stream: &'static str, raw: &str) {
        let run = self.kept().run;
        let line = self.log.shown(run, stream, raw);
        let mut kept = self.kept();
        if kept.last.len() == LAST_LINES {
            kept.last.pop_front();
        }
        kept.last.push_back((stream, line.clone()));
        kept.lines += 1;
        let lines = kept.lines;
        drop(kept);
        let line = match lines {
            ..LINES_MAX => line,
            LINES_MAX => "[further output is searched, not recorded]".to_owned(),
            _ => return,
        };
        let stream = stream.to_owned();
        self.log.runner_about(run, Fact::Output { stream, line });
    }

    /// Everything on stdout so far, as the process wrote it.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.kept().stdout).into_owned()
    }

    /// The last lines of one stream, or of both.
    pub(crate) fn last(&self, of: Option<&str>) -> Vec<String> {
        let kept = self.kept();
        let wanted = kept
            .last
            .iter()
            .filter(|(stream, _)| of.is_none_or(|of| of == *stream));
        wanted.map(|(_, line)| line.clone()).collect()
    }

    fn keep(&self, name: &str, bytes: &[u8]) {
        let mut kept = self.kept();
        if name == "stdout" && kept.stdout.len() < KEPT_BYTES_MAX {
            kept.stdout.extend_from_slice(bytes);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes lines out of bytes.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Takes bytes and gives the lines that they complete, without their ends.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for &byte in bytes {
            let ends = byte == b'\n';
            if ends || self.partial.len() == LINE_BYTES_MAX {
                lines.extend(self.rest());
            }
            if !ends {
                self.partial.push(byte);
            }
        }
        lines
    }

    /// What has come of the line that is not over.
    pub(crate) fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Gives out the line that is not over. An empty line is none.
    pub(crate) fn rest(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.partial);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches('\r');
        (!line.is_empty()).then(|| line.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_their_bytes_arrive() {
        let mut lines = Lines::default();
        assert_eq!(lines.push("é on".as_bytes()), Vec::<String>::new());
        assert_eq!(lines.push(b"e\r\n\ntwo\nthr"), ["é one", "two"]);
        assert_eq!(lines.partial(), b"thr");
        assert_eq!(lines.rest().as_deref(), Some("thr"));
        assert_eq!(lines.rest(), None);
    }

    #[tokio::test]
    async fn a_key_is_found_where_a_long_line_is_cut() {
        let log = CaseLog::begin(0);
        let output = Output::new(log.clone(), None);
        let key = log.provider_key().key.clone();
        let before = "x".repeat(LINE_BYTES_MAX - key.len() / 2);
        let text = format!("{before}{key}\n");
        output.read("stdout", text.as_bytes()).await;
        let is_find =
            |fact: &Fact| matches!(fact, Fact::CanaryFound { place, .. } if place == "stdout");
        let records = log.journal().records;
        assert!(
            records.iter().any(|record| is_find(&record.fact)),
            "{records:?}"
        );
    }

    #[tokio::test]
    async fn output_is_recorded_without_keys_and_kept_whole() {
        let log = CaseLog::begin(0);
        let output = Output::new(log.clone(), Some(2));
        let key = log.provider_key().key.clone();
        let text = format!("using {key}\nno newline");
        output.clone().read("stdout", text.as_bytes()).await;
        let last = ["using canary-1".to_owned(), "no newline".to_owned()];
        assert_eq!(output.last(None), last);
        assert_eq!(output.last(Some("stderr")), Vec::<String>::new());
        assert_eq!(output.stdout(), text);
        let records = log.journal().records;
        assert_eq!(records.len(), 3, "two lines and a find: {records:?}");
        assert!(records.iter().all(|record| record.run == Some(2)));
    }
}
