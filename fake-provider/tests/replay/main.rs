//! Recording a real provider and replaying it, over real sockets: an upstream made of raw bytes, a recorder, and a replay, whose
//! clients have to see the same.

mod binary;
mod endings;
mod keys;
mod matching;
mod raw;
mod refused;
mod tls;
mod world;
