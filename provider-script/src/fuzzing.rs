//! What the fuzz target of scripts and the replay of its corpus call. Built for tests and for fuzzing only; see `docs/fuzzing.md`.

use crate::reading::{self, SourceError};
use crate::script::Script;

/// A file with a script. Every mistake in it has its place in the text, and what loads can be stored and loaded again.
///
/// # Panics
///
/// If one of these is not so.
pub fn script(data: &[u8]) {
    let text = match reading::source(data) {
        Ok(text) => text,
        Err(SourceError::NotText { shown, mistake }) => {
            assert!(shown.get(mistake.span).is_some());
            return;
        }
        Err(SourceError::Io(error)) => panic!("memory can be read: {error}"),
    };
    match Script::parse(&text) {
        Ok(script) => {
            let stored = toml::to_string(&script).expect("came from TOML");
            let loaded: Script = toml::from_str(&stored).expect("was stored by us");
            assert_eq!(loaded, script, "{stored}");
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
                assert!(!mistake.message.is_empty(), "{mistake:?}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpus_of_scripts_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/script_loader");
        let mut inputs = 0;
        for input in fs::read_dir(folder).expect("the corpus is committed") {
            let path = input.expect("is there").path();
            super::script(&fs::read(&path).expect("is readable"));
            inputs += 1;
        }
        assert!(inputs > 0, "there is no corpus");
    }
}
