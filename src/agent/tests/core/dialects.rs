//! Every dialect against the same demands: what holds in one holds in all of them.

mod anthropic_messages;
mod between;
mod demands;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod particulars;
mod wire;
