//! OpenAI Chat Completions: what is asked, what is wrong with it, what is answered, what was said.
//!
//! The only part that knows this dialect's bytes. Sources: the provider's OpenAPI description, and bytes captured from it.

pub(crate) mod errors;
pub(crate) mod head;
pub(crate) mod models;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod said;
mod unfinished;
