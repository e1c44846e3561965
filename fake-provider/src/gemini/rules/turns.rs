//! The rules for the turns of a conversation: who speaks, what is in it, and that every call has its result.

use crate::gemini::request::{member, parts};
use crate::json::Value;
use crate::places::Places;
use crate::protocol::Violation;

/// What a turn is, as far as its neighbours must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    User,
    Model,
    Calls,
    Results,
}

/// Checks the contents of a request. `signed`: whether the model wants its thoughts back with its calls.
pub(super) fn check(body: &Value, signed: bool) -> Result<(), Violation> {
    let contents: Vec<&Value> = parts(&body["contents"]).collect();
    if contents.is_empty() {
        return Err(invalid(
            "contents-missing",
            "contents",
            "contents is not specified",
        ));
    }
    let mut turns = Vec::with_capacity(contents.len());
    for (place, content) in contents.iter().enumerate() {
        turns.push(turn(content, place)?);
    }
    neighbours(&turns)?;
    for (place, pair) in contents.windows(2).enumerate() {
        if turns[place] == Turn::Calls {
            results(pair[0], pair[1])?;
        }
    }
    if signed {
        signatures(&contents, &turns)?;
    }
    Ok(())
}

/// An error about one field of the request, as the API lists them.
pub(super) fn invalid(rule: &'static str, at: &str, what: &str) -> Violation {
    Violation::new(rule, format!("* GenerateContentRequest.{at}: {what}\n"))
}

fn turn(content: &Value, place: usize) -> Result<Turn, Violation> {
    let role = content["role"].as_str().unwrap_or("user");
    // `function` and `tool` are what clients have called the turn with the results.
    if !matches!(role, "" | "user" | "model" | "function" | "tool") {
        return Err(Violation::new(
            "unknown-role",
            "Please use a valid role: user, model.",
        ));
    }
    let parts: Vec<&Value> = parts(&content["parts"]).collect();
    if parts.is_empty() {
        let at = format!("contents[{place}].parts");
        return Err(invalid(
            "content-missing",
            &at,
            "contents.parts must not be empty.",
        ));
    }
    let (mut calls, mut results) = (false, false);
    for (index, part) in parts.iter().enumerate() {
        self::part(part, &format!("contents[{place}].parts[{index}]"))?;
        calls |= member(part, "functionCall").is_object();
        results |= member(part, "functionResponse").is_object();
    }
    match (calls, results, role) {
        (true, true, _) => Err(Violation::new(
            "content-mixed",
            "Please ensure that function call turn contains at least one function_call part which can not be mixed with \
             function_response parts.",
        )),
        (true, false, "model") => Ok(Turn::Calls),
        (true, false, _) => Err(Violation::new(
            "unknown-role",
            "Please ensure that function call turn comes from the model role.",
        )),
        (false, true, "model") => Err(Violation::new(
            "unknown-role",
            "Please ensure that function response turn comes from the user role.",
        )),
        (false, true, _) => Ok(Turn::Results),
        (false, false, "model") => Ok(Turn::Model),
        (false, false, _) => Ok(Turn::User),
    }
}

/// The members that are a part's content, of which it has exactly one.
const DATA: [&str; 9] = [
    "text",
    "functionCall",
    "functionResponse",
    "inlineData",
    "fileData",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

fn part(part: &Value, at: &str) -> Result<(), Violation> {
    if !DATA.iter().any(|name| !member(part, name).is_null()) {
        let what = "required oneof field 'data' must have one initialized field";
        return Err(invalid("content-missing", &format!("{at}.data"), what));
    }
    for (name, field) in [
        ("functionCall", "function_call"),
        ("functionResponse", "function_response"),
    ] {
        let found = member(part, name);
        if found.is_object() && found["name"].as_str().unwrap_or_default().is_empty() {
            return Err(invalid(
                "name-missing",
                &format!("{at}.{field}.name"),
                "Name cannot be empty.",
            ));
        }
    }
    Ok(())
}

fn neighbours(turns: &[Turn]) -> Result<(), Violation> {
    let mut before = None;
    for turn in turns {
        match (before, turn) {
            (None | Some(Turn::Model | Turn::Calls), Turn::Calls) => {
                return Err(Violation::new(
                    "tool-call-out-of-order",
                    "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
                ));
            }
            (None | Some(Turn::User | Turn::Model | Turn::Results), Turn::Results) => {
                return Err(Violation::new(
                    "tool-result-orphan",
                    "Please ensure that function response turn comes immediately after a function call turn.",
                ));
            }
            (Some(Turn::Calls), Turn::User | Turn::Model) => return Err(unequal()),
            _ => {}
        }
        before = Some(*turn);
    }
    match before {
        Some(Turn::Calls) => Err(unequal()),
        _ => Ok(()),
    }
}

/// In these words in dozens of threads, as google-gemini/gemini-cli issue 16984.
fn unequal() -> Violation {
    Violation::new(
        "tool-result-missing",
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function \
         call turn.",
    )
}

/// Every call has one result.
fn results<'a>(calls: &'a Value<'a>, results: &'a Value<'a>) -> Result<(), Violation> {
    let mut open = Open::of(calls);
    for result in objects(results, "functionResponse") {
        let rule = match open.close(result) {
            Closed::Open => continue,
            Closed::Again => "tool-result-duplicate",
            Closed::Nothing => "tool-result-orphan",
        };
        return Err(Violation { rule, ..unequal() });
    }
    match open.is_open.contains(&true) {
        true => Err(unequal()),
        false => Ok(()),
    }
}

/// Calls and whether each has no result: found by its id where both have one, and otherwise by its name.
#[derive(Debug, Default)]
struct Open<'a> {
    /// In the order in which they were made.
    is_open: Vec<bool>,
    by_id: Places<&'a str>,
    by_name: Places<&'a str>,
    without_id: Places<&'a str>,
}

/// What a result closes.
enum Closed {
    Open,
    /// A call that has a result.
    Again,
    Nothing,
}

impl<'a> Open<'a> {
    fn of(calls: &'a Value<'a>) -> Self {
        let mut open = Self::default();
        for (place, call) in objects(calls, "functionCall").enumerate() {
            open.is_open.push(true);
            open.by_name.add(name(call), place);
            match id(call) {
                Some(id) => open.by_id.add(id, place),
                None => open.without_id.add(name(call), place),
            }
        }
        open
    }

    fn close(&mut self, result: &Value<'_>) -> Closed {
        let name = name(result);
        let (found, was_made) = match id(result) {
            None => {
                let found = self.by_name.first(name, &self.is_open);
                (found, self.by_name.knows(name))
            }
            Some(id) => {
                let of_id = self.by_id.first(id, &self.is_open);
                let of_name = self.without_id.first(name, &self.is_open);
                let found = of_id.into_iter().chain(of_name).min();
                (found, self.by_id.knows(id) || self.without_id.knows(name))
            }
        };
        match found {
            Some(place) => {
                self.is_open[place] = false;
                Closed::Open
            }
            None if was_made => Closed::Again,
            None => Closed::Nothing,
        }
    }
}

/// The objects of this name in the parts of a content.
fn objects<'a>(content: &'a Value<'a>, name: &str) -> impl Iterator<Item = &'a Value<'a>> {
    let found = parts(&content["parts"]).map(move |part| member(part, name));
    found.filter(|found| found.is_object())
}

fn id<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    value["id"].as_str().filter(|id| !id.is_empty())
}

/// There is one: whatever has none was refused before.
fn name<'a>(value: &'a Value<'_>) -> &'a str {
    value["name"].as_str().unwrap_or_default()
}

/// Since generation 3 the first call of every step of the current turn has to come back with its signature
/// (ai.google.dev/gemini-api/docs/thought-signatures).
fn signatures(contents: &[&Value], turns: &[Turn]) -> Result<(), Violation> {
    let current = turns
        .iter()
        .rposition(|turn| *turn == Turn::User)
        .unwrap_or(0);
    for (place, content) in contents.iter().enumerate().skip(current) {
        let mut calls =
            parts(&content["parts"]).filter(|part| member(part, "functionCall").is_object());
        let first = calls.next().filter(|_| turns[place] == Turn::Calls);
        let unsigned = |part: &&Value| {
            member(part, "thoughtSignature")
                .as_str()
                .unwrap_or_default()
                .is_empty()
        };
        if let Some(part) = first.filter(unsigned) {
            let name = member(part, "functionCall")["name"]
                .as_str()
                .unwrap_or_default();
            return Err(Violation::new(
                "thought-signature-missing",
                format!(
                    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work \
                     correctly, and missing thought_signature may lead to degraded model performance. Additional data, function \
                     call `default_api:{name}` , position {}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures \
                     for more details.",
                    place + 1
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(contents: &[Value], signed: bool) -> &'static str {
        check(&json!({"contents": contents}), signed)
            .map_or_else(|violation| violation.rule, |()| "")
    }

    fn says(role: &str) -> Value<'static> {
        json!({"role": role, "parts": [{"text": "x"}]})
    }

    fn calls(calls: &[(&str, &str)]) -> Value<'static> {
        let parts = calls.iter().map(|(id, name)| match *id {
            "" => json!({"functionCall": {"name": name}}),
            id => json!({"functionCall": {"id": id, "name": name, "args": {}}, "thoughtSignature": "c2ln"}),
        });
        json!({"role": "model", "parts": parts.collect::<Vec<_>>()})
    }

    fn answers(results: &[(&str, &str)]) -> Value<'static> {
        let parts = results.iter().map(|(id, name)| match *id {
            "" => json!({"functionResponse": {"name": name, "response": {}}}),
            id => json!({"functionResponse": {"id": id, "name": name, "response": {}}}),
        });
        json!({"role": "user", "parts": parts.collect::<Vec<_>>()})
    }

    fn round(made: &[(&str, &str)], answered: &[(&str, &str)]) -> &'static str {
        rule(&[says("user"), calls(made), answers(answered)], false)
    }

    #[test]
    fn every_call_answered_once_is_fine_with_ids_and_without() {
        assert_eq!(
            round(
                &[("a", "list"), ("b", "list")],
                &[("b", "list"), ("a", "list")]
            ),
            ""
        );
        assert_eq!(
            round(
                &[("a", "list"), ("b", "read")],
                &[("", "read"), ("", "list")]
            ),
            ""
        );
        assert_eq!(
            round(
                &[("", "list"), ("", "list")],
                &[("", "list"), ("x", "list")]
            ),
            ""
        );
        assert_eq!(
            rule(
                &[says("user"), says("model"), says("user"), says("user")],
                true
            ),
            ""
        );
        assert_eq!(
            rule(&[says("user"), says("model")], true),
            "",
            "a prefix to go on from"
        );
    }

    #[test]
    fn results_that_do_not_fit_the_calls_are_refused() {
        assert_eq!(
            round(&[("a", "list"), ("b", "list")], &[("a", "list")]),
            "tool-result-missing"
        );
        assert_eq!(
            round(&[("a", "list")], &[("b", "list")]),
            "tool-result-orphan"
        );
        assert_eq!(
            round(&[("a", "list")], &[("", "read")]),
            "tool-result-orphan"
        );
        assert_eq!(
            round(&[("a", "list")], &[("a", "list"), ("a", "list")]),
            "tool-result-duplicate"
        );
        assert_eq!(
            rule(&[says("user"), calls(&[("a", "f")])], false),
            "tool-result-missing"
        );
        assert_eq!(
            rule(&[says("user"), calls(&[("a", "f")]), says("user")], false),
            "tool-result-missing"
        );
    }

    #[test]
    fn turns_have_an_order() {
        let made = || calls(&[("a", "f")]);
        let answered = || answers(&[("a", "f")]);
        assert_eq!(rule(&[made(), answered()], false), "tool-call-out-of-order");
        assert_eq!(
            rule(&[says("user"), says("model"), made(), answered()], false),
            "tool-call-out-of-order"
        );
        assert_eq!(
            rule(&[says("user"), answered()], false),
            "tool-result-orphan"
        );
        assert_eq!(rule(&[answered()], false), "tool-result-orphan");
        let mixed = json!({"role": "model", "parts": [made()["parts"][0], answered()["parts"][0]]});
        assert_eq!(rule(&[says("user"), mixed], false), "content-mixed");
    }

    #[test]
    fn roles_and_parts_are_checked() {
        assert_eq!(rule(&[], false), "contents-missing");
        assert_eq!(rule(&[says("assistant")], false), "unknown-role");
        assert_eq!(rule(&[json!({"role": "user"})], false), "content-missing");
        assert_eq!(rule(&[json!({"parts": [{}]})], false), "content-missing");
        assert_eq!(rule(&[json!({"parts": [{"text": ""}]})], false), "");
        let nameless = json!({"role": "model", "parts": [{"functionCall": {"args": {}}}]});
        assert_eq!(rule(&[says("user"), nameless], false), "name-missing");
    }

    #[test]
    fn thoughts_come_back_where_they_are_wanted() {
        let unsigned = || [says("user"), calls(&[("", "f")]), answers(&[("", "f")])];
        assert_eq!(rule(&unsigned(), true), "thought-signature-missing");
        assert_eq!(rule(&unsigned(), false), "");
        let old = [unsigned().as_slice(), &[says("user")]].concat();
        assert_eq!(rule(&old, true), "", "only the current turn is looked at");
        assert_eq!(
            rule(
                &[says("user"), calls(&[("a", "f")]), answers(&[("a", "f")])],
                true
            ),
            ""
        );
    }
}
