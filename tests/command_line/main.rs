//! The `brownout` command as people meet it: what it prints, what it answers with, what it leaves behind.

mod desk;
mod documents;
mod input;
mod interrupted;
mod judged;
mod printing;
mod runs;
mod started;
