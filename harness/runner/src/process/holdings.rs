//! What a process holds: descriptors, memory, sockets to the provider. Read from `/proc`, Linux only. Pure reading.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;

/// How many descriptors a process has open; nothing once it is gone.
pub(crate) fn descriptors(pid: i32) -> Option<u64> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    u64::try_from(entries.count()).ok()
}

/// The most memory that a process ever had resident, in KiB; nothing once it is gone.
pub(crate) fn memory_peak_kib(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Sockets of these processes that are connected to `peer`.
pub(crate) fn sockets_to(peer: SocketAddr, pids: &[i32]) -> u64 {
    let mut connected: BTreeSet<u64> = BTreeSet::new();
    for pid in pids {
        let table = fs::read_to_string(format!("/proc/{pid}/net/tcp")).unwrap_or_default();
        let connections = inodes_to(peer.port(), &table);
        connected.extend(own_sockets(*pid).intersection(&connections));
    }
    connected.len() as u64
}

fn own_sockets(pid: i32) -> BTreeSet<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return BTreeSet::new();
    };
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    links
        .filter_map(|link| {
            let name = link.to_str()?;
            let inode = name.strip_prefix("socket:[")?.strip_suffix(']')?;
            inode.parse().ok()
        })
        .collect()
}

/// Source: proc_pid_net(5). Columns: number, local, remote, state, queues, timer, retransmits, uid, timeout, inode.
fn inodes_to(port: u16, table: &str) -> BTreeSet<u64> {
    let wanted = format!(":{port:04X}");
    let lines = table.lines().skip(1);
    lines
        .filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let remote = fields.get(2)?;
            let inode = fields.get(9)?;
            remote.ends_with(&wanted).then(|| inode.parse().ok())?
        })
        .filter(|inode| *inode != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn own_descriptors_memory_and_sockets_are_seen() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let me = i32::try_from(std::process::id()).unwrap();
        assert_eq!(sockets_to(address, &[me]), 0);
        let stream = TcpStream::connect(address).unwrap();
        assert_eq!(sockets_to(address, &[me]), 1);
        drop(stream);
        assert!(descriptors(me).unwrap() >= 3);
        assert!(memory_peak_kib(me).unwrap() > 0);
    }

    #[test]
    fn a_process_that_is_gone_holds_nothing_that_could_be_counted() {
        assert_eq!(descriptors(i32::MAX), None);
        assert_eq!(memory_peak_kib(i32::MAX), None);
    }
}
