//! What a request carries that an entry of the script may have a condition on, whatever its dialect. Read where it is asked for
//! and not before: most scripts never ask.

use provider_script::Carried;

use crate::addressing::Turn;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::Conversation;

/// Headers that name a conversation: those of gateways, and the one that OpenAI's own agent sends (`session_id`; source:
/// github.com/openai/codex, codex-rs/core/src/client.rs).
const HEADERS: [&str; 3] = ["x-conversation-id", "x-session-id", "session_id"];

/// Members of a body that do: OpenAI's (platform.openai.com/docs/api-reference/responses/create).
const MEMBERS: [&str; 3] = ["previous_response_id", "prompt_cache_key", "user"];

/// Members of `metadata` that do: OpenAI leaves their names to the client, Anthropic has `user_id`.
const METADATA: [&str; 3] = ["conversation_id", "session_id", "user_id"];

/// What the client calls the conversation that a request belongs to. Not what it calls its user, who may have several, nor an
/// answer that it goes on from.
pub(crate) fn conversation<'a>(request: &'a Request, body: &'a Value) -> Option<&'a str> {
    let mut headers = HEADERS.iter();
    let header = headers.find_map(|name| request.header(name));
    let own = &body["conversation"];
    let metadata = &body["metadata"];
    let members = [
        own,
        &own["id"],
        &metadata["conversation_id"],
        &metadata["session_id"],
    ];
    let mut members = members.into_iter();
    header.or_else(|| members.find_map(Value::as_str))
}

/// A request that was read.
pub(crate) struct Carries<'a> {
    pub(crate) request: &'a Request,
    pub(crate) conversation: &'a Conversation,
    pub(crate) body: &'a Value<'a>,
}

impl Carried for Carries<'_> {
    fn path(&self) -> &str {
        &self.request.path
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    fn prompt(&self) -> Option<&str> {
        let newest = self.conversation.turns.iter().rev();
        { newest }.find_map(|turn| match turn {
            Turn::User(text) => Some(text.as_str()),
            _ => None,
        })
    }

    fn conversations(&self) -> Vec<&str> {
        let headers = HEADERS.iter().filter_map(|name| self.request.header(name));
        let conversation = &self.body["conversation"];
        let metadata = &self.body["metadata"];
        let own = [conversation, &conversation["id"]];
        let members = MEMBERS.iter().map(|name| &self.body[*name]);
        let of_metadata = METADATA.iter().map(|name| &metadata[*name]);
        let values = own.into_iter().chain(members).chain(of_metadata);
        headers.chain(values.filter_map(Value::as_str)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    #[test]
    fn a_conversation_has_every_name_that_the_request_gives_it() {
        let request = Request {
            headers: [("x-session-id", "s1")].into_iter().collect(),
            ..Request::default()
        };
        let body = json!({
            "conversation": { "id": "c1" }, "user": "u1", "previous_response_id": "resp_1",
            "metadata": { "user_id": "m1", "other": "no" }, "messages": [{ "user": "no" }],
        });
        let conversation = Conversation::default();
        let carries = Carries {
            request: &request,
            conversation: &conversation,
            body: &body,
        };
        assert_eq!(carries.conversations(), ["s1", "c1", "resp_1", "u1", "m1"]);
        let named = json!({ "conversation": "c2" });
        let carries = Carries {
            body: &named,
            ..carries
        };
        assert_eq!(carries.conversations(), ["s1", "c2"]);
    }

    #[test]
    fn a_conversation_is_known_by_what_belongs_to_no_other() {
        let mut request = Request::default();
        let user =
            json!({ "user": "u1", "previous_response_id": "r", "metadata": { "user_id": "m" } });
        assert_eq!(conversation(&request, &user), None);
        let named = json!({ "metadata": { "session_id": "s2" } });
        assert_eq!(conversation(&request, &named), Some("s2"));
        request.headers = [("session_id", "s1")].into_iter().collect();
        assert_eq!(conversation(&request, &named), Some("s1"));
    }

    #[test]
    fn the_prompt_is_the_newest_text_of_the_user() {
        let conversation = Conversation {
            turns: vec![
                Turn::User("first".into()),
                Turn::Said("yes".into()),
                Turn::User("second".into()),
                Turn::Other,
            ],
            ..Conversation::default()
        };
        let carries = Carries {
            request: &Request::default(),
            conversation: &conversation,
            body: &Value::Null,
        };
        assert_eq!(carries.prompt(), Some("second"));
    }
}
