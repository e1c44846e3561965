//! Reading *what*, with what each action has unless it is said.

use std::time::Duration;

use toml::Spanned;

use super::FaultSpec;
use crate::action::{Action, ActionName, ErrorEvent, RawBytes, StatusAnswer, StreamCode};
use crate::duration::HumanDuration;
use crate::mistake::Mistake;

/// Slow enough that no client mistakes it for a burst, quick enough that a short answer ends within a minute.
const DRIP_EVERY: HumanDuration = HumanDuration(Duration::from_millis(100));
/// Keep-alives of real providers come every ten to fifteen seconds.
const KEEP_ALIVE_EVERY: HumanDuration = HumanDuration(Duration::from_secs(10));
/// More than a client reads in one go without noticing.
const GARBAGE: u64 = 64;
/// More than most clients' limit for one line or one document.
const HUGE: u64 = 16 << 20;
/// Nobody tests with more, and a provider has to hold it in memory.
const AT_MOST: u64 = 1 << 30;

impl FaultSpec {
    pub(super) fn meant_action(&self, mistakes: &mut Vec<Mistake>) -> Option<Action> {
        use ActionName as N;
        Some(match self.action.get_ref() {
            N::Status => Action::Status(self.status_answer(mistakes)?),
            N::Close => Action::Close,
            N::Reset => Action::Reset,
            N::Stall => Action::Stall {
                lasting: said(self.lasting.as_ref()),
            },
            N::Delay => Action::Delay {
                lasting: self.lasting(mistakes)?,
            },
            N::Drip => Action::Drip {
                bytes: self.positive(mistakes, Some(1))?,
                every: self.every(mistakes, DRIP_EVERY)?,
            },
            N::Truncate => Action::Truncate,
            N::HalfClose => Action::HalfClose,
            N::ErrorEvent => Action::ErrorEvent(self.error_event(mistakes)?),
            N::MalformJson => Action::MalformJson,
            N::MalformUtf8 => Action::MalformUtf8,
            N::Split => Action::Split {
                bytes: self.positive(mistakes, None)?,
            },
            N::Duplicate => Action::Duplicate,
            N::Drop => Action::Drop,
            N::Reorder => Action::Reorder,
            N::CorruptGzip => Action::CorruptGzip,
            N::BadChunk => Action::BadChunk,
            N::Html => Action::Html,
            N::Empty => Action::Empty,
            N::Garbage => Action::Garbage {
                bytes: self.positive(mistakes, Some(GARBAGE))?,
            },
            N::Huge => Action::Huge {
                bytes: self.positive(mistakes, Some(HUGE))?,
            },
            N::Bom => Action::Bom,
            N::Crlf => Action::Crlf,
            N::KeepaliveForever => Action::KeepaliveForever {
                every: self.every(mistakes, KEEP_ALIVE_EVERY)?,
            },
            N::StaleKeepalive => Action::StaleKeepalive {
                end: said(self.end.as_ref()).unwrap_or_default(),
            },
            name => self.other_action(*name, mistakes)?,
        })
    }

    /// Headers, what is below HTTP/1.1, and bytes of one's own.
    fn other_action(&self, name: ActionName, mistakes: &mut Vec<Mistake>) -> Option<Action> {
        use ActionName as N;
        Some(match name {
            N::WrongContentType => Action::WrongContentType {
                content_type: self.content_type(mistakes)?,
            },
            N::ShortContentLength => Action::ShortContentLength {
                by: self.missing(mistakes)?,
            },
            N::Goaway => Action::Goaway {
                code: self.stream_code(mistakes, StreamCode::NoError)?,
            },
            N::ResetStream => Action::ResetStream {
                code: self.stream_code(mistakes, StreamCode::InternalError)?,
            },
            N::TlsAlert => Action::TlsAlert {
                alert: said(self.alert.as_ref()).unwrap_or_default(),
            },
            N::TlsTruncate => Action::TlsTruncate,
            N::ExpiredCertificate => Action::ExpiredCertificate,
            N::WrongName => Action::WrongName,
            N::Raw => Action::Raw {
                data: self.raw(mistakes)?,
            },
            _ => return None,
        })
    }

    fn lasting(&self, mistakes: &mut Vec<Mistake>) -> Option<HumanDuration> {
        let help = "such as `lasting = \"2s\"`";
        let Some(lasting) = &self.lasting else {
            let mistake = Mistake::new(self.action.span(), "`delay` needs `lasting`");
            mistakes.push(mistake.with_help(help));
            return None;
        };
        if lasting.get_ref().0.is_zero() {
            let mistake = Mistake::new(lasting.span(), "a delay of nothing is no fault");
            mistakes.push(mistake.with_help(help));
            return None;
        }
        Some(*lasting.get_ref())
    }

    fn every(&self, mistakes: &mut Vec<Mistake>, usual: HumanDuration) -> Option<HumanDuration> {
        let Some(every) = &self.every else {
            return Some(usual);
        };
        if every.get_ref().0.is_zero() {
            let mistake =
                Mistake::new(every.span(), "without a silence in between nothing is slow")
                    .with_help(format!("such as `every = \"{usual}\"`"));
            mistakes.push(mistake);
            return None;
        }
        Some(*every.get_ref())
    }

    fn positive(&self, mistakes: &mut Vec<Mistake>, usual: Option<u64>) -> Option<u64> {
        let Some(bytes) = &self.bytes else {
            if usual.is_none() {
                let message = format!("`{}` needs `bytes`", self.action.get_ref());
                let mistake = Mistake::new(self.action.span(), message);
                mistakes.push(mistake.with_help("such as `bytes = 3`"));
            }
            return usual;
        };
        if !(1..=AT_MOST).contains(bytes.get_ref()) {
            let mistake = Mistake::new(bytes.span(), format!("`bytes` is 1 to {AT_MOST}"));
            mistakes.push(mistake);
            return None;
        }
        Some(*bytes.get_ref())
    }

    fn missing(&self, mistakes: &mut Vec<Mistake>) -> Option<u64> {
        let by = said(self.by.as_ref()).unwrap_or(1);
        if by == 0 {
            let place = self
                .by
                .as_ref()
                .map_or_else(|| self.action.span(), Spanned::span);
            mistakes.push(Mistake::new(place, "a length that fits is no fault"));
            return None;
        }
        Some(by)
    }

    fn content_type(&self, mistakes: &mut Vec<Mistake>) -> Option<String> {
        let Some(content_type) = &self.content_type else {
            return Some("text/plain".to_owned());
        };
        header_value(content_type, mistakes).cloned()
    }

    fn stream_code(&self, mistakes: &mut Vec<Mistake>, usual: StreamCode) -> Option<StreamCode> {
        let Some(code) = &self.code else {
            return Some(usual);
        };
        let known = StreamCode::ALL
            .into_iter()
            .find(|known| known.as_str() == code.get_ref());
        if known.is_none() {
            let names = StreamCode::ALL.map(StreamCode::as_str).join(", ");
            let message = format!("`{}` is no error code of HTTP/2", code.get_ref());
            mistakes.push(Mistake::new(code.span(), message).with_help(format!("one of: {names}")));
        }
        known
    }

    fn raw(&self, mistakes: &mut Vec<Mistake>) -> Option<RawBytes> {
        let (text, read) = match (&self.data, &self.base64) {
            (Some(data), None) => (data, data.get_ref().parse::<RawBytes>()),
            (None, Some(base64)) => (base64, RawBytes::from_base64(base64.get_ref())),
            (data, _) => {
                let place = data
                    .as_ref()
                    .map_or_else(|| self.action.span(), Spanned::span);
                let mistake = Mistake::new(place, "`raw` needs one of `data` and `base64`")
                    .with_help(r"such as `data = 'HTTP/1.1 200 OK\r\n\r\n'`");
                mistakes.push(mistake);
                return None;
            }
        };
        match read {
            Ok(bytes) if bytes.0.is_empty() => {
                let mistake = Mistake::new(text.span(), "no bytes at all are no fault")
                    .with_help("`close` ends the connection without any");
                mistakes.push(mistake);
                None
            }
            Ok(bytes) => Some(bytes),
            Err(error) => {
                mistakes.push(Mistake::new(text.span(), error.to_string()));
                None
            }
        }
    }

    fn error_event(&self, mistakes: &mut Vec<Mistake>) -> Option<ErrorEvent> {
        if let Some(status) = &self.status {
            error_status(status, mistakes)?;
        }
        Some(ErrorEvent {
            status: said(self.status.as_ref()),
            code: said(self.code.as_ref()),
            message: said(self.message.as_ref()),
            shape: said(self.shape.as_ref()),
        })
    }

    fn status_answer(&self, mistakes: &mut Vec<Mistake>) -> Option<StatusAnswer> {
        let Some(status) = &self.status else {
            let mistake = Mistake::new(
                self.action.span(),
                "`status` needs the status to answer with",
            )
            .with_help("such as `status = 401`");
            mistakes.push(mistake);
            return None;
        };
        if let (Some(_), Some(date)) = (&self.retry_after, &self.retry_after_date) {
            let message =
                "`retry_after_date` is another value of the header that `retry_after` says";
            mistakes.push(Mistake::new(date.span(), message).with_help("say one of them"));
            return None;
        }
        let values = [&self.retry_after, &self.retry_after_ms];
        for value in values.into_iter().flatten() {
            header_value(value, mistakes)?;
        }
        Some(StatusAnswer {
            status: error_status(status, mistakes)?,
            retry_after: said(self.retry_after.as_ref()),
            retry_after_date: said(self.retry_after_date.as_ref()),
            retry_after_ms: said(self.retry_after_ms.as_ref()),
            should_retry: said(self.should_retry.as_ref()),
            code: said(self.code.as_ref()),
            message: said(self.message.as_ref()),
            echo_key: said(self.echo_key.as_ref()).unwrap_or_default(),
        })
    }
}

/// A value that is still one header where it is written into a head.
fn header_value<'a>(value: &'a Spanned<String>, mistakes: &mut Vec<Mistake>) -> Option<&'a String> {
    let is_value = { value.get_ref().bytes() }.all(|byte| matches!(byte, b' '..=b'~'));
    if !is_value {
        let mistake = Mistake::new(value.span(), "a header's value is printable ASCII")
            .with_help("`raw` sends any bytes at all");
        mistakes.push(mistake);
    }
    is_value.then(|| value.get_ref())
}

fn error_status(status: &Spanned<u16>, mistakes: &mut Vec<Mistake>) -> Option<u16> {
    let number = *status.get_ref();
    if (400..=599).contains(&number) {
        return Some(number);
    }
    let message = format!("{number} is not an error status");
    let mistake = Mistake::new(status.span(), message);
    mistakes.push(mistake.with_help("an error status is between 400 and 599"));
    None
}

fn said<T: Clone>(field: Option<&Spanned<T>>) -> Option<T> {
    field.map(|field| field.get_ref().clone())
}
