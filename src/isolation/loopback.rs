//! Switching the loopback interface on with one rtnetlink request, so that no program such as `ip` is needed.
//!
//! Source: rtnetlink(7), netlink(7). Numbers are in the machine's byte order, as netlink has them.

use std::io;
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};

/// `RTM_NEWLINK`: changes a link where it exists.
const NEW_LINK: u16 = 16;
/// `NLM_F_REQUEST | NLM_F_ACK`.
const REQUEST_WITH_ANSWER: u16 = 0x01 | 0x04;
/// `NLMSG_ERROR`, which is also how success is told.
const ANSWER: u16 = 2;
/// `IFF_UP`.
const UP: u32 = 1;
/// Loopback is the first interface of every network namespace.
const LOOPBACK: i32 = 1;
/// A netlink header and an `ifinfomsg`.
const LENGTH: u32 = 32;

/// Switches loopback on.
pub(super) fn up() -> io::Result<()> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let kernel = NetlinkAddr::new(0, 0);
    sendto(socket.as_raw_fd(), &request(), &kernel, MsgFlags::empty())?;
    let mut answer = [0_u8; 256];
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    verdict(&answer[..length])
}

fn request() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH as usize);
    // nlmsghdr: length, type, flags, sequence, port.
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend(NEW_LINK.to_ne_bytes());
    bytes.extend(REQUEST_WITH_ANSWER.to_ne_bytes());
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    // ifinfomsg: family, padding, type, index, flags, which flags change.
    bytes.extend([0; 4]);
    bytes.extend(LOOPBACK.to_ne_bytes());
    bytes.extend(UP.to_ne_bytes());
    bytes.extend(UP.to_ne_bytes());
    bytes
}

/// The kernel answers with a negative error number, or with 0.
fn verdict(answer: &[u8]) -> io::Result<()> {
    let short = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the kernel's answer is too short",
        )
    };
    let kind = answer.get(4..6).ok_or_else(short)?;
    let code = answer.get(16..20).ok_or_else(short)?;
    let code = i32::from_ne_bytes([code[0], code[1], code[2], code[3]]);
    match (u16::from_ne_bytes([kind[0], kind[1]]), code) {
        (ANSWER, 0) => Ok(()),
        (ANSWER, code) => Err(io::Error::from_raw_os_error(-code)),
        (kind, _) => {
            let message = format!("the kernel answered with a message of type {kind}");
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_the_length_that_it_states() {
        assert_eq!(request().len(), LENGTH as usize);
    }

    #[test]
    fn the_kernels_refusal_is_an_error() {
        let mut answer = [0_u8; 36];
        answer[4..6].copy_from_slice(&ANSWER.to_ne_bytes());
        assert!(verdict(&answer).is_ok());
        answer[16..20].copy_from_slice(&(-1_i32).to_ne_bytes());
        assert_eq!(verdict(&answer).unwrap_err().raw_os_error(), Some(1));
        assert!(verdict(&answer[..10]).is_err());
    }
}
