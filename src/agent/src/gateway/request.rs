//! The body of `POST /v1/runs`: JSON in, a run request or a refusal out. Pure.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::message::{HistoryMessage, HistoryRole};

/// Longest session id that is accepted, in bytes, as in hermes-agent.
const SESSION_ID_LENGTH_MAX: usize = 256;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunRequest {
    pub(super) input: String,
    /// The conversation before the input, if the client brings its own.
    pub(super) history: Option<Vec<HistoryMessage>>,
    pub(super) instructions: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) model: Option<String>,
}

impl RunRequest {
    /// Reads the body. Unknown fields are ignored, as every client of the protocol may send more than we know.
    ///
    /// # Errors
    /// A 400 that names the field, for every body that does not say what to run.
    pub(super) fn read(body: &Value) -> Result<Self, Refusal> {
        let Value::Object(fields) = body else {
            return Err(Refusal::bad_request("Request body must be a JSON object"));
        };
        let (input, earlier) = input(fields)?;
        Ok(Self {
            input,
            history: history(fields)?.or(earlier),
            instructions: text(fields, "instructions")?,
            session_id: session_id(fields)?,
            model: text(fields, "model")?,
        })
    }
}

fn input(fields: &Map<String, Value>) -> Result<(String, Option<Vec<HistoryMessage>>), Refusal> {
    let (prompt, earlier) = match fields.get("input") {
        Some(Value::String(text)) if !text.is_empty() => (text.clone(), None),
        Some(Value::Array(messages)) if !messages.is_empty() => conversation(messages)?,
        None | Some(Value::Null | Value::String(_) | Value::Array(_)) => {
            return Err(Refusal::bad_request("Missing 'input' field").about("input"));
        }
        Some(_) => {
            let message = "'input' must be a string or an array of message objects";
            return Err(Refusal::bad_request(message).about("input"));
        }
    };
    if prompt.trim().is_empty() {
        return Err(Refusal::bad_request("No user message found in input").about("input"));
    }
    Ok((prompt, earlier))
}

/// The last item is the prompt, whatever its role; the ones before it are the conversation so far.
fn conversation(messages: &[Value]) -> Result<(String, Option<Vec<HistoryMessage>>), Refusal> {
    let (last, earlier) = messages
        .split_last()
        .expect("the caller saw at least one message");
    let prompt = match last {
        Value::String(text) => text.clone(),
        Value::Object(message) => content(message.get("content")).unwrap_or_default(),
        _ => String::new(),
    };
    if earlier.is_empty() {
        return Ok((prompt, None));
    }
    let earlier = past_messages(earlier, "input")?;
    Ok((prompt, Some(earlier)))
}

/// An empty list counts as not given, as in hermes-agent.
fn history(fields: &Map<String, Value>) -> Result<Option<Vec<HistoryMessage>>, Refusal> {
    match fields.get("conversation_history") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(messages)) if messages.is_empty() => Ok(None),
        Some(Value::Array(messages)) => past_messages(messages, "conversation_history").map(Some),
        Some(_) => {
            let message = "'conversation_history' must be an array of message objects";
            Err(Refusal::bad_request(message).about("conversation_history"))
        }
    }
}

fn past_messages(messages: &[Value], field: &'static str) -> Result<Vec<HistoryMessage>, Refusal> {
    let read = |(index, message)| past_message(message, index, field);
    messages.iter().enumerate().map(read).collect()
}

fn past_message(
    message: &Value,
    index: usize,
    field: &'static str,
) -> Result<HistoryMessage, Refusal> {
    let refuse = |what: &str| Refusal::bad_request(format!("{field}[{index}] {what}")).about(field);
    let fields = message
        .as_object()
        .filter(|fields| fields.contains_key("role") && fields.contains_key("content"))
        .ok_or_else(|| refuse("must have 'role' and 'content' fields"))?;
    let role = match fields.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => HistoryRole::System,
        Some("user") => HistoryRole::User,
        Some("assistant") => HistoryRole::Assistant,
        _ => return Err(refuse("must have role 'system', 'user' or 'assistant'")),
    };
    let content =
        content(fields.get("content")).ok_or_else(|| refuse("must have text as its 'content'"))?;
    Ok(HistoryMessage { role, content })
}

/// Text, given plainly or as a list of text parts.
fn content(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => parts.iter().map(part).collect(),
        _ => None,
    }
}

fn part(value: &Value) -> Option<&str> {
    match value.get("type").and_then(Value::as_str) {
        Some("text" | "input_text" | "output_text") => value.get("text")?.as_str(),
        _ => value.as_str(),
    }
}

fn text(fields: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::bad_request(format!("'{name}' must be a string")).about(name)),
    }
}

/// A session id becomes a key of the store, so what could lead elsewhere in a path is refused.
fn session_id(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(id) = text(fields, "session_id")? else {
        return Ok(None);
    };
    let odd = |letter: char| letter.is_control() || letter == '/' || letter == '\\';
    if id.len() > SESSION_ID_LENGTH_MAX || id.contains(odd) || id.contains("..") {
        return Err(Refusal::bad_request("Invalid 'session_id'").about("session_id"));
    }
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<RunRequest, Refusal> {
        RunRequest::read(&body)
    }

    fn past(role: HistoryRole, content: &str) -> HistoryMessage {
        HistoryMessage {
            role,
            content: content.to_owned(),
        }
    }

    #[test]
    fn a_string_is_the_prompt() {
        let request = read(
            json!({"input": "hi", "model": "m", "session_id": "s", "instructions": "be brief"}),
        );
        let request = request.unwrap();
        assert_eq!(request.input, "hi");
        assert_eq!(request.history, None);
        assert_eq!(request.model.as_deref(), Some("m"));
        assert_eq!(request.session_id.as_deref(), Some("s"));
        assert_eq!(request.instructions.as_deref(), Some("be brief"));
    }

    #[test]
    fn the_last_message_is_the_prompt_and_the_history_given_apart_wins() {
        let input = json!([
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": [{"type": "text", "text": "tw"}, {"type": "text", "text": "o"}]},
            {"role": "user", "content": "three"},
        ]);
        let request = read(json!({"input": input})).unwrap();
        assert_eq!(request.input, "three");
        let expected = vec![
            past(HistoryRole::User, "one"),
            past(HistoryRole::Assistant, "two"),
        ];
        assert_eq!(request.history, Some(expected));

        let given = json!([{"role": "system", "content": "s"}]);
        let request = read(json!({"input": input, "conversation_history": given})).unwrap();
        assert_eq!(request.history, Some(vec![past(HistoryRole::System, "s")]));
    }

    #[test]
    fn what_cannot_be_run_is_refused_in_words() {
        let hi = "hi";
        let table = [
            (json!([]), "Request body must be a JSON object"),
            (json!("hi"), "Request body must be a JSON object"),
            (json!({}), "Missing 'input' field"),
            (json!({"input": null}), "Missing 'input' field"),
            (json!({"input": []}), "Missing 'input' field"),
            (
                json!({"input": 5}),
                "'input' must be a string or an array of message objects",
            ),
            (json!({"input": "  "}), "No user message found in input"),
            (json!({"input": [5]}), "No user message found in input"),
            (
                json!({"input": [{"role": "user"}]}),
                "No user message found in input",
            ),
            (json!({"input": hi, "model": 5}), "'model' must be a string"),
            (
                json!({"input": hi, "session_id": "../x"}),
                "Invalid 'session_id'",
            ),
            (
                json!({"input": hi, "conversation_history": {}}),
                "'conversation_history' must be an array of message objects",
            ),
            (
                json!({"input": hi, "conversation_history": [{"role": "user", "content": "a"}, {"role": "user"}]}),
                "conversation_history[1] must have 'role' and 'content' fields",
            ),
            (
                json!({"input": hi, "conversation_history": [{"role": "tool", "content": "a"}]}),
                "conversation_history[0] must have role 'system', 'user' or 'assistant'",
            ),
            (
                json!({"input": hi, "conversation_history": [{"role": "user", "content": 5}]}),
                "conversation_history[0] must have text as its 'content'",
            ),
        ];
        for (body, message) in table {
            let refusal = read(body.clone()).expect_err(&body.to_string());
            let expected = Refusal::bad_request(message);
            assert!(
                format!("{refusal:?}").contains(message),
                "{body}: {refusal:?} is not {expected:?}"
            );
        }
    }
}
