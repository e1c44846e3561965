//! What the fuzz target of journals and the replay of its corpus call. Built for tests and for fuzzing only; see
//! `docs/fuzzing.md`.

use crate::file::{read, write};

/// A journal's file. What can be read can be written, and then says the same.
///
/// # Panics
///
/// If that is not so.
pub fn journal(data: &[u8]) {
    let Ok(journal) = read(data) else { return };
    let mut bytes = Vec::new();
    write(&journal, &mut bytes).expect("a vector takes everything");
    let again = read(bytes.as_slice()).expect("was written by us");
    assert_eq!(again, journal);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpus_of_journals_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/journal");
        let mut inputs = 0;
        for input in fs::read_dir(folder).expect("the corpus is committed") {
            let path = input.expect("is there").path();
            super::journal(&fs::read(&path).expect("is readable"));
            inputs += 1;
        }
        assert!(inputs > 0, "there is no corpus");
    }
}
