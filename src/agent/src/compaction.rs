//! Makes a conversation smaller: everything before the newest user message becomes a summary. Pure but for its words;
//! who asks the model for the summary is the agent's turn.

use crate::message::{Message, estimated_tokens};

/// Most characters of one message that a summary is made from.
const PER_MESSAGE: usize = 2000;

/// The part to summarise and the part to keep; nothing when there is no earlier part.
#[must_use]
pub(crate) fn split(messages: &[Message]) -> Option<(&[Message], &[Message])> {
    let newest = messages
        .iter()
        .rposition(|message| matches!(message, Message::User { .. }))?;
    (newest > 0).then(|| messages.split_at(newest))
}

/// What the model is asked to summarise: a transcript of at most `tokens` (estimated), its end rather than its beginning.
#[must_use]
pub(crate) fn question(earlier: &[Message], tokens: usize) -> Vec<Message> {
    let lines: Vec<String> = earlier.iter().map(line).collect();
    let transcript = lines.join("\n");
    let excess = transcript
        .chars()
        .count()
        .saturating_sub(tokens.saturating_mul(4));
    let transcript: String = transcript.chars().skip(excess).collect();
    let task = "Summarise the conversation below for yourself: what the user wants, what was done, what is known. \
                Be short. Do not answer it.";
    vec![
        Message::System {
            content: task.to_owned(),
        },
        Message::user(transcript),
    ]
}

/// The conversation with `summary` in place of what came before `kept`, if that is smaller than `whole`.
#[must_use]
pub(crate) fn replace(whole: &[Message], kept: &[Message], summary: &str) -> Option<Vec<Message>> {
    let head = Message::System {
        content: format!("Summary of the conversation so far: {}", summary.trim()),
    };
    let smaller: Vec<Message> = std::iter::once(head).chain(kept.iter().cloned()).collect();
    (estimated_tokens(&smaller) < estimated_tokens(whole)).then_some(smaller)
}

fn line(message: &Message) -> String {
    let (who, text) = match message {
        Message::System { content } => ("note", content.clone()),
        Message::User { content } => ("user", content.clone()),
        Message::Assistant {
            content,
            tool_calls,
            ..
        } => {
            let calls: Vec<String> = tool_calls
                .iter()
                .map(|call| format!("[{} {}]", call.name, call.arguments))
                .collect();
            ("assistant", format!("{content} {}", calls.join(" ")))
        }
        Message::Tool { content, .. } => ("tool", content.clone()),
    };
    let text: String = text.trim().chars().take(PER_MESSAGE).collect();
    format!("{who}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long() -> Vec<Message> {
        vec![
            Message::user("a".repeat(400)),
            Message::assistant("b".repeat(400)),
            Message::user("now"),
        ]
    }

    #[test]
    fn the_newest_user_message_and_what_follows_it_stay() {
        let messages = long();
        let (earlier, kept) = split(&messages).unwrap();
        assert_eq!((earlier.len(), kept), (2, &[Message::user("now")][..]));
        assert_eq!(split(kept), None);
    }

    #[test]
    fn a_summary_that_makes_nothing_smaller_is_not_taken() {
        let messages = long();
        let (_, kept) = split(&messages).unwrap();
        assert!(replace(&messages, kept, "short").is_some_and(|smaller| smaller.len() == 2));
        assert_eq!(replace(&messages, kept, &"c".repeat(1000)), None);
    }

    #[test]
    fn the_question_is_bounded_and_keeps_the_end() {
        let asked = question(&long()[..2], 10);
        let Message::User { content } = &asked[1] else {
            panic!("{asked:?}")
        };
        assert_eq!(content, &"b".repeat(40));
    }
}
