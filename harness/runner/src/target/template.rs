//! Text with `{names}` in it that are filled in for each case. Pure.
//!
//! A brace that does not hold a lower-case word is text: configuration files are full of them.

use std::collections::BTreeMap;

/// A name that may stand in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(&'static str);

impl Name {
    /// The name as it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

macro_rules! names {
    ($($constant:ident = $name:literal: $meaning:literal,)*) => {
        impl Name {
            $(#[doc = $meaning] pub(crate) const $constant: Self = Self($name);)*

            /// Every name with its meaning.
            pub(crate) const ALL: &'static [(Self, &'static str)] = &[$((Self::$constant, $meaning),)*];
        }
    };
}

names! {
    PROVIDER = "provider": "the provider's base URL as clients of the dialect want it; for OpenAI's ends in /v1",
    PROVIDER_ROOT = "provider_root": "the provider's address without a version",
    DIALECT = "dialect": "the protocol the provider speaks",
    CA = "ca": "the file with the authority that vouches for the provider; nothing where the case needs no TLS",
    KEY = "key": "the key for the provider",
    GATEWAY_KEY = "gateway_key": "the key that clients of the target present",
    HOME = "home": "the fresh home",
    WORKSPACE = "workspace": "the folder that tools may see",
    LEDGER = "ledger": "the file that the effect tool appends to",
    HOST = "host": "the address to listen on",
    PORT = "port": "the port to listen on",
    PROMPT = "prompt": "what the user says (command adapter)",
    SESSION = "session": "the session it is said in (command adapter)",
    STREAMED = "streamed": "`true` if replies are to be streamed, else `false`",
    LIFECYCLE = "lifecycle": "the file that lifecycle facts are appended to",
    TARGET_DIR = "target_dir": "the folder of the target file",
    BIN_DIR = "bin_dir": "the folder of brownout's own executables",
}

/// What the names stand for in one case.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// Every `{word}` of the text, in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|(_, word)| word)
}

/// The text with every name filled in.
///
/// # Errors
///
/// The first name that has no value.
pub(crate) fn fill(text: &str, values: &Values) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for (before, word) in pieces(text) {
        filled.push_str(before);
        if let Some(word) = word {
            filled.push_str(values.get(word).ok_or_else(|| word.to_owned())?);
        }
    }
    Ok(filled)
}

/// The text cut into plain stretches, each with the word in braces that follows it, if one does.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest.take()?;
        let Some((start, end)) = first_word(current) else {
            return Some((current, None));
        };
        rest = Some(&current[end + 1..]);
        Some((&current[..start], Some(&current[start + 1..end])))
    })
}

/// Where the braces of the first word stand.
fn first_word(text: &str) -> Option<(usize, usize)> {
    let opened = text.match_indices('{').map(|(at, _)| at);
    opened
        .filter_map(|start| {
            let end = start + text[start..].find('}')?;
            let word = &text[start + 1..end];
            let is_word = !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            is_word.then_some((start, end))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_other_braces_are_text() {
        let values = Values::from([("home", "/h".to_owned()), ("port", "80".to_owned())]);
        let text = "model: {default: x}\n{\"a\": {}} {home}/{port}{";
        let filled = fill(text, &values).unwrap();
        assert_eq!(filled, "model: {default: x}\n{\"a\": {}} /h/80{");
        assert_eq!(fill("{key}", &values), Err("key".to_owned()));
        assert_eq!(words("{a}{ b }{c_d} {1}").collect::<Vec<_>>(), ["a", "c_d"]);
    }
}
