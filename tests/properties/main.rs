//! What holds over any sequence of steps and any fault, drawn instead of written, and shrunk to the shortest that breaks it.
//!
//! - `clients`: whatever is done to the clients of an agent, closing one never harms another
//! - `drawing`: how many cases are drawn, and from which seed

#[cfg(test)]
mod clients;
#[cfg(test)]
mod drawing;
