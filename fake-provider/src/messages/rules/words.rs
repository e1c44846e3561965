//! The provider's own words for what is wrong with a request. Most are those of its validation library: a path, and what was
//! expected there.

use crate::json::{Object, Value};
use crate::protocol::Violation;

/// A member that has to be there is not.
pub(super) fn missing(at: &str) -> Violation {
    Violation::new("parameter-missing", format!("{at}: Field required")).at(at)
}

/// A member has another type; `expected` without its article, as `valid string`.
pub(super) fn wrong_type(at: &str, expected: &str) -> Violation {
    Violation::new("wrong-type", format!("{at}: Input should be a {expected}")).at(at)
}

/// Anything else that is wrong at a place.
pub(super) fn at(rule: &'static str, at: &str, what: &str) -> Violation {
    Violation::new(rule, format!("{at}: {what}")).at(at)
}

/// A string that has to be there.
pub(super) fn string<'a>(value: &'a Value, at: &str) -> Result<&'a str, Violation> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Err(missing(at)),
        _ => Err(wrong_type(at, "valid string")),
    }
}

/// A number that has to be whole and at least `least`, if it is there.
pub(super) fn whole_number(
    value: &Value,
    at_path: &str,
    least: u64,
) -> Result<Option<u64>, Violation> {
    match value {
        Value::Null => Ok(None),
        value => match value.as_u64() {
            Some(number) if number >= least => Ok(Some(number)),
            _ if value.is_integer() => {
                let what = format!("Input should be greater than or equal to {least}");
                Err(at("out-of-range", at_path, &what))
            }
            _ => Err(wrong_type(at_path, "valid integer")),
        },
    }
}

/// Whether an object has only members of these names. The provider refuses all others.
pub(super) fn only(members: &Object<'_>, names: &[&str], path: &str) -> Result<(), Violation> {
    match members.keys().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let dot = if path.is_empty() { "" } else { "." };
            Err(extra(&format!("{path}{dot}{name}")))
        }
    }
}

/// A member that is not known here.
pub(super) fn extra(at_path: &str) -> Violation {
    at(
        "unknown-parameter",
        at_path,
        "Extra inputs are not permitted",
    )
}

/// A kind of something that is not known here.
pub(super) fn unknown_tag(tag: &str, known: &[&str], at_path: &str) -> Violation {
    let known: Vec<String> = known.iter().map(|tag| format!("'{tag}'")).collect();
    let what = format!(
        "Input tag '{tag}' found using 'type' does not match any of the expected tags: {}",
        known.join(", ")
    );
    at("unknown-content-type", at_path, &what)
}

/// The kind that an object says it is.
pub(super) fn tag<'a>(value: &'a Value, at_path: &str) -> Result<&'a str, Violation> {
    if !value.is_object() {
        return Err(at("wrong-type", at_path, "Input should be an object"));
    }
    value["type"].as_str().ok_or_else(|| {
        let what = "Unable to extract tag using discriminator 'type'";
        at("parameter-missing", at_path, what)
    })
}
