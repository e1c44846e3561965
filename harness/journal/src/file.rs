//! Journals as files: one JSON object a line.

use std::io::{self, BufRead, Write};

use serde::Deserialize;

use crate::record::{FORMAT, Journal};

/// A journal could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is not a record.
    #[error("line {line}: {source}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// The journal was written by a newer version.
    #[error("line {line}: the record has format {format}, and this version reads up to {FORMAT}")]
    Format {
        /// Which line, from 1.
        line: usize,
        /// Its format.
        format: u32,
    },
}

/// What every version of a record has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// Writes every record as one line.
///
/// # Errors
///
/// What the writer answers.
pub fn write(journal: &Journal, mut out: impl Write) -> io::Result<()> {
    for record in &journal.records {
        serde_json::to_writer(&mut out, record)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Reads a journal. A kind of fact that this version does not know becomes [`Fact::Unknown`](crate::Fact::Unknown).
///
/// # Errors
///
/// The first line that is not a record, or that a newer version wrote.
pub fn read(input: impl BufRead) -> Result<Journal, ReadError> {
    let mut records = Vec::new();
    for (index, line) in input.lines().enumerate() {
        let (line, text) = (index + 1, line?);
        let invalid = |source| ReadError::Line { line, source };
        // The version first: a record of a newer one may have any shape.
        let Version { format } = serde_json::from_str(&text).map_err(invalid)?;
        if format > FORMAT {
            return Err(ReadError::Format { line, format });
        }
        records.push(serde_json::from_str(&text).map_err(invalid)?);
    }
    Ok(Journal { records })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Ended, Fact, Said, Terminal};
    use crate::record::{Actor, Record, Subject};

    fn record(seq: u64, fact: Fact) -> Record {
        let Subject { run, call, attempt } = Subject::attempt(1, 2, 3);
        Record {
            format: FORMAT,
            seq,
            t_ns: 5,
            actor: Actor::Provider,
            actor_seq: seq,
            run,
            call,
            attempt,
            fact,
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let said = Said {
            text: "wörld".into(),
            ..Said::default()
        };
        let ended = Fact::ResponseEnded {
            status: Some(200),
            ended: Ended::Complete,
            said,
            bytes: 7,
            digest: "d".into(),
        };
        let terminal = Fact::Terminal {
            terminal: Terminal::Failed,
            output: None,
            error: Some("e".into()),
            usage: None,
            via: "events".into(),
        };
        let attempt = Fact::AttemptStarted {
            client: "client-1".into(),
            of_call_attempt: 2,
        };
        let journal = Journal {
            records: vec![record(1, ended), record(2, terminal), record(3, attempt)],
        };
        let mut bytes = Vec::new();
        write(&journal, &mut bytes).expect("a vector takes everything");
        assert_eq!(read(bytes.as_slice()).expect("was written by us"), journal);
    }

    #[test]
    fn a_kind_from_the_future_is_kept_as_unknown() {
        let line = r#"{"format":1,"seq":1,"t_ns":0,"actor":"runner","actor_seq":1,"kind":"brand-new","x":1}"#;
        assert_eq!(
            read(line.as_bytes()).expect("is readable").records[0].fact,
            Fact::Unknown
        );
    }

    #[test]
    fn a_format_from_the_future_and_a_broken_line_are_refused_with_their_line() {
        let newer = r#"{"format":99,"what":"ever"}"#;
        let refused = read(newer.as_bytes()).expect_err("is newer").to_string();
        assert!(
            refused.starts_with("line 1: the record has format 99"),
            "{refused}"
        );
        assert!(
            read("{}\n".as_bytes())
                .expect_err("is no record")
                .to_string()
                .contains("line 1")
        );
    }
}
