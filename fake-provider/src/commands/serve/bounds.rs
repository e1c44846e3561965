//! What the command line says about what the provider puts up with. The rest of it is as usual.

use std::num::NonZeroUsize;

use clap::Args;
use fake_provider::Limits;
use wire_faults::{DurationError, HumanDuration};

/// See each.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Bounds {
    /// How many bytes the head of a request may have; one with more is refused with 431.
    #[arg(long, value_name = "N", default_value_t = at_least_one(Limits::default().head_bytes))]
    head_bytes: NonZeroUsize,
    /// How many bytes the body of a request may have, where the provider does not take fewer; one with more is refused with 413.
    #[arg(long, value_name = "N", default_value_t = at_least_one(Limits::default().body_bytes))]
    body_bytes: NonZeroUsize,
    /// How long the head of a request, or a TLS handshake, may take; beyond, 408.
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value_t = HumanDuration(Limits::default().head_within))]
    head_within: HumanDuration,
    /// How long nothing may come of a request's body; beyond, 408.
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value_t = HumanDuration(Limits::default().body_silence))]
    body_silence: HumanDuration,
    /// How many connections may be open without a request; beyond, the one that waits longest is closed.
    #[arg(long, value_name = "N", default_value_t = at_least_one(Limits::default().waiting))]
    waiting: NonZeroUsize,
}

impl Bounds {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            head_bytes: self.head_bytes.get(),
            body_bytes: self.body_bytes.get(),
            head_within: self.head_within.0,
            body_silence: self.body_silence.0,
            waiting: self.waiting.get(),
            ..Limits::default()
        }
    }
}

fn some_time(text: &str) -> Result<HumanDuration, String> {
    let time: HumanDuration = text
        .parse()
        .map_err(|error: DurationError| error.to_string())?;
    match time.0.is_zero() {
        true => Err("without any time nobody is served".to_owned()),
        false => Ok(time),
    }
}

fn at_least_one(usual: usize) -> NonZeroUsize {
    NonZeroUsize::new(usual).unwrap_or(NonZeroUsize::MIN)
}
