//! Journals as files: one JSON object a line.

use std::io::{self, BufRead, Write};

use serde::Deserialize;

use crate::record::{FORMAT, Journal, Record};

/// A journal could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is not a record.
    #[error("line {line}, column {}: {}", source.column(), without_place(source))]
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
    /// Something is missing, twice, or out of its order: what is told by such a journal never happened.
    #[error(
        "line {line}: record {found} stands where record {line} should, so the journal is damaged"
    )]
    Order {
        /// Which line, from 1, which is the record's number as well.
        line: usize,
        /// The number of the record that stands there.
        found: u64,
    },
}

/// What is wrong, without the line that serde counts within the line.
fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said
        .rsplit_once(" at line ")
        .map(|(what, _)| what.to_owned());
    what.unwrap_or(said)
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
/// The first line that is not a record, that a newer version wrote, or that is not the one that should follow. A journal that
/// merely ends too early can be read: judges see that it does.
pub fn read(mut input: impl BufRead) -> Result<Journal, ReadError> {
    let mut records: Vec<Record> = Vec::new();
    let mut text = Vec::new();
    while input.read_until(b'\n', &mut text)? > 0 {
        let line = records.len() + 1;
        let invalid = |source| ReadError::Line { line, source };
        // The version first: a record of a newer one may have any shape.
        let Version { format } = serde_json::from_slice(&text).map_err(invalid)?;
        if format > FORMAT {
            return Err(ReadError::Format { line, format });
        }
        let record: Record = serde_json::from_slice(&text).map_err(invalid)?;
        if record.seq != line as u64 {
            let found = record.seq;
            return Err(ReadError::Order { line, found });
        }
        records.push(record);
        text.clear();
    }
    Ok(Journal { records })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Ended, Fact, Said, Terminal};
    use crate::record::{Actor, Subject};

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

    #[test]
    fn what_was_changed_is_refused_and_what_ends_too_early_is_not() {
        let journal = Journal {
            records: (1..=3).map(|seq| record(seq, Fact::FaultsLifted)).collect(),
        };
        let mut bytes = Vec::new();
        write(&journal, &mut bytes).expect("a vector takes everything");
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let refused = |of: &[usize]| {
            let chosen: Vec<&[u8]> = of.iter().map(|index| lines[*index]).collect();
            read(chosen.concat().as_slice()).map_err(|error| error.to_string())
        };
        for (of, line) in [
            (&[0, 2][..], 2),
            (&[2, 1, 0], 1),
            (&[0, 1, 2, 2], 4),
            (&[1], 1),
        ] {
            let told = refused(of).expect_err("is no journal");
            assert!(told.starts_with(&format!("line {line}: record ")), "{told}");
        }
        assert_eq!(refused(&[0, 1]).expect("ends early").records.len(), 2);
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_line() {
        let told = read(&b"{\"format\": 1, \"seq\xff"[..]).expect_err("is no text");
        assert!(told.to_string().starts_with("line 1, column "), "{told}");
    }
}
