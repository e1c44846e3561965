//! One entry of a script: which requests, what answer, what goes wrong.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use wire_faults::{Action, Fault, FaultSpec, Mistake, Point, compose};

use crate::quirk::Quirk;
use crate::reading::Told;
use crate::reply::Reply;
use crate::when::{When, WhenSpec};

/// An entry as it is written under `[[provider]]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderEntry")]
pub struct EntrySpec {
    /// Which requests this entry answers; every request unless said.
    #[serde(default)]
    #[schemars(with = "Option<WhenSpec>")]
    pub when: Option<Spanned<WhenSpec>>,
    /// What is said when nothing goes wrong.
    #[serde(default)]
    #[schemars(with = "Option<Reply>")]
    pub reply: Option<Spanned<Reply>>,
    /// What goes wrong.
    #[serde(default)]
    #[schemars(with = "Option<FaultSpec>")]
    pub fault: Option<Spanned<FaultSpec>>,
    /// Several things that go wrong with the same answer, in the order of the exchange whatever the order here.
    #[serde(default)]
    #[schemars(with = "Vec<FaultSpec>")]
    pub faults: Option<Spanned<Vec<Spanned<FaultSpec>>>>,
    /// Which provider's habits the answer has, where the dialect's own are not meant.
    #[serde(default)]
    pub quirk: Option<Quirk>,
}

/// An entry that makes sense.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, from = "StoredEntry")]
pub struct Entry {
    /// Which requests it answers.
    #[serde(default)]
    pub when: When,
    /// What is said when nothing goes wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// What goes wrong. These go together: see [`compose`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Which provider's habits the answer has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quirk: Option<Quirk>,
}

/// An entry as it stands in a plan. Plans that were stored before an entry could have several faults have one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredEntry {
    #[serde(default)]
    when: When,
    reply: Option<Reply>,
    #[serde(default)]
    faults: Vec<Fault>,
    fault: Option<Fault>,
    quirk: Option<Quirk>,
}

impl From<StoredEntry> for Entry {
    fn from(stored: StoredEntry) -> Self {
        let mut faults = stored.faults;
        faults.extend(stored.fault);
        Self {
            when: stored.when,
            reply: stored.reply,
            faults,
            quirk: stored.quirk,
        }
    }
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
        if told.sound(whole) && self.reply.is_none() && !self.has_fault() {
            let mistake = Mistake::new(whole.clone(), "this entry says nothing")
                .with_help("give it a `reply`, a `fault`, or both");
            mistakes.push(mistake);
        }
        let when = self.checked_when(told, &mut mistakes);
        if let Some(reply) = self
            .reply
            .as_ref()
            .filter(|reply| told.sound(&reply.span()))
        {
            mistakes.extend(reply.get_ref().mistake(reply.span()));
        }
        let faults = self.checked_faults(told, &mut mistakes);
        if mistakes.is_empty() && told.sound(whole) {
            return Ok(Entry {
                when,
                reply: self.reply.as_ref().map(|reply| reply.get_ref().clone()),
                faults,
                quirk: self.quirk,
            });
        }
        Err(mistakes)
    }

    fn checked_when(&self, told: &Told, mistakes: &mut Vec<Mistake>) -> When {
        let sound = |when: &&Spanned<WhenSpec>| told.sound(&when.span());
        let Some(when) = self.when.as_ref().filter(sound) else {
            return When::default();
        };
        when.get_ref().check(&when.span()).unwrap_or_else(|found| {
            mistakes.extend(found);
            When::default()
        })
    }

    fn has_fault(&self) -> bool {
        let several = self.faults.as_ref();
        self.fault.is_some() || several.is_some_and(|faults| !faults.get_ref().is_empty())
    }

    fn checked_faults(&self, told: &Told, mistakes: &mut Vec<Mistake>) -> Vec<Fault> {
        if let (Some(_), Some(several)) = (&self.fault, &self.faults) {
            let mistake = Mistake::new(several.span(), "this entry has `fault` and `faults`")
                .with_help("write them all into `faults`");
            mistakes.push(mistake);
        }
        let several = self.faults.iter().flat_map(|faults| faults.get_ref());
        let specs: Vec<_> = self.fault.iter().chain(several).collect();
        let faults: Vec<_> = specs
            .iter()
            .filter_map(|spec| checked_fault(spec, told, mistakes))
            .collect();
        if faults.len() < specs.len() {
            return Vec::new();
        }
        // Where another answer comes instead, the reply is not needed for what happens to that one.
        if !faults.iter().any(Fault::replaces_the_answer) {
            let meant = specs.iter().zip(&faults);
            mistakes.extend(meant.filter_map(|(spec, fault)| self.missed(spec, fault, told)));
        }
        if let Err(contradiction) = compose(&faults) {
            let place = specs[contradiction.fault].span();
            let mistake = Mistake::new(place, contradiction.message);
            mistakes.push(mistake.with_help(contradiction.reason));
        }
        faults
    }

    /// Why a fault could never happen to this reply.
    fn missed(&self, spec: &Spanned<FaultSpec>, fault: &Fault, told: &Told) -> Option<Mistake> {
        match &self.reply {
            Some(reply) if told.sound(&reply.span()) => {
                unreachable(spec, fault, Some(reply.get_ref()))
            }
            None => unreachable(spec, fault, None),
            Some(_) => None,
        }
    }
}

fn checked_fault(
    spec: &Spanned<FaultSpec>,
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> Option<Fault> {
    if !told.sound(&spec.span()) {
        mistakes.extend(spec.get_ref().contradiction(|place| told.sound(place)));
        return None;
    }
    spec.get_ref()
        .check()
        .map_err(|found| mistakes.extend(found))
        .ok()
}

/// A fault at a point that this reply never reaches would prove nothing.
fn unreachable(spec: &Spanned<FaultSpec>, fault: &Fault, reply: Option<&Reply>) -> Option<Mistake> {
    if !needs_reply(fault) {
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
        Point::Reasoning { after_bytes } => (
            "reasoning",
            after_bytes,
            reply.reasoning.as_ref().map_or(0, String::len),
        ),
        Point::ToolArguments { after_bytes } => {
            ("tool arguments", after_bytes, arguments_length(reply))
        }
        _ => return None,
    };
    // A target may rename arguments, so only the absence of any, and an obvious overrun, can be told here.
    let too_far = length == 0 || (what != "tool arguments" && after_bytes > length as u64);
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

/// Whether there has to be a reply for the fault to happen in: not where it ends the exchange before there is one, or puts
/// another answer in its place.
const fn needs_reply(fault: &Fault) -> bool {
    match fault.point {
        Point::Connect => false,
        Point::Accept | Point::Tls | Point::Request { .. } | Point::BeforeHeaders => matches!(
            fault.action,
            Action::Delay { .. }
                | Action::Drip { .. }
                | Action::Split { .. }
                | Action::WrongContentType { .. }
                | Action::ShortContentLength { .. }
                | Action::ExpiredCertificate
                | Action::WrongName
        ),
        _ => true,
    }
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
    fn tokens_that_nobody_could_tell_are_refused() {
        let with = |usage: &str| check(&format!("reply = {{ text = \"hello\", usage = {usage} }}"));
        let most = "9007199254740991";
        assert!(with(&format!("{{ input = {most}, output = 4, reasoning = 5 }}")).is_ok());
        for count in ["input", "output", "cached", "reasoning"] {
            let mut usage = toml::Table::from_iter([
                ("input".to_owned(), toml::Value::Integer(9)),
                ("output".to_owned(), toml::Value::Integer(4)),
            ]);
            usage.insert(count.to_owned(), toml::Value::Integer(1 << 53));
            let mistakes = with(&toml::Value::Table(usage).to_string()).expect_err("is wrong");
            let message = "`usage` has more tokens than a number of JSON can tell";
            assert_eq!(mistakes[0].message, message, "{count}");
        }
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

    const HELLO: &str = "reply = { text = \"hello\", reasoning = \"so\" }\n";

    #[test]
    fn several_faults_happen_to_one_answer() {
        let entry = check(&format!(
            "{HELLO}faults = [{{ at = \"text\", after_bytes = 3, action = \"close\" }}, {{ action = \"bom\" }}]"
        ));
        assert_eq!(entry.expect("makes sense").faults.len(), 2);
    }

    #[test]
    fn faults_that_contradict_each_other_are_refused_with_the_reason() {
        let text = format!(
            "{HELLO}faults = [{{ at = \"text\", after_bytes = 3, action = \"close\" }}, {{ at = \"after-end\", action = \"reset\" }}]"
        );
        let mistakes = check(&text).expect_err("is wrong");
        assert_eq!(
            mistakes[0].message,
            "`reset after the end marker` does not go together with `close after 3 bytes of text`"
        );
        assert!(mistakes[0].help.is_some());
        assert!(text[mistakes[0].span.clone()].contains("after-end"));
    }

    #[test]
    fn another_answer_needs_no_reply() {
        assert!(check("faults = [{ action = \"html\" }, { at = \"before-headers\", action = \"delay\", lasting = \"1s\" }]").is_ok());
        assert!(
            check("fault = { at = \"before-headers\", action = \"delay\", lasting = \"1s\" }")
                .is_err()
        );
    }

    #[test]
    fn one_fault_and_several_are_refused() {
        let mistakes = check(
            "fault = { action = \"html\" }\nfaults = [{ at = \"idle\", action = \"close\" }]\nreply = {}",
        );
        assert_eq!(
            mistakes.expect_err("is wrong")[0].message,
            "this entry has `fault` and `faults`"
        );
    }

    #[test]
    fn reasoning_has_an_end() {
        let at = |bytes: u32| {
            check(&format!(
                "{HELLO}fault = {{ at = \"reasoning\", after_bytes = {bytes}, action = \"close\" }}"
            ))
        };
        assert!(at(2).is_ok() && at(3).is_err());
    }

    #[test]
    fn an_entry_that_was_stored_with_one_fault_is_read() {
        let fault = "{ point = { at = \"before-body\" }, action = { action = \"close\" } }";
        let old: Entry = toml::from_str(&format!("fault = {fault}")).expect("is read");
        let new: Entry = toml::from_str(&format!("faults = [{fault}]")).expect("is read");
        assert_eq!((old.faults.len(), &old), (1, &new));
    }
}
