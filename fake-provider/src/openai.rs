//! What OpenAI's dialects have in common, since one provider speaks them: errors, headers, the list of models, the words for a
//! broken rule.

pub(crate) mod errors;
pub(crate) mod head;
pub(crate) mod models;
pub(crate) mod numbers;
pub(crate) mod words;
