//! Numbers of a request that have a range, and `OpenAI`'s words for one outside of it. Knows no request.
//!
//! Sources: the provider's description of the requests, and what people quote, such as OpenBMB/ChatDev issue 446.

use crate::protocol::Violation;

/// Whether a whole number is in its range.
pub(crate) fn integer(name: &str, got: i64, (least, most): (i64, i64)) -> Result<(), Violation> {
    let got_words = got.to_string();
    match () {
        () if got < least => Err(below(name, "integer", (&got_words, &least.to_string()))),
        () if got > most => Err(above(name, "integer", (&got_words, &most.to_string()))),
        () => Ok(()),
    }
}

/// Whether a number is in its range.
pub(crate) fn decimal(name: &str, got: f64, (least, most): (f64, f64)) -> Result<(), Violation> {
    let got_words = got.to_string();
    match () {
        () if got < least => Err(below(name, "decimal", (&got_words, &least.to_string()))),
        () if got > most => Err(above(name, "decimal", (&got_words, &most.to_string()))),
        () => Ok(()),
    }
}

fn below(name: &str, kind: &str, (got, least): (&str, &str)) -> Violation {
    let message = format!(
        "Invalid '{name}': {kind} below minimum value. Expected a value >= {least}, but got {got} instead."
    );
    let code = match kind {
        "integer" => "integer_below_min_value",
        _ => "decimal_below_min_value",
    };
    Violation::new("out-of-range", message).at(name).code(code)
}

fn above(name: &str, kind: &str, (got, most): (&str, &str)) -> Violation {
    let message = format!(
        "Invalid '{name}': {kind} above maximum value. Expected a value <= {most}, but got {got} instead."
    );
    let code = match kind {
        "integer" => "integer_above_max_value",
        _ => "decimal_above_max_value",
    };
    Violation::new("out-of-range", message).at(name).code(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_outside_of_its_range_is_told_as_what_it_is() {
        let told = |checked: Result<(), Violation>| {
            let broken = checked.expect_err("is outside");
            (broken.message, broken.param, broken.code)
        };
        let (message, param, code) = told(integer("max_tokens", -15335, (1, i64::MAX)));
        let quoted = "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got -15335 instead.";
        assert_eq!(message, quoted);
        assert_eq!(param.as_deref(), Some("max_tokens"));
        assert_eq!(code, Some("integer_below_min_value"));
        assert_eq!(
            told(integer("n", 129, (1, 128))).2,
            Some("integer_above_max_value")
        );
        let (message, _, code) = told(decimal("temperature", 2.5, (0.0, 2.0)));
        let meant = "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.";
        assert_eq!(
            (message.as_str(), code),
            (meant, Some("decimal_above_max_value"))
        );
        assert_eq!(
            told(decimal("top_p", -0.1, (0.0, 1.0))).2,
            Some("decimal_below_min_value")
        );
        assert_eq!(integer("n", 128, (1, 128)), Ok(()));
        assert_eq!(decimal("temperature", 0.0, (0.0, 2.0)), Ok(()));
    }
}
