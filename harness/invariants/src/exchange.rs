//! One request to the provider with everything the provider recorded about it. Knows no rule.

use journal::{Ended, ErrorSent, Fact, FaultOutcome, Record, Said, SeenToolCall, SeenToolResult};

/// A request and its answer, as the provider saw them.
#[derive(Debug, Clone)]
pub(crate) struct Exchange<'a> {
    /// The record of the request.
    pub(crate) request: &'a Record,
    /// What was asked.
    pub(crate) asked: Asked<'a>,
    /// The request broke the provider's rules.
    pub(crate) refused: Option<&'a Record>,
    /// Nothing in the script answers it.
    pub(crate) unscripted: Option<&'a Record>,
    /// The head of the answer.
    pub(crate) started: Option<Started<'a>>,
    /// The end of the answer.
    pub(crate) ended: Option<Closing<'a>>,
    /// What became of the faults meant for it.
    pub(crate) faults: Vec<&'a Record>,
}

/// The parts of a request that rules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// On which connection.
    pub(crate) connection: u64,
    /// Which model.
    pub(crate) model: Option<&'a str>,
    /// Whether a stream is wanted.
    pub(crate) streamed: bool,
    /// The credential's alias.
    pub(crate) credential: &'a str,
    /// Whether it belongs to no run.
    pub(crate) auxiliary: bool,
    /// The tool calls of its history.
    pub(crate) tool_calls: &'a [SeenToolCall],
    /// The tool results of its history.
    pub(crate) tool_results: &'a [SeenToolResult],
    /// The texts of the assistant in its history.
    pub(crate) said_before: &'a [String],
    /// Digest of the body.
    pub(crate) digest: &'a str,
}

/// The head of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Started<'a> {
    /// Its record.
    pub(crate) record: &'a Record,
    /// The entry of the plan's script that answers.
    pub(crate) entry: Option<usize>,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The error it tells.
    pub(crate) error: Option<&'a ErrorSent>,
}

/// The end of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closing<'a> {
    /// Its record.
    pub(crate) record: &'a Record,
    /// The status, if the head has left.
    pub(crate) status: Option<u16>,
    /// How it ended.
    pub(crate) ended: Ended,
    /// What has left the socket.
    pub(crate) said: &'a Said,
}

/// What an answer amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Not over as far as the journal goes.
    Pending,
    /// Broke before its head had left: whether the request took effect is unknown.
    NoHead,
    /// An error status, or an error inside a 200.
    Error,
    /// The head left, and no reason for the ending.
    Cut,
    /// The reason for the ending left whole, but not all that should have followed: success or failure, both are honest.
    FinishedThenCut,
    /// Everything left.
    Finished,
}

impl<'a> Exchange<'a> {
    /// Whether the model was asked for something; a list of models is not.
    fn is_completion(&self) -> bool {
        matches!(&self.request.fact, Fact::Request { method, .. } if method == "POST")
    }

    /// Which (run, call, attempt); absent parts are 0.
    pub(crate) fn address(&self) -> (u32, u32, u32) {
        let part = |part: Option<u32>| part.unwrap_or_default();
        let record = self.request;
        (part(record.run), part(record.call), part(record.attempt))
    }

    /// `call 1 attempt 2`.
    pub(crate) fn name(&self) -> String {
        let (_, call, attempt) = self.address();
        format!("call {call} attempt {attempt}")
    }

    /// The call of the run.
    pub(crate) fn call(&self) -> u32 {
        self.address().1
    }

    /// What has left the socket, once the answer is over.
    pub(crate) fn said(&self) -> Option<&'a Said> {
        self.ended.map(|ended| ended.said)
    }

    /// Why the answer ended, if that was told.
    pub(crate) fn finish(&self) -> Option<&'a str> {
        self.said().and_then(|said| said.finish.as_deref())
    }

    /// The error that the provider told.
    pub(crate) fn error(&self) -> Option<&'a ErrorSent> {
        self.started.and_then(|started| started.error)
    }

    /// The HTTP status, if the head has left.
    pub(crate) fn status(&self) -> Option<u16> {
        let started = self.started.map(|started| started.status);
        started.or_else(|| self.ended.and_then(|ended| ended.status))
    }

    /// What the answer amounts to.
    pub(crate) fn answer(&self) -> Answer {
        let told_error = self.error().is_some() || self.status().is_some_and(|code| code >= 400);
        let Some(closing) = self.ended else {
            return Answer::Pending;
        };
        let complete = closing.ended == Ended::Complete;
        match (&closing.said.finish, self.status()) {
            _ if told_error => Answer::Error,
            (_, None) => Answer::NoHead,
            (None, _) => Answer::Cut,
            (Some(_), _) if complete && (closing.said.end_marker || !self.asked.streamed) => {
                Answer::Finished
            }
            (Some(_), _) => Answer::FinishedThenCut,
        }
    }

    /// Whether the reason for the ending left whole.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.answer(), Answer::Finished | Answer::FinishedThenCut)
    }

    /// Whether a fault touched it, or began to.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.faults.iter().any(|record| {
            let Fact::Fault { outcome, .. } = &record.fact else {
                return false;
            };
            !matches!(
                outcome,
                FaultOutcome::Unreached | FaultOutcome::Inapplicable
            )
        })
    }

    /// The last record of the exchange.
    pub(crate) fn last(&self) -> &'a Record {
        let started = self.started.map(|started| started.record);
        let ended = self.ended.map(|ended| ended.record);
        ended.or(started).unwrap_or(self.request)
    }

    /// The records that show it: the request, what was answered, what went wrong.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &'a Record> + use<'a> {
        let head = self
            .error()
            .and(self.started)
            .map(|started| started.record)
            .into_iter();
        let end = self.ended.map(|ended| ended.record).into_iter();
        let faults = self.faults.clone().into_iter();
        std::iter::once(self.request)
            .chain(head)
            .chain(faults)
            .chain(end)
    }
}

/// Every exchange of a journal, in the order of the requests. Lists of models are none.
pub(crate) fn exchanges(records: &[Record]) -> Vec<Exchange<'_>> {
    let mut exchanges: Vec<Exchange<'_>> = Vec::new();
    for record in records {
        if let Some(exchange) = begun(record) {
            exchanges.push(exchange);
            continue;
        }
        // Requests that belong to no run share a subject, so the newest one that is still open takes the record.
        let same = |exchange: &&mut Exchange<'_>| exchange.request.subject() == record.subject();
        let mut candidates: Vec<_> = exchanges.iter_mut().filter(same).collect();
        let open = candidates.iter().rposition(|one| one.ended.is_none());
        let Some(last) = candidates.len().checked_sub(1) else {
            continue;
        };
        attach(candidates.swap_remove(open.unwrap_or(last)), record);
    }
    // A list of models has taken the records of its own answer by now.
    exchanges.retain(|exchange| exchange.is_completion());
    exchanges
}

fn begun(record: &Record) -> Option<Exchange<'_>> {
    let Fact::Request {
        connection,
        method: _,
        path: _,
        model,
        streamed,
        credential,
        auxiliary,
        messages: _,
        tool_calls,
        tool_results,
        said_before,
        digest,
    } = &record.fact
    else {
        return None;
    };
    Some(Exchange {
        request: record,
        asked: Asked {
            connection: *connection,
            model: model.as_deref(),
            streamed: *streamed,
            credential,
            auxiliary: *auxiliary,
            tool_calls,
            tool_results,
            said_before,
            digest,
        },
        refused: None,
        unscripted: None,
        started: None,
        ended: None,
        faults: Vec::new(),
    })
}

fn attach<'a>(exchange: &mut Exchange<'a>, record: &'a Record) {
    match &record.fact {
        Fact::RequestRefused { .. } => exchange.refused = Some(record),
        Fact::Unscripted { .. } => exchange.unscripted = Some(record),
        Fact::ResponseStarted {
            entry,
            status,
            error,
        } => {
            exchange.started = Some(Started {
                record,
                entry: *entry,
                status: *status,
                error: error.as_ref(),
            });
        }
        Fact::ResponseEnded {
            status,
            ended,
            said,
            ..
        } => {
            exchange.ended = Some(Closing {
                record,
                status: *status,
                ended: *ended,
                said,
            });
        }
        Fact::Fault { .. } => exchange.faults.push(record),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use journal::{Actor, Journal, Subject};

    use super::*;
    use crate::example::{Example, says, says_partly};

    fn answers(said: Said, ended: Ended) -> Answer {
        let story = Example::new().asks((1, 1, 1)).head((1, 1, 1), 200, None);
        let (_, Journal { records }) = story.over((1, 1, 1), ended, said).so_far();
        exchanges(&records)[0].answer()
    }

    #[test]
    fn an_answer_is_what_has_left_the_socket() {
        let no_marker = Said {
            end_marker: false,
            ..says("Hi.")
        };
        let late = answers(no_marker, Ended::ByFault);
        assert_eq!(late, Answer::FinishedThenCut);
        assert_eq!(answers(says("Hi."), Ended::Complete), Answer::Finished);
        // A polite end is still none.
        assert_eq!(answers(says_partly("H"), Ended::Complete), Answer::Cut);
        assert_eq!(answers(says_partly("H"), Ended::TargetLeft), Answer::Cut);
    }

    #[test]
    fn an_error_is_one_however_its_body_ended() {
        let story = Example::new()
            .asks((1, 1, 1))
            .errs((1, 1, 1), 503, None)
            .asks((1, 1, 2));
        let (_, Journal { records }) = story.so_far();
        let found: Vec<_> = exchanges(&records).iter().map(Exchange::answer).collect();
        assert_eq!(found, [Answer::Error, Answer::Pending]);
    }

    #[test]
    fn a_list_of_models_is_no_exchange_and_takes_only_its_own_answer() {
        let of_the_case = |story: Example, fact| story.fact(Actor::Provider, Subject::CASE, fact);
        let (_, Journal { mut records }) = Example::new().asks((1, 1, 1)).so_far();
        let mut request = records.swap_remove(2).fact;
        let summary = request.clone();
        if let Fact::Request { method, .. } = &mut request {
            "GET".clone_into(method);
        }
        let ended = |said| Fact::ResponseEnded {
            status: Some(200),
            ended: Ended::Complete,
            said,
            bytes: 1,
            digest: String::new(),
        };
        let facts = [
            summary,
            ended(says("Summary.")),
            request,
            ended(Said::default()),
        ];
        let (_, Journal { records }) = facts.into_iter().fold(Example::new(), of_the_case).so_far();
        let found = exchanges(&records);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].said(), Some(&says("Summary.")));
    }
}
