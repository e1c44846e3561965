//! The socket that carries faults out, byte-exact, and proves that it did.

mod socket;

pub use socket::Socket;
