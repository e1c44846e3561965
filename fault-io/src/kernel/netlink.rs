//! Looks one connection up by its two addresses, however many there are. Knows no state and no fault.
//!
//! Asks the kernel's socket diagnosis over netlink, see `sock_diag(7)`. All numbers are in the machine's own order but for
//! ports and addresses, which are as on the wire. Layouts and constants: the kernel's `linux/netlink.h`, `linux/inet_diag.h`.

use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use super::{LISTENING, Row};

/// `AF_NETLINK` and `NETLINK_SOCK_DIAG`.
const FAMILY: i32 = 16;
const DIAGNOSIS: i32 = 4;

/// `NLMSG_ERROR`, `SOCK_DIAG_BY_FAMILY` and `NLM_F_REQUEST`.
const ERROR: u16 = 2;
const BY_FAMILY: u16 = 20;
const REQUEST: u16 = 1;

/// `AF_INET`, `AF_INET6` and `IPPROTO_TCP`.
const IPV4: u8 = 2;
const IPV6: u8 = 10;
const TCP: u8 = 6;

/// `ENOENT`: there is no such connection.
const NO_ENTRY: i32 = 2;

/// Bytes of `struct nlmsghdr`, of `struct inet_diag_req_v2`, and of ports and addresses in `struct inet_diag_sockid`.
const HEADER: usize = 16;
const QUESTION: usize = 56;
const ADDRESSES: usize = 36;

/// Where `struct inet_diag_msg` has the state, the ports and addresses, and the send queue.
const STATE: usize = HEADER + 1;
const SOCKET: usize = HEADER + 4;
const SEND_QUEUE: usize = HEADER + 60;

/// The connection with these addresses.
///
/// # Errors
///
/// The kernel has no such diagnosis, or refuses it.
pub(super) fn connection(local: SocketAddr, peer: SocketAddr) -> io::Result<Option<Row>> {
    let socket = Socket::new(
        Domain::from(FAMILY),
        Type::DGRAM,
        Some(Protocol::from(DIAGNOSIS)),
    )?;
    // The answer is there before `send` returns, so there is nothing to wait for.
    socket.set_nonblocking(true)?;
    let addresses = addresses(local, peer);
    socket.send(&question(local, &addresses))?;
    let mut answer = [0; 4096];
    let length = (&socket).read(&mut answer)?;
    let answer = &answer[..length];
    if number::<2>(answer, 4).map(u16::from_ne_bytes)? == ERROR {
        return match number::<4>(answer, HEADER).map(i32::from_ne_bytes)? {
            error if error == -NO_ENTRY => Ok(None),
            error => Err(io::Error::from_raw_os_error(-error)),
        };
    }
    let [state] = number::<1>(answer, STATE)?;
    // Where there is no connection, the kernel answers with whoever would take it.
    let is_it = number::<ADDRESSES>(answer, SOCKET)? == addresses && state != LISTENING;
    let send_queue = number::<4>(answer, SEND_QUEUE).map(u32::from_ne_bytes)?;
    let send_queue = u64::from(send_queue);
    Ok(is_it.then_some(Row { state, send_queue }))
}

/// Both ports, then both addresses of sixteen bytes, as in `struct inet_diag_sockid`.
fn addresses(local: SocketAddr, peer: SocketAddr) -> [u8; ADDRESSES] {
    let mut bytes = [0; ADDRESSES];
    bytes[..2].copy_from_slice(&local.port().to_be_bytes());
    bytes[2..4].copy_from_slice(&peer.port().to_be_bytes());
    for (address, at) in [(local.ip(), 4), (peer.ip(), 20)] {
        match address {
            IpAddr::V4(ip) => bytes[at..at + 4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => bytes[at..at + 16].copy_from_slice(&ip.octets()),
        }
    }
    bytes
}

fn question(local: SocketAddr, addresses: &[u8; ADDRESSES]) -> Vec<u8> {
    let family = if local.is_ipv4() { IPV4 } else { IPV6 };
    let length = u32::try_from(HEADER + QUESTION).expect("72 bytes fit every integer");
    let mut bytes = Vec::with_capacity(HEADER + QUESTION);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(BY_FAMILY.to_ne_bytes());
    bytes.extend(REQUEST.to_ne_bytes());
    // No sequence, and from whoever asks.
    bytes.extend([0; 8]);
    bytes.extend([family, TCP, 0, 0]);
    // In any state.
    bytes.extend(u32::MAX.to_ne_bytes());
    bytes.extend(addresses);
    // On any interface, whatever its cookie (`INET_DIAG_NOCOOKIE`).
    bytes.extend([0; 4]);
    bytes.extend([0xff; 8]);
    bytes
}

fn number<const LENGTH: usize>(answer: &[u8], at: usize) -> io::Result<[u8; LENGTH]> {
    let bytes = answer.get(at..at + LENGTH);
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
