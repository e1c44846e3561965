//! The ids of an answer and of its items. They belong together, as the real ones do: from an item's id follows its answer's.

use sha2::{Digest, Sha256};

use crate::draw::Draw;

/// Hex digits that the ids of one answer share, and those that follow them.
const SHARED: usize = 26;
const OWN: usize = 24;

/// The ids of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ids {
    shared: String,
}

impl Ids {
    pub(super) fn new(draw: Draw) -> Self {
        Self {
            shared: draw.hex("response", SHARED),
        }
    }

    /// The answer's own.
    pub(super) fn response(&self) -> String {
        self.of("resp")
    }

    pub(super) fn message(&self) -> String {
        self.of("msg")
    }

    pub(super) fn reasoning(&self) -> String {
        self.of("rs")
    }

    /// A function call's, which is not its `call_id` but tells it.
    pub(super) fn call(&self, call_id: &str) -> String {
        format!("fc_{}{}", self.shared, digits(call_id))
    }

    fn of(&self, kind: &str) -> String {
        format!("{kind}_{}{}", self.shared, own(kind, &self.shared))
    }
}

/// What kind of item an id is of, its answer's id, and its last digits; nothing for a foreign id.
pub(super) fn item(id: &str) -> Option<(&str, String, &str)> {
    let (kind, hex) = id.split_once('_')?;
    let (shared, own) = hex.split_at_checked(SHARED)?;
    let ids = Ids {
        shared: shared.to_owned(),
    };
    (own.len() == OWN).then(|| (kind, ids.response(), own))
}

/// The digits of a `call_id`.
pub(super) fn digits(call_id: &str) -> &str {
    call_id
        .split_once('_')
        .map_or(call_id, |(_, digits)| digits)
}

fn own(kind: &str, shared: &str) -> String {
    let digest = Sha256::digest(format!("{kind} {shared}"));
    let mut own: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    own.truncate(OWN);
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_tells_its_answer_and_a_call_its_call_id() {
        let ids = Ids::new(Draw::new(1, None));
        assert_eq!(ids.response().len(), "resp_".len() + 50);
        for id in [ids.message(), ids.reasoning()] {
            assert_eq!(item(&id).map(|(_, answer, _)| answer), Some(ids.response()));
        }
        let call_id = "call_000001000200100012345678";
        let id = ids.call(call_id);
        assert_eq!(item(&id), Some(("fc", ids.response(), digits(call_id))));
        for foreign in ["", "msg_1", "fc_é", "msg-0123"] {
            assert_eq!(item(foreign), None, "{foreign}");
        }
    }
}
