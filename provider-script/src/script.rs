//! A whole script: its entries in their order, and reading it from a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use wire_faults::{Fault, Mistake};

use crate::asked::Asked;
use crate::chance::drawn;
use crate::entry::{Entry, EntrySpec};
use crate::reading::{Told, read_part};
use crate::tally::Tally;
use crate::when::When;

/// Everything a provider is told to say. The first entry that matches a request answers it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The entries, in the order of the file.
    pub entries: Vec<Entry>,
}

/// The part of a file that is a script.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScriptSpec {
    #[serde(default)]
    #[schemars(with = "Vec<EntrySpec>")]
    provider: Vec<Spanned<EntrySpec>>,
}

impl Script {
    /// The faults of every entry.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.entries.iter().flat_map(|entry| &entry.faults)
    }

    /// The entry that answers what is asked, with its index. The seed decides what is left to chance; the request is counted.
    pub fn answer(
        &self,
        asked: &Asked<'_>,
        seed: u64,
        tally: &mut Tally,
    ) -> Option<(usize, &Entry)> {
        let mut entries = self.entries.iter().enumerate();
        entries.find(|(index, entry)| {
            if !entry.when.matches(asked) {
                return false;
            }
            let (its_turn, chosen) = answers(&entry.when, (*index, seed), asked, tally);
            if entry.when.every.is_some() {
                tally.add(*index, asked.run);
            }
            if its_turn && !chosen {
                tally.pass_over(*index);
            }
            its_turn && chosen
        })
    }

    /// The entry that would answer such a request, if it came now. Nothing is counted.
    #[must_use]
    pub fn foresee(&self, asked: &Asked<'_>, seed: u64, tally: &Tally) -> Option<(usize, &Entry)> {
        let mut entries = self.entries.iter().enumerate();
        entries.find(|(index, entry)| {
            let answers = || answers(&entry.when, (*index, seed), asked, tally);
            entry.when.matches(asked) && answers() == (true, true)
        })
    }

    /// Reads the `[[provider]]` part of a file; whatever else stands in it is not looked at.
    ///
    /// # Errors
    ///
    /// Every mistake in it, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let reading = read_part::<ScriptSpec>(text, &["provider"]);
        let mut mistakes = reading.mistakes;
        let entries = reading.value.map(|spec| spec.provider).unwrap_or_default();
        if entries.is_empty() && mistakes.is_empty() {
            let mistake = Mistake::new(0..0, "this file has no `[[provider]]` entry")
                .with_help("such as `[[provider]]` and, below it, `reply = { text = \"Hello.\" }`");
            return Err(vec![mistake]);
        }
        let script = Self::check(&entries, &reading.told, &mut mistakes);
        if mistakes.is_empty() {
            return Ok(script);
        }
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        Err(mistakes)
    }

    /// The script that is meant by these entries. Mistakes that do not follow from those in `told` are added to `mistakes`;
    /// if there are any, or were any, entries may be missing.
    pub fn check(entries: &[Spanned<EntrySpec>], told: &Told, mistakes: &mut Vec<Mistake>) -> Self {
        let mut script = Self::default();
        for spec in entries {
            let place = spec.span();
            match spec.get_ref().check_beside(&place, told) {
                Ok(entry) => {
                    mistakes.extend(script.hides(&entry, spec));
                    mistakes.extend(unknowable(&entry, spec));
                    script.entries.push(entry);
                }
                Err(found) => mistakes.extend(found),
            }
        }
        script
    }

    /// An entry that never answers, because an earlier one always does, is a mistake in the order.
    fn hides(&self, entry: &Entry, spec: &Spanned<EntrySpec>) -> Option<Mistake> {
        let earlier = self
            .entries
            .iter()
            .find(|earlier| earlier.when.covers(&entry.when))?;
        let place = match &spec.get_ref().when {
            Some(when) => when.span(),
            None => spec.span(),
        };
        let mistake = Mistake::new(
            place,
            "this entry never answers: an earlier one always does",
        );
        Some(mistake.with_help(format!(
            "the earlier entry answers {}; the first that matches wins",
            earlier.when
        )))
    }
}

/// A fault that comes before the request cannot depend on what the request says.
fn unknowable(entry: &Entry, spec: &Spanned<EntrySpec>) -> Option<Mistake> {
    let mut points = entry.faults.iter().map(|fault| fault.point);
    let early = points.find(|point| point.name().precedes_the_request())?;
    let when = spec.get_ref().when.as_ref()?;
    let every = entry.when.every.map(|_| "every");
    let unknown = entry.when.request_conditions().chain(every).next()?;
    let message =
        format!("what happens {early} comes before the request, so `{unknown}` cannot be known");
    let help = "such an entry is chosen by `run`, `call`, `attempt`, `probability` and `within`";
    Some(Mistake::new(when.span(), message).with_help(help))
}

/// Whether it is the turn of an entry that means the request, and whether chance has chosen it.
fn answers(
    when: &When,
    (entry, seed): (usize, u64),
    asked: &Asked<'_>,
    tally: &Tally,
) -> (bool, bool) {
    let its_turn = when.every.is_none_or(|every| {
        let number = tally.count(entry, asked.run) + 1;
        number.is_multiple_of(u64::from(every))
    });
    let lucky = |probability| drawn(probability, seed, entry, asked);
    (its_turn, when.probability.is_none_or(lucky))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mistakes = Script::parse(text).expect_err("is wrong");
        mistakes
            .into_iter()
            .map(|mistake| format!("{} @ {}", mistake.message, &text[mistake.span]))
            .collect()
    }

    #[test]
    fn the_rest_of_a_scenario_is_not_looked_at() {
        let script = Script::parse(
            "format = 1\ntitle = 3\n[[provider]]\nreply = { text = \"Hello.\" }\n[[steps]]\nsay = 1\n",
        );
        assert_eq!(script.expect("is a script").entries.len(), 1);
    }

    #[test]
    fn a_misspelt_provider_is_told() {
        assert_eq!(
            told("[[provder]]\nreply = { text = \"Hello.\" }\n"),
            ["unknown key `provder` @ provder"]
        );
        assert_eq!(
            told("x = 1\n"),
            ["this file has no `[[provider]]` entry @ "]
        );
    }

    #[test]
    fn mistakes_of_all_kinds_are_told_together_and_none_twice() {
        let text = "[[provider]]\nwhen = { call = 0 }\nreply = { text = \"Hi\" }\nfault = { at = \"text\", after_bytes = 9, action = \"reset\" }\n\
                    [[provider]]\nwhen = { call = 1, atempt = 1 }\nfault = { at = \"connect\", action = \"reset\", after_byte = 3 }\n\
                    [[provider]]\nwhen = { call = 2 }\n\
                    [[provider]]\nfault = { at = \"headers\", action = \"cloze\" }\n";
        assert_eq!(
            told(text),
            [
                "`call` is counted from 1, so 0 matches nothing @ 0",
                "the reply has 2 bytes of text @ 9",
                "unknown key `atempt` @ atempt",
                "`reset` is not possible at `connect` @ \"reset\"",
                "unknown key `after_byte` @ after_byte",
                "this entry says nothing @ [[provider]]",
                "unknown word `cloze` @ \"cloze\"",
            ]
        );
    }

    #[test]
    fn a_connection_that_is_refused_cannot_depend_on_its_request() {
        let entry = |when: &str| {
            format!(
                "[[provider]]\nwhen = {when}\nreply = {{ text = \"a\" }}\nfault = {{ at = \"connect\", action = \"close\" }}\n"
            )
        };
        assert_eq!(
            told(&entry("{ call = 1, prompt = \"x\" }")),
            [
                "what happens at connect comes before the request, so `prompt` cannot be known @ { call = 1, prompt = \"x\" }"
            ]
        );
        assert_eq!(told(&entry("{ every = 2 }")).len(), 1);
        let known = entry("{ call = 1, probability = 0.5, within = { until = \"9s\" } }");
        assert!(Script::parse(&known).is_ok());
    }

    #[test]
    fn a_speed_that_contradicts_itself_is_told() {
        let reply = |timing: &str| format!("[[provider]]\nreply = {{ text = \"a\", {timing} }}\n");
        for (timing, message) in [
            (
                "tokens_per_second = 0",
                "`tokens_per_second` is a number above 0",
            ),
            (
                "tokens_per_second = nan",
                "`tokens_per_second` is a number above 0",
            ),
            (
                "first_token = \"1s\", jitter = 1.5",
                "`jitter` is a number from 0 to 1",
            ),
            (
                "pace = \"1s\", jitter = 0.5",
                "`jitter` has nothing to vary",
            ),
            (
                "pace = \"1s\", tokens_per_second = 3",
                "the reply has `pace` and `tokens_per_second`",
            ),
        ] {
            let place = format!("{{ text = \"a\", {timing} }}");
            assert_eq!(told(&reply(timing)), [format!("{message} @ {place}")]);
        }
        let fine = reply("first_token = \"300ms\", tokens_per_second = 40, jitter = 0.2");
        assert!(Script::parse(&fine).is_ok());
    }

    #[test]
    fn an_entry_that_never_answers_is_told() {
        let text = "[[provider]]\nwhen = { call = 1 }\nreply = { text = \"a\" }\n[[provider]]\nwhen = { call = 1, attempt = 2 }\nreply = { text = \"b\" }\n";
        assert_eq!(
            told(text),
            ["this entry never answers: an earlier one always does @ { call = 1, attempt = 2 }"]
        );
    }
}
