//! The provider over real sockets, with a real HTTP client: what it says, what it refuses, how it breaks, what it records.

mod admin;
mod bad_input;
mod bad_requests;
mod binary;
mod exchanges;
mod faults;
mod frames;
mod gemini;
mod http2;
mod http2_faults;
mod http2_limits;
mod http2_mistakes;
mod messages;
mod ollama;
mod quirks;
mod raw;
mod refused;
mod responses;
mod robust;
mod runs;
mod server;
mod tls;
mod triggers;
mod vocabulary;
mod world;
