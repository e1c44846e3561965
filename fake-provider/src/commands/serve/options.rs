//! What the command line says, as the provider is told it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use fake_provider::{Credential, Dialect, ProviderOptions, Timing};
use provider_script::{Quirk, Script};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Arguments;
use crate::Failure;

/// A dialect, or all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken(pub(super) Option<Dialect>);

pub(super) fn of(arguments: &Arguments, script: Script) -> Result<ProviderOptions, Failure> {
    let credential = arguments.key.clone().map(|key| Credential {
        alias: "key-1".into(),
        key,
    });
    let authority = match (arguments.secure.authority()?, arguments.http2) {
        (Some(authority), true) => Some(authority.offering_http2()),
        (authority, _) => authority,
    };
    Ok(ProviderOptions {
        script,
        dialect: arguments.dialect.0,
        quirk: arguments.quirk,
        credentials: credential.into_iter().collect(),
        models: arguments.models.clone(),
        delta_bytes: arguments.delta_bytes,
        seed: arguments.seed,
        timing: Timing {
            first_token: arguments.first_token.0,
            tokens_per_second: arguments.tokens_per_second,
            jitter: arguments.jitter,
        },
        keeps: arguments.admin.map(|_| arguments.keep_records),
        limits: arguments.bounds.limits(),
        authority: authority.map(Arc::new),
        ..ProviderOptions::default()
    })
}

/// As many connections as the machine allows: each takes a descriptor.
pub(super) fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // Where it is refused there are as many as before, and those that wait give way to each other.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
}

pub(super) fn dialect(text: &str) -> Result<Spoken, String> {
    if text == "all" {
        return Ok(Spoken(None));
    }
    let mut all = Dialect::ALL.into_iter();
    let found = all.find(|dialect| dialect.as_str() == text);
    found.map(|dialect| Spoken(Some(dialect))).ok_or_else(|| {
        let names = Dialect::ALL.map(Dialect::as_str);
        format!("there are {}, and all", names.join(", "))
    })
}

pub(super) fn quirk(text: &str) -> Result<Quirk, String> {
    let mut all = Quirk::ALL.into_iter();
    all.find(|quirk| quirk.as_str() == text).ok_or_else(|| {
        let names = Quirk::ALL.map(Quirk::as_str);
        format!("there are {}", names.join(", "))
    })
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok();
    let speed = speed.filter(|speed| speed.is_finite() && *speed >= 0.001);
    speed.ok_or_else(|| "expected a number above 0".to_owned())
}

pub(super) fn part(text: &str) -> Result<f64, String> {
    let part = text.parse::<f64>().ok();
    let part = part.filter(|part| (0.0..=1.0).contains(part));
    part.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

/// A port alone is one of this machine's.
pub(super) fn admin(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .parse()
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    port.or_else(|_| text.parse())
        .map_err(|_| "expected a port, or an address and a port".to_owned())
}
