//! Addresses for targets that have to be told where to listen before they do. Knows no target.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::error::RunError;

/// Ports that no kernel gives away by itself: not to whoever asks for any, and not to outgoing connections (Linux: from 32768 on,
/// IANA: from 49152 on). One that was free a moment ago stays free until the target has it, unless another is told the same.
const PORTS: Range<u16> = 10_240..32_768;

/// How many of them are tried.
const TRIES: u16 = 1_000;

/// An address that is free, and that this process has told nobody lately.
pub(crate) fn free_address() -> Result<SocketAddr, RunError> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let mut free = Err(io::ErrorKind::AddrInUse.into());
    for _ in 0..TRIES {
        let address = at(NEXT.fetch_add(1, Ordering::Relaxed));
        free = TcpListener::bind(address).map(|_| address);
        if free.is_ok() {
            break;
        }
    }
    free.map_err(|error| RunError::Machine {
        what: "a free port",
        message: error.to_string(),
    })
}

/// The address of a number. Processes that run at the same time begin far from each other.
fn at(number: u16) -> SocketAddr {
    let many = u64::from(PORTS.end - PORTS.start);
    let begin = u64::from(std::process::id()) * 977;
    let place = (begin + u64::from(number)) % many;
    let port = PORTS.start + u16::try_from(place).unwrap_or(0);
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_is_another_and_none_is_taken() {
        let mut held = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..100 {
            let address = free_address().expect("is free");
            assert!(PORTS.contains(&address.port()) && seen.insert(address));
            held.push(TcpListener::bind(address).expect("is free"));
        }
    }
}
