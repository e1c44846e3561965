//! The agent against a scripted provider on real sockets: what a turn does when the provider fails it.
//!
//! Everything of one test lives on one runtime, so that time can be virtual.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod world;
