//! What holds over any sequence of steps and any fault, drawn instead of written, and shrunk to the shortest that breaks it.
//!
//! - `clients`: whatever is done to the clients of an agent, closing one never harms another
//! - `runs`: whatever goes wrong, a run tells its ending once and truthfully
//! - `drawing`: how many cases are drawn, and from which seed

#[cfg(test)]
mod clients;
#[cfg(test)]
mod drawing;
#[cfg(test)]
mod runs;
