//! One entry of a script: which requests, what answer, what goes wrong.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use wire_faults::{Action, Fault, FaultSpec, Mistake, Point};

use crate::quirk::Quirk;
use crate::reading::Told;
use crate::reply::Reply;
use crate::when::When;

/// An entry as it is written under `[[provider]]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderEntry")]
pub struct EntrySpec {
    /// Which requests this entry answers; every request unless said.
    #[serde(default)]
    #[schemars(with = "Option<When>")]
    pub when: Option<Spanned<When>>,
    /// What is said when nothing goes wrong.
    #[serde(default)]
    #[schemars(with = "Option<Reply>")]
    pub reply: Option<Spanned<Reply>>,
    /// What goes wrong.
    #[serde(default)]
    #[schemars(with = "Option<FaultSpec>")]
    pub fault: Option<Spanned<FaultSpec>>,
    /// Which provider's habits the answer has, where the dialect's own are not meant.
    #[serde(default)]
    pub quirk: Option<Quirk>,
}

/// An entry that makes sense.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Which requests it answers.
    #[serde(default)]
    pub when: When,
    /// What is said when nothing goes wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// What goes wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Which provider's habits the answer has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quirk: Option<Quirk>,
}

impl EntrySpec {
    /// The entry that is meant. `whole` is the entry's own place, for what is missing in it.
    ///
    /// # Errors
    ///
    /// Every mistake in it, each with its place.
    pub fn check(&self, whole: Range<usize>) -> Result<Entry, Vec<Mistake>> {
        self.check_beside(&whole, &Told::default())
    }

    /// The entry that is meant, without a word about what follows from a mistake that was told already.
    pub(crate) fn check_beside(
        &self,
        whole: &Range<usize>,
        told: &Told,
    ) -> Result<Entry, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if told.sound(whole) && self.reply.is_none() && self.fault.is_none() {
            let mistake = Mistake::new(whole.clone(), "this entry says nothing")
                .with_help("give it a `reply`, a `fault`, or both");
            mistakes.push(mistake);
        }
        if let Some(when) = self.when.as_ref().filter(|when| told.sound(&when.span())) {
            mistakes.extend(when.get_ref().mistake(when.span()));
        }
        if let Some(reply) = self
            .reply
            .as_ref()
            .filter(|reply| told.sound(&reply.span()))
        {
            mistakes.extend(reply.get_ref().mistake(reply.span()));
        }
        let fault = self.checked_fault(told, &mut mistakes);
        if mistakes.is_empty() && told.sound(whole) {
            let when = self.when.as_ref().map(|when| when.get_ref().clone());
            return Ok(Entry {
                when: when.unwrap_or_default(),
                reply: self.reply.as_ref().map(|reply| reply.get_ref().clone()),
                fault,
                quirk: self.quirk,
            });
        }
        Err(mistakes)
    }

    fn checked_fault(&self, told: &Told, mistakes: &mut Vec<Mistake>) -> Option<Fault> {
        let spec = self.fault.as_ref()?;
        if !told.sound(&spec.span()) {
            mistakes.extend(spec.get_ref().contradiction(|place| told.sound(place)));
            return None;
        }
        let fault = match spec.get_ref().check() {
            Ok(fault) => fault,
            Err(found) => {
                mistakes.extend(found);
                return None;
            }
        };
        match &self.reply {
            Some(reply) if told.sound(&reply.span()) => {
                mistakes.extend(unreachable(spec, &fault, Some(reply.get_ref())));
            }
            None => mistakes.extend(unreachable(spec, &fault, None)),
            Some(_) => {}
        }
        Some(fault)
    }
}

/// A fault at a point that this reply never reaches would prove nothing.
fn unreachable(spec: &Spanned<FaultSpec>, fault: &Fault, reply: Option<&Reply>) -> Option<Mistake> {
    let needs_no_reply = matches!(fault.point, Point::Connect)
        || (matches!(fault.point, Point::BeforeHeaders)
            && !matches!(fault.action, Action::Delay { .. }));
    if needs_no_reply {
        return None;
    }
    let Some(reply) = reply else {
        let message = format!("a fault {} needs a `reply` to happen in", fault.point);
        return Some(Mistake::new(spec.span(), message));
    };
    let (what, after_bytes, length) = match fault.point {
        Point::Text { after_bytes } => (
            "text",
            after_bytes,
            reply.text.as_ref().map_or(0, String::len),
        ),
        Point::ToolArguments { after_bytes } => {
            ("tool arguments", after_bytes, arguments_length(reply))
        }
        _ => return None,
    };
    // A target may rename arguments, so only the absence of any, and an obvious overrun, can be told here.
    let too_far = length == 0 || (what == "text" && after_bytes > length as u64);
    too_far.then(|| {
        let place = spec
            .get_ref()
            .after_bytes
            .as_ref()
            .map_or_else(|| spec.span(), Spanned::span);
        Mistake::new(place, format!("the reply has {length} bytes of {what}"))
            .with_help("a fault has to lie inside what is said")
    })
}

fn arguments_length(reply: &Reply) -> usize {
    reply
        .tool_calls
        .iter()
        .map(|call| match &call.raw_arguments {
            Some(raw) => raw.len(),
            None => serde_json::Value::Object(call.arguments.clone())
                .to_string()
                .len(),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Entry, Vec<Mistake>> {
        toml::from_str::<EntrySpec>(text)
            .expect("has the right fields")
            .check(0..text.len())
    }

    #[test]
    fn a_reply_and_a_fault_inside_it() {
        let entry = check(
            "when = { call = 1 }\nreply = { text = \"hello\" }\nfault = { at = \"text\", after_bytes = 3, action = \"reset\" }",
        );
        assert_eq!(entry.expect("makes sense").when.call, Some(1));
    }

    #[test]
    fn a_fault_past_the_end_of_the_reply_is_refused() {
        let mistakes = check(
            "reply = { text = \"hello\" }\nfault = { at = \"text\", after_bytes = 9, action = \"reset\" }",
        );
        assert_eq!(
            mistakes.expect_err("is wrong")[0].message,
            "the reply has 5 bytes of text"
        );
    }

    #[test]
    fn an_empty_entry_is_refused() {
        assert_eq!(
            check("when = { call = 1 }").expect_err("is wrong")[0].message,
            "this entry says nothing"
        );
    }

    #[test]
    fn a_status_needs_no_reply_and_a_cut_in_the_text_does() {
        assert!(check("fault = { action = \"status\", status = 401 }").is_ok());
        assert!(check("fault = { at = \"before-end\", action = \"close\" }").is_err());
    }
}
