//! Takes known secrets out of text, in every form in which they travel. Knows only the secrets it was given.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::Secret;

const MARK: &str = "[redacted]";

/// Replaces every known secret by a mark.
#[derive(Clone)]
pub struct Redactor {
    /// Longest first, so that no form hides inside another.
    forms: Vec<String>,
}

impl Redactor {
    /// A redactor of these secrets. Those too short to be one (under 4 bytes) would only garble the text.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut forms: Vec<String> = secrets
            .into_iter()
            .flat_map(|secret| forms(secret.expose()))
            .collect();
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        Self { forms }
    }

    /// `text` without any of the secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, form| {
            text.replace(form.as_str(), MARK)
        })
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Redactor({} forms)", self.forms.len())
    }
}

/// Raw, base64 in its four alphabets and paddings, percent-encoded in both cases and JSON-escaped.
fn forms(secret: &str) -> Vec<String> {
    if secret.len() < 4 {
        return Vec::new();
    }
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let lenient = form_encoded(secret);
    let json = serde_json::Value::from(secret).to_string();
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        lower_hex(&percent),
        percent,
        lower_hex(&lenient),
        lenient,
        json[1..json.len() - 1].to_owned(),
    ]
}

/// Percent-encoded with the unreserved characters of RFC 3986 left alone.
fn form_encoded(secret: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(secret, KEPT).to_string()
}

/// The same percent-encoded text with lower-case hexadecimal digits, and nothing else changed.
fn lower_hex(encoded: &str) -> String {
    let mut left = 0;
    let lowered = encoded.chars().map(|character| {
        if character == '%' {
            left = 2;
            character
        } else if left > 0 {
            left -= 1;
            character.to_ascii_lowercase()
        } else {
            character
        }
    });
    lowered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_taken_out() {
        let key = "sk-Canary/+\"1=é";
        let redactor = Redactor::new([&Secret::new(key)]);
        let forms = [
            key.to_owned(),
            STANDARD.encode(key),
            URL_SAFE_NO_PAD.encode(key),
            utf8_percent_encode(key, NON_ALPHANUMERIC).to_string(),
            "sk-Canary%2f%2b%221%3d%c3%a9".to_owned(),
            "sk-Canary/+\\\"1=é".to_owned(),
        ];
        for form in forms {
            assert_eq!(
                redactor.redact(&format!("key {form}.")),
                "key [redacted].",
                "{form}"
            );
        }
    }

    #[test]
    fn text_without_a_secret_is_left_alone() {
        let redactor = Redactor::new([&Secret::new(""), &Secret::new("abc"), &Secret::new("sk-1")]);
        assert_eq!(
            redactor.redact("abc and nothing else"),
            "abc and nothing else"
        );
    }
}
