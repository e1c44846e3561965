//! What the kernel itself says about a TCP socket of this process: the witness that does not depend on our own bookkeeping.
//!
//! One connection is looked up by its addresses, where the kernel can do that. Else, and for listeners, the whole table is
//! read: `/proc/self/net/tcp` and `tcp6` (columns: slot, local address, remote address, state, send queue and receive queue;
//! see `proc_pid_net(5)`). It is long where many connections have been. Knows nothing of faults.

mod netlink;

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};

/// The state of a connection, as far as faults differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelState {
    /// Neither side has closed.
    Established,
    /// The peer has sent its FIN, we have not.
    PeerClosed,
    /// Our FIN has been sent.
    FinSent,
    /// There is no such connection: it was reset, or is long over.
    Gone,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    state: u8,
    /// Bytes sent and not yet acknowledged, or not yet sent.
    pub(crate) send_queue: u64,
}

/// How often a row has to be missing to be absent.
const LOOKS_FOR_ABSENCE: u32 = 3;

/// `TCP_LISTEN` in the kernel's `tcp_states.h`.
const LISTENING: u8 = 10;

impl Row {
    /// The numbers are those of the kernel's `tcp_states.h`.
    pub(crate) fn state(row: Option<Self>) -> KernelState {
        match row.map(|row| row.state) {
            Some(1) => KernelState::Established,
            Some(8) => KernelState::PeerClosed,
            // FIN_WAIT1, FIN_WAIT2, TIME_WAIT, LAST_ACK, CLOSING: in all of them our FIN is out.
            Some(4 | 5 | 6 | 9 | 11) => KernelState::FinSent,
            _ => KernelState::Gone,
        }
    }
}

/// Looks one connection up.
pub(crate) fn connection(local: SocketAddr, peer: SocketAddr) -> io::Result<Option<Row>> {
    netlink::connection(local, peer).or_else(|_| in_table(local, peer))
}

fn in_table(local: SocketAddr, peer: SocketAddr) -> io::Result<Option<Row>> {
    let wanted = format!("{} {} ", address(local), address(peer));
    // The table is read in pages, and rows slip from one to the other while connections end elsewhere: a row that is there
    // was seen, but one that is missing may only have been missed.
    for _ in 1..LOOKS_FOR_ABSENCE {
        if let Some(row) = find(local, |row| row.starts_with(&wanted))? {
            return Ok(Some(row));
        }
    }
    find(local, |row| row.starts_with(&wanted))
}

/// Whether any socket listens at this address.
///
/// # Errors
///
/// The table cannot be read, as without `/proc`.
pub fn listens(local: SocketAddr) -> io::Result<bool> {
    let wanted = format!("{} ", address(local));
    let listening = format!(" {LISTENING:02X} ");
    let row = find(local, |row| {
        row.starts_with(&wanted) && row.contains(&listening)
    })?;
    Ok(row.is_some())
}

fn find(local: SocketAddr, matches: impl Fn(&str) -> bool) -> io::Result<Option<Row>> {
    let table = match local {
        SocketAddr::V4(_) => "/proc/self/net/tcp",
        SocketAddr::V6(_) => "/proc/self/net/tcp6",
    };
    let table = std::fs::read_to_string(table)?;
    let rows = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    let row = rows.map(|(_, row)| row).find(|row| matches(row));
    Ok(row.and_then(read))
}

/// Reads `0100007F:1F90 0100007F:C350 01 00000000:00000000 …`.
fn read(row: &str) -> Option<Row> {
    let mut columns = row.split_ascii_whitespace().skip(2);
    let state = u8::from_str_radix(columns.next()?, 16).ok()?;
    let (send_queue, _) = columns.next()?.split_once(':')?;
    let send_queue = u64::from_str_radix(send_queue, 16).ok()?;
    Some(Row { state, send_queue })
}

/// An address as the table writes it: words of 32 bits in the machine's own order, in hex.
fn address(address: SocketAddr) -> String {
    let octets = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut text = String::with_capacity(37);
    for word in octets.as_chunks::<4>().0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:08X}", u32::from_ne_bytes(*word));
    }
    let _ = write!(text, ":{:04X}", address.port());
    text
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Both ways to look it up answer alike.
    fn look(local: SocketAddr, peer: SocketAddr) -> Option<Row> {
        let row = netlink::connection(local, peer).expect("the kernel answers");
        let same = in_table(local, peer).expect("can be read");
        assert_eq!(Row::state(row), Row::state(same));
        row
    }

    async fn follows_a_connection(host: &str) {
        let listener = TcpListener::bind((host, 0)).await.expect("listens");
        let address = listener.local_addr().expect("has an address");
        assert!(listens(address).expect("can be read"));
        let client = TcpStream::connect(address).await.expect("connects");
        let (server, peer) = listener.accept().await.expect("accepts");
        let state = || Row::state(look(address, peer));
        assert_eq!(state(), KernelState::Established);
        let mut queued = 0;
        while let Ok(sent) = server.try_write(&[0; 1 << 20]) {
            queued += sent as u64;
        }
        let row = look(address, peer).expect("is there");
        assert!(row.send_queue > 0 && row.send_queue <= queued, "{row:?}");
        let socket = socket2::SockRef::from(&server);
        socket.shutdown(std::net::Shutdown::Write).expect("closes");
        assert_eq!(state(), KernelState::FinSent);
        drop(client);
        server.set_zero_linger().expect("can be set");
        drop(server);
        // The listener is still there, and is not the connection.
        assert_eq!(look(address, peer), None);
        drop(listener);
        assert!(!listens(address).expect("can be read"));
        assert_eq!(look(address, peer), None);
    }

    #[tokio::test]
    async fn a_connection_that_waits_for_its_last_segments_is_told_as_finished() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let address = listener.local_addr().expect("has an address");
        let client = TcpStream::connect(address).await.expect("connects");
        let (server, peer) = listener.accept().await.expect("accepts");
        drop(server);
        drop(client);
        assert_eq!(Row::state(look(address, peer)), KernelState::FinSent);
        assert_eq!(look(peer, address), None);
    }

    #[tokio::test]
    async fn over_ipv4() {
        follows_a_connection("127.0.0.1").await;
    }

    #[tokio::test]
    async fn over_ipv6() {
        follows_a_connection("::1").await;
    }

    #[test]
    fn addresses_are_written_as_the_kernel_does() {
        let loopback = "127.0.0.1:8080".parse().expect("is an address");
        let written = address(loopback);
        assert!(
            ["0100007F:1F90", "7F000001:1F90"].contains(&written.as_str()),
            "{written}"
        );
    }
}
